//! Plain records that carnet itself writes: books, members, departures, the erasure ledger. Those that people fill in
//! are in [`super::registers`].
//!
//! None of them ever holds a name, an address or a number of a data subject.

use serde::{Deserialize, Serialize};

use super::ids::{ContactId, Slug};
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

impl Book {
    pub fn path(book: &Slug) -> String {
        format!("books/{book}.toml")
    }

    /// The text of a book's file with other members; comments and all other keys stay as written.
    pub fn with_members(path: &str, text: &str, members: &[Slug]) -> Result<String> {
        let mut doc = document(path, text)?;
        let list: toml_edit::Array = members.iter().map(Slug::as_str).collect();
        match doc.get_mut("members").and_then(toml_edit::Item::as_value_mut) {
            Some(value) => {
                let decor = value.decor().clone();
                *value = list.into();
                *value.decor_mut() = decor;
            }
            None => doc["members"] = toml_edit::value(list),
        }
        Ok(doc.to_string())
    }
}

/// `members/<handle>.toml`: what is said of a member beside the certificate, where it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Member {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// `registers/departures/<date>-<handle>.toml`: what a member could read until the keys were replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    pub member: Slug,
    /// Fingerprint of the key that the books are no longer encrypted to.
    pub key: String,
    /// RFC 3339, UTC: until when the books' keys were encrypted to the member.
    pub until: String,
    /// Handle of whoever replaced the keys.
    pub by: Slug,
    /// Whether the member left the firm's repository, or lost these books only.
    pub left: bool,
    pub note: String,
    #[serde(default)]
    pub books: Vec<BookRead>,
}

/// One book that somebody could read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookRead {
    pub book: Slug,
    pub contacts: usize,
}

impl Departure {
    /// Said in every entry, so that nobody takes it for more than it is.
    pub const NOTE: &'static str = "Not retroactive: contacts, keys and versions that the member copied until then \
        stay readable to them. Later versions are out of their reach as far as they hold no copied contact key.";
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
    /// How many other contacts mentioned it: their mentions went, and their keys were replaced.
    #[serde(default, skip_serializing_if = "is_none")]
    pub mentions: usize,
    /// Git's ids of the key messages that were destroyed here, so that any store can be asked for them. The id of
    /// a sealed message says nothing of the key in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub destroyed: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
}

/// What is kept of an erased contact, on which ground and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// `opposition`: entries of the opposition list.
    pub what: String,
    pub entries: usize,
    pub ground: String,
    /// `YYYY-MM-DD`.
    pub until: String,
}

fn is_none(number: &usize) -> bool {
    *number == 0
}

impl Erasure {
    /// Becomes the earlier entry `first`, with what this erasure destroyed added.
    pub fn add_to(&mut self, first: Erasure) {
        let now = std::mem::replace(self, first);
        self.versions = now.versions;
        self.mentions += now.mentions;
        self.kept = now.kept.or(self.kept.take());
        let more: Vec<String> = now.destroyed.into_iter().filter(|id| !self.destroyed.contains(id)).collect();
        self.destroyed.extend(more);
    }

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

fn document(path: &str, text: &str) -> Result<toml_edit::DocumentMut> {
    text.parse().map_err(|_| {
        Error::failed("a register entry cannot be read").at(path).hint("correct it and commit it")
    })
}

/// A record's text with one key set to a text; everything else stays as written.
pub fn with_text(path: &str, text: &str, key: &str, value: &str) -> Result<String> {
    let mut doc = document(path, text)?;
    doc[key] = toml_edit::value(value);
    Ok(doc.to_string())
}

/// Writes a record.
pub fn to_toml<T: Serialize>(record: &T) -> Result<String> {
    toml::to_string_pretty(record).map_err(|e| Error::failed("a record cannot be written").cause(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_books_members_change_and_nothing_else_does() {
        let text =
            "# ours\ntitle = \"A\" # t\npurpose = \"customers\"\nmembers = [\"ana\"] # who\nextra = 1\n";
        let (ana, bob) = ("ana".parse().unwrap(), "bob".parse().unwrap());
        let new = Book::with_members("books/main.toml", text, &[ana, bob]).unwrap();
        assert_eq!(new, text.replace("[\"ana\"]", "[\"ana\", \"bob\"]"));
        assert!(Book::with_members("books/main.toml", "members = [", &[]).is_err());
    }
}
