//! Members' certificates: expiring, expired, missing, and those that ask for what carnet does not write.

use std::time::{Duration, SystemTime};

use openpgp::cert::CertBuilder;
use openpgp::serialize::SerializeInto;
use openpgp::types::{Features, KeyFlags};
use sequoia_openpgp as openpgp;

use crate::common::World;
use crate::findings;

const DAY: Duration = Duration::from_secs(86_400);

/// A member's certificate in a file of the world: its features, and how many days its encryption subkey lasts.
fn certificate(world: &World, handle: &str, features: u8, days: Option<u32>) -> (String, String) {
    // A day before the tests' clock begins: 2026-11-22T10:00:00Z.
    let made = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_428_000) - DAY;
    let storage = KeyFlags::empty().set_storage_encryption().set_transport_encryption();
    let (cert, _) = CertBuilder::new()
        .set_features(Features::new([features]))
        .unwrap()
        .set_creation_time(made)
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .add_userid(format!("{handle} <{handle}@example.org>"))
        .add_subkey(storage, days.map(|days| DAY * days), None)
        .generate()
        .unwrap();
    let path = world.path().join(format!("{handle}.asc"));
    std::fs::write(&path, cert.armored().to_vec().unwrap()).unwrap();
    (path.to_str().unwrap().to_owned(), cert.fingerprint().to_hex())
}

fn add(world: &World, handle: &str, features: u8, days: Option<u32>) -> String {
    let (file, fingerprint) = certificate(world, handle, features, days);
    world.carnet(&["member", "add", &file, "--handle", handle, "--book", "main"]).ok();
    fingerprint
}

#[test]
fn a_key_that_expires_soon_is_named_with_its_days_and_one_that_has_with_its_member() {
    let mut world = World::with_firm();
    let soon = add(&world, "bob", 0x01, Some(30));
    add(&world, "eve", 0x01, Some(400));
    let all = findings(&world, &[]);
    assert_eq!(all.len(), 1, "{all:?}");
    let (state, what, remedy) = &all[0];
    assert_eq!(state, "found");
    assert_eq!(what, "the OpenPGP key of member bob expires in 29 day(s), on 2026-12-22");
    assert!(remedy.contains(&format!("gpg --quick-set-expire {soon} ")), "{remedy}");
    assert!(remedy.contains(&format!("carnet member rotate bob {soon}")), "{remedy}");
    world.now = "2026-12-23T10:00:00Z".into();
    let all = findings(&world, &[]);
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(all[0].1.contains("key of member bob has no usable encryption subkey"), "{all:?}");
    // Long before, nothing is said.
    world.now = "2026-11-23T10:00:00Z".into();
    world.carnet(&["member", "remove", &soon, "--yes"]).ok();
    assert_eq!(findings(&world, &[]), []);
}

#[test]
fn a_key_that_asks_for_ocb_as_gnupg_makes_it_is_advice_with_the_command_that_mends_it() {
    let world = World::with_firm();
    // MDC, OCB and version 5 keys: what GnuPG 2.3 and later put into the features.
    let fingerprint = add(&world, "bob", 0x07, None);
    let all = findings(&world, &[]);
    assert_eq!(all.len(), 1, "{all:?}");
    let (state, what, remedy) = &all[0];
    assert_eq!(state, "advice");
    assert!(what.contains("member bob asks for OCB"), "{what}");
    assert!(
        remedy.contains(&format!("gpg --edit-key {fingerprint}")) && remedy.contains("setpref AES256"),
        "{remedy}"
    );
    let said = world.carnet(&["doctor"]).ok();
    assert!(said.out.starts_with("advice: ") && said.err.contains("hint: `gpg --edit-key"), "{said:?}");
    // Nothing carnet writes to that key is in that form, for the book's key was just written to it.
    world.carnet(&["verify"]).ok();
}

#[test]
fn a_member_of_a_book_without_a_certificate_is_named() {
    let world = World::with_firm();
    let fingerprint = add(&world, "bob", 0x01, None);
    assert_eq!(fingerprint.len(), 40);
    std::fs::remove_file(world.firm().join("members/bob.asc")).unwrap();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-q", "-a", "-m", "gone"]).ok();
    let all = findings(&world, &["--repair"]);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0].1, "member bob of book main has no certificate");
    assert!(all[0].2.contains("carnet book revoke main bob"), "{all:?}");
}
