//! What a contact file holds, as types: a read-only view of its TOML (docs/format.md, "Contact").
//!
//! Writing goes through [`super::edit`], which changes the text in place, so that comments, order and
//! unknown keys stay as a person wrote them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fold::fold_into;
use super::ids::{ContactId, RecordId, Slug};
use super::lawful::LegalBasis;
use super::objected::{self, Objected};
use crate::error::{Error, Result};

/// vCard KIND (RFC 6350, section 6.1.4), as far as a CRM needs it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactKind {
    #[default]
    Person,
    Organisation,
}

impl ContactKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ContactKind::Person => "person",
            ContactKind::Organisation => "organisation",
        }
    }
}

/// An e-mail, phone or web address with what it is for (`work`, `home`, `mobile`, several with commas).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "RawTyped")]
pub struct Typed {
    pub value: String,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// In the file: either a bare text or `{ value = "…", type = "…" }`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text or { value = \"…\", type = \"…\" }")]
enum RawTyped {
    Text(String),
    Table {
        value: String,
        #[serde(rename = "type")]
        kind: Option<String>,
    },
}

impl From<RawTyped> for Typed {
    fn from(raw: RawTyped) -> Self {
        match raw {
            RawTyped::Text(value) => Typed { value, kind: None },
            RawTyped::Table { value, kind } => Typed { value, kind },
        }
    }
}

/// A postal address (vCard ADR, RFC 6350, section 6.3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub street: String,
    /// Post-office box and extended address, which RFC 6350 keeps for old cards.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub extended: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub postcode: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub locality: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub country: String,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// Why the firm may hold this contact, for one purpose (Art. 6(1)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    pub purpose: Slug,
    pub basis: LegalBasis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<toml::value::Datetime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<toml::value::Datetime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What happened to a consent (Art. 7(1)); the events are append-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentAction {
    Asked,
    Granted,
    Refused,
    Withdrawn,
    Expired,
}

impl ConsentAction {
    pub fn as_str(self) -> &'static str {
        match self {
            ConsentAction::Asked => "asked",
            ConsentAction::Granted => "granted",
            ConsentAction::Refused => "refused",
            ConsentAction::Withdrawn => "withdrawn",
            ConsentAction::Expired => "expired",
        }
    }
}

/// One consent event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    pub id: String,
    pub purpose: Slug,
    /// `email`, `phone`, `sms` or `post`; every channel when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    pub action: ConsentAction,
    pub time: toml::value::Datetime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collector: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wording: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<toml::value::Datetime>,
}

/// One interaction with the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    pub id: String,
    pub time: toml::value::Datetime,
    /// `call`, `email`, `meeting`, `note`, or whatever another program wrote.
    pub kind: String,
    #[serde(default)]
    pub text: String,
    /// `in` when it came from them, `out` when it went to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// Minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
    /// Message-ID of a logged e-mail (RFC 5322, section 3.6.4), so that it is logged once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The deal that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal: Option<RecordId>,
}

/// Something to do about the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Todo {
    pub id: String,
    pub text: String,
    /// The day until which it should be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<toml::value::Datetime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<toml::value::Datetime>,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<toml::value::Datetime>,
}

/// A conflict note: what a merge of two edits could not keep in its place (docs/format.md, "Conflict notes").
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conflict {
    /// The field, with dots where it is in a table.
    pub field: String,
    /// Why there is a note: `changed-twice`, `removed` or `protected`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What stands in the field now; absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<toml::Value>,
    /// What the other side had; absent where it had removed the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<toml::Value>,
    /// When and by whom the other side was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<toml::value::Datetime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
}

/// vCard properties kept word for word, for what the fields above cannot hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VcardExtra {
    /// Unfolded content lines (RFC 6350, section 3.3), in their order.
    #[serde(default)]
    pub properties: Vec<String>,
}

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

/// A date that a person may write as TOML date or as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "RawDate")]
pub struct DateText(pub String);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a date such as 1980-02-03 or a text")]
enum RawDate {
    Date(toml::value::Datetime),
    Text(String),
}

impl From<RawDate> for DateText {
    fn from(raw: RawDate) -> Self {
        match raw {
            RawDate::Date(date) => DateText(date.to_string()),
            RawDate::Text(text) => DateText(text),
        }
    }
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

    /// The first phone number, which lists show.
    pub fn first_phone(&self) -> Option<&str> {
        self.phones.first().map(|p| p.value.as_str())
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

/// All text of a contact file, folded, one value a line: what `find` searches.
///
/// Values of every key, known or not; binary properties of vCards (photos, sounds, keys) left out.
pub fn search_text(table: &toml::Table, out: &mut String) {
    for (key, value) in table {
        if key == "id" || key == "book" {
            continue;
        }
        search_value(value, out);
    }
}

fn search_value(value: &toml::Value, out: &mut String) {
    match value {
        toml::Value::String(s) if is_binary_property(s) => {}
        toml::Value::String(s) => {
            fold_into(s, out);
            out.push('\n');
        }
        toml::Value::Array(items) => items.iter().for_each(|item| search_value(item, out)),
        toml::Value::Table(table) => table.values().for_each(|value| search_value(value, out)),
        toml::Value::Boolean(_) => {}
        other => {
            fold_into(&other.to_string(), out);
            out.push('\n');
        }
    }
}

/// Whether a kept vCard line is a picture, a sound, a key or anything else in base64, which nobody searches.
fn is_binary_property(line: &str) -> bool {
    let Some((head, _)) = line.split_once(':') else { return false };
    let mut parts = head.split(';');
    let name = parts.next().unwrap_or_default();
    let name = name.rsplit('.').next().unwrap_or(name);
    ["PHOTO", "LOGO", "SOUND", "KEY"].iter().any(|n| name.eq_ignore_ascii_case(n))
        || is_property_name(name) && parts.any(is_base64)
}

/// A vCard property's name (RFC 6350, section 3.3): letters, digits and hyphens.
fn is_property_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// A parameter that says base64: `ENCODING=b` (RFC 2426, section 5), `ENCODING=BASE64` or `BASE64` (vCard 2.1).
fn is_base64(parameter: &str) -> bool {
    let value = match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("ENCODING") => value,
        Some(_) => return false,
        None => return parameter.trim().eq_ignore_ascii_case("BASE64"),
    };
    let value = value.trim().trim_matches('"');
    value.eq_ignore_ascii_case("b") || value.eq_ignore_ascii_case("BASE64")
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
    fn unknown_keys_are_searched_but_photos_are_not() {
        let text = format!("{TEXT}\n[vcard]\nproperties = [\"PHOTO;ENCODING=b:QUJD\", \"X-A:Zoé\"]\n");
        let mut out = String::new();
        search_text(&text.parse().unwrap(), &mut out);
        for found in ["eloise petit", "rex", "38", "x-a:zoe", "prospects"] {
            assert!(out.contains(found), "{found} in {out}");
        }
        assert!(!out.contains("qujd"));
    }

    #[test]
    fn base64_is_binary_whatever_the_property_and_texts_are_not() {
        for line in [
            "PHOTO:http://example.org/x.png",
            "item1.LOGO;TYPE=png:QUJD",
            "X-MS-CARDPICTURE;TYPE=JPEG;ENCODING=BASE64:QUJD",
            "X-ABC;encoding=\"b\":QUJD",
            "X-OLD;BASE64:QUJD",
        ] {
            assert!(is_binary_property(line), "{line}");
        }
        for line in [
            "X-A:ENCODING=b",
            "X-A;TYPE=b:text",
            "NOTE;ENCODING=QUOTED-PRINTABLE:=41",
            "we met;BASE64: a text",
            "KEY",
            "BASE64",
        ] {
            assert!(!is_binary_property(line), "{line}");
        }
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
