//! Consents, evidence and objections of several clones.

use crate::common::World;
use crate::common::served::Server;
use crate::common::team::join;
use crate::{firm, give, rule};

/// Ana's firm with Ada in it, served, and Bob with a clone.
fn office() -> (World, World, String) {
    let (ana, id) = firm();
    let server = Server::new(&ana);
    ana.carnet(&["book", "add", "second", "--title", "Second", "--purpose", "newsletter"]).ok();
    let bob = join(&ana, "bob", &["--book", "main", "--book", "second"]);
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["member", "list", "--accept", "--yes"]).ok();
    bob.git(&["remote", "set-url", "origin", server.dir.to_str().unwrap()]).ok();
    bob.carnet(&["sync"]).ok();
    (ana, bob, id)
}

fn sync_all(worlds: &[&World]) {
    for world in worlds.iter().chain(worlds) {
        world.carnet(&["sync"]).ok();
    }
    let heads: Vec<String> = worlds.iter().map(|w| w.head()).collect();
    assert!(heads.windows(2).all(|pair| pair[0] == pair[1]), "{heads:?}");
    for world in worlds {
        world.carnet(&["verify"]).ok();
        world.carnet(&["doctor"]).ok();
    }
}

/// Gives a consent with this evidence.
fn evidence(world: &World, id: &str, text: &str) {
    let file = world.path().join("form.txt");
    std::fs::write(&file, text).unwrap();
    give(world, id, &["--evidence", file.to_str().unwrap()]).ok();
}

fn files(world: &World) -> Vec<String> {
    let listed = world.git(&["ls-tree", "-r", "--name-only", "HEAD", "evidence"]).ok().out;
    listed.lines().map(str::to_owned).collect()
}

#[test]
fn an_objection_survives_a_merge_an_erasure_and_a_purpose() {
    let (ana, bob, id) = office();
    give(&ana, &id, &[]).ok();
    bob.carnet(&["object", &id]).ok();
    sync_all(&[&ana, &bob]);
    assert_eq!(rule(&ana, &id, &[]).0, 5);
    let shown = ana.carnet(&["show", &id]).ok().out;
    assert!(shown.contains("[[objection]]") && shown.contains("action = \"granted\""), "{shown}");
    // Two clones that make a list at the same time make two; both count.
    let other = ana.add("Ben", &["--email", "ben@example.org"]);
    sync_all(&[&ana, &bob]);
    ana.carnet(&["object", &other]).ok();
    ana.carnet(&["erase", &id, "--reason", "request", "--yes"]).ok();
    sync_all(&[&ana, &bob]);
    for world in [&ana, &bob] {
        world.carnet(&["object", "check", "06 55 51 23 98"]).code(5);
        world.carnet(&["object", "check", "Ben@example.org"]).code(5);
        let add =
            ["add", "--name", "X", "--source", "fair", "--basis", "customers:contract", "--book", "main"];
        world.carnet(&[&add[..], &["--email", "ADA.RARE@example.org"]].concat()).code(5);
    }
}

#[test]
fn a_withdrawal_here_and_a_consent_there_is_a_no() {
    let (ana, bob, id) = office();
    give(&ana, &id, &["--at", "2026-11-01"]).ok();
    sync_all(&[&ana, &bob]);
    crate::withdraw(&bob, &id, &["--at", "2026-11-20"]).ok();
    give(&ana, &id, &["--at", "2026-11-22"]).ok();
    sync_all(&[&ana, &bob]);
    for world in [&ana, &bob] {
        assert_eq!(rule(world, &id, &[]), (5, "withdrawn".into()));
    }
}

#[test]
fn evidence_of_both_sides_is_there_after_a_sync() {
    let (ana, bob, id) = office();
    evidence(&ana, &id, "the same form");
    evidence(&bob, &id, "the same form");
    evidence(&ana, &id, "hers");
    evidence(&bob, &id, "his");
    sync_all(&[&ana, &bob]);
    assert_eq!(files(&ana).len(), 3);
    // A move on one side, and more evidence on the other.
    ana.carnet(&["edit", &id, "--book", "second"]).ok();
    evidence(&bob, &id, "another");
    sync_all(&[&ana, &bob]);
    let all = files(&bob);
    assert!(all.len() == 4 && all.iter().all(|path| path.starts_with("evidence/second/")), "{all:?}");
    let out = bob.path().join("proof");
    bob.carnet(&["consent", "prove", &id, "--purpose", "newsletter", "--out", out.to_str().unwrap()]).ok();
    assert_eq!(std::fs::read_dir(out.join("evidence")).unwrap().count(), 4);
}

#[test]
fn evidence_follows_a_new_key_and_an_erasure_from_elsewhere() {
    let (ana, bob, id) = office();
    let other = ana.add("Ben", &["--email", "ben@example.org", "--book", "main"]);
    ana.carnet(&["edit", &id, "--set", &format!("custom.friend={other}")]).ok();
    evidence(&ana, &id, "first");
    sync_all(&[&ana, &bob]);
    // Ada mentions Ben, who is erased: she gets a new key while Bob seals under the old one.
    ana.carnet(&["erase", &other, "--reason", "request", "--yes"]).ok();
    evidence(&bob, &id, "second");
    sync_all(&[&bob, &ana]);
    assert_eq!(files(&ana).len(), 2);
    ana.carnet(&["erase", &id, "--reason", "request", "--yes"]).ok();
    evidence(&bob, &id, "third");
    sync_all(&[&bob, &ana]);
    assert!(files(&ana).is_empty() && files(&bob).is_empty());
}

#[test]
fn two_texts_under_one_number_both_stay_and_each_consent_has_its_own() {
    let (ana, bob, id) = office();
    let his = bob.add("Of Bob", &["--basis", "newsletter:consent"]);
    let add = |world: &World, text: &str| {
        let file = world.path().join("text.md");
        std::fs::write(&file, text).unwrap();
        let args = ["wording", "add", "news", file.to_str().unwrap()];
        world.carnet(&args).ok().first()
    };
    let (first, second) = (add(&ana, "I agree to letters."), add(&bob, "I agree to calls, too."));
    // The same text in both is one.
    assert_eq!(add(&ana, "Said by both."), add(&bob, "Said by both."));
    let consent = |world: &World, who: &str, text: &str| {
        let by = ["--purpose", "newsletter", "--wording", text, "--method", "form", "--at", "2026-11-20"];
        world.carnet(&[&["consent", "give", who], &by[..]].concat()).ok();
    };
    consent(&ana, &id, "news/1");
    consent(&bob, &his, "news/1");
    ana.carnet(&["sync"]).ok();
    let said = bob.carnet(&["sync"]).ok().err;
    assert!(said.contains("Both sides added a wording news/1: this clone's is news/3 now"), "{said}");
    sync_all(&[&ana, &bob]);
    for world in [&ana, &bob] {
        let list = world.carnet(&["wording", "list", "--json"]).ok().out;
        for hash in [&first, &second] {
            assert_eq!(list.matches(&**hash).count(), 1, "{hash}: {list}");
        }
        let shown = |text: &str| world.carnet(&["wording", "show", text]).ok().out;
        assert!(shown("news/1").contains("letters") && shown("news/3").contains("calls"));
        for (who, hash) in [(&id, &first), (&his, &second)] {
            assert!(world.carnet(&["show", who, "--file"]).ok().out.contains(&**hash));
        }
    }
}

#[test]
fn evidence_of_a_contact_that_is_merged_here_meets_what_is_added_to_it_or_erased_there() {
    let (ana, bob, id) = office();
    evidence(&ana, &id, "the first form");
    let stays = ana.add("Ada Rare-Name", &[]);
    sync_all(&[&ana, &bob]);
    ana.carnet(&["merge", &stays, &id, "--auto", "--yes"]).ok();
    evidence(&bob, &id, "the second form");
    sync_all(&[&ana, &bob]);
    let (of_stays, own) = (files(&ana), format!("evidence/main/{}/{stays}/", &stays[..2]));
    assert_eq!(
        (of_stays.len(), of_stays.iter().all(|path| path.starts_with(&own))),
        (2, true),
        "{of_stays:?}"
    );

    let third = ana.add("Ada Third", &["--email", "third@example.org"]);
    evidence(&ana, &third, "the third form");
    sync_all(&[&ana, &bob]);
    ana.carnet(&["merge", &stays, &third, "--auto", "--yes"]).ok();
    assert_eq!(files(&ana).len(), 3);
    bob.carnet(&["erase", &third, "--reason", "request", "--yes"]).ok();
    sync_all(&[&ana, &bob]);
    assert_eq!(files(&ana), of_stays, "what the erased one had shown goes with it");
}
