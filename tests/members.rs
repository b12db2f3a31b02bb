//! Members on clones of their own: who joins can read, who leaves cannot read what comes after.

mod common;

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
fn a_certificate_that_cannot_be_used_is_refused_with_its_reason() {
    let ana = World::with_firm();
    let early = ["--faked-system-time", "20261101T090000"];
    let make = |user: &str, algo: &str, usage: &str, expire: &str| {
        let args = ["--passphrase", "", "--quick-gen-key", user, algo, usage, expire];
        ana.gpg(&[&early[..], &args].concat()).ok();
        let listed = ana.gpg(&["--with-colons", "--list-keys", &format!("={user}")]).ok().out;
        let line = listed.lines().find(|l| l.starts_with("fpr:")).unwrap().to_owned();
        line.split(':').nth(9).unwrap().to_owned()
    };
    let head = ana.head();
    let signs_only = make("a <a@example.org>", "ed25519", "sign,cert", "never");
    let expired = make("b <b@example.org>", "default", "default", "2026-11-10");
    let revoked = make("c <c@example.org>", "default", "default", "never");
    let sheet = ana.path().join(format!("gnupg/openpgp-revocs.d/{revoked}.rev"));
    let sheet = std::fs::read_to_string(sheet).unwrap().replace(":-----BEGIN", "-----BEGIN");
    std::fs::write(ana.path().join("rev"), sheet).unwrap();
    ana.gpg(&[&early[..], &["--import", ana.path().join("rev").to_str().unwrap()]].concat()).ok();
    for (fingerprint, why) in
        [(&signs_only, "no usable encryption subkey"), (&expired, "has expired"), (&revoked, "is revoked")]
    {
        let said = ana.carnet(&["member", "add", fingerprint, "--handle", "bob", "--book", "main"]).code(6);
        assert!(said.err.contains(why), "{}", said.err);
    }
    let short = ana.carnet(&["member", "add", &revoked[24..], "--handle", "bob"]).code(2);
    assert!(short.err.contains("short key id"), "{}", short.err);
    let secret = ana.path().join("data/carnet/keys").join(format!("{}.pgp", key(&ana)));
    let said = ana.carnet(&["member", "add", secret.to_str().unwrap(), "--handle", "bob"]).code(5);
    assert!(said.err.contains("secret key"), "{}", said.err);
    assert_eq!(ana.head(), head);
    // A good one from gpg's keyring is found by its fingerprint.
    let good = make("d <d@example.org>", "default", "default", "never");
    ana.carnet(&["member", "add", &good, "--handle", "dan", "--book", "main"]).ok();
    ana.carnet(&["verify"]).ok();
    sq_git_agrees(&ana);
    let said = ana.carnet(&["member", "add", &good, "--handle", "eve"]).code(5);
    assert!(said.err.contains("key of member `dan`"), "{}", said.err);
    let (_, cert) = newcomer(&ana, "dan");
    assert!(ana.carnet(&["member", "add", &cert, "--handle", "dan"]).code(5).err.contains("already"));
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
fn a_member_takes_another_key_or_extends_the_one_they_have() {
    let ana = World::with_firm();
    let id = ana.add("Bob Stone", &[]);
    let bob = join(&ana, "bob", &["--book", "main"]);
    // Another key for bob, given by ana: the old one opens nothing more that bob can reach.
    let (again, cert) = newcomer(&ana, "bob");
    let rotated = ana.carnet(&["member", "rotate", "bob", &cert, "--json"]).ok().json();
    assert_eq!(rotated["key"], key(&again).as_str());
    pull(&bob, &ana);
    assert!(bob.carnet(&["show", &id]).code(6).err.contains("not the one that the data repository has"));
    common::team::clone(&ana, &again, "bob");
    again.carnet(&["show", &id]).ok();
    again.carnet(&["verify"]).ok();
    // Not bob's to do: another key takes the right to add users.
    let (_, other) = newcomer(&again, "bob");
    again.carnet(&["member", "rotate", "bob", &other]).code(6);
    let new = ["key", "new", "--name", "bob", "--email", "bob@example.org", "--no-passphrase"];
    std::fs::write(&other, again.carnet_in(again.path(), &new).ok().out).unwrap();
    again.carnet(&["member", "rotate", "bob", &other]).code(5);

    // Ana takes another key for herself; her clone goes on with it, and what she acknowledged stays so.
    let made = ana.carnet_in(
        ana.path(),
        &["key", "new", "--name", "Ana", "--email", "ana@example.org", "--no-passphrase"],
    );
    let file = ana.path().join("new.asc");
    std::fs::write(&file, made.ok().out).unwrap();
    let rotated = ana.carnet(&["member", "rotate", "ana", file.to_str().unwrap(), "--json"]).ok().json();
    assert_eq!(ana.git(&["config", "carnet.key"]).ok().first(), rotated["key"].as_str().unwrap());
    ana.carnet(&["show", &id]).ok();
    ana.carnet(&["book", "rekey", "main", "--no-input"]).ok();
    ana.carnet(&["verify"]).ok();
    sq_git_agrees(&ana);
}

#[test]
fn an_extended_certificate_needs_no_right_and_loses_nothing() {
    let mut ana = World::with_firm();
    let early = ["--faked-system-time", "20261101T090000"];
    let mut bob = World::new();
    let make = ["--passphrase", "", "--quick-gen-key", "bob <bob@example.org>", "default", "default", "1y"];
    bob.gpg(&[&early[..], &make].concat()).ok();
    let export = || bob.gpg(&["--armor", "--export", "bob@example.org"]).ok().out;
    let listed = bob.gpg(&["--with-colons", "--list-keys", "bob@example.org"]).ok().out;
    let line = listed.lines().find(|l| l.starts_with("fpr:")).unwrap().to_owned();
    let fingerprint = line.split(':').nth(9).unwrap().to_owned();
    let first = ana.path().join("bob.asc");
    std::fs::write(&first, export()).unwrap();
    ana.carnet(&["member", "add", first.to_str().unwrap(), "--handle", "bob", "--book", "main"]).ok();
    // gpg signs with its own clock: that of the test.
    std::fs::write(bob.path().join("gnupg/gpg.conf"), "faked-system-time 20261123T100001\n").unwrap();
    said_clone(&ana, &bob, &fingerprint);
    let expires = |world: &World| {
        let list = world.carnet(&["member", "list", "--json"]).ok().json();
        list.as_array().unwrap().iter().find(|m| m["member"] == "bob").unwrap()["expires"].clone()
    };
    let before = expires(&bob);
    assert!(bob.carnet(&["member", "rotate", "bob", &fingerprint]).code(5).err.contains("already"));
    bob.gpg(&["--passphrase", "", "--quick-set-expire", &fingerprint, "3y"]).ok();
    bob.gpg(&["--passphrase", "", "--quick-set-expire", &fingerprint, "3y", "*"]).ok();
    // What is signed in a second that has not come yet does not count.
    for world in [&mut ana, &mut bob] {
        world.now = "2026-11-23T10:00:02Z".into();
    }
    bob.carnet(&["member", "list", "--accept"]).ok();
    bob.carnet(&["member", "rotate", "bob", &fingerprint]).ok();
    assert_ne!(expires(&bob), before);
    bob.carnet(&["verify"]).ok();
    sq_git_agrees(&bob);
    pull(&ana, &bob);
    ana.carnet(&["verify"]).ok();
    // Taking the older version back would take away what is known: nothing changes.
    let said = ana.carnet(&["member", "rotate", "bob", first.to_str().unwrap()]).code(5);
    assert!(said.err.contains("already"), "{}", said.err);
}

/// A clone for bob, whose key GnuPG keeps.
fn said_clone(ana: &World, bob: &World, fingerprint: &str) {
    let source = ana.firm();
    let mut git = bob.command("git", bob.path());
    common::said(git.args(["clone", "-q"]).arg(source).arg("firm").output().unwrap()).ok();
    let keys = ".git/carnet/keys.git";
    common::team::copy_dir(&ana.firm().join(keys), &bob.firm().join(keys));
    for (name, value) in [
        ("user.name", "bob"),
        ("user.email", "bob@example.org"),
        ("carnet.member", "bob"),
        ("carnet.key", fingerprint),
        ("carnet.provider", "gnupg"),
    ] {
        bob.git(&["config", name, value]).ok();
    }
}

#[test]
fn nobody_is_encrypted_to_who_was_not_added_and_acknowledged() {
    let ana = World::with_firm();
    let bob = join(&ana, "bob", &["--book", "main"]);
    ana.carnet(&["member", "list", "--json"]).ok();
    // In bob's fresh clone nothing is acknowledged: a contact may be written, a book key not.
    let said =
        bob.carnet(&["add", "--name", "Zoé", "--source", "fair", "--basis", "customers:contract"]).ok();
    let ana_key = key(&ana);
    let shown = format!("New in book main: ana, key {ana_key}, added by ana in commit ");
    assert!(said.err.contains(&shown), "{}", said.err);
    let said = bob.carnet(&["add", "--name", "Z", "--source", "fair", "--basis", "customers:contract"]).ok();
    assert!(!said.err.contains("New in book"), "shown once: {}", said.err);
    for args in [&["book", "rekey", "main"][..], &["book", "rekey", "main", "--yes"]] {
        let said = bob.carnet(args).code(5);
        assert!(said.err.contains("not acknowledged") && said.err.contains("member list --accept"));
    }
    let said = bob.carnet(&["member", "list", "--accept"]).ok();
    assert!(said.err.contains(&shown), "{}", said.err);
    bob.carnet(&["book", "rekey", "main"]).ok();
    pull(&ana, &bob);
    // Carl comes in by ana's word; bob sees by whose, before bob's next key.
    let (_, cert) = newcomer(&ana, "carl");
    ana.carnet(&["member", "add", &cert, "--handle", "carl", "--book", "main"]).ok();
    let by = ana.head();
    pull(&bob, &ana);
    bob.carnet(&["book", "rekey", "main"]).code(5);
    let said = bob.carnet(&["member", "list", "--accept"]).ok();
    assert!(said.err.contains("carl, key") && said.err.contains(&by[..10]), "{}", said.err);
    bob.carnet(&["book", "rekey", "main"]).ok();
    // Pins that somebody else wrote are none.
    let pins = bob.firm().join(".git/carnet/pins");
    let text = std::fs::read_to_string(&pins).unwrap();
    std::fs::write(&pins, text.replace("carl", "karl")).unwrap();
    bob.carnet(&["book", "rekey", "main"]).code(5);
}

#[test]
fn a_member_put_in_by_hand_gets_no_key_and_is_named() {
    let ana = World::with_firm();
    let bob = join(&ana, "bob", &["--book", "main"]);
    let eve = join(&ana, "eve", &[]);
    pull(&bob, &ana);
    bob.carnet(&["member", "list", "--accept"]).ok();
    // Eve may sign commits and is in no book: she writes herself into one, and signs that with gpg.
    eve.gpg(&["--import", &format!("{}/data/carnet/keys/{}.pgp", eve.path().display(), key(&eve))]).ok();
    std::fs::write(eve.path().join("gnupg/gpg.conf"), "faked-system-time 20261123T100001\n").unwrap();
    let book = eve.firm().join("books/main.toml");
    let text = std::fs::read_to_string(&book).unwrap();
    std::fs::write(&book, text.replace("\"bob\"", "\"bob\", \"eve\"")).unwrap();
    eve.git(&["commit", "-q", "-S", "-a", "-m", "by hand"]).ok();
    let by_hand = eve.head();
    let own_keys = bob.path().join("own");
    common::team::copy_dir(&bob.firm().join(".git/carnet/keys.git"), &own_keys);
    pull(&bob, &eve);
    // The branch is eve's, the key store bob's own.
    let store = bob.firm().join(".git/carnet/keys.git");
    std::fs::remove_dir_all(&store).unwrap();
    common::team::copy_dir(&own_keys, &store);
    let problems = bob.carnet(&["verify", "--json"]).code(7).json();
    let kinds: Vec<&str> =
        problems["problems"].as_array().unwrap().iter().map(|p| p["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"book-change"), "{kinds:?}");
    for args in [&["book", "rekey", "main"][..], &["member", "list", "--accept"]] {
        let said = bob.carnet(args).code(5);
        assert!(said.err.contains("not added by an authorised commit"), "{}", said.err);
        assert!(said.err.contains("book revoke main eve"), "{}", said.err);
    }
    let said = bob.carnet(&["member", "list", "--accept"]).code(5);
    assert!(said.err.contains(&by_hand[..10]) && said.err.contains("was not in the book"), "{}", said.err);
    bob.carnet(&["book", "revoke", "main", "eve"]).ok();
    bob.carnet(&["book", "rekey", "main"]).ok();
    // Granted as it should be, she is one of them; what she did stays on record.
    pull(&ana, &bob);
    ana.carnet(&["member", "list", "--accept"]).ok();
    ana.carnet(&["book", "grant", "main", "eve"]).ok();
    pull(&eve, &ana);
    eve.carnet(&["list"]).ok();
    let problems = ana.carnet(&["verify", "--json"]).code(7).json();
    assert_eq!(problems["problems"].as_array().unwrap().len(), 1, "{problems}");
}

#[test]
fn a_key_that_was_swapped_by_hand_is_granted_nothing() {
    let ana = World::with_firm();
    let bob = join(&ana, "bob", &[]);
    let eve = join(&ana, "eve", &[]);
    ana.carnet(&["book", "add", "staff"]).ok();
    pull(&eve, &ana);
    // Eve gives bob a key of hers, in policy and certificate alike; only that commit's right is missing.
    let new = ["key", "new", "--name", "bob", "--email", "bob@example.org", "--no-passphrase"];
    let theirs = key(&eve);
    let fake = eve.carnet_in(eve.path(), &new).ok().out;
    let path = eve.firm().join("openpgp-policy.toml");
    let mut policy: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
    policy["authorization"]["bob"]["keyring"] = fake.clone().into();
    std::fs::write(&path, toml::to_string(&policy).unwrap()).unwrap();
    std::fs::write(eve.firm().join("members/bob.asc"), fake).unwrap();
    eve.gpg(&["--import", &format!("{}/data/carnet/keys/{theirs}.pgp", eve.path().display())]).ok();
    std::fs::write(eve.path().join("gnupg/gpg.conf"), "faked-system-time 20261123T100001\n").unwrap();
    eve.git(&["commit", "-q", "-S", "-a", "-m", "by hand"]).ok();
    pull(&ana, &eve);
    for args in [&["book", "grant", "staff", "bob"][..], &["book", "add", "other", "--member", "bob"]] {
        let said = ana.carnet(args).code(5);
        assert!(said.err.contains("not added by an authorised commit"), "{}", said.err);
    }
    assert!(ana.carnet(&["verify"]).code(7).out.contains("policy-change"));
    // Set right by somebody who may, it is bob's again.
    let cert = ana.path().join("bob.asc");
    ana.carnet(&["member", "rotate", "bob", cert.to_str().unwrap()]).ok();
    ana.carnet(&["book", "grant", "staff", "bob"]).ok();
    pull(&bob, &ana);
    bob.carnet(&["list", "--book", "staff"]).ok();
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
    for n in 0..2 {
        let said = ana.carnet(&["member", "remove", &keys[n], "--yes"]).code(6).err;
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
