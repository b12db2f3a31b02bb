//! Nothing that names or describes a person gets onto the site or into a register's file, for whatever audience.

use super::search::Searcher;
use super::{Said, Scene};

/// Names, an address, free texts of requests, breaches, objections and consents, and a proof.
const WORDS: [&str; 10] = [
    "Escogriffe",
    "Philibert",
    "Farfadet",
    "Hurluberlu",
    "Galimatias",
    "Tintamarre",
    "Rocambole",
    "Calembredaine",
    "Billevesee",
    "Saperlipopette",
];
const NUMBERS: [&str; 1] = ["+33655512777"];

const REGISTERS: [&str; 15] = [
    "processing",
    "processors",
    "consents",
    "bases",
    "requests",
    "breaches",
    "erasures",
    "retention",
    "trainings",
    "agreements",
    "access",
    "changes",
    "audit",
    "members",
    "wordings",
];

#[test]
fn no_audience_no_language_and_no_format_tells_who() {
    let scene = Scene::empty();
    let outside = scene.world.path().join("outside");
    let searcher = Searcher::new(&WORDS, &NUMBERS);
    let run = |args: &[&str]| -> Said { scene.run(args) };
    let proof = outside.join("proof.txt");
    std::fs::write(&proof, "Rocambole").unwrap();
    let text = outside.join("wording.md");
    std::fs::write(&text, "I agree to the newsletter.\n").unwrap();
    let who = "philibert@farfadet.example";
    run(&[
        "add",
        "--name",
        "Philibert Escogriffe",
        "--email",
        who,
        "--phone",
        "06 55 51 27 77",
        "--note",
        "Saperlipopette",
        "--source",
        "Calembredaine",
        "--basis",
        "newsletter:consent",
    ])
    .ok();
    run(&["wording", "add", "letter", text.to_str().unwrap(), "--lang", "en"]).ok();
    run(&[
        "consent",
        "give",
        who,
        "--purpose",
        "newsletter",
        "--wording",
        "letter",
        "--channel",
        "email",
        "--method",
        "Calembredaine",
        "--source",
        "Billevesee",
        "--evidence",
        proof.to_str().unwrap(),
    ])
    .ok();
    run(&["object", who, "--purpose", "newsletter", "--method", "Billevesee"]).ok();
    run(&[
        "request",
        "open",
        "access",
        "--unknown",
        "--channel",
        "form",
        "--identifier",
        "hurlu@farfadet.example",
        "--requester",
        "Hurluberlu",
        "--note",
        "Galimatias",
    ])
    .ok();
    run(&[
        "breach",
        "open",
        "--risk",
        "high",
        "--persons",
        "customers",
        "--data",
        "contact",
        "--facts",
        "Tintamarre chez Escogriffe",
    ])
    .ok();
    run(&["edit", who, "--set", "custom.saperlipopette=Galimatias"]).ok();
    run(&["find", "escogriffe"]).ok();
    // The search is able to find them: the firm holds each.
    let held = [
        run(&["show", who, "--json"]).ok().out,
        run(&["request", "show", "2026-001", "--json"]).ok().out,
        run(&["breach", "show", "2026-001", "--json"]).ok().out,
        String::from_utf8_lossy(&std::fs::read(&proof).unwrap()).into_owned(),
    ]
    .concat();
    let seen = searcher.words_in(held.as_bytes());
    for word in WORDS {
        assert!(seen.contains(&word), "{word} was never in the firm: {seen:?}");
    }

    let site = scene.world.path().join("site");
    for audience in ["dpo", "authority", "public"] {
        for more in [&[][..], &["--exact"]] {
            run(&[&["report", "--out", "../site", "--lang", "both", "--for", audience], more].concat()).ok();
            let mut found = Vec::new();
            assert!(searcher.files(&site, &mut found) > 20, "{audience}");
            assert!(found.is_empty(), "{audience}: {found:#?}");
        }
        for register in REGISTERS {
            for format in ["csv", "json", "md"] {
                let said = run(&["report", register, "--format", format, "--for", audience, "--exact"]);
                let text = format!("{}{}", said.out, said.err);
                assert!([0, 5].contains(&said.code), "{register}: {text}");
                assert!(searcher.words_in(text.as_bytes()).is_empty(), "{register} as {format}: {text}");
            }
        }
    }
    // A word that is planted in the site is found there.
    std::fs::write(site.join("fr/data/plant.csv"), "x;Escogriffe").unwrap();
    let mut found = Vec::new();
    searcher.files(&site, &mut found);
    assert_eq!(found.len(), 1, "{found:?}");
}
