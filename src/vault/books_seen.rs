//! What a member may see of a trail: nothing that tells of contacts, or of their number, in books they have not.

use std::collections::BTreeSet;

use super::{Snapshot, Vault};
use crate::domain::ids::Slug;
use crate::domain::trailer::Entry;
use crate::error::Result;

/// The books of one member.
#[derive(Clone, Debug)]
pub struct Mine(BTreeSet<Slug>);

impl Vault {
    /// The books of this member, for sifting a trail.
    pub fn mine(&self, at: Snapshot) -> Result<Mine> {
        Ok(Mine(self.my_books(at)?.into_iter().map(|(book, _)| book).collect()))
    }
}

impl Vault {
    /// Members of book `to` who cannot open all of `from`: who would see what comes from there for the first time.
    pub fn new_readers(&self, at: Snapshot, to: &Slug, from: &[&Slug]) -> Result<Vec<Slug>> {
        let books = self.all_books(at)?;
        let is_in = |member: &Slug, book: &Slug| {
            books.iter().any(|(slug, of)| slug == book && of.members.contains(member))
        };
        let members = books.iter().find(|(slug, _)| slug == to).map(|(_, book)| book.members.clone());
        let mut readers = members.unwrap_or_default();
        readers.retain(|member| !from.iter().all(|book| is_in(member, book)));
        Ok(readers)
    }
}

impl Mine {
    pub fn has(&self, book: &Slug) -> bool {
        self.0.contains(book)
    }

    /// Takes out of an entry what is of other books; `false` when nothing is left that may be seen.
    ///
    /// Who made a book, or let whom open it, is for everybody: that tells of no contact.
    pub fn sift(&self, entry: &mut Entry) -> bool {
        let lists = [&entry.contacts, &entry.archived, &entry.ended, &entry.records];
        let of_contacts = lists.iter().any(|list| !list.is_empty()) || entry.count.is_some();
        if !of_contacts || entry.books.is_empty() || entry.books.iter().all(|book| self.has(book)) {
            return true;
        }
        // Which of several is in which book is not said; one alone has moved between them.
        if entry.contacts.len() > 1 {
            entry.contacts.clear();
        }
        if entry.records.len() > 1 || !entry.books.iter().any(|book| self.has(book)) {
            entry.records.clear();
        }
        entry.mentions.clear();
        entry.archived.clear();
        entry.ended.clear();
        entry.count = None;
        // What the registers say in plain text is for everybody, also where something is sealed beside it.
        let plain = ["request-", "breach-"].iter().any(|step| entry.action.starts_with(step));
        plain || entry.books.iter().any(|book| self.has(book))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ContactId;

    #[test]
    fn other_books_contacts_and_numbers_are_not_seen() {
        let slug = |s: &str| s.parse::<Slug>().unwrap();
        let mine = Mine(BTreeSet::from([slug("main")]));
        let entry = |books: &[&str], contacts: usize, count| {
            let mut entry = Entry::new("x", "list");
            entry.books = books.iter().map(|b| slug(b)).collect();
            entry.contacts = (0..contacts).map(|_| ContactId::random()).collect();
            entry.count = count;
            entry
        };
        let sifted = |mut e: Entry| mine.sift(&mut e).then_some((e.contacts.len(), e.count));
        assert_eq!(sifted(entry(&["main"], 2, Some(9))), Some((2, Some(9))));
        assert_eq!(sifted(entry(&["other"], 1, None)), None);
        assert_eq!(sifted(entry(&["other"], 0, Some(9))), None);
        assert_eq!(sifted(entry(&["other"], 0, None)), Some((0, None)));
        assert_eq!(sifted(entry(&["main", "other"], 0, Some(9))), Some((0, None)));
        assert_eq!(sifted(entry(&["main", "other"], 3, None)), Some((0, None)));
        assert_eq!(sifted(entry(&["main", "other"], 1, None)), Some((1, None)));
        // A deal of another book tells of its contacts; of a breach the register tells everybody.
        let sealed = |action: &str, books: &[&str]| {
            let mut entry = Entry { action: action.to_owned(), ..entry(books, 0, None) };
            entry.records.push(ContactId::random());
            mine.sift(&mut entry).then_some(entry.records.len())
        };
        assert_eq!(sealed("deal-add", &["main"]), Some(1));
        assert_eq!(sealed("deal-add", &["other"]), None);
        assert_eq!(sealed("breach-open", &["other"]), Some(0));
    }
}
