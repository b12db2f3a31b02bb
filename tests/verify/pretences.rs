//! What makes git see another history than the one that was signed, and keys that lie in another store.

use crate::common::{World, team};
use crate::tools::{at, commit, problems, set};

/// A firm with a commit that nobody signed, and a sound one behind it: parent of the first, the two, and the world.
fn hidden() -> (World, [String; 3]) {
    let world = World::with_firm();
    let parent = world.head();
    let unsigned = commit(&world, None);
    world.add("Bob Stone", &[]);
    let tip = world.head();
    (world, [parent, unsigned, tip])
}

#[test]
fn a_graft_a_forged_depth_and_a_replacement_hide_no_commit() {
    let (world, [parent, unsigned, tip]) = hidden();
    let (unsigned, git) = (at(&unsigned), world.firm().join(".git"));
    let seen = |world: &World| world.git(&["log", "--format=%s"]).ok().out.contains("by hand");
    std::fs::create_dir_all(git.join("info")).unwrap();
    std::fs::write(git.join("info/grafts"), format!("{tip} {parent}\n")).unwrap();
    assert!(!seen(&world), "git goes by the graft");
    let graft = ("other-history", ".git/info/grafts");
    assert_eq!(problems(&world), set(&[("unsigned", &unsigned), graft]));
    let doctor = world.carnet(&["doctor"]).code(7);
    assert!(doctor.out.contains("git takes another history from .git/info/grafts"), "{doctor:?}");
    std::fs::remove_file(git.join("info/grafts")).unwrap();

    std::fs::write(git.join("shallow"), format!("{tip}\n")).unwrap();
    assert!(!seen(&world), "git goes by the depth");
    assert_eq!(problems(&world), set(&[("unsigned", &unsigned)]));
    std::fs::remove_file(git.join("shallow")).unwrap();

    world.git(&["replace", "--graft", &tip, &parent]).ok();
    assert!(!seen(&world), "git goes by the replacement");
    let name = format!("refs/replace/{tip}");
    assert_eq!(problems(&world), set(&[("unsigned", &unsigned), ("other-history", &name)]));
}

#[test]
fn a_clone_of_the_newest_commits_alone_is_not_said_to_be_verified() {
    let world = World::with_firm();
    world.add("Bob Stone", &[]);
    world.add("Zed", &[]);
    let (tip, before) = (world.head(), world.git(&["rev-parse", "HEAD~1"]).ok().first());
    let url = format!("file://{}", world.firm().display());
    let clone = world.path().join("shallow");
    let mut git = world.command("git", world.path());
    assert!(git.args(["clone", "-q", "--depth", "1", &url, "shallow"]).status().unwrap().success());
    let report = world.carnet_in(&clone, &["verify", "--json"]).code(7);
    for (kind, commit) in [("missing-commit", &before), ("unauthorised", &tip)] {
        assert!(report.out.contains(kind) && report.out.contains(commit.as_str()), "{}", report.out);
    }
    assert!(report.out.contains("git fetch --unshallow"), "{}", report.out);
    let doctor = world.carnet_in(&clone, &["doctor"]).code(7);
    assert!(doctor.out.contains("found: this clone has the newest commits alone"), "{doctor:?}");
}

/// An object store may borrow from another one, and no pruning reaches that.
#[test]
fn a_key_store_that_borrows_from_a_copy_is_named_and_an_erasure_ends_it() {
    let world = World::with_firm();
    let (id, other) = (world.add("Bob Stone", &[]), world.add("Zed", &[]));
    let (store, copy) = (world.firm().join(".git/carnet/keys.git"), world.path().join("copy.git"));
    team::copy_dir(&store, &copy);
    let list = store.join("objects/info/alternates");
    let borrow = || std::fs::write(&list, format!("{}\n", copy.join("objects").display())).unwrap();
    borrow();
    // Even where the store has nothing of its own.
    for entry in std::fs::read_dir(store.join("objects")).unwrap().map(|e| e.unwrap().path()) {
        if entry.file_name().is_some_and(|name| name.len() == 2) {
            std::fs::remove_dir_all(entry).unwrap();
        }
    }
    assert_eq!(problems(&world), set(&[("borrowed-keys", "key store")]));
    world.carnet(&["doctor"]).code(7);
    world.carnet(&["doctor", "--repair"]).ok();
    assert!(!list.exists());
    borrow();
    world.carnet(&["erase", &id, "--reason", "request", "--yes"]).ok();
    assert!(!list.exists());
    std::fs::remove_dir_all(&copy).unwrap();
    world.carnet(&["erase", "--certificate", &id]).ok();
    assert_eq!(world.carnet(&["list", "-q"]).ok().first(), other);
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
}

#[test]
fn a_chain_that_names_another_ref_is_named() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    world.carnet(&["show", &id]).ok();
    let chain = "refs/carnet/access/2026-11/ana";
    world.git(&["symbolic-ref", chain, "refs/heads/main"]).ok();
    assert_eq!(problems(&world), set(&[("stray-ref", chain)]));
    world.carnet(&["show", &id]).code(1);
    let doctor = world.carnet(&["doctor"]).code(7);
    assert!(doctor.out.contains(&format!("found: {chain} names another ref")), "{doctor:?}");
}
