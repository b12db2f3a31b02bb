//! The language as it is read, what it says of a contact, and that no text makes it fail in another way than an error.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::domain::contact::Contact;

const TEXT: &str = r#"
id = "3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77"
book = "main"
name = "Éloïse Petit"
nickname = "Lo"
org = "Acme & Fils (Lyon)"
emails = ["e@example.org", { value = "x@example.com", type = "home" }]
phones = ["+33612345678"]
addresses = [{ street = "1 rue X", postcode = "69001", locality = "Lyon", country = "France" }]
tags = ["prospect", "Salon 2026"]
birthday = 1980-11-30
source = "fair"
note = "Met at the fair: likes tea"
created = 2026-03-31T09:00:00Z
every = "3m"
[custom]
"Shoe size" = 38
since = 2020-05-01
[[basis]]
purpose = "prospects"
basis = "legitimate-interests"
[[basis]]
purpose = "members"
basis = "contract"
until = 2026-11-22
[[basis]]
purpose = "customers"
basis = "contract"
until = 2026-11-23
[[consent]]
id = "c1"
purpose = "newsletter"
channel = "email"
action = "granted"
time = 2026-04-01
[[consent]]
id = "c2"
purpose = "events"
action = "granted"
time = 2026-04-01
[[consent]]
id = "c3"
purpose = "events"
action = "withdrawn"
time = 2026-05-01
[[activity]]
id = "a1"
time = 2026-10-01T10:00:00Z
kind = "call"
text = "asked for a quote"
direction = "in"
[[activity]]
id = "a2"
time = 2026-11-20T10:00:00Z
kind = "email"
text = "sent it"
direction = "out"
[[activity]]
id = "a3"
time = 2026-11-22T10:00:00Z
kind = "note"
text = "thinking"
[[todo]]
id = "t1"
text = "call back"
due = 2026-11-25
[[objection]]
id = "o1"
time = 2026-06-01
purpose = "prospects"
channel = "phone"
"#;

fn now() -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

/// What the filter says of the contact above.
fn says(filter: &str) -> bool {
    let facts = of(TEXT, &Contact::parse(TEXT).unwrap());
    let filter = Filter::parse(filter).unwrap_or_else(|e| panic!("{filter}: {e}"));
    filter.passes(&facts, now()).unwrap()
}

#[test]
fn what_the_documentation_promises() {
    for yes in [
        "",
        "eloise",
        "tea lyon",
        "tag:prospect and org:acme and last<90d and not consent:events",
        "TAG:PROSPECT",
        "tag:'salon 2026'",
        "name:ELOISE",
        "name:lo",
        "name='éloïse petit'",
        "org:\"acme & fils (lyon)\"",
        "email:example.com",
        "phone:'06 12 34'",
        "phone:+33612345678",
        "city:lyon and postcode:690 and country=france",
        "id:3f9a",
        "book:main kind:person",
        "has:phone and not has:url",
        "created<2027 and created>2025 and created:2026-03 and created:2026-03-31",
        "created<=2026-03-31 and created>=2026-03-31 and not created<2026-03-31",
        "created>6m and created<1y",
        "last<4d and last>2d",
        "heard>7w and heard<8w",
        "due<3d and due:2026-11-25 and due>1d",
        "todo:call",
        "activity:quote",
        "note:'likes tea'",
        "birthday<8d and not birthday<7d and birthday:11-30 and birthday<1990",
        "custom.\"Shoe size\":38 and custom.'shoe size'>37.5 and custom.\"shoe size\"<100",
        "custom.since<2021 and custom.since:2020-05",
        "purpose:prospects basis:legitimate-interests basis=prospects:legitimate-interests",
        "purpose:customers basis:contract purpose!=members basis!=members:contract",
        "consent:newsletter and consent:newsletter/email and has:consent",
        "objection:prospects and objection:/phone and not objection:newsletter",
        "every:3m",
        "tag:x or tag:prospect",
        "(tag:x or tag:prospect) and not (tag:y)",
        "tag!=x and not tag!=prospect",
        "created:>2025",
        "last < 90d",
        "not not tag:prospect",
        "source:fair lang!=fr",
    ] {
        assert!(says(yes), "{yes}");
    }
    for no in [
        "purpose:members",
        "basis:members:contract",
        "tag:pros",
        "tag:x and tag:prospect or tag:y",
        "consent:events",
        "consent:newsletter/post",
        "last>90d",
        "org=acme",
        "phone:0",
        "has:url",
        "not eloise",
        "objection:prospects/email",
        "custom.\"shoe size\">38",
        "custom.none>1",
        "restriction:prospects",
        "birthday<7d",
        "due<1d",
        "todo:quote",
        "kind:organisation",
    ] {
        assert!(!says(no), "{no}");
    }
}

#[test]
fn a_mistake_is_pointed_at_and_the_field_suggested() {
    for (filter, character, hint) in [
        ("tga:prospect", 1, "`tag:`"),
        ("tag:x and orga:acme", 11, "`org:`"),
        ("é tag:x and lats<90d", 13, "`last:`"),
        ("company:", 9, "for example"),
        ("tag:x and", 10, "comes a condition"),
        ("(tag:x", 1, "close it with )"),
        ("tag:x)", 6, "in quotes"),
        ("note:\"abc", 6, "close it with \""),
        ("last<soon", 6, "dates are"),
        ("last:90d", 6, "less than 90 days ago"),
        ("name<a", 1, "`name:`"),
        ("and tag:x", 1, "in quotes"),
        ("has:nmae", 5, "`name:`"),
        ("http://example.org", 1, "in quotes"),
        ("@", 1, "search list"),
        ("created:2026-13", 9, "dates are"),
    ] {
        let error = Filter::parse(filter).expect_err(filter);
        assert_eq!(error.place, Some(format!("filter, character {character}")), "{filter}");
        let hint_said = error.hint.clone().unwrap_or_default();
        assert!(hint_said.contains(hint), "{filter}: {hint_said}");
    }
    // What was typed may be somebody's name.
    for filter in ["jeanne:dupont", "note:'jeanne", "last<jeanne", "has:jeanne", "jeanne)"] {
        let error = Filter::parse(filter).expect_err(filter);
        assert!(!format!("{error} {:?}", error.hint).contains("jeanne"), "{filter}: {error}");
    }
}

#[test]
fn saved_searches_are_put_in_and_may_not_go_round() {
    let saved = |name: &Slug| match name.as_str() {
        "warm" => Some("last<30d and @vips".to_owned()),
        "vips" => Some("tag:prospect or tag:vip".to_owned()),
        "round" => Some("@round".to_owned()),
        "broken" => Some("tag:".to_owned()),
        _ => None,
    };
    let facts = of(TEXT, &Contact::parse(TEXT).unwrap());
    let says = |text: &str| Filter::parse_with(text, &saved).map(|f| f.passes(&facts, now()));
    assert_eq!(says("@warm and city:lyon").unwrap(), Some(true));
    assert_eq!(says("not @warm").unwrap(), Some(false));
    assert_eq!(says("@none").unwrap_err().kind, crate::error::Kind::NotFound);
    assert!(says("@round").unwrap_err().message.contains("without end"));
    assert!(says("x @broken").unwrap_err().place.unwrap().contains("saved search named at"));
}

#[test]
fn what_may_be_about_a_person_is_told_from_what_may_not() {
    let is_name = |text: &str| text.contains("jeanne");
    let verdict = |text: &str| {
        personal(&Filter::parse(text).unwrap(), &is_name, &|field, value| {
            (field, value) == ("book", "jeanne")
        })
    };
    for fine in [
        "tag:prospect and last<90d and consent:newsletter/email",
        "has:phone or not kind:person",
        "@x due<7d",
        "book:jeanne",
        "basis:customers:contract",
    ] {
        assert_eq!(verdict(fine), None, "{fine}");
    }
    for bad in [
        "jeanne",
        "name:x",
        "tag:jeanne",
        "org:acme",
        "not (phone:06)",
        "note:x",
        "custom.dog:rex",
        "has:custom.jeanne",
        "book:jeanne-dupont",
        "consent:jeanne",
        "consent:max@example.org",
        "purpose:'Max Kern, Lyon'",
        "tag:max@example.org",
        "tag:0612345678",
    ] {
        let why = verdict(bad).unwrap_or_else(|| panic!("{bad}"));
        assert!(!why.contains("jeanne"), "{why}");
    }
}

#[test]
fn what_the_index_does_not_know_is_not_decided_without_need() {
    struct Index(Pairs);
    impl Facts for Index {
        fn values(&self, field: &Field) -> Option<Vec<std::borrow::Cow<'_, str>>> {
            if IN_FILE_ONLY.contains(&field.name()) { None } else { self.0.values(field) }
        }
        fn text(&self) -> Option<&str> {
            self.0.text()
        }
    }
    let index = Index(of(TEXT, &Contact::parse(TEXT).unwrap()));
    let says = |text: &str| Filter::parse(text).unwrap().passes(&index, now());
    assert_eq!(says("note:tea"), None);
    assert_eq!(says("note:coffee"), Some(false));
    assert_eq!(says("not note:tea"), None);
    assert_eq!(says("note:tea and tag:x"), Some(false));
    assert_eq!(says("note:tea or tag:prospect"), Some(true));
    assert_eq!(says("note:tea and tag:prospect"), None);
}

/// Filters that are right, from their grammar.
fn filters() -> impl Strategy<Value = String> {
    let term = prop_oneof![
        "[a-zé]{1,6}".prop_filter("a word of the language", |w| !["and", "or", "not"].contains(&w.as_str())),
        "tag:[a-z]{1,4}",
        Just("tag:prospect".to_owned()),
        Just("last<90d".to_owned()),
        Just("has:phone".to_owned()),
        "\"[^\"\\\\]{1,8}\"",
        "note:'[^'\\\\]{1,8}'",
        "created>=20[0-9]{2}",
    ];
    term.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_does_more_than_an_error(text in "\\PC{0,60}|[a-z:<>=()\"'@. 0-9]{0,60}") {
        let facts = of(TEXT, &Contact::parse(TEXT).unwrap());
        if let Ok(filter) = Filter::parse(&text) {
            let _ = filter.passes(&facts, now());
        }
    }

    #[test]
    fn logic_holds(a in filters(), b in filters()) {
        let (a_says, b_says) = (says(&a), says(&b));
        let (both, either) = (format!("({}) and ({})", a, b), format!("({}) or ({})", a, b));
        prop_assert_eq!(says(&both), a_says && b_says);
        prop_assert_eq!(says(&either), a_says || b_says);
        prop_assert_eq!(says(&format!("not ({a})")), !a_says);
        prop_assert_eq!(says(&format!("({a}) ({b})")), a_says && b_says);
    }
}

#[test]
fn deep_and_long_filters_are_refused() {
    assert!(Filter::parse(&format!("{}x{}", "(".repeat(60), ")".repeat(60))).is_ok());
    assert!(Filter::parse(&"(".repeat(8000)).unwrap_err().message.contains("brackets"));
    assert!(Filter::parse(&"not ".repeat(2000)).is_err());
    assert!(Filter::parse(&"x".repeat(9000)).is_err());
    assert!(Filter::parse(&"x ".repeat(4000)).is_ok());
}
