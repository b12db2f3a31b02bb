//! What the trail says of deals, what is undone and removed, and what one damaged deal leaves of the others.

use super::*;

#[test]
fn a_damaged_deal_fails_alone() {
    let (world, jeanne, deal) = firm();
    let other = add(&world, "Enseigne", &["--contact", &jeanne]);
    let path = format!("records/main/{}/{deal}.toml.pgp", &deal[..2]);
    std::fs::write(world.firm().join(&path), "no message").unwrap();
    world.git(&["add", &path]).ok();
    world.git(&["-c", "commit.gpgsign=false", "commit", "-qm", "x"]).ok();
    for args in [
        &["deal", "list", "--all"][..],
        &["pipeline"],
        &["agenda"],
        &["show", &jeanne, "--json"],
        &["deal", "show", &other],
    ] {
        let said = world.carnet(args).ok();
        if !args.contains(&other.as_str()) {
            assert!(said.err.contains("1 sealed record(s) cannot be read"), "{args:?}: {}", said.err);
        }
    }
    assert!(world.carnet(&["deal", "list", "-q"]).ok().out.contains(&other));
    world.carnet(&["deal", "show", &deal]).code(1);
    world.carnet(&["verify"]).code(7);
    let twin = world.add("Jeanne Dupont", &[]);
    assert_ne!(
        world.carnet(&["merge", &jeanne, &twin, "--auto"]).code,
        0,
        "the damaged one may name the twin"
    );
}

#[test]
fn the_trail_names_the_fields_and_says_why_a_removal_stays() {
    let (world, _, deal) = firm();
    let fields = || world.git(&["log", "-1", "--format=%(trailers:key=Carnet-Fields,valueonly)"]).first();
    world.carnet(&["deal", "edit", &deal, "--note", "x", "--amount", "5"]).ok();
    assert_eq!(fields(), "amount, note");
    world.carnet(&["deal", "lost", &deal, "--reason", "too dear"]).ok();
    assert_eq!(fields(), "lost_reason, moved, stage");
    world.carnet(&["deal", "remove", &deal, "--yes"]).ok();
    let said = world.carnet(&["undo", "--yes"]).code(5);
    assert!(said.err.contains("the removal of a deal cannot be undone"), "{}", said.err);
}

#[test]
fn deals_are_undone_as_other_operations_are() {
    let (world, _, deal) = firm();
    world.carnet(&["deal", "edit", &deal, "--amount", "1"]).ok();
    world.carnet(&["deal", "won", &deal]).ok();
    world.carnet(&["undo"]).ok();
    assert_eq!(show(&world, &deal)["stage"], "lead");
    world.carnet(&["undo"]).ok();
    assert_eq!(show(&world, &deal)["amount"], "4800.50 EUR");
    assert!(world.carnet(&["undo"]).code(2).err.contains("--yes"), "it goes with its key");
    world.carnet(&["undo", "--yes"]).ok();
    world.carnet(&["deal", "show", &deal]).code(3);
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
}

#[test]
fn a_removed_deal_is_gone_with_its_key() {
    let (world, jeanne, deal) = firm();
    world.carnet(&["log", "call", &jeanne, "about it", "--deal", &deal]).ok();
    world.carnet(&["deal", "edit", &deal, "--amount", "5000"]).ok();
    let head = world.head();
    assert!(world.carnet(&["deal", "remove", &deal]).code(2).err.contains("--yes"));
    world.carnet(&["deal", "remove", &deal, "--dry-run"]).ok();
    world.carnet(&["deal", "remove", "no such"]).code(3);
    assert_eq!(world.head(), head);
    assert!(!erasing::readable(&world, &deal).is_empty());
    assert_eq!(world.carnet(&["deal", "remove", &deal, "--yes", "--json"]).ok().json()["id"], deal.as_str());
    assert_eq!(erasing::readable(&world, &deal), Vec::<String>::new(), "no version opens any more");
    world.carnet(&["deal", "show", &deal]).code(3);
    assert!(world.carnet(&["show", &jeanne]).ok().out.contains("about it"), "what was said to her stays");
    assert!(world.carnet(&["undo", "--yes"]).code(5).err.contains("cannot be undone"));
    assert!(world.git(&["log", "-1", "--format=%B"]).ok().out.contains("Carnet-Action: deal-remove"));
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
}
