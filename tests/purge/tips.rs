//! Rolled back branches and remotes; and that a sync verifies new commits alone.

use super::{git, kinds, office, sync_all};

#[test]
fn a_branch_that_was_rolled_back_is_noticed_and_brought_back() {
    let (ana, _, team) = office(&["bob"], false);
    let bob = &team[0];
    ana.add("One Person", &[]);
    ana.add("Two Person", &[]);
    sync_all(&[&ana, bob]);
    let tip = ana.head();
    for roll in [["reset", "-q", "--hard", "HEAD~2"].as_slice(), &["update-ref", "refs/heads/main", "HEAD~1"]]
    {
        ana.git(roll).ok();
        assert!(kinds(&ana).contains(&"rolled-back".to_owned()), "{roll:?}: {:?}", kinds(&ana));
        ana.carnet(&["verify"]).code(7);
        ana.git(&["reset", "-q", "--hard"]).ok();
        let said = ana.carnet(&["sync"]).code(7);
        assert!(said.err.contains("this clone's branch was rolled back"), "{}", said.err);
        assert_eq!(ana.head(), tip, "the remote still had it");
        ana.carnet(&["verify"]).ok();
        ana.carnet(&["sync"]).ok();
    }
    // What was never synced is missed too, and a write does not cover it up.
    ana.add("Three Person", &[]);
    ana.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    ana.carnet(&["doctor", "--repair"]);
    assert_eq!(kinds(&ana), ["rolled-back"]);
    ana.add("Four Person", &[]);
    assert_eq!(kinds(&ana), ["rolled-back"]);
    // Who did it on purpose says so.
    ana.carnet(&["verify", "--accept-tip"]).ok();
    assert_eq!(kinds(&ana), [""; 0]);
    ana.carnet(&["sync"]).ok();
}

#[test]
fn a_remote_that_was_rolled_back_is_noticed_until_it_is_whole_again() {
    let (ana, remote, team) = office(&["bob"], false);
    let bob = &team[0];
    ana.add("One Person", &[]);
    sync_all(&[&ana, bob]);
    let tip = ana.head();
    bob.git(&["push", "-q", "--force", "origin", "HEAD~1:main"]).ok();
    for _ in 0..2 {
        let said = ana.carnet(&["sync", "--no-push"]).code(7);
        assert!(said.err.contains("the remote's `main` was rolled back"), "{}", said.err);
        assert_eq!(ana.head(), tip);
    }
    assert_eq!(kinds(&ana), ["rolled-back"]);
    ana.carnet(&["sync"]).code(7);
    assert_eq!(git(&ana, &remote, &["rev-parse", "main"]).first(), tip);
    ana.carnet(&["sync"]).ok();
    ana.carnet(&["verify"]).ok();
    bob.carnet(&["sync"]).ok();
}

#[test]
fn what_is_remembered_is_the_owners_and_nobody_elses() {
    let (ana, _, _) = office(&["bob"], false);
    ana.add("One Person", &[]);
    ana.carnet(&["sync"]).ok();
    let path = ana.firm().join(".git/carnet/verified");
    let text = std::fs::read_to_string(&path).unwrap();
    let earlier = ana.git(&["rev-parse", "HEAD~1"]).ok().first();
    std::fs::write(&path, text.replace(&ana.head(), &earlier)).unwrap();
    assert_eq!(kinds(&ana), ["bad-memory"]);
    // It is not believed: the next sync verifies everything once more.
    let all: u64 = ana.git(&["rev-list", "--count", "HEAD"]).ok().first().parse().unwrap();
    assert_eq!(ana.carnet(&["sync", "--json"]).ok().json()["verified"], all);
    assert_eq!(kinds(&ana), [""; 0]);
}

#[test]
fn a_sync_verifies_new_commits_alone() {
    let (ana, _, team) = office(&["bob"], false);
    let bob = &team[0];
    for n in 0..5 {
        ana.add(&format!("Person {n}"), &[]);
    }
    sync_all(&[&ana, bob]);
    bob.add("New Person", &[]);
    bob.carnet(&["sync"]).ok();
    assert_eq!(ana.carnet(&["sync", "--json"]).ok().json()["verified"], 1);
    assert_eq!(ana.carnet(&["sync", "--json"]).ok().json()["verified"], 0);
    // A forged commit on what was verified is still found.
    git(bob, &bob.firm(), &["-c", "commit.gpgSign=false", "commit", "-q", "--allow-empty", "-m", "forged"])
        .ok();
    bob.git(&["push", "-q", "origin", "main"]).ok();
    let said = ana.carnet(&["sync"]).code(7);
    assert!(said.err.contains("it is not signed"), "{}", said.err);
}
