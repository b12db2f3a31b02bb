//! A day with carnet: add, find, show, edit, erase, and what git and gpg say of it.

mod common;
use common::World;

#[test]
fn what_is_added_can_be_found_shown_and_edited() {
    let world = World::with_firm();
    let id = world.add("Éloïse Petit", &["--email", "eloise@example.org", "--phone", "06 12 34 56 78"]);
    world.add("Bob Stone", &["--tag", "vip"]);
    assert_eq!(world.carnet(&["find", "eloise", "PETIT", "-q"]).ok().out, format!("{id}\n"));
    for selector in [&id[..8], "Eloise@Example.org", "+33 6 12 34 56 78", "petit eloise"] {
        let shown = world.carnet(&["show", selector, "--json"]).ok().json();
        assert_eq!(shown["phones"][0]["value"], "+33612345678", "{selector}");
    }
    world.carnet(&["edit", "eloise", "--set", "title=Manager", "--add-tag", "vip"]).ok();
    let listed = world.carnet(&["list", "--tag", "VIP", "--json"]).ok().json();
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Bob Stone", "Éloïse Petit"]);
    assert_eq!(world.git(&["status", "--porcelain"]).ok().out, "");
    world.git(&["fsck", "--strict"]).ok();
}

#[test]
fn an_erased_contact_is_gone_for_good_and_the_rest_stays() {
    let world = World::with_firm();
    let kept = world.add("Bob Stone", &[]);
    let gone = world.add("Éloïse Petit", &["--email", "eloise@example.org"]);
    world.carnet(&["edit", &gone, "--set", "title=Manager"]).ok();
    let erased =
        world.carnet(&["erase", &gone, "--reason", "request", "--request", "2026-001", "--yes", "--json"]);
    let erased = erased.ok().json();
    assert_eq!(erased[0]["proof"]["versions"], 2);
    assert_eq!(erased[0]["proof"]["keys_tried"], 2);
    world.carnet(&["show", &gone]).code(3);
    world.carnet(&["find", "eloise", "-q"]).ok();
    assert_eq!(world.carnet(&["list", "-q"]).ok().out, format!("{kept}\n"));
    assert!(world.git(&["log", "-p", "--", &world.contact_file(&gone)]).ok().out.contains("erased"));
    world.carnet(&["show", &kept]).ok();
}
