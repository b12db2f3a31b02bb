//! Making one contact of several: one commit, and one key message that opens what all of them ever said.
//!
//! The keys of those that go follow those of the one that stays, as after a move between books. So their earlier
//! versions stay readable in history, and an erasure of the one that stays destroys them too.

use std::collections::BTreeSet;

use super::select::Match;
use super::write::Staged;
use super::{Snapshot, Vault};
use crate::crypto::{Secret, symmetric};
use crate::domain::ids::ContactId;
use crate::domain::trailer::Entry;
use crate::domain::{edit, link};
use crate::error::{Error, Result};
use crate::store::Oid;

/// From how many contacts on the trail names only their number, as for an import.
const NAMED: usize = 1000;

/// A contact that was read, in this version.
pub type Read = (Match, Oid);

/// One contact and those that become part of it.
pub struct Union {
    pub into: Read,
    /// In the order in which they were put in.
    pub from: Vec<Read>,
    /// The text of `into` before, and after.
    pub old: String,
    pub text: String,
}

impl Vault {
    /// Writes each `text` as the new version of its contact, and removes those that became part of it. All must still be the
    /// versions that were read; links and deals of others follow.
    pub fn unite(&self, unions: &[Union]) -> Result<Option<Oid>> {
        let moves: Vec<(ContactId, ContactId)> = unions
            .iter()
            .flat_map(|one| one.from.iter().map(|(from, _)| (from.id.clone(), one.into.0.id.clone())))
            .collect();
        let (commit, ()) = self.write(|at, staged| {
            for (one, blob) in unions.iter().flat_map(|one| one.from.iter().chain([&one.into])) {
                if self.repo.entry(at.tree, &one.id.path(&one.book))? != Some(*blob) {
                    return Err(Error::failed("somebody else changed one of the contacts in the meantime")
                        .hint("run the command again on the new version"));
                }
            }
            let mut entry = Entry::new(subject(unions), "merge");
            let mut fields = BTreeSet::new();
            for one in unions {
                // What it says of others that go, too.
                let text = link::redirect_all(&one.text, &moves)?;
                fields.extend(edit::changed_fields(&one.old, &text));
                self.stage_union(at, staged, one, &text)?;
                entry.contacts.push(one.into.0.id.clone());
                entry.contacts.extend(one.from.iter().map(|(from, _)| from.id.clone()));
                entry.books.extend(one.from.iter().chain([&one.into]).map(|(one, _)| one.book.clone()));
            }
            entry.fields = fields.into_iter().collect();
            self.repoint_links(at, staged, &moves, &mut entry)?;
            self.repoint_deals(at, staged, &moves, &mut entry)?;
            entry.books.sort();
            entry.books.dedup();
            if entry.contacts.len() > NAMED {
                entry.count = Some(entry.contacts.len());
                entry.contacts.clear();
            }
            Ok((entry, ()))
        })?;
        Ok(commit)
    }

    fn stage_union(&self, at: Snapshot, staged: &mut Staged, one: &Union, text: &str) -> Result<()> {
        let into = &one.into.0;
        let mut keys = self.contact_keys(&into.book, &into.id)?;
        let current = keys.first().cloned().ok_or_else(|| Error::failed("a contact has no key"))?;
        staged.put(into.id.path(&into.book), symmetric::seal(&current, text.as_bytes())?);
        for (from, _) in &one.from {
            let theirs = self.contact_keys(&from.book, &from.id)?;
            self.stage_evidence_into(at, staged, (&from.id, &theirs), (&into.book, &into.id, &current))?;
            keys.extend(theirs);
            staged.remove(from.id.path(&from.book));
            staged.destroy.push(from.id.key_path(&from.book));
        }
        let message = symmetric::seal(&*self.book_key(&into.book)?, &Secret::to_message_of(&keys))?;
        staged.replace.push((into.id.key_path(&into.book), message));
        Ok(())
    }
}

fn subject(unions: &[Union]) -> String {
    match unions {
        [Union { into, from, .. }] if from.len() == 1 => {
            let from = from.first().map(|(from, _)| from.id.short()).unwrap_or_default();
            format!("contact: merge {from} into {}", into.0.id.short())
        }
        many => {
            let gone: usize = many.iter().map(|one| one.from.len()).sum();
            format!("contact: merge {gone} into {}", many.len())
        }
    }
}
