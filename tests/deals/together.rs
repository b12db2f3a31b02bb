//! Deals in two clones: what each member did meets at the next sync, and an erasure wins over what came late.

use super::common::World;
use super::common::team::office;
use super::{add, show};

pub fn sync(worlds: [&World; 2]) {
    for world in worlds.iter().chain(&worlds) {
        world.carnet(&["sync"]).ok();
    }
    for world in worlds {
        world.carnet(&["verify"]).ok();
        world.carnet(&["doctor"]).ok();
    }
}

#[test]
fn edits_of_both_are_kept_and_a_field_that_both_changed_is_noted() {
    let (mut ana, mut bob) = office();
    let jeanne = ana.add("Jeanne Dupont", &[]);
    let deal = add(&ana, "Site", &["--contact", &jeanne, "--amount", "100"]);
    sync([&ana, &bob]);
    ana.now = "2026-11-23T11:00:00Z".into();
    bob.now = "2026-11-23T12:00:00Z".into();
    ana.carnet(&["deal", "move", &deal, "proposal"]).ok();
    ana.carnet(&["deal", "edit", &deal, "--amount", "150"]).ok();
    bob.carnet(&["deal", "edit", &deal, "--next", "call", "--amount", "200", "--currency", "USD"]).ok();
    sync([&ana, &bob]);
    for world in [&ana, &bob] {
        let shown = show(world, &deal);
        assert_eq!((&shown["stage"], &shown["next"]), (&"proposal".into(), &"call".into()), "{shown}");
        assert_eq!(shown["amount"], "200.00 USD", "amount and currency are one value: {shown}");
        assert_eq!(shown["conflict"][0]["other"], "150.00 EUR", "{shown}");
        assert_eq!(shown["moved"].as_array().unwrap().len(), 2);
    }
    assert!(ana.carnet(&["deal", "show", &deal]).ok().err.contains("--resolve"));
    ana.carnet(&["deal", "edit", &deal, "--resolve", "amount"]).ok();
    assert!(show(&ana, &deal)["conflict"].is_null());
    ana.carnet(&["deal", "edit", &deal, "--resolve", "amount"]).code(2);
}

#[test]
fn an_erasure_beats_what_another_clone_wrote_meanwhile() {
    for ana_first in [true, false] {
        let (ana, bob) = office();
        let jeanne = ana.add("Jeanne Dupont", &[]);
        let deal = add(&ana, "Site Dupont", &["--contact", &jeanne, "--amount", "100"]);
        let other = add(&ana, "Vitrine", &["--amount", "70"]);
        sync([&ana, &bob]);
        ana.carnet(&["erase", &jeanne, "--reason", "request", "--yes"]).ok();
        bob.carnet(&["deal", "edit", &deal, "--note", "Jeanne Dupont wants blue"]).ok();
        bob.carnet(&["deal", "edit", &other, "--add-contact", &jeanne, "--title", "Vitrine Dupont"]).ok();
        let new = add(&bob, "Enseigne Dupont", &["--contact", &jeanne, "--amount", "30"]);
        sync(if ana_first { [&ana, &bob] } else { [&bob, &ana] });
        for world in [&ana, &bob] {
            for (id, amount) in [(&deal, "100.00 EUR"), (&other, "70.00 EUR"), (&new, "30.00 EUR")] {
                let shown = show(world, id);
                assert_eq!(shown["amount"], amount, "figures stay: {shown}");
                assert!(
                    !shown.to_string().contains("Dupont") && !shown.to_string().contains(&jeanne),
                    "{shown}"
                );
                for text in super::erasing::readable(world, id) {
                    assert!(
                        !text.contains("Dupont") && !text.contains(&jeanne),
                        "ana first: {ana_first}: {text}"
                    );
                }
            }
        }
    }
}
