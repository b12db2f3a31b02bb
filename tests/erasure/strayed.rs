//! Keys that plain git brought where carnet keeps none: the branch's own object store.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use carnet::crypto::{Secret, symmetric};

use crate::common::World;
use crate::common::team::office;
use crate::key_blob;

/// Every git directory of a clone: the branch's own, the key store, and whatever else lies below it.
fn git_dirs(world: &World) -> Vec<PathBuf> {
    let all = walkdir::WalkDir::new(world.firm()).into_iter().flatten();
    let all =
        all.filter(|entry| entry.file_name() == "objects" && entry.path().with_file_name("HEAD").exists());
    all.map(|entry| entry.path().parent().unwrap().to_path_buf()).collect()
}

/// The blobs of these object stores, whether anything leads to them or not.
fn blobs(world: &World, dirs: &[PathBuf]) -> BTreeSet<Vec<u8>> {
    let git = |dir: &Path, args: &[&str]| world.command("git", dir).args(args).output().unwrap().stdout;
    let mut all = BTreeSet::new();
    for dir in dirs {
        let listed = git(dir, &["cat-file", "--batch-check", "--batch-all-objects"]);
        for line in String::from_utf8(listed).unwrap().lines().filter(|line| line.contains(" blob ")) {
            all.insert(git(dir, &["cat-file", "blob", line.split(' ').next().unwrap()]));
        }
    }
    all
}

/// Everything that a member can open with what lies anywhere in these object stores: book keys by the member's own key,
/// what these open, and what that opens in turn.
pub fn all_that_opens(world: &World, more: &[PathBuf]) -> Vec<String> {
    let around = carnet::vault::Surroundings {
        now: world.now.parse().unwrap(),
        data_home: world.path().join("data"),
        passphrase_file: None,
        no_input: true,
    };
    let repo = carnet::vault::open_data_repository(&world.firm()).unwrap();
    let own = carnet::vault::Me::of(&repo).unwrap().secret_key(&repo, &around).unwrap();
    let mut closed: Vec<Vec<u8>> = blobs(world, &[&git_dirs(world)[..], more].concat()).into_iter().collect();
    let mut opened = Vec::new();
    let mut keys: Vec<Secret> = Vec::new();
    let to_somebody = |blob: &&Vec<u8>| matches!(blob.first(), Some(0x84 | 0x85 | 0xc1));
    for message in closed.iter().filter(to_somebody) {
        keys.extend(own.decrypt(message).ok().and_then(|text| Secret::from_message(&text).ok()));
    }
    assert!(!keys.is_empty(), "not even a book opens");
    while let Some(key) = keys.pop() {
        closed.retain(|message| match symmetric::open(&key, message) {
            Ok(text) => {
                keys.extend(Secret::all_from_message(&text).unwrap_or_default());
                opened.push(String::from_utf8_lossy(&text).into_owned());
                false
            }
            Err(_) => true,
        });
    }
    opened
}

#[track_caller]
fn nothing_says_gone(world: &World) {
    let opened = all_that_opens(world, &[]);
    assert!(opened.iter().any(|text| text.contains("Cyd")), "the others are read");
    assert!(!opened.iter().any(|text| text.contains("Gone")), "{opened:?}");
}

#[test]
fn keys_that_plain_git_fetched_are_destroyed_by_the_next_command() {
    let (ana, bob) = office();
    let (gone, _) = (ana.add("Ada Gone", &[]), ana.add("Cyd", &[]));
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["sync"]).ok();
    for spec in ["refs/carnet/keys", "+refs/*:refs/copy/*", "+refs/carnet/keys:refs/carnet/keys"] {
        bob.git(&["fetch", "-q", "origin", spec]).ok();
        assert_eq!(bob.git(&["cat-file", "-t", &key_blob(&bob, &gone)]).ok().first(), "blob", "{spec}");
        let told = bob.carnet(&["list", "-q"]).ok();
        assert!(told.err.contains("warning: git had keys or texts of contacts"), "{}", told.err);
        bob.git(&["cat-file", "-e", &key_blob(&bob, &gone)]).code(1);
        assert_eq!(bob.git(&["for-each-ref", "refs/copy/carnet/keys", "refs/carnet/keys"]).ok().out, "");
        assert_eq!(bob.carnet(&["list", "-q"]).ok().err, "", "said once");
        bob.git(&["fsck", "--strict"]).ok();
    }
    bob.carnet(&["show", &gone]).ok();
    // Fetched, and forgotten by git since: the erasure finds the key by its id, and all that came with it.
    bob.git(&["fetch", "-q", "origin", "refs/carnet/keys"]).ok();
    bob.git(&["gc", "-q", "--no-prune"]).ok();
    bob.git(&["fetch", "-q", "origin", "main"]).ok();
    assert!(all_that_opens(&bob, &[]).iter().any(|text| text.contains("Gone")));
    ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    ana.carnet(&["sync"]).ok();
    let told = bob.carnet(&["sync"]).ok();
    assert!(told.err.contains("git had keys"), "{}", told.err);
    nothing_says_gone(&bob);
    nothing_says_gone(&ana);
    bob.git(&["fsck", "--strict"]).ok();
}

#[test]
fn a_refspec_that_would_bring_keys_is_named_with_the_command_that_takes_it_out() {
    let (_, bob) = office();
    bob.git(&["config", "--add", "remote.origin.fetch", "+refs/carnet/*:refs/mirror/*"]).ok();
    let told = bob.carnet(&["doctor"]).code(7);
    assert!(told.out.contains("brings the key store into git's own objects"), "{}", told.out);
    let hint = told.err.split('`').find(|part| part.starts_with("git config")).unwrap().to_owned();
    assert!(bob.command("sh", &bob.firm()).args(["-c", &hint]).status().unwrap().success(), "{hint}");
    bob.carnet(&["doctor"]).ok();
}

#[test]
fn texts_that_git_was_told_to_keep_are_destroyed_by_the_next_command() {
    let world = World::with_firm();
    let gone = world.add("Ada Gone", &[]);
    world.git(&["config", "diff.carnet.cachetextconv", "true"]).ok();
    let texts = || {
        let all = blobs(&world, &git_dirs(&world));
        all.iter().filter(|blob| String::from_utf8_lossy(blob).contains("Ada Gone")).count()
    };
    let log = || assert!(world.git(&["log", "-p"]).ok().out.contains("Ada Gone"));
    log();
    assert_eq!(texts(), 1);
    assert!(world.carnet(&["list"]).ok().err.contains("git had keys or texts of contacts"));
    assert_eq!(texts(), 0);
    // git begins its cache anew for another command, and forgets the old one.
    log();
    let carnet = world.git(&["config", "diff.carnet.textconv"]).ok().first();
    world.git(&["config", "diff.carnet.textconv", &format!("env {carnet}")]).ok();
    log();
    world.git(&["config", "diff.carnet.textconv", &carnet]).ok();
    world.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    assert!(world.carnet(&["doctor"]).code(7).out.contains("cachetextconv"));
    world.carnet(&["erase", "--certificate", &gone]).ok();
    assert_eq!(texts(), 0);
}

#[test]
fn no_certificate_while_git_still_has_an_older_key_that_no_ledger_names() {
    let (ana, _) = office();
    let (gone, _) = (ana.add("Ada Gone", &[]), ana.add("Cyd", &[]));
    ana.carnet(&["sync"]).ok();
    ana.git(&["fetch", "-q", "origin", "refs/carnet/keys"]).ok();
    ana.git(&["fetch", "-q", "origin", "main"]).ok();
    // Two keys of the book later nothing names that message any more.
    for _ in 0..2 {
        ana.carnet(&["book", "rekey", "main"]).ok();
        ana.carnet(&["sync"]).ok();
    }
    ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    assert!(all_that_opens(&ana, &[]).iter().any(|text| text.contains("Gone")));
    let found = ana.carnet(&["doctor"]).code(7);
    assert!(found.out.contains("keys or texts of contacts"), "{}", found.out);
    // The proof of a certificate looks everywhere, and destroys it first.
    let made = ana.carnet(&["erase", "--certificate", &gone]).ok();
    assert!(made.err.contains("git had keys"), "{}", made.err);
    nothing_says_gone(&ana);
    ana.carnet(&["doctor"]).ok();
}

#[test]
fn a_remote_is_asked_for_the_key_that_it_has_and_not_only_for_the_one_it_never_got() {
    let (ana, _) = office();
    let (gone, friend) = (ana.add("Ada Gone", &[]), ana.add("Cyd", &[]));
    crate::append(&ana, &friend, &format!("\n[relations]\nspouse = \"{gone}\"\n")).ok();
    ana.carnet(&["sync"]).ok();
    let at_remote = [key_blob(&ana, &gone), key_blob(&ana, &friend)];
    ana.carnet(&["book", "rekey", "main"]).ok();
    ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    ana.carnet(&["sync"]).ok();
    // A plain repository keeps what was replaced, and the old key of the book with it.
    assert!(all_that_opens(&ana, &[ana.path().join("remote.git")]).iter().any(|text| text.contains("Gone")));
    let asked = ana.carnet(&["erase", "--status", &gone, "--json"]).ok().json()[0]["remotes"][0].clone();
    assert_eq!(asked["holds"], "held", "{asked}");
    let held: BTreeSet<&str> =
        asked["held"].as_array().unwrap().iter().filter_map(|id| id.as_str()).collect();
    assert_eq!(held, at_remote.iter().map(String::as_str).collect(), "{asked}");
}

#[test]
fn an_erasure_that_plain_git_brought_leaves_no_index_either() {
    let (ana, bob) = office();
    let gone = ana.add("Ada Gone", &["--email", "ada@gone.example"]);
    ana.add("Cyd", &[]);
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["sync"]).ok();
    bob.carnet(&["find", "gone"]).ok();
    let index = || std::fs::read_dir(bob.firm().join(".git/carnet/index")).unwrap().count();
    assert_eq!(index(), 1);
    ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    ana.carnet(&["sync"]).ok();
    bob.git(&["pull", "-q", "--ff-only", "origin", "main"]).ok();
    let told = bob.carnet(&["member", "list"]).ok();
    assert!(told.err.contains("were still or again in this clone's key store"), "{}", told.err);
    assert_eq!(index(), 0);
    assert_eq!(bob.carnet(&["find", "-q", "gone"]).ok().out, "");
    nothing_says_gone(&bob);
}
