//! A ledger that somebody else wrote: it destroys no key, and nothing is certified by it.

use crate::common::World;
use crate::{key_blob, key_path, keys, kinds};

/// Commits a line of the ledger by hand, with nobody's signature.
fn write_line(world: &World, id: &str, destroyed: &str) {
    let dir = world.firm().join("registers/erasures");
    std::fs::create_dir_all(&dir).unwrap();
    let line = format!(
        "contact = \"{id}\"\nbook = \"main\"\ntime = \"2026-11-20T00:00:00Z\"\ntrigger = \"request\"\nscope = \"x\"\n\
         versions = 0\ndestroyed = [{destroyed}]\n"
    );
    std::fs::write(dir.join(format!("{id}.toml")), line).unwrap();
    world.git(&["add", "registers"]).ok();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qm", "by hand"]).ok();
}

#[test]
fn a_line_that_no_member_signed_destroys_no_key() {
    let world = World::with_firm();
    let (ada, ben) = (world.add("Ada", &[]), world.add("Ben", &[]));
    let gone = world.add("Cyd", &[]);
    let old = crate::backup(&world);
    world.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    let (blob, before) = (key_blob(&world, &ben), world.head());
    // One line erases Ada; another says that an erasure destroyed Ben's key.
    write_line(&world, &ada, "");
    write_line(&world, "0d8c1d5e-33c4-4b26-9d0f-8d5c1c6a2b11", &format!("\"{blob}\""));
    let told = world.carnet(&["list", "-q"]);
    assert!(
        told.err.contains("2 line(s) of the erasure ledger come from a commit that no authorised"),
        "{}",
        told.err
    );
    for id in [&ada, &ben] {
        keys(&world, &["cat-file", "-e", &format!("refs/carnet/keys:{}", key_path(id))]).ok();
    }
    assert!(kinds(&world).contains(&"unsigned".into()));
    assert!(world.carnet(&["doctor"]).code(7).out.contains("the key store held 1 key(s) of erased contacts"));
    // What a member erased is destroyed all the same, beside it and where somebody wrote into its line.
    write_line(&world, &gone, "");
    crate::restore(&world, &old);
    let told = world.carnet(&["list", "-q"]);
    assert!(told.err.contains("1 key(s) that erasures have destroyed"), "{}", told.err);
    assert_eq!(keys(&world, &["ls-tree", "refs/carnet/keys", &key_path(&gone)]).ok().out, "");
    world.git(&["reset", "-q", "--hard", &before]).ok();
    for id in [&ada, &ben] {
        world.carnet(&["show", id]).ok();
    }
}

#[test]
fn a_line_that_was_changed_by_hand_is_not_certified() {
    let world = World::with_firm();
    let gone = world.add("Ada", &[]);
    world.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    let (file, head) = (world.firm().join(format!("registers/erasures/{gone}.toml")), world.head());
    let line = std::fs::read_to_string(&file).unwrap();
    for (from, to) in [("2026-11-23T", "2020-01-01T"), ("\"request\"", "\"retention\"")] {
        std::fs::write(&file, line.replacen(from, to, 1)).unwrap();
        world.git(&["-c", "commit.gpgSign=false", "commit", "-qam", "by hand"]).ok();
        let told = world.carnet(&["erase", "--certificate", &gone, "--out", "../c"]).code(7);
        assert!(told.err.contains("no authorised member wrote"), "{}", told.err);
        assert!(!world.path().join("c").exists());
        world.git(&["reset", "-q", "--hard", &head]).ok();
    }
    world.carnet(&["erase", "--certificate", &gone]).ok();
}

#[test]
fn a_member_who_takes_a_line_out_of_the_ledger_is_named_and_no_clone_takes_it_over() {
    let (ana, bob) = crate::common::team::office();
    let gone = ana.add("Ada Gone", &[]);
    ana.add("Cyd", &[]);
    ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["sync"]).ok();
    // Signed by a member with git alone.
    std::fs::write(ana.path().join("gnupg/gpg.conf"), "faked-system-time 20261123T100001\n").unwrap();
    let key = crate::common::team::key(&ana);
    ana.gpg(&["--import", &format!("{}/data/carnet/keys/{key}.pgp", ana.path().display())]).ok();
    let path = format!("registers/erasures/{gone}.toml");
    ana.git(&["rm", "-q", &path]).ok();
    ana.git(&["commit", "-q", "-S", "-m", "registers: tidy"]).ok();
    assert_eq!(kinds(&ana), ["erasure-removed"]);
    ana.git(&["push", "-q", "origin", "main"]).ok();
    let head = bob.head();
    let told = bob.carnet(&["sync"]).code(7);
    assert!(told.err.contains("out of the erasure ledger"), "{}", told.err);
    assert_eq!(bob.head(), head, "nothing was taken over");
    // Whoever sees it can mend it, and then all go on.
    ana.git(&["checkout", "-q", "HEAD^", "--", &path]).ok();
    ana.git(&["commit", "-q", "-S", "-m", "registers: an erasure is not undone"]).ok();
    for world in [&ana, &bob] {
        world.carnet(&["sync"]).ok();
        assert_eq!(kinds(world), [""; 0]);
    }
}
