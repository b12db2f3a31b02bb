//! `carnet verify` on good repositories, and on those that somebody tampered with.

#[path = "../common/mod.rs"]
mod common;

mod access;
mod beside;
mod clocks;
mod commits;
mod contents;
mod months;
mod policy;
mod pretences;
mod tampering;
mod tools;

use std::collections::BTreeSet;

use common::{World, said};
use tools::{key_path, problems, with_keys};

/// sequoia-git, where it is installed: `CARNET_SQ_GIT`, or on the PATH.
fn sq_git() -> Option<std::path::PathBuf> {
    let named = std::env::var_os("CARNET_SQ_GIT").map(std::path::PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = || std::env::split_paths(&path).map(|dir| dir.join("sq-git")).find(|p| p.is_file());
    named.or_else(found)
}

#[test]
fn a_good_repository_is_verified_and_git_and_sq_git_agree() {
    let mut world = World::with_firm();
    with_keys(&world);
    let root = world.head();
    let bob = world.add("Bob Stone", &[]);
    world.carnet(&["show", &bob]).ok();
    world.git(&["switch", "-q", "-c", "side"]).ok();
    world.add("Éloïse Petit", &[]);
    world.git(&["switch", "-q", "main"]).ok();
    let gone = world.add("Carl Gone", &[]);
    world.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    world.git(&["merge", "-q", "--no-ff", "-m", "merge side", "side"]).ok();
    world.now = "2026-12-02T08:00:00Z".into();
    world.carnet(&["list"]).ok();

    let told = world.carnet(&["verify"]).ok();
    assert_eq!(told.first(), "OK: 6 commits, 3 access entries, 2 contacts in 1 books verified.");
    let report = world.carnet(&["verify", "--json"]).ok().json();
    assert_eq!(report["problems"].as_array().unwrap().len(), 0);
    assert_eq!(report["root"], root.as_str());
    assert!(
        report["not_checked"].as_array().unwrap().iter().any(|n| n["what"].as_str().unwrap().contains(&root))
    );
    assert_eq!(world.carnet(&["verify", "-q"]).ok().out, "");

    world.trust_members();
    let all = world.git(&["rev-list", "HEAD", "--glob=refs/carnet/access"]).ok().out;
    assert_eq!(all.lines().count(), 9);
    for commit in all.lines() {
        world.git(&["verify-commit", commit]).ok();
    }
    match sq_git() {
        Some(program) => {
            let mut command = world.command(program, &world.firm());
            said(command.args(["log", "--trust-root", &root]).output().unwrap()).ok();
        }
        None => eprintln!("sq-git is not here (CARNET_SQ_GIT or PATH): its agreement was not tested"),
    }
}

#[test]
fn a_damaged_repository_is_checked_as_far_as_it_can_be_read() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    world.carnet(&["show", &id]).ok();
    world.add("Ada Stone", &[]);
    let object = |name: &str| {
        let hex = world.git(&["rev-parse", name]).ok().first();
        world.firm().join(".git/objects").join(&hex[..2]).join(&hex[2..])
    };
    let (contacts, policy) = (object("HEAD:contacts/main"), object("HEAD~1"));
    let blob = object("HEAD:registers/purposes/customers.toml");
    for path in [&contacts, &policy, &blob] {
        std::fs::remove_file(path).unwrap();
    }
    let found = problems(&world);
    let kinds: BTreeSet<&str> = found.iter().map(|(kind, _)| kind.as_str()).collect();
    for kind in ["damaged-tree", "missing-commit", "unauthorised", "bad-record", "orphan-key"] {
        assert!(kinds.contains(kind), "{kind} in {found:?}");
    }
    assert!(found.contains(&("orphan-key".into(), format!("key {}", key_path(&id)))));
    let head = world.head();
    std::fs::remove_file(object("HEAD")).unwrap();
    assert_eq!(problems(&world), tools::set(&[("missing-commit", &tools::at(&head))]));
    let told = world.carnet(&["verify"]).code(7).out;
    assert!(told.contains("not checked: contacts, keys, books, registers and the work tree"), "{told}");
}

#[test]
fn without_the_secret_key_the_rest_is_checked_and_the_contents_are_named() {
    let world = World::with_firm();
    world.add("Bob Stone", &[]);
    std::fs::remove_dir_all(world.path().join("data/carnet")).unwrap();
    let told = world.carnet(&["verify"]).ok();
    assert_eq!(told.first(), "OK: 2 commits, 0 access entries, 0 contacts in 0 books verified.");
    assert!(told.out.contains("not checked: what 1 contact(s) of book main hold"), "{}", told.out);
    world.carnet_in(world.path(), &["verify"]).code(1);
}
