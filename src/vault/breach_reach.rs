//! Who could open which book when, and what was in it then, from the history of the branch alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::breach_scope::Lost;
use super::{Snapshot, Vault};
use crate::domain::ids::{ContactId, Sealed, Slug};
use crate::domain::register::{self, Book};
use crate::error::Result;
use crate::store::Oid;

/// One book, in a time in which it could be opened.
#[derive(Clone, Debug, Serialize)]
pub struct Reach {
    pub book: Slug,
    /// Seconds since 1970.
    pub from: i64,
    pub to: i64,
    pub members: Vec<Slug>,
    /// Contacts that were in it in that time, and sealed records (requests, breaches, deals).
    pub contacts: usize,
    pub records: usize,
    /// Whether what they hold could be looked at here.
    pub opened: bool,
}

/// A state of the branch that differs from the one before.
pub(super) struct Step {
    pub time: i64,
    pub commit: Oid,
    pub tree: Oid,
}

impl Vault {
    /// The states of the branch until a moment, oldest first. A merge brings both lines in, in order of time.
    pub(super) fn steps(&self, at: Snapshot, until: i64) -> Result<Vec<Step>> {
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
    pub(super) fn reaches(
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
                    records: 0,
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

    /// Every contact, or sealed record, that a book had at any moment between two.
    pub(super) fn sealed_between(
        &self,
        steps: &[Step],
        kind: Sealed,
        book: &Slug,
        (from, to): (i64, i64),
    ) -> Result<BTreeSet<ContactId>> {
        let path = format!("{}/{book}", kind.dir());
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
}

/// Whether a state of a book is within reach.
fn may(lost: &Lost, member: Option<&Slug>, book: &Slug, members: &[Slug]) -> bool {
    match lost {
        Lost::Book(leaked) => leaked == book,
        _ => member.is_some_and(|member| members.contains(member)),
    }
}
