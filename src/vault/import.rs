//! Many new contacts in one commit, sealed on all cores.

use rayon::prelude::*;

use super::snapshot::check_place;
use super::vdir_import::CardEdit;
use super::write::{Staged, seal_new};
use super::{Snapshot, Vault};
use crate::crypto::Secret;
use crate::domain::draft::Draft;
use crate::domain::edit;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::mention;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;

/// How many contacts are sealed between two reports of progress.
const STEP: usize = 500;

/// From how many edited contacts on a commit names their number alone.
const NAMED: usize = 1000;

impl Vault {
    /// Writes all drafts as new contacts of one book, and gives their ids in order; `progress` is told how many more
    /// are sealed.
    pub fn import(
        &self,
        book: &Slug,
        drafts: &[Draft],
        progress: &dyn Fn(u64),
    ) -> Result<(Option<Oid>, Vec<ContactId>)> {
        self.import_with(book, drafts, &[], progress)
    }

    /// The same, with new texts of contacts that are there, in the same commit. Nothing is written when one of these was
    /// changed since it was compared.
    pub fn import_with(
        &self,
        book: &Slug,
        drafts: &[Draft],
        edits: &[CardEdit],
        progress: &dyn Fn(u64),
    ) -> Result<(Option<Oid>, Vec<ContactId>)> {
        let now = self.now_text();
        self.write(|at, staged| {
            // Taken under the lock: a key that another process replaced meanwhile would seal for nobody.
            let key = self.book_key(book)?;
            let key: &Secret = &key;
            let mut ids = Vec::with_capacity(drafts.len());
            for step in drafts.chunks(STEP) {
                let sealed: Vec<_> = step
                    .par_iter()
                    .map(|draft| {
                        let id = ContactId::random();
                        let (file, message) = seal_new(key, &draft.to_toml(&id, book, &now))?;
                        Ok((id, file, message))
                    })
                    .collect::<Result<_>>()?;
                for (id, file, message) in sealed {
                    staged.put(id.path(book), file);
                    staged.keys.push((id.key_path(book), message));
                    ids.push(id);
                }
                progress(step.len() as u64);
            }
            let count = drafts.len() + edits.len();
            let mut entry = Entry::new(format!("contact: import {count}"), "import");
            if !drafts.is_empty() {
                entry.books.push(book.clone());
            }
            entry.count = Some(count);
            self.stage_edits(at, staged, edits, &mut entry)?;
            let mut purposes: Vec<Slug> =
                drafts.iter().flat_map(|d| d.bases.iter().map(|b| b.purpose.clone())).collect();
            purposes.sort();
            purposes.dedup();
            entry.purposes = purposes;
            Ok((entry, ids))
        })
    }

    fn stage_edits(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        edits: &[CardEdit],
        entry: &mut Entry,
    ) -> Result<()> {
        for CardEdit { of, old, new, .. } in edits {
            if self.contact_text(at, &of.book, &of.id)?.is_none_or(|(text, _)| *text != *old) {
                return Err(Error::failed("somebody else changed a contact in the meantime")
                    .at(format!("contact {}", of.id.short()))
                    .hint("run the command again; nothing was changed"));
            }
            check_place(new, &of.book, &of.id)?;
            entry.fields.extend(edit::changed_fields(old, new));
            entry.books.push(of.book.clone());
            let kept = mention::remembering(old, new)?;
            self.stage_version(staged, &of.book, &of.id, kept.as_deref().unwrap_or(new))?;
            if edits.len() < NAMED {
                entry.contacts.push(of.id.clone());
            }
        }
        entry.fields.sort();
        entry.fields.dedup();
        entry.books.sort();
        entry.books.dedup();
        Ok(())
    }
}
