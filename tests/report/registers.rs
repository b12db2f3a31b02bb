//! The pages of the registers: what a small firm has entered is on them, in both languages, and nothing sealed is.

use std::collections::BTreeMap;

use crate::common::World;
use crate::html::{parse, words};
use crate::{append, commit_file, report, site};

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
        "give",
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
    run(&[
        "request",
        "open",
        "access",
        "--contact",
        &id,
        "--channel",
        "email",
        "--received",
        "2026-11-02",
        "--requester",
        "Maître Zylograph",
    ]);
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

/// Texts that a page lacks are named all at once.
#[track_caller]
fn check(pages: &BTreeMap<String, String>, wanted: &[(&str, &[&str])]) {
    let mut lacking = Vec::new();
    for (page, texts) in wanted {
        let text = pages.get(*page).unwrap_or_else(|| panic!("no {page}"));
        let missing = texts.iter().filter(|wanted| !text.contains(**wanted));
        lacking.extend(missing.map(|wanted| format!("{page} lacks {wanted:?}:\n{text}\n")));
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

#[track_caller]
fn has(pages: &BTreeMap<String, String>, page: &str, texts: &[&str]) {
    check(pages, &[(page, texts)]);
}

#[test]
fn each_register_is_on_its_page_with_its_figures() {
    let world = firm();
    let pages = pages(&world);
    check(
        &pages,
        &[
            (
                "en/requests.html",
                &["Requests received 1", "access, Art. 15 2 November 2026", "2 December 2026 – running"],
            ),
            ("fr/requests.html", &["accès, art. 15 2 novembre 2026", "2 décembre 2026 – en cours"]),
            (
                "en/breaches.html",
                &[
                    "22 November 2026, 10:00 25 November 2026, 10:00 48 hours left",
                    "The clock of 1 breach is running.",
                ],
            ),
            ("fr/breaches.html", &["25 novembre 2026 à 10 h 00 48 heures restantes"]),
            (
                "en/processors.html",
                &[
                    "Posters Ltd To correct printing the United States",
                    "incomplete until 14 December 2026 3 / 8",
                    "c) security (Art. 32): yes",
                    "d) other processors: no",
                ],
            ),
            ("fr/processors.html", &["États-Unis", "c) sécurité (art. 32) : oui"]),
            (
                "en/trainings.html",
                &["ana In order", "GDPR basics", "1 December 2026", "confidentiality: NDA"],
            ),
            (
                "en/wordings.html",
                &["letter/1 1 English 23 November 2026 newest 1 1 0 0", "one letter a month"],
            ),
            ("en/consent.html", &["Newsletter e-mail letter/1 0 1 0 0 1", "Nobody has withdrawn a consent."]),
            ("en/bases.html", &["Newsletter declared 1 0 0", "No purpose rests on it."]),
            (
                "en/purpose-newsletter.html",
                &[
                    "consent, Art. 6(1)(a) 1 0",
                    "Posters Ltd , the United States",
                    "letter/1 (English), 1 consent event",
                    "purpose reviewed",
                    "purpose changed",
                ],
            ),
            ("en/erasures.html", &["2026-014", "confirmed by every known clone", "--certificate"]),
            ("en/retention.html", &["Newsletter", "1 0", "Access trail 12 months"]),
            (
                "en/audit.html",
                &[
                    "Breach whose clock runs",
                    "Contract lacks points of Art. 28(3)",
                    "Transfer without a safeguard",
                ],
            ),
            ("fr/audit.html", &["Violation dont le délai court art. 33, § 1", "Transfert sans garantie"]),
            ("en/books.html", &["ana reads", "ana In order no end date signs changes, adds members"]),
            ("en/map.html", &["Posters Ltd", "The same in words"]),
            (
                "en/check.html",
                &["sha256sum --check SHA256SUMS", "git verify-commit", "carnet report --check ."],
            ),
            (
                "en/index.html",
                &[
                    "Compliance today To correct",
                    "25 November 2026 in 2 days Notification of a breach Art. 33(1)",
                    "The registers were last reviewed on 23 November 2026 .",
                    "Processors To correct 1 processor",
                ],
            ),
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
fn hostile_texts_of_every_register_come_out_inert() {
    let world = firm();
    let evil = r#"<script>alert(1)</script>"'{{ 99991*7 }}{% raw %}<img src=x onerror=y>"#;
    let quoted = format!("\"{}\"", evil.replace('"', "\\\""));
    let git = world.git(&["ls-files", "registers"]).ok().out;
    let file =
        |of: &str| git.lines().find(|path| path.starts_with(of)).unwrap_or_else(|| panic!("{of}")).to_owned();
    let replace = |path: &str, texts: &[&str]| {
        commit_file(&world, path, |text| {
            let known = texts.iter().filter(|t| text.contains(**t)).count();
            assert_eq!(known, texts.len(), "{path}: {text}");
            texts.iter().fold(text.to_owned(), |text, old| text.replace(old, &quoted))
        });
    };
    replace("registers/processors/posters.toml", &["\"Posters Ltd\"", "\"printing\""]);
    commit_file(&world, "registers/processors/posters.toml", |text| {
        let more = format!("data = [{quoted}]\ndeletion = {quoted}\nbreach_contact = {quoted}\n");
        let sub = format!("[[sub_processor]]\nname = {quoted}\nservice = {quoted}\n");
        format!("{more}{text}{sub}")
    });
    replace(&file("registers/trainings/"), &["\"GDPR basics\""]);
    replace(&file("registers/agreements/"), &["\"NDA\"", "\"confidentiality\""]);
    replace("registers/wordings/letter/1.toml", &["\"1\""]);
    commit_file(&world, "registers/wordings/letter/1.md", |_| format!("{evil}\n\n{evil}"));
    commit_file(&world, &file("registers/breaches/"), |text| {
        format!("{text}\n[[filing]]\nref = {quoted}\nat = \"2026-11-23T09:00:00Z\"\n")
    });
    commit_file(&world, &file("registers/purposes/newsletter"), |text| {
        text.replacen("title = ", &format!("joint_controller = {quoted}\nautomated = {quoted}\ntitle = "), 1)
    });
    report(&world, &["--lang", "both"]).ok();
    let site = site(&world);
    let mut shown = 0;
    for (path, text) in site.iter().filter(|(path, _)| path.ends_with(".html")) {
        parse(path, text);
        for bad in ["<script>", "<img", "699937"] {
            assert!(!text.contains(bad), "{path}: {bad}");
        }
        shown += text.matches("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;{{ 99991*7 }}").count();
    }
    assert!(shown > 20, "the texts are on the pages: {shown}");
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
    let record = std::fs::read_to_string(world.firm().join("registers/purposes/newsletter.toml")).unwrap();
    commit_file(&world, "registers/purposes/zyxpurpose.toml", |_| record.clone());
    let id = world.add("A", &["--basis", "zyxpurpose:consent"]);
    append(
        &world,
        &id,
        "[[consent]]\nid = \"e\"\npurpose = \"zyxother\"\nchannel = \"email\"\naction = \"granted\"\ntime = 2026-11-01\n\
         expires = 2026-12-01",
    );
    world.git(&["rm", "-q", "registers/purposes/zyxpurpose.toml"]).ok();
    world.git(&["commit", "--no-gpg-sign", "-qm", "by hand"]).ok();
    let audit = world.carnet(&["audit"]).out;
    assert!(audit.contains("zyxpurpose"), "the audit names it: {audit}");
    let pages = pages(&world);
    has(&pages, "en/audit.html", &["Contacts held for a purpose that is not declared (1 contact)"]);
    for (page, text) in pages {
        assert!(!text.contains("zyx"), "{page}");
    }
}
