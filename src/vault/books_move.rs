//! Moving a contact to another book.
//!
//! New versions get a new contact key, so that a key that members of the old book copied opens none of them. The
//! earlier keys go along in the same key message, behind the new one: the versions in history stay readable to the
//! members of the new book, the contact has one key message as before, and an erasure destroys all of it at once.

use super::write::Staged;
use super::{Snapshot, Vault};
use crate::crypto::{Secret, symmetric};
use crate::domain::ids::{ContactId, Slug};
use crate::error::{Error, Result};
use crate::store::lock;

impl Vault {
    /// Stages a contact's new version in another book; its file and key in the old one go.
    pub fn stage_move(
        &self,
        staged: &mut Staged,
        from: &Slug,
        to: &Slug,
        id: &ContactId,
        text: &str,
    ) -> Result<()> {
        let mut keys = vec![Secret::random()?];
        keys.extend(self.contact_keys(from, id)?);
        let message = symmetric::seal(&*self.book_key(to)?, &Secret::to_message_of(&keys))?;
        let current = keys.first().ok_or_else(|| Error::failed("a contact has no key"))?;
        staged.put(id.path(to), symmetric::seal(current, text.as_bytes())?);
        staged.keys.push((id.key_path(to), message));
        self.stage_evidence_under(self.snapshot()?, staged, (to, id), (&keys, current), &|_| true)?;
        staged.remove(id.path(from));
        staged.destroy.push(id.key_path(from));
        Ok(())
    }

    /// Takes what has left a book out of its index, on disk too.
    pub fn settle_indexes(&self, books: &[&Slug]) -> Result<()> {
        let _lock = lock::acquire(&self.private_dir())?;
        self.recover()?;
        let at = self.snapshot()?;
        self.drop_index_parts()?;
        books.iter().try_for_each(|book| self.rewrite_index(at, book))
    }

    /// All keys of one contact, the current one first: a contact that has moved has one for each book before.
    pub fn contact_keys(&self, book: &Slug, id: &ContactId) -> Result<Vec<Secret>> {
        let message = self.contact_key_message(book, id)?;
        Secret::all_from_message(&symmetric::open(&*self.book_key(book)?, &message)?)
    }

    /// The same, in whichever of this member's books the contact is now.
    pub fn keys_wherever(&self, at: Snapshot, id: &ContactId) -> Result<Option<Vec<Secret>>> {
        for (book, _) in self.my_books(at)? {
            if self.keys.has(&id.key_path(&book))? {
                return self.contact_keys(&book, id).map(Some);
            }
        }
        Ok(None)
    }
}
