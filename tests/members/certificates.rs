//! Certificates: which are refused and why, and how a member takes another key or extends the one they have.

use crate::common::World;
use crate::common::team::{join, key, newcomer, pull, sq_git_agrees};

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
    crate::common::team::clone(&ana, &again, "bob");
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
    crate::common::said(git.args(["clone", "-q"]).arg(source).arg("firm").output().unwrap()).ok();
    let keys = ".git/carnet/keys.git";
    crate::common::team::copy_dir(&ana.firm().join(keys), &bob.firm().join(keys));
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
