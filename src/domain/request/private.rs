//! The sealed companion of a request: who asked, for whom, and every free text (docs/format.md, "Rights requests").
//!
//! It names no contact: the plain entry does that by its pseudonymous id, so that an erasure leaves the companion as it is,
//! and the proof of the answer outlives the data for as long as it is needed, and no longer.

use serde::{Deserialize, Serialize};

use super::Reference;

/// The kind of sealed record.
pub const KIND: &str = "request";

/// What a companion holds behind its head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Private {
    pub request: Reference,
    /// Name and address of whoever asked, a line each, where it is not the contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<String>,
    /// What allows somebody to ask for another person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandate: Option<String>,
    /// What to look the person up by, where no contact was found: addresses, numbers, names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<String>,
    /// Keys that this version does not know stay.
    #[serde(flatten)]
    pub rest: toml::Table,
    #[serde(default, rename = "note", skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// One free text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// A random id, so that two clones' notes both stay in a merge.
    pub id: String,
    /// RFC 3339, UTC.
    pub time: String,
    /// Step that it was written with: `open`, `pause`, `resume`, `extend`, `answer`, `close`.
    pub step: String,
    pub text: String,
}

impl Private {
    pub fn new(request: &Reference) -> Private {
        Private {
            request: request.clone(),
            requester: None,
            mandate: None,
            identifiers: Vec::new(),
            rest: toml::Table::new(),
            notes: Vec::new(),
        }
    }
}
