//! Several clones and one ordinary remote: what one does, the others have after a sync; nothing is lost.

#[path = "../common/mod.rs"]
mod common;

mod dying;
mod gaps;
mod lost;
mod network;
mod odd;

use std::path::PathBuf;

use common::World;
use common::team::{self, join};

/// A remote in Ana's world, her firm pushed to it, and `others` with a clone each.
fn office(others: &[&str]) -> (World, Vec<World>) {
    let ana = World::with_firm();
    let remote = bare(&ana);
    ana.git(&["remote", "add", "origin", remote.to_str().unwrap()]).ok();
    let worlds: Vec<World> = others.iter().map(|handle| join(&ana, handle, &["--book", "main"])).collect();
    ana.carnet(&["sync"]).ok();
    for world in &worlds {
        world.carnet(&["member", "list", "--accept", "--yes"]).ok();
        world.git(&["remote", "set-url", "origin", remote.to_str().unwrap()]).ok();
        world.carnet(&["sync"]).ok();
    }
    (ana, worlds)
}

fn bare(world: &World) -> PathBuf {
    let remote = world.path().join("remote.git");
    let init =
        world.command("git", world.path()).args(["init", "-q", "--bare", "-b", "main"]).arg(&remote).status();
    assert!(init.unwrap().success());
    remote
}

fn sync_all(worlds: &[&World]) {
    for world in worlds.iter().chain(worlds) {
        world.carnet(&["sync"]).ok();
    }
}

#[track_caller]
fn alike(worlds: &[&World]) {
    let heads: Vec<String> = worlds.iter().map(|w| w.head()).collect();
    assert!(heads.windows(2).all(|pair| pair[0] == pair[1]), "{heads:?}");
    let keys = |w: &World| {
        let store = w.firm().join(".git/carnet/keys.git");
        let out = w.command("git", &store).args(["rev-parse", "refs/carnet/keys^{tree}"]).output().unwrap();
        String::from_utf8(out.stdout).unwrap()
    };
    assert!(worlds.windows(2).all(|pair| keys(pair[0]) == keys(pair[1])));
    for world in worlds {
        world.carnet(&["verify"]).ok();
        world.carnet(&["doctor"]).ok();
        assert_eq!(world.git(&["status", "--porcelain"]).ok().out, "");
    }
}

#[test]
fn what_each_did_offline_is_everywhere_after_a_sync() {
    let (ana, team) = office(&["bob", "eve"]);
    let (bob, eve) = (&team[0], &team[1]);
    let shared = ana.add("Shared Person", &["--email", "shared@example.org"]);
    sync_all(&[&ana, bob, eve]);
    let mine = ana.add("Of Ana", &[]);
    let his = bob.add("Of Bob", &[]);
    let hers = eve.add("Of Eve", &[]);
    ana.carnet(&["edit", &shared, "--set", "title=Manager"]).ok();
    bob.carnet(&["edit", &shared, "--add-tag", "vip"]).ok();
    eve.carnet(&["edit", &shared, "--add-email", "home:other@example.org"]).ok();
    sync_all(&[&ana, bob, eve]);
    for world in [&ana, bob, eve] {
        for id in [&mine, &his, &hers] {
            world.carnet(&["show", id]).ok();
        }
        let shown = world.carnet(&["show", "--json", &shared]).ok().json();
        assert_eq!((&shown["title"], &shown["tags"][0]), (&"Manager".into(), &"vip".into()));
        assert_eq!(shown["emails"].as_array().unwrap().len(), 2);
        assert!(shown["conflicts"].as_array().is_none_or(Vec::is_empty), "{shown}");
    }
    // Reading made entries; after one more round everybody has everybody's.
    sync_all(&[&ana, bob, eve]);
    alike(&[&ana, bob, eve]);
    let told = ana.carnet(&["history", "--access", "--json"]).ok().json();
    for who in ["ana", "bob", "eve"] {
        assert!(told.to_string().contains(&format!("\"{who}\"")), "{who}");
    }
}

#[test]
fn the_same_field_changed_twice_keeps_both_values_and_says_so() {
    let (ana, team) = office(&["bob"]);
    let bob = &team[0];
    let id = ana.add("Shared Person", &[]);
    sync_all(&[&ana, bob]);
    ana.carnet(&["edit", &id, "--set", "title=First"]).ok();
    bob.carnet(&["edit", &id, "--set", "title=Second"]).ok();
    ana.carnet(&["sync"]).ok();
    let said = bob.carnet(&["sync"]).ok();
    assert!(said.err.contains("conflict notes") && said.err.contains(&id[..8]), "{}", said.err);
    ana.carnet(&["sync"]).ok();
    let shown = ana.carnet(&["show", &id]).ok().out;
    assert!(shown.contains("First") && shown.contains("Second"), "{shown}");
    ana.carnet(&["edit", &id, "--resolve", "title"]).ok();
    sync_all(&[&ana, bob]);
    let shown = bob.carnet(&["show", "--json", &id]).ok().json();
    assert!(shown["conflicts"].as_array().is_none_or(Vec::is_empty));
}

#[test]
fn an_erasure_beats_an_edit_and_every_clone_forgets() {
    let (ana, team) = office(&["bob", "eve"]);
    let (bob, eve) = (&team[0], &team[1]);
    let (gone, stays) = (ana.add("Gone Person", &["--email", "gone@example.org"]), ana.add("Stays", &[]));
    sync_all(&[&ana, bob, eve]);
    for world in [bob, eve] {
        world.carnet(&["list"]).ok();
    }
    ana.carnet(&["erase", &gone, "--reason", "request", "--request", "2026-1", "--yes"]).ok();
    bob.carnet(&["edit", &gone, "--set", "title=Late"]).ok();
    let said = ana.carnet(&["sync"]).ok();
    assert!(!said.err.contains("warning"), "{}", said.err);
    let said = bob.carnet(&["sync"]).ok();
    assert!(said.err.contains("Erased elsewhere"), "{}", said.err);
    eve.carnet(&["sync"]).ok();
    sync_all(&[&ana, bob, eve]);
    for world in [&ana, bob, eve] {
        world.carnet(&["show", &gone]).code(3);
        world.carnet(&["show", &stays]).ok();
        assert!(!holds_key(world, &gone), "a key of the erased contact is left");
        assert_eq!(world.carnet(&["find", "-q", "gone@example.org"]).ok().out, "");
    }
    sync_all(&[&ana, bob, eve]);
    alike(&[&ana, bob, eve]);
    // Each clone has said in its chain that the key is gone, and everybody knows.
    let status = ana.carnet(&["erase", "--status", "--offline", "--json"]).ok().json().to_string();
    let confirmed = ["ana", "bob", "eve"].map(|who| status.contains(&format!("\"{who}\"")));
    assert_eq!(confirmed, [true; 3], "{status}");
}

/// Whether any object of the world's key store, packed or not, is a tree that names the contact.
fn holds_key(world: &World, id: &str) -> bool {
    let store = world.firm().join(".git/carnet");
    let mut found = false;
    for entry in ["keys.git", "sync/keys.git"] {
        let dir = store.join(entry);
        if !dir.exists() {
            continue;
        }
        let all = world
            .command("git", &dir)
            .args(["cat-file", "--batch-all-objects", "--batch", "--unordered"])
            .output()
            .unwrap();
        found |= all.stdout.windows(id.len()).any(|window| window == id.as_bytes());
    }
    found
}

#[test]
fn an_old_key_store_and_an_old_main_at_the_remote_bring_nobody_back() {
    let (ana, team) = office(&["bob"]);
    let bob = &team[0];
    let gone = ana.add("Gone Person", &[]);
    sync_all(&[&ana, bob]);
    let remote = ana.path().join("remote.git");
    let old = ana.path().join("old.git");
    team::copy_dir(&remote, &old);
    ana.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    sync_all(&[&ana, bob]);
    // Somebody puts the remote's backup back, and a member's own old key store.
    let push = |refspec: &str| {
        let out = ana
            .command("git", &old)
            .args(["push", "-q", "--force", remote.to_str().unwrap(), refspec])
            .status();
        assert!(out.unwrap().success());
    };
    push("refs/heads/main:refs/heads/main");
    push("refs/carnet/keys:refs/carnet/keys");
    let said = bob.carnet(&["sync"]).code(7);
    assert!(
        said.err.contains("rolled back") && said.err.contains("still had the keys of 1 erased"),
        "{}",
        said.err
    );
    ana.carnet(&["sync"]).ok();
    for world in [&ana, bob] {
        assert!(!holds_key(world, &gone));
        world.carnet(&["show", &gone]).code(3);
    }
    sync_all(&[&ana, bob]);
    alike(&[&ana, bob]);
    let out = ana
        .command("git", &remote)
        .args(["ls-tree", "-r", "--name-only", "refs/carnet/keys"])
        .output()
        .unwrap();
    assert!(!String::from_utf8(out.stdout).unwrap().contains(&gone), "the remote's key store has it no more");
}

#[test]
fn contacts_added_while_another_gave_the_book_new_keys_stay_readable() {
    let (ana, team) = office(&["bob"]);
    let bob = &team[0];
    let before = ana.add("Before", &[]);
    sync_all(&[&ana, bob]);
    ana.carnet(&["book", "rekey", "main", "--no-input"]).ok();
    let during = bob.add("During", &[]);
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["sync"]).ok();
    ana.carnet(&["sync"]).ok();
    for world in [&ana, bob] {
        world.carnet(&["show", &before]).ok();
        world.carnet(&["show", &during]).ok();
        world.carnet(&["verify"]).ok();
    }
    // The other way round: new keys here, contacts there, and new keys on both sides.
    bob.carnet(&["book", "rekey", "main", "--no-input"]).ok();
    let again = ana.add("Again", &[]);
    ana.carnet(&["sync"]).ok();
    ana.carnet(&["book", "rekey", "main", "--no-input"]).ok();
    sync_all(&[&ana, bob]);
    sync_all(&[&ana, bob]);
    for world in [&ana, bob] {
        for id in [&before, &during, &again] {
            world.carnet(&["show", id]).ok();
        }
    }
    sync_all(&[&ana, bob]);
    alike(&[&ana, bob]);
}

#[test]
fn what_was_not_signed_by_a_member_is_not_taken_over() {
    let (ana, team) = office(&["bob"]);
    let bob = &team[0];
    let id = ana.add("Kept", &[]);
    sync_all(&[&ana, bob]);
    let (head, remote) = (bob.head(), ana.path().join("remote.git"));
    std::fs::write(ana.firm().join("carnet.toml"), "organisation = \"Taken\"\n").unwrap();
    ana.git(&["-c", "commit.gpgsign=false", "commit", "-qam", "unsigned"]).ok();
    ana.git(&["push", "-q", remote.to_str().unwrap(), "main"]).ok();
    let said = bob.carnet(&["sync"]).code(7);
    assert!(said.err.contains("not signed"), "{}", said.err);
    assert_eq!(bob.head(), head);
    bob.carnet(&["show", &id]).ok();
    bob.carnet(&["verify"]).ok();
}

#[test]
fn a_sync_that_cannot_reach_the_remote_says_so_and_changes_nothing() {
    let (ana, _) = office(&[]);
    let head = ana.head();
    let remote = ana.path().join("remote.git");
    std::fs::rename(&remote, ana.path().join("away.git")).unwrap();
    let said = ana.carnet(&["sync"]).code(1);
    assert!(said.err.contains("cannot be reached"), "{}", said.err);
    assert_eq!(ana.head(), head);
    std::fs::rename(ana.path().join("away.git"), &remote).unwrap();
    ana.carnet(&["sync"]).ok();
    ana.carnet(&["sync", "--remote", "nowhere"]).code(3);
}

#[test]
fn two_at_once_both_arrive() {
    let (ana, team) = office(&["bob", "eve"]);
    let worlds = [&ana, &team[0], &team[1]];
    for round in 0..3 {
        let ids: Vec<String> = worlds.iter().map(|w| w.add(&format!("Round {round}"), &[])).collect();
        std::thread::scope(|scope| {
            for world in worlds {
                scope.spawn(|| world.carnet(&["sync"]).ok());
            }
        });
        sync_all(&worlds);
        for world in worlds {
            for id in &ids {
                world.carnet(&["show", id]).ok();
            }
        }
    }
    sync_all(&worlds);
    alike(&worlds);
}
