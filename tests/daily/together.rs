//! Daily work of several people at once: what each did meets at the next sync.

use super::common::World;
use super::common::team::office;

fn sync(worlds: [&World; 2]) {
    for world in worlds.iter().chain(&worlds) {
        world.carnet(&["sync"]).ok();
    }
    for world in worlds {
        world.carnet(&["verify"]).ok();
        world.carnet(&["doctor"]).ok();
    }
}

#[test]
fn entries_and_actions_of_both_stay() {
    let (ana, bob) = office();
    let id = ana.add("Jeanne Dupont", &[]);
    ana.carnet(&["todo", "add", &id, "call back"]).ok();
    sync([&ana, &bob]);
    ana.carnet(&["log", "call", &id, "by ana"]).ok();
    ana.carnet(&["todo", "done", &id]).ok();
    bob.carnet(&["log", "meeting", &id, "by bob"]).ok();
    bob.carnet(&["todo", "add", &id, "write"]).ok();
    sync([&ana, &bob]);
    for world in [&ana, &bob] {
        let shown = world.carnet(&["show", &id, "--json"]).ok().json();
        assert_eq!(shown["activity"].as_array().unwrap().len(), 2);
        assert!(shown["conflict"].is_null(), "{shown}");
        let open = world.carnet(&["todo", "list", "--json"]).ok().json();
        assert_eq!((open.as_array().unwrap().len(), &open[0]["text"]), (1, &"write".into()));
    }
}

#[test]
fn a_contact_that_was_merged_here_and_changed_there_is_not_lost_whoever_syncs_first() {
    for ana_first in [true, false] {
        let (ana, bob) = office();
        let (a, b) = (ana.add("Jeanne Dupont", &[]), ana.add("Jeanne Dupond", &[]));
        sync([&ana, &bob]);
        ana.carnet(&["merge", &a, &b, "--auto"]).ok();
        bob.carnet(&["edit", &b, "--set", "title=Boss"]).ok();
        sync(if ana_first { [&ana, &bob] } else { [&bob, &ana] });
        for world in [&ana, &bob] {
            // What Bob wrote is there, and can be merged again.
            assert!(world.carnet(&["show", &b]).ok().out.contains("Boss"));
        }
        // An erasure of the one is none of the other that lives.
        match ana_first {
            true => drop(ana.carnet(&["merge", &a, &b, "--auto"]).ok()),
            false => drop(ana.carnet(&["erase", &a, "--reason", "error", "--yes"]).ok()),
        }
        sync([&ana, &bob]);
        assert!(bob.carnet(&["show", &b]).ok().out.contains("Boss"));
        assert_eq!(bob.carnet(&["list", "-q"]).ok().out.lines().count(), 1);
    }
}

#[test]
fn links_of_both_stay_the_same_one_once_and_an_erasure_beats_them() {
    let (ana, bob) = office();
    let [jeanne, max, acme] = [("Jeanne Dupont", &[][..]), ("Max Kern", &[]), ("Acme", &["--organisation"])]
        .map(|(name, more)| ana.add(name, more));
    sync([&ana, &bob]);
    // Both make the same link, and each one of their own; then each says something else of the first.
    ana.carnet(&["link", &jeanne, &acme, "--role", "buyer"]).ok();
    bob.carnet(&["link", &jeanne, &acme, "--since", "2024-03"]).ok();
    bob.carnet(&["link", &jeanne, &max, "--kind", "colleague"]).ok();
    sync([&ana, &bob]);
    for world in [&ana, &bob] {
        let shown = world.carnet(&["show", &jeanne, "--json"]).ok().json();
        let links = shown["link"].as_array().unwrap();
        assert_eq!(links.len(), 2, "{shown}");
        let at_acme = links.iter().find(|link| link["to"] == acme.as_str()).unwrap();
        assert_eq!((&at_acme["role"], &at_acme["since"]), (&"buyer".into(), &"2024-03".into()));
        assert!(shown["conflict"].is_null(), "{shown}");
    }
    // What Bob links with an erased one before he hears of it goes with the sync.
    ana.carnet(&["erase", &acme, "--reason", "request", "--yes"]).ok();
    bob.carnet(&["link", &max, &acme, "--role", "of Acme"]).ok();
    bob.carnet(&["link", &jeanne, &acme, "--until", "2026-10-01"]).ok();
    sync([&ana, &bob]);
    for world in [&ana, &bob] {
        for (who, left) in [(&max, 0), (&jeanne, 1)] {
            let text = world.carnet(&["show", who]).ok().out;
            assert!(!text.contains(&acme) && !text.contains("of Acme"), "{text}");
            assert_eq!(text.matches("[[link]]").count(), left, "{text}");
        }
        assert_eq!(world.carnet(&["link", &max, &acme]).code(3).out, "");
    }
}
