//! Facets of a book's contacts, kept between two reports: what is as it was is not opened again.
//!
//! `.git/carnet/index/<book>.facets` is a cache like the index beside it: sealed under the book key, lz4 over postcard,
//! with each contact's file and key message by their object ids. A contact of which either is another is opened. Whatever
//! removes an index's leftovers removes this file (`drop_index_parts`, `drop_stale_indexes`): after an erasure, a move or a
//! repair nothing of it is left, and the next report writes it anew.

use std::collections::HashMap;
use std::path::PathBuf;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::scan::Scanned;
use super::snapshot::check_place;
use super::{Snapshot, Vault};
use crate::crypto::symmetric;
use crate::domain::facet::Facet;
use crate::domain::ids::{ContactId, Slug};
use crate::error::{Error, Result};
use crate::store::{Oid, lock};

/// Another version's file is not read: what a facet holds may have changed.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/1");

/// So many contacts may be opened each time before the file is written anew.
const TOLERATED: usize = 40;

/// One contact: the object ids of its file and of its key message, and its facet as JSON.
#[derive(Serialize, Deserialize)]
struct Row<'a> {
    id: &'a str,
    blob: &'a [u8],
    key: &'a [u8],
    facet: &'a str,
}

#[derive(Serialize, Deserialize)]
struct File<'a> {
    version: &'a str,
    #[serde(borrow)]
    rows: Vec<Row<'a>>,
}

impl Vault {
    /// Does `work` for the facet of every contact of a book, on all cores; in order of id. Where `remember` says so, contacts
    /// that are what they were are not opened. A damaged contact fails alone.
    pub fn facets<R: Send>(
        &self,
        at: Snapshot,
        book: &Slug,
        remember: bool,
        work: impl Fn(Facet) -> R + Sync,
    ) -> Result<Vec<Scanned<R>>> {
        if !remember {
            let read = |id: &ContactId, text: &str| Ok(work(facet_of(text, book, id)?));
            return self.scan(at, book, read);
        }
        let contacts = self.contacts_of(at, book)?;
        let keys = self.key_messages(book)?;
        let bytes = self.stored_facets(book).unwrap_or_default();
        let known = rows(&bytes);
        let as_it_was = |(id, blob): &(ContactId, Oid)| {
            let row = known.get(id.as_str())?;
            let key = keys.get(id)?;
            (row.blob == blob.as_bytes() && row.key == key.as_bytes()).then(|| Facet::from_json(row.facet))?
        };
        let remembered: Vec<Option<R>> =
            contacts.par_iter().with_min_len(64).map(|contact| as_it_was(contact).map(&work)).collect();
        let others = contacts.iter().zip(&remembered).filter(|(_, known)| known.is_none());
        let others: Vec<(ContactId, Oid)> = others.map(|(contact, _)| contact.clone()).collect();
        let opened = others.len();
        let mut read = self
            .scan_these(book, others, |id, text| {
                let facet = facet_of(text, book, id)?;
                let json = facet.to_json().map(Zeroizing::new);
                Ok((json, work(facet)))
            })?
            .into_iter();
        let (mut all, mut fresh) = (Vec::with_capacity(contacts.len()), HashMap::new());
        for ((id, blob), known) in contacts.into_iter().zip(remembered) {
            let found = match known {
                Some(found) => Ok(found),
                None => match read.next().map(|one| one.found) {
                    Some(Ok((json, found))) => {
                        fresh.extend(json.map(|json| (id.clone(), json)));
                        Ok(found)
                    }
                    Some(Err(e)) => Err(e),
                    None => Err(Error::failed("a contact has no file")),
                },
            };
            all.push(Scanned { id, blob, found });
        }
        let gone = known.len().saturating_sub(all.len() - opened);
        if opened.max(gone) > TOLERATED {
            let row = |one: &'_ Scanned<R>| -> Option<(Oid, Oid, &str)> {
                let json = match fresh.get(&one.id) {
                    Some(json) => json.as_str(),
                    None => known.get(one.id.as_str()).filter(|row| row.blob == one.blob.as_bytes())?.facet,
                };
                Some((one.blob, *keys.get(&one.id)?, json))
            };
            let rows: Vec<_> = all.iter().filter_map(|one| Some((one.id.as_str(), row(one)?))).collect();
            let rows = rows.iter().map(|(id, (blob, key, facet))| Row {
                id,
                blob: blob.as_bytes(),
                key: key.as_bytes(),
                facet,
            });
            // A cache that cannot be written is no reason to fail a read.
            let _ = self.store_facets(at, book, rows.collect());
        }
        Ok(all)
    }

    fn facets_path(&self, book: &Slug) -> PathBuf {
        self.private_dir().join("index").join(format!("{book}.facets"))
    }

    /// What the file holds, where it opens.
    fn stored_facets(&self, book: &Slug) -> Option<Zeroizing<Vec<u8>>> {
        let sealed = std::fs::read(self.facets_path(book)).ok()?;
        let packed = symmetric::open(&*self.book_key(book).ok()?, &sealed).ok()?;
        lz4_flex::decompress_size_prepended(&packed).ok().map(Zeroizing::new)
    }

    /// Writes the file, unless the book has changed since or another command is at work: a slow reader must not put back
    /// what an erasure has just taken out.
    fn store_facets(&self, at: Snapshot, book: &Slug, rows: Vec<Row<'_>>) -> Result<()> {
        let failed = |e: postcard::Error| Error::failed("the facets could not be written").cause(e);
        let bytes = Zeroizing::new(postcard::to_stdvec(&File { version: VERSION, rows }).map_err(failed)?);
        let packed = Zeroizing::new(lz4_flex::compress_prepend_size(&bytes));
        let sealed = symmetric::seal(&*self.book_key(book)?, &packed)?;
        let Some(_lock) = lock::try_acquire(&self.private_dir()) else { return Ok(()) };
        if self.book_tree(self.snapshot()?, book)? != self.book_tree(at, book)? {
            return Ok(());
        }
        let path = self.facets_path(book);
        let dir = self.private_dir().join("index");
        std::fs::create_dir_all(&dir)?;
        let mut file = tempfile::NamedTempFile::new_in(&dir)?;
        std::io::Write::write_all(&mut file, &sealed)?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    }
}

/// A contact's facet, refused where the text is another contact's.
fn facet_of(text: &str, book: &Slug, id: &ContactId) -> Result<Facet> {
    Facet::of(text, check_place(text, book, id)?)
}

/// Rows by id; none where the file is of another version, or none.
fn rows(bytes: &[u8]) -> HashMap<&str, Row<'_>> {
    let file: Option<File<'_>> = postcard::from_bytes(bytes).ok();
    let rows = file.filter(|file| file.version == VERSION).map(|file| file.rows).unwrap_or_default();
    rows.into_iter().map(|row| (row.id, row)).collect()
}
