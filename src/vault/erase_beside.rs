//! What goes into the commit of an erasure beside it: contacts whose bases end, and contacts that are archived.
//!
//! An archived contact gets a new key and its old one is destroyed, for its earlier versions hold what the archive must
//! not keep. Where such a contact also mentions an erased one, both changes become one text.

use std::collections::BTreeSet;

use super::erase_mentions::Mentions;
use super::write::{Staged, seal_fresh};
use super::{Snapshot, Vault};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::mention;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};

/// The new text of a contact that stays, and the archive that it goes into, if it does.
#[derive(Clone, Debug)]
pub(super) struct Beside {
    pub id: ContactId,
    pub book: Slug,
    pub archive: Option<Slug>,
    pub text: String,
}

impl Vault {
    /// Stages them. Returns those that were archived; a mention in any other is left to the erasure, with its new text.
    pub(super) fn stage_beside(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        beside: &[Beside],
        mentions: &mut Mentions,
        erased: &[&ContactId],
    ) -> Result<BTreeSet<ContactId>> {
        let mut archived = BTreeSet::new();
        for one in beside {
            if self.repo.entry(at.tree, &one.id.path(&one.book))?.is_none() {
                return Err(Error::not_found("a contact is gone since it was looked at")
                    .hint("run the command again"));
            }
            let mentioning = mentions.found.iter_mut().find(|m| m.id == one.id);
            let text = match &mentioning {
                Some(_) => mention::without(&one.text, erased)?,
                None => one.text.clone(),
            };
            match (&one.archive, mentioning) {
                (Some(to), _) => {
                    self.stage_archived(staged, one, to, &text)?;
                    archived.insert(one.id.clone());
                }
                (None, Some(mention)) => mention.text = text,
                (None, None) => self.stage_version(staged, &one.book, &one.id, &text)?,
            }
        }
        Ok(archived)
    }

    fn stage_archived(&self, staged: &mut Staged, one: &Beside, to: &Slug, text: &str) -> Result<()> {
        let (new, file, key) = seal_fresh(&*self.book_key(to)?, text)?;
        let old = self.contact_keys(&one.book, &one.id)?;
        // Evidence of what the archive no longer says goes with what it said.
        let named = |hash: &str| text.contains(hash);
        self.stage_evidence_under(self.snapshot()?, staged, (to, &one.id), (&old, &new), &named)?;
        let new_key = one.id.key_path(to);
        staged.put(one.id.path(to), file);
        match *to == one.book {
            // It lies in the archive's book already: the new key replaces the old one.
            true => staged.replace.push((new_key, key)),
            false => {
                staged.keys.push((new_key, key));
                staged.remove(one.id.path(&one.book));
                staged.destroy.push(one.id.key_path(&one.book));
            }
        }
        Ok(())
    }
}

/// Names them in the commit's trailers.
pub(super) fn name_in(entry: &mut Entry, beside: &[Beside]) {
    for one in beside {
        match one.archive {
            Some(_) => entry.archived.push(one.id.clone()),
            None => entry.ended.push(one.id.clone()),
        }
        for book in std::iter::once(&one.book).chain(&one.archive) {
            if !entry.books.contains(book) {
                entry.books.push(book.clone());
            }
        }
    }
    entry.books.sort();
}
