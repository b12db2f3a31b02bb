//! The registers as CSV and JSON beside their pages.

use serde_json::Value;

use super::{made, register, table};

/// Columns of a register, and where a table has the same.
type Places = &'static [(usize, usize)];

/// What each register's page has in a table, and the columns of the register that are there, too: the place of each, and
/// where it stands in the table.
const BOTH: [(&str, &str, &str, Places); 10] = [
    ("requests", "requests", "rows", &[(0, 0)]),
    ("breaches", "breaches", "rows", &[(0, 0)]),
    ("processors", "processors", "rows", &[(1, 0), (2, 2)]),
    ("retention", "retention", "rows", &[(1, 0), (2, 1), (8, 5), (9, 6), (11, 7)]),
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

#[test]
fn json_has_codes_where_paper_has_words_and_entries_have_the_commit_that_their_page_links_to() {
    let (_world, site) = made();
    let (json, [en, fr]) = register(&site, "processors");
    assert_eq!([&json[0][4], &json[1][4]], ["DE", "US"]);
    assert_eq!([en[0][4].as_str(), fr[0][4].as_str()], ["Germany", "Allemagne"]);
    let pages = [
        ("processors", "processors", 2),
        ("requests", "requests", 2),
        ("breaches", "breaches", 2),
        ("erasures", "erasures", 1),
        ("trainings", "trainings", 1),
        ("agreements", "trainings", 1),
        ("members", "books", 1),
        ("wordings", "wordings", 1),
        // As they were made with the repository, but for one.
        ("processing", "purpose-newsletter", 1),
    ];
    for (name, page, entries) in pages {
        let (json, _) = register(&site, name);
        let commits: Vec<&str> = json.iter().filter_map(|row| row.as_array()?.last()?.as_str()).collect();
        assert_eq!(commits.len(), entries, "{name}: {json:?}");
        for commit in commits {
            for lang in ["en", "fr"] {
                let link = format!("href=\"changes.html#c{commit}\"");
                assert!(site[&format!("{lang}/{page}.html")].contains(&link), "{name}: {commit}");
            }
            assert!(site["en/changes.html"].contains(&format!("id=\"c{commit}\"")), "{name}: {commit}");
        }
    }
}
