//! What killed commands leave: unfinished steps, keys without owners, files that nobody will use.

use std::time::{Duration, SystemTime};

use crate::common::team::copy_dir;
use crate::common::{Said, World, said};
use crate::{findings, found_and_mended};

fn keys(world: &World, args: &[&str]) -> Said {
    let store = world.firm().join(".git/carnet/keys.git");
    let mut command = world.command("git", &store);
    command.args(["-c", "user.name=x", "-c", "user.email=x@example.org"]);
    command.env("GIT_DIR", &store).env("GIT_WORK_TREE", world.firm());
    command.env("GIT_INDEX_FILE", world.path().join("keys.index"));
    said(command.args(args).output().unwrap())
}

fn key_path(id: &str) -> String {
    format!("main/{}/{id}.pgp", &id[..2])
}

/// Puts a key message under a path, behind carnet's back.
fn put_key(world: &World, path: &str, blob: &str) {
    keys(world, &["read-tree", "refs/carnet/keys"]).ok();
    keys(world, &["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{path}")]).ok();
    let tree = keys(world, &["write-tree"]).ok().first();
    let commit = keys(world, &["commit-tree", "-m", "keys", &tree]).ok().first();
    keys(world, &["update-ref", "refs/carnet/keys", &commit]).ok();
}

#[test]
fn keys_that_belong_to_nothing_are_destroyed_with_every_object_of_theirs() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    let key = keys(&world, &["rev-parse", &format!("refs/carnet/keys:{}", key_path(&id))]).ok().first();
    // The very message of a contact that stays: it must not go with the path that goes.
    put_key(&world, &key_path("0d8c1d5e-33c4-4b26-9d0f-8d5c1c6a2b11"), &key);
    found_and_mended(&world, &["1 key(s) belong to no contact or record", "object(s) that nothing needs"]);
    // Objects alone, as a change leaves them that was killed before its commit was in force.
    std::fs::write(world.path().join("x"), "half a key").unwrap();
    keys(&world, &["hash-object", "-w", world.path().join("x").to_str().unwrap()]).ok();
    found_and_mended(&world, &["the key store holds 1 object(s)"]);
    world.carnet(&["show", &id]).ok();
}

#[test]
fn a_key_of_an_erased_contact_that_came_back_is_named_and_destroyed() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    let before = world.path().join("keys.before");
    copy_dir(&world.firm().join(".git/carnet/keys.git"), &before);
    world.carnet(&["erase", &id, "--reason", "error", "--yes"]).ok();
    let store = world.firm().join(".git/carnet/keys.git");
    std::fs::remove_dir_all(&store).unwrap();
    copy_dir(&before, &store);
    let all = findings(&world, &[]);
    assert_eq!((all[0].0.as_str(), all.len()), ("mended", 1), "{all:?}");
    assert!(all[0].1.contains("held 1 key(s) of erased contacts"), "{all:?}");
    assert_eq!(
        keys(&world, &["ls-tree", "-r", "--full-tree", "--name-only", "refs/carnet/keys"]).ok().out,
        "main/book.pgp\n"
    );
    assert_eq!(findings(&world, &[]), []);
}

#[test]
fn contacts_and_books_without_a_key_are_named_and_nothing_is_invented() {
    let world = World::with_firm();
    world.add("Bob Stone", &[]);
    keys(&world, &["read-tree", "--empty"]).ok();
    let tree = keys(&world, &["write-tree"]).ok().first();
    let commit = keys(&world, &["commit-tree", "-m", "keys", &tree]).ok().first();
    keys(&world, &["update-ref", "refs/carnet/keys", &commit]).ok();
    let all = findings(&world, &["--repair"]);
    let open: Vec<&str> =
        all.iter().filter(|(state, ..)| state == "found").map(|(_, what, _)| what.as_str()).collect();
    assert_eq!(open.len(), 2, "{all:?}");
    assert!(open[0].contains("1 contact(s) of book main have no key"), "{all:?}");
    assert!(open[1].contains("book main has no key"), "{all:?}");
}

#[test]
fn what_interrupted_commands_left_lying_about_is_taken_away() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    let private = world.firm().join(".git/carnet");
    // A fetched key store may hold keys that an erasure has to destroy: whatever command comes next takes it away.
    copy_dir(&private.join("keys.git"), &private.join("sync/keys.git"));
    let old = SystemTime::now() - Duration::from_secs(7200);
    std::fs::create_dir_all(private.join("index")).unwrap();
    for name in [".tmpAbCdEf", "index/.tmpGhIjKl"] {
        std::fs::write(private.join(name), "x").unwrap();
        std::fs::File::options().write(true).open(private.join(name)).unwrap().set_modified(old).unwrap();
    }
    // Another command's, which may be at work now.
    std::fs::write(private.join(".tmpXyXyXy"), "x").unwrap();
    found_and_mended(&world, &["2 temporary file(s)"]);
    assert!(private.join(".tmpXyXyXy").exists() && !private.join("sync/keys.git").exists());
    world.carnet(&["show", &id]).ok();
}

#[test]
fn an_interrupted_command_and_changed_files_are_told() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    let file = world.contact_file(&id);
    std::fs::write(world.firm().join(".git/carnet/pending"), format!("path {file}\nend\n")).unwrap();
    std::fs::remove_file(world.firm().join(&file)).unwrap();
    std::fs::write(world.firm().join("books/main.toml"), "title = \"mine\"\n").unwrap();
    let all = findings(&world, &[]);
    assert_eq!((all[0].0.as_str(), all[0].1.as_str()), ("mended", "an operation was interrupted"));
    assert!(
        all.len() == 2 && all[1].0 == "found" && all[1].1.starts_with("books/main.toml differs"),
        "{all:?}"
    );
    // Nobody's own words are overwritten; a contact's file, which only carnet writes, is.
    std::fs::write(world.firm().join(&file), "x").unwrap();
    let all = findings(&world, &["--repair"]);
    let states: Vec<&str> = all.iter().map(|(state, ..)| state.as_str()).collect();
    assert_eq!(states, ["found", "mended"], "{all:?}");
    assert_eq!(std::fs::read_to_string(world.firm().join("books/main.toml")).unwrap(), "title = \"mine\"\n");
    assert_eq!(world.git(&["status", "--porcelain"]).ok().out, " M books/main.toml\n");
}

/// The chains of a sync move together: killed between them, the next command finishes the step.
#[test]
fn chains_that_should_have_moved_together_are_moved_by_the_next_command() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    let chain = "refs/carnet/access/2026-11/ana";
    world.carnet(&["show", &id]).ok();
    world.carnet(&["show", &id]).ok();
    let (old, new) = (
        world.git(&["rev-parse", &format!("{chain}~1")]).ok().first(),
        world.git(&["rev-parse", chain]).ok().first(),
    );
    world.git(&["update-ref", chain, &old]).ok();
    let zero = "0".repeat(40);
    let second = "refs/carnet/access/2026-10/ana";
    let plan = format!("chain {old} {new} {chain}\nchain {zero} {new} {second}\nend\n");
    std::fs::write(world.firm().join(".git/carnet/pending"), plan).unwrap();
    let all = findings(&world, &[]);
    assert_eq!((all[0].0.as_str(), all[0].1.as_str()), ("mended", "an operation was interrupted"), "{all:?}");
    for name in [chain, second] {
        assert_eq!(world.git(&["rev-parse", name]).ok().first(), new);
    }
    assert!(!world.firm().join(".git/carnet/pending").exists());
}

/// An erasure puts keys in force and destroys others afterwards: killed behind that, there are no keys to go back to.
#[test]
fn keys_that_were_replaced_again_by_the_same_operation_are_not_waited_for() {
    let world = World::with_firm();
    let (id, other) = (world.add("Bob Stone", &[]), world.add("Zed", &[]));
    world.carnet(&["deal", "add", "Website", "--contact", &id]).ok();
    world.carnet(&["erase", &id, "--reason", "request", "--yes"]).ok();
    let tip = keys(&world, &["rev-parse", "refs/carnet/keys"]).ok().first();
    let plan =
        format!("key {}\nprune\nswitch {} {}\nend\n", key_path(&id), world.head(), "1234567890".repeat(4));
    std::fs::write(world.firm().join(".git/carnet/pending"), plan).unwrap();
    assert_eq!(world.carnet(&["list", "-q"]).ok().first(), other);
    assert!(!world.firm().join(".git/carnet/pending").exists());
    assert_eq!(keys(&world, &["rev-parse", "refs/carnet/keys"]).ok().first(), tip);
    assert_eq!(findings(&world, &[]), []);
    world.carnet(&["verify"]).ok();
}

/// Files of carnet's own that a failing disk has filled with anything: none of them stops a command for good.
#[test]
fn what_carnet_remembers_may_be_damaged_and_is_known_anew() {
    let world = World::with_firm();
    world.add("Bob Stone", &[]);
    world.carnet(&["remote", "init", "../remote.git"]).ok();
    world.carnet(&["sync"]).ok();
    world.carnet(&["list"]).ok();
    let private = world.firm().join(".git/carnet");
    for name in ["synced", "last", "seen", "pins", "ledger", "confirmed", "index/main.pgp"] {
        for damaged in [&b""[..], b"\xff\x00\xfe not text", b"0000"] {
            std::fs::write(private.join(name), damaged).unwrap();
            for args in [&["sync"][..], &["list"], &["doctor"], &["verify"]] {
                let said = world.carnet(args);
                assert_eq!(said.code, 0, "{name} {damaged:?}, then {args:?}: {said:?}");
            }
        }
    }
    // What says that nothing was rolled back is signed: of it there must be nothing else.
    std::fs::write(private.join("verified"), b"\xff\x00\xfe").unwrap();
    let said = world.carnet(&["verify"]).code(7);
    assert!(said.out.contains("bad-memory: .git/carnet/verified"), "{said:?}");
    world.carnet(&["verify", "--accept-tip"]).ok();
    world.carnet(&["verify"]).ok();
}
