//! Registers of plain records: purposes, processors, trainings, agreements, the organisation, and the notices made of
//! them.

#[path = "../common/mod.rs"]
mod common;

mod notice;
mod purposes;

use common::World;

/// Sets what a notice needs of the organisation.
fn introduce(world: &World) {
    let set = ["--set", "address=3 rue des Lilas, Lyon", "--set", "privacy_contact=rgpd@example.org"];
    world.carnet(&[&["organisation", "edit", "--set", "siren=732 829 320"], &set[..]].concat()).ok();
}

/// Makes an editor that replaces the first text by the second, and gives its command.
fn editor(world: &World, from: &str, to: &str) -> String {
    let path = world.path().join("ed.sh");
    std::fs::write(&path, format!("#!/bin/sh\nsed -i 's|{from}|{to}|' \"$1\"\n")).unwrap();
    format!("sh {}", path.display())
}

#[track_caller]
fn edit_with(world: &World, editor: &str, args: &[&str]) -> common::Said {
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    common::said(command.env("EDITOR", editor).args(args).output().unwrap())
}

#[test]
fn the_organisation_is_checked_and_its_comments_stay() {
    let world = World::with_firm();
    let wrong = world.carnet(&["organisation", "edit", "--set", "siren=732829321"]).code(2);
    assert!(wrong.err.contains("check digit"), "{}", wrong.err);
    let wrong = world.carnet(&["organisation", "edit", "--set", "siret=1"]).code(2);
    assert!(wrong.err.contains("did you mean `siren`?"), "{}", wrong.err);
    let before = std::fs::read_to_string(world.firm().join("carnet.toml")).unwrap();
    assert_eq!(world.carnet(&["organisation", "show", "--json"]).ok().json()["missing"][1], "address");
    introduce(&world);
    let after = std::fs::read_to_string(world.firm().join("carnet.toml")).unwrap();
    let comments =
        |text: &str| text.lines().filter(|l| l.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(comments(&before), comments(&after));
    assert!(after.contains("siren = \"732 829 320\"\naddress = \"3 rue des Lilas, Lyon\"\n"), "{after}");
    let shown = world.carnet(&["organisation", "show", "--json"]).ok().json();
    assert_eq!(shown["missing"].as_array().map(Vec::len), Some(0));
    let with = editor(&world, "^# email = .*", "email = \"hello@example.org\"");
    edit_with(&world, &with, &["organisation", "edit"]).ok();
    assert!(std::fs::read_to_string(world.firm().join("carnet.toml")).unwrap().contains("email = \"hello@"));
    assert!(edit_with(&world, "true", &["organisation", "edit"]).ok().err.contains("Nothing was changed"));
    world.carnet(&["verify"]).ok();
}

#[test]
fn processors_have_contracts_reviews_and_an_end() {
    let world = World::with_firm();
    std::fs::write(world.path().join("dpa.pdf"), "abc").unwrap();
    world.carnet(&["processor", "add", "bare", "--name", "B", "--service", "s"]).ok();
    let refused = world.carnet(&["processor", "add", "bare", "--name", "B", "--service", "s"]).code(5);
    assert!(refused.err.contains("there is a processor `bare` already"), "{}", refused.err);
    let add = [
        "processor",
        "add",
        "mailco",
        "--name",
        "MailCo",
        "--service",
        "mail",
        "--data",
        "identity",
        "--country",
        "us",
        "--safeguard",
        "standard-clauses",
        "--contract",
        "../dpa.pdf",
        "--signed",
        "2026-03-01",
        "--expires",
        "2026-12-01",
        "--points",
        "abcdefgh",
        "--set",
        "deletion=within 30 days",
        "--set",
        "breach_contact=soc@mailco.example",
    ];
    world.carnet(&[&add[..], &["--dry-run"]].concat()).ok();
    assert_eq!(world.carnet(&["processor", "list", "-q"]).ok().out, "bare\n");
    assert_eq!(world.carnet(&add).ok().first(), "mailco");
    world.carnet(&["processor", "review", "mailco"]).ok();
    let shown = world.carnet(&["processor", "show", "mailco", "--json"]).ok().json();
    assert_eq!(
        shown["contract"]["hash"],
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!((&shown["reviewed"], &shown["review"]), (&"2026-11-23".into(), &"2027-11-23".into()));
    assert_eq!(shown["missing"], serde_json::json!([]));
    assert_eq!((&shown["slug"], &shown["name"]), (&"mailco".into(), &"MailCo".into()));
    let lacks = world.carnet(&["processor", "show", "bare", "--json"]).ok().json();
    assert_eq!(lacks["missing"].as_array().unwrap()[..3], ["data", "country", "contract.date"]);
    let table = world.carnet(&["processor", "list"]).ok().out;
    assert!(table.contains("in force") && table.contains("none"), "{table}");
    for (bad, what) in [
        ("contract.expires=2026-02-01", "ends before it begins"),
        ("reviewed=2026-11-24", "in the future"),
        ("country=Utopia", "not a country"),
        ("safeguard=hope", "one of: adequacy"),
        ("contract.expiry=2027-01-01", "`contract.expires`"),
    ] {
        let said = world.carnet(&["processor", "edit", "mailco", "--set", bad]).code(2);
        assert!(said.err.contains(what), "{bad}: {}", said.err);
    }
    world.carnet(&["purpose", "edit", "newsletter", "--set", "processors+=mailco"]).ok();
    let used = world.carnet(&["processor", "remove", "mailco"]).code(5);
    assert!(used.err.contains("still named by: newsletter"), "{}", used.err);
    world.carnet(&["processor", "edit", "mailco", "--set", "until=2026-11-23"]).ok();
    world.carnet(&["purpose", "edit", "newsletter", "--set", "processors-=mailco"]).ok();
    world.carnet(&["processor", "remove", "mailco"]).ok();
    world.carnet(&["processor", "show", "mailco"]).code(3);
    world.carnet(&["verify"]).ok();
}

#[test]
fn trainings_and_agreements_are_kept_by_member_and_day() {
    let world = World::with_firm();
    std::fs::write(world.path().join("slides.pdf"), "abc").unwrap();
    world.carnet(&["training", "add", "bob", "--topic", "T"]).code(3);
    world.carnet(&["training", "add", "ana", "--topic", " "]).code(2);
    world.carnet(&["training", "add", "ana", "--topic", "T", "--date", "2026-11-24"]).code(2);
    let before = world.head();
    let training = ["training", "add", "ana", "--topic", "GDPR basics", "--material", "../slides.pdf"];
    assert_eq!(world.carnet(&training).ok().first(), "2026-11-23-ana");
    assert_eq!(world.carnet(&training).ok().first(), "2026-11-23-ana-2");
    assert_eq!(world.git(&["rev-parse", "HEAD~2"]).ok().first(), before, "one commit each");
    let list = world.carnet(&["training", "list", "--json"]).ok().json();
    assert_eq!((&list[0]["member"], &list[0]["next"]), (&"ana".into(), &"2027-11-23".into()));
    assert!(list[0]["material"].as_str().unwrap().starts_with("sha256:ba78"));
    world.carnet(&["agreement", "add", "ana", "--kind", "promise", "--title", "x"]).code(2);
    world.carnet(&["agreement", "add", "ana", "--title", "NDA", "--document", "../slides.pdf"]).ok();
    assert!(world.carnet(&["agreement", "list"]).ok().out.contains("confidentiality"));
    let trailers = world.git(&["log", "-1", "--format=%(trailers:only)"]).ok().out;
    assert!(
        trailers.contains("Carnet-Member: ana") && trailers.contains("Carnet-Register: agreements/"),
        "{trailers}"
    );
    world.carnet(&["verify"]).ok();
}
