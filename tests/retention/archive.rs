//! The intermediate archive: what the law wants kept moves into a restricted book under a new key, the rest goes.

use crate::common::World;
use crate::{apply, collected, due, fresh, of, warned};

fn invoiced(world: &World, name: &str, until: &str) -> String {
    let id = collected(world, name, "2015-01-31", &["customers:contract"], "");
    crate::edit(
        world,
        &id,
        &format!(
            "sed -i 's/^source = /note = \"likes tea\"\\ntags = [\"invoiced\"]\\nsource = /; s/^since = .*/&\\nuntil = {until}/' \"$1\""
        ),
    );
    id
}

#[test]
fn evidence_moves_into_the_restricted_book_and_its_past_closes() {
    let mut world = World::with_firm();
    fresh(&world);
    let id = invoiced(&world, "Ines", "2020-06-30");
    let line = of(&due(&world), &id);
    assert_eq!((&line["action"], &line["until"]), (&"archive".into(), &"2030-06-30".into()));
    assert!(line["blocked"].as_str().unwrap().contains("no book `archive`"), "{line}");
    assert!(world.carnet(&["retention", "warn"]).ok().err.contains("nothing to warn of"));
    world.carnet(&["book", "add", "archive", "--title", "Archive", "--purpose", "customers"]).ok();
    warned(&mut world, &[]);
    let old_key = world
        .git(&[
            "--git-dir",
            ".git/carnet/keys.git",
            "rev-parse",
            &format!("refs/carnet/keys:main/{}/{id}.pgp", &id[..2]),
        ])
        .ok()
        .first();
    let done = apply(&world, &[]);
    assert_eq!((&done["archived"], done["erased"].as_array().unwrap().len()), (&1.into(), 0));

    let shown = world.carnet(&["show", &id, "--json"]).ok().out;
    assert!(
        shown.contains("Ines") && shown.contains("legal-obligation") && shown.contains("2030-06-30"),
        "{shown}"
    );
    assert!(!shown.contains("tea") && shown.contains("\"archive\""), "{shown}");
    assert!(world.carnet(&["list", "--book", "main", "-q"]).ok().out.lines().all(|line| line != id));
    // The key that opened its earlier versions is gone, and so they are closed.
    world.git(&["--git-dir", ".git/carnet/keys.git", "cat-file", "-e", &old_key]).code(1);
    let trail = world.carnet(&["history", &id, "--diff"]).ok();
    assert!(!trail.out.contains("likes tea"), "{}", trail.out);
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
    let message = world.git(&["log", "-1", "--format=%B"]).ok().out;
    assert!(message.contains(&format!("Carnet-Archived: {id}")), "{message}");

    // It rests until its archive is over, and is then erased as everything else is.
    assert!(of(&due(&world), &id).is_null());
    let at = |day: &str| world.carnet(&["retention", "due", "--at", day, "-q"]).ok().out.contains(&id);
    assert!(!at("2030-06-30") && at("2030-07-01"));
}

#[test]
fn without_a_reason_to_archive_it_is_erased() {
    let world = World::with_firm();
    fresh(&world);
    let id = invoiced(&world, "Ines", "2016-06-30");
    assert_eq!(of(&due(&world), &id)["action"], "erase");
}
