//! Recipients that no acknowledged commit brought: put in or swapped by hand.

use crate::common::World;
use crate::common::team::{join, key, newcomer, pull};

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
    crate::common::team::copy_dir(&bob.firm().join(".git/carnet/keys.git"), &own_keys);
    pull(&bob, &eve);
    // The branch is eve's, the key store bob's own.
    let store = bob.firm().join(".git/carnet/keys.git");
    std::fs::remove_dir_all(&store).unwrap();
    crate::common::team::copy_dir(&own_keys, &store);
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
