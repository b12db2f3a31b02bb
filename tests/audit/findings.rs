//! Each finding, from what makes it, and that its command mends it.

use super::common::World;
use super::common::team::newcomer;
use super::{audit, clean, codes, commit, consent, typed, wording};

/// What a finding of this code says; there must be one.
#[track_caller]
fn finding(world: &World, code: &str) -> serde_json::Value {
    let audit = audit(world);
    let found = audit["findings"].as_array().unwrap().iter().find(|f| f["code"] == code).cloned();
    found.unwrap_or_else(|| panic!("no {code} in {audit}"))
}

/// The finding is there, is an error or not, has an article and a place; its command takes it away.
#[track_caller]
fn mended(world: &World, code: &str, severity: &str) {
    let found = finding(world, code);
    assert_eq!(found["severity"], severity, "{found}");
    for key in ["rule", "place", "message", "command"] {
        assert!(!found[key].as_str().unwrap().is_empty(), "{found}");
    }
    if severity == "error" {
        world.carnet(&["audit"]).code(7);
    }
    world.carnet(&["audit", "--strict"]).code(7);
    let command = found["command"].as_str().unwrap().replace("=DATE", "=2026-11-23");
    let said = typed(world, &command);
    assert_eq!(said.code, 0, "{command}: {said:?}");
    assert!(!codes(world).contains(&code.to_owned()), "{command} does not mend {code}");
}

#[test]
fn contacts_are_compared_with_their_purposes() {
    let world = clean();
    let id = world.add("Jeanne Dupont", &["--email", "jeanne@example.org"]);
    assert_eq!(codes(&world), [""; 0]);
    world.carnet(&["edit", &id, "--set", "birthday=1980-02-03", "--set", "custom.size=38"]).ok();
    let fields = audit(&world);
    let messages: Vec<&str> =
        fields["findings"].as_array().unwrap().iter().map(|f| f["message"].as_str().unwrap()).collect();
    assert!(
        messages.iter().any(|m| m.contains("custom.size")) && messages.iter().any(|m| m.contains("birthday"))
    );
    mended_all(&world, "undeclared-field");
    world.carnet(&["edit", &id, "--add-basis", "prospects:contract"]).ok();
    let found = finding(&world, "undeclared-basis");
    assert_eq!(found["contacts"], serde_json::json!([id]));
    mended(&world, "undeclared-basis", "error");
    world.carnet(&["purpose", "edit", "prospects", "--set", "until=2026-11-22"]).ok();
    finding(&world, "ended-purpose");
    world.carnet(&["purpose", "edit", "prospects", "--set", "until="]).ok();
    commit(&world, "registers/purposes/lottery.toml", |_| {
        std::fs::read_to_string(world.firm().join("registers/purposes/prospects.toml")).unwrap()
    });
    world.carnet(&["edit", &id, "--add-basis", "lottery:contract"]).ok();
    world.git(&["rm", "-q", "registers/purposes/lottery.toml"]).ok();
    world.git(&["-c", "commit.gpgsign=false", "commit", "-q", "-m", "gone"]).ok();
    assert_eq!(finding(&world, "undeclared-purpose")["command"], "carnet purpose add lottery");
    let said = world.carnet(&["audit"]).code(7).out;
    assert!(!said.contains("Jeanne") && !said.contains("jeanne@") && said.contains(&id[..8]), "{said}");
}

/// Follows the commands of one code until there is none left.
fn mended_all(world: &World, code: &str) {
    for _ in 0..5 {
        let audit = audit(world);
        let Some(found) = audit["findings"].as_array().unwrap().iter().find(|f| f["code"] == code) else {
            return;
        };
        assert_eq!(typed(world, found["command"].as_str().unwrap()).code, 0, "{found}");
    }
    panic!("{code} does not go away");
}

#[test]
fn consents_that_are_not_given_or_not_answered_are_found() {
    let mut world = clean();
    let id = world.add("Jeanne Dupont", &["--email", "jeanne@example.org"]);
    world.carnet(&["edit", &id, "--add-basis", "newsletter:consent"]).ok();
    assert_eq!(finding(&world, "no-consent")["severity"], "error");
    wording(&world);
    consent(&world, "ask", &id, &[]);
    assert_eq!(codes(&world), [""; 0], "whoever was just asked is waited for");
    world.now = "2026-12-23T10:00:00Z".into();
    assert_eq!(codes(&world), [""; 0]);
    world.now = "2026-12-24T10:00:01Z".into();
    assert_eq!(codes(&world), ["consent-unanswered"]);
    let refuse =
        ["consent", "refuse", &id, "--purpose", "newsletter", "--channel", "email", "--method", "letter"];
    world.carnet(&refuse).ok();
    // The no ends the basis; whoever said it is not asked again.
    assert_eq!(codes(&world), [""; 0]);
    let file = world.carnet(&["show", &id, "--file"]).ok().out;
    assert!(file.contains("until = 2026-12-24"), "{file}");
    // Who writes the basis anew against it is told.
    world.carnet(&["edit", &id, "--rm-basis", "newsletter", "--add-basis", "newsletter:consent"]).ok();
    assert_eq!(codes(&world), ["no-consent"]);
    let mend = format!("carnet edit {} --rm-basis newsletter", &id[..8]);
    assert_eq!(finding(&world, "no-consent")["command"], mend);
    world.carnet(&["edit", &id, "--rm-basis", "newsletter"]).ok();
    assert_eq!(codes(&world), [""; 0]);
}

#[test]
fn whoever_is_informed_of_a_legitimate_interest_owes_no_answer() {
    let mut world = clean();
    let id = world.add("Jeanne Dupont", &["--email", "jeanne@example.org"]);
    let interest = "legitimate_interest=making our offers known";
    let bases = "bases+=legitimate-interests";
    world.carnet(&["purpose", "edit", "newsletter", "--set", bases, "--set", interest]).ok();
    world.carnet(&["edit", &id, "--add-basis", "newsletter:legitimate-interests"]).ok();
    wording(&world);
    consent(&world, "ask", &id, &[]);
    world.now = "2026-12-24T10:00:01Z".into();
    assert!(!codes(&world).contains(&"consent-unanswered".to_owned()), "{:?}", codes(&world));
}

#[test]
fn registers_that_do_not_say_enough_are_found() {
    let world = clean();
    world.carnet(&["organisation", "edit", "--set", "privacy_contact="]).ok();
    let found = finding(&world, "organisation-incomplete");
    assert!(found["command"].as_str().unwrap().contains("privacy_contact="), "{found}");
    world.carnet(&["organisation", "edit", "--set", "privacy_contact=p@example.org"]).ok();
    commit(&world, "carnet.toml", |text| text.replace("732829320", "732829321"));
    finding(&world, "organisation-wrong");
    commit(&world, "carnet.toml", |text| text.replace("732829321", "732829320"));
    world.carnet(&["purpose", "add", "p", "--title", "T", "--description", "d", "--basis", "contract"]).ok();
    assert_eq!(codes(&world), ["never-reviewed", "no-notice", "no-retention-rule", "purpose-incomplete"]);
    mended(&world, "never-reviewed", "warning");
    world.carnet(&["purpose", "remove", "p"]).ok();
    let dpia = ["--set", "dpia.criteria+=sensitive", "--set", "dpia.criteria+=vulnerable"];
    world.carnet(&[&["purpose", "edit", "customers"], &dpia[..]].concat()).ok();
    mended(&world, "no-dpia", "error");
    world.carnet(&["purpose", "edit", "newsletter", "--set", "processors+=ghost"]).ok();
    assert_eq!(codes(&world), ["no-notice", "unknown-processor"]);
    world.carnet(&["purpose", "edit", "newsletter", "--set", "processors-=ghost"]).ok();
    commit(&world, "registers/purposes/newsletter.toml", |text| text.replace("title =", "title"));
    // What cannot be read is a finding, and the rest is looked at all the same.
    commit(&world, "registers/requests/2026-001.toml", |_| "kind =".into());
    commit(&world, "registers/breaches/2026-001.toml", |_| "kind =".into());
    let said = world.carnet(&["audit", "--json"]).code(7).json();
    let findings = said["findings"].as_array().unwrap().iter();
    let unreadable = findings.filter(|f| f["code"] == "unreadable-record");
    assert_eq!(unreadable.count(), 3);
}

#[test]
fn processors_without_contract_or_ground_are_found() {
    let mut world = clean();
    world.carnet(&["processor", "add", "m", "--name", "M", "--service", "s", "--country", "US"]).ok();
    assert_eq!(codes(&world), ["never-reviewed", "no-safeguard", "processor-without-contract"]);
    mended(&world, "no-safeguard", "error");
    mended(&world, "processor-without-contract", "error");
    mended(&world, "never-reviewed", "warning");
    assert_eq!(codes(&world), ["contract-incomplete"]);
    for point in [
        "instructions",
        "confidentiality",
        "security",
        "sub_processors",
        "rights",
        "assistance",
        "deletion",
        "audits",
    ] {
        world.carnet(&["processor", "edit", "m", "--set", &format!("checklist.{point}=true")]).ok();
    }
    assert_eq!(codes(&world), [""; 0]);
    world.carnet(&["processor", "edit", "m", "--set", "contract.expires=2026-12-23"]).ok();
    assert_eq!(codes(&world), ["contract-expires"]);
    world.now = "2026-12-24T10:00:00Z".into();
    assert_eq!(codes(&world), ["contract-expired"]);
    world.carnet(&["processor", "edit", "m", "--set", "until=2026-12-23"]).ok();
    mended(&world, "processor-not-deleted", "warning");
    assert_eq!(codes(&world), [""; 0]);
    world.now = "2027-11-24T10:00:00Z".into();
    assert_eq!(codes(&world), ["review-due", "training-due"]);
}

#[test]
fn a_breach_past_its_hours_is_found() {
    let mut world = clean();
    world.carnet(&["breach", "open"]).ok();
    assert_eq!(codes(&world), ["breach-running"]);
    world.now = "2026-11-26T10:00:01Z".into();
    assert_eq!(codes(&world), ["breach-late"]);
    let found = finding(&world, "breach-late");
    assert_eq!((found["severity"].as_str(), found["rule"].as_str()), (Some("error"), Some("Art. 33(1)")));
    let duties = world.carnet(&["duties", "--json"]).ok().json();
    assert_eq!((&duties[0]["kind"], &duties[0]["due"]), (&"breach".into(), &"2026-11-26".into()));
}

#[test]
fn a_book_that_others_can_open_is_found_and_what_was_not_checked_is_said() {
    let world = clean();
    let audit = audit(&world);
    assert!(
        audit["not_checked"]
            .as_array()
            .unwrap()
            .iter()
            .any(|w| w.as_str().unwrap().contains("carnet verify"))
    );
    // The members are declared in the book's file; its key is encrypted to whom it is encrypted to.
    let (_, cert) = newcomer(&world, "eve");
    world.carnet(&["member", "add", &cert, "--handle", "eve", "--book", "main"]).ok();
    let found = codes(&world);
    assert_eq!(found, ["no-training"]);
    commit(&world, "books/main.toml", |text| text.replace("\"eve\"", ""));
    let found = finding(&world, "recipients-differ");
    assert_eq!(
        (found["place"].as_str(), found["command"].as_str()),
        (Some("book main"), Some("carnet book rekey main"))
    );
    world.carnet(&["book", "add", "closed", "--title", "C", "--purpose", "customers"]).ok();
    commit(&world, "books/closed.toml", |text| text.replace("\"ana\"", "\"eve\""));
    let said = world.carnet(&["audit"]).code(7).out;
    assert!(said.contains("not checked: contacts of book closed (you cannot open it)"), "{said}");
}

#[test]
fn requests_near_or_past_their_deadline_are_found() {
    let mut world = clean();
    let id = world.add("Jeanne Dupont", &["--email", "jeanne@example.org"]);
    world.carnet(&["request", "open", "access", "--contact", &id, "--channel", "email"]).ok();
    assert_eq!(codes(&world), [""; 0]);
    let duties = world.carnet(&["duties", "--json"]).ok().json();
    assert_eq!((&duties[0]["kind"], &duties[0]["due"]), (&"request".into(), &"2026-12-23".into()));
    world.now = "2026-12-16T10:00:00Z".into();
    assert_eq!(codes(&world), ["request-soon"]);
    world.now = "2026-12-23T10:00:00Z".into();
    assert_eq!(codes(&world), ["request-soon"]);
    world.now = "2026-12-24T10:00:00Z".into();
    assert_eq!(codes(&world), ["request-late"]);
}
