//! What a contact is made of: addresses, bases, events, notes of a merge.

use serde::{Deserialize, Serialize};

use crate::domain::ids::{RecordId, Slug};
use crate::domain::lawful::LegalBasis;

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
