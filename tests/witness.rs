//! git and gpg alone read what carnet wrote.

mod common;
use common::World;

/// Imports ana's secret key, as the owner of a software key would to read without carnet.
fn import_secret(world: &World) {
    for entry in std::fs::read_dir(world.path().join("data/carnet/keys")).unwrap() {
        world.gpg(&["--import", entry.unwrap().path().to_str().unwrap()]).ok();
    }
}

#[test]
fn a_contact_is_read_with_the_documented_script() {
    let world = World::with_firm();
    let id = world.add("Éloïse Petit", &["--email", "eloise@example.org"]);
    import_secret(&world);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/read-contact.sh");
    let mut command = world.command("sh", &world.firm());
    let said = common::said(command.args([script, "main", &id]).output().unwrap()).ok();
    assert!(said.out.contains("name = \"Éloïse Petit\""), "{}", said.out);
    let _ = world.command("gpgconf", world.path()).args(["--kill", "all"]).output();
}

#[test]
fn git_verifies_every_commit_and_reads_every_trailer() {
    let world = World::with_firm();
    let id = world.add("Éloïse Petit", &[]);
    world.carnet(&["show", &id]).ok();
    world.trust_members();
    let all = world.git(&["rev-list", "--all"]).ok();
    assert_eq!(all.out.lines().count(), 3);
    for commit in all.out.lines() {
        world.git(&["verify-commit", commit]).ok();
    }
    let actions =
        world.git(&["log", "--all", "--format=%(trailers:key=Carnet-Action,valueonly,separator=)"]).ok();
    let mut actions: Vec<&str> = actions.out.lines().collect();
    actions.sort_unstable();
    assert_eq!(actions, ["add", "init", "show"]);
}
