//! Members on clones of their own: who joins can read, who leaves cannot read what comes after.

#[path = "../common/mod.rs"]
mod common;

mod by_hand;
mod certificates;

use common::World;
use common::team::{join, key, newcomer, pull, sq_git_agrees};

#[test]
fn a_member_joins_reads_writes_and_leaves() {
    let ana = World::with_firm();
    let before = ana.add("Éloïse Petit", &[]);
    let bob = join(&ana, "bob", &["--book", "main"]);
    // One commit has all of it, and everybody's checks agree.
    let changed = ana.git(&["show", "--format=%s", "--name-only", "HEAD"]).ok().out;
    assert_eq!(changed, "member: add bob\n\nbooks/main.toml\nmembers/bob.asc\nopenpgp-policy.toml\n");
    for world in [&ana, &bob] {
        world.carnet(&["verify"]).ok();
        sq_git_agrees(world);
        assert!(world.carnet(&["show", &before]).ok().out.contains("Éloïse Petit"));
    }
    bob.carnet(&["edit", &before, "--set", "title=Manager"]).ok();
    pull(&ana, &bob);
    assert!(ana.carnet(&["show", &before]).ok().out.contains("Manager"));
    sq_git_agrees(&ana);

    let bobs = key(&bob);
    let told = ana.carnet(&["member", "remove", "bob", "--yes"]).code(2);
    assert!(told.err.contains(&bobs), "{}", told.err);
    ana.carnet(&["member", "remove", &bobs[24..], "--yes"]).code(2);
    ana.carnet(&["member", "remove", &bobs]).code(2);
    let left = ana.carnet(&["member", "remove", &bobs, "--yes", "--json"]).ok().json();
    assert_eq!(left["departure"]["books"][0]["contacts"], 1);
    assert_eq!(left["departure"]["key"], bobs.as_str());
    let after = ana.add("Zoé Later", &[]);
    ana.carnet(&["verify"]).ok();
    sq_git_agrees(&ana);
    let report =
        std::fs::read_to_string(ana.firm().join("registers/departures/2026-11-23-bob.toml")).unwrap();
    assert!(report.contains("Not retroactive") && !report.contains("Petit"), "{report}");
    assert_eq!(ana.git(&["status", "--porcelain"]).ok().out, "");
    pull(&bob, &ana);
    bob.carnet(&["show", &before]).code(6);
    // Neither does gpg: the new book key is not encrypted to bob, and the contact keys are sealed under it.
    bob.gpg(&["--import", bob.path().join(format!("data/carnet/keys/{bobs}.pgp")).to_str().unwrap()]).ok();
    let store = bob.firm().join(".git/carnet/keys.git");
    let message = bob.path().join("book.pgp");
    let git = ["--git-dir", store.to_str().unwrap(), "show", "refs/carnet/keys:main/book.pgp"];
    let mut command = bob.command("git", bob.path());
    std::fs::write(&message, command.args(git).output().unwrap().stdout).unwrap();
    assert_ne!(bob.gpg(&["--decrypt", message.to_str().unwrap()]).code, 0);
    let listed = ana.carnet(&["list", "-q"]).ok().out;
    assert!(listed.contains(&before) && listed.contains(&after));
    // Whoever leaves can come back, under a key of their choice.
    let (_, cert) = newcomer(&ana, "bob");
    ana.carnet(&["member", "add", &cert, "--handle", "bob"]).ok();
    ana.carnet(&["verify"]).ok();
}

#[test]
fn rights_and_last_members_are_kept() {
    let ana = World::with_firm();
    let bob = join(&ana, "bob", &["--book", "main"]);
    let (_, cert) = newcomer(&bob, "eve");
    let said = bob.carnet(&["member", "add", &cert, "--handle", "eve"]).code(5);
    assert!(said.err.contains("may not add") && said.err.contains("ana"), "{}", said.err);
    bob.carnet(&["member", "remove", &key(&ana), "--yes", "--no-input"]).code(5);
    ana.carnet(&["member", "remove", &key(&ana), "--yes"]).code(5);
    // Carl may add users, and is alone in a book.
    let carl = join(&ana, "carl", &["--admin", "--book", "main"]);
    carl.carnet(&["member", "list", "--accept"]).ok();
    carl.carnet(&["book", "add", "own"]).ok();
    pull(&ana, &carl);
    let said = ana.carnet(&["member", "remove", &key(&carl), "--yes"]).code(5);
    assert!(said.err.contains("last member of book own"), "{}", said.err);
    carl.carnet(&["book", "grant", "own", "bob"]).ok();
    pull(&ana, &carl);
    let said = ana.carnet(&["member", "remove", &key(&carl), "--yes"]).code(6);
    assert!(said.err.contains("cannot open book own") && said.err.contains("book revoke own carl"));
    pull(&bob, &carl);
    bob.carnet(&["member", "list", "--accept"]).ok();
    bob.carnet(&["book", "revoke", "own", "carl", "--yes"]).ok();
    pull(&ana, &bob);
    ana.carnet(&["member", "remove", &key(&carl), "--yes"]).ok();
    pull(&bob, &ana);
    for world in [&ana, &bob] {
        world.carnet(&["verify"]).ok();
    }
    sq_git_agrees(&ana);
}

#[test]
fn members_whose_keys_have_expired_leave_together() {
    let mut ana = World::with_firm();
    let id = ana.add("Éloïse Petit", &[]);
    let mut keys = Vec::new();
    for handle in ["bob", "carl"] {
        let user = format!("{handle} <{handle}@example.org>");
        let early = ["--faked-system-time", "20261101T090000", "--passphrase", ""];
        ana.gpg(&[&early[..], &["--quick-gen-key", &user, "default", "default", "2026-12-01"]].concat()).ok();
        let listed = ana.gpg(&["--with-colons", "--list-keys", &format!("={user}")]).ok().out;
        let line = listed.lines().find(|line| line.starts_with("fpr:")).unwrap();
        let key = line.split(':').nth(9).unwrap().to_owned();
        ana.carnet(&["member", "add", &key, "--handle", handle, "--book", "main"]).ok();
        keys.push(key);
    }
    ana.now = "2026-12-10T10:00:00Z".into();
    // Nobody is left out of a book in silence: alone, neither can go.
    for key in &keys {
        let said = ana.carnet(&["member", "remove", key, "--yes"]).code(6).err;
        assert!(said.contains("has expired") && said.contains("takes all fingerprints at once"), "{said}");
    }
    let french = ana.carnet(&["--lang", "fr", "member", "remove", &keys[0], "--yes"]).code(6).err;
    assert!(french.contains("la clé OpenPGP (membre carl) a expiré"), "{french}");
    let said = ana.carnet(&["member", "remove", &keys[0], &keys[1], "--yes", "--json"]).ok().json();
    let left: Vec<&str> =
        said["departures"].as_array().unwrap().iter().map(|d| d["member"].as_str().unwrap()).collect();
    assert_eq!(left, ["bob", "carl"]);
    assert_eq!(said["departures"][1]["books"][0]["contacts"], 1);
    assert_eq!(ana.carnet(&["member", "list", "-q"]).ok().out, "ana\n");
    let reports = ana.git(&["ls-files", "registers/departures"]).ok().out;
    assert_eq!(reports.lines().count(), 2, "{reports}");
    ana.carnet(&["show", &id]).ok();
    ana.carnet(&["verify"]).ok();
}

#[test]
fn a_dry_run_refuses_what_would_be_refused() {
    let ana = World::with_firm();
    let bob = join(&ana, "bob", &["--book", "main"]);
    let (_, eve) = newcomer(&ana, "eve");
    let bob_cert = ana.path().join("bob.asc");
    let bob_cert = bob_cert.to_str().unwrap();
    let (head, bob_key, ana_key) = (ana.head(), key(&bob), key(&ana));
    for (code, args) in [
        (5, &["member", "add", bob_cert, "--handle", "bobby"][..]),
        (5, &["member", "add", &eve, "--handle", "bob"]),
        (3, &["member", "add", &eve, "--handle", "eve", "--book", "nowhere"]),
        (3, &["member", "add", "nobody.asc", "--handle", "eve"]),
        (5, &["member", "remove", &ana_key]),
        (5, &["member", "rotate", "bob", bob_cert]),
        (3, &["book", "grant", "main", "nobody"]),
        (5, &["book", "grant", "main", "bob"]),
        (3, &["book", "revoke", "nowhere", "bob"]),
        (3, &["book", "rekey", "nowhere"]),
        (5, &["book", "add", "main"]),
    ] {
        let would = ana.carnet(&[args, &["--dry-run"]].concat()).code(code).err;
        assert_eq!(would, ana.carnet(&[args, &["--yes"]].concat()).code(code).err, "{args:?}");
    }
    bob.carnet(&["member", "add", &eve, "--handle", "eve", "--dry-run"]).code(5);
    for args in [
        &["member", "add", &eve, "--handle", "eve", "--book", "main", "--dry-run"][..],
        &["member", "remove", &bob_key, "--dry-run"],
        &["book", "revoke", "main", "bob", "--dry-run"],
        &["book", "rekey", "main", "--dry-run"],
        &["book", "add", "staff", "--dry-run"],
    ] {
        assert!(ana.carnet(args).ok().err.contains("would"), "{args:?}");
    }
    assert_eq!(ana.head(), head);
}
