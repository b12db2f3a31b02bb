//! Entering requests, their deadlines and what is refused.

use super::{common::World, entry, firm, open};

fn at(world: &mut World, now: &str) {
    world.now = now.to_owned();
}

#[test]
fn the_entry_holds_codes_and_ids_and_the_names_are_sealed() {
    let (world, id) = firm();
    let more = [
        "--requester",
        "Maître Roux\n3 rue Haute",
        "--mandate",
        "power of attorney",
        "--note",
        "angry letter",
    ];
    let reference = open(&world, "access", "jeanne@example.org", &more);
    assert!(reference.starts_with("2026-001-"));
    let text = entry(&world, &reference);
    assert!(text.contains(&id) && text.contains("received = \"2026-11-23\"") && text.contains("[companion]"));
    let message = world.git(&["log", "-1", "--format=%B"]).ok().out;
    assert!(
        message.contains(&format!("Carnet-Request: {reference}"))
            && message.contains("Carnet-Action: request-open")
    );
    for (what, place) in [(&text, "entry"), (&message, "message")] {
        for secret in ["Roux", "attorney", "angry", "Jeanne", "jeanne"] {
            assert!(!what.contains(secret), "{secret} in the {place}");
        }
    }
    let shown = world.carnet(&["request", "show", "2026-001"]).ok().out;
    assert!(shown.contains("Maître Roux") && shown.contains("angry letter"));
    let json = world.carnet(&["request", "show", &reference, "--json"]).ok().json();
    assert_eq!(json["private"]["mandate"], "power of attorney");
    assert_eq!(
        (json["due"].as_str(), json["late_from"].as_str()),
        (Some("2026-12-23"), Some("2026-12-23T23:00:00Z"))
    );
    assert!(super::last_access(&world).contains("Carnet-Action: request-show"));
    world.carnet(&["verify"]).ok();
}

#[test]
fn received_is_a_day_of_the_firms_time_zone() {
    let (mut world, id) = firm();
    at(&mut world, "2027-01-31T23:30:00Z");
    let in_paris = open(&world, "access", &id, &[]);
    assert!(entry(&world, &in_paris).contains("received = \"2027-02-01\""), "past midnight in Paris");
    world.git(&["config", "commit.gpgSign", "false"]).ok();
    let settings = world.firm().join("carnet.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, format!("time_zone = \"America/Guadeloupe\"\n{text}")).unwrap();
    world.git(&["commit", "-qam", "zone"]).ok();
    let in_guadeloupe = open(&world, "portability", &id, &[]);
    assert!(entry(&world, &in_guadeloupe).contains("received = \"2027-01-31\""));
    let list = world.carnet(&["request", "list", "--json"]).ok().json();
    let due: Vec<&str> = list.as_array().unwrap().iter().map(|r| r["due"].as_str().unwrap()).collect();
    assert_eq!(due, ["2027-02-28", "2027-03-01"]);
    std::fs::write(&settings, format!("time_zone = \"Europe/Lutetia\"\n{text}")).unwrap();
    world.git(&["commit", "-qam", "zone"]).ok();
    let said = world.carnet(&["request", "open", "access", "--contact", &id, "--channel", "email"]).code(2);
    assert!(said.err.contains("no such time zone") && said.err.contains("carnet.toml"));
}

#[test]
fn the_list_shows_days_left_and_what_is_late_first() {
    let (mut world, id) = firm();
    let old = open(&world, "erasure", &id, &["--received", "2026-10-05"]);
    let new = open(&world, "access", &id, &[]);
    let middle = open(&world, "rectification", &id, &["--received", "2026-11-01"]);
    let said = world.carnet(&["request", "list"]).ok();
    let order: Vec<&str> = said.out.lines().skip(1).map(|line| &line[..13]).collect();
    assert_eq!(order, [&old, &middle, &new]);
    assert!(
        said.out.contains("18 late")
            && said.out.contains("2026-11-05")
            && said.err.contains("1 of them are late")
    );
    assert_eq!(world.carnet(&["request", "list", "--late", "-q"]).ok().out.trim(), old);
    at(&mut world, "2026-12-01T10:00:00Z");
    let json = world.carnet(&["request", "list", "--kind", "rectification", "--json"]).ok().json();
    assert_eq!((json[0]["days_left"].as_i64(), json[0]["late"].as_bool()), (Some(0), Some(false)));
    assert!(world.carnet(&["request", "list"]).ok().out.contains("today"));
}

#[test]
fn a_pause_stops_the_clock_and_an_extension_needs_its_time() {
    let (mut world, id) = firm();
    let reference = open(&world, "access", &id, &["--received", "2026-10-31"]);
    world.carnet(&["request", "pause", &reference, "--reason", "identity"]).code(2);
    let pause = [
        "request",
        "pause",
        &reference,
        "--reason",
        "identity",
        "--doubt",
        "unknown-address",
        "--on",
        "2026-11-20",
    ];
    let said = world
        .carnet(&[&pause[..], &["--question", "Who are you, Mx Roux?", "--out", "../question"]].concat())
        .ok();
    assert!(said.err.contains("stands still") && said.err.contains("10 days"), "{}", said.err);
    let letter = std::fs::read_to_string(world.path().join("question/letter.html")).unwrap();
    assert!(letter.contains("reasonable doubt") && letter.contains("Who are you, Mx Roux?"));
    assert!(!entry(&world, &reference).contains("Roux"));
    assert!(world.carnet(&["request", "list"]).ok().out.contains("paused"));
    world.carnet(&["request", "answer", &reference, "--out", "../r"]).code(5);
    at(&mut world, "2026-12-05T10:00:00Z");
    world.carnet(&["request", "resume", &reference]).code(2);
    world.carnet(&["request", "resume", &reference, "--identity", "confirmed", "--on", "2026-12-06"]).code(2);
    let said = world
        .carnet(&["request", "resume", &reference, "--identity", "confirmed", "--on", "2026-12-01"])
        .ok();
    assert!(said.err.contains("due on 2026-12-11"), "30 November and eleven days: {}", said.err);
    world
        .carnet(&["request", "extend", &reference, "--reason", "complexity", "--notified", "2026-12-05"])
        .ok();
    let json = world.carnet(&["request", "show", &reference, "--json"]).ok().json();
    assert_eq!(json["due"], "2027-02-11", "31 January and eleven days");
    let twice = world.carnet(&["request", "extend", &reference, "--reason", "number"]).code(5);
    assert!(twice.err.contains("no second time"));
    let late = open(&world, "access", &id, &["--received", "2026-11-04"]);
    let said =
        world.carnet(&["request", "extend", &late, "--reason", "number", "--notified", "2026-12-05"]).code(5);
    assert!(said.err.contains("by 2026-12-04"), "{}", said.err);
}

#[test]
fn what_cannot_have_happened_is_refused_and_nothing_is_written() {
    let (world, id) = firm();
    let reference = open(&world, "access", &id, &["--received", "2026-11-10"]);
    let head = world.head();
    for (line, code, said) in [
        ("open access --contact ID --channel email --received 2026-11-24", 2, "in the future"),
        ("open access --contact nobody --channel email", 3, "no contact matches"),
        ("open access --unknown --channel email", 2, "nothing is said of who asks"),
        ("open access --contact ID --channel email --purpose prospects", 2, "only an objection"),
        ("open objection --contact ID --channel email --purpose undeclared", 5, "not declared"),
        ("answer REF --out ../r --on 2026-11-09", 2, "before the receipt"),
        ("answer REF --out ../r --on 2026-11-24", 2, "in the future"),
        ("answer REF --out ../r --refuse legal-obligation", 2, "no ground for refusing access"),
        ("answer REF --out ../r --refuse excessive", 2, "reasons of its own"),
        ("answer REF --out ../r --refuse identity-not-established", 5, "nobody has asked"),
        ("answer REF --out ../r --leave-out nothing", 2, "no such field"),
        ("answer REF --out .", 5, "data repository"),
        ("answer REF --out ./inside/it", 5, "data repository"),
        ("answer REF --out .git/x", 5, "data repository"),
        ("answer 2026-002 --out ../r", 3, "no such request"),
        ("close REF", 5, "not answered yet"),
        ("resume REF", 5, "the clock is running"),
        ("acknowledge REF --on 2026-11-01", 2, "before the receipt"),
    ] {
        let line = line.replace("ID", &id).replace("REF", &reference);
        let args: Vec<&str> = std::iter::once("request").chain(line.split(' ')).collect();
        let out = world.carnet(&args).code(code);
        assert!(out.err.contains(said) && out.out.is_empty(), "{line}: {}", out.err);
    }
    assert_eq!(world.head(), head);
    assert!(!world.path().join("r").exists());
}

#[test]
fn an_answered_request_takes_no_second_answer_and_is_closed() {
    let (world, id) = firm();
    let reference = open(&world, "access", &id, &[]);
    world.carnet(&["request", "acknowledge", &reference, "--out", "../receipt"]).ok();
    let receipt = std::fs::read_to_string(world.path().join("receipt/letter.html")).unwrap();
    assert!(receipt.contains("23\u{a0}December\u{a0}2026"));
    world.carnet(&["request", "acknowledge", &reference]).code(5);
    world.carnet(&["request", "answer", &reference, "--out", "../one", "--dry-run"]).ok();
    assert!(!world.path().join("one").exists() && !entry(&world, &reference).contains("[answer]"));
    world.carnet(&["request", "answer", &reference, "--out", "../one"]).ok();
    let again = world.carnet(&["request", "answer", &reference, "--out", "../two"]).code(5);
    assert!(again.err.contains("answered on 2026-11-23 (granted)"), "{}", again.err);
    assert!(!world.path().join("two").exists());
    world.carnet(&["request", "close", &reference, "--why", "withdrawn"]).code(5);
    world.carnet(&["request", "close", &reference, "--told", "mailing-house"]).ok();
    assert!(entry(&world, &reference).contains("recipient = \"mailing-house\""));
    assert!(world.carnet(&["request", "list"]).ok().out.is_empty());
    assert!(world.carnet(&["request", "list", "--all"]).ok().out.contains("closed: granted"));
}

#[test]
fn every_step_speaks_json_and_quietly() {
    let (world, id) = firm();
    let open = ["request", "open", "access", "--contact", &id, "--channel", "email", "--json"];
    let opened = world.carnet(&open).ok().json();
    let reference = opened["ref"].as_str().unwrap().to_owned();
    assert_eq!((&opened["state"], &opened["days_left"]), (&"open".into(), &30.into()));
    assert!(opened["commit"].as_str().is_some_and(|c| c.len() == 40));
    for line in [
        "acknowledge REF",
        "pause REF --reason clarification",
        "resume REF",
        "extend REF --reason number",
        "answer REF --out ../reply",
        "close REF",
    ] {
        let line = line.replace("REF", &reference);
        let args: Vec<&str> = std::iter::once("request").chain(line.split(' ')).collect();
        let dry = world.carnet(&[&args[..], &["--dry-run"]].concat()).ok();
        assert!(dry.err.contains("would") && dry.out.is_empty(), "{line}: {}", dry.err);
        let dry = world.carnet(&[&args[..], &["--dry-run", "--json"]].concat()).ok();
        assert_eq!(dry.json()["dry_run"], true, "{line}");
        let said = world.carnet(&[&args[..], &["--json"]].concat()).ok();
        assert_eq!(said.json()["ref"], reference.as_str(), "{line}");
    }
    let quiet =
        world.carnet(&["request", "open", "access", "--contact", &id, "--channel", "email", "-q"]).ok();
    assert!(quiet.err.is_empty() && quiet.out.trim().len() == 13, "{quiet:?}");
}
