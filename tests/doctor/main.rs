//! `carnet doctor`: every half-done state and missing setting is named, and mended by `--repair` where that is safe.

#[path = "../common/mod.rs"]
mod common;

mod clones;
mod leftovers;
mod people;

use common::World;

/// What the doctor finds: state, what, remedy of each finding.
fn findings(world: &World, args: &[&str]) -> Vec<(String, String, String)> {
    let said = world.carnet(&[&["doctor", "--json"], args].concat());
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let state = |f: &serde_json::Value| match (f["mended"].as_bool(), f["advice"].as_bool()) {
        (Some(true), Some(false)) => "mended",
        (Some(false), Some(true)) => "advice",
        (Some(false), Some(false)) => "found",
        other => panic!("{other:?}"),
    };
    let all: Vec<(String, String, String)> = said
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (state(f).to_owned(), text(&f["what"]), text(&f["remedy"])))
        .collect();
    let open = all.iter().any(|(state, ..)| state == "found");
    assert_eq!(said.code, if open { 7 } else { 0 }, "{all:?}");
    all
}

/// Exactly this is found, in this order of first words; a repair mends it, and afterwards all is well.
#[track_caller]
fn found_and_mended(world: &World, whats: &[&str]) {
    for (args, state) in
        [(&[][..], "found"), (&["--dry-run", "--repair"], "found"), (&["--repair"], "mended")]
    {
        let all = findings(world, args);
        assert_eq!(all.len(), whats.len(), "{all:?}");
        for ((is, what, _), expected) in all.iter().zip(whats) {
            assert!(is == state && what.contains(expected), "{expected} {state} in {all:?}");
        }
    }
    assert_eq!(findings(world, &[]), []);
    world.carnet(&["verify"]).ok();
}

#[test]
fn a_good_clone_has_nothing_and_scripts_can_rely_on_it() {
    let world = World::with_firm();
    world.add("Bob Stone", &[]);
    assert_eq!(findings(&world, &[]), []);
    assert!(world.carnet(&["doctor"]).ok().out.starts_with("All is well"));
    assert_eq!(world.carnet(&["doctor", "--repair", "-q"]).ok().err, "");
}
