//! The static site: what is on it, what never is, and how it takes its place.

#[path = "../common/mod.rs"]
mod common;
mod figures;
mod formats;
mod golden;
mod html;
mod incremental;
mod manifest;
mod nominative;
mod paging;
mod since;
mod templates;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use common::{Said, World};
use html::{parse, words};

const PAGES: [&str; 21] = [
    "access.html",
    "audit.html",
    "bases.html",
    "books.html",
    "breaches.html",
    "changes.html",
    "check.html",
    "consent.html",
    "erasures.html",
    "index.html",
    "map.html",
    "processing.html",
    "processors.html",
    "purpose-customers.html",
    "purpose-newsletter.html",
    "purpose-prospects.html",
    "requests.html",
    "retention.html",
    "since.html",
    "trainings.html",
    "wordings.html",
];

fn report(world: &World, more: &[&str]) -> Said {
    let mut args = vec!["report", "--out", "../site", "--exact"];
    args.extend_from_slice(more);
    world.carnet(&args)
}

/// Every file below `dir`, by its path.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let found =
        walkdir::WalkDir::new(dir).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file());
    found
        .map(|e| {
            let path = e.path().strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
            (path, std::fs::read(e.path()).unwrap())
        })
        .collect()
}

fn site(world: &World) -> BTreeMap<String, String> {
    files(&world.path().join("site")).into_iter().map(|(p, b)| (p, String::from_utf8(b).unwrap())).collect()
}

/// Replaces a committed file of the data repository, as a person with git would.
fn commit_file(world: &World, path: &str, change: impl Fn(&str) -> String) {
    let full = world.firm().join(path);
    let old = std::fs::read_to_string(&full).unwrap_or_default();
    std::fs::write(&full, change(&old)).unwrap();
    world.git(&["add", path]).ok();
    world.git(&["commit", "--no-gpg-sign", "-m", "by hand"]).ok();
}

/// A contact with consents: `$EDITOR` appends the TOML to its form.
fn append(world: &World, id: &str, toml: &str) {
    use std::os::unix::fs::PermissionsExt;
    let script = world.path().join("editor.sh");
    std::fs::write(&script, format!("#!/bin/sh\ncat >> \"$1\" <<'END'\n{toml}\nEND\n")).unwrap();
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    common::said(command.args(["edit", id]).env("EDITOR", &script).output().unwrap()).ok();
}

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

/// A link of `page` must lead to a file of the site, or to something on the page itself.
fn check_link(site: &BTreeMap<String, String>, page: &str, link: &str, ids: &[&String]) {
    if let Some(id) = link.strip_prefix('#') {
        assert!(ids.iter().any(|i| *i == id), "{page}: #{id}");
        return;
    }
    let mut path: Vec<&str> = page.split('/').collect();
    path.pop();
    for part in link.split('/') {
        if part == ".." { assert!(path.pop().is_some(), "{page}: {link}") } else { path.push(part) }
    }
    assert!(site.contains_key(&path.join("/")), "{page}: {link} leads nowhere");
}

#[test]
fn no_value_of_any_contact_is_on_any_page() {
    let world = World::with_firm();
    let rare = [
        "Zyxwina",
        "Qorvath",
        "zyx@rare-host.example",
        "rare-host",
        "698765432",
        "Xylophonist",
        "Vantablack",
        "Quibbleton",
        "mumblecore",
        "Grzegorz",
        "snorkelfest",
        "whiskertown",
        "wordingzz",
        "collectorzz",
        "evidencezz",
        "purposezz",
        "channelzz",
    ];
    let flags = "add|--name|Zyxwina Qorvath|--email|zyx@rare-host.example|--phone|06 98 76 54 32|--org|Quibbleton|--title|\
                 Xylophonist|--note|Vantablack|--tag|mumblecore|--set|grzegorz=Grzegorz|--source|snorkelfest|--basis|\
                 prospects:legitimate-interests";
    let args: Vec<&str> = flags.split('|').collect();
    let id = world.carnet(&args).ok().first();
    append(
        &world,
        &id,
        "whiskertown = \"whiskertown\"\n[[consent]]\nid = \"e1\"\npurpose = \"newsletter\"\nchannel = \"channelzz\"\n\
         action = \"granted\"\ntime = 2026-11-01\nmethod = \"whiskertown\"\nsource = \"whiskertown\"\n\
         collector = \"collectorzz\"\nwording = \"wordingzz\"\nevidence = \"evidencezz\"\n\
         [[consent]]\nid = \"e2\"\npurpose = \"purposezz\"\naction = \"asked\"\ntime = 2026-11-01\n\
         [[activity]]\nid = \"a1\"\ntime = 2026-11-01\nkind = \"call\"\ntext = \"whiskertown\"",
    );
    world.carnet(&["show", &id]).ok();
    world.carnet(&["find", "zyxwina"]).ok();
    let erased = world.add("Grzegorz Whiskertown", &["--email", "whiskertown@rare-host.example"]);
    world.carnet(&["erase", &erased, "--reason", "error", "--yes"]).ok();
    report(&world, &["--lang", "both"]).ok();
    let shown = world.carnet(&["show", &id]).ok().out.to_lowercase();
    assert!(
        shown.contains("vantablack") && shown.contains("wordingzz"),
        "the contact holds what is looked for"
    );
    for (path, text) in site(&world) {
        let text = text.to_lowercase();
        for value in rare {
            assert!(!text.contains(&value.to_lowercase()), "{path} holds {value}");
        }
        assert!(!text.contains("ana@example.org") && !text.contains("ana martin"), "{path} names a member");
    }
}

#[test]
fn figures_and_findings_are_those_of_the_contacts() {
    let mut world = World::with_firm();
    world.add("A", &[]);
    world.add("B", &["--organisation", "--basis", "newsletter:consent"]);
    let id = world.add("C", &["--basis", "newsletter:consent"]);
    append(
        &world,
        &id,
        "[[consent]]\nid = \"e1\"\npurpose = \"newsletter\"\nchannel = \"email\"\naction = \"granted\"\n\
         time = 2026-11-01",
    );
    world.carnet(&["show", &id]).ok();
    world.now = "2026-11-24T10:00:00Z".into();
    let erased = world.add("D", &[]);
    world.carnet(&["erase", &erased, "--reason", "request", "--request", "2026-014", "--yes"]).ok();
    let made = report(&world, &["--json"]).ok();
    assert!(made.out.contains("\"carnet.report/1\""));
    let made = made.json();
    assert_eq!(made["counts"]["contacts"], 3);
    assert_eq!(made["counts"]["erasures"], 1);
    assert_eq!(made["counts"]["consents"], 1);
    assert_eq!(made["commit"], world.head());
    let pages: Vec<&str> = made["pages"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
    assert_eq!(pages, PAGES);
    let site = site(&world);
    assert!(PAGES.iter().all(|p| site[*p].contains(&world.head())));
    let rows = |page: &str| -> Vec<String> { site[page].split("<tr>").map(words).collect() };
    let has = |page: &str, row: &str| {
        assert!(rows(page).iter().any(|r| r.contains(row)), "{row}: {:#?}", rows(page))
    };
    has("books.html", "main 3 2 1 ana Customers");
    has("consent.html", "Newsletter consent, Art. 6(1)(a) 2 0 1");
    has("consent.html", "Newsletter e-mail 0 1 0 0 0 1");
    has("erasures.html", "main request of the person 2026-014 contact file");
    has("access.html", &format!("ana contact shown 1 {} Customers", &id[..8]));
    has("changes.html", &format!("ana contact edited 1 {} main consents", &id[..8]));
    let home = words(&site["index.html"]);
    assert!(home.contains("1 contact is held on consent without one in force."), "{home}");
    assert!(
        home.contains("Erasures In order 1 erasure Nothing to report. Last entry: 24 November 2026"),
        "{home}"
    );
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
fn only_a_place_for_a_site_is_written_to() {
    let world = World::with_firm();
    world.add("A", &[]);
    let foreign = world.path().join("site");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("thesis.txt"), "mine").unwrap();
    let before = files(world.path());
    let chains = world.git(&["for-each-ref", "refs/carnet/access"]).ok().out;
    assert!(report(&world, &[]).code(5).err.contains("something else"));
    for inside in ["site", ".", ".git/site", "contacts/../site", "../firm/site", "../nowhere/../firm/site"] {
        let code = world.carnet(&["report", "--out", inside]).code;
        assert!([2, 5].contains(&code), "{inside}: {code}");
    }
    std::os::unix::fs::symlink(world.firm(), world.path().join("link")).unwrap();
    world.carnet(&["report", "--out", "../link/site"]).code(5);
    std::fs::remove_file(world.path().join("link")).unwrap();
    world.carnet(&["report", "--out", "../dry", "--dry-run"]).ok();
    assert!(files(world.path()) == before, "something was written");
    assert_eq!(world.git(&["for-each-ref", "refs/carnet/access"]).ok().out, chains, "nothing was read");
    // A site with somebody's file in it is not carnet's to replace; an empty directory is.
    std::fs::remove_file(foreign.join("thesis.txt")).unwrap();
    report(&world, &[]).ok();
    std::fs::write(foreign.join("thesis.txt"), "mine").unwrap();
    assert!(report(&world, &[]).code(5).err.contains("thesis.txt"));
    assert_eq!(std::fs::read_to_string(foreign.join("thesis.txt")).unwrap(), "mine");
}

#[test]
fn a_build_that_fails_leaves_the_old_site_and_nothing_beside_it() {
    let world = World::with_firm();
    let id = world.add("A", &[]);
    report(&world, &[]).ok();
    let old = files(&world.path().join("site"));
    commit_file(&world, &world.contact_file(&id), |_| "not a message".into());
    let said = report(&world, &[]).code(1);
    assert!(said.err.contains(&id[..8]), "{}", said.err);
    assert!(said.out.is_empty());
    assert!(files(&world.path().join("site")) == old);
    let beside: Vec<_> = std::fs::read_dir(world.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!beside.iter().any(|n| n.to_string_lossy().contains("carnet-")), "{beside:?}");
}

#[test]
fn the_read_is_on_the_trail_and_the_same_moment_gives_the_same_bytes() {
    let mut world = World::with_firm();
    world.add("A", &[]);
    world.add("B", &[]);
    world.now = "2026-11-23T10:00:01Z".into();
    let said = report(&world, &[]).ok();
    assert_eq!(said.first(), world.path().canonicalize().unwrap().join("site/index.html").to_str().unwrap());
    let first = files(&world.path().join("site"));
    report(&world, &[]).ok();
    let unsigned = |mut files: BTreeMap<String, Vec<u8>>| {
        // A signature has its own random part.
        assert!(files.remove("SHA256SUMS.asc").is_some());
        files
    };
    let second = files(&world.path().join("site"));
    assert!(unsigned(second) == unsigned(first), "two builds of one commit at one moment differ");
    let log = world.git(&["log", "--format=%(trailers:only)", "refs/carnet/access/2026-11/ana"]).ok().out;
    assert_eq!(
        log.matches(
            "Carnet-Action: report-exact\nCarnet-Book: main\nCarnet-Purpose: customers\nCarnet-Count: 2"
        )
        .count(),
        2
    );
    world.now = "2026-11-23T10:05:00Z".into();
    report(&world, &[]).ok();
    let access = site(&world).remove("access.html").unwrap();
    assert!(words(&access).contains("ana report with exact figures 2"), "earlier reports are on the trail");
}

#[test]
fn a_book_that_the_member_cannot_open_is_named_and_neither_read_nor_counted() {
    let world = World::with_firm();
    world.add("A", &[]);
    std::fs::create_dir_all(world.firm().join("contacts/hr/3f")).unwrap();
    commit_file(&world, "contacts/hr/3f/3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77.toml.pgp", |_| "sealed".into());
    commit_file(&world, "books/hr.toml", |_| {
        "title = \"HR\"\npurpose = \"customers\"\nmembers = [\"bob\"]\n".into()
    });
    let said = report(&world, &[]).ok();
    assert!(said.err.contains("1 book(s) that you cannot open are left out"), "{}", said.err);
    let site = site(&world);
    assert!(words(&site["books.html"]).contains("HR hr not readable"));
    assert!(words(&site["index.html"]).contains("1 book could not be read for this report."));
}
