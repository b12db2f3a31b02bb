//! An erasure in one clone and a merge into another contact in a second: what was erased is nowhere, and the contact
//! that it was merged into keeps what it has of its own.

use crate::common::World;
use crate::common::team::office;
use crate::{key_blob, kinds};

fn sync(worlds: [&World; 2]) {
    for world in worlds.iter().chain(&worlds) {
        world.carnet(&["sync"]).ok();
    }
}

/// Every key that any key message of the world's book holds is one that opens something else than `gone`.
fn proven(world: &World, gone: &str) {
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
    world.carnet(&["erase", "--certificate", gone]).ok();
}

#[test]
fn who_was_erased_there_is_taken_out_of_the_contact_that_they_were_merged_into_here() {
    for ana_first in [true, false] {
        let (ana, bob) = office();
        let stays = ana.add("Jeanne Dupont", &["--email", "own@example.org"]);
        let other = ana.add("Third Person", &["--email", "third@example.org"]);
        let gone = ana.add("Gone Name", &["--email", "gone@example.org", "--phone", "+33 1 23 45 67 89"]);
        sync([&ana, &bob]);
        // Two at once, and something of her own since.
        let pairs = format!("{stays} {gone}\n{stays} {other}\n");
        ana.carnet_with_input(&["merge", "-", "--auto"], pairs.as_bytes()).ok();
        ana.carnet(&["edit", &stays, "--add-email", "since@example.org"]).ok();
        ana.carnet(&["log", "call", &stays, "spoke of the order"]).ok();
        let old_key = key_blob(&ana, &stays);
        bob.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
        let order = if ana_first { [&ana, &bob] } else { [&bob, &ana] };
        order[0].carnet(&["sync"]).ok();
        let said = order[1].carnet(&["sync"]).ok().err;
        assert!(said.contains(&format!("Contact or sealed record {} mentioned an erased one", &stays[..8])), "{said}");
        assert!(!said.contains("was not searched"), "{said}");
        sync(order);
        for world in [&ana, &bob] {
            let text = world.carnet(&["show", &stays]).ok().out;
            for never in ["Gone Name", "gone@example.org", "33123456789", &gone] {
                assert!(!text.contains(never), "{never}: {text}");
            }
            for kept in ["own@example.org", "third@example.org", "since@example.org", "spoke of the order"] {
                assert!(text.contains(kept), "{kept}: {text}");
            }
            assert!(world.carnet(&["find", "gone@example.org", "-q"]).out.is_empty());
            assert_ne!(key_blob(world, &stays), old_key);
            proven(world, &gone);
        }
        // Nor is the next erasure kept from finding its mentions.
        let said = ana.carnet(&["erase", &stays, "--reason", "request", "--yes"]).ok().err;
        assert!(!said.contains("not searched"), "{said}");
        sync([&ana, &bob]);
        proven(&bob, &gone);
        assert!(kinds(&bob).is_empty());
    }
}
