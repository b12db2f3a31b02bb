//! Sealed records: what names persons and is no contact, each with a key of its own that can be destroyed alone.
//!
//! A record lies in a book, as a contact does: `records/<book>/<xx>/<id>.toml.pgp`, its key at the place that a
//! contact's key has. New book keys, sync, git's drivers, verify and doctor treat both alike; records have no index
//! and no ledger. A record that was destroyed stays so: a merge never brings it back.

use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::kept::{Cache, Row, TOLERATED, rows};
use super::snapshot::open_text;
use super::write::{Staged, seal_new};
use super::{Snapshot, Vault};
use crate::crypto::{Secret, symmetric};
use crate::domain::ids::{RecordId, Sealed, Slug};
use crate::domain::record::{self, Head};
use crate::error::{Error, Kind, Result};
use crate::store::Oid;

/// A sealed record, opened and checked.
pub struct Record {
    pub head: Head,
    /// The file's text as it is written.
    pub text: Zeroizing<String>,
    pub blob: Oid,
}

impl Record {
    /// What the record holds, as its kind has it.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T> {
        record::parse(&self.text).map_err(|e| e.at(self.path()))
    }

    /// Where its file is.
    pub fn path(&self) -> String {
        Sealed::Record.path(&self.head.book, &self.head.id)
    }
}

impl Vault {
    /// Seals a new record under a new key and stages both.
    pub fn stage_new_record<T: Serialize>(&self, staged: &mut Staged, head: &Head, body: &T) -> Result<()> {
        let text = Zeroizing::new(head.text(body)?);
        let (file, key) = seal_new(&*self.book_key(&head.book)?, &text)?;
        staged.put(Sealed::Record.path(&head.book, &head.id), file);
        staged.keys.push((head.id.key_path(&head.book), key));
        Ok(())
    }

    /// Seals a new version of a record under the key that it has.
    pub fn stage_record<T: Serialize>(&self, staged: &mut Staged, head: &Head, body: &T) -> Result<()> {
        self.stage_record_text(staged, head, &Zeroizing::new(head.text(body)?))
    }

    /// The same for a whole text, in which comments and unknown keys may stand.
    pub fn stage_record_text(&self, staged: &mut Staged, head: &Head, text: &str) -> Result<()> {
        check_place(text, &head.book, &head.id)?;
        let key = self.contact_key(&head.book, &head.id)?;
        staged.put(Sealed::Record.path(&head.book, &head.id), symmetric::seal(&key, text.as_bytes())?);
        Ok(())
    }

    /// Removes a record and destroys its key: no version of it opens any more.
    pub fn stage_record_destruction(&self, staged: &mut Staged, book: &Slug, id: &RecordId) {
        staged.remove(Sealed::Record.path(book, id));
        staged.destroy.push(id.key_path(book));
    }

    /// Opens one record; none when the book has no such record.
    pub fn open_record(&self, at: Snapshot, book: &Slug, id: &RecordId) -> Result<Option<Record>> {
        let path = Sealed::Record.path(book, id);
        let Some(blob) = self.repo.entry(at.tree, &path)? else { return Ok(None) };
        let key = self.contact_key(book, id)?;
        open(&key, &self.repo.blob(blob)?, book, id, blob).map(Some).map_err(|e| e.at(path))
    }

    /// All records of one kind, or of every kind, in the books that this member can open; in no order that matters.
    pub fn records(&self, at: Snapshot, kind: Option<&str>) -> Result<Vec<Record>> {
        let mut all = Vec::new();
        for (book, _) in self.my_books(at)? {
            let of_kind = |r: &Record| kind.is_none_or(|kind| r.head.kind.as_str() == kind);
            all.extend(self.records_in(at, &book)?.into_iter().filter(of_kind));
        }
        Ok(all)
    }

    /// All records of a book.
    pub fn records_in(&self, at: Snapshot, book: &Slug) -> Result<Vec<Record>> {
        self.each_record(at, book)?.into_iter().collect()
    }

    /// The same, where a damaged record fails alone. Those that are as they were when they were kept are not opened again.
    pub fn each_record(&self, at: Snapshot, book: &Slug) -> Result<Vec<Result<Record>>> {
        let blobs = self.record_blobs(at, book)?;
        if blobs.is_empty() {
            return Ok(Vec::new());
        }
        let bytes = self.kept(Cache::Records, book);
        let mut kept = rows(&bytes);
        // Listed once: each by itself reads the same trees again.
        let keys = (blobs.len() > TOLERATED).then(|| self.key_messages(book)).transpose()?;
        let mut all = Vec::with_capacity(blobs.len());
        for (id, blob) in blobs {
            let key = match &keys {
                Some(keys) => keys.get(&id).copied(),
                None => self.keys.id(&id.key_path(book))?,
            };
            let row = kept.remove(id.as_str()).zip(key).filter(|(row, key)| row.is(blob, *key));
            all.push((id, blob, key, row.map(|(row, _)| row.kept)));
        }
        let as_it_was = all.par_iter().map(|(id, blob, _, text)| known((*text)?, book, id, *blob));
        let as_it_was: Vec<Option<Record>> = as_it_was.collect();
        let (mut found, mut others) = (Vec::with_capacity(all.len()), Vec::new());
        for ((id, blob, key, _), known) in all.into_iter().zip(as_it_was) {
            match known {
                Some(record) => found.push((Ok(record), key)),
                None => others.push((id, blob, key)),
            }
        }
        let opened = others.len();
        let keys: Vec<Option<Oid>> = others.iter().map(|(.., key)| *key).collect();
        let others = others.into_iter().map(|(id, blob, _)| (id, blob)).collect();
        found.extend(self.open_records(book, others)?.into_iter().zip(keys));
        // What is no record any more is not kept.
        if opened > TOLERATED || !kept.is_empty() {
            let rows = found.iter().filter_map(|(record, key)| {
                let record = record.as_ref().ok()?;
                Some(Row {
                    id: record.head.id.as_str(),
                    blob: record.blob.as_bytes(),
                    key: key.as_ref()?.as_bytes(),
                    kept: &record.text,
                })
            });
            self.keep(Cache::Records, at, book, rows.collect());
        }
        Ok(found.into_iter().map(|(record, _)| record).collect())
    }

    /// Opens records on all cores, in their order.
    fn open_records(&self, book: &Slug, blobs: Vec<(RecordId, Oid)>) -> Result<Vec<Result<Record>>> {
        let mut sealed = Vec::new();
        for (id, blob) in blobs {
            let message =
                self.contact_key_message(book, &id).map_err(|e| e.at(Sealed::Record.path(book, &id)));
            sealed.push((id, message, blob, self.repo.blob(blob)?));
        }
        if sealed.is_empty() {
            return Ok(Vec::new());
        }
        let book_key = self.book_key(book)?;
        let book_key: &Secret = &book_key;
        let opened = sealed.into_par_iter().map(|(id, key, blob, message)| {
            let key = symmetric::open(book_key, &key?).and_then(|text| Secret::from_message(&text));
            let record = key.and_then(|key| open(&key, &message, book, &id, blob));
            record.map_err(|e| e.at(Sealed::Record.path(book, &id)))
        });
        Ok(opened.collect())
    }

    /// Ids of the records of a book.
    pub fn record_ids(&self, at: Snapshot, book: &Slug) -> Result<Vec<RecordId>> {
        Ok(self.record_blobs(at, book)?.into_iter().map(|(id, _)| id).collect())
    }

    /// The same with their files.
    fn record_blobs(&self, at: Snapshot, book: &Slug) -> Result<Vec<(RecordId, Oid)>> {
        let files = self.repo.list(at.tree, &format!("{}/{book}", Sealed::Record.dir()))?;
        let id = |path: &str| path.rsplit('/').next()?.strip_suffix(".toml.pgp")?.parse().ok();
        Ok(files.iter().filter_map(|file| Some((id(&file.path)?, file.id))).collect())
    }
}

/// A record whose text was kept.
fn known(text: &str, book: &Slug, id: &RecordId, blob: Oid) -> Option<Record> {
    let head = check_place(text, book, id).ok()?;
    Some(Record { head, text: Zeroizing::new(text.to_owned()), blob })
}

fn open(key: &Secret, message: &[u8], book: &Slug, id: &RecordId, blob: Oid) -> Result<Record> {
    let text = open_text(key, message)?;
    let head = check_place(&text, book, id)?;
    Ok(Record { head, text, blob })
}

/// Reads a record's head and refuses it when it belongs elsewhere.
pub fn check_place(text: &str, book: &Slug, id: &RecordId) -> Result<Head> {
    let head = Head::parse(text)?;
    if head.id != *id || head.book != *book {
        return Err(Error::new(Kind::Failed, "the sealed record is another one: it was swapped")
            .hint("`carnet verify` lists every such file; `git log -- PATH` shows who moved it"));
    }
    Ok(head)
}
