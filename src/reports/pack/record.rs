//! What of a contact's file is handed out to the person; [`super::reads`] says how it reads.
//!
//! Everything that the file holds, known key or not (Art. 15(3): a copy of the personal data), but for what is about
//! others (Art. 15(4)): who of the firm collected, wrote or merged something, and the ids of other contacts. Portability
//! (Art. 20) is narrower: what the person gave, under consent or contract; the firm's own words about them stay.

use std::collections::BTreeSet;

use serde::Serialize;
use toml::{Table, Value};

use crate::domain::contact::Contact;
use crate::domain::lawful::LegalBasis;
use crate::domain::link::KEY as LINK;
use crate::domain::moment;
use crate::error::{Error, Result};

/// Keys that are about somebody else, in events and notes.
const OTHERS: [&str; 8] = ["collector", "who", "by", "author", "member", "with", "contact", "contacts"];
const EVENTS: [&str; 5] = ["consent", "activity", "conflict", "objection", "restriction"];

/// Keys of a contact that the person gave (Art. 20(1); Guidelines on portability, WP 242 rev.01, section II).
const GIVEN: [&str; 26] = [
    "id",
    "book",
    "kind",
    "name",
    "given",
    "family",
    "additional",
    "prefix",
    "suffix",
    "nickname",
    "org",
    "title",
    "role",
    "emails",
    "phones",
    "addresses",
    "urls",
    "birthday",
    "lang",
    "source",
    "created",
    "custom",
    "basis",
    "consent",
    "objection",
    "vcard",
];

/// Fields without which a record is none.
const NEEDED: [&str; 6] = ["id", "book", "kind", "name", "source", "basis"];

/// What is handed out.
#[derive(Debug)]
pub struct Record {
    pub table: Table,
    /// The same as a contact, for CSV and vCard.
    pub contact: Contact,
    /// Names of the fields that were left out at the firm's wish.
    pub left_out: Vec<String>,
}

/// The legal bases that a contact's data is portable under: consent and contract, as far as they last on `now` (seconds).
pub fn is_portable(basis: &crate::domain::contact::Basis, now: i64) -> bool {
    let lasts = basis.until.as_ref().and_then(moment::end).is_none_or(|end| end > now);
    lasts && matches!(basis.basis, LegalBasis::Consent | LegalBasis::Contract)
}

/// One link as the person is told of it, whichever file it stands in: how they are related to whom. Only an organisation
/// is named, for whom a person is related to is about that one as well (Art. 15(4)).
#[derive(Clone, Debug, Default, Serialize)]
pub struct Relation {
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Everything of a contact but what is about others and `leave_out`; `relations` are told instead of the file's links.
pub fn access(text: &str, relations: &[Relation], leave_out: &[String]) -> Result<Record> {
    let mut table = parse(text)?;
    without_others(&mut table);
    table.remove(LINK);
    let relations: Vec<Value> = relations.iter().filter_map(|one| Value::try_from(one).ok()).collect();
    if !relations.is_empty() {
        table.insert(LINK.into(), Value::Array(relations));
    }
    finish(table, leave_out)
}

/// What a contact gave under consent or contract; `None` when nothing is held under either.
pub fn portable(text: &str, now: i64, leave_out: &[String]) -> Result<Option<Record>> {
    let contact = Contact::parse(text)?;
    let purposes: BTreeSet<&str> =
        contact.bases.iter().filter(|b| is_portable(b, now)).map(|b| b.purpose.as_str()).collect();
    if purposes.is_empty() {
        return Ok(None);
    }
    let mut table = parse(text)?;
    without_others(&mut table);
    table.retain(|key, _| GIVEN.contains(&key));
    let bases: Vec<Value> = contact
        .bases
        .iter()
        .filter(|basis| is_portable(basis, now))
        .filter_map(|basis| Value::try_from(basis).ok())
        .collect();
    table.insert("basis".into(), Value::Array(bases));
    if let Some(Value::Array(events)) = table.get_mut("consent") {
        events.retain(|event| {
            event.get("purpose").and_then(Value::as_str).is_some_and(|p| purposes.contains(p))
        });
    }
    finish(table, leave_out).map(Some)
}

fn parse(text: &str) -> Result<Table> {
    text.parse::<Table>().map_err(|e| Error::failed("the contact cannot be read").cause(e.message()))
}

fn without_others(table: &mut Table) {
    for key in EVENTS {
        if let Some(Value::Array(events)) = table.get_mut(key) {
            for event in events.iter_mut().filter_map(Value::as_table_mut) {
                event.retain(|key, _| !OTHERS.contains(&key));
            }
        }
    }
}

fn finish(mut table: Table, leave_out: &[String]) -> Result<Record> {
    let mut left_out = BTreeSet::new();
    for field in leave_out {
        if NEEDED.contains(&field.as_str()) {
            return Err(Error::usage("this field cannot be left out")
                .at("--leave-out")
                .hint("refuse the whole request with --refuse, if there is a ground for it"));
        }
        let gone = match field.split_once('.') {
            Some((outer, inner)) => {
                table.get_mut(outer).and_then(Value::as_table_mut).and_then(|t| t.remove(inner))
            }
            None => table.remove(field),
        };
        if gone.is_none() {
            return Err(Error::usage("the contact has no such field to leave out")
                .at("--leave-out")
                .hint("`carnet show ID` lists its fields; a field of your own is custom.NAME"));
        }
        left_out.insert(crate::domain::edit::field_name(field.split('.').next().unwrap_or(field)));
    }
    let contact = Value::Table(table.clone())
        .try_into()
        .map_err(|e: toml::de::Error| Error::failed("the contact cannot be read").cause(e.message()))?;
    Ok(Record { table, contact, left_out: left_out.into_iter().collect() })
}

#[cfg(test)]
mod tests {
    use super::super::reads::{Line, json, rows};
    use super::*;

    const TEXT: &str = r#"
id = "3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77"
book = "main"
name = "Éloïse Petit"
emails = [{ value = "x@example.com", type = "home" }]
addresses = [{ street = "1 rue X", postcode = "69001", locality = "Lyon" }]
tags = ["vip"]
note = "difficult"
source = "fair"
shoe = 38
created = 2026-01-02
[custom]
dog = "Rex"
[[basis]]
purpose = "customers"
basis = "contract"
[[basis]]
purpose = "prospects"
basis = "legitimate-interests"
[[consent]]
id = "1"
purpose = "prospects"
action = "granted"
time = 2026-01-02
collector = "ana"
[[activity]]
id = "2"
time = 2026-01-03
kind = "call"
text = "asked for a price"
with = "99999999-7c1e-4d5a-9a53-0d4c2f6f1e77"
"#;

    #[test]
    fn access_hands_out_everything_but_other_people() {
        let record = access(TEXT, &[], &[]).unwrap();
        let rows = rows(&record.table);
        let names: Vec<&str> = rows.iter().map(|row| row.field.as_str()).collect();
        assert_eq!(
            names,
            ["name", "emails", "addresses", "tags", "note", "source", "created", "dog", "shoe"]
        );
        assert_eq!(rows[1].values, [Line::new("x@example.com", "home")]);
        assert_eq!(rows[2].values[0].text, "1 rue X, 69001 Lyon");
        let json = json(&Value::Table(record.table)).to_string();
        assert!(json.contains("asked for a price") && json.contains("\"created\":\"2026-01-02\""));
        assert!(!json.contains("ana") && !json.contains("99999999"), "{json}");
    }

    #[test]
    fn relations_name_organisations_and_no_id() {
        let text = format!(
            "{TEXT}\n[[link]]\nid = \"5\"\nto = \"99999999-7c1e-4d5a-9a53-0d4c2f6f1e77\"\nkind = \"works-for\"\n"
        );
        let relation = Relation {
            kind: "works-for".into(),
            organisation: Some("Acme".into()),
            role: Some("buyer".into()),
            since: Some("2024".into()),
            until: None,
        };
        let record = access(&text, &[relation], &[]).unwrap();
        let row = rows(&record.table).into_iter().find(|row| row.field == "link").unwrap();
        assert_eq!(row.values, [Line::new("Acme, buyer, 2024 \u{2013}", "works-for")]);
        assert!(!json(&Value::Table(record.table)).to_string().contains("99999999"));
        assert!(!access(&text, &[], &[]).unwrap().table.contains_key("link"));
        assert!(!portable(&text, 0, &[]).unwrap().unwrap().table.contains_key("link"));
    }

    #[test]
    fn portability_hands_out_what_the_person_gave_under_consent_or_contract() {
        let record = portable(TEXT, 0, &[]).unwrap().unwrap();
        let json = json(&Value::Table(record.table)).to_string();
        for gone in ["difficult", "vip", "asked", "prospects", "shoe"] {
            assert!(!json.contains(gone), "{gone}: {json}");
        }
        assert!(json.contains("Rex") && json.contains("contract") && json.contains("x@example.com"));
        assert_eq!((record.contact.bases.len(), record.contact.note), (1, None));
        let other = TEXT.replace("\"contract\"", "\"legal-obligation\"");
        assert!(portable(&other, 0, &[]).unwrap().is_none());
        let over = TEXT.replace("basis = \"contract\"", "basis = \"contract\"\nuntil = 1970-01-02");
        assert!(portable(&over, 86_399, &[]).unwrap().is_some(), "the basis lasts to the end of 2 January");
        assert!(portable(&over, 2 * 86_400, &[]).unwrap().is_none());
    }

    #[test]
    fn what_is_left_out_is_named_by_its_field_and_must_be_there() {
        let record = access(TEXT, &[], &["note".into(), "custom.dog".into(), "shoe".into()]).unwrap();
        assert_eq!(record.left_out, ["custom", "note", "other"]);
        assert!(!format!("{:?}", record.table).contains("Rex"));
        for bad in ["name", "nothing", "custom.cat"] {
            assert!(access(TEXT, &[], &[bad.into()]).is_err(), "{bad}");
        }
    }
}
