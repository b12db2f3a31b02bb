//! Opening every contact of a book on all cores: git's objects are read there too, each piece of work with handles of
//! its own, and only what `work` returns is kept.

use std::collections::HashMap;

use rayon::prelude::*;

use super::snapshot::open_text;
use super::{Snapshot, Vault};
use crate::crypto::{Secret, symmetric};
use crate::domain::ids::{ContactId, Slug};
use crate::error::{Error, Result};
use crate::store::parallel::chunk_size;
use crate::store::{KeyStore, Oid};

/// What became of one contact: its blob, and what `work` made of its text, or why it does not open.
pub struct Scanned<R> {
    pub id: ContactId,
    pub blob: Oid,
    pub found: Result<R>,
}

impl Vault {
    /// Does `work` for the text of every contact of a book, in order of id. A damaged contact fails alone.
    pub fn scan<R: Send>(
        &self,
        at: Snapshot,
        book: &Slug,
        work: impl Fn(&ContactId, &str) -> Result<R> + Sync,
    ) -> Result<Vec<Scanned<R>>> {
        let book_key = self.book_key(book)?;
        let book_key: &Secret = &book_key;
        let tip = self.keys.tip()?;
        let keys: HashMap<String, Oid> = self.keys.list()?.into_iter().map(|e| (e.path, e.id)).collect();
        let contacts = self.contacts_of(at, book)?;
        let size = chunk_size(contacts.len());
        let key_store = KeyStore::path_in(&self.private_dir());
        let handles = contacts
            .chunks(size)
            .map(|_| Ok((self.repo.another()?, KeyStore::open(&key_store)?)))
            .collect::<Result<Vec<_>>>()?;
        let done: Vec<Vec<Scanned<R>>> = handles
            .into_par_iter()
            .zip(contacts.par_chunks(size))
            .map(|((repo, store), contacts)| {
                let one = |(id, blob): &(ContactId, Oid)| {
                    let open = || {
                        let key = keys.get(&id.key_path(book)).ok_or_else(|| no_key(id))?;
                        let key = symmetric::open(book_key, &store.blob(*key)?)?;
                        let text = open_text(&Secret::from_message(&key)?, &repo.blob(*blob)?)?;
                        work(id, &text)
                    };
                    let found = open().map_err(|e| e.at(id.path(book)));
                    Scanned { id: id.clone(), blob: *blob, found }
                };
                contacts.iter().map(one).collect()
            })
            .collect();
        let done: Vec<Scanned<R>> = done.into_iter().flatten().collect();
        // A key that another process replaced meanwhile is no damage: the caller reads again (`Vault::reading`).
        if done.iter().any(|scanned| scanned.found.is_err()) && self.keys.tip()? != tip {
            return Err(
                Error::failed("the keys were changed by another command").hint("run the command again")
            );
        }
        Ok(done)
    }
}

fn no_key(id: &ContactId) -> Error {
    Error::no_key(format!("the key of contact {} is not in this clone's key store", id.short()))
        .hint("`carnet doctor` says whether it was erased or lost")
}
