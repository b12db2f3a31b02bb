//! The sender of a piped e-mail.

use super::LOT;
use super::common::{Said, World};

fn sender(world: &World, message: &str) -> Said {
    world.carnet_with_input(&[&["import", "--sender"], &LOT[..]].concat(), message.as_bytes())
}

#[test]
fn a_sender_becomes_a_contact_once_and_never_against_an_objection() {
    let world = World::with_firm();
    let message =
        "From: =?utf-8?q?L=C3=A9a_Petit?= <Lea@Example.org>\nTo: x@example.com\nSubject: Hi\n\nHello.\n";
    assert!(sender(&world, message).ok().err.contains("Imported 1"));
    let shown = world.carnet(&["show", "lea@example.org", "--json"]).ok().json();
    assert_eq!((&shown["name"], &shown["source"]), (&"Léa Petit".into(), &"old CRM".into()));
    let again = sender(&world, message).ok().err;
    assert!(again.contains("Imported 0") && again.contains("its e-mail is that of contact"), "{again}");
    // Without the flag it is known as a message; without a name the address stands for it.
    let other = [&["import", "-"], &LOT[..]].concat();
    world.carnet_with_input(&other, b"From: bob@example.org\nSubject: x\n\ny\n").ok();
    assert_eq!(world.carnet(&["show", "bob@example.org", "--json"]).ok().json()["name"], "bob@example.org");
}

#[test]
fn what_has_no_sender_is_refused() {
    let world = World::with_firm();
    assert!(sender(&world, "Subject: x\nTo: a@example.org\n\ny\n").code(2).err.contains("no sender"));
    for none in ["", "hello", "name,email\nAna,ana@example.org\n"] {
        assert!(sender(&world, none).code(2).err.contains("no e-mail"), "{none:?}");
    }
}

#[test]
fn lists_machines_and_members_are_nobody_s_contact() {
    let world = World::with_firm();
    let said = sender(&world, "From: noreply@shop.example\nSubject: x\n\ny\n").code(5).err;
    assert!(said.contains("names nobody to reply to") && said.contains("carnet add"), "{said}");
    let said =
        sender(&world, "From: Ana <ANA@example.org>\nTo: x@example.com\nSubject: x\n\ny\n").code(5).err;
    assert!(said.contains("a member of the firm"), "{said}");
    let list = "From: Paul via Forum <forum@lists.example>\nReply-To: Paul <paul@real.example>\nTo: forum@lists.example\nList-Id: <forum.lists.example>\nSubject: x\n\ny\n";
    sender(&world, list).ok();
    assert_eq!(world.carnet(&["show", "paul@real.example", "--json"]).ok().json()["name"], "Paul");
    // The same message is logged with the same person.
    let id = world.carnet_with_input(&["log", "email"], list.as_bytes()).ok().first();
    assert_eq!(id, world.carnet(&["list", "-q"]).ok().first());
}
