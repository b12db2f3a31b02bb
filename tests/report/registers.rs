//! The pages of the registers: what a small firm has entered is on them, in both languages, and nothing sealed is.

use std::collections::BTreeMap;

use crate::common::World;
use crate::html::words;
use crate::{append, report, site};

/// A firm with one entry in each register, made by the commands that make them.
fn firm() -> World {
    let world = World::with_firm();
    let run = |args: &[&str]| world.carnet(args).ok();
    std::fs::write(world.path().join("contract.txt"), "the contract").unwrap();
    std::fs::write(world.path().join("text.md"), "I agree to one letter a month.\n").unwrap();
    run(&[
        "processor",
        "add",
        "posters",
        "--name",
        "Posters Ltd",
        "--service",
        "printing",
        "--country",
        "US",
        "--contract",
        "../contract.txt",
        "--signed",
        "2026-01-15",
        "--expires",
        "2026-12-14",
        "--points",
        "abc",
    ]);
    run(&["purpose", "edit", "newsletter", "--set", "processors+=posters"]);
    run(&["purpose", "review", "newsletter"]);
    run(&["training", "add", "ana", "--topic", "GDPR basics", "--next", "2026-12-01"]);
    run(&["agreement", "add", "ana", "--kind", "confidentiality", "--title", "NDA"]);
    run(&["wording", "add", "letter", "../text.md"]);
    let id = world.add("Zyxwina Qorvath", &["--email", "z@rare.example", "--basis", "newsletter:consent"]);
    run(&[
        "consent",
        "grant",
        &id,
        "--purpose",
        "newsletter",
        "--channel",
        "email",
        "--wording",
        "letter",
        "--method",
        "form",
    ]);
    run(&["request", "open", "access", &id, "--received", "2026-11-02", "--requester", "Maître Zylograph"]);
    run(&["breach", "open", "--aware", "2026-11-22T10:00:00Z", "--facts", "A snorkelfest was stolen."]);
    let gone = world.add("Gone", &[]);
    run(&["erase", &gone, "--reason", "request", "--request", "2026-014", "--yes"]);
    world
}

fn pages(world: &World) -> BTreeMap<String, String> {
    report(world, &["--lang", "both"]).ok();
    let site = site(world).into_iter().filter(|(path, _)| path.ends_with(".html"));
    site.map(|(path, text)| (path, words(&text))).collect()
}

#[track_caller]
fn has(pages: &BTreeMap<String, String>, page: &str, texts: &[&str]) {
    let text = pages.get(page).unwrap_or_else(|| panic!("no {page}"));
    for wanted in texts {
        assert!(text.contains(wanted), "{page} lacks {wanted:?}:\n{text}");
    }
}

#[test]
fn each_register_is_on_its_page_with_its_figures() {
    let world = firm();
    let pages = pages(&world);
    has(
        &pages,
        "en/requests.html",
        &["Requests received 1", "access, Art. 15 2 November 2026", "2 December 2026 – running"],
    );
    has(&pages, "fr/requests.html", &["accès, art. 15 2 novembre 2026", "2 décembre 2026 – en cours"]);
    has(
        &pages,
        "en/breaches.html",
        &[
            "22 November 2026, 10:00 25 November 2026, 10:00 48 hours left",
            "The clock of 1 breach is running.",
        ],
    );
    has(&pages, "fr/breaches.html", &["25 novembre 2026 à 10 h 00 48 heures restantes"]);
    has(
        &pages,
        "en/processors.html",
        &[
            "Posters Ltd To correct printing United States",
            "incomplete until 14 December 2026 3 / 8",
            "c) security (Art. 32): yes",
            "d) other processors: no",
        ],
    );
    has(&pages, "fr/processors.html", &["États-Unis", "c) sécurité (art. 32) : oui"]);
    has(
        &pages,
        "en/trainings.html",
        &["ana In order", "GDPR basics", "1 December 2026", "confidentiality: NDA"],
    );
    has(
        &pages,
        "en/wordings.html",
        &["letter/1 1 English 23 November 2026 newest 1 1 0 0", "one letter a month"],
    );
    has(
        &pages,
        "en/consent.html",
        &["Newsletter e-mail letter/1 0 1 0 0 1", "Nobody has withdrawn a consent."],
    );
    has(&pages, "en/bases.html", &["Newsletter declared 1 0 0", "No purpose rests on it."]);
    has(
        &pages,
        "en/purpose-newsletter.html",
        &[
            "consent, Art. 6(1)(a) 1 0",
            "Posters Ltd , United States",
            "letter/1 (English), 1 consent event",
            "purpose reviewed",
            "purpose changed",
        ],
    );
    has(
        &pages,
        "en/erasures.html",
        &["1 erasure", "2026-014", "confirmed by every known clone", "--certificate"],
    );
    has(&pages, "en/retention.html", &["Newsletter", "1 0", "Access trail 12 months"]);
    has(
        &pages,
        "en/audit.html",
        &["Breach whose clock runs", "Contract lacks points of Art. 28(3)", "Transfer without a safeguard"],
    );
    has(&pages, "fr/audit.html", &["Violation dont le délai court art. 33, § 1", "Transfert sans garantie"]);
    has(&pages, "en/books.html", &["ana reads", "ana In order no end date signs changes, adds members"]);
    has(&pages, "en/map.html", &["Posters Ltd", "The same in words"]);
    has(
        &pages,
        "en/check.html",
        &["sha256sum --check SHA256SUMS", "git verify-commit", "carnet report --check ."],
    );
    has(
        &pages,
        "en/index.html",
        &[
            "Compliance today To correct",
            "25 November 2026 in 2 days Notification of a breach Art. 33(1)",
            "The registers were last reviewed on 23 November 2026 .",
            "Processors To correct 1 processor",
        ],
    );
}

#[test]
fn nothing_of_who_asked_or_what_was_sealed_is_on_a_page() {
    let world = firm();
    let shown = world.carnet(&["request", "show", "2026-001"]).ok().out;
    assert!(shown.contains("Zylograph"), "it is there to be found");
    for (page, text) in pages(&world) {
        for secret in ["Zyxwina", "Qorvath", "rare.example", "Zylograph", "snorkelfest", "Ana Martin"] {
            assert!(!text.to_lowercase().contains(&secret.to_lowercase()), "{page} holds {secret}");
        }
    }
}

#[test]
fn an_empty_register_says_kindly_how_its_first_entry_is_made() {
    let world = World::with_firm();
    let pages = pages(&world);
    for (page, command) in [
        ("requests", "carnet request open --help"),
        ("breaches", "carnet breach open --help"),
        ("processors", "carnet processor add --help"),
        ("wordings", "carnet wording add --help"),
        ("erasures", "carnet erase --help"),
        ("trainings", "carnet training add --help"),
        ("consent", "carnet consent ask --help"),
    ] {
        has(&pages, &format!("en/{page}.html"), &[command]);
        has(&pages, &format!("fr/{page}.html"), &[command]);
        let args: Vec<&str> = command.split(' ').skip(1).collect();
        world.carnet(&args).ok();
    }
    has(&pages, "en/index.html", &["No review is recorded yet"]);
    has(&pages, "fr/index.html", &["Aucune révision n’est encore inscrite."]);
}

#[test]
fn what_a_contact_says_is_in_no_finding() {
    let world = World::with_firm();
    let id = world.add("A", &[]);
    append(
        &world,
        &id,
        "[[basis]]\npurpose = \"zyxpurpose\"\nbasis = \"consent\"\n[custom]\nzyxfield = \"x\"\n\
         [[consent]]\nid = \"e\"\npurpose = \"zyxother\"\nchannel = \"email\"\naction = \"granted\"\ntime = 2026-11-01\n\
         expires = 2026-12-01",
    );
    let audit = world.carnet(&["audit"]).out;
    assert!(audit.contains("zyxpurpose"), "the audit names it: {audit}");
    let pages = pages(&world);
    has(&pages, "en/audit.html", &["Contacts held for a purpose that is not declared (1 contact)"]);
    for (page, text) in pages {
        assert!(!text.contains("zyx"), "{page}");
    }
}
