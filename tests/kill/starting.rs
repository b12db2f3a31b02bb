//! `init` killed: there is a data repository or there is none, and `init` can be run again.

use std::path::Path;

use super::common::{World, said};
use super::firm::files;
use super::kills;
use super::moments::by_call;

const INIT: [&str; 12] = [
    "init",
    "new",
    "--organisation",
    "Atelier",
    "--member",
    "ana",
    "--name",
    "Ana",
    "--email",
    "ana@example.org",
    "--no-passphrase",
    "-q",
];

#[test]
fn init_can_be_run_again_wherever_it_was_killed() {
    let world = World::new();
    let new = world.path().join("new");
    let (mut before, mut after) = (0, 0);
    for moment in by_call(&world, world.path(), &INIT, 2 * kills()) {
        let _ = std::fs::remove_dir_all(&new);
        moment.strike(&world, world.path(), &INIT);
        let at = format!("init killed at {moment:?}");
        let listed = world.carnet_in(new_or(&world, &new), &["list", "-q"]);
        if listed.code == 0 {
            after += 1;
        } else {
            assert!(listed.code == 1 && listed.err.contains("carnet init"), "{at}: {listed:?}");
            let again = world.carnet_in(world.path(), &INIT);
            assert_eq!(again.code, 0, "{at}: {again:?}");
            before += 1;
        }
        let add = ["add", "--name", "Z", "--source", "s", "--basis", "customers:contract"];
        for args in [&["doctor"][..], &add, &["verify"]] {
            let said = world.carnet_in(&new, args);
            assert_eq!(said.code, 0, "{at}, then {args:?}: {said:?}");
        }
        let status = world.command("git", &new).args(["status", "--porcelain"]).output().unwrap();
        assert_eq!(said(status).ok().out, "", "{at}");
        assert!(files(&new).iter().all(|p| p.extension().is_none_or(|e| e != "lock")), "{at}");
    }
    println!("init: {before} times not made, {after} times made");
    assert!(before + after == 0 || before > 0 && after > 0);
}

/// Where a command can be run although the directory may not be there yet.
fn new_or<'a>(world: &'a World, new: &'a Path) -> &'a Path {
    if new.is_dir() { new } else { world.path() }
}

#[test]
fn what_is_not_an_unfinished_init_is_left_alone() {
    let world = World::new();
    let new = world.path().join("new");
    // Somebody's own file beside a .git, and somebody's own repository without a commit.
    for own in ["new/notes.txt", "new/.git/HEAD"] {
        let _ = std::fs::remove_dir_all(&new);
        std::fs::create_dir_all(new.join(".git/carnet")).unwrap();
        if own.ends_with("notes.txt") {
            std::fs::write(new.join(".git/carnet/pending"), "end\n").unwrap();
        }
        std::fs::write(world.path().join(own), "mine").unwrap();
        let said = world.carnet_in(world.path(), &INIT).code(1);
        assert!(said.err.contains("not empty"), "{}", said.err);
        assert_eq!(std::fs::read_to_string(world.path().join(own)).unwrap(), "mine");
    }
}
