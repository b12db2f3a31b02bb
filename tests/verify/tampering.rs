//! Entries taken out, put elsewhere and changed; members who are none any more; contacts under a key that is not theirs.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Stdio;

use crate::common::{World, said, team};
use crate::tools::{
    EARLIER, ana, at, commit, key_path, keys, problems, read, set, stranger, tamper_keys, with_keys, write,
};

const CHAIN: &str = "refs/carnet/access/2026-11/ana";

/// Writes a commit object from its raw text.
fn raw_commit(world: &World, text: &str) -> String {
    let mut command = world.command("git", &world.firm());
    command.args(["hash-object", "-t", "commit", "-w", "--stdin"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    said(child.wait_with_output().unwrap()).ok().first()
}

/// The same entry behind another one; its signature is left as it is.
fn behind(world: &World, parent: &str, entry: &str) -> String {
    let raw = world.git(&["cat-file", "commit", entry]).ok().out;
    let line = raw.lines().find(|line| line.starts_with("parent ")).unwrap();
    raw_commit(world, &raw.replacen(line, &format!("parent {parent}"), 1))
}

/// A chain of four entries, oldest first.
fn chain() -> (World, Vec<String>) {
    let mut world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    for minute in 1..5 {
        world.now = format!("2026-11-23T11:0{minute}:00Z");
        world.carnet(&["show", &id]).ok();
    }
    let entries = world.git(&["rev-list", "--reverse", CHAIN]).ok().out;
    let entries: Vec<String> = entries.lines().map(str::to_owned).collect();
    assert_eq!(entries.len(), 4);
    world.carnet(&["verify"]).ok();
    (world, entries)
}

#[track_caller]
fn broken(world: &World, entries: &[&String]) {
    let last = entries.last().unwrap();
    world.git(&["update-ref", CHAIN, last]).ok();
    let expected: BTreeSet<(String, String)> = entries
        .iter()
        .map(|id| ("bad-entry-signature".to_owned(), format!("{} on {CHAIN}", at(id))))
        .collect();
    assert_eq!(problems(world), expected);
}

#[test]
fn an_entry_taken_out_of_the_middle_breaks_the_one_behind_it() {
    let (world, entries) = chain();
    let fourth = behind(&world, &entries[1], &entries[3]);
    broken(&world, &[&fourth]);
}

#[test]
fn entries_in_another_order_are_broken_from_the_first_that_moved() {
    let (world, entries) = chain();
    let third = behind(&world, &entries[0], &entries[2]);
    let second = behind(&world, &third, &entries[1]);
    let fourth = behind(&world, &second, &entries[3]);
    broken(&world, &[&third, &second, &fourth]);
}

#[test]
fn an_altered_entry_is_broken_and_every_one_behind_it() {
    let (world, entries) = chain();
    let raw = world.git(&["cat-file", "commit", &entries[1]]).ok().out;
    let line = raw.lines().find(|line| line.starts_with("Carnet-Contact: ")).unwrap();
    let other = "Carnet-Contact: 0d8c1d5e-33c4-4b26-9d0f-8d5c1c6a2b11";
    let second = raw_commit(&world, &raw.replace(line, other));
    let third = behind(&world, &second, &entries[2]);
    let fourth = behind(&world, &third, &entries[3]);
    broken(&world, &[&second, &third, &fourth]);
}

#[test]
fn another_members_own_entry_is_foreign_in_a_chain() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    world.carnet(&["show", &id]).ok();
    let bob = team::join(&world, "bob", &["--book", "main"]);
    bob.carnet(&["show", &id]).ok();
    let theirs = bob.firm();
    world.git(&["fetch", "-q", theirs.to_str().unwrap(), "refs/carnet/access/*:refs/carnet/access/*"]).ok();
    world.carnet(&["verify"]).ok();
    let entry = world.git(&["rev-parse", "refs/carnet/access/2026-11/bob"]).ok().first();
    world.git(&["update-ref", CHAIN, &entry]).ok();
    let on = format!("{} on {CHAIN}", at(&entry));
    assert_eq!(problems(&world), set(&[("bad-entry-signature", &on)]));
}

#[test]
fn whoever_was_removed_by_carnet_can_sign_nothing_any_more() {
    let world = World::with_firm();
    with_keys(&world);
    let bob = stranger(&world, "bob");
    let subkey = ["--passphrase", "", "--quick-add-key", &bob, "cv25519", "encr", "never"];
    world.gpg(&[&EARLIER[..], &subkey].concat()).ok();
    let file = world.path().join("bob.asc");
    std::fs::write(&file, world.gpg(&["--armor", "--export", &bob]).ok().out).unwrap();
    let before = at(&commit(&world, Some(&bob)));
    world.carnet(&["member", "add", file.to_str().unwrap(), "--handle", "bob", "--book", "main"]).ok();
    commit(&world, Some(&bob));
    assert_eq!(problems(&world), set(&[("unknown-signer", &before)]));
    world.carnet(&["member", "remove", &bob, "--yes"]).ok();
    let after = at(&commit(&world, Some(&bob)));
    assert_eq!(problems(&world), set(&[("unknown-signer", &before), ("unknown-signer", &after)]));
}

/// Everything is well-formed, and opens for whoever has the other contact's key.
const REENCRYPT: &str = r#"
set -eu
key() { git --git-dir=.git/carnet/keys.git show "refs/carnet/keys:$1"; }
unlock() { gpg --quiet --batch --no-symkey-cache --pinentry-mode loopback --passphrase "$1" --decrypt; }
book=$(key main/book.pgp | gpg --quiet --batch --decrypt)
own=$(key "$OWN_KEY" | unlock "$book")
other=$(key "$OTHER_KEY" | unlock "$book")
git show "HEAD:$FILE" | unlock "$own" > ../text
gpg --quiet --batch --yes --pinentry-mode loopback --passphrase "$other" --output "$FILE" --symmetric ../text
"#;

#[test]
fn a_contact_that_was_encrypted_anew_under_another_ones_key_is_named() {
    let world = World::with_firm();
    with_keys(&world);
    let (one, other) = (world.add("Ada Stone", &[]), world.add("Bob Stone", &[]));
    let mut command = world.command("sh", &world.firm());
    command.args(["-c", REENCRYPT]).env("FILE", world.contact_file(&one));
    command.env("OWN_KEY", key_path(&one)).env("OTHER_KEY", key_path(&other));
    said(command.output().unwrap()).ok();
    let text = std::fs::read_to_string(world.path().join("text")).unwrap();
    assert!(text.contains("Ada Stone"), "{text}");
    commit(&world, Some(&ana(&world)));
    assert_eq!(problems(&world), set(&[("foreign-contact", &world.contact_file(&one))]));
    world.carnet(&["show", &other]).ok();
}

/// The same, and the other's key lies in this one's place as well, sealed under the book key: everything opens.
#[test]
fn two_contacts_under_one_key_are_named() {
    let world = World::with_firm();
    with_keys(&world);
    let (one, other) = (world.add("Ada Stone", &[]), world.add("Bob Stone", &[]));
    let reseal = "printf %s \"$other\" | gpg --quiet --batch --yes --pinentry-mode loopback --passphrase \"$book\" \
        --output ../key --symmetric";
    let mut command = world.command("sh", &world.firm());
    command.args(["-c", &format!("{REENCRYPT}{reseal}")]).env("FILE", world.contact_file(&one));
    command.env("OWN_KEY", key_path(&one)).env("OTHER_KEY", key_path(&other));
    said(command.output().unwrap()).ok();
    commit(&world, Some(&ana(&world)));
    let key = keys(&world, &["hash-object", "-w", world.path().join("key").to_str().unwrap()]).ok().first();
    tamper_keys(&world, &[(&key_path(&one), Some(&key))]);
    world.carnet(&["show", &one]).ok();
    let second = format!("key {}", key_path(one.as_str().max(&other)));
    assert_eq!(problems(&world), set(&[("shared-key", &second), ("unreachable-objects", "key store")]));
}

#[test]
fn an_erased_contact_that_was_brought_back_file_and_key_is_named_twice() {
    let world = World::with_firm();
    with_keys(&world);
    let id = world.add("Bob Stone", &[]);
    let (file, path) = (world.contact_file(&id), key_path(&id));
    let message = read(&world, &file);
    let key = world.path().join("key");
    let mut dump = world.command("git", &world.firm().join(".git/carnet/keys.git"));
    dump.args(["cat-file", "blob", &format!("refs/carnet/keys:{path}")]);
    std::fs::write(&key, dump.output().unwrap().stdout).unwrap();
    world.carnet(&["erase", &id, "--reason", "request", "--yes"]).ok();
    write(&world, &file, &message);
    commit(&world, Some(&ana(&world)));
    let back = keys(&world, &["hash-object", "-w", key.to_str().unwrap()]).ok().first();
    tamper_keys(&world, &[(&path, Some(&back))]);
    let (key, lost) = (format!("key {path}"), ("unreachable-objects", "key store"));
    assert_eq!(problems(&world), set(&[("erased-contact", &file), ("erased-key", &key), lost]));
    // The key goes with the next command; what came back to the branch stays a problem until it is erased again.
    world.carnet(&["purpose", "list"]).ok();
    assert_eq!(problems(&world), set(&[("erased-contact", &file), ("missing-key", &file)]));
}
