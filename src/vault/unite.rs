//! Making one contact of two: one commit, and one key message that opens what both ever said.
//!
//! The keys of the one that goes follow those of the one that stays, as after a move between books. So its earlier
//! versions stay readable in history, and an erasure of the one that stays destroys them too.

use super::Vault;
use super::select::Match;
use crate::crypto::{Secret, symmetric};
use crate::domain::edit;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;

impl Vault {
    /// Writes `text` as the new version of `into`, and removes `from`. Both must still be the versions that were read.
    pub fn unite(
        &self,
        (into, into_blob): (&Match, Oid),
        (from, from_blob): (&Match, Oid),
        old: &str,
        text: &str,
    ) -> Result<Option<Oid>> {
        let (commit, ()) = self.write(|at, staged| {
            for (one, blob) in [(into, into_blob), (from, from_blob)] {
                if self.repo.entry(at.tree, &one.id.path(&one.book))? != Some(blob) {
                    return Err(Error::failed("somebody else changed one of the contacts in the meantime")
                        .hint("run the command again on the new version"));
                }
            }
            let mut keys = self.contact_keys(&into.book, &into.id)?;
            let current = keys.first().ok_or_else(|| Error::failed("a contact has no key"))?;
            staged.put(into.id.path(&into.book), symmetric::seal(current, text.as_bytes())?);
            keys.extend(self.contact_keys(&from.book, &from.id)?);
            let message = symmetric::seal(&*self.book_key(&into.book)?, &Secret::to_message_of(&keys))?;
            staged.replace.push((into.id.key_path(&into.book), message));
            staged.remove(from.id.path(&from.book));
            staged.destroy.push(from.id.key_path(&from.book));
            let mut entry =
                Entry::new(format!("contact: merge {} into {}", from.id.short(), into.id.short()), "merge");
            entry.contacts = vec![into.id.clone(), from.id.clone()];
            entry.books = super::select::books(&[into.clone(), from.clone()]);
            entry.fields = edit::changed_fields(old, text);
            self.repoint_links(at, staged, (&from.id, &into.id), &mut entry)?;
            self.repoint_deals(at, staged, &from.id, &into.id, &mut entry)?;
            Ok((entry, ()))
        })?;
        Ok(commit)
    }
}
