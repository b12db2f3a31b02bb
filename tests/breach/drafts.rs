//! What `notify` writes.

use crate::common::World;
use crate::{ALL, open};

#[test]
fn the_form_and_the_letter_are_drafted_in_french_and_english() {
    let world = World::with_firm();
    let reference = open(&world, &[]);
    world.carnet(&["breach", "notify", &reference, "--dry-run", "--out", "../empty"]).ok();
    assert!(!world.path().join("empty").exists());
    world.carnet(&["breach", "notify", &reference, "--out", "../empty"]).ok();
    let read = |dir: &str, name: &str| {
        std::fs::read_to_string(world.path().join(dir).join(format!("breach-{reference}-{name}.txt")))
            .unwrap()
    };
    // What is not known is not made up.
    let form = read("empty", "form.fr");
    assert!(
        form.contains("Circonstances\u{a0}: [à compléter]") && !form.contains("24\u{a0}novembre"),
        "{form}"
    );
    assert!(form.contains("26\u{a0}novembre\u{a0}2026 à\u{a0}8\u{a0}h\u{a0}00\u{a0}(UTC)"), "{form}");

    world.carnet(&[&["breach", "edit", &reference], &ALL[..]].concat()).ok();
    world
        .carnet(&["breach", "edit", &reference, "--informed", "2026-11-23", "--advice", "Beware of calls."])
        .ok();
    let said = world.carnet(&["breach", "notify", &reference, "--out", "../full"]).ok();
    assert_eq!(said.out.lines().count(), 4);
    let form = read("full", "form.fr");
    for words in [
        "Type de notification\u{a0}: initiale",
        "Organisme\u{a0}: Atelier Martin",
        "équipement perdu ou volé",
        "Jeanne Dupont lost her laptop.",
        "Nombre approximatif de personnes\u{a0}: 40",
        "chiffrées, clé non compromise",
        "aucun risque probable",
        "ont été informées le 23\u{a0}novembre\u{a0}2026",
    ] {
        assert!(form.contains(words), "{words} in {form}");
    }
    let letter = read("full", "letter.fr");
    assert!(
        letter.contains("Unwanted calls.")
            && letter.contains("Beware of calls.")
            && letter.contains("cnil.fr"),
        "{letter}"
    );
    // The facts may name others: the letter to everybody does not have them.
    assert!(!letter.contains("Jeanne"), "{letter}");
    let english = read("full", "form.en");
    assert!(english.contains("lost or stolen device") && !english.contains("à compléter"), "{english}");
    for name in ["form.fr", "letter.fr", "form.en", "letter.en"] {
        let text = read("full", name);
        assert!(!text.contains("{{") && !text.contains("&#") && !text.contains("\n\n\n"), "{name}: {text}");
        assert!(!name.ends_with("fr") || !text.lines().any(|l| l.contains(" :")), "{name}: {text}");
    }
    use std::os::unix::fs::PermissionsExt;
    let file = world.path().join("full").join(format!("breach-{reference}-form.fr.txt"));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0);
    world.carnet(&["breach", "notify", &reference, "--out", "../full"]).code(1);

    // The second filing completes the first.
    world
        .carnet(&["breach", "notify", &reference, "--filed", "FR-2026-118", "--at", "2026-11-23T09:45"])
        .ok();
    world.carnet(&["breach", "notify", &reference, "--out", "../more"]).ok();
    let form = read("more", "form.fr");
    assert!(form.contains("complémentaire") && form.contains("FR-2026-118"), "{form}");
}
