//! What a lost key, a lost clone or a leaked book touches, from the history of recipients, the changes and the reads.
//!
//! What could be read is an upper bound: whoever has a key can open, without carnet, every version of every contact
//! that the book had while the key was good. What was read is what the access trail shows, and no more than that.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::breach_reach::Reach;
use super::history::Wanted;
use super::{Snapshot, Vault};
use crate::domain::contact::ContactKind;
use crate::domain::edit::changed_fields;
use crate::domain::ids::{ContactId, RecordId, Sealed, Slug};
use crate::domain::retention::view::View;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;

/// What was lost or leaked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// A member's secret key.
    Member(Slug),
    /// A clone, by its random id, with its owner's key.
    Clone(String),
    /// The content of a book.
    Book(Slug),
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Lost::Member(handle) => write!(f, "member {handle}"),
            Lost::Clone(id) => write!(f, "clone {id}"),
            Lost::Book(book) => write!(f, "book {book}"),
        }
    }
}

/// One contact that could be read.
#[derive(Clone, Debug, Serialize)]
pub struct Touched {
    pub id: ContactId,
    pub book: Slug,
    /// Reads through carnet that name it.
    pub read: usize,
    /// Changes, by the key that was lost where it is one.
    pub changed: usize,
    /// Erased since: it could be read then, and can be no more.
    pub erased: bool,
    /// Names of the fields of its versions; none where they could not be looked at.
    pub fields: Option<Vec<String>>,
}

/// The whole scope.
#[derive(Clone, Debug, Serialize)]
pub struct Scope {
    pub of: String,
    /// Seconds since 1970.
    pub since: i64,
    pub until: i64,
    pub commit: String,
    pub books: Vec<Reach>,
    pub contacts: Vec<Touched>,
    /// Sealed records beside them: requests, breaches, deals.
    pub records: usize,
    pub persons: usize,
    pub organisations: usize,
    /// How many contacts have each field.
    pub fields: BTreeMap<String, usize>,
    /// Reads through carnet, by kind; of them, those that name no contact, with the most that one of them showed.
    pub reads: BTreeMap<String, usize>,
    pub unnamed_reads: usize,
    pub most_in_one_read: usize,
    /// Signed commits in that time.
    pub changes: usize,
    /// The first of the reads that are still in the trail; earlier ones were dropped, or there were none.
    pub trail_since: Option<i64>,
}

impl Scope {
    pub fn read(&self) -> usize {
        self.contacts.iter().filter(|c| c.read > 0).count()
    }
    pub fn changed(&self) -> usize {
        self.contacts.iter().filter(|c| c.changed > 0).count()
    }
    pub fn erased(&self) -> usize {
        self.contacts.iter().filter(|c| c.erased).count()
    }
    pub fn unknown(&self) -> usize {
        self.contacts.iter().filter(|c| c.fields.is_none()).count()
    }
}

impl Vault {
    /// Computes what was touched between `since` and `until` (seconds since 1970); from the beginning, until now.
    pub fn breach_scope(
        &self,
        at: Snapshot,
        lost: &Lost,
        since: Option<i64>,
        until: Option<i64>,
    ) -> Result<Scope> {
        let now = self.now.timestamp();
        let member = match lost {
            Lost::Member(handle) => Some(handle.clone()),
            Lost::Clone(id) => Some(self.owner_of_clone(id)?),
            Lost::Book(_) => None,
        };
        let (since, until) = (since.unwrap_or(i64::MIN), until.unwrap_or(now).min(now));
        if since > until {
            return Err(Error::usage("the time ends before it begins").at("--until"));
        }
        let steps = self.steps(at, until)?;
        let mut books = self.reaches(&steps, lost, member.as_ref(), since, until)?;
        if books.is_empty() {
            return Err(Error::not_found(match lost {
                Lost::Book(book) => format!("there was no book `{book}` at that time"),
                _ => "that member could open no book at that time".to_owned(),
            })
            .hint("`carnet history` and `carnet member list` show who was there when"));
        }
        let mine: Vec<Slug> = self.my_books(at)?.into_iter().map(|(slug, _)| slug).collect();
        let mut found: BTreeMap<ContactId, Slug> = BTreeMap::new();
        let mut records: BTreeSet<RecordId> = BTreeSet::new();
        for reach in &mut books {
            let time = (reach.from, reach.to);
            let ids = self.sealed_between(&steps, Sealed::Contact, &reach.book, time)?;
            let sealed = self.sealed_between(&steps, Sealed::Record, &reach.book, time)?;
            (reach.contacts, reach.records) = (ids.len(), sealed.len());
            records.extend(sealed);
            reach.opened = mine.contains(&reach.book);
            found.extend(ids.into_iter().map(|id| (id, reach.book.clone())));
        }
        let mut scope = Scope {
            of: lost.to_string(),
            since: since.max(steps.first().map_or(since, |step| step.time)),
            until,
            commit: at.commit.to_string(),
            books,
            contacts: Vec::new(),
            records: records.len(),
            persons: 0,
            organisations: 0,
            fields: BTreeMap::new(),
            reads: BTreeMap::new(),
            unnamed_reads: 0,
            most_in_one_read: 0,
            changes: 0,
            trail_since: None,
        };
        let erased: BTreeSet<ContactId> = self.ledger(at)?.into_iter().map(|line| line.contact).collect();
        let read = self.reads(&mut scope, lost, member.as_ref())?;
        let changed = self.changes_by(at, &mut scope, lost, member.as_ref())?;
        let tip = steps.last().map_or(at.commit, |step| step.commit);
        let held = self.what_was_held(&found, tip, &mine)?;
        for ((id, book), held) in found.into_iter().zip(held) {
            let is_erased = erased.contains(&id);
            if let Some(held) = &held {
                match held.kind {
                    ContactKind::Person => scope.persons += 1,
                    ContactKind::Organisation => scope.organisations += 1,
                }
                for field in &held.fields {
                    *scope.fields.entry(field.clone()).or_default() += 1;
                }
            }
            scope.contacts.push(Touched {
                read: read.get(&id).copied().unwrap_or_default(),
                changed: changed.get(&id).copied().unwrap_or_default(),
                erased: is_erased,
                fields: held.map(|held| held.fields.into_iter().collect()),
                id,
                book,
            });
        }
        Ok(scope)
    }

    /// Whose clone it is: the member who last wrote an entry in it.
    fn owner_of_clone(&self, id: &str) -> Result<Slug> {
        let mut owner: Option<(i64, String)> = None;
        self.each_access(|member, time, entry| {
            if entry.clone.as_deref() == Some(id) && owner.as_ref().is_none_or(|(last, _)| time >= *last) {
                owner = Some((time, member.to_owned()));
            }
        })?;
        let (_, member) = owner.ok_or_else(|| {
            Error::not_found("no entry of the access trail was written in such a clone")
                .hint("`carnet erase --status` lists the clones that are known")
        })?;
        member.parse()
    }

    /// How often each contact was read, by the trail; sums go into the scope.
    fn reads(
        &self,
        scope: &mut Scope,
        lost: &Lost,
        member: Option<&Slug>,
    ) -> Result<BTreeMap<ContactId, usize>> {
        let mut read: BTreeMap<ContactId, usize> = BTreeMap::new();
        self.each_access(|who, time, entry| {
            if entry.action == super::confirm::ACTION {
                return;
            }
            scope.trail_since = Some(scope.trail_since.map_or(time, |first| first.min(time)));
            if !(scope.since..=scope.until).contains(&time) || !is_of(lost, member, who, &entry) {
                return;
            }
            *scope.reads.entry(entry.action.clone()).or_default() += 1;
            if entry.contacts.is_empty() {
                scope.unnamed_reads += 1;
                scope.most_in_one_read = scope.most_in_one_read.max(entry.count.unwrap_or_default());
            }
            for id in entry.contacts {
                *read.entry(id).or_default() += 1;
            }
        })?;
        Ok(read)
    }

    /// How often each contact was changed: by the lost key, or by anybody where a book leaked.
    fn changes_by(
        &self,
        at: Snapshot,
        scope: &mut Scope,
        lost: &Lost,
        member: Option<&Slug>,
    ) -> Result<BTreeMap<ContactId, usize>> {
        let wanted = Wanted { contact: None, changes: true, accesses: false, limit: None };
        let mut changed: BTreeMap<ContactId, usize> = BTreeMap::new();
        for line in self.trail(at, &wanted)?.lines {
            let who = line.member.as_deref().unwrap_or_default();
            if !(scope.since..=scope.until).contains(&line.time) {
                continue;
            }
            // An import names no contact and a commit by hand nothing at all: their trees tell.
            let files = self.files_of(&line)?;
            let in_book = |book: &Slug| files.iter().any(|(of, _)| of == book);
            let leaked = matches!(lost, Lost::Book(book) if in_book(book));
            // A clone's own changes cannot be told from those that its owner made elsewhere.
            if leaked || is_of(lost, member, who, &line.entry) {
                scope.changes += 1;
                let ids: BTreeSet<&ContactId> = files.iter().map(|(_, id)| id).collect();
                ids.into_iter().for_each(|id| *changed.entry(id.clone()).or_default() += 1);
            }
        }
        Ok(changed)
    }

    /// What the versions of each contact hold that were there until `tip`; none where none of them opens.
    fn what_was_held(
        &self,
        found: &BTreeMap<ContactId, Slug>,
        tip: Oid,
        mine: &[Slug],
    ) -> Result<Vec<Option<Held>>> {
        let files: Vec<_> = found.keys().map(|id| (id.fan(), format!("{id}.toml.pgp"))).collect();
        let versions = self.repo.versions_of(&[tip], &files)?;
        let contacts: Vec<(ContactId, Vec<Oid>)> = found.keys().cloned().zip(versions).collect();
        self.open_versions(mine, &contacts, |_, texts| {
            let mut held: Option<Held> = None;
            for text in texts.filter_map(Result::ok) {
                let held = held.get_or_insert_with(Held::default);
                held.fields.extend(
                    changed_fields("", &text).into_iter().filter(|f| !STRUCTURE.contains(&f.as_str())),
                );
                held.kind = View::parse(&text).map_or(held.kind, |view| view.kind);
            }
            held
        })
    }
}

/// Fields that say nothing of the person.
const STRUCTURE: [&str; 3] = ["id", "book", "kind"];

#[derive(Default)]
struct Held {
    kind: ContactKind,
    fields: BTreeSet<String>,
}

/// Whether an entry of a trail is by what was lost, or about the book that leaked.
fn is_of(lost: &Lost, member: Option<&Slug>, who: &str, entry: &Entry) -> bool {
    match lost {
        Lost::Book(book) => entry.books.contains(book),
        Lost::Clone(id) if entry.clone.is_some() => entry.clone.as_deref() == Some(id),
        _ => member.is_some_and(|member| member.as_str() == who),
    }
}
