//! `git pull --rebase` and what it makes anew: no loss, and nobody is told of one; a commit that it drops is one.

use crate::common::World;
use crate::gaps::with_gpg;
use crate::{alike, office, sync_all};

/// Bob has two commits that nobody has, Ana one that he has not, and the remote has hers.
fn apart() -> (World, World, String) {
    let (ana, mut team) = office(&["bob"]);
    let bob = team.remove(0);
    let shared = ana.add("Shared Person", &["--email", "shared@example.org"]);
    sync_all(&[&ana, &bob]);
    with_gpg(&bob);
    // As `carnet clone` sets it.
    bob.git(&["config", "commit.gpgSign", "true"]).ok();
    ana.carnet(&["edit", &shared, "--set", "title=Manager"]).ok();
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["edit", &shared, "--add-tag", "vip"]).ok();
    bob.add("Of Bob", &[]);
    (ana, bob, shared)
}

#[test]
fn a_pull_with_a_rebase_is_no_loss_for_verify_nor_for_sync() {
    let (ana, bob, shared) = apart();
    let before = bob.head();
    bob.git(&["pull", "-q", "--rebase", "origin", "main"]).ok();
    assert_ne!(bob.head(), before);
    bob.carnet(&["verify"]).ok();
    // Nor once more has been written on it.
    bob.add("Later", &[]);
    bob.carnet(&["verify"]).ok();
    let said = bob.carnet(&["sync"]).ok().err;
    assert!(!said.contains("rolled back"), "{said}");
    let merges = bob.git(&["rev-list", "--merges", "--count", "HEAD"]).ok().first();
    assert_eq!(merges, "0");
    sync_all(&[&ana, &bob]);
    let shown = ana.carnet(&["show", "--json", &shared]).ok().json();
    assert_eq!((&shown["title"], &shown["tags"][0]), (&"Manager".into(), &"vip".into()));
    alike(&[&ana, &bob]);
}

#[test]
fn what_a_rebase_drops_or_somebody_else_makes_anew_is_missed() {
    let (_ana, bob, _) = apart();
    let (tip, parent) = (bob.head(), bob.git(&["rev-parse", "HEAD~1"]).ok().first());
    let missed = |world: &World| {
        let report = world.carnet(&["verify", "--json"]).code(7).json();
        let all = report["problems"].as_array().unwrap().clone();
        all.iter().any(|problem| problem["kind"] == "rolled-back")
    };
    // The older of two goes.
    bob.git(&["rebase", "-q", "--onto", "HEAD~2", &parent]).ok();
    assert!(missed(&bob));
    bob.git(&["reset", "-q", "--hard", &tip]).ok();
    bob.carnet(&["verify"]).ok();
    // The same words without the owner's signature.
    bob.git(&["-c", "commit.gpgSign=false", "commit", "-q", "--amend", "--no-edit"]).ok();
    assert!(missed(&bob));
}
