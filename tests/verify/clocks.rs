//! Clocks that were put back or ahead.

use crate::common::World;
use crate::tools::{ana, at, commit, policy, problems, set, with_keys};

/// gpg's clock, and so what its signatures say.
fn gpg_clock(world: &World, time: &str) {
    std::fs::write(world.path().join("gnupg/gpg.conf"), format!("faked-system-time {time}\n")).unwrap();
}

#[test]
fn a_key_that_has_expired_signs_nothing_new_by_putting_the_clock_back() {
    let mut world = World::with_firm();
    with_keys(&world);
    gpg_clock(&world, "20261123T090000");
    let user = "bob <bob@example.org>";
    world.gpg(&["--passphrase", "", "--quick-gen-key", user, "ed25519", "sign", "3d"]).ok();
    let listed = world.gpg(&["--with-colons", "--list-keys", &format!("={user}")]).ok().out;
    let bob = listed.lines().find(|l| l.starts_with("fpr:")).unwrap().split(':').nth(9).unwrap().to_owned();
    gpg_clock(&world, "20261123T100001");
    policy(&world, &[("bob", &bob, "sign_tag")]);
    commit(&world, Some(&ana(&world)));
    // What was signed in time stays sound, also where the one before it is by a clock that is a little ahead.
    world.now = "2026-11-26T20:00:00Z".into();
    world.add("Zed", &[]);
    gpg_clock(&world, "20261126T080000");
    commit(&world, Some(&bob));
    world.now = "2027-01-10T10:00:00Z".into();
    world.add("Ada Stone", &[]);
    world.carnet(&["verify"]).ok();
    let late = at(&commit(&world, Some(&bob)));
    assert_eq!(problems(&world), set(&[("bad-signature", &late)]));
}

#[test]
fn what_is_dated_in_the_future_is_said_and_lets_no_chain_go() {
    let mut world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    world.carnet(&["show", &id]).ok();
    world.now = "2027-02-01T10:00:00Z".into();
    world.carnet(&["show", &id]).ok();
    world.now = "2031-01-01T10:00:00Z".into();
    world.add("Zed", &[]);
    world.now = "2027-02-01T11:00:00Z".into();
    let said = world.carnet(&["verify"]).ok();
    assert!(
        said.out.contains("whether 1 commit(s) and 0 access entries were made when they say"),
        "{said:?}"
    );
    // The month is not one that a rule let go, though there is a commit of a time when it would be.
    world.git(&["update-ref", "-d", "refs/carnet/access/2026-11/ana"]).ok();
    let entry = world.git(&["rev-parse", "refs/carnet/access/2027-02/ana"]).ok().first();
    let place = format!("{} on refs/carnet/access/2027-02/ana", at(&entry));
    assert_eq!(problems(&world), set(&[("broken-chain", &place)]));
}

#[test]
fn a_chain_of_a_month_to_come_is_told_by_doctor() {
    let mut world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    world.now = "2027-02-01T10:00:00Z".into();
    world.carnet(&["show", &id]).ok();
    world.now = "2026-11-24T10:00:00Z".into();
    world.carnet(&["show", &id]).ok();
    let doctor = world.carnet(&["doctor"]).ok();
    assert!(doctor.out.contains("advice: your access chain of 2027-02 is in the future"), "{doctor:?}");
    world.carnet(&["verify"]).ok();
}
