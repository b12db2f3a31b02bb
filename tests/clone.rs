//! `carnet clone`: checked before it can be used, works at once, and a failure leaves nothing.

mod common;

use std::path::PathBuf;

use common::served::{Server, daemon};
use common::team::{self, newcomer};
use common::{Said, World, said};

/// Ana's firm on a server, with Bob as a member who has no clone yet.
fn office() -> (World, World, Server, String) {
    let ana = World::with_firm();
    let id = ana.add("Zoé Ångström", &["--email", "zoe@example.org"]);
    let (bob, cert) = newcomer(&ana, "bob");
    ana.carnet(&["member", "add", &cert, "--handle", "bob", "--book", "main"]).ok();
    ana.carnet(&["list", "-q"]).ok();
    let server = Server::new(&ana);
    server.push_all(&ana);
    (ana, bob, server, id)
}

fn clone(world: &World, url: &str, more: &[&str]) -> Said {
    world.carnet_in(world.path(), &[&["clone", url, "firm"], more].concat())
}

/// The clone failed for `why`, and its parent directory is as it was.
#[track_caller]
fn nothing_left(world: &World, code: i32, why: &str, run: impl FnOnce() -> Said) {
    let names = || {
        let all = std::fs::read_dir(world.path()).unwrap().map(|e| e.unwrap().file_name());
        all.collect::<std::collections::BTreeSet<_>>()
    };
    let before = names();
    let said = run().code(code);
    assert!(said.err.contains(why) && said.err.contains("hint:"), "{}", said.err);
    assert_eq!(names(), before);
}

fn key_store(world: &World, args: &[&str]) -> Said {
    said(world.command("git", &world.firm().join(".git/carnet/keys.git")).args(args).output().unwrap())
}

/// Everything that a clone is for works in it.
#[track_caller]
fn works(world: &World, id: &str) {
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
    assert_eq!(world.git(&["status", "--porcelain"]).ok().out, "");
    let shown = world.carnet(&["show", "--json", id]).ok().json();
    assert_eq!(shown["emails"][0]["value"].as_str().or(shown["emails"][0].as_str()), Some("zoe@example.org"));
    assert!(world.git(&["log", "-p", "--", "contacts"]).ok().out.contains("zoe@example.org"));
    let added = world.add("Somebody New", &[]);
    world.carnet(&["edit", &added, "--set", "title=Manager"]).ok();
    world.carnet(&["member", "list"]).ok();
    key_store(world, &["fsck", "--strict"]).ok();
    assert_eq!(key_store(world, &["fsck", "--unreachable"]).ok().out, "");
    world.carnet(&["sync"]).ok();
    world.carnet(&["verify"]).ok();
}

#[test]
fn a_clone_works_at_once_from_a_path_and_from_a_file_url() {
    let (ana, bob, server, id) = office();
    let said = clone(&bob, server.dir.to_str().unwrap(), &[]).ok();
    for part in
        ["You are member bob", "New in book main: ana", "Verified: 3 commits, 1 access entries, 1 contacts"]
    {
        assert!(said.err.contains(part), "{part}: {}", said.err);
    }
    assert_eq!(
        bob.git(&["rev-parse", "refs/carnet/access/2026-11/ana"]).ok().first(),
        server.tip(&ana, "refs/carnet/access/2026-11/ana")
    );
    assert_eq!(bob.git(&["rev-parse", "--abbrev-ref", "main@{upstream}"]).ok().first(), "origin/main");
    works(&bob, &id);
    let listed = bob.carnet(&["--json", "member", "list"]).ok().json();
    assert!(
        listed.as_array().unwrap().iter().all(|m| m["unacknowledged"].as_array().is_none_or(Vec::is_empty)),
        "{listed}"
    );
    // Pinned, he can let others in without being asked first.
    let (_eve, cert) = newcomer(&bob, "eve");
    bob.carnet(&["member", "add", &cert, "--handle", "eve"]).code(5);

    std::fs::rename(bob.firm(), bob.path().join("first")).unwrap();
    let url = format!("file://{}", server.dir.display());
    let data = clone(&bob, &url, &["--json"]).ok().json();
    assert_eq!((data["member"].as_str(), data["provider"].as_str()), (Some("bob"), Some("software")));
    assert_eq!(data["acknowledged"][0]["member"].as_str(), Some("ana"));
    works(&bob, &id);
    // A path is kept so that it works from anywhere.
    std::fs::rename(bob.firm(), bob.path().join("second")).unwrap();
    std::os::unix::fs::symlink(&server.dir, bob.path().join("near.git")).unwrap();
    bob.carnet_in(bob.path(), &["clone", "near.git"]).ok();
    std::fs::rename(bob.path().join("near"), bob.firm()).unwrap();
    bob.carnet(&["sync"]).ok();
}

#[test]
fn a_clone_over_the_network_works_and_syncs() {
    let (ana, bob, server, id) = office();
    let daemon = daemon(&ana, ana.path());
    let url = format!("git://127.0.0.1:{}/served.git", daemon.1);
    clone(&bob, &url, &[]).ok();
    works(&bob, &id);
    let late = bob.add("Late", &[]);
    bob.carnet(&["erase", &id, "--reason", "error", "--yes"]).ok();
    bob.carnet(&["sync"]).ok();
    server.whole(&ana);
    ana.carnet(&["sync"]).ok();
    ana.carnet(&["show", &late]).ok();
    ana.carnet(&["show", &id]).code(3);
    let port = daemon.1;
    drop(daemon);
    let gone = format!("git://127.0.0.1:{port}/served.git");
    let away = || bob.carnet_in(bob.path(), &["clone", &gone, "other"]);
    nothing_left(&bob, 1, "cannot be reached", away);
}

#[test]
fn the_member_is_whose_secret_key_is_here() {
    let (ana, bob, server, id) = office();
    let url = server.dir.to_str().unwrap();
    // Nobody's key.
    let nobody = World::new();
    nothing_left(&nobody, 6, "no secret key on this machine", || clone(&nobody, url, &[]));
    // Both keys on one machine.
    let keys = "data/carnet/keys";
    for file in std::fs::read_dir(ana.path().join(keys)).unwrap().flatten() {
        std::fs::copy(file.path(), bob.path().join(keys).join(file.file_name())).unwrap();
    }
    let said = clone(&bob, url, &[]).code(4);
    assert!(said.err.contains("ana, bob") && !bob.firm().exists(), "{}", said.err);
    nothing_left(&bob, 3, "no member of that name", || clone(&bob, url, &["--member", "eve"]));
    nothing_left(&bob, 2, "full fingerprint", || clone(&bob, url, &["--key", "0123"]));
    let key = team::key(&ana);
    nothing_left(&bob, 3, "no member of that name", || clone(&bob, url, &["--key", &key, "--member", "bob"]));
    clone(&bob, url, &["--key", &key]).ok();
    assert_eq!(bob.git(&["config", "carnet.member"]).ok().first(), "ana");
    std::fs::remove_dir_all(bob.firm()).unwrap();
    clone(&bob, url, &["--member", "bob"]).ok();
    assert_eq!(bob.git(&["config", "user.email"]).ok().first(), "bob@example.org");
    works(&bob, &id);
}

#[test]
fn a_key_that_gpg_has_is_found() {
    let (ana, bob, server, id) = office();
    std::fs::write(bob.path().join("gnupg/gpg.conf"), "faked-system-time 20261123T100001\n").unwrap();
    let key = team::key(&bob);
    let file = bob.path().join(format!("data/carnet/keys/{key}.pgp"));
    bob.gpg(&["--import", file.to_str().unwrap()]).ok();
    std::fs::remove_file(file).unwrap();
    let data = clone(&bob, server.dir.to_str().unwrap(), &["--json"]).ok().json();
    assert_eq!(data["provider"].as_str(), Some("gnupg"));
    bob.carnet(&["show", &id]).ok();
    let _ = bob.command("gpgconf", bob.path()).args(["--kill", "all"]).output();
    drop(ana);
}

#[test]
fn a_failure_leaves_nothing_and_says_what_is_missing() {
    let (ana, bob, server, _) = office();
    let url = server.dir.to_str().unwrap();
    nothing_left(&bob, 1, "cannot be reached", || clone(&bob, "nowhere.git", &[]));
    // An address is never taken for an option.
    nothing_left(&bob, 1, "cannot be reached", || {
        bob.carnet_in(bob.path(), &["clone", "--", "--upload-pack=touch x", "firm"])
    });
    let empty = bob.path().join("empty.git");
    said(bob.command("git", bob.path()).args(["init", "-q", "--bare"]).arg(&empty).output().unwrap()).ok();
    nothing_left(&bob, 1, "no carnet data repository", || clone(&bob, "empty.git", &[]));
    // The branch is there, the keys are not.
    ana.git(&["push", "-q", empty.to_str().unwrap(), "main"]).ok();
    nothing_left(&bob, 6, "no key store at that address", || clone(&bob, "empty.git", &[]));
    nothing_left(&bob, 6, "no key store at that address", || {
        clone(&bob, url, &["--keys-remote", "empty.git"])
    });
    std::fs::create_dir(bob.firm()).unwrap();
    std::fs::write(bob.firm().join("mine"), "mine").unwrap();
    nothing_left(&bob, 1, "not empty", || clone(&bob, url, &[]));
    assert_eq!(std::fs::read(bob.firm().join("mine")).unwrap(), b"mine");
    std::fs::remove_dir_all(bob.firm()).unwrap();
    // With the keys somewhere else it works: here a colleague's own store.
    let keys = ana.firm().join(".git/carnet/keys.git");
    clone(&bob, "empty.git", &["--keys-remote", keys.to_str().unwrap()]).ok();
    assert_eq!(bob.git(&["config", "carnet.keysRemote"]).ok().first(), keys.to_str().unwrap());
    bob.carnet(&["verify"]).ok();
}

#[test]
fn a_locked_key_with_nobody_to_ask_leaves_nothing() {
    let ana = World::with_firm();
    let bob = World::new();
    std::fs::write(bob.path().join("secret"), "correct horse\n").unwrap();
    let run = |args: &[&str], locked: bool| {
        let mut command = bob.command(env!("CARGO_BIN_EXE_carnet"), bob.path());
        if !locked {
            command.env("CARNET_PASSPHRASE_FILE", bob.path().join("secret"));
        }
        said(command.args(args).output().unwrap())
    };
    let cert = run(&["key", "new", "--name", "bob", "--email", "bob@example.org"], false).ok().out;
    std::fs::write(ana.path().join("bob.asc"), cert).unwrap();
    ana.carnet(&["member", "add", "../bob.asc", "--handle", "bob", "--book", "main"]).ok();
    let server = Server::new(&ana);
    server.push_all(&ana);
    let url = server.dir.to_str().unwrap();
    nothing_left(&bob, 6, "locked", || run(&["clone", url, "firm"], true));
    run(&["clone", url, "firm"], false).ok();
}

/// A remote without hooks, as a forge is, and what is in `world`'s clone pushed there.
fn forge(world: &World) -> PathBuf {
    let dir = world.path().join("forge.git");
    let _ = std::fs::remove_dir_all(&dir);
    said(
        world
            .command("git", world.path())
            .args(["init", "-q", "--bare", "-b", "main"])
            .arg(&dir)
            .output()
            .unwrap(),
    )
    .ok();
    world.git(&["push", "-q", dir.to_str().unwrap(), "main", common::served::CHAINS]).ok();
    let store = world.firm().join(".git/carnet/keys.git");
    let mut push = world.command("git", &store);
    said(push.args(["push", "-q"]).arg(&dir).arg(common::served::KEYS).output().unwrap()).ok();
    dir
}

#[test]
fn a_history_that_does_not_verify_is_refused() {
    let (ana, bob, _, _) = office();
    ana.git(&["-c", "commit.gpgSign=false", "commit", "-q", "--allow-empty", "-m", "unsigned"]).ok();
    let url = forge(&ana);
    let url = url.to_str().unwrap();
    nothing_left(&bob, 7, "unsigned: commit", || clone(&bob, url, &[]));
    let said = clone(&bob, url, &["--no-verify"]).code(7);
    assert!(
        said.err.contains("unsigned: commit") && said.err.contains("`carnet verify` lists them"),
        "{}",
        said.err
    );
    bob.carnet(&["verify"]).code(7);
}

#[test]
fn what_is_wrong_with_files_and_trails_is_said_and_the_clone_stays() {
    let (ana, bob, _, id) = office();
    let url = forge(&ana);
    // A chain in the name of somebody who never was a member.
    let git = |args: &[&str]| said(ana.command("git", &url).args(args).output().unwrap()).ok();
    git(&["update-ref", "refs/carnet/access/2026-11/mal", "refs/carnet/access/2026-11/ana"]);
    let said = clone(&bob, url.to_str().unwrap(), &[]).code(7);
    assert!(said.err.contains("unknown-member") && said.err.contains("problem(s) in it"), "{}", said.err);
    bob.carnet(&["show", &id]).ok();
}

#[test]
fn keys_of_erased_contacts_do_not_come_back_with_a_clone() {
    let (ana, bob, _, id) = office();
    let url = forge(&ana);
    ana.carnet(&["erase", &id, "--reason", "error", "--yes"]).ok();
    ana.git(&["push", "-q", url.to_str().unwrap(), "main"]).ok();
    let path = format!("main/{}/{id}.pgp", &id[..2]);
    let there = said(
        ana.command("git", &url)
            .args(["cat-file", "-e", &format!("refs/carnet/keys:{path}")])
            .output()
            .unwrap(),
    );
    assert_eq!(there.code, 0, "a forge keeps what it has");
    clone(&bob, url.to_str().unwrap(), &[]).ok();
    assert!(!key_store(&bob, &["ls-tree", "-r", "--name-only", "refs/carnet/keys"]).ok().out.contains(&id));
    assert_eq!(key_store(&bob, &["fsck", "--unreachable"]).ok().out, "");
    bob.carnet(&["verify"]).ok();
    // A key store with a past would bring old keys along.
    let past = [
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@x",
        "commit-tree",
        "-m",
        "keys",
        "-p",
        "refs/carnet/keys",
        "refs/carnet/keys^{tree}",
    ];
    let past = said(ana.command("git", &url).args(past).output().unwrap()).ok().first();
    said(ana.command("git", &url).args(["update-ref", "refs/carnet/keys", &past]).output().unwrap()).ok();
    let other = || bob.carnet_in(bob.path(), &["clone", url.to_str().unwrap(), "other"]);
    nothing_left(&bob, 1, "the key store has a past", other);
}

#[test]
fn an_auditor_clones_without_keys() {
    let (_ana, _, server, id) = office();
    let auditor = World::new();
    let said = clone(&auditor, server.dir.to_str().unwrap(), &["--without-keys"]).ok();
    assert!(said.err.contains("It has no keys"), "{}", said.err);
    let report = auditor.carnet(&["verify", "--json"]).ok().json();
    assert_eq!(
        (report["counts"]["commits"].as_u64(), report["counts"]["access_entries"].as_u64()),
        (Some(3), Some(1))
    );
    let not_checked = report["not_checked"].to_string();
    assert!(not_checked.contains("made without keys"), "{not_checked}");
    let said = auditor.carnet(&["show", &id]).code(6);
    assert!(said.err.contains("made without keys"), "{}", said.err);
    assert!(!auditor.firm().join(".git/carnet/keys.git").exists());
}

/// What was received is inflated by the command that received it, so that the whole trail is never slow to read.
#[test]
fn a_clone_and_a_sync_leave_the_trail_ready_to_be_read() {
    let (ana, bob, server, _) = office();
    let entries = || {
        let file = std::fs::read(bob.firm().join(".git/carnet/trail/2026-11.ana")).unwrap();
        String::from_utf8_lossy(&file).matches("Carnet-Action: list").count()
    };
    let reads = || (0..70).for_each(|_| drop(ana.carnet(&["list", "-q"]).ok()));
    reads();
    server.push_all(&ana);
    clone(&bob, server.dir.to_str().unwrap(), &[]).ok();
    assert_eq!(entries(), 71);
    reads();
    server.push_all(&ana);
    bob.carnet(&["sync"]).ok();
    assert_eq!(entries(), 141);
}
