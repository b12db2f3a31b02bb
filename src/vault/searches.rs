//! Saved searches: plain ones stand in `carnet.toml`, those that may say who somebody is are sealed records of their book.
//!
//! A sealed search names the contacts that its words may mean by their ids, so that an erasure finds it as it finds any
//! mention: then the search goes, with every version of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::settings::{SETTINGS, with};
use super::{Snapshot, Vault};
use crate::domain::filter::Filter;
use crate::domain::ids::{ContactId, RecordId, Slug};
use crate::domain::organisation::Settings;
use crate::domain::record::Head;
use crate::domain::telling::words;
use crate::domain::trailer::Entry;
use crate::error::{Error, Kind, Result};
use crate::store::Oid;
use crate::vault::index_file::items;

/// The kind of these records.
pub(super) const KIND: &str = "search";

/// A sealed search, with its place.
#[derive(Clone, Debug)]
pub struct SealedSearch {
    pub book: Slug,
    pub id: RecordId,
    pub name: Slug,
    pub filter: String,
}

/// What the record holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Body {
    pub name: Slug,
    /// Empty where an erasure took it.
    pub filter: String,
    /// Contacts that its words may mean.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<ContactId>,
}

impl Body {
    /// Everything in it that may mean somebody.
    pub(super) fn text(&self) -> String {
        format!("{} {}", self.name, self.filter)
    }

    /// What an erasure of somebody whom it may mean leaves: nothing that says whom.
    pub(super) fn erased(id: &RecordId) -> Result<Body> {
        Ok(Body { name: format!("erased-{}", id.short()).parse()?, filter: String::new(), contacts: vec![] })
    }
}

impl Vault {
    /// A filter as a person typed it, with the saved searches that it names; sealed ones are opened only where a name is
    /// not among the plain ones.
    pub fn filter(&self, at: Snapshot, text: &str) -> Result<Filter> {
        let settings = self.settings(at)?;
        let plain = |name: &Slug| settings.searches.get(name).cloned();
        match Filter::parse_with(text, &plain) {
            Err(e) if e.kind == Kind::NotFound => {
                let sealed = self.sealed_searches(at)?;
                let held =
                    |name: &Slug| sealed.iter().find(|one| one.name == *name).map(|one| one.filter.clone());
                Filter::parse_with(text, &|name| plain(name).or_else(|| held(name)))
            }
            other => other,
        }
    }

    /// The sealed searches of this member's books, by name.
    pub fn sealed_searches(&self, at: Snapshot) -> Result<Vec<SealedSearch>> {
        let mut all = Vec::new();
        for record in self.records(at, Some(KIND))? {
            let body: Body = record.body()?;
            if !body.filter.is_empty() {
                let (book, id) = (record.head.book, record.head.id);
                all.push(SealedSearch { book, id, name: body.name, filter: body.filter });
            }
        }
        all.sort_by(|a, b| (&a.name, &a.book).cmp(&(&b.name, &b.book)));
        Ok(all)
    }

    /// Saves a search under a name in place of any of that name, or with no filter removes it; `sealed` in a book, or plain.
    pub fn save_search(
        &self,
        name: &Slug,
        filter: Option<&str>,
        sealed: Option<&Slug>,
    ) -> Result<Option<Oid>> {
        let action = if filter.is_some() { "search-save" } else { "search-remove" };
        let (commit, ()) = self.write(|at, staged| {
            let mut entry = Entry::new("settings: saved searches", action);
            let old = self.settings_text(at)?;
            let new = with(&old, "searches", name.as_str(), filter.filter(|_| sealed.is_none()))?;
            if new != old {
                Settings::parse(&new)?;
                staged.put(SETTINGS, new);
            }
            for held in self.sealed_searches(at)?.into_iter().filter(|held| held.name == *name) {
                self.stage_record_destruction(staged, &held.book, &held.id);
                entry.records.push(held.id);
                entry.books.push(held.book);
            }
            if let (Some(book), Some(filter)) = (sealed, filter) {
                let meant = self.meant_by_words(at, &said(name, filter))?;
                let contacts = meant.into_iter().map(|(_, id)| id).collect();
                let head = Head::new(book, &KIND.parse()?);
                let body = Body { name: name.clone(), filter: filter.to_owned(), contacts };
                self.stage_new_record(staged, &head, &body)?;
                entry.records.push(head.id);
                entry.books.push(head.book);
            }
            entry.books.sort();
            entry.books.dedup();
            Ok((entry, ()))
        })?;
        Ok(commit)
    }

    /// The books of the contacts that a search may mean.
    pub fn books_of_search(&self, at: Snapshot, name: &Slug, filter: &str) -> Result<Vec<Slug>> {
        let mut books: Vec<Slug> =
            self.meant_by_words(at, &said(name, filter))?.into_iter().map(|(book, _)| book).collect();
        books.dedup();
        Ok(books)
    }

    /// The book to seal a search in: `wanted`, where all its members can open the books of all whom the search may mean,
    /// else the first of this member's of which that is so, those books before others.
    pub fn book_for_search(
        &self,
        at: Snapshot,
        (name, filter): (&Slug, &str),
        wanted: impl FnOnce() -> Result<Slug>,
    ) -> Result<Slug> {
        let meant = self.books_of_search(at, name, filter)?;
        let from: Vec<&Slug> = meant.iter().collect();
        let wanted = wanted();
        let others = self.my_books(at)?.into_iter().map(|(book, _)| book);
        for book in wanted.iter().cloned().chain(meant.iter().cloned()).chain(others) {
            if self.new_readers(at, &book, &from)?.is_empty() {
                return Ok(book);
            }
        }
        wanted.and_then(|_| {
            Err(Error::refused("the search may mean contacts of books that have other members each")
                .at(from.iter().map(|book| book.as_str()).collect::<Vec<_>>().join(", "))
                .hint("--book BOOK seals it in one of yours all the same"))
        })
    }

    /// Contacts of whose names a word stands in the text, or an address or a number, with their books.
    fn meant_by_words(&self, at: Snapshot, text: &str) -> Result<Vec<(Slug, ContactId)>> {
        let said: BTreeSet<String> = words(text).into_iter().collect();
        let lower = text.to_lowercase();
        let mut found = Vec::new();
        for (book, _) in self.my_books(at)? {
            for row in self.index(at, &book)?.rows() {
                let named = words(row.names).iter().any(|word| said.contains(word));
                let reached =
                    || items(row.emails).chain(items(row.phones)).any(|v| lower.contains(&v.to_lowercase()));
                if named || reached() {
                    found.push((book.clone(), row.id.parse()?));
                }
            }
        }
        Ok(found)
    }
}

/// What of a search may mean somebody.
fn said(name: &Slug, filter: &str) -> String {
    format!("{name} {filter}")
}
