//! `dupes` and `merge`: pairs with reasons, one contact of two, and nothing of a no lost.

use std::os::unix::fs::PermissionsExt;

use super::common::{World, said};
use super::names;

#[test]
fn duplicates_are_listed_with_scores_and_reasons() {
    let world = World::with_firm();
    let a = world
        .add("Éloïse Petit", &["--email", "e@example.org", "--phone", "06 12 34 56 78", "--org", "Acme"]);
    let b =
        world.add("PETIT Eloise", &["--email", "E@example.org", "--phone", "+33612345678", "--org", "ACME"]);
    let c = world.add("Eloïse Petyt", &["--org", "acme"]);
    world.add("Acme", &["--organisation", "--email", "e@example.org"]);
    world.add("Bob Stone", &[]);
    let pairs = world.carnet(&["dupes", "--json"]).ok().json();
    let first = &pairs[0];
    assert_eq!(first["score"], 100);
    assert_eq!(first["reasons"], serde_json::json!(["same e-mail", "same phone", "same name", "same firm"]));
    let ids = [first["a"]["id"].as_str().unwrap(), first["b"]["id"].as_str().unwrap()];
    assert!(ids.contains(&a.as_str()) && ids.contains(&b.as_str()));
    assert_eq!(pairs.as_array().unwrap().len(), 3);
    assert!(pairs[1]["reasons"].to_string().contains("similar name") && pairs[1].to_string().contains(&c));
    assert_eq!(world.carnet(&["dupes", "--min", "60", "-q"]).ok().out.lines().count(), 1);
    assert_eq!(world.carnet(&["dupes", "--limit", "1", "-q"]).ok().out.lines().count(), 1);
    assert!(world.carnet(&["dupes", "--where", "name:bob"]).ok().err.contains("No two contacts"));
    world.carnet(&["dupes", "--min", "0"]).code(2);
    let trail = world.git(&["log", "-1", "--format=%B", "refs/carnet/access/2026-11/ana"]).ok().out;
    assert!(trail.contains("Carnet-Action: dupes") && !trail.to_lowercase().contains("petit"), "{trail}");
}

/// Two entries of one person; the second has a withdrawal that the first knows nothing of.
fn pair(world: &World) -> (String, String) {
    let a = world.add("Jeanne Dupont", &["--email", "j@example.org", "--tag", "vip"]);
    let b = world.add("Jeanne Dupond", &["--email", "jeanne@example.com", "--phone", "06 12 34 56 78"]);
    append(
        world,
        &a,
        "[[consent]]\\nid = \"c1\"\\npurpose = \"newsletter\"\\naction = \"granted\"\\ntime = 2026-06-01\\n",
    );
    append(
        world,
        &b,
        "[[consent]]\\nid = \"c2\"\\npurpose = \"newsletter\"\\naction = \"withdrawn\"\\ntime = 2026-05-01\\n[[objection]]\\nid = \"o1\"\\ntime = 2026-05-01\\n",
    );
    (a, b)
}

/// Puts text at the end of a contact's file, as somebody in an editor would.
fn append(world: &World, id: &str, text: &str) {
    in_editor(world, &["edit", id], &format!("printf '{text}' >> \"$1\"")).ok();
}

fn in_editor(world: &World, args: &[&str], script: &str) -> super::common::Said {
    let file = world.path().join("editor");
    std::fs::write(&file, format!("#!/bin/sh\nset -e\n{script}\n")).unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    said(command.env("EDITOR", &file).args(args).output().unwrap())
}

#[test]
fn two_become_one_and_the_losers_id_means_the_winner() {
    let world = World::with_firm();
    let (a, b) = pair(&world);
    assert_eq!(names(&world.carnet(&["list", "consent:newsletter", "--json"]).ok()), ["Jeanne Dupont"]);
    let dry = world.carnet(&["merge", &a, &b, "--auto", "--dry-run"]).ok();
    assert!(dry.err.contains("1 field(s) differ: name"), "{}", dry.err);
    let merged = world.carnet(&["merge", &a, &b, "--auto"]).ok();
    assert_eq!(merged.first(), a);
    assert!(merged.err.contains("[[conflict]]"), "{}", merged.err);
    let shown = world.carnet(&["show", &b, "--json"]).ok().json();
    assert_eq!((&shown["id"], &shown["name"]), (&a.clone().into(), &"Jeanne Dupont".into()));
    assert_eq!(shown["emails"].as_array().unwrap().len(), 2);
    assert_eq!(shown["conflict"][0]["other"], "Jeanne Dupond");
    assert_eq!(world.carnet(&["show", &b[..8], "-q"]).ok().first(), a);
    assert_eq!(world.carnet(&["list", "-q"]).ok().out.lines().count(), 1);
    // The strict rule: the withdrawal counts, although the yes is later; the objection is there.
    assert!(names(&world.carnet(&["list", "consent:newsletter", "--json"]).ok()).is_empty());
    assert_eq!(names(&world.carnet(&["list", "has:objection", "--json"]).ok()).len(), 1);
    let log = world.git(&["log", "-1", "--format=%B"]).ok().out;
    assert!(log.contains("Carnet-Action: merge") && log.contains(&b) && !log.contains("Jeanne"), "{log}");
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
    // What B was in history opens with A's key message, and an erasure of A ends that.
    let said = world.carnet(&["history", &b, "--diff"]).ok().out;
    assert!(!said.is_empty());
    world.carnet(&["erase", &a, "--reason", "error", "--yes"]).ok();
    assert!(world.firm().join(format!("registers/erasures/{b}.toml")).exists());
    world.carnet(&["show", &b]).code(3);
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
}

#[test]
fn a_merge_with_itself_or_an_erased_one_is_refused() {
    let world = World::with_firm();
    let (a, b) = pair(&world);
    let c = world.add("Carl Kern", &[]);
    let head = world.head();
    assert!(world.carnet(&["merge", &a, &a, "--auto"]).code(5).err.contains("one contact already"));
    assert!(
        world.carnet(&["merge", &a, "j@example.org", "--auto"]).code(5).err.contains("one contact already")
    );
    world.carnet(&["merge", &a, "nobody", "--auto"]).code(3);
    world.carnet(&["merge", "jeanne", &b, "--auto"]).code(4);
    assert!(world.carnet(&["merge", &a, &b, "--no-input"]).code(2).err.contains("--auto"));
    assert_eq!(world.head(), head);
    world.carnet(&["merge", &a, &b, "--auto"]).ok();
    assert!(world.carnet(&["merge", &a, &b, "--auto"]).code(5).err.contains("one contact already"));
    world.carnet(&["erase", &c, "--reason", "error", "--yes"]).ok();
    assert!(world.carnet(&["merge", &a, &c, "--auto"]).code(5).err.contains("erased"));
    assert!(world.carnet(&["merge", &c, &a, "--auto"]).code(5).err.contains("erased"));
}

#[test]
fn in_the_editor_each_field_is_chosen() {
    let world = World::with_firm();
    let (a, b) = pair(&world);
    let given_up = in_editor(&world, &["merge", &a, &b], "true").ok();
    assert!(given_up.err.contains("Nothing was merged"), "{}", given_up.err);
    assert_eq!(world.carnet(&["list", "-q"]).ok().out.lines().count(), 2);
    in_editor(
        &world,
        &["merge", &a, &b],
        "sed -i 's/^name = .*/name = \"Jeanne Dupond\"/; /^\\[\\[conflict/,$d' \"$1\"",
    )
    .ok();
    let shown = world.carnet(&["show", &a, "--json"]).ok().json();
    assert_eq!(shown["name"], "Jeanne Dupond");
    assert!(shown["conflict"].is_null());
    world.carnet(&["verify"]).ok();
}

#[test]
fn many_pairs_are_one_commit_that_undo_takes_apart() {
    let world = World::with_firm();
    let add = |name: &str, email: &str| world.add(name, &["--email", email, "--tag", &email[..1]]);
    let (a1, a2, a3) =
        (add("Éloïse Petit", "a@x.org"), add("PETIT Eloise", "a@x.org"), add("E Petit", "a@x.org"));
    let (b1, b2) = (add("Bob Stone", "b@x.org"), add("Robert Stone", "b@x.org"));
    world.carnet(&["link", &b2, &a3, "--kind", "friend"]).ok();
    let deal = world.carnet(&["deal", "add", "Site", "--contact", &a2, "--contact", &b2]).ok().first();
    let all = [&a1, &a2, &a3, &b1, &b2].map(|id| world.carnet(&["show", id, "--file"]).ok().out);
    let commits = || world.git(&["rev-list", "--count", "HEAD"]).ok().first().parse::<usize>().unwrap();
    let before = commits();

    // Three that are one, by two pairs and a third that says the same; and two others, whose link leads to one that goes.
    let pairs = format!("{a1} {a2}\n{a2} {a3} # as `dupes -q` has it\n\n{a1} {a3}\n{b1} {b2}\n");
    assert!(world.carnet_with_input(&["merge", "-"], pairs.as_bytes()).code(2).err.contains("--auto"));
    let dry = world.carnet_with_input(&["merge", "-", "--auto", "--dry-run"], pairs.as_bytes()).ok();
    assert!(dry.err.contains("3 contact(s) part of 2 other(s)"), "{}", dry.err);
    let said = world.carnet_with_input(&["merge", "-", "--auto"], pairs.as_bytes()).ok();
    assert_eq!(said.out, format!("{a1}\n{b1}\n"));
    assert!(said.err.contains("Made 3 contact(s) part of 2 other(s)."), "{}", said.err);
    assert_eq!(commits(), before + 1);
    for (old, new) in [(&a2, "Éloïse Petit"), (&a3, "Éloïse Petit"), (&b2, "Bob Stone")] {
        assert_eq!(world.carnet(&["show", old, "--json"]).ok().json()["name"], new);
    }
    let friends = world.carnet(&["show", &b1, "--json"]).ok().json()["related"].clone();
    assert_eq!((friends.as_array().unwrap().len(), &friends[0]["id"]), (1, &a1.as_str().into()));
    let with = world.carnet(&["deal", "show", &deal, "--json"]).ok().json()["contacts"].clone();
    assert_eq!(with, serde_json::json!([a1, b1]));
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();

    world.carnet(&["undo"]).ok();
    let again = [&a1, &a2, &a3, &b1, &b2].map(|id| world.carnet(&["show", id, "--file"]).ok().out);
    assert_eq!(again, all);
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
    // No key of one is left in another's message: the erasure's own proof looks.
    world.carnet(&["erase", &a2, "--reason", "error", "--yes"]).ok();
    assert_eq!(world.carnet(&["show", &a3, "--file"]).ok().out, all[2]);
    world.carnet(&["verify"]).ok();
}

#[test]
fn pairs_that_are_none_change_nothing() {
    let world = World::with_firm();
    let (a, b) = (world.add("Ann", &[]), world.add("Ben", &[]));
    let head = world.head();
    for (pairs, code, says) in [
        (String::new(), 0, "No pairs were given"),
        (format!("{a}\n"), 2, "line 1"),
        (format!("{a} {b}\n{a} {a}\n"), 5, "line 2"),
        (format!("{a} {b}\n{a} 00000000\n"), 3, "line 2"),
        ("Ann Ben\n".to_owned(), 3, "line 1"),
    ] {
        let said = world.carnet_with_input(&["merge", "-", "--auto"], pairs.as_bytes()).code(code);
        assert!(said.err.contains(says), "{pairs}: {}", said.err);
    }
    assert_eq!(world.head(), head);
}
