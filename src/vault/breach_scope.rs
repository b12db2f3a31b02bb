//! What a lost key, a lost clone or a leaked book touches, from the history of recipients, the changes and the reads.
//!
//! What could be read is an upper bound: whoever has a key can open, without carnet, every version of every contact
//! that the book had while the key was good. What was read is what the access trail shows, and no more than that.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::history::Wanted;
use super::{Snapshot, Vault};
use crate::domain::contact::ContactKind;
use crate::domain::edit::changed_fields;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::register::{self, Book};
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

/// One book, in a time in which it could be opened.
#[derive(Clone, Debug, Serialize)]
pub struct Reach {
    pub book: Slug,
    /// Seconds since 1970.
    pub from: i64,
    pub to: i64,
    pub members: Vec<Slug>,
    /// Contacts that were in it in that time.
    pub contacts: usize,
    /// Whether what they hold could be looked at here.
    pub opened: bool,
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

/// A state of the branch that differs from the one before.
struct Step {
    time: i64,
    commit: Oid,
    tree: Oid,
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
        for reach in &mut books {
            let ids = self.contacts_between(&steps, &reach.book, reach.from, reach.to)?;
            reach.contacts = ids.len();
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

    /// The states of the branch until a moment, oldest first. A merge brings both lines in, in order of time.
    fn steps(&self, at: Snapshot, until: i64) -> Result<Vec<Step>> {
        let mut steps: Vec<Step> = self
            .repo
            .newest_first(&[at.commit])
            .map(|(node, _)| Step { time: node.time, commit: node.id, tree: node.tree })
            .filter(|step| step.time <= until)
            .collect();
        steps.reverse();
        steps.sort_by_key(|step| step.time);
        Ok(steps)
    }

    /// The times within which each book could be opened.
    fn reaches(
        &self,
        steps: &[Step],
        lost: &Lost,
        member: Option<&Slug>,
        since: i64,
        until: i64,
    ) -> Result<Vec<Reach>> {
        let mut open: BTreeMap<Slug, Reach> = BTreeMap::new();
        let mut done: Vec<Reach> = Vec::new();
        let mut last: Option<Option<Oid>> = None;
        for step in steps {
            let books = self.repo.entry(step.tree, "books")?;
            if last == Some(books) {
                continue;
            }
            last = Some(books);
            let here = self.books_of(step.tree)?;
            for (slug, reach) in std::mem::take(&mut open) {
                match here.iter().any(|(book, members)| *book == slug && may(lost, member, book, members)) {
                    true => drop(open.insert(slug, reach)),
                    false => done.push(Reach { to: step.time, ..reach }),
                }
            }
            for (book, members) in here.into_iter().filter(|(book, members)| may(lost, member, book, members))
            {
                let reach = open.entry(book.clone()).or_insert_with(|| Reach {
                    book,
                    from: step.time,
                    to: until,
                    members: Vec::new(),
                    contacts: 0,
                    opened: false,
                });
                reach.members.extend(members);
                reach.members.sort();
                reach.members.dedup();
            }
        }
        done.extend(open.into_values());
        done.retain(|reach| reach.to >= since && reach.from <= until);
        for reach in &mut done {
            reach.from = reach.from.max(since);
        }
        done.sort_by(|a, b| (&a.book, a.from).cmp(&(&b.book, b.from)));
        Ok(done)
    }

    fn books_of(&self, tree: Oid) -> Result<Vec<(Slug, Vec<Slug>)>> {
        let mut books = Vec::new();
        for file in self.repo.list(tree, "books")? {
            let Some(slug) = file.path.strip_suffix(".toml").and_then(|s| s.parse::<Slug>().ok()) else {
                continue;
            };
            let text = String::from_utf8_lossy(&self.repo.blob(file.id)?).into_owned();
            // A file that cannot be read let nobody in; the state before it and after it count.
            if let Ok(book) = register::parse::<Book>(&file.path, &text) {
                books.push((slug, book.members));
            }
        }
        Ok(books)
    }

    /// Every contact that a book had at any moment between two.
    fn contacts_between(
        &self,
        steps: &[Step],
        book: &Slug,
        from: i64,
        to: i64,
    ) -> Result<BTreeSet<ContactId>> {
        let path = format!("contacts/{book}");
        let mut ids = BTreeSet::new();
        // The state that the moment found, and every one since.
        let first = steps.iter().rposition(|step| step.time < from).unwrap_or(0);
        let mut before: Option<Oid> = None;
        for step in steps.iter().skip(first).take_while(|step| step.time <= to) {
            let tree = self.repo.entry(step.tree, &path)?;
            if tree != before {
                for (name, _, new) in self.repo.changes(before, tree, "")? {
                    let id = name.rsplit('/').next().and_then(|n| n.strip_suffix(".toml.pgp")?.parse().ok());
                    ids.extend(id.filter(|_| new.is_some()));
                }
                before = tree;
            }
        }
        Ok(ids)
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
            if !(scope.since..=scope.until).contains(&line.time) || !is_of(lost, member, who, &line.entry) {
                continue;
            }
            // A clone's own changes cannot be told from those that its owner made elsewhere.
            scope.changes += 1;
            let named = line.entry.contacts.iter().chain(&line.entry.archived).chain(&line.entry.ended);
            for id in named {
                *changed.entry(id.clone()).or_default() += 1;
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

/// Whether a state of a book is within reach.
fn may(lost: &Lost, member: Option<&Slug>, book: &Slug, members: &[Slug]) -> bool {
    match lost {
        Lost::Book(leaked) => leaked == book,
        _ => member.is_some_and(|member| members.contains(member)),
    }
}

/// Whether an entry of a trail is by what was lost, or about the book that leaked.
fn is_of(lost: &Lost, member: Option<&Slug>, who: &str, entry: &Entry) -> bool {
    match lost {
        Lost::Book(book) => entry.books.contains(book),
        Lost::Clone(id) if entry.clone.is_some() => entry.clone.as_deref() == Some(id),
        _ => member.is_some_and(|member| member.as_str() == who),
    }
}
