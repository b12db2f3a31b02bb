//! Who is linked with whom, both ways: from the indexes of the books that this member can open, and nothing else.
//!
//! A link to a contact that this member cannot open is counted and no more: neither its name nor anything else of it is
//! known here.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::index_file::{Index, Row};
use super::write::Staged;
use super::{Snapshot, Vault};
use crate::domain::contact::ContactKind;
use crate::domain::filter::{self, Facts, Field, Filter};
use crate::domain::fold::fold;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::link::{self, Link};
use crate::domain::trailer::Entry;
use crate::error::Result;

/// A contact at one end of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    pub book: Slug,
    pub id: ContactId,
    pub name: String,
    pub organisation: bool,
}

/// A link as seen from one of its ends: the other end, and how it is called from here.
#[derive(Clone, Debug)]
pub struct Related {
    pub with: End,
    pub kind: String,
    pub role: Option<String>,
    pub since: Option<String>,
    pub until: Option<String>,
    /// Its last day is behind us.
    pub over: bool,
    /// It stands in this contact's own file.
    pub own: bool,
}

/// All links of these books, by id of contact.
#[derive(Debug, Default)]
pub struct Links {
    ends: HashMap<String, End>,
    own: HashMap<String, Vec<Link>>,
    /// By the contact that is linked to: the one whose file has the link, and its place there.
    back: HashMap<String, Vec<(String, usize)>>,
}

impl Links {
    /// The links of these books.
    pub fn of(books: &[(Slug, Index)]) -> Links {
        let mut links = Links::default();
        let rows: Vec<(&Slug, Vec<Row<'_>>)> =
            books.iter().map(|(book, index)| (book, index.rows())).collect();
        for (book, row) in rows.iter().flat_map(|(book, rows)| rows.iter().map(move |row| (*book, row))) {
            let own: Vec<Link> = row.more(filter::LINK).filter_map(|fact| filter::link_of(&fact)).collect();
            if !own.is_empty() {
                links.ends.extend(end(book, row));
                links.own.insert(row.id.to_owned(), own);
            }
        }
        let targets: HashSet<String> = links.own.values().flatten().map(|link| link.to.clone()).collect();
        let mut became: HashMap<String, String> = HashMap::new();
        for (book, row) in rows.iter().flat_map(|(book, rows)| rows.iter().map(move |row| (*book, row))) {
            if targets.contains(row.id) {
                links.ends.extend(end(book, row));
            }
            // A link to one that became part of another means that one.
            for merged in row.more("merged").filter(|id| targets.contains(id.as_ref())) {
                links.ends.extend(end(book, row));
                became.insert(merged.into_owned(), row.id.to_owned());
            }
        }
        for (id, own) in &mut links.own {
            for (n, link) in own.iter_mut().enumerate() {
                if !links.ends.contains_key(&link.to)
                    && let Some(now) = became.get(&link.to)
                {
                    link.to.clone_from(now);
                }
                links.back.entry(link.to.clone()).or_default().push((id.clone(), n));
            }
        }
        links
    }

    /// Whom a contact is linked with, what lasts before what is over, then by name.
    pub fn with(&self, id: &str, now: DateTime<Utc>) -> Vec<Related> {
        let own = self.own.get(id).into_iter().flatten();
        let mut all: Vec<Related> = own
            .filter_map(|link| Some(related(self.ends.get(&link.to)?, link, &link.kind, true, now)))
            .collect();
        for (from, n) in self.back.get(id).into_iter().flatten() {
            let link = self.own.get(from).and_then(|own| own.get(*n));
            let (Some(link), Some(end)) = (link, self.ends.get(from)) else { continue };
            all.push(related(end, link, link::inverse(&link.kind), false, now));
        }
        all.sort_by_cached_key(|one| {
            (one.over, fold(&one.with.name), one.since.clone(), one.with.id.clone())
        });
        all
    }

    /// How many links of a contact lead to somebody whom this member cannot see.
    pub fn out_of_sight(&self, id: &str) -> usize {
        let own = self.own.get(id).into_iter().flatten();
        own.filter(|link| !self.ends.contains_key(&link.to)).count()
    }

    /// Whether anybody is linked with the contact.
    pub fn has(&self, id: &str) -> bool {
        self.own.contains_key(id) || self.back.contains_key(id)
    }

    /// The organisations that a contact belongs to now, by name: where they work, what they own or are a part of.
    pub fn firms(&self, id: &str, now: DateTime<Utc>) -> Vec<End> {
        if !self.has(id) {
            return Vec::new();
        }
        let all = self
            .with(id, now)
            .into_iter()
            .filter(|one| !one.over && one.with.organisation && link::is_belonging(&one.kind));
        let mut firms: Vec<End> = all.map(|one| one.with).collect();
        firms.dedup_by(|a, b| a.id == b.id);
        firms
    }
}

pub(super) fn end(book: &Slug, row: &Row<'_>) -> Option<(String, End)> {
    let end = End {
        book: book.clone(),
        id: row.id.parse().ok()?,
        name: row.name.to_owned(),
        organisation: row.kind == ContactKind::Organisation.as_str(),
    };
    Some((row.id.to_owned(), end))
}

fn related(with: &End, link: &Link, kind: &str, own: bool, now: DateTime<Utc>) -> Related {
    let date = |date: &Option<crate::domain::contact::DateText>| date.as_ref().map(|date| date.0.clone());
    Related {
        with: with.clone(),
        kind: kind.to_owned(),
        role: link.role.clone(),
        since: date(&link.since),
        until: date(&link.until),
        over: link.is_over(now),
        own,
    }
}

/// What is known of a contact, with what its links add: names of its firms to `org`, and everybody to `linked`.
pub(super) struct Linked<'a, F> {
    pub facts: F,
    pub id: &'a str,
    pub links: &'a Links,
    pub now: DateTime<Utc>,
}

impl<F: Facts> Facts for Linked<'_, F> {
    fn values(&self, field: &Field) -> Option<Vec<Cow<'_, str>>> {
        if field.name() == "linked" {
            let all = self.links.with(self.id, self.now).into_iter();
            return Some(all.map(|one| Cow::Owned(format!("{}|{}", one.with.id, one.with.name))).collect());
        }
        let mut values = self.facts.values(field)?;
        if self.has_elsewhere(field) {
            values.extend(self.links.firms(self.id, self.now).into_iter().map(|firm| Cow::Owned(firm.name)));
        }
        Some(values)
    }

    fn text(&self) -> Option<&str> {
        self.facts.text()
    }

    fn has_elsewhere(&self, field: &Field) -> bool {
        field.name() == "org" && self.links.has(self.id)
    }
}

impl Vault {
    /// The indexes of all books that this member can open.
    pub fn indexes(&self, at: Snapshot) -> Result<Vec<(Slug, Index)>> {
        let books = self.my_books(at)?.into_iter();
        books.map(|(book, _)| Ok((book.clone(), self.index(at, &book)?))).collect()
    }

    /// All links that this member can see an end of.
    pub fn links(&self, at: Snapshot) -> Result<Links> {
        Ok(Links::of(&self.indexes(at)?))
    }

    /// The links, where a filter asks for what they add; else none, for they cost another look at every index.
    pub fn links_for(&self, at: Snapshot, filter: &Filter) -> Result<Links> {
        match filter.names("org") || filter.names("linked") {
            true => self.links(at),
            false => Ok(Links::default()),
        }
    }
}

impl Vault {
    /// Links of other contacts to the first of each pair lead to the second from now on; those in books that this member
    /// cannot open keep the old id, which means the same.
    pub(super) fn repoint_links(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        moves: &[(ContactId, ContactId)],
        entry: &mut Entry,
    ) -> Result<()> {
        let links = self.links(at)?;
        let mut others: Vec<&End> = moves
            .iter()
            .filter_map(|(from, _)| links.back.get(from.as_str()))
            .flatten()
            .filter_map(|(id, _)| links.ends.get(id))
            .collect();
        let moved: BTreeSet<&ContactId> = moves.iter().flat_map(|(from, into)| [from, into]).collect();
        others.retain(|other| !moved.contains(&other.id));
        others.sort_by(|a, b| a.id.cmp(&b.id));
        others.dedup_by(|a, b| a.id == b.id);
        for other in others {
            let Some(opened) = self.open_contact(at, &other.book, &other.id)? else { continue };
            let text = link::redirect_all(&opened.text, moves)?;
            if text != *opened.text {
                self.stage_version(staged, &other.book, &other.id, &text)?;
                entry.contacts.push(other.id.clone());
                entry.books.push(other.book.clone());
            }
        }
        Ok(())
    }
}
