//! Purging history of erased contacts' ciphertext, and what each clone remembers of the tips that it has verified.

#[path = "../common/mod.rs"]
mod common;

mod history;
mod killed;
mod others;
mod tampered;
mod tips;

use std::path::{Path, PathBuf};

use common::team::join;
use common::{Said, World, said};

/// A bare remote of plain git's in Ana's world.
pub fn bare(world: &World) -> PathBuf {
    let remote = world.path().join("remote.git");
    git(world, world.path(), &["init", "-q", "--bare", "-b", "main", remote.to_str().unwrap()]).ok();
    remote
}

/// git in any directory of a world.
pub fn git(world: &World, dir: &Path, args: &[&str]) -> Said {
    said(world.command("git", dir).args(args).output().unwrap())
}

/// Ana's firm with a remote, and other members with a clone each. `served`: one that carnet made.
pub fn office(others: &[&str], served: bool) -> (World, PathBuf, Vec<World>) {
    let ana = World::with_firm();
    let remote = match served {
        true => {
            ana.carnet(&["remote", "init", "../remote.git"]).ok();
            ana.path().join("remote.git")
        }
        false => {
            let remote = bare(&ana);
            ana.git(&["remote", "add", "origin", remote.to_str().unwrap()]).ok();
            remote
        }
    };
    let worlds: Vec<World> = others.iter().map(|handle| join(&ana, handle, &["--book", "main"])).collect();
    ana.carnet(&["sync"]).ok();
    for world in &worlds {
        world.carnet(&["member", "list", "--accept", "--yes"]).ok();
        world.git(&["remote", "set-url", "origin", remote.to_str().unwrap()]).ok();
        world.git(&["update-ref", "-d", "refs/remotes/origin/main"]).ok();
        world.git(&["update-ref", "-d", "refs/remotes/origin/HEAD"]).ok();
        world.carnet(&["sync"]).ok();
    }
    (ana, remote, worlds)
}

pub fn sync_all(worlds: &[&World]) {
    for world in worlds.iter().chain(worlds) {
        world.carnet(&["sync"]).ok();
    }
}

/// All versions of a contact's file that history has.
pub fn ciphertexts(world: &World, id: &str) -> Vec<String> {
    let path = world.contact_file(id);
    let log = world.git(&["log", "--all", "--format=%H", "--", &path]).ok().out;
    let mut found: Vec<String> = log
        .lines()
        .map(|commit| world.git(&["rev-parse", "-q", "--verify", &format!("{commit}:{path}")]).first())
        .filter(|blob| !blob.is_empty())
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Which of these objects a repository still has in its object store, reachable or not.
pub fn held(world: &World, dir: &Path, objects: &[String]) -> Vec<String> {
    let all = ["cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered"];
    let all = git(world, dir, &all).ok().out;
    objects.iter().filter(|id| all.lines().any(|line| line == *id)).cloned().collect()
}

/// The problems that `verify` finds.
pub fn kinds(world: &World) -> Vec<String> {
    let said = world.carnet(&["verify", "--json"]);
    let problems = said.json()["problems"].as_array().unwrap().clone();
    problems.iter().map(|p| p["kind"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
pub fn sound(world: &World) {
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
    assert_eq!(world.git(&["status", "--porcelain"]).ok().out, "");
    world.git(&["fsck", "--full", "--strict"]).ok();
}

pub const PURGE: [&str; 3] = ["history-purge", "--i-understand", "--yes"];
