//! From what a person typed to exactly one contact, or a list of those it could mean.

use super::index_file::{Row, items};
use super::{Snapshot, Vault};
use crate::domain::fold::fold;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::phone::has_same_digits;
use crate::domain::selector::Selector;
use crate::error::{Error, Result};

/// A contact that a selector means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    pub book: Slug,
    pub id: ContactId,
    /// Name and first e-mail, for the list of an ambiguous selector; empty when found by id.
    pub name: String,
    pub email: String,
}

impl Vault {
    /// All contacts that `text` can mean, in the books that this member can open.
    pub fn matches(&self, at: Snapshot, text: &str, country: &str) -> Result<Vec<Match>> {
        let mut selector = Selector::parse(text, country);
        if let Selector::IdPrefix(prefix) = &selector {
            let mut found = self.by_id_prefix(at, prefix)?;
            if found.is_empty() {
                found = self.by_merged_id(at, prefix)?;
            }
            if !found.is_empty() {
                return Ok(found);
            }
            selector = Selector::parse_other(text, country);
        }
        let words = fold(text);
        let test: Box<dyn Fn(&Row<'_>) -> bool> = match &selector {
            Selector::Email(email) => {
                Box::new(move |row| items(row.emails).any(|e| e.to_lowercase() == *email))
            }
            Selector::Phone(phone) => Box::new(move |row| items(row.phones).any(|p| p == *phone)),
            // A contact whose number is all that is known is named by it.
            Selector::Digits(text) => Box::new(move |row| {
                items(row.phones).any(|p| has_same_digits(&p, text))
                    || words.split_whitespace().all(|word| row.names.contains(word))
            }),
            _ => Box::new(move |row| {
                let mut words = words.split_whitespace().peekable();
                words.peek().is_some() && words.all(|word| row.names.contains(word))
            }),
        };
        let exact = fold(text.trim());
        let mut found = Vec::new();
        let mut same_name = Vec::new();
        for (book, _) in self.my_books(at)? {
            let index = self.index(at, &book)?;
            for row in index.rows().iter().filter(|row| test(row)) {
                let one = to_match(&book, row)?;
                if row.sort == exact {
                    same_name.push(one.clone());
                }
                found.push(one);
            }
        }
        // A whole name beats names that merely contain it.
        Ok(if same_name.len() == 1 { same_name } else { found })
    }

    /// Everybody in the books that this member can open, in the order of names, each with the firm or else the first e-mail.
    pub fn everybody(&self, at: Snapshot) -> Result<Vec<(Match, String)>> {
        let mut all = Vec::new();
        for (book, _) in self.my_books(at)? {
            let index = self.index(at, &book)?;
            for row in index.rows() {
                let one = to_match(&book, &row)?;
                let more = if row.org.is_empty() { one.email.clone() } else { row.org.to_owned() };
                all.push((row.sort.to_owned(), one, more));
            }
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(all.into_iter().map(|(_, one, more)| (one, more)).collect())
    }

    /// Contacts of this member's books whose id begins with `prefix` (four hex digits or more).
    pub fn by_id_prefix(&self, at: Snapshot, prefix: &str) -> Result<Vec<Match>> {
        let mut found = Vec::new();
        for (book, _) in self.my_books(at)? {
            for name in self.repo.names(at.tree, &format!("contacts/{book}/{}", &prefix[..2]))? {
                // Whatever else lies there is no contact; `verify` names it.
                let id = name.strip_suffix(".toml.pgp").filter(|id| id.starts_with(prefix));
                if let Some(id) = id.and_then(|id| id.parse().ok()) {
                    found.push(Match { book: book.clone(), id, name: String::new(), email: String::new() });
                }
            }
        }
        Ok(found)
    }

    /// Contacts that others became part of, by the id that these had.
    pub(super) fn by_merged_id(&self, at: Snapshot, prefix: &str) -> Result<Vec<Match>> {
        let mut found = Vec::new();
        for (book, _) in self.my_books(at)? {
            let index = self.index(at, &book)?;
            for row in index.rows().iter().filter(|row| row.more("merged").any(|id| id.starts_with(prefix))) {
                found.push(to_match(&book, row)?);
            }
        }
        Ok(found)
    }

    /// Why nothing was found, when the id is one that was erased.
    pub fn not_found(&self, at: Snapshot, text: &str) -> Result<Error> {
        let prefix = text.trim().to_ascii_lowercase();
        let erased = prefix.len() >= 4
            && self.repo.names(at.tree, super::ledger::LEDGER)?.iter().any(|n| n.starts_with(&prefix));
        if erased {
            return Ok(Error::not_found("that contact was erased").hint("`carnet history ID` shows when"));
        }
        Ok(Error::not_found("no contact matches").hint("`carnet find WORDS` searches all fields; an id, an e-mail, a phone number or words of a name are understood"))
    }
}

/// The books of some matches, each once.
pub fn books(found: &[Match]) -> Vec<Slug> {
    let mut books: Vec<Slug> = found.iter().map(|m| m.book.clone()).collect();
    books.sort();
    books.dedup();
    books
}

pub(super) fn to_match(book: &Slug, row: &Row<'_>) -> Result<Match> {
    Ok(Match {
        book: book.clone(),
        id: row.id.parse()?,
        name: row.name.to_owned(),
        email: items(row.emails).next().unwrap_or_default().into_owned(),
    })
}
