//! Filters over whole books: from the index alone where that decides, from the files of the others.

use std::borrow::Cow;
use std::collections::HashSet;

use super::index_file::{Row, items};
use super::links::{Linked, Links};
use super::select::Match;
use super::{Snapshot, Vault};
use crate::domain::filter::{self, Facts, Field, Filter};
use crate::domain::fold::fold;
use crate::domain::ids::{ContactId, Slug};
use crate::error::Result;
use crate::store::Oid;

/// What a book's index knows of one contact.
pub struct Indexed<'a> {
    pub book: &'a Slug,
    pub row: &'a Row<'a>,
}

impl Facts for Indexed<'_> {
    fn values(&self, field: &Field) -> Option<Vec<Cow<'_, str>>> {
        let row = self.row;
        let one =
            |text: &'_ str| if text.is_empty() { Vec::new() } else { vec![Cow::Owned(text.to_owned())] };
        Some(match (field.name(), &field.custom) {
            (_, Some(own)) => row.more(&format!("custom.{own}")).collect(),
            ("id", _) => one(row.id),
            ("book", _) => one(self.book.as_str()),
            ("kind", _) => one(row.kind),
            ("name", _) => {
                // Folded, as every comparison of texts is; given and family names and nicknames are among them.
                one(row.name).into_iter().chain(row.names.lines().map(Cow::Borrowed)).collect()
            }
            ("org", _) => one(row.org),
            ("email", _) => items(row.emails).collect(),
            ("phone", _) => items(row.phones).collect(),
            ("tag", _) => items(row.tags).collect(),
            ("basis", _) => items(row.bases).collect(),
            ("created", _) => one(row.created),
            (name, _) if filter::IN_FILE_ONLY.contains(&name) => return None,
            ("todo", _) => {
                let text = |v: Cow<'_, str>| Cow::Owned(filter::of_action("todo", &v).to_owned());
                row.more("todo").map(text).collect()
            }
            (name, _) => row.more(name).collect(),
        })
    }

    fn text(&self) -> Option<&str> {
        self.row.text
    }
}

impl Vault {
    /// The rows of a book that pass, in their order; `links` are what [`Vault::links_for`] says of the filter. Files are opened only of contacts that the index does not decide.
    pub fn sift<'a>(
        &self,
        at: Snapshot,
        book: &Slug,
        mut rows: Vec<Row<'a>>,
        filter: &Filter,
        links: &Links,
    ) -> Result<Vec<Row<'a>>> {
        if filter.is_empty() {
            return Ok(rows);
        }
        let mut open: Vec<(ContactId, Oid)> = Vec::new();
        let mut maybe = HashSet::new();
        let mut failed = Ok(());
        let known = |row: &Row<'_>| {
            filter
                .passes(&Linked { facts: Indexed { book, row }, id: row.id, links, now: self.now }, self.now)
        };
        rows.retain(|row| match known(row) {
            Some(yes) => yes,
            None => {
                let found = row.id.parse::<ContactId>().and_then(|id| {
                    let blob = self.repo.entry(at.tree, &id.path(book))?;
                    Ok(blob.map(|blob| (id, blob)))
                });
                match found {
                    Ok(found) => open.extend(found),
                    Err(e) => failed = Err(e),
                }
                maybe.insert(row.id);
                true
            }
        });
        failed?;
        let mut passed = HashSet::new();
        self.open_many(book, &open, &mut |text, contact| {
            let facts = filter::of(text, &contact);
            let facts = Linked { facts, id: contact.id.as_str(), links, now: self.now };
            if filter.passes(&facts, self.now) == Some(true) {
                passed.insert(contact.id.to_string());
            }
        })?;
        rows.retain(|row| !maybe.contains(row.id) || passed.contains(row.id));
        Ok(rows)
    }

    /// All contacts that pass, in the books that this member can open, in order of book and name.
    pub fn having(&self, at: Snapshot, only: Option<&Slug>, filter: &Filter) -> Result<Vec<Match>> {
        let mut found = Vec::new();
        let links = self.links_for(at, filter)?;
        for (book, _) in self.my_books(at)? {
            if only.is_some_and(|only| *only != book) {
                continue;
            }
            let index = self.index_for(at, &book, filter)?;
            for row in self.sift(at, &book, index.rows(), filter, &links)? {
                found.push(super::select::to_match(&book, &row)?);
            }
        }
        Ok(found)
    }

    /// Whether all words of `text` are in the name of one person that this member can see.
    pub fn is_name(&self, at: Snapshot, text: &str) -> Result<bool> {
        let folded = fold(text);
        let words: Vec<&str> =
            folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        if words.is_empty() {
            return Ok(false);
        }
        for (book, _) in self.my_books(at)? {
            let index = self.index(at, &book)?;
            let has = |row: &Row<'_>| {
                let mut names = row.names.split(|c: char| !c.is_alphanumeric()).collect::<HashSet<_>>();
                names.remove("");
                row.kind == "person" && words.iter().all(|word| names.contains(word))
            };
            if index.rows().iter().any(has) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
