//! Texts that are not changed once somebody was shown them.

use crate::{firm, give, wording};

#[test]
fn a_text_keeps_its_number_and_a_new_text_gets_a_new_one() {
    let (world, _) = firm();
    let before = world.head();
    let first = wording(&world, "newsletter", "May we send you our newsletter by e-mail?\n");
    assert_eq!(world.head(), before, "the same text again changes nothing");
    let second = wording(&world, "newsletter", "May we send you our newsletter?\n");
    assert_ne!(first, second);
    let show = |what: &str| world.carnet(&["wording", "show", what]).ok().out;
    assert_eq!(show("newsletter"), "May we send you our newsletter?\n");
    assert_eq!(show("newsletter/1"), "May we send you our newsletter by e-mail?\n");
    assert_eq!(show(&first[..8]), show("newsletter/1"));
    world.carnet(&["wording", "show", "newsletter/9"]).code(3);
    let listed = world.carnet(&["wording", "list", "--json"]).ok().json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!((&listed[0]["lang"], &listed[0]["version"]), (&"en".into(), &"1".into()));
    world.carnet(&["verify"]).ok();
    for bad in [&b"\xff\xfe\xfd"[..], b" \n", b""] {
        world.carnet_with_input(&["wording", "add", "x", "-"], bad).code(2);
    }
}

#[test]
fn a_text_that_was_shown_is_neither_removed_nor_altered_unseen() {
    let (world, id) = firm();
    wording(&world, "unused", "Nobody has seen this.\n");
    give(&world, &id, &[]).ok();
    let said = world.carnet(&["wording", "remove", "newsletter/1"]).code(5);
    assert!(said.err.contains("stays as long as they do"), "{}", said.err);
    world.carnet(&["wording", "remove", "unused/1"]).ok();
    world.carnet(&["verify"]).ok();

    let kinds = |world: &crate::World| -> Vec<String> {
        let report = world.carnet(&["verify", "--json"]).json();
        let all = report["problems"].as_array().unwrap().clone();
        let kinds = all.iter().map(|p| p["kind"].as_str().unwrap().to_owned());
        kinds.filter(|kind| kind.ends_with("wording")).collect()
    };
    let text = world.firm().join("registers/wordings/newsletter/1.md");
    std::fs::write(&text, "May we sell your address?\n").unwrap();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qam", "by hand"]).ok();
    assert_eq!(kinds(&world), ["altered-wording", "missing-wording"]);
    // Nobody can be asked or give by it any more, and what is shown of the old consent says so.
    give(&world, &id, &[]).code(5);
    assert!(world.carnet(&["wording", "list"]).ok().out.contains("ALTERED"));
    // Both files made to fit each other: the contact's event still names the old text.
    let record = world.firm().join("registers/wordings/newsletter/1.toml");
    let old = std::fs::read_to_string(&record).unwrap();
    let hash = old.split("sha256 = \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let sum = world.command("sha256sum", world.path()).arg(&text).output().unwrap().stdout;
    let new = String::from_utf8_lossy(&sum).split(' ').next().unwrap().to_owned();
    std::fs::write(&record, old.replace(&hash, &new)).unwrap();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qam", "by hand"]).ok();
    assert_eq!(kinds(&world), ["missing-wording"]);
}
