//! Recording what persons said.

use crate::{firm, give, withdraw, wording};

#[test]
fn an_event_is_one_signed_commit_bound_to_the_text_that_was_shown() {
    let (world, id) = firm();
    let before = world.head();
    let at = ["--channel", "email", "--method", "web form", "--at", "2026-11-20T09:20:00+01:00", "--json"];
    let done = give(&world, &id, &at).ok().json();
    let hash = world.carnet(&["wording", "show", "newsletter", "-q"]).ok().first();
    assert_eq!(done["wording"], hash.as_str());
    assert_eq!(done["expires"], "2029-11-20");
    assert_eq!(done["commit"], world.head().as_str());
    assert_eq!(world.git(&["rev-parse", "HEAD~1"]).ok().first(), before);
    let listed = world.carnet(&["consent", "list", &id, "--json"]).ok().json();
    let event = &listed["events"][0];
    for (key, value) in [
        ("action", "granted"),
        ("channel", "email"),
        ("method", "web form"),
        ("collector", "ana"),
        ("wording", hash.as_str()),
    ] {
        assert_eq!(event[key], value, "{event}");
    }
    assert!(event["time"].to_string().contains("2026-11-20T08:20:00Z"), "{event}");
    let message = world.git(&["log", "-1", "--format=%B"]).ok().out;
    assert!(
        message.contains("Carnet-Action: consent-give") && message.contains("Carnet-Purpose: newsletter"),
        "{message}"
    );
    assert!(
        message.contains("Carnet-Fields: consent") && !message.to_lowercase().contains("web form"),
        "{message}"
    );
    world.carnet(&["verify"]).ok();
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_written() {
    let (world, id) = firm();
    let before = world.head();
    // Never in the future.
    give(&world, &id, &["--at", "2026-11-24"]).code(2);
    give(&world, &id, &["--at", "2026-11-23T10:00:01Z"]).code(2);
    // A withdrawal of what never was.
    let said = withdraw(&world, &id, &[]).code(5);
    assert!(said.err.contains("there is no consent to withdraw"), "{}", said.err);
    // A text that nobody knows, a purpose that is not declared or does not rest on consent.
    world.carnet(&["consent", "give", &id, "--purpose", "newsletter", "--wording", "nothing"]).code(3);
    world.carnet(&["consent", "give", &id, "--purpose", "nowhere", "--wording", "newsletter"]).code(5);
    world.carnet(&["consent", "give", &id, "--purpose", "customers", "--wording", "newsletter"]).code(5);
    // What others took down needs its proof.
    give(&world, &id, &["--collector", "Some Agency"]).code(5);
    give(&world, &id, &["--expires", "2026-11-01"]).code(2);
    give(&world, &id, &["--dry-run"]).ok();
    withdraw(&world, &id, &["--dry-run"]).code(5);
    assert_eq!(world.head(), before);
    // A no is a no without any yes before it.
    world.carnet(&["consent", "refuse", &id, "--purpose", "newsletter"]).ok();
    give(&world, &id, &["--at", "2026-11-01", "--channel", "sms"]).ok();
    withdraw(&world, &id, &["--channel", "email"]).code(5);
    withdraw(&world, &id, &["--channel", "sms", "--at", "2026-10-31"]).code(5);
}

#[test]
fn a_lot_is_one_commit_or_nothing() {
    let (world, id) = firm();
    let other = world.add("Ben", &["--email", "ben@example.org"]);
    let args = ["consent", "give", "-", "--purpose", "newsletter", "--wording", "newsletter"];
    let before = world.head();
    let ids = format!("{id} # Ada\n\n{other}\n");
    world.carnet_with_input(&args, format!("{ids}00000000-0000\n").as_bytes()).code(3);
    assert_eq!(world.head(), before);
    let done = world.carnet_with_input(&args, ids.as_bytes()).ok();
    assert_eq!(done.out.lines().count(), 2, "{}", done.out);
    assert_eq!(world.git(&["rev-parse", "HEAD~1"]).ok().first(), before);
    // Ben had no basis for the newsletter; the consent is one.
    let ben = world.carnet(&["show", &other]).ok().out;
    assert!(ben.contains("purpose = \"newsletter\"\nbasis = \"consent\"\nsince = 2026-11-23"), "{ben}");
    let all = world.carnet(&["consent", "list", "--purpose", "newsletter", "--state", "granted", "-q"]).ok();
    assert_eq!(all.out.lines().count(), 2);
}

#[test]
fn the_term_is_the_firms_or_the_persons_own() {
    let (world, id) = firm();
    crate::settings(&world, "[consent]\nmonths = 24\n[consent.purposes]\nnewsletter = 1");
    let expires =
        |more: &[&str]| give(&world, &id, &[more, &["--json"][..]].concat()).ok().json()["expires"].clone();
    // A calendar month from the last day of January ends with February.
    assert_eq!(expires(&["--at", "2024-01-31"]), "2024-02-29");
    assert_eq!(expires(&["--at", "2026-01-31"]), "2026-02-28");
    assert_eq!(expires(&["--expires", "2027-01-01"]), "2027-01-01");
    assert_eq!(expires(&["--expires", "never"]), serde_json::Value::Null);
    wording(&world, "prospects", "You may object at any time.\n");
    let asked =
        world.carnet(&["consent", "ask", &id, "--purpose", "prospects", "--wording", "prospects", "--json"]);
    assert_eq!(asked.ok().json()["expires"], serde_json::Value::Null);
}
