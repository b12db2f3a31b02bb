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

impl Mine {
    pub fn has(&self, book: &Slug) -> bool {
        self.0.contains(book)
    }

    /// Takes out of an entry what is of other books; `false` when nothing is left that may be seen.
    ///
    /// Who made a book, or let whom open it, is for everybody: that tells of no contact.
    pub fn sift(&self, entry: &mut Entry) -> bool {
        let lists = [&entry.contacts, &entry.archived, &entry.ended];
        let of_contacts = lists.iter().any(|list| !list.is_empty()) || entry.count.is_some();
        if !of_contacts || entry.books.is_empty() || entry.books.iter().all(|book| self.has(book)) {
            return true;
        }
        // Which of several is in which book is not said; one alone has moved between them.
        if entry.contacts.len() > 1 {
            entry.contacts.clear();
        }
        entry.mentions.clear();
        entry.archived.clear();
        entry.ended.clear();
        entry.count = None;
        entry.books.iter().any(|book| self.has(book))
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
    }
}
