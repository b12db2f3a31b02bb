//! Sealed records beside a register's entry: removed, swapped, and put in another one's place.

use crate::common::World;
use crate::tools::{ana, commit, problems, read, set, with_keys, write};

/// A firm with two requests, a breach and a deal, each with a sealed record.
fn firm() -> World {
    let world = World::with_firm();
    with_keys(&world);
    let id = world.add("Bob Stone", &["--email", "bob@example.org"]);
    for note in ["one", "two"] {
        let open = ["request", "open", "access", "--contact", &id, "--channel", "email", "--note", note];
        world.carnet(&open).ok();
    }
    let kinds = ["--origin", "lost-or-stolen-device", "--kind", "confidentiality"];
    let breach = ["breach", "open", "--aware", "2026-11-23T08:30", "--facts", "A laptop"];
    world.carnet(&[&breach[..], &kinds].concat()).ok();
    world.carnet(&["deal", "add", "Website", "--contact", &id]).ok();
    world.carnet(&["verify"]).ok();
    world
}

/// Entries of a register with the id of the record that each names.
fn entries(world: &World, register: &str) -> Vec<(String, String)> {
    let dir = world.firm().join("registers").join(register);
    let mut names: Vec<String> =
        std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let id = |path: &str| {
        let entry: toml::Table = String::from_utf8(read(world, path)).unwrap().parse().unwrap();
        let beside = entry.get("companion").or(entry.get("texts")).unwrap();
        beside["id"].as_str().unwrap().to_owned()
    };
    names
        .iter()
        .map(|name| format!("registers/{register}/{name}"))
        .map(|path| (path.clone(), id(&path)))
        .collect()
}

fn file(id: &str) -> String {
    format!("records/main/{}/{id}.toml.pgp", &id[..2])
}

#[test]
fn a_record_that_somebody_removed_is_missed_also_when_its_key_is_gone() {
    let world = firm();
    let (request, breach) = (entries(&world, "requests").remove(0), entries(&world, "breaches").remove(0));
    for (_, id) in [&request, &breach] {
        world.git(&["rm", "-q", &file(id)]).ok();
    }
    commit(&world, Some(&ana(&world)));
    world.carnet(&["doctor", "--repair"]).ok();
    let missing = "missing-sealed-record";
    assert_eq!(problems(&world), set(&[(missing, &request.0), (missing, &breach.0)]));
}

#[test]
fn an_entry_that_was_made_to_name_another_record_is_told() {
    let world = firm();
    let requests = entries(&world, "requests");
    let deal = world.carnet(&["deal", "list", "-q"]).ok().first();
    for (path, old, new) in
        [(&requests[0].0, &requests[0].1, &requests[1].1), (&requests[1].0, &requests[1].1, &deal)]
    {
        let text = String::from_utf8(read(&world, path)).unwrap();
        write(&world, path, text.replace(old, new).as_bytes());
    }
    commit(&world, Some(&ana(&world)));
    let swapped = "swapped-record";
    assert_eq!(problems(&world), set(&[(swapped, &file(&requests[1].1)), (swapped, &file(&deal))]));
}

#[test]
fn a_companion_that_was_destroyed_by_rule_is_not_missed() {
    let mut world = firm();
    let reference =
        world.carnet(&["request", "list", "--json"]).ok().json()[0]["ref"].as_str().unwrap().to_owned();
    world.carnet(&["request", "close", &reference, "--withdrawn"]);
    world.now = "2032-01-01T10:00:00Z".into();
    world.carnet(&["retention", "apply", "--yes"]);
    let said = world.carnet(&["verify", "--json"]);
    assert!(!said.out.contains("missing-sealed-record"), "{}", said.out);
}
