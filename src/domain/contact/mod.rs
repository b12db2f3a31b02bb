//! What a contact file holds, as types: a read-only view of its TOML (docs/format.md, "Contact").
//!
//! Writing goes through [`super::edit`], which changes the text in place, so that comments, order and
//! unknown keys stay as a person wrote them.

mod parts;
mod search;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{ContactId, Slug};
use super::link::Link;
use super::objected::{self, Objected};
use crate::error::{Error, Result};

pub use parts::{
    Activity, Address, Basis, Conflict, Consent, ConsentAction, ContactKind, DateText, Todo, Typed,
    VcardExtra,
};
pub use search::search_text;

/// A contact as read from its file. Keys that are not listed here stay in the file and are searched too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    pub id: ContactId,
    pub book: Slug,
    #[serde(default)]
    pub kind: ContactKind,
    /// The name to show (vCard FN).
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Typed>,
    /// E.164 where the number could be understood, as written otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Typed>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<Typed>,
    /// `YYYY-MM-DD`, or `--MM-DD` where the year is not known (RFC 6350, section 6.2.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthday: Option<DateText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The person's language (BCP 47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// `consumer` or `professional`, where what else the contact says would be misleading ([`super::lawful`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Where the data comes from (Art. 14(2)(f)).
    pub source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<toml::value::Datetime>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, toml::Value>,
    #[serde(default, rename = "basis")]
    pub bases: Vec<Basis>,
    #[serde(default, rename = "consent", skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<Consent>,
    /// Objections (Art. 21): append-only, and what cannot be read counts as one to everything.
    #[serde(
        default,
        rename = "objection",
        deserialize_with = "objected::read",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub objections: Vec<Objected>,
    #[serde(default, rename = "activity", skip_serializing_if = "Vec::is_empty")]
    pub activities: Vec<Activity>,
    #[serde(default, rename = "todo", skip_serializing_if = "Vec::is_empty")]
    pub todos: Vec<Todo>,
    /// How it is related to other contacts; the other sides' files say nothing of it.
    #[serde(default, rename = "link", skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// How often one wants to be in touch: `2w`, `3m`, `1y`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// Contacts that became part of this one; their ids mean it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<ContactId>,
    #[serde(default, rename = "conflict", skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Conflict>,
    #[serde(default, skip_serializing_if = "is_empty_extra")]
    pub vcard: VcardExtra,
}

fn is_empty_extra(extra: &VcardExtra) -> bool {
    extra.properties.is_empty()
}

impl Contact {
    /// Reads a contact file's text and checks what every contact must have.
    pub fn parse(text: &str) -> Result<Contact> {
        let contact: Contact = toml::from_str(text).map_err(|e| toml_error(text, &e))?;
        contact.check()?;
        Ok(contact)
    }

    /// What every contact must have, whatever wrote it: a name, a source, a basis.
    pub fn check(&self) -> Result<()> {
        if self.name.trim().is_empty() {
            return Err(Error::usage("a contact needs a name")
                .at("name")
                .hint("give --name, or fill in `name = \"…\"`"));
        }
        if self.source.trim().is_empty() {
            return Err(Error::refused("a contact needs a source: where its data comes from")
                .at("source")
                .hint("give --source, or set `source` under [defaults] in carnet.toml"));
        }
        if self.bases.is_empty() {
            return Err(Error::refused("a contact needs at least one legal basis")
                .at("basis")
                .hint("give --basis, for example --basis prospects:legitimate-interests"));
        }
        Ok(())
    }

    /// The first e-mail, which lists show.
    pub fn first_email(&self) -> Option<&str> {
        self.emails.first().map(|e| e.value.as_str())
    }
}

/// A contact (or a list of them) as JSON. Moments are texts as they stand in the file; serde alone would wrap them.
pub fn to_json(contacts: &impl Serialize) -> Result<serde_json::Value> {
    let mut json = serde_json::to_value(contacts)
        .map_err(|e| Error::failed("the contacts could not be written as JSON").cause(e))?;
    plain_moments(&mut json);
    Ok(json)
}

fn plain_moments(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Object(map) => match map.get_mut("$__toml_private_datetime") {
            Some(moment) => *value = moment.take(),
            None => map.values_mut().for_each(plain_moments),
        },
        Value::Array(list) => list.iter_mut().for_each(plain_moments),
        _ => {}
    }
}

/// A TOML error without the line's content: line and column only, for the line may hold personal data.
pub fn toml_error(text: &str, e: &toml::de::Error) -> Error {
    let mut error = Error::usage(format!("not a valid contact: {}", without_value(e.message())));
    if let Some(span) = e.span() {
        let before = &text[..span.start.min(text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        error = error.at(format!("line {line}, column {column}"));
    }
    error
}

/// A message of serde's without the value that it quotes: `unknown variant, expected …`.
fn without_value(message: &str) -> String {
    let quotes = ["unknown variant", "unknown field", "invalid type", "invalid value", "duplicate"];
    if !quotes.iter().any(|q| message.starts_with(q)) {
        return message.to_owned();
    }
    let head = message.split(['`', '"']).next().unwrap_or_default().trim_end_matches([' ', ':']);
    match message.rsplit_once(", expected ") {
        Some((before, expected)) if before.starts_with(head) => format!("{head}, expected {expected}"),
        _ => head.to_owned(),
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
id = "3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77"
book = "main"
name = "Éloïse Petit"
emails = ["e@example.org", { value = "x@example.com", type = "home" }]
birthday = 1980-02-03
source = "fair"
shoe = 38
[custom]
dog = "Rex"
[[basis]]
purpose = "prospects"
basis = "legitimate-interests"
"#;

    #[test]
    fn bare_and_typed_values_both_read() {
        let contact = Contact::parse(TEXT).unwrap();
        assert_eq!(contact.emails[0].kind, None);
        assert_eq!(contact.emails[1].kind.as_deref(), Some("home"));
        assert_eq!(contact.birthday, Some(DateText("1980-02-03".into())));
    }

    #[test]
    fn a_contact_without_source_or_basis_is_refused() {
        let no_source = TEXT.replace("source = \"fair\"", "source = \" \"");
        assert_eq!(Contact::parse(&no_source).unwrap_err().kind, crate::error::Kind::Refused);
        let no_basis = TEXT.split("[[basis]]").next().unwrap();
        assert_eq!(Contact::parse(no_basis).unwrap_err().place.as_deref(), Some("basis"));
    }

    #[test]
    fn an_error_names_the_line_and_not_its_content() {
        let error = Contact::parse("name = \"Secret\nx = 1\n").unwrap_err();
        assert!(error.place.as_deref().unwrap().starts_with("line 1"));
        assert!(!error.to_string().contains("Secret"));
        for (from, to) in [
            ("\"main\"", "\"Secret, expected x\""),
            ("name = \"Éloïse Petit\"", "name = [\"Secret\"]"),
            ("shoe = 38", "tags = \"Secret, expected x\""),
            ("shoe = 38", "lang = { Secret = 1 }"),
            ("shoe = 38", "Secret = 1\nSecret = 2"),
            ("\"legitimate-interests\"", "\"Secret\""),
            ("1980-02-03", "[\"Secret\"]"),
        ] {
            assert!(TEXT.contains(from), "{from}");
            let said = Contact::parse(&TEXT.replace(from, to)).unwrap_err().to_string();
            assert!(!said.contains("Secret") && !said.contains("Raw"), "{said}");
        }
    }
}
