//! The access trail: every read of named data through carnet is a signed entry in the member's chain.

use super::chains::month_of;
use super::{Snapshot, Vault};
use crate::domain::ids::{ContactId, RecordId, Sealed, Slug};
use crate::domain::register::Book;
use crate::domain::trailer::Entry;
use crate::error::Result;
use crate::store::{journal, lock};

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Access<'a> {
    /// `show`, `list`, `find`, `export`, `report`, `history`, `diff`, …
    pub action: &'a str,
    pub contacts: Vec<ContactId>,
    /// Sealed records.
    pub records: Vec<RecordId>,
    pub books: Vec<Slug>,
    /// How many contacts, where they are not named one by one.
    pub count: Option<usize>,
    /// `--purpose`, where it was given.
    pub purpose: Option<Slug>,
}

impl Access<'_> {
    /// A read of one contact.
    pub fn of_one<'a>(action: &'a str, book: &Slug, id: &ContactId, purpose: Option<Slug>) -> Access<'a> {
        Access { action, contacts: vec![id.clone()], books: vec![book.clone()], purpose, ..Access::default() }
    }
}

impl Vault {
    /// Writes the entry; the read must not be shown when this fails.
    pub fn record(&self, at: Snapshot, access: Access<'_>) -> Result<()> {
        self.record_for(at, access, None)
    }

    /// The same for a read that answers the rights request of this reference.
    pub fn record_for(&self, at: Snapshot, access: Access<'_>, request: Option<&str>) -> Result<()> {
        let purposes = self.read_purposes(at, access.purpose.as_ref(), &access.books)?;
        let named = if access.contacts.is_empty() { &access.records } else { &access.contacts };
        let subject = match (&named[..], access.count) {
            ([one], _) => format!("access: {} {}", access.action, one.short()),
            (_, Some(n)) => format!("access: {} of {n}", access.action),
            _ => format!("access: {}", access.action),
        };
        let mut entry = Entry::new(subject, access.action);
        entry.contacts = access.contacts;
        entry.records = access.records;
        entry.books = access.books;
        entry.count = access.count;
        entry.purposes = purposes;
        entry.request = request.map(str::to_owned);
        let private = self.private_dir();
        let _lock = lock::acquire(&private)?;
        if journal::pending(&private)?.is_some() {
            self.recover()?;
        }
        self.append_access(entry).map(|_| ())
    }

    /// The purpose of a read: as given, else the member's default (`carnet.purpose`), else the books'.
    fn read_purposes(&self, at: Snapshot, given: Option<&Slug>, books: &[Slug]) -> Result<Vec<Slug>> {
        let own = match given {
            Some(given) => Some(given.clone()),
            None => self.repo.config("carnet.purpose")?.map(|p| p.parse()).transpose()?,
        };
        if let Some(purpose) = own {
            self.check_purpose(at, &purpose)?;
            return Ok(vec![purpose]);
        }
        let mut purposes = Vec::new();
        for slug in books {
            let path = format!("books/{slug}.toml");
            if let Some(bytes) = self.repo.file(at.tree, &path)? {
                let book: Book = crate::domain::register::parse(&path, &String::from_utf8_lossy(&bytes))?;
                if !purposes.contains(&book.purpose) {
                    purposes.push(book.purpose);
                }
            }
        }
        Ok(purposes)
    }
}

/// How long one entry stands for git showing the same contact again and again.
const SAME_DIFF: i64 = 600;

impl Vault {
    /// Records that git showed a contact; once for ten minutes of the same contact, since `git log -p` asks
    /// for every version.
    pub fn record_diff(&self, at: Snapshot, kind: Sealed, id: &ContactId, book: &Slug) -> Result<()> {
        let tip = self.repo.ref_target(&self.own_ref(&month_of(self.now)))?;
        if let Some(tip) = tip {
            let last = self.repo.commit(tip)?;
            let shows = |e: &Entry| e.action == "diff" && (e.contacts.contains(id) || e.records.contains(id));
            let same = Entry::parse(&last.message).is_some_and(|e| shows(&e));
            if same && self.now.timestamp() - last.time < SAME_DIFF {
                return Ok(());
            }
        }
        self.record(
            at,
            Access {
                action: "diff",
                contacts: (kind == Sealed::Contact).then(|| id.clone()).into_iter().collect(),
                records: (kind == Sealed::Record).then(|| id.clone()).into_iter().collect(),
                books: vec![book.clone()],
                ..Access::default()
            },
        )
    }
}
