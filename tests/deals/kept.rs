//! Texts of deals are kept between commands, sealed; never longer than the deals themselves.

use super::*;
use crate::common::team::office;
use crate::together::sync;

/// So many deals that they are kept.
fn many(world: &World) -> Vec<String> {
    (0..42).map(|n| add(world, &format!("Offer {n}"), &[])).collect()
}

fn kept(world: &World) -> std::path::PathBuf {
    world.firm().join(".git/carnet/index/main.records")
}

fn titles(world: &World) -> String {
    world.carnet(&["deal", "list", "--json"]).ok().out
}

#[test]
fn what_is_kept_is_sealed_never_stale_and_goes_with_what_is_destroyed() {
    let (world, jeanne, deal) = firm();
    let others = many(&world);
    assert!(titles(&world).contains("Site web Dupont") && kept(&world).exists());
    let bytes = std::fs::read(kept(&world)).unwrap();
    assert!(memchr::memmem::find(&bytes, b"Dupont").is_none());
    world.carnet(&["deal", "edit", &others[7], "--title", "Changed"]).ok();
    world.carnet(&["deal", "move", &deal, "proposal"]).ok();
    let said = titles(&world);
    assert!(
        said.contains("Changed") && !said.contains("\"Offer 7\"") && said.contains("\"proposal\""),
        "{said}"
    );
    // A file that another one was put in place of is left out, kept or not.
    let path = |id: &str| world.firm().join(format!("records/main/{}/{id}.toml.pgp", &id[..2]));
    let own = std::fs::read(path(&others[3])).unwrap();
    std::fs::copy(path(&others[4]), path(&others[3])).unwrap();
    world.git(&["commit", "--no-gpg-sign", "-qam", "swap"]).ok();
    let said = world.carnet(&["deal", "list"]).ok();
    assert!(
        said.err.contains("cannot be read") && !said.out.contains("Offer 3 "),
        "{} {}",
        said.out,
        said.err
    );
    std::fs::write(path(&others[3]), own).unwrap();
    world.git(&["commit", "--no-gpg-sign", "-qam", "back"]).ok();
    assert!(titles(&world).contains("Offer 3"));
    // Destroyed: by a removal, and by an erasure of whom they concern.
    world.carnet(&["deal", "remove", &others[9], "--yes"]).ok();
    assert!(!kept(&world).exists());
    assert!(!titles(&world).contains("\"Offer 9\"") && kept(&world).exists());
    world.carnet(&["erase", &jeanne, "--reason", "request", "--yes"]).ok();
    assert!(!kept(&world).exists());
    assert!(!titles(&world).contains("Dupont"));
}

#[test]
fn what_another_clone_destroyed_is_not_kept_here() {
    let (ana, ben) = office();
    let all = many(&ana);
    sync([&ana, &ben]);
    assert!(titles(&ben).contains("Offer 9") && kept(&ben).exists());
    ana.carnet(&["deal", "remove", &all[9], "--yes"]).ok();
    sync([&ana, &ben]);
    assert!(!kept(&ben).exists());
    assert!(!titles(&ben).contains("\"Offer 9\""));
}
