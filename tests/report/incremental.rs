//! A report after the first opens only contacts that changed, and its pages are those of a report that opens all.

use std::path::PathBuf;

use crate::common::World;
use crate::{append, files, report, site};

fn facets(world: &World) -> PathBuf {
    world.firm().join(".git/carnet/index/main.facets")
}

/// A firm with 45 contacts out of a table, more than may be opened each time, and one that was added alone.
fn firm() -> (World, String) {
    let world = World::with_firm();
    let table: String = (0..45).map(|n| format!("Zyxwina {n},fair\n")).collect();
    std::fs::write(world.path().join("people.csv"), format!("name,source\n{table}")).unwrap();
    world.carnet(&["import", "../people.csv", "--basis", "prospects:legitimate-interests", "--yes"]).ok();
    let alone = world.add("Alone", &["--tag", "quibbleton"]);
    (world, alone)
}

/// The git object of a contact's file, which is still loose after `add`.
fn object(world: &World, id: &str) -> PathBuf {
    let blob = world.git(&["rev-parse", &format!("HEAD:{}", world.contact_file(id))]).ok().first();
    world.firm().join(".git/objects").join(&blob[..2]).join(&blob[2..])
}

#[test]
fn what_is_remembered_gives_the_same_bytes_as_what_is_read() {
    let (world, alone) = firm();
    report(&world, &["--lang", "both"]).ok();
    assert!(facets(&world).exists());
    let changed = world.carnet(&["list", "-q", "Zyxwina 7"]).ok().first();
    append(
        &world,
        &changed,
        "[[consent]]\nid = \"e1\"\npurpose = \"newsletter\"\nchannel = \"email\"\naction = \"granted\"\ntime = 2026-11-01",
    );
    world.carnet(&["edit", &alone, "--add-basis", "newsletter:consent"]).ok();
    report(&world, &["--lang", "both"]).ok();
    let remembered = files(&world.path().join("site"));
    std::fs::remove_file(facets(&world)).unwrap();
    report(&world, &["--lang", "both"]).ok();
    let read = files(&world.path().join("site"));
    assert!(remembered.keys().eq(read.keys()));
    for (path, bytes) in &read {
        assert!(path.ends_with(".asc") || remembered[path] == *bytes, "{path} is another");
    }
    // What changed was read: the first report knew of no consent.
    let consent = &site(&world)["en/consent.html"];
    assert!(consent.contains("Newsletter") && consent.contains("e-mail"), "{consent}");
}

#[test]
fn only_what_changed_is_opened_and_nothing_is_remembered_beyond_an_erasure() {
    let (world, alone) = firm();
    report(&world, &[]).ok();
    let file = object(&world, &alone);
    let bytes = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    report(&world, &[]).ok();
    // An audit opens each contact, whatever a report remembers.
    assert!(world.carnet(&["audit"]).out.contains("cannot be read"));
    let sealed = std::fs::read(facets(&world)).unwrap();
    for plain in ["quibbleton", "prospects", &alone] {
        assert!(
            !sealed.windows(plain.len()).any(|part| part == plain.as_bytes()),
            "{plain} stands in the cache"
        );
    }
    std::fs::remove_file(facets(&world)).unwrap();
    assert!(report(&world, &[]).code(1).err.contains(&alone[..8]));
    std::fs::write(&file, bytes).unwrap();
    report(&world, &[]).ok();
    assert!(facets(&world).exists());
    world.carnet(&["erase", &alone, "--reason", "error", "--yes"]).ok();
    assert!(!facets(&world).exists(), "an erasure leaves nothing of it");
    // What was damaged, or sealed under another key, is read past.
    report(&world, &[]).ok();
    std::fs::write(facets(&world), &sealed[..sealed.len() / 2]).unwrap();
    report(&world, &[]).ok();
}
