//! The registers against reality: audit, duties, and the way to a clean audit.

#[path = "../common/mod.rs"]
mod common;

mod findings;
mod map;

mod start;

use common::{Said, World};

/// A firm whose registers say everything: its audit is clean.
fn clean() -> World {
    let world = World::with_firm();
    for line in [
        "organisation edit --set siren=732829320 --set address=Lyon --set privacy_contact=rgpd@example.org",
        "purpose review customers",
        "purpose review newsletter",
        "purpose review prospects",
        "training add ana --topic Basics",
    ] {
        world.carnet(&line.split(' ').collect::<Vec<_>>()).ok();
    }
    assert_eq!(codes(&world), [""; 0]);
    world.carnet(&["audit", "--strict"]).ok();
    world
}

/// The codes of an audit's findings, each once.
#[track_caller]
fn codes(world: &World) -> Vec<String> {
    let audit = audit(world);
    let findings = audit["findings"].as_array().unwrap();
    let mut codes: Vec<String> = findings.iter().map(|f| f["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    codes.dedup();
    codes
}

#[track_caller]
fn audit(world: &World) -> serde_json::Value {
    let said = world.carnet(&["audit", "--json"]);
    assert!(said.code == 0 || said.code == 7, "{said:?}");
    said.json()
}

/// Writes a file of the data repository and commits it by hand.
fn commit(world: &World, path: &str, change: impl Fn(&str) -> String) {
    let file = world.firm().join(path);
    let old = std::fs::read_to_string(&file).unwrap_or_default();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, change(&old)).unwrap();
    world.git(&["add", "-A"]).ok();
    world.git(&["-c", "commit.gpgsign=false", "commit", "-q", "-m", "by hand"]).ok();
}

/// Runs a line in the firm's repository as a person types it.
fn typed(world: &World, line: &str) -> Said {
    let script = format!("carnet() {{ '{}' \"$@\"; }}\n{line} </dev/null\n", env!("CARGO_BIN_EXE_carnet"));
    common::said(world.command("sh", &world.firm()).args(["-c", &script]).output().unwrap())
}

/// Writes the text that people are asked with.
fn wording(world: &World) {
    world
        .carnet_with_input(&["wording", "add", "newsletter", "-"], b"May we send you our newsletter?\n")
        .ok();
}

/// A consent event for the newsletter by e-mail.
fn consent(world: &World, action: &str, id: &str, more: &[&str]) {
    let args =
        ["consent", action, id, "--purpose", "newsletter", "--wording", "newsletter", "--channel", "email"];
    world.carnet(&[&args[..], &["--method", "form"], more].concat()).ok();
}

#[test]
fn duties_are_in_order_with_what_is_late_first_and_read_back_as_a_calendar() {
    let mut world = clean();
    world
        .carnet(&[
            "processor",
            "add",
            "m",
            "--name",
            "M",
            "--service",
            "s",
            "--signed",
            "2026-01-01",
            "--expires",
            "2026-12-01",
        ])
        .ok();
    world.carnet(&["purpose", "review", "customers", "--on", "2026-10-01", "--next", "2026-11-01"]).ok();
    let duties = world.carnet(&["duties", "--json"]).ok().json();
    let seen: Vec<(&str, &str, i64)> = duties
        .as_array()
        .unwrap()
        .iter()
        .map(|d| (d["kind"].as_str().unwrap(), d["due"].as_str().unwrap(), d["days"].as_i64().unwrap()))
        .collect();
    assert_eq!(seen, [("review", "2026-11-01", -22), ("contract", "2026-12-01", 8)]);
    assert!(world.carnet(&["duties"]).ok().out.contains("late by 22"));
    let all = world.carnet(&["duties", "--days", "400", "--json"]).ok().json();
    let kinds: Vec<&str> = all.as_array().unwrap().iter().map(|d| d["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|k| **k == "review").count(), 3);
    assert!(kinds.contains(&"training"), "{kinds:?}");
    let feed = world.carnet(&["duties", "--days", "400", "--ics"]).ok().out;
    assert_eq!(feed.matches("BEGIN:VEVENT").count(), kinds.len());
    assert!(
        feed.contains("DTSTART;VALUE=DATE:20261201\r\n") && feed.starts_with("BEGIN:VCALENDAR\r\n"),
        "{feed}"
    );
    assert_eq!(world.carnet(&["duties", "--days", "400", "--ics"]).ok().out, feed, "the same feed each time");
    // A day later the same events have the same names, so that a calendar does not double them.
    world.now = "2026-11-24T10:00:00Z".into();
    let later = world.carnet(&["duties", "--days", "399", "--ics"]).ok().out;
    let uids =
        |feed: &str| feed.lines().filter(|l| l.starts_with("UID")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(uids(&later), uids(&feed));
}

#[test]
fn periods_and_consents_that_end_are_duties() {
    let mut world = clean();
    let id = world.add("Jeanne Dupont", &["--email", "jeanne@example.org"]);
    world.carnet(&["edit", &id, "--add-basis", "newsletter:consent"]).ok();
    wording(&world);
    consent(&world, "give", &id, &["--expires", "2027-01-10"]);
    let kinds = |world: &World, days: &str| -> Vec<(String, String)> {
        let duties = world.carnet(&["duties", "--days", days, "--json"]).ok().json();
        let one =
            |d: &serde_json::Value| (d["kind"].as_str().unwrap().into(), d["due"].as_str().unwrap().into());
        duties.as_array().unwrap().iter().map(one).collect()
    };
    assert!(kinds(&world, "90").contains(&("consent".into(), "2027-01-10".into())));
    assert!(!kinds(&world, "40").iter().any(|(kind, _)| kind == "consent"));
    assert!(kinds(&world, "1200").contains(&("retention".into(), "2029-11-23".into())));
    let out = world.carnet(&["duties", "--days", "1200"]).ok().out;
    assert!(!out.contains("Jeanne") && !out.contains(&id), "{out}");
    world.now = "2029-11-24T10:00:00Z".into();
    assert!(codes(&world).contains(&"retention-over".to_owned()));
}
