//! Registers as CSV, JSON and Markdown, for each audience, with small counts protected.

use super::common::World;
use super::{append, site};

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

/// The rows of a CSV text, its mark off.
fn rows(text: &str, separator: u8) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').expect("the mark of UTF-8");
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Three contacts on consent, two of them granted by e-mail.
fn firm() -> World {
    let world = World::with_firm();
    for (name, granted) in [("A", true), ("B", true), ("C", false)] {
        let id = world.add(name, &["--basis", "newsletter:consent"]);
        if granted {
            append(
                &world,
                &id,
                "[[consent]]\nid = \"e1\"\npurpose = \"newsletter\"\nchannel = \"email\"\n\
                 action = \"granted\"\ntime = 2026-11-01",
            );
        }
    }
    world
}

#[test]
fn every_register_comes_in_three_formats_and_both_languages() {
    let world = firm();
    for register in REGISTERS {
        let said = world.carnet(&["report", register, "--json"]).ok().json();
        assert_eq!((&said["register"], &said["audience"]), (&register.into(), &"dpo".into()));
        assert_eq!(said["commit"], world.head());
        let columns = said["columns"].as_array().unwrap().len();
        for (lang, separator) in [("fr", b';'), ("en", b',')] {
            let csv = world.carnet(&["report", register, "--format", "csv", "--lang", lang]).ok().out;
            let rows = rows(&csv, separator);
            assert_eq!(rows[0].len(), columns, "{register}");
            let md = world.carnet(&["report", register, "--lang", lang]).ok().out;
            let heads = md.lines().find(|l| l.starts_with("| ")).unwrap();
            assert_eq!(heads.replace("\\|", "").matches('|').count(), columns + 1, "{register}: {heads}");
            let key = said["columns"][0].as_str().unwrap();
            assert!(rows[0][0] != key || ["title"].contains(&key), "{register}: {key} has no word");
        }
    }
}

#[test]
fn the_record_of_processing_has_the_columns_of_the_cnils_model() {
    let world = firm();
    let csv = world.carnet(&["report", "processing", "--format", "csv", "--lang", "fr"]).ok().out;
    let rows = rows(&csv, b';');
    for head in [
        "Nom du traitement",
        "N°\u{a0}/ réf.",
        "Date de création",
        "Mise à jour",
        "Finalité principale",
        "Sous-finalité 1",
        "Sous-finalité 5",
        "Mesures de sécurité techniques",
        "Délai d’effacement",
        "Données sensibles",
        "Catégories de personnes concernées",
        "Transferts hors UE",
    ] {
        let plain = |text: &str| text.replace('\u{a0}', " ");
        assert!(rows[0].iter().any(|h| plain(h) == plain(head)), "{head}: {:?}", rows[0]);
    }
    assert!(rows.iter().any(|row| row[1] == "newsletter"), "{rows:?}");
}

#[test]
fn small_counts_are_ranges_everywhere_and_exact_ones_are_in_the_trail() {
    let world = firm();
    let consents = world.carnet(&["report", "consents", "--json"]).ok().json();
    let events = consents["rows"].as_array().unwrap().iter().find(|r| r["state"] == "events").unwrap();
    assert_eq!(events["granted"], serde_json::json!({"min": 1, "max": 4}));
    assert_eq!(events["total"], serde_json::json!({"min": 1, "max": 4}), "a total gives nothing away");
    assert_eq!(events["refused"], 0);
    world.carnet(&["report", "--out", "../site"]).ok();
    let pages = site(&world);
    assert!(pages["consent.html"].contains("1–4") && pages["data/consents.csv"].contains("1–4"));
    assert!(pages["data/bases.csv"].contains("1–4") && pages["bases.html"].contains("1–4"));
    assert!(!world.carnet(&["history", "--access"]).ok().out.contains("report-exact"));

    let exact = world.carnet(&["report", "consents", "--exact", "--json"]).ok().json();
    let events = exact["rows"].as_array().unwrap().iter().find(|r| r["state"] == "events").unwrap();
    assert_eq!((&events["granted"], &events["total"]), (&2.into(), &2.into()));
    assert!(world.carnet(&["history", "--access"]).ok().out.contains("report-exact"));
}

#[test]
fn each_audience_gets_its_pages_and_files_and_no_link_leads_nowhere() {
    let world = firm();
    world.carnet(&["report", "--out", "../site"]).ok();
    let dpo = site(&world);
    for register in REGISTERS {
        for ending in ["csv", "json"] {
            assert!(dpo.contains_key(&format!("data/{register}.{ending}")), "{register}.{ending}");
        }
    }
    assert!(dpo["processing.html"].contains("href=\"data/processing.csv\""));
    for (audience, has, lacks) in [
        (
            "authority",
            &["requests.html", "breaches.html", "data/consents.json"][..],
            &["audit.html", "access.html", "data/trainings.csv"][..],
        ),
        (
            "public",
            &["processing.html", "data/processing.csv"],
            &["consent.html", "books.html", "map.html", "data/members.csv", "data/access.csv"],
        ),
    ] {
        world.carnet(&["report", "--out", "../site", "--for", audience]).ok();
        let made = site(&world);
        assert!(has.iter().all(|f| made.contains_key(*f)), "{audience}: {:?}", made.keys());
        assert!(!lacks.iter().any(|f| made.contains_key(*f)), "{audience}: {:?}", made.keys());
        for (path, text) in made.iter().filter(|(path, _)| path.ends_with(".html")) {
            for link in text.split("href=\"").skip(1).filter_map(|rest| rest.split(['"', '#']).next()) {
                let outside = link.is_empty() || link.starts_with("data:");
                assert!(outside || made.contains_key(link), "{audience}: {path}: {link} leads nowhere");
            }
            if audience == "public" {
                assert!(text.contains("Made for the public"), "{path}");
                // The handle of the only member, as a word of its own.
                assert!(
                    !text.contains(">ana<") && !text.contains("ana@example.org"),
                    "{path} names a member"
                );
            }
        }
    }
    let refused = world.carnet(&["report", "access", "--for", "public"]).code(5);
    assert!(refused.err.contains("--for dpo"), "{}", refused.err);
}
