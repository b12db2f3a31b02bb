//! The figures of the pages: what a small firm entered with carnet's own commands is on them, in both languages, and the
//! registers as CSV and JSON beside them say the same.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::common::World;
use crate::html::{parse, words};
use crate::{report, site};

type Site = BTreeMap<String, String>;

/// A firm with something in each register: three contacts, two of them asked for a consent, one erased; two requests, two
/// breaches, two processors, a training and an agreement. It is 15 January 2027, 10:00 UTC.
fn firm() -> World {
    let mut world = World::with_firm();
    std::fs::write(world.path().join("contract.txt"), "the contract").unwrap();
    std::fs::write(world.path().join("letter.md"), "I agree to one letter a month.\n").unwrap();
    let ids: Vec<String> = ["A", "B", "C"].map(|name| contact(&world, name)).into();
    let gone = contact(&world, "Gone");
    let run = |world: &World, line: &str| {
        let args: Vec<String> = line.split('|').map(|arg| arg.trim().to_owned()).collect();
        world.carnet(&args.iter().map(String::as_str).collect::<Vec<_>>()).ok().first()
    };
    run(
        &world,
        "processor|add|posters|--name|Posters Ltd|--service|printing|--country|US|--contract|../contract.txt|\
         --signed|2026-01-15|--expires|2027-02-14|--points|abc",
    );
    run(
        &world,
        "processor|add|hostco|--name|HostCo GmbH|--service|hosting|--country|DE|--contract|../contract.txt|\
         --signed|2026-03-01|--expires|2028-02-28|--points|abcdefgh",
    );
    run(&world, "purpose|edit|newsletter|--set|processors+=posters");
    run(&world, "training|add|ana|--topic|GDPR basics|--next|2027-09-01");
    run(&world, "agreement|add|ana|--title|Secrets|--review|2028-10-01");
    run(&world, "wording|add|letter|../letter.md|--lang|en");
    let of_letter = "--purpose|newsletter|--channel|email|--method|form";
    for id in &ids[..2] {
        run(&world, &format!("consent|ask|{id}|--wording|letter|{of_letter}"));
    }
    world.now = "2026-12-04T09:00:00Z".into();
    run(&world, &format!("consent|give|{}|--wording|letter|{of_letter}", ids[0]));
    run(&world, &format!("consent|give|{}|--wording|letter|{of_letter}", ids[1]));
    let answered = run(&world, &format!("request|open|access|--contact|{}|--channel|email", ids[2]));
    world.now = "2026-12-11T09:00:00Z".into();
    run(&world, &format!("request|answer|{answered}|--out|../pack|--yes"));
    run(&world, &format!("request|close|{answered}"));
    run(
        &world,
        "breach|open|--aware|2026-12-10T08:00Z|--kind|availability|--risk|unlikely|--notify|no|--not-informed|\
         no-high-risk|--facts|Lost for an hour.|--measures|Restored.|--consequences|None.|--why-not-notified|Unlikely.",
    );
    world.now = "2027-01-04T09:00:00Z".into();
    run(&world, &format!("consent|withdraw|{}|--purpose|newsletter|--channel|email|--method|call", ids[1]));
    run(&world, &format!("request|open|rectification|--contact|{}|--channel|post", ids[0]));
    run(&world, &format!("erase|{gone}|--reason|request|--request|2026-014|--yes"));
    world.now = "2027-01-14T10:30:00Z".into();
    run(&world, "breach|open|--aware|2027-01-14T10:00Z|--kind|confidentiality|--facts|A letter went astray.");
    world.now = "2027-01-15T10:00:00Z".into();
    world
}

fn contact(world: &World, name: &str) -> String {
    world.add(name, &["--basis", "newsletter:consent"])
}

/// The rows of the table with this caption, each as the texts of its cells.
#[track_caller]
fn table(site: &Site, page: &str, caption: &str) -> Vec<Vec<String>> {
    let html = &site[page];
    parse(page, html);
    let captioned = format!("<caption id=\"{caption}\">");
    let (_, after) = html.split_once(&captioned).unwrap_or_else(|| panic!("{page}: no table {caption}"));
    let (table, _) = after.split_once("</table>").unwrap();
    let (_, body) = table.split_once("<tbody>").unwrap();
    let row = |row: &str| {
        let cells = row.replace("<th", "<td");
        cells.split("<td").skip(1).map(|cell| words(&format!("<td{cell}"))).collect()
    };
    body.split("<tr").skip(1).map(row).collect()
}

/// The terms and descriptions of a page's first list of facts.
fn facts(site: &Site, page: &str) -> BTreeMap<String, String> {
    let (_, after) = site[page].split_once("<dl class=\"facts\">").unwrap();
    let (list, _) = after.split_once("</dl>").unwrap();
    let pairs = list.split("<dt>").skip(1).filter_map(|pair| pair.split_once("</dt>"));
    pairs.map(|(term, of)| (words(term), words(of))).collect()
}

/// A register as JSON and, by language, as CSV with its heads taken off.
fn register(site: &Site, name: &str) -> (Vec<Value>, [Vec<Vec<String>>; 2]) {
    let json: Value = serde_json::from_str(&site[&format!("en/data/{name}.json")]).unwrap();
    let csv = |lang: &str, separator: u8| {
        let text = site[&format!("{lang}/data/{name}.csv")].strip_prefix('\u{feff}').unwrap();
        let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(text.as_bytes());
        reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
    };
    let columns = json["data"]["columns"].as_array().unwrap();
    let rows = json["data"]["rows"].as_array().unwrap();
    let cells =
        |row: &Value| Value::Array(columns.iter().map(|c| row[c.as_str().unwrap()].clone()).collect());
    (rows.iter().map(cells).collect(), [csv("en", b','), csv("fr", b';')])
}

fn made() -> (World, Site) {
    let world = firm();
    report(&world, &["--lang", "both"]).ok();
    let site = site(&world);
    (world, site)
}

/// A row with its reference, id or key of this firm written as `#`, so that rows can be told whole.
fn plain(rows: Vec<Vec<String>>) -> Vec<String> {
    let random = |word: &str| {
        let hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
        let reference = word.len() == 13 && word.get(8..9) == Some("-") && word.get(9..).is_some_and(hex);
        reference || [8, 10, 16].contains(&word.len()) && hex(word)
    };
    let cell = |cell: &String| {
        let words = cell.split(' ').map(|word| if random(word) { "#" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" | ")).collect()
}

#[track_caller]
fn has(site: &Site, page: &str, caption: &str, rows: &[&str]) {
    assert_eq!(plain(table(site, page, caption)), rows, "{page}: {caption}");
}

#[test]
fn rights_and_breaches_are_told_with_their_terms_in_both_languages() {
    let (_world, site) = made();
    has(
        &site,
        "en/requests.html",
        "rows",
        &[
            "# | rectification, Art. 16 | 4 January 2027 by post | – | 4 February 2027 | – | running open | 4 January 2027 , #",
            "# | access, Art. 15 | 4 December 2026 by e-mail | – | 4 January 2027 | 11 December 2026 granted | in time closed | 11 \
             December 2026 , #",
        ],
    );
    has(
        &site,
        "fr/requests.html",
        "rows",
        &[
            "# | rectification, art. 16 | 4 janvier 2027 par courrier | – | 4 février 2027 | – | en cours ouverte | 4 janvier 2027 , #",
            "# | accès, art. 15 | 4 décembre 2026 par courriel | – | 4 janvier 2027 | 11 décembre 2026 acceptée | dans le délai \
             close | 11 décembre 2026 , #",
        ],
    );
    has(
        &site,
        "en/requests.html",
        "deadlines-table",
        &[
            "# | 4 January 2027 | 4 February 2027 | – | running",
            "# | 4 December 2026 | 4 January 2027 | 11 December 2026 | in time",
        ],
    );
    let told = |page: &str, terms: &[(&str, &str)]| {
        let facts = facts(&site, page);
        for (term, of) in terms {
            assert_eq!(facts.get(*term).map(String::as_str), Some(*of), "{page}: {facts:?}");
        }
    };
    told(
        "en/requests.html",
        &[
            ("Requests received", "2"),
            ("Waiting for an answer", "1"),
            ("Answered", "1"),
            ("Of these, in time", "1"),
            ("Median time to the answer", "7 days"),
        ],
    );
    told("fr/requests.html", &[("Demandes reçues", "2"), ("Délai médian de réponse", "7 jours")]);
    has(
        &site,
        "en/breaches.html",
        "rows",
        &[
            "# | To check the clock runs | 14 January 2027, 10:00 | 17 January 2027, 10:00 48 hours left | – | –",
            "# | To check not to be notified, not closed | 10 December 2026, 08:00 | 13 December 2026, 08:00 | – | the breach is \
         not likely to result in a high risk (Art. 34(1))",
        ],
    );
    has(
        &site,
        "fr/breaches.html",
        "clocks-table",
        &[
            "# | 14 janvier 2027 à 10 h 00 | 17 janvier 2027 à 10 h 00 | – | en cours",
            "# | 10 décembre 2026 à 8 h 00 | – | – | sans délai",
        ],
    );
    has(
        &site,
        "en/erasures.html",
        "rows",
        &[
            "4 January 2027, 09:00 | # | main | request of the person | 2026-014 | contact file, its key and every earlier version \
         | 1 | Erased | #",
        ],
    );
    has(&site, "fr/erasures.html", "by-trigger", &["demande de la personne | 1 |  | 4 janvier 2027"]);
    has(
        &site,
        "en/erasures.html",
        "clones",
        &[
            "# | In order confirmed by every known clone | ana # , 4 January 2027 | – | – | carnet erase --certificate #",
        ],
    );
}

#[test]
fn the_firms_registers_are_told_in_both_languages() {
    let (_world, site) = made();
    has(
        &site,
        "en/processors.html",
        "rows",
        &[
            "HostCo GmbH | In order | hosting | Germany (European Economic Area) | in force until 28 February 2028 | 8 / 8 | –",
            "Posters Ltd | To correct | printing | the United States (adequacy decision for some recipients) | incomplete until 14 \
         February 2027 | 3 / 8 | –",
        ],
    );
    has(
        &site,
        "fr/processors.html",
        "rows",
        &[
            "HostCo GmbH | En ordre | hosting | Allemagne (Espace économique européen) | en vigueur jusqu’au 28 février 2028 | 8 / \
         8 | –",
            "Posters Ltd | À corriger | printing | États-Unis (décision d’adéquation pour certains destinataires) | incomplet \
         jusqu’au 14 février 2027 | 3 / 8 | –",
        ],
    );
    has(
        &site,
        "en/trainings.html",
        "rows",
        &[
            "ana | In order | 23 November 2026 GDPR basics Last change: 23 November 2026 , # | 1 September 2027 | 23 November \
             2026 confidentiality: Secrets , to be renewed on 1 October 2028 Last change: 23 November 2026 , #",
        ],
    );
    has(
        &site,
        "fr/trainings.html",
        "rows",
        &[
            "ana | En ordre | 23 novembre 2026 GDPR basics Dernière modification : 23 novembre 2026 , # | 1er septembre 2027 | 23 \
             novembre 2026 confidentialité : Secrets , à renouveler le 1er octobre 2028 Dernière modification : 23 novembre \
             2026 , #",
        ],
    );
    has(
        &site,
        "en/index.html",
        "due",
        &[
            "17 January 2027 in 2 days | Notification of a breach | Art. 33(1) | breach # | carnet breach notify #",
            "4 February 2027 in 20 days | Answer to a request | Art. 12(3) | request # | carnet request show #",
            "14 February 2027 in 30 days | End of a contract | Art. 28(3) | processor posters | carnet processor edit posters",
        ],
    );
    let rules = table(&site, "en/retention.html", "rows");
    let of = |purpose: &str| -> Vec<String> {
        let mine = rules.iter().filter(|row| row[0] == purpose);
        mine.map(|row| [&row[1..2], &row[5..]].concat().join(" ")).collect()
    };
    assert_eq!(of("Newsletter"), ["subscribers 3 0 0", "evidence of a consent that has ended 3 2 0"]);
    assert_eq!(of("Prospects"), ["prospects 3 0 0"]);
}

#[test]
fn consents_and_bases_are_counted_as_they_were_said() {
    let (_world, site) = made();
    has(&site, "en/consent.html", "now", &["Newsletter | e-mail | 0 | 1 | 0 | 1 | 0 | 2"]);
    has(&site, "fr/consent.html", "events", &["Newsletter | courriel | 2 | 2 | 0 | 1 | 0 | 5"]);
    has(
        &site,
        "en/consent.html",
        "rates-table",
        &["Newsletter | December 2026 | 2 | 0 | 0", "Newsletter | January 2027 | 0 | 0 | 1"],
    );
    has(
        &site,
        "en/consent.html",
        "worded",
        &[
            "Newsletter | e-mail | letter/1 | 2 | 2 | 0 | 0 | 4",
            "Newsletter | e-mail | none named | 0 | 0 | 0 | 1 | 1",
        ],
    );
    has(&site, "fr/consent.html", "withdrawals", &["janvier 2027 | Newsletter | 1 | 0"]);
    has(
        &site,
        "en/consent.html",
        "bases",
        &[
            "Newsletter | consent, Art. 6(1)(a) | 3 | 0 | 2",
            "Prospects | legitimate interests, Art. 6(1)(f) | 3 | 0 | –",
        ],
    );
    has(
        &site,
        "fr/bases.html",
        "table-consent",
        &["Newsletter | déclarée | 3 | 0 | 2", "Prospects | déclarée | 0 | 0 | 0"],
    );
    has(
        &site,
        "en/wordings.html",
        "rows",
        &["letter/1 | 1 | English | 23 November 2026 newest | 4 | 2 | 0 | 0"],
    );
    has(
        &site,
        "en/books.html",
        "books",
        &["Contacts main | 3 | 3 | 0 | ana | Customers", "Total | 3 | 3 | 0 |  | "],
    );
}

#[test]
fn the_trails_count_each_action_once_and_in_its_words() {
    let (_world, site) = made();
    has(
        &site,
        "fr/access.html",
        "rows",
        &[
            "4 janvier 2027 à 9 h 00 | ana | confirmation, par un clone, de la destruction des clés effacées | 1 | # | non précisé | #",
            "11 décembre 2026 à 9 h 00 | ana | export | 1 | # | Customers | #",
        ],
    );
    let rows = table(&site, "en/changes.html", "rows");
    let by_action = table(&site, "en/changes.html", "by-action");
    let sum: usize = by_action.iter().map(|row| row[1].parse::<usize>().unwrap()).sum();
    assert_eq!((rows.len(), sum), (23, 23));
    for (action, entries) in
        [("contact added", "4"), ("consent asked for", "2"), ("consent withdrawn", "1"), ("erasure", "1")]
    {
        assert!(
            by_action.iter().any(|row| (row[0].as_str(), row[1].as_str()) == (action, entries)),
            "{by_action:?}"
        );
    }
    // The fields of a register's entry are no fields of a contact: an agreement has a title, and nobody's job.
    assert!(
        !rows.iter().any(|row| row[2] == "agreement recorded" && row[6].contains("job title")),
        "{rows:?}"
    );
}

/// What each register's page has in a table, and the columns of the register that are there, too: the place of each, and
/// where it stands in the table.
const BOTH: [(&str, &str, &str, &[(usize, usize)]); 10] = [
    ("requests", "requests", "rows", &[(0, 0)]),
    ("breaches", "breaches", "rows", &[(0, 0)]),
    ("processors", "processors", "rows", &[(1, 0), (2, 2)]),
    ("retention", "retention", "rows", &[(1, 0), (2, 1)]),
    ("bases", "consent", "bases", &[(1, 0), (3, 2), (4, 3)]),
    ("erasures", "erasures", "rows", &[(1, 1), (2, 2), (4, 4), (6, 6), (9, 8)]),
    ("members", "books", "certificates", &[(0, 0), (1, 4)]),
    ("wordings", "wordings", "rows", &[(3, 1)]),
    ("access", "access", "rows", &[(1, 1), (3, 3), (4, 4)]),
    ("changes", "changes", "rows", &[(1, 1), (3, 3), (4, 4)]),
];

#[test]
fn csv_and_json_agree_with_the_pages_and_with_each_other() {
    let (_world, site) = made();
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    for (name, page, caption, places) in BOTH {
        let (json, [en, fr]) = register(&site, name);
        let mut shown = table(&site, &format!("en/{page}.html"), caption);
        assert_eq!((en.len(), fr.len(), shown.len()), (json.len(), json.len(), json.len()), "{name}");
        assert!(!json.is_empty(), "{name}: nothing is compared");
        // Two pages have the newest entry first, and their files the oldest.
        if ["requests", "breaches"].contains(&name) {
            shown.reverse();
        }
        for (n, row) in json.iter().enumerate() {
            for (at, value) in row.as_array().unwrap().iter().enumerate() {
                if value.is_number() || value.is_null() {
                    assert_eq!(
                        (&en[n][at], &fr[n][at]),
                        (&text(value), &text(value)),
                        "{name}, row {n}, column {at}"
                    );
                }
            }
            for (column, place) in places {
                let (cell, known) = (text(&row[*column]), &shown[n][*place]);
                let cell = if cell.is_empty() { "–".to_owned() } else { cell };
                assert_eq!(
                    (&cell, en[n][*column].as_str()),
                    (known, text(&row[*column]).as_str()),
                    "{name}, row {n}"
                );
            }
        }
    }
    // Consents have two tables on their page: what holds now, and every event.
    let (json, _) = register(&site, "consents");
    for (state, caption) in [("now", "now"), ("events", "events")] {
        let of = |row: &Value| -> Vec<String> { (4..10).map(|at| text(&row[at])).collect() };
        let counted: Vec<_> = json.iter().filter(|row| row[3] == state).map(of).collect();
        let shown = table(&site, "fr/consent.html", caption).into_iter().map(|row| row[2..].to_vec());
        assert_eq!(counted, shown.collect::<Vec<_>>(), "{state}");
    }
    // Every moment and every commit of the trails, of which the page says the beginning.
    for name in ["access", "changes"] {
        let (json, _) = register(&site, name);
        let page = &site[&format!("en/{name}.html")];
        let (_, rows) = page.split_once("<caption id=\"rows\">").unwrap();
        for (row, html) in json.iter().zip(rows.split("><td><time datetime=\"").skip(1)) {
            let (time, commit) =
                (row[0].as_str().unwrap(), row.as_array().unwrap().last().unwrap().as_str().unwrap());
            assert!(
                html.starts_with(time) && html.contains(&format!("<code>{}</code>", &commit[..10])),
                "{row}: {html}"
            );
        }
    }
}
