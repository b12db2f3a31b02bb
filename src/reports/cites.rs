//! The commit that an entry of a register was last written by, and where the change trail has it.

use std::collections::HashMap;

use serde::Serialize;

use super::pages::table::file_of;
use super::paging;
use super::trails::{Step, Told, Trails};
use crate::domain::ids::ContactId;
use crate::store::Oid;

/// A commit as pages cite it: a link to its row of the change trail, `{file}#c{commit}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Cite {
    /// The first ten digits of its id.
    pub commit: String,
    pub file: String,
    /// Seconds since 1970.
    pub time: i64,
    /// Handle of the member, where it is known.
    pub member: Option<String>,
}

/// Citations by commit and by what was written last.
#[derive(Debug, Default)]
pub struct Cites {
    rows: HashMap<Oid, usize>,
    /// The newest commit of each entry: `register:processors/mailco`, `request:2026-001-8e17`, `record:<id>`,
    /// `book:main`, `member:ana`; and the one that erased a contact, `erased:<id>`.
    last: HashMap<String, Oid>,
    /// The commit that made the repository.
    first: Option<Oid>,
}

impl Cites {
    /// From the changes as their page lists them, newest first.
    pub fn of(trails: &Trails) -> Cites {
        let mut cites = Cites::default();
        for (n, step) in trails.changes.iter().enumerate() {
            cites.rows.insert(step.commit, n);
            let Some(entry) = &step.entry else { continue };
            let register = entry.register.iter().map(|of| format!("register:{of}"));
            let request = entry.request.iter().map(|of| format!("request:{of}"));
            let records = entry.records.iter().map(|of| format!("record:{of}"));
            for key in register.chain(request).chain(records).chain(access(step, entry)) {
                cites.last.entry(key).or_insert(step.commit);
            }
            if entry.action == "init" {
                cites.first = Some(step.commit);
            }
            if entry.action == "erase" {
                let erased = step.contacts.iter().map(|id| format!("erased:{id}"));
                cites.last.extend(erased.map(|key| (key, step.commit)));
            }
        }
        cites
    }

    /// The commit that made the repository.
    pub fn first(&self, trails: &Trails) -> Option<Cite> {
        self.commit(trails, self.first?)
    }

    /// The last change of a register's entry, such as `processors/mailco`.
    pub fn register(&self, trails: &Trails, entry: &str) -> Option<Cite> {
        self.last(trails, &format!("register:{entry}"))
    }

    /// The last change of a request, by its reference.
    pub fn request(&self, trails: &Trails, reference: &str) -> Option<Cite> {
        self.last(trails, &format!("request:{reference}"))
    }

    /// The last change of what has a sealed record, by that record's id.
    pub fn record(&self, trails: &Trails, id: &str) -> Option<Cite> {
        self.last(trails, &format!("record:{id}"))
    }

    /// The last change of a book: who its members are.
    pub fn book(&self, trails: &Trails, book: &str) -> Option<Cite> {
        self.last(trails, &format!("book:{book}"))
    }

    /// The last change of a member: the certificate, the rights, the books.
    pub fn member(&self, trails: &Trails, handle: &str) -> Option<Cite> {
        self.last(trails, &format!("member:{handle}"))
    }

    /// The commit that erased a contact.
    pub fn erasure(&self, trails: &Trails, id: &ContactId) -> Option<Cite> {
        self.last(trails, &format!("erased:{id}"))
    }

    fn last(&self, trails: &Trails, key: &str) -> Option<Cite> {
        self.commit(trails, *self.last.get(key)?)
    }

    /// A commit of the change trail.
    pub fn commit(&self, trails: &Trails, commit: Oid) -> Option<Cite> {
        let row = *self.rows.get(&commit)?;
        let step: &Step = trails.changes.get(row)?;
        Some(Cite {
            commit: super::views::short_commit(commit),
            file: paging::file_of_row(file_of("changes"), row),
            time: step.time,
            member: step.member.as_ref().map(ToString::to_string),
        })
    }
}

/// The books and members whose access a step changed; both begin with the repository, whose first member made it.
fn access(step: &Step, entry: &Told) -> Vec<String> {
    let first = if entry.action == "init" { step.member.as_deref() } else { None };
    let (of_book, of_member) = (entry.action.starts_with("book-"), entry.action.starts_with("member-"));
    let books = entry.books.iter().filter(|_| of_book || first.is_some()).map(|book| format!("book:{book}"));
    let members = entry.members.iter().filter(|_| of_book || of_member).chain(first);
    books.chain(members.map(|member| format!("member:{member}"))).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn the_newest_commit_of_an_entry_is_cited_in_the_file_that_has_its_row() {
        let step = |n: u32, register: Option<&str>| Step {
            commit: Oid::from_str(&format!("{n:040x}")).unwrap(),
            time: i64::from(n),
            member: None,
            entry: Some(Arc::new(Told { register: register.map(str::to_owned), ..Told::default() })),
            contacts: Box::default(),
            count: None,
        };
        let rows = u32::try_from(paging::ROWS).unwrap();
        // Newest first: the processor was written by commit 1, in the second file, and before that by commit 0.
        let mut changes: Vec<Step> = (2..rows + 2).rev().map(|n| step(n, None)).collect();
        changes.extend([1, 0].map(|n| step(n, Some("processors/mailco"))));
        let trails = Trails { changes, ..Trails::default() };
        let cites = Cites::of(&trails);
        let cite = cites.register(&trails, "processors/mailco").unwrap();
        assert_eq!((cite.time, cite.file.as_str()), (1, "changes-2.html"));
        assert_eq!(cites.commit(&trails, trails.changes[0].commit).unwrap().file, "changes.html");
        assert_eq!(cites.request(&trails, "processors/mailco"), None);
    }

    #[test]
    fn access_and_erasures_are_cited_by_what_changed_them() {
        let (gone, other) = (ContactId::random(), ContactId::random());
        let step = |n: u32, action: &str, member: Option<&str>, contacts: &[&ContactId]| Step {
            commit: Oid::from_str(&format!("{n:040x}")).unwrap(),
            time: i64::from(n),
            member: Some(Arc::new("ana".parse().unwrap())),
            entry: Some(Arc::new(Told {
                action: action.to_owned(),
                books: vec!["main".parse().unwrap()],
                members: member.iter().map(|m| m.parse().unwrap()).collect(),
                ..Told::default()
            })),
            contacts: contacts.iter().map(|id| (*id).clone()).collect(),
            count: None,
        };
        let changes = vec![
            step(5, "edit", None, &[&other]),
            step(4, "erase", None, &[&gone]),
            step(3, "book-grant", Some("bob"), &[]),
            step(2, "member-add", Some("bob"), &[]),
            step(1, "init", None, &[]),
        ];
        let trails = Trails { changes, ..Trails::default() };
        let cites = Cites::of(&trails);
        let time = |cite: Option<Cite>| cite.map(|cite| cite.time);
        assert_eq!(time(cites.erasure(&trails, &gone)), Some(4));
        assert_eq!(time(cites.erasure(&trails, &other)), None);
        assert_eq!(time(cites.book(&trails, "main")), Some(3));
        assert_eq!(
            (time(cites.member(&trails, "bob")), time(cites.member(&trails, "ana"))),
            (Some(3), Some(1))
        );
    }
}
