//! Opening many contacts on all cores: git's objects are read there too, each piece of work with handles of its own,
//! and only what `work` returns is kept.

use std::collections::HashMap;

use rayon::prelude::*;
use zeroize::Zeroizing;

use super::recover::owner_of_key;
use super::snapshot::open_text_with;
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

/// Keys of the contacts that this member can open: each one's message, and the key of the book that it is in.
struct Keys {
    books: Vec<Secret>,
    messages: HashMap<ContactId, (usize, Oid)>,
}

impl Keys {
    fn of(&self, store: &KeyStore, id: &ContactId) -> Result<Vec<Secret>> {
        let found = self.messages.get(id).and_then(|(n, message)| Some((self.books.get(*n)?, message)));
        let (book_key, message) = found.ok_or_else(|| {
            Error::no_key(format!("the key of contact {} is not in this clone's key store", id.short()))
                .hint("`carnet doctor` says whether it was erased or lost")
        })?;
        Secret::all_from_message(&symmetric::open(book_key, &store.blob(*message)?)?)
    }
}

impl Vault {
    /// Does `work` for the text of every contact of a book, in order of id. A damaged contact fails alone.
    pub fn scan<R: Send>(
        &self,
        at: Snapshot,
        book: &Slug,
        work: impl Fn(&ContactId, &str) -> Result<R> + Sync,
    ) -> Result<Vec<Scanned<R>>> {
        self.scan_these(book, self.contacts_of(at, book)?, work)
    }

    /// The same for some contacts of a book, each with its blob; in their order.
    pub fn scan_these<R: Send>(
        &self,
        book: &Slug,
        contacts: Vec<(ContactId, Oid)>,
        work: impl Fn(&ContactId, &str) -> Result<R> + Sync,
    ) -> Result<Vec<Scanned<R>>> {
        let contacts: Vec<(ContactId, Vec<Oid>)> =
            contacts.into_iter().map(|(id, blob)| (id, vec![blob])).collect();
        let one = |id: &ContactId, texts: &mut dyn Iterator<Item = Result<Zeroizing<String>>>| {
            let text = texts.next().unwrap_or_else(|| Err(Error::failed("a contact has no file")));
            text.and_then(|text| work(id, &text)).map_err(|e| e.at(id.path(book)))
        };
        let tip = self.keys.tip()?;
        let found = self.open_versions(std::slice::from_ref(book), &contacts, one)?;
        // A key that another process replaced meanwhile is no damage: the caller reads again (`Vault::reading`).
        if found.iter().any(Result::is_err) && self.keys.tip()? != tip {
            return Err(
                Error::failed("the keys were changed by another command").hint("run the command again")
            );
        }
        let scanned = contacts
            .into_iter()
            .zip(found)
            .filter_map(|((id, blobs), found)| Some(Scanned { id, blob: blobs.first().copied()?, found }));
        Ok(scanned.collect())
    }

    /// Does `work` for versions of contacts, with whichever of its keys each opens; in order.
    ///
    /// A contact whose key is in none of `books` gives an error for each of its versions.
    pub fn open_versions<R: Send>(
        &self,
        books: &[Slug],
        contacts: &[(ContactId, Vec<Oid>)],
        work: impl Fn(&ContactId, &mut dyn Iterator<Item = Result<Zeroizing<String>>>) -> R + Sync,
    ) -> Result<Vec<R>> {
        let keys = self.keys_in(books)?;
        let size = chunk_size(contacts.len());
        let path = KeyStore::path_in(&self.private_dir());
        let handles = contacts
            .chunks(size)
            .map(|_| Ok((self.repo.another()?, KeyStore::open(&path)?)))
            .collect::<Result<Vec<_>>>()?;
        let done: Vec<Vec<R>> = handles
            .into_par_iter()
            .zip(contacts.par_chunks(size))
            .map(|((repo, store), contacts)| {
                let one = |(id, blobs): &(ContactId, Vec<Oid>)| {
                    let own = keys.of(&store, id);
                    let mut texts = blobs.iter().map(|blob| match &own {
                        Ok(own) => open_text_with(own, &repo.blob(*blob)?),
                        Err(e) => Err(Error::new(e.kind, e.message.clone())),
                    });
                    work(id, &mut texts)
                };
                contacts.iter().map(one).collect()
            })
            .collect();
        Ok(done.into_iter().flatten().collect())
    }

    /// The key message of each contact of a book, where the key store has one.
    pub(super) fn key_messages(&self, book: &Slug) -> Result<HashMap<ContactId, Oid>> {
        let of_book = |path: &str| owner_of_key(path).filter(|(b, _)| b == book).and_then(|(_, id)| id);
        Ok(self
            .keys
            .list()?
            .into_iter()
            .filter_map(|entry| Some((of_book(&entry.path)?, entry.id)))
            .collect())
    }

    fn keys_in(&self, books: &[Slug]) -> Result<Keys> {
        let mut keys = Keys { books: Vec::new(), messages: HashMap::new() };
        for book in books {
            keys.books.push((*self.book_key(book)?).clone());
        }
        for entry in self.keys.list()? {
            let Some((book, Some(id))) = owner_of_key(&entry.path) else { continue };
            if let Some(n) = books.iter().position(|known| *known == book) {
                keys.messages.insert(id, (n, entry.id));
            }
        }
        Ok(keys)
    }
}
