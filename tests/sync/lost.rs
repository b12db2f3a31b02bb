//! Who lost a book, or never had the one that a contact was moved to: their clone goes on syncing, nothing that they did is
//! lost, and nothing that they may not see any more comes or stays.

use crate::common::World;
use crate::common::team;
use crate::{alike, office, sync_all};

/// Ana and Bob with main and staff, and a book of Ana's alone.
fn firm() -> (World, World) {
    let (ana, mut team) = office(&["bob"]);
    let bob = team.remove(0);
    ana.carnet(&["book", "add", "staff", "--member", "bob"]).ok();
    ana.carnet(&["book", "add", "private"]).ok();
    sync_all(&[&ana, &bob]);
    (ana, bob)
}

fn caches(world: &World) -> Vec<String> {
    let dir = std::fs::read_dir(world.firm().join(".git/carnet/index")).unwrap();
    let mut names: Vec<String> = dir.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn whose_book_was_taken_away_goes_on_syncing_without_it() {
    let (ana, bob) = firm();
    let kept = ana.add("Kept Person", &[]);
    let staff = ana.add("Staff Person", &["--book", "staff"]);
    sync_all(&[&ana, &bob]);
    bob.carnet(&["list"]).ok();
    assert!(caches(&bob).contains(&"staff.pgp".to_owned()));
    ana.carnet(&["book", "revoke", "staff", "bob"]).ok();
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["edit", &kept, "--set", "title=Manager"]).ok();
    // A change in the lost book that was not synced yet is one of the firm's, which has the key.
    bob.carnet(&["edit", &staff, "--set", "title=Welder"]).ok();
    bob.carnet(&["sync"]).ok();
    bob.carnet(&["show", &staff]).code(3);
    assert_eq!(bob.carnet(&["list", "-q"]).ok().first(), kept);
    // No erasure would reach what a cache of the lost book says of its contacts.
    assert!(caches(&bob).iter().all(|name| !name.starts_with("staff.")), "{:?}", caches(&bob));
    sync_all(&[&ana, &bob]);
    assert_eq!(ana.carnet(&["show", &staff, "--json"]).ok().json()["title"], "Welder");
    alike(&[&ana, &bob]);
    // Back in the book, everything of it opens again.
    ana.carnet(&["book", "grant", "staff", "bob"]).ok();
    sync_all(&[&ana, &bob]);
    bob.carnet(&["show", &staff]).ok();
    alike(&[&ana, &bob]);
}

#[test]
fn what_is_only_in_a_lost_book_of_this_clone_is_named_with_the_way_out() {
    let (ana, bob) = firm();
    let erased = ana.add("Erased Person", &[]);
    sync_all(&[&ana, &bob]);
    let own = bob.add("Only Here", &["--book", "staff"]);
    ana.carnet(&["book", "revoke", "staff", "bob"]).ok();
    ana.carnet(&["erase", &erased, "--reason", "error", "--yes"]).ok();
    ana.carnet(&["sync"]).ok();
    let head = bob.head();
    let said = bob.carnet(&["sync"]).code(6).err;
    assert!(
        said.contains(&own[..8]) && said.contains("book staff") && said.contains("Nothing was taken"),
        "{said}"
    );
    assert!(said.contains("`carnet edit ID --book BOOK`"), "{said}");
    assert_eq!(bob.head(), head);
    bob.carnet(&["edit", &own, "--book", "main"]).ok();
    bob.carnet(&["sync"]).ok();
    bob.carnet(&["show", &erased]).code(3);
    sync_all(&[&ana, &bob]);
    ana.carnet(&["show", &own]).ok();
    alike(&[&ana, &bob]);
}

#[test]
fn a_change_meets_a_move_into_a_book_that_its_author_has_not() {
    let (ana, bob) = firm();
    let id = ana.add("Moved Person", &["--email", "moved@example.org"]);
    sync_all(&[&ana, &bob]);
    ana.carnet(&["edit", &id, "--book", "private", "--set", "title=Director"]).ok();
    ana.carnet(&["sync"]).ok();
    // Weeks of work without a sync, an objection among it.
    bob.carnet(&["log", "call", &id, "wants no calls"]).ok();
    bob.carnet(&["object", &id, "--purpose", "customers"]).ok();
    let other = bob.add("Of Bob", &[]);
    let said = bob.carnet(&["sync", "--json"]).ok();
    assert_eq!(said.json()["apart"], serde_json::json!([id]));
    assert!(said.err.contains("moved elsewhere to a book that you cannot open"), "{}", said.err);
    bob.carnet(&["verify"]).ok();
    // Still to be seen with what Bob himself wrote, and nothing of what was written in the new book.
    let shown = bob.carnet(&["show", &id]).ok().out;
    assert!(shown.contains("wants no calls") && !shown.contains("Director"), "{shown}");
    // Once more on both sides.
    bob.carnet(&["edit", &id, "--set", "org=Foundry"]).ok();
    let said = ana.carnet(&["sync", "--json"]).ok().json();
    assert_eq!(said["united"], serde_json::json!([id]));
    bob.carnet(&["sync"]).ok();
    sync_all(&[&ana, &bob]);
    let whole = ana.carnet(&["show", &id, "--json"]).ok().json();
    assert_eq!(
        (&whole["book"], &whole["title"], &whole["org"]),
        (&"private".into(), &"Director".into(), &"Foundry".into())
    );
    assert_eq!(whole["activity"][0]["text"], "wants no calls");
    assert_eq!(whole["objection"][0]["purpose"], "customers");
    assert_eq!(whole.get("conflict"), None);
    ana.carnet(&["show", &other]).ok();
    bob.carnet(&["show", &id]).code(3);
    alike(&[&ana, &bob]);
    let diff = ana.carnet(&["history", &id, "--diff"]).ok().out;
    assert!(diff.contains("+org = \"Foundry\"") && !diff.contains("does not open"), "{diff}");
}

#[test]
fn an_erasure_reaches_both_versions_of_a_contact_that_lies_apart() {
    let (ana, bob) = firm();
    let id = ana.add("Apart Person", &[]);
    sync_all(&[&ana, &bob]);
    ana.carnet(&["edit", &id, "--book", "private"]).ok();
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["edit", &id, "--set", "title=Manager"]).ok();
    bob.carnet(&["sync"]).ok();
    bob.carnet(&["erase", &id, "--reason", "request", "--yes"]).ok();
    bob.carnet(&["verify"]).ok();
    sync_all(&[&bob, &ana, &bob]);
    ana.carnet(&["show", &id]).code(3);
    for world in [&ana, &bob] {
        assert_eq!(world.git(&["ls-files", &format!("*{id}*.pgp")]).ok().out, "");
    }
    alike(&[&ana, &bob]);
}

/// The paths of the key store.
fn keys(world: &World) -> Vec<String> {
    let store = world.firm().join(".git/carnet/keys.git");
    let mut git = world.command("git", &store);
    let out = git.args(["ls-tree", "-r", "--name-only", "refs/carnet/keys"]).output().unwrap().stdout;
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn who_was_removed_keeps_no_key_that_the_firm_has_after_the_next_sync() {
    let (ana, bob) = firm();
    let erased = ana.add("Erased Person", &[]);
    let staying = ana.add("Staying Person", &["--book", "staff"]);
    sync_all(&[&ana, &bob]);
    bob.carnet(&["list"]).ok();
    bob.carnet(&["export", "--format", "vdir", "../cards"]).ok();
    let card = |id: &str| bob.path().join(format!("cards/{id}.vcf"));
    assert!(card(&erased).exists());
    let alone = bob.add("Only Here", &["--book", "staff"]);
    bob.carnet(&["edit", &staying, "--set", "title=Welder"]).ok();
    let (key, head) = (team::key(&bob), bob.head());
    ana.carnet(&["member", "remove", &key, "--yes"]).ok();
    ana.carnet(&["erase", &erased, "--reason", "request", "--yes"]).ok();
    ana.carnet(&["sync"]).ok();

    // A branch that somebody else signed removes nobody.
    let all = keys(&bob);
    let remote = ana.path().join("remote.git");
    let there = ana.git(&["--git-dir", remote.to_str().unwrap(), "rev-parse", "main"]).ok().first();
    let forged = ana
        .git(&["commit-tree", "-p", &head_of_base(&bob), "-m", "x", &format!("{there}^{{tree}}")])
        .ok()
        .first();
    ana.git(&["push", "-q", "-f", remote.to_str().unwrap(), &format!("{forged}:refs/heads/main")]).ok();
    bob.carnet(&["sync"]).code(7);
    assert_eq!(keys(&bob), all);
    ana.git(&["push", "-q", "-f", remote.to_str().unwrap(), &format!("{there}:refs/heads/main")]).ok();

    let said = bob.carnet(&["sync"]).code(6).err;
    assert!(said.contains("you were removed from this data repository on 2026-11-23"), "{said}");
    assert!(
        said.contains("what only this clone has still opens here") && said.contains(&alone[..8]),
        "{said}"
    );
    assert!(said.contains("`carnet show ID --file`"), "{said}");
    assert_eq!(bob.head(), head, "nothing is taken over");
    assert_eq!(keys(&bob), [format!("staff/{}/{alone}.pgp", &alone[..2]), "staff/book.pgp".to_owned()]);
    assert_eq!((caches(&bob), card(&erased).exists()), (vec![], false));
    for id in [&erased, &staying] {
        let said = bob.carnet(&["show", id, "--file"]).code(6).err;
        assert!(said.contains("you were removed"), "{said}");
    }
    assert!(bob.carnet(&["show", &alone, "--file"]).ok().out.contains("Only Here"));
    assert!(bob.carnet(&["list"]).code(6).err.contains("you were removed"));
    let store = bob.firm().join(".git/carnet/keys.git");
    let mut git = bob.command("git", &store);
    let objects = git.args(["cat-file", "--batch-all-objects", "--batch-check"]).output().unwrap().stdout;
    // Two messages, three directories and a commit: nothing is left of the others, not even unreferenced.
    assert_eq!(String::from_utf8(objects).unwrap().lines().count(), 6);
    bob.carnet(&["sync"]).code(6);
    let found = bob.carnet(&["doctor"]).code(7).out;
    assert!(found.contains("found: you were removed") && !found.contains("have no key"), "{found}");

    // Back again, with everything, and what was only there arrives.
    let cert = ana.path().join("bob.asc");
    ana.carnet(&[
        "member",
        "add",
        cert.to_str().unwrap(),
        "--handle",
        "bob",
        "--book",
        "main",
        "--book",
        "staff",
    ])
    .ok();
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["sync"]).ok();
    bob.carnet(&["show", &erased]).code(3);
    sync_all(&[&ana, &bob]);
    assert_eq!(ana.carnet(&["show", &staying, "--json"]).ok().json()["title"], "Welder");
    ana.carnet(&["show", &alone]).ok();
    // A remote that is put back to when he was removed takes nothing from him.
    ana.git(&["push", "-q", "-f", remote.to_str().unwrap(), &format!("{there}:refs/heads/main")]).ok();
    let all = keys(&bob);
    assert!(bob.carnet(&["sync"]).code(7).err.contains("rolled back"));
    assert_eq!(keys(&bob), all);
    sync_all(&[&ana, &bob]);
    alike(&[&ana, &bob]);
}

/// The newest commit that both have.
fn head_of_base(bob: &World) -> String {
    bob.git(&["rev-parse", "refs/remotes/origin/main"]).ok().first()
}
