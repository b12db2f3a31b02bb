//! What is on no page, and what is counted: nothing of a contact, and every contact that can be opened.

use crate::common::World;
use crate::html::words;
use crate::{PAGES, append, commit_file, report, site};

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
