//! The other clones and the remotes: nobody's work is lost, and the old history does not come back.

use super::{PURGE, ciphertexts, git, held, office, sound, sync_all};

#[test]
fn a_clone_that_was_away_carries_its_work_over() {
    let (ana, _, team) = office(&["bob", "eve"], false);
    let (bob, eve) = (&team[0], &team[1]);
    let shared = ana.add("Shared Person", &[]);
    let gone = ana.add("Gone Person", &[]);
    sync_all(&[&ana, bob, eve]);
    eve.carnet(&["list"]).ok();
    sync_all(&[eve, &ana]);
    // Eve works from before the erasure, on both of them; Bob adds after it.
    eve.carnet(&["edit", &shared, "--set", "title=Baker"]).ok();
    eve.carnet(&["edit", &gone, "--set", "title=Clerk"]).ok();
    let new = eve.add("Eve's Person", &[]);
    let stale = ciphertexts(eve, &gone);
    assert_eq!(stale.len(), 2);
    ana.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    sync_all(&[&ana, bob]);
    bob.add("Bob's Person", &[]);
    ana.carnet(&["sync"]).ok();
    ana.carnet(&PURGE).code(5);
    ana.carnet(&[&PURGE[..], &["--force-clones"]].concat()).ok();
    let said = eve.carnet(&["sync"]).ok();
    assert!(said.err.contains("3 of yours carried over"), "{}", said.err);
    sound(eve);
    assert_eq!(held(eve, &eve.firm(), &stale), [""; 0]);
    sync_all(&[bob, &ana, eve]);
    assert!([&ana, bob].iter().all(|w| w.head() == eve.head()));
    for world in [&ana, bob, eve] {
        sound(world);
        world.carnet(&["show", &gone]).code(3);
        assert!(world.carnet(&["show", &shared]).ok().out.contains("Baker"));
        world.carnet(&["show", &new]).ok();
        assert_eq!(held(world, &world.firm(), &stale), [""; 0]);
        assert_eq!(world.carnet(&["list", "-q"]).ok().out.lines().count(), 3);
    }
}

#[test]
fn a_served_remote_takes_a_proven_purge_and_destroys_what_it_replaces() {
    let (ana, remote, team) = office(&["bob"], true);
    let bob = &team[0];
    ana.add("Kept Person", &[]);
    let gone = ana.add("Gone Person", &[]);
    ana.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    sync_all(&[&ana, bob]);
    sync_all(&[&ana]);
    let blobs = ciphertexts(&ana, &gone);
    assert_eq!(held(&ana, &remote, &blobs), blobs);
    let old = ana.head();
    // A rewriting without a record is refused, whoever signs it.
    let amended = ana.git(&["commit", "-q", "--amend", "-S", "-m", "x"]);
    if amended.code == 0 {
        ana.git(&["push", "-q", "--force", "origin", "main"]).code(1);
        ana.git(&["reset", "-q", "--hard", &old]).ok();
    }
    ana.carnet(&PURGE).ok();
    assert_eq!(held(&ana, &remote, &blobs), [""; 0]);
    assert_eq!(held(&ana, &remote, &[old]), [""; 0]);
    git(&ana, &remote, &["fsck", "--full", "--strict"]).ok();
    bob.carnet(&["sync"]).ok();
    sound(bob);
    bob.add("New Person", &[]);
    sync_all(&[bob, &ana]);
    sound(&ana);
}

#[test]
fn a_remote_that_was_put_back_is_brought_forward_again() {
    let (ana, remote, team) = office(&["bob"], false);
    let bob = &team[0];
    let gone = ana.add("Gone Person", &[]);
    ana.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    sync_all(&[&ana, bob]);
    ana.carnet(&["sync"]).ok();
    let blobs = ciphertexts(&ana, &gone);
    let old = bob.head();
    ana.carnet(&PURGE).ok();
    // A clone that knows nothing of it forces the old history back.
    bob.git(&["push", "-q", "--force", "origin", &format!("{old}:main")]).ok();
    let said = ana.carnet(&["sync"]);
    assert!(said.err.contains("history of before the purge"), "{}", said.err);
    assert_eq!(git(&ana, &remote, &["rev-parse", "main"]).first(), ana.head());
    assert_eq!(held(&ana, &ana.firm(), &blobs), [""; 0]);
    bob.carnet(&["sync"]).ok();
    assert_eq!(bob.head(), ana.head());
    assert_eq!(held(bob, &bob.firm(), &blobs), [""; 0]);
    sound(&ana);
    sound(bob);
}
