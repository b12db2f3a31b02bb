//! The page on what changed: from a commit, a day or the last review on; by whom, in which commit, in figures.

use crate::common::World;
use crate::html::words;
use crate::{append, report, site};

/// The page, and its rows in words.
fn page(world: &World, more: &[&str]) -> (String, Vec<String>) {
    report(world, more).ok();
    let text = site(world).remove("since.html").unwrap();
    let rows = text.split("<tr>").map(words).collect();
    (words(&text), rows)
}

/// A consent as a person writes it into the contact.
fn event(id: &str, day: &str) -> String {
    format!(
        "[[consent]]\nid = \"{id}\"\npurpose = \"newsletter\"\nchannel = \"post\"\naction = \"granted\"\ntime = {day}\n"
    )
}

#[test]
fn what_changed_is_told_by_register_with_who_and_which_commit() {
    let mut world = World::with_firm();
    let before = world.add("A", &["--email", "a@example.org"]);
    let start = world.head();
    world.now = "2026-11-25T10:00:00Z".into();
    let wording = world.path().join("w.md");
    std::fs::write(&wording, "I agree.\n").unwrap();
    world.add("B", &[]);
    world.carnet(&["edit", &before, "--set", "org=Quibble"]).ok();
    world.carnet(&["edit", &before, "--set", "title=Owner"]).ok();
    world.carnet(&["wording", "add", "letter", wording.to_str().unwrap(), "--lang", "en"]).ok();
    world
        .carnet(&[
            "consent",
            "give",
            &before,
            "--purpose",
            "newsletter",
            "--wording",
            "letter",
            "--channel",
            "email",
            "--method",
            "form",
        ])
        .ok();
    world
        .carnet(&[
            "consent",
            "withdraw",
            &before,
            "--purpose",
            "newsletter",
            "--channel",
            "email",
            "--method",
            "link",
        ])
        .ok();
    world.carnet(&["request", "open", "access", "--contact", &before, "--channel", "email"]).ok();
    world
        .carnet(&[
            "breach",
            "open",
            "--risk",
            "unlikely",
            "--persons",
            "customers",
            "--data",
            "contact",
            "--facts",
            "x",
        ])
        .ok();
    let erased = world.add("C", &[]);
    world.carnet(&["erase", &erased, "--reason", "error", "--yes"]).ok();
    std::fs::create_dir_all(world.firm().join("templates")).unwrap();
    let own = "{% extends \"base.html\" %}{% block content %}<h1>x</h1>{% endblock %}";
    std::fs::write(world.firm().join("templates/home.html"), own).unwrap();
    world.git(&["add", "templates"]).ok();
    let mut by_hand = world.command("git", &world.firm());
    by_hand.env("GIT_COMMITTER_DATE", "@1795600800 +0000").args([
        "commit",
        "-q",
        "--no-gpg-sign",
        "-m",
        "by hand",
    ]);
    crate::common::said(by_hand.output().unwrap()).ok();
    append(&world, &before, &(event("e1", "2026-11-25") + &event("e2", "2026-11-01")));
    let edit = world.git(&["log", "--format=%h", "--abbrev=10", "--grep=wording: add"]).ok().first();
    for since in [start.as_str(), "2026-11-25"] {
        let (text, rows) = page(&world, &["--since", since]);
        let has = |row: &str| assert!(rows.iter().any(|r| r.contains(row)), "{row}: {rows:#?}");
        for sum in [
            "Contacts added or imported 2",
            "Contacts edited 1",
            "Contacts erased 1",
            "Consents given 1",
            "Consents withdrawn 1",
            "Requests received 1",
            "Breaches entered 1",
            "Wordings added or removed 1",
            "Templates changed 1",
            "Commits made outside carnet 1",
            "Contacts whose consents were changed by an edit 1",
            // By hand in the editor, and dated in this time; the other that came by hand is older.
            "Newsletter 0 2 0 1 0",
        ] {
            has(sum);
        }
        let none = text.split("None of these:").nth(1).unwrap().split("Consents dated").next().unwrap();
        assert!(none.contains("Changes of purposes") && !none.contains("Contacts edited"), "{none}");
        has(&format!("ana wording added letter/1 {edit}"));
        has(&format!("ana contact edited {}", &before[..8]));
        assert!(text.contains("Templates of these pages home.html : added"), "{text}");
        assert!(text.contains("Contacts, members and books 5 changes: ana (5)"), "{text}");
        assert!(rows.iter().any(|r| r.contains("ana breach entered 2026-001-")), "{rows:#?}");
    }
    let (text, _) = page(&world, &["--since", &start[..12], "--lang", "fr"]);
    assert!(
        text.contains("Depuis le commit du 23 novembre 2026 à 10 h 00") && text.contains(&start),
        "{text}"
    );
    assert!(
        text.contains("Consentements retirés 1") && text.contains("Modèles de ces pages home.html"),
        "{text}"
    );
    // Nothing since now; everything since the beginning, where there was no review.
    let (text, _) = page(&world, &["--since", "HEAD"]);
    assert!(text.contains("Changes 0") && text.contains("Nothing has changed since."), "{text}");
    let (text, rows) = page(&world, &[]);
    assert!(text.contains("the beginning: no review is recorded"), "{text}");
    assert!(rows.iter().any(|r| r.contains("Contacts added or imported 3")), "{rows:#?}");
}

#[test]
fn without_a_start_it_is_the_last_review() {
    let mut world = World::with_firm();
    world.add("A", &[]);
    world.carnet(&["purpose", "review", "prospects"]).ok();
    world.now = "2026-11-26T10:00:00Z".into();
    world.add("B", &[]);
    let (text, rows) = page(&world, &[]);
    assert!(text.contains("the last review, of 23 November 2026") && text.contains("Changes 1"), "{text}");
    assert!(rows.iter().any(|r| r.contains("Contacts added or imported 1")), "{rows:#?}");
    assert!(site(&world)["index.html"].contains("href=\"since.html\""));
}

#[test]
fn a_start_that_is_none_is_refused_before_anything_is_read() {
    let world = World::with_firm();
    world.add("A", &[]);
    let chains = world.git(&["for-each-ref", "refs/carnet/access"]).ok().out;
    // A commit that the branch does not have.
    let other = world.git(&["commit-tree", "-m", "x", "HEAD^{tree}"]).ok().first();
    for (since, code) in [("nonsense", 3), ("2026-13-40", 3), ("2027-01-01", 2), (other.as_str(), 3)] {
        let told = report(&world, &["--since", since]).code(code);
        assert!(told.err.contains("--since"), "{}", told.err);
        assert!(!world.path().join("site").exists());
    }
    assert_eq!(world.git(&["for-each-ref", "refs/carnet/access"]).ok().out, chains, "nothing was read");
    // Only who reviews gets it.
    for audience in ["authority", "public"] {
        report(&world, &["--for", audience]).ok();
        assert!(!site(&world).contains_key("since.html"), "{audience}");
    }
}
