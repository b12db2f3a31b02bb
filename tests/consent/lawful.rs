//! `carnet lawful`: now, and at any moment of the past.

use crate::common::World;
use crate::{firm, give, rule, settings, withdraw, wording};

/// The rule for any purpose and channel.
fn asked(world: &World, id: &str, purpose: &str, channel: &str, more: &[&str]) -> String {
    let args = ["lawful", id, "--purpose", purpose, "--channel", channel, "-q"];
    let said = world.carnet(&[&args[..], more].concat());
    let yes = [
        "consent",
        "contract",
        "existing-customer",
        "professional-informed",
        "generic-address",
        "post-informed",
        "phone-before-consent",
    ];
    let rule = said.first();
    assert_eq!(said.code, if yes.contains(&rule.as_str()) { 0 } else { 5 }, "{said:?}");
    rule
}

fn inform(world: &World, id: &str, purpose: &str, more: &[&str]) {
    let args = ["consent", "ask", id, "--purpose", purpose, "--wording", "newsletter"];
    world.carnet(&[&args[..], more].concat()).ok();
}

#[test]
fn could_we_email_her_on_the_first_of_april_and_under_which_text() {
    let (mut world, id) = firm();
    let first = wording(&world, "newsletter", "The text of March.\n");
    world.now = "2027-03-01T10:00:00Z".into();
    give(&world, &id, &["--channel", "email", "--wording", &first[..8]])
        .err
        .contains("cannot be used multiple");
    let args =
        ["consent", "give", &id, "--purpose", "newsletter", "--wording", &first[..8], "--channel", "email"];
    world.carnet(&args).ok();
    let granted = world.head();
    world.now = "2027-05-01T10:00:00Z".into();
    wording(&world, "newsletter", "The text of May.\n");
    withdraw(&world, &id, &[]).ok();
    let withdrawn = world.head();
    world.now = "2027-06-01T10:00:00Z".into();

    assert_eq!(rule(&world, &id, &[]), (5, "withdrawn".into()));
    assert_eq!(rule(&world, &id, &["--at", "2027-04-01"]), (0, "consent".into()));
    assert_eq!(rule(&world, &id, &["--at", "2027-02-28"]), (5, "no-consent".into()));
    assert_eq!(rule(&world, &id, &["--at", "2020-01-01"]), (5, "not-held".into()));
    // A day on which it changed is no day on which it was lawful all day; each moment of it has its own answer.
    assert_eq!(rule(&world, &id, &["--at", "2027-05-01"]), (5, "withdrawn".into()));
    assert_eq!(rule(&world, &id, &["--at", "2027-05-01T11:59:59+02:00"]), (0, "consent".into()));
    assert_eq!(rule(&world, &id, &["--at", "2027-03-01"]), (5, "no-consent".into()));
    world
        .carnet(&["lawful", &id, "--purpose", "newsletter", "--channel", "email", "--at", "2027-06-02"])
        .code(2);

    let args = ["lawful", &id, "--purpose", "newsletter", "--channel", "email", "--at", "2027-04-01"];
    let said = world.carnet(&[&args[..], &["--json"]].concat()).ok().json();
    assert_eq!(said["answers"], "known-then");
    assert_eq!(said["decision"]["wording"], first.as_str());
    assert_eq!(said["wording"]["text"], "The text of March.\n");
    assert_eq!((&said["decided_by"], &said["known"]), (&granted.as_str().into(), &granted.as_str().into()));
    let now = world.carnet(&[&args[..6], &["--json"]].concat()).code(5).json();
    assert_eq!(now["decided_by"], withdrawn.as_str());
    let text = world.carnet(&args).ok().out;
    for part in ["yes", "GDPR Art. 6(1)(a)", "The text of March.", &granted, "as known then"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // The question is in the access trail.
    let trail = world.carnet(&["history", &id, "--access", "--json"]).ok().out;
    assert!(trail.contains("\"lawful\""), "{trail}");
}

#[test]
fn what_was_recorded_later_is_hindsight_and_does_not_change_what_was_known() {
    let (mut world, id) = firm();
    give(&world, &id, &["--at", "2026-11-01"]).ok();
    world.now = "2027-05-03T10:00:00Z".into();
    // A letter of 30 April, opened on 3 May.
    withdraw(&world, &id, &["--at", "2027-04-30", "--method", "letter"]).ok();
    let args = ["lawful", &id, "--purpose", "newsletter", "--channel", "email", "--json", "--at"];
    let said = world.carnet(&[&args[..], &["2027-05-01"]].concat()).ok().json();
    assert_eq!(said["hindsight"]["rule"], "withdrawn");
    let said = world.carnet(&[&args[..], &["2027-04-01"]].concat()).ok().json();
    assert_eq!(said["hindsight"], serde_json::Value::Null);
    // The same the other way: a consent that was typed in later was not known.
    let ben = world.add("Ben", &["--email", "ben@example.org", "--basis", "newsletter:consent"]);
    world.now = "2027-07-01T10:00:00Z".into();
    give(&world, &ben, &["--at", "2027-05-10"]).ok();
    let args =
        ["lawful", &ben, "--purpose", "newsletter", "--channel", "email", "--json", "--at", "2027-06-01"];
    let said = world.carnet(&args).code(5).json();
    assert_eq!(
        (&said["decision"]["rule"], &said["hindsight"]["rule"]),
        (&"no-consent".into(), &"consent".into())
    );
    // Before there was a repository nothing was known, whatever is known now.
    let said = world.carnet(&[&args[..8], &["2026-11-10"]].concat()).code(5).json();
    assert_eq!((&said["decision"]["rule"], &said["known"]), (&"not-held".into(), &serde_json::Value::Null));
}

#[test]
fn a_consent_ends_with_its_last_day() {
    let (mut world, id) = firm();
    give(&world, &id, &["--expires", "2027-02-28"]).ok();
    world.now = "2027-03-05T10:00:00Z".into();
    assert_eq!(rule(&world, &id, &["--at", "2027-02-28"]).1, "consent");
    assert_eq!(rule(&world, &id, &["--at", "2027-03-01"]).1, "expired");
    assert_eq!(rule(&world, &id, &[]).1, "expired");
}

#[test]
fn consumers_professionals_customers_and_generic_addresses() {
    let (world, consumer) = firm();
    let person = ["--add-basis", "prospects:legitimate-interests"];
    world.carnet(&[&["edit", &consumer][..], &person].concat()).ok();
    for channel in ["email", "sms", "phone"] {
        assert_eq!(asked(&world, &consumer, "prospects", channel, &[]), "needs-consent", "{channel}");
    }
    assert_eq!(asked(&world, &consumer, "prospects", "post", &[]), "not-informed");
    inform(&world, &consumer, "prospects", &[]);
    assert_eq!(asked(&world, &consumer, "prospects", "email", &[]), "needs-consent", "told, and not asked");
    assert_eq!(asked(&world, &consumer, "prospects", "post", &[]), "no-address");

    let pro = world.add("Max", &["--email", "max@firm.example", "--org", "Firm", "--phone", "0655512399"]);
    assert_eq!(asked(&world, &pro, "prospects", "email", &[]), "not-informed");
    inform(&world, &pro, "prospects", &["--channel", "email"]);
    assert_eq!(asked(&world, &pro, "prospects", "email", &[]), "professional-informed");
    assert_eq!(asked(&world, &pro, "prospects", "sms", &[]), "needs-consent");
    assert_eq!(asked(&world, &pro, "newsletter", "email", &[]), "no-basis");
    assert_eq!(asked(&world, &pro, "nowhere", "email", &[]), "undeclared-purpose");
    world.carnet(&["edit", &pro, "--set", "audience=consumer"]).ok();
    assert_eq!(asked(&world, &pro, "prospects", "email", &[]), "needs-consent");
    let own = world.add("Eve", &["--email", "eve@gmail.com", "--org", "Firm"]);
    inform(&world, &own, "prospects", &[]);
    assert_eq!(asked(&world, &own, "prospects", "email", &[]), "needs-consent", "her own mail provider");

    let generic = world.add("Firm", &["--organisation", "--email", "Contact@firm.example"]);
    assert_eq!(asked(&world, &generic, "prospects", "email", &[]), "generic-address");
    assert_eq!(asked(&world, &generic, "prospects", "phone", &[]), "not-informed");

    let add = [
        "add",
        "--name",
        "Cleo",
        "--email",
        "cleo@gmail.com",
        "--source",
        "shop",
        "--basis",
        "customers:contract",
    ];
    let customer =
        world.carnet(&[&add[..], &["--basis", "customers:legitimate-interests"]].concat()).ok().first();
    assert_eq!(asked(&world, &customer, "customers", "email", &[]), "contract");
    world.carnet(&["edit", &customer, "--add-basis", "prospects:legitimate-interests"]).ok();
    inform(&world, &customer, "prospects", &[]);
    assert_eq!(
        asked(&world, &customer, "prospects", "email", &[]),
        "needs-consent",
        "not similar to what she bought"
    );
    settings(&world, "[prospecting]\nsimilar = [\"prospects\"]");
    assert_eq!(asked(&world, &customer, "prospects", "email", &[]), "existing-customer");
    world.carnet(&["consent", "refuse", &customer, "--purpose", "prospects", "--channel", "email"]).ok();
    assert_eq!(asked(&world, &customer, "prospects", "email", &[]), "refused");
}

#[test]
fn consumers_calls_need_consent_from_the_day_that_the_firm_has_set() {
    let (mut world, id) = firm();
    world.now = "2026-11-24T10:00:00Z".into();
    world.carnet(&["edit", &id, "--add-basis", "prospects:legitimate-interests"]).ok();
    inform(&world, &id, "prospects", &[]);
    settings(&world, "[prospecting]\nphone_consent_from = 2026-12-01");
    world.now = "2026-12-10T10:00:00Z".into();
    // The settings are those of the commit that was the last one then.
    assert_eq!(
        asked(&world, &id, "prospects", "phone", &["--at", "2026-11-30T12:00:00Z"]),
        "phone-before-consent"
    );
    assert_eq!(asked(&world, &id, "prospects", "phone", &["--at", "2026-12-01T00:00:00Z"]), "needs-consent");
    assert_eq!(asked(&world, &id, "prospects", "sms", &["--at", "2026-11-30T12:00:00Z"]), "needs-consent");
}

#[test]
fn restriction_and_an_ended_basis_beat_a_consent() {
    let (world, id) = firm();
    give(&world, &id, &[]).ok();
    assert_eq!(rule(&world, &id, &[]).1, "consent");
    let append = |text: &str| {
        let script = world.path().join("append.sh");
        std::fs::write(&script, format!("cat >> \"$1\" <<'EOF'\n{text}\nEOF\n")).unwrap();
        let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
        command.env("EDITOR", format!("sh {}", script.display()));
        crate::common::said(command.args(["edit", &id]).output().unwrap()).ok();
    };
    append("[[restriction]]\nsince = 2026-11-01\nlifted = 2026-11-10");
    assert_eq!(rule(&world, &id, &[]).1, "consent");
    append("[[restriction]]\nsince = 2026-11-20");
    assert_eq!(rule(&world, &id, &[]).1, "restricted");
    let (world, id) = firm();
    give(&world, &id, &[]).ok();
    let script = world.path().join("end.sh");
    std::fs::write(
        &script,
        "sed -i 's/^basis = \"consent\"/basis = \"consent\"\\nuntil = 2026-11-22/' \"$1\"\n",
    )
    .unwrap();
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    command.env("EDITOR", format!("sh {}", script.display()));
    crate::common::said(command.args(["edit", &id]).output().unwrap()).ok();
    assert_eq!(rule(&world, &id, &[]).1, "basis-ended");
}

#[test]
fn a_misspelt_rule_is_said_with_its_line() {
    let (world, id) = firm();
    settings(&world, "[prospecting]\nsimilarr = []");
    let said = world.carnet(&["lawful", &id, "--purpose", "newsletter", "--channel", "email"]).code(1);
    assert!(said.err.contains("carnet.toml, line"), "{}", said.err);
}
