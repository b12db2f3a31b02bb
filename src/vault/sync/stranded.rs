//! What this clone alone has in a book that its member was taken out of: nobody would open it once the book's new key is
//! here, so a sync takes nothing over before its owner has decided.

use std::collections::BTreeSet;

use super::keys::Listing;
use crate::domain::ids::{ContactId, Sealed, Slug};
use crate::error::{Error, Result};
use crate::vault::oppose::OBJECTIONS;
use crate::vault::recover::owner_of_key;
use crate::vault::{Snapshot, Vault};

impl Vault {
    /// Whether a key of the opposition list lies in another book of this clone, too. It is the same in each.
    pub(super) fn is_kept_elsewhere(&self, path: &str, ours: &Listing) -> Result<bool> {
        let Some((book, name)) = path.split_once('/').filter(|(_, name)| name.starts_with(OBJECTIONS)) else {
            return Ok(false);
        };
        let mut others = ours.keys().filter_map(|key| key.split_once('/'));
        Ok(others.any(|(other, same)| other != book && same == name && self.opens(other)))
    }

    fn opens(&self, book: &str) -> bool {
        book.parse::<Slug>().is_ok_and(|book| self.book_key(&book).is_ok())
    }

    /// Refuses to leave these keys behind, whose messages nobody would open any more; says what to do with what they open.
    pub(super) fn check_stranded(&self, at: Snapshot, keys: &[String]) -> Result<()> {
        let owners: Vec<(Slug, Option<ContactId>)> =
            keys.iter().filter_map(|key| owner_of_key(key)).collect();
        let books: BTreeSet<&str> = owners.iter().map(|(book, _)| book.as_str()).collect();
        if books.is_empty() {
            return Ok(());
        }
        let (mut contacts, mut records) = (Vec::new(), Vec::new());
        for (book, id) in &owners {
            let Some(id) = id else { continue };
            match self.repo.sealed_file(at.tree, book, id)? {
                Some((Sealed::Record, _)) => records.push(id.short()),
                _ => contacts.push(id.short()),
            }
        }
        let book = books.into_iter().collect::<Vec<_>>().join(", ");
        let error = |what: String, hint: &str| Error::no_key(what).at(format!("book {book}")).hint(hint);
        Err(match (contacts.is_empty(), records.is_empty()) {
            (false, _) => error(
                format!(
                    "you were taken out of the book, and contacts that are only here are in it: {}",
                    contacts.join(", ")
                ),
                "`carnet edit ID --book BOOK` moves one to a book of yours (`carnet book add BOOK` makes one), \
                 `carnet erase ID --reason error` destroys it; then `carnet sync`",
            ),
            (true, false) => error(
                format!(
                    "you were taken out of the book, and sealed records that are only here are in it: {}",
                    records.join(", ")
                ),
                "`carnet deal remove ID` destroys a deal, `carnet undo` takes back what you did last; then `carnet sync`",
            ),
            (true, true) => error(
                "you were taken out of the book, and the opposition list that you began is only in it"
                    .to_owned(),
                "`carnet book add BOOK` makes a book of yours that keeps it; then `carnet sync`",
            ),
        })
    }
}
