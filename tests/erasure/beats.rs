//! The ledger beats everything: whatever brings an erased contact's key back, the next command destroys it and says so.

use std::path::{Path, PathBuf};

use crate::common::served::{KEYS, Server};
use crate::common::team::{copy_dir, join};
use crate::common::{Said, World, said};
use crate::{append, key_blob, keys, kinds};

/// Ana and Bob on clones of one bare repository, with a contact to erase and one that mentions it, and Bob's clone
/// as it was before the erasure, and the remote's.
struct Office {
    ana: World,
    bob: World,
    gone: String,
    friend: String,
    /// Git's ids of the keys that the erasure destroyed.
    destroyed: [String; 2],
    old_clone: PathBuf,
    old_remote: PathBuf,
}

impl Office {
    fn new() -> Office {
        let ana = World::with_firm();
        git_in(&ana, ana.path(), &["init", "-q", "--bare", "-b", "main", "r.git"]).ok();
        let remote = ana.path().join("r.git");
        ana.git(&["remote", "add", "origin", remote.to_str().unwrap()]).ok();
        let bob = join(&ana, "bob", &["--book", "main"]);
        let gone = ana.add("Ada Gone", &["--email", "ada@example.org"]);
        let friend = ana.add("Cyd", &[]);
        let call = "[[activity]]\nid = \"1\"\ntime = 2026-11-01T12:00:00Z\nkind = \"call\"\n";
        append(&ana, &friend, &format!("\n{call}with = \"{gone}\"\ntext = \"by the lake\"\n")).ok();
        ana.carnet(&["sync"]).ok();
        bob.carnet(&["member", "list", "--accept", "--yes"]).ok();
        bob.git(&["remote", "set-url", "origin", remote.to_str().unwrap()]).ok();
        bob.carnet(&["sync"]).ok();
        bob.carnet(&["list"]).ok();
        let (old_clone, old_remote) = (ana.path().join("old-clone"), ana.path().join("old-remote.git"));
        copy_dir(&bob.firm(), &old_clone);
        copy_dir(&remote, &old_remote);
        let destroyed = [key_blob(&ana, &gone), key_blob(&ana, &friend)];
        ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
        let office = Office { ana, bob, gone, friend, destroyed, old_clone, old_remote };
        office.sync_both();
        office.nothing_is_left();
        office
    }

    fn remote(&self) -> PathBuf {
        self.ana.path().join("r.git")
    }

    fn sync_both(&self) {
        for world in [&self.ana, &self.bob, &self.ana, &self.bob] {
            world.carnet(&["sync"]).ok();
        }
    }

    /// Something of the remote as it was before the erasure is pushed over what is there.
    fn push_old(&self, refspec: &str) {
        let to = self.remote();
        git_in(&self.ana, &self.old_remote, &["push", "-q", "--force", to.to_str().unwrap(), refspec]).ok();
    }

    /// No destroyed key in either clone, nor in the key store of the remote; everything else can be read.
    #[track_caller]
    fn nothing_is_left(&self) {
        for world in [&self.ana, &self.bob] {
            for blob in &self.destroyed {
                keys(world, &["cat-file", "-e", blob]).code(1);
            }
            assert!(!world.firm().join(".git/carnet/sync/keys.git").exists());
            world.carnet(&["show", &self.gone]).code(3);
            let shown = world.carnet(&["show", &self.friend]).ok().out;
            assert!(!shown.contains("lake"), "{shown}");
            assert_eq!(world.carnet(&["find", "-q", "ada"]).ok().out, "");
            assert_eq!(kinds(world), [""; 0]);
        }
        let listed = git_in(&self.ana, &self.remote(), &["ls-tree", "-r", "refs/carnet/keys"]).ok().out;
        let named = |blob: &String| listed.contains(blob.as_str());
        assert!(!listed.contains(&self.gone) && !self.destroyed.iter().any(named), "{listed}");
    }
}

fn git_in(world: &World, dir: &Path, args: &[&str]) -> Said {
    said(world.command("git", dir).args(args).output().unwrap())
}

/// Puts a copy in the place of a directory.
fn put_back(from: &Path, to: &Path) {
    std::fs::remove_dir_all(to).unwrap();
    copy_dir(from, to);
}

#[test]
fn a_stale_clone_forgets_with_its_next_sync() {
    let office = Office::new();
    // It was offline for months, and went on working with the contact.
    put_back(&office.old_clone, &office.bob.firm());
    office.bob.carnet(&["edit", &office.gone, "--set", "title=Late"]).ok();
    let mine = office.bob.add("Of Bob", &[]);
    let told = office.bob.carnet(&["sync"]).ok();
    let line = format!("Erased elsewhere, and its key destroyed here: contact {}", &office.gone[..8]);
    assert!(told.err.contains(&line), "{}", told.err);
    office.sync_both();
    office.nothing_is_left();
    office.ana.carnet(&["show", &mine]).ok();
}

#[test]
fn a_backup_that_is_restored_whole_forgets_with_its_next_sync() {
    let office = Office::new();
    put_back(&office.old_clone.join(".git"), &office.bob.firm().join(".git"));
    office.bob.git(&["reset", "-q", "--hard"]).ok();
    office.bob.git(&["clean", "-qfd"]).ok();
    let told = office.bob.carnet(&["sync", "--json"]).ok();
    assert_eq!(told.json()["erased"], serde_json::json!([office.gone]));
    office.sync_both();
    office.nothing_is_left();
}

#[test]
fn a_backup_of_the_keys_alone_is_destroyed_by_the_next_command() {
    let office = Office::new();
    let (bob, store) = (&office.bob, office.bob.firm().join(".git/carnet/keys.git"));
    put_back(&office.old_clone.join(".git/carnet/keys.git"), &store);
    let told = bob.carnet(&["list", "-q"]).ok();
    assert!(told.err.starts_with("warning: 2 key(s) that erasures have destroyed"), "{}", told.err);
    for blob in &office.destroyed {
        keys(bob, &["cat-file", "-e", blob]).code(1);
    }
    assert!(!bob.carnet(&["list", "-q"]).ok().err.contains("destroyed"), "said once");
    // The key that the mention's contact has instead comes from the remote.
    bob.carnet(&["sync"]).ok();
    office.sync_both();
    office.nothing_is_left();
}

#[test]
fn the_same_person_imported_again_is_another_contact() {
    let office = Office::new();
    let card = "BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:GONE\nFN:Ada Gone\nEMAIL:ada@example.org\nEND:VCARD\n";
    let file = office.bob.path().join("ada.vcf");
    std::fs::write(&file, card.replace("GONE", &office.gone)).unwrap();
    let import = ["import", file.to_str().unwrap(), "--source", "x", "--basis", "customers:contract", "-q"];
    let new = office.bob.carnet(&import).ok().first();
    assert!(new.len() == 36 && new != office.gone, "{new}");
    office.bob.carnet(&["erase", &new, "--reason", "error", "--yes", "--keep-opposition"]).ok();
    office.sync_both();
    office.nothing_is_left();
    // Whom the firm must not write to again is not imported, and that is said.
    let told = office.ana.carnet(&import[..6]).ok();
    assert!(told.err.contains("opposition list") && told.err.contains("1 row(s) skipped"), "{}", told.err);
    office.nothing_is_left();
}

#[test]
fn an_old_key_store_pushed_by_hand_is_not_taken_over() {
    let office = Office::new();
    office.push_old(KEYS);
    let told = office.bob.carnet(&["sync"]).ok();
    assert!(told.err.contains("still had the keys of 1 erased contact"), "{}", told.err);
    assert!(told.err.contains("had 1 key(s) that were destroyed or replaced before"), "{}", told.err);
    office.nothing_is_left();
    office.sync_both();
    office.nothing_is_left();
}

#[test]
fn the_old_key_of_one_who_mentioned_the_erased_pushed_by_hand_is_not_taken_over() {
    for under_another_book_key in [false, true] {
        let office = Office::new();
        let (ana, bob) = (&office.ana, &office.bob);
        if under_another_book_key {
            // Then it lies there under an id that no ledger knows.
            ana.carnet(&["book", "rekey", "main"]).ok();
            office.sync_both();
        }
        let store = ana.path().join("by-hand.git");
        copy_dir(&ana.firm().join(".git/carnet/keys.git"), &store);
        let git = |args: &[&str]| {
            let mut git = ana.command("git", &store);
            git.env("GIT_INDEX_FILE", ana.path().join("index"));
            let user = ["-c", "user.name=x", "-c", "user.email=x@x"];
            said(git.args(user).args(args).output().unwrap()).ok().first()
        };
        git(&["fetch", "-q", office.old_remote.to_str().unwrap(), "refs/carnet/keys:refs/old"]);
        git(&["read-tree", "refs/carnet/keys"]);
        let path = format!("main/{}/{}.pgp", &office.friend[..2], office.friend);
        git(&["update-index", "--cacheinfo", &format!("100644,{},{path}", office.destroyed[1])]);
        let mixed = git(&["commit-tree", "-m", "keys", &git(&["write-tree"])]);
        let to = office.remote();
        git(&["push", "-q", "--force", to.to_str().unwrap(), &format!("{mixed}:refs/carnet/keys")]);
        let told = bob.carnet(&["sync", "--json"]).ok().json();
        assert_eq!((&told["keys_outdated"], &told["keys_kept_out"]), (&1.into(), &0.into()));
        office.nothing_is_left();
        office.sync_both();
        office.nothing_is_left();
    }
}

#[test]
fn an_old_main_pushed_by_force_is_named_and_mended() {
    let office = Office::new();
    office.push_old("refs/heads/main:refs/heads/main");
    let told = office.bob.carnet(&["sync"]).code(7);
    assert!(told.err.contains("was rolled back"), "{}", told.err);
    office.nothing_is_left();
    // The ledger is at the remote again: a clone that is made now has it.
    let ledger = format!("refs/heads/main:registers/erasures/{}.toml", office.gone);
    git_in(&office.ana, &office.remote(), &["cat-file", "-e", &ledger]).ok();
    office.sync_both();
    office.nothing_is_left();
}

#[test]
fn the_firms_own_server_takes_in_none_of_it() {
    let office = Office::new();
    let ana = &office.ana;
    ana.git(&["remote", "remove", "origin"]).ok();
    let server = Server::new(ana);
    ana.carnet(&["sync"]).ok();
    let push = |refspec: &str| {
        let to = server.dir.to_str().unwrap();
        git_in(ana, &office.old_remote, &["push", "-q", "--force", to, refspec])
    };
    for (refspec, why) in
        [(KEYS, "2 key(s) that erasures of the ledger have destroyed"), ("main:main", "rewrites history")]
    {
        let told = push(refspec);
        assert!(told.code != 0 && told.err.contains(why), "{}", told.err);
    }
    server.whole(ana);
    ana.carnet(&["sync"]).ok();
    office.nothing_is_left();
}
