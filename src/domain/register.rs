//! Plain records of the registers: books, purposes (Art. 30(1)), the erasure ledger.
//!
//! None of them ever holds a name, an address or a number of a data subject.

use serde::{Deserialize, Serialize};

use super::ids::{ContactId, Slug};
use super::lawful::LegalBasis;
use crate::error::{Error, Result};

/// `books/<book>.toml`: the unit of access control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    pub title: String,
    /// The purpose that reads are recorded under when nothing else is said.
    pub purpose: Slug,
    /// Handles of the members who can open it.
    pub members: Vec<Slug>,
}

/// `registers/purposes/<slug>.toml`: one processing activity (Art. 30(1)).
///
/// Only what carnet itself decides by is typed here; the register's pages show the rest as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Purpose {
    pub title: String,
    pub purpose: String,
    pub bases: Vec<LegalBasis>,
    #[serde(default)]
    pub legitimate_interest: String,
    #[serde(default)]
    pub persons: Vec<String>,
    #[serde(default)]
    pub data: Vec<String>,
    #[serde(default)]
    pub recipients: Vec<String>,
    #[serde(default)]
    pub transfers: String,
    #[serde(default)]
    pub retention: String,
    #[serde(default)]
    pub security: Vec<String>,
    #[serde(default)]
    pub review: Option<toml::value::Datetime>,
}

/// Why a contact was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// The person asked (Art. 17).
    Request,
    /// The retention period is over (Art. 5(1)(e)).
    Retention,
    /// It should not have been there.
    Error,
}

impl Trigger {
    pub fn as_str(self) -> &'static str {
        match self {
            Trigger::Request => "request",
            Trigger::Retention => "retention",
            Trigger::Error => "error",
        }
    }
}

/// `registers/erasures/<id>.toml`: one line of the erasure ledger. Never the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    pub contact: ContactId,
    pub book: Slug,
    /// RFC 3339, UTC.
    pub time: String,
    pub trigger: Trigger,
    /// Reference of the rights request, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// What was erased: always the contact file, its versions and its key.
    pub scope: String,
    /// How many versions the history holds, now unreadable.
    #[serde(default)]
    pub versions: usize,
}

impl Erasure {
    pub fn path(id: &ContactId) -> String {
        format!("registers/erasures/{id}.toml")
    }
}

/// Reads a record, naming the file where it fails.
pub fn parse<T: for<'de> Deserialize<'de>>(path: &str, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|e| {
        let line = e.span().map_or(0, |s| text[..s.start].matches('\n').count() + 1);
        Error::failed("a register entry cannot be read")
            .at(format!("{path}, line {line}"))
            .cause(e.message())
            .hint("correct the line and commit it")
    })
}

/// Writes a record.
pub fn to_toml<T: Serialize>(record: &T) -> Result<String> {
    toml::to_string_pretty(record).map_err(|e| Error::failed("a record cannot be written").cause(e))
}
