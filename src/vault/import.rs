//! Many new contacts in one commit, sealed on all cores.

use rayon::prelude::*;

use super::Vault;
use super::write::seal_new;
use crate::crypto::Secret;
use crate::domain::draft::Draft;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::trailer::Entry;
use crate::error::Result;
use crate::store::Oid;

/// How many contacts are sealed between two reports of progress.
const STEP: usize = 500;

impl Vault {
    /// Writes all drafts as new contacts of one book, and gives their ids in order; `progress` is told how many more
    /// are sealed.
    pub fn import(
        &self,
        book: &Slug,
        drafts: &[Draft],
        progress: &dyn Fn(u64),
    ) -> Result<(Option<Oid>, Vec<ContactId>)> {
        let now = self.now_text();
        self.write(|_, staged| {
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
            let mut entry = Entry::new(format!("contact: import {}", drafts.len()), "import");
            entry.books.push(book.clone());
            entry.count = Some(drafts.len());
            let mut purposes: Vec<Slug> =
                drafts.iter().flat_map(|d| d.bases.iter().map(|b| b.purpose.clone())).collect();
            purposes.sort();
            purposes.dedup();
            entry.purposes = purposes;
            Ok((entry, ids))
        })
    }
}
