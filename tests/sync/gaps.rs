//! Both sides changed the same plain thing: rights, keys of a book, a file that is gone on one side.

use std::path::Path;

use carnet::crypto::Cert;
use carnet::crypto::verify::{encryption_ids, recipients};

use crate::common::World;
use crate::common::team::{join, key, newcomer};
use crate::{alike, office, sync_all};

/// Lets git sign as the member of this world does.
fn with_gpg(world: &World) {
    std::fs::write(world.path().join("gnupg/gpg.conf"), "faked-system-time 20261123T100001\n").unwrap();
    let file = format!("{}/data/carnet/keys/{}.pgp", world.path().display(), key(world));
    world.gpg(&["--import", &file]).ok();
}

/// An office in which Bob may add and retire members too, and Carl is a third; with Carl's certificate.
fn firm() -> (World, World, World) {
    let (ana, mut team) = office(&["carl"]);
    let bob = join(&ana, "bob", &["--book", "main", "--admin"]);
    let remote = ana.path().join("remote.git");
    bob.carnet(&["member", "list", "--accept", "--yes"]).ok();
    bob.git(&["remote", "set-url", "origin", remote.to_str().unwrap()]).ok();
    sync_all(&[&ana, &bob]);
    (ana, bob, team.remove(0))
}

/// Long ids of the keys that a book's key is encrypted to in a world's key store.
fn encrypted_to(world: &World) -> Vec<String> {
    let store = world.firm().join(".git/carnet/keys.git");
    let mut git = world.command("git", &store);
    let message = git.args(["cat-file", "blob", "refs/carnet/keys:main/book.pgp"]).output().unwrap().stdout;
    let mut ids = recipients(&message).unwrap().ids;
    ids.sort();
    ids
}

fn keys_of(certs: &[&Path]) -> Vec<String> {
    let now = std::time::SystemTime::from(world_now());
    let ids = |path: &&Path| encryption_ids(&Cert::parse(&std::fs::read(path).unwrap()).unwrap(), now).0;
    let mut all: Vec<String> = certs.iter().flat_map(ids).collect();
    all.sort();
    all
}

fn world_now() -> chrono::DateTime<chrono::Utc> {
    crate::common::NOW.parse().unwrap()
}

#[test]
fn who_was_removed_on_one_side_stays_removed_whatever_the_other_gave_them() {
    let (ana, bob, carl) = firm();
    let (_, cert) = newcomer(&bob, "carl");
    ana.carnet(&["member", "remove", &key(&carl), "--yes"]).ok();
    bob.carnet(&["member", "rotate", "carl", &cert]).ok();
    ana.carnet(&["sync"]).ok();
    let said = bob.carnet(&["sync"]).ok();
    assert!(said.err.contains("Both sides changed member carl's rights"), "{}", said.err);
    sync_all(&[&ana, &bob]);
    for world in [&ana, &bob] {
        let files = world.git(&["ls-files", "members"]).ok().out;
        assert_eq!(files, "members/ana.asc\nmembers/bob.asc\n");
        assert!(!world.carnet(&["member", "list"]).ok().out.contains("carl"));
        let firm = world.firm();
        let (ana, bob) = (firm.join("members/ana.asc"), firm.join("members/bob.asc"));
        assert_eq!(encrypted_to(world), keys_of(&[&ana, &bob]));
    }
    sync_all(&[&ana, &bob]);
    alike(&[&ana, &bob]);
}

#[test]
fn two_other_keys_for_one_member_stop_the_sync_and_nothing_else() {
    let (ana, bob, _carl) = firm();
    for world in [&ana, &bob] {
        let (_, cert) = newcomer(world, "carl");
        world.carnet(&["member", "rotate", "carl", &cert]).ok();
    }
    ana.carnet(&["sync"]).ok();
    let head = bob.head();
    let said = bob.carnet(&["sync"]).code(5);
    assert!(said.err.contains("both sides gave member carl another key"), "{}", said.err);
    assert!(said.err.contains("Nothing was taken over, and nothing was pushed"), "{}", said.err);
    assert_eq!(bob.head(), head);
    // One of them gives way, as the hint says.
    with_gpg(&bob);
    bob.git(&["revert", "-S", "--no-edit", "HEAD"]).ok();
    bob.carnet(&["sync"]).ok();
    assert_eq!(
        bob.git(&["rev-parse", "HEAD:openpgp-policy.toml"]).ok().out,
        ana.git(&["rev-parse", "HEAD:openpgp-policy.toml"]).ok().out
    );
}

#[test]
fn a_leaver_here_and_a_newcomer_there_get_no_key_that_nobody_meant_for_them() {
    let (ana, bob, carl) = firm();
    let (_dora, cert) = newcomer(&ana, "dora");
    ana.carnet(&["member", "add", &cert, "--handle", "dora", "--book", "main"]).ok();
    bob.carnet(&["member", "remove", &key(&carl), "--yes"]).ok();
    let late = bob.add("Late", &[]);
    ana.carnet(&["sync"]).ok();
    let said = bob.carnet(&["sync"]).ok();
    // One clear next step, and until then nobody but those whom Bob knows.
    let step = said.err.lines().filter(|line| line.starts_with("warning: book main needs new keys"));
    let step: Vec<&str> = step.collect();
    assert!(step.len() == 1 && step[0].contains("`carnet member list --accept`"), "{}", said.err);
    assert!(step[0].contains("`carnet book rekey main`"), "{}", said.err);
    let member = |world: &World, who: &str| world.firm().join(format!("members/{who}.asc"));
    let known = keys_of(&[&member(&bob, "ana"), &member(&bob, "bob")]);
    assert_eq!(encrypted_to(&bob), known);
    // Nor does it go out, or come in elsewhere, under the key that the leaver knows.
    ana.carnet(&["sync"]).ok();
    let all = keys_of(&[&member(&ana, "ana"), &member(&ana, "bob"), &member(&ana, "dora")]);
    let there = encrypted_to(&ana);
    assert!(there == known || there == all, "{there:?}");
    bob.carnet(&["member", "list", "--accept"]).ok();
    bob.carnet(&["book", "rekey", "main"]).ok();
    sync_all(&[&bob, &ana]);
    for world in [&ana, &bob] {
        assert_eq!(encrypted_to(world), all);
        world.carnet(&["show", &late]).ok();
    }
    sync_all(&[&bob, &ana]);
    alike(&[&ana, &bob]);
}

#[test]
fn a_plain_file_removed_here_and_changed_there_stays_and_is_named() {
    let (ana, team) = office(&["bob"]);
    let bob = &team[0];
    let path = "registers/purposes/newsletter.toml";
    for world in [&ana, bob] {
        with_gpg(world);
    }
    ana.git(&["rm", "-q", path]).ok();
    ana.git(&["commit", "-q", "-S", "-m", "registers: no newsletter any more"]).ok();
    let file = bob.firm().join(path);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}# to be looked at\n")).unwrap();
    bob.git(&["commit", "-q", "-S", "-a", "-m", "registers: look at the newsletter"]).ok();
    ana.carnet(&["sync"]).ok();
    let said = bob.carnet(&["sync", "--json"]).ok();
    assert_eq!(said.json()["kept"], serde_json::json!([path]));
    assert!(said.err.contains(&format!("Removed on one side and changed on the other, so it stays: {path}")));
    ana.carnet(&["sync"]).ok();
    for world in [&ana, bob] {
        assert!(std::fs::read_to_string(world.firm().join(path)).unwrap().contains("looked at"));
    }
    sync_all(&[&ana, bob]);
    alike(&[&ana, bob]);
}

#[test]
fn a_key_that_a_clone_has_lost_comes_back_and_the_loss_does_not_spread() {
    let (ana, team) = office(&["bob"]);
    let bob = &team[0];
    let id = ana.add("Kept", &[]);
    sync_all(&[&ana, bob]);
    let store = bob.firm().join(".git/carnet/keys.git");
    let index = bob.path().join("index");
    let git = |args: &[&str]| {
        let mut git = bob.command("git", &store);
        git.env("GIT_DIR", &store).env("GIT_WORK_TREE", &store).env("GIT_INDEX_FILE", &index);
        let user = ["-c", "user.name=x", "-c", "user.email=x@x"];
        crate::common::said(git.args(user).args(args).output().unwrap()).ok().first()
    };
    git(&["read-tree", "refs/carnet/keys"]);
    git(&["update-index", "--force-remove", &format!("main/{}/{id}.pgp", &id[..2])]);
    let less = git(&["commit-tree", "-m", "keys", &git(&["write-tree"])]);
    git(&["update-ref", "refs/carnet/keys", &less]);
    bob.carnet(&["show", &id]).code(6);
    bob.carnet(&["sync"]).ok();
    bob.carnet(&["show", &id]).ok();
    sync_all(&[&ana, bob]);
    ana.carnet(&["show", &id]).ok();
    alike(&[&ana, bob]);
}

#[test]
fn who_was_removed_hears_it_at_their_first_sync() {
    let (ana, mut team) = office(&["bob"]);
    let bob = team.remove(0);
    ana.add("Jeanne Dupont", &[]);
    sync_all(&[&ana, &bob]);
    ana.carnet(&["member", "remove", &key(&bob), "--yes"]).ok();
    ana.carnet(&["sync"]).ok();
    let head = bob.head();
    let said = bob.carnet(&["sync"]).code(6);
    assert!(said.err.contains("you were removed from this data repository on 2026-11-23"), "{}", said.err);
    assert_eq!(bob.head(), head);
}

#[test]
fn a_dry_run_says_what_a_sync_would_do_and_does_nothing() {
    let (ana, team) = office(&["bob"]);
    let bob = &team[0];
    let state = |world: &World| {
        let refs = world.git(&["for-each-ref"]).ok().out;
        let store = world.firm().join(".git/carnet/keys.git");
        let keys = world.command("git", &store).arg("for-each-ref").output().unwrap().stdout;
        (refs, keys, world.git(&["status", "--porcelain"]).ok().out)
    };
    let would = |world: &World, more: &[&str], what: &str| {
        let before = state(world);
        let said = world.carnet(&[&["sync", "--dry-run"], more].concat()).ok();
        assert!(said.err.contains(what), "{}", said.err);
        assert_eq!(state(world), before);
    };
    sync_all(&[&ana, bob]);
    would(bob, &["--no-push"], "would take over nothing: there is nothing new at remote `origin`");
    ana.add("Of Ana", &[]);
    would(&ana, &[], "would push 1 commit(s) of this clone; there is nothing new at remote `origin`");
    ana.carnet(&["sync"]).ok();
    bob.add("Of Bob", &[]);
    would(bob, &[], "would take over what is new at remote `origin`, and push 1 commit(s) of this clone");
    would(bob, &["--no-push"], "would take over what is new at remote `origin`");
    bob.carnet(&["sync"]).ok();
    assert_eq!(bob.carnet(&["list", "-q"]).ok().out.lines().count(), 2);
}

#[test]
fn two_books_of_one_name_are_told_apart_and_the_hint_ends_it() {
    let (ana, team) = office(&["bob"]);
    let bob = &team[0];
    for world in [&ana, bob] {
        world.carnet(&["book", "add", "sales", "--title", "Sales"]).ok();
    }
    let (hers, his) = (ana.add("Of Ana", &["--book", "sales"]), bob.add("Of Bob", &["--book", "sales"]));
    ana.carnet(&["sync"]).ok();
    let head = bob.head();
    let said = bob.carnet(&["sync"]).code(5).err;
    assert!(
        said.contains("each made a book of the same name") && said.contains("`carnet book add NAME`"),
        "{said}"
    );
    assert!(said.contains("Nothing was taken over") && !said.contains("Merged"), "{said}");
    assert_eq!(bob.head(), head);
    bob.carnet(&["book", "add", "bobs"]).ok();
    bob.carnet(&["edit", &his, "--book", "bobs"]).ok();
    let said = bob.carnet(&["sync"]).ok().err;
    assert!(said.contains("who can runs `carnet book rekey sales`"), "{said}");
    // Nobody opens what they were not given.
    bob.carnet(&["show", &his]).ok();
    bob.carnet(&["show", &hers]).code(6);
    sync_all(&[&ana, bob]);
    ana.carnet(&["show", &hers]).ok();
    ana.carnet(&["book", "rekey", "sales"]).code(5);
    ana.carnet(&["member", "list", "--accept"]).ok();
    ana.carnet(&["book", "rekey", "sales"]).ok();
    sync_all(&[&ana, bob]);
    bob.carnet(&["show", &hers]).ok();
    alike(&[&ana, bob]);
}
