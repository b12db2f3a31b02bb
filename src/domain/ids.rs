//! Names that become paths: contact ids, books, members, purposes.
//!
//! Each is checked when it is made, so that no path is ever built from unchecked text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A contact's random UUID (version 4), lower case with hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContactId(String);

impl ContactId {
    /// A new random id.
    pub fn random() -> Self {
        ContactId(uuid::Uuid::new_v4().to_string())
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The directory that spreads contacts 256 ways: the first two hex digits.
    pub fn fan(&self) -> &str {
        &self.0[..2]
    }
    /// The eight digits shown to people and put into commit subjects.
    pub fn short(&self) -> &str {
        &self.0[..8]
    }
    /// Where the contact's file is, from the root of the data repository.
    pub fn path(&self, book: &Slug) -> String {
        Sealed::Contact.path(book, self)
    }
    /// Where the contact's key is, from the root of the key store.
    pub fn key_path(&self, book: &Slug) -> String {
        format!("{book}/{}/{}.pgp", self.fan(), self.0)
    }
}

impl TryFrom<String> for ContactId {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        match uuid::Uuid::try_parse(&text) {
            Ok(id) if id.to_string() == text => Ok(ContactId(text)),
            _ => Err(Error::usage("not a contact id: it must be a lower-case UUID")),
        }
    }
}

impl FromStr for ContactId {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        text.to_owned().try_into()
    }
}

impl From<ContactId> for String {
    fn from(id: ContactId) -> String {
        id.0
    }
}

impl fmt::Display for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A new random id of an event in a contact: 16 hex digits.
pub fn event_id() -> String {
    uuid::Uuid::new_v4().simple().to_string().chars().take(16).collect()
}

/// The id of a sealed record: made and spelt as a contact's, and never the same as one.
pub type RecordId = ContactId;

/// What a sealed file is. Both kinds have a key of their own at the same place of the key store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sealed {
    /// One person or organisation.
    Contact,
    /// Whatever else names persons: what a plain register must not say, a deal (docs/format.md, "Sealed records").
    Record,
}

impl Sealed {
    pub const ALL: [Sealed; 2] = [Sealed::Contact, Sealed::Record];

    /// The directory of the data repository that such files lie in.
    pub fn dir(self) -> &'static str {
        match self {
            Sealed::Contact => "contacts",
            Sealed::Record => "records",
        }
    }

    /// Where the file is, from the root of the data repository.
    pub fn path(self, book: &Slug, id: &ContactId) -> String {
        format!("{}/{book}/{}/{id}.toml.pgp", self.dir(), id.fan())
    }
}

/// A name that is safe as a path component: a book, a member's handle, a purpose.
///
/// Lower-case ASCII letters, digits and single hyphens, starting with a letter, 1 to 40 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slug {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        let fine = (1..=40).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && !text.contains("--")
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if fine {
            Ok(Slug(text))
        } else {
            Err(Error::usage("not a valid name for a book, member or purpose")
                .hint("use 1 to 40 lower-case letters, digits and hyphens, starting with a letter"))
        }
    }
}

impl FromStr for Slug {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        text.to_owned().try_into()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> String {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The book and id that a path of a contact file names, if it is one.
pub fn parse_contact_path(path: &str) -> Option<(Slug, ContactId)> {
    parse_sealed_path(path).filter(|(kind, ..)| *kind == Sealed::Contact).map(|(_, book, id)| (book, id))
}

/// What kind of sealed file a path names, its book and its id; none where it is no such path.
pub fn parse_sealed_path(path: &str) -> Option<(Sealed, Slug, ContactId)> {
    let (dir, rest) = path.split_once('/')?;
    let kind = Sealed::ALL.into_iter().find(|kind| kind.dir() == dir)?;
    let mut parts = rest.strip_suffix(".toml.pgp")?.split('/');
    let (book, fan, id) = (parts.next()?, parts.next()?, parts.next()?);
    let id: ContactId = id.parse().ok()?;
    (parts.next().is_none() && id.fan() == fan).then_some((kind, book.parse().ok()?, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_cannot_leave_their_directory() {
        for bad in ["", ".", "..", "a/b", "A", "a--b", "-a", "a-", "é", "a b", "9a", "a\0"] {
            assert!(bad.parse::<Slug>().is_err(), "{bad:?}");
        }
        for good in ["a", "main", "prospects-2026", "a9"] {
            assert!(good.parse::<Slug>().is_ok(), "{good:?}");
        }
    }

    #[test]
    fn a_path_and_its_id_agree() {
        let (id, book) = (ContactId::random(), "main".parse::<Slug>().unwrap());
        assert_eq!(parse_contact_path(&id.path(&book)), Some((book.clone(), id.clone())));
        let elsewhere = format!("contacts/main/zz/{id}.toml.pgp");
        assert_eq!(parse_contact_path(&elsewhere), None);
        let record = Sealed::Record.path(&book, &id);
        assert_eq!(parse_contact_path(&record), None);
        assert_eq!(parse_sealed_path(&record), Some((Sealed::Record, book, id.clone())));
        assert!(id.as_str().to_uppercase().parse::<ContactId>().is_err());
    }
}
