//! Restrictions, objections and open requests keep a contact, and say so.

use crate::common::World;
use crate::{PROSPECT, apply, collected, due, edit, fresh, of, warned};

#[test]
fn a_blocked_contact_says_why_and_stays() {
    let mut world = World::with_firm();
    fresh(&world);
    let restricted = collected(&world, "Rita", "2020-01-31", PROSPECT, "");
    let objected = collected(&world, "Omar", "2020-01-31", PROSPECT, "");
    let asked = collected(&world, "Asta", "2020-01-31", PROSPECT, "");
    let free = collected(&world, "Fred", "2020-01-31", PROSPECT, "");
    warned(&mut world, &[]);
    edit(&world, &restricted, "sed -i 's/^source = /restriction = 2026-12-01\\nsource = /' \"$1\"");
    edit(&world, &objected, "sed -i 's/^source = /objected = 2026-12-01\\nsource = /' \"$1\"");
    std::fs::create_dir_all(world.firm().join("registers/requests")).unwrap();
    let request = |more: &str| {
        let text = format!("ref = \"2026-001-k7mq\"\nkind = \"access\"\ncontact = \"{asked}\"\n{more}");
        std::fs::write(world.firm().join("registers/requests/2026-001-k7mq.toml"), text).unwrap();
        world.git(&["add", "registers"]).ok();
        world.git(&["-c", "commit.gpgSign=false", "commit", "-qm", "request"]).ok();
    };
    request("");
    let found = due(&world);
    for (id, why, hint) in [
        (&restricted, "Art. 18", "carnet edit"),
        (&objected, "Art. 21", "--keep-opposition"),
        (&asked, "request 2026-001-k7mq is open", "carnet request show"),
    ] {
        let line = of(&found, id);
        assert!(line["blocked"].as_str().unwrap().contains(why), "{line}");
        assert!(line["hint"].as_str().unwrap().contains(hint) && line["ready"] == false, "{line}");
    }
    let said = world.carnet(&["retention", "apply", "--dry-run"]).ok();
    assert!(said.err.contains("Art. 18") && said.err.contains("is open"), "{}", said.err);
    let done = apply(&world, &[]);
    assert_eq!((done["erased"].as_array().unwrap().len(), done["blocked"].as_array().unwrap().len()), (1, 3));
    world.carnet(&["show", &free]).code(3);
    for id in [&restricted, &objected, &asked] {
        world.carnet(&["show", id]).ok();
    }
    // Answered, it is in the way no more.
    request("[answer]\non = \"2026-12-20\"\n");
    assert!(of(&due(&world), &asked)["blocked"].is_null());
    assert_eq!(apply(&world, &[])["erased"][0]["contact"], asked.as_str());
}
