//! Every page: well-formed, accessible, in each language whole, and inert whatever the registers hold.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::World;
use crate::html::{parse, words};
use crate::{PAGES, commit_file, report, site};

#[test]
fn every_page_is_well_formed_accessible_and_links_only_to_the_site() {
    let world = World::with_firm();
    world.add("Éloïse Petit", &[]);
    world.carnet(&["list"]).ok();
    report(&world, &["--lang", "both"]).ok();
    let site = site(&world);
    let pages: Vec<_> = site.iter().filter(|(path, _)| path.ends_with(".html")).collect();
    assert_eq!(pages.len(), 2 * PAGES.len() + 1);
    for (path, text) in pages {
        let tags = parse(path, text);
        let named = |name: &str| tags.iter().filter(|t| t.name == name).collect::<Vec<_>>();
        let ids: Vec<&String> = tags.iter().filter_map(|t| t.attributes.get("id")).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{path}: an id twice");
        for tag in &tags {
            assert!(!tag.attributes.keys().any(|k| k == "style" || k.starts_with("on")), "{path}");
            assert!(tag.name != "script" || tag.attributes["src"].ends_with("site.js"), "{path}");
            assert!(!["iframe", "form", "img", "object"].contains(&tag.name.as_str()), "{path}");
            if let Some(label) = tag.attributes.get("aria-labelledby") {
                let found = label.split(' ').all(|id| ids.iter().any(|i| *i == id));
                assert!(found, "{path}: nothing is called {label}");
            }
            for key in ["href", "src"] {
                if let Some(link) = tag.attributes.get(key).filter(|l| !l.starts_with("data:")) {
                    check_link(&site, path, link, &ids);
                }
            }
        }
        // Pictures have titles of their own.
        let titles = text.split("</head>").next().unwrap_or_default().matches("<title>").count();
        assert_eq!((named("h1").len(), named("main").len(), titles), (1, 1, 1), "{path}");
        assert_eq!(named("table").len(), named("caption").len(), "{path}: a table without caption");
        assert!(named("th").iter().all(|th| th.attributes.contains_key("scope")), "{path}: th without scope");
        let policy =
            &named("meta").into_iter().find(|m| m.attributes.contains_key("http-equiv")).unwrap().attributes;
        assert!(
            policy["content"].starts_with(
                "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
            )
        );
        let lang = path.split_once('/').map_or("en", |(lang, _)| lang);
        assert_eq!(named("html")[0].attributes["lang"], lang);
    }
}

/// A link of `page` must lead to a file of the site and to something there, or to something on the page itself.
fn check_link(site: &BTreeMap<String, String>, page: &str, link: &str, ids: &[&String]) {
    if let Some(id) = link.strip_prefix('#') {
        assert!(ids.iter().any(|i| *i == id), "{page}: #{id}");
        return;
    }
    let mut path: Vec<&str> = page.split('/').collect();
    path.pop();
    let (file, id) = link.split_once('#').unwrap_or((link, ""));
    for part in file.split('/') {
        if part == ".." { assert!(path.pop().is_some(), "{page}: {link}") } else { path.push(part) }
    }
    let there =
        site.get(&path.join("/")).is_some_and(|to| id.is_empty() || to.contains(&format!("id=\"{id}\"")));
    assert!(there, "{page}: {link} leads nowhere");
}

#[test]
fn each_language_is_whole_and_the_default_is_the_firms() {
    let world = World::with_firm();
    world.add("A", &[]);
    commit_file(&world, "carnet.toml", |t| t.replace("lang = \"en\"", "lang = \"fr\""));
    report(&world, &[]).ok();
    let default = site(&world);
    assert!(default["index.html"].contains("<html lang=\"fr\">"));
    report(&world, &["--lang", "both"]).ok();
    let both = site(&world);
    for page in PAGES {
        let (en, fr) = (words(&both[&format!("en/{page}")]), words(&both[&format!("fr/{page}")]));
        assert!(fr.contains("23 novembre 2026 à 10 h 00"), "{page}: {fr}");
        assert!(en.contains("23 November 2026, 10:00"), "{page}: {en}");
        assert!(
            fr.contains("Registres de protection des données") && !fr.contains("Data protection"),
            "{page}"
        );
        assert!(en.contains("Data protection registers") && !en.contains("Registres"), "{page}");
        let code = |c: char| c == '{' || c == '}';
        assert!(!en.contains(code) && !fr.contains(code), "{page} shows a placeholder");
    }
    // The registers' own texts are marked as French on the English pages.
    assert!(both["en/processing.html"].contains("<bdi lang=\"fr\">"));
}

#[test]
fn hostile_texts_of_the_registers_come_out_inert() {
    let world = World::with_firm();
    let evil = r#"<script>alert(1)</script>"'{{ 99991*7 }}{% raw %}&lt;\u202e<img src=x onerror=y>"#;
    let toml = format!("\"{}\"", evil.replace('"', "\\\""));
    commit_file(&world, "carnet.toml", |t| {
        t.replace("\"Atelier Martin\"", &toml).replace("dpo = \"\"", &format!("dpo = {toml}"))
    });
    commit_file(&world, "books/main.toml", |t| {
        let title = t.lines().find(|l| l.starts_with("title")).unwrap();
        t.replace(title, &format!("title = {toml}"))
    });
    commit_file(&world, "registers/purposes/prospects.toml", |_| {
        format!(
            "title = {toml}\npurpose = {toml}\nbases = [\"consent\"]\npersons = [{toml}]\nretention = {toml}\n\
             \"<b>key\" = {toml}\n[table]\n\"<i>\" = [{toml}, 1]\n"
        )
    });
    world
        .git(&[
            "commit",
            "--allow-empty",
            "--no-gpg-sign",
            "-m",
            "x\n\nCarnet-Action: <b>y</b>\nCarnet-Fields: <u>z</u>\nCarnet-Book: <s>",
        ])
        .ok();
    world.add("A", &[]);
    report(&world, &[]).ok();
    let site = site(&world);
    for page in PAGES {
        let text = &site[page];
        parse(page, text);
        assert_eq!(text.matches("<script").count(), 1, "{page}: the site's own script only");
        for bad in ["<script>", "<img", "<b>", "<i>", "<u>", "\u{202e}", "699937"] {
            assert!(!text.contains(bad), "{page}: {bad}");
        }
        assert!(
            text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;{{ 99991*7 }}{% raw %}&amp;lt;"),
            "{page}"
        );
    }
    assert!(site["changes.html"].contains("another action"));
}

#[test]
fn each_language_has_the_records_words_in_it_and_says_where_it_has_only_the_others() {
    let world = World::with_firm();
    // A record without French words stays English.
    commit_file(&world, "registers/purposes/prospects.toml", |old| {
        let (own, _) = old.split_once("[fr]").unwrap();
        own.to_owned()
    });
    report(&world, &["--lang", "both"]).ok();
    let site = site(&world);
    let has = |page: &str, text: &str| assert!(site[page].contains(text), "{page}: {text}: {}", site[page]);
    for (page, title) in
        [("en", "<bdi lang=\"en\">Customers</bdi>"), ("fr", "<bdi lang=\"fr\">Clients</bdi>")]
    {
        for file in ["processing", "bases", "retention", "books", "purpose-customers"] {
            has(&format!("{page}/{file}.html"), title);
        }
    }
    has("fr/purpose-customers.html", "pièces comptables");
    has("fr/purpose-customers.html", "Code de commerce");
    has("en/purpose-customers.html", "accounting evidence");
    for lang in ["en", "fr"] {
        has(&format!("{lang}/processing.html"), "<bdi lang=\"en\">Prospects</bdi>");
        has(&format!("{lang}/purpose-prospects.html"), "<bdi lang=\"en\">Finding customers</bdi>");
    }
    assert!(!site["fr/purpose-customers.html"].contains("orders and deliveries"));
    // The public gets the words, and nothing that is kept from it comes back with them.
    report(&world, &["--lang", "both", "--for", "public"]).ok();
    let site = crate::site(&world);
    for lang in ["en", "fr"] {
        let page = &site[&format!("{lang}/purpose-customers.html")];
        assert!(!page.contains("OpenPGP"), "{page}");
    }
    assert!(site["fr/purpose-customers.html"].contains("<bdi lang=\"fr\">Clients</bdi>"));
}
