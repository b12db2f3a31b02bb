//! What was read of sealed files, kept between two commands: a file that is as it was is not opened again.
//!
//! `.git/carnet/index/<book>.<name>` is a cache like the index beside it: sealed under the book key, lz4 over postcard,
//! with each file and its key message by their object ids. A file of which either is another is opened. Whatever removes
//! an index's leftovers removes these files (`drop_index_parts`, `drop_stale_indexes`): after an erasure, a move or a
//! repair nothing of them is left, and the next reader writes them anew.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Snapshot, Vault};
use crate::crypto::symmetric;
use crate::domain::ids::Slug;
use crate::error::{Error, Result};
use crate::store::{Oid, lock};

/// Another version's file is not read: what a row holds may have changed.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/2");

/// So many files may be opened each time before the cache is written anew.
pub(super) const TOLERATED: usize = 40;

/// What is kept, and of which files.
#[derive(Clone, Copy)]
pub(super) enum Cache {
    /// Facets of contacts, as JSON.
    Facets,
    /// Texts of records.
    Records,
}

impl Cache {
    fn name(self) -> &'static str {
        match self {
            Cache::Facets => "facets",
            Cache::Records => "records",
        }
    }

    /// Where the files are of which it is made.
    fn of(self) -> &'static str {
        match self {
            Cache::Facets => "contacts",
            Cache::Records => "records",
        }
    }
}

/// One sealed file: the object ids of it and of its key message, and what is kept of it.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Row<'a> {
    pub id: &'a str,
    pub blob: &'a [u8],
    pub key: &'a [u8],
    pub kept: &'a str,
}

impl Row<'_> {
    /// Whether file and key are still the same.
    pub fn is(&self, blob: Oid, key: Oid) -> bool {
        self.blob == blob.as_bytes() && self.key == key.as_bytes()
    }
}

#[derive(Serialize, Deserialize)]
struct File<'a> {
    version: &'a str,
    #[serde(borrow)]
    rows: Vec<Row<'a>>,
}

/// Rows by id; none where the bytes are of another version, or none.
pub(super) fn rows(bytes: &[u8]) -> HashMap<&str, Row<'_>> {
    let file: Option<File<'_>> = postcard::from_bytes(bytes).ok();
    let rows = file.filter(|file| file.version == VERSION).map(|file| file.rows).unwrap_or_default();
    rows.into_iter().map(|row| (row.id, row)).collect()
}

impl Vault {
    fn cache_path(&self, cache: Cache, book: &Slug) -> PathBuf {
        self.private_dir().join("index").join(format!("{book}.{}", cache.name()))
    }

    /// What the file holds; nothing where it does not open.
    pub(super) fn kept(&self, cache: Cache, book: &Slug) -> Zeroizing<Vec<u8>> {
        let opened = || {
            let sealed = std::fs::read(self.cache_path(cache, book)).ok()?;
            let packed = symmetric::open(&*self.book_key(book).ok()?, &sealed).ok()?;
            lz4_flex::decompress_size_prepended(&packed).ok().map(Zeroizing::new)
        };
        opened().unwrap_or_default()
    }

    /// Writes the file, unless the book has changed since or another command is at work: a slow reader must not put back
    /// what an erasure has just taken out. A cache that cannot be written is no reason to fail a read.
    pub(super) fn keep(&self, cache: Cache, at: Snapshot, book: &Slug, rows: Vec<Row<'_>>) {
        let _ = self.try_keep(cache, at, book, rows);
    }

    fn try_keep(&self, cache: Cache, at: Snapshot, book: &Slug, rows: Vec<Row<'_>>) -> Result<()> {
        let failed = |e: postcard::Error| Error::failed("a cache could not be written").cause(e);
        let bytes = Zeroizing::new(postcard::to_stdvec(&File { version: VERSION, rows }).map_err(failed)?);
        let packed = Zeroizing::new(lz4_flex::compress_prepend_size(&bytes));
        let sealed = symmetric::seal(&*self.book_key(book)?, &packed)?;
        let Some(_lock) = lock::try_acquire(&self.private_dir()) else { return Ok(()) };
        let files = |at: Snapshot| self.repo.entry(at.tree, &format!("{}/{book}", cache.of()));
        if files(self.snapshot()?)? != files(at)? {
            return Ok(());
        }
        let dir = self.private_dir().join("index");
        std::fs::create_dir_all(&dir)?;
        let mut file = tempfile::NamedTempFile::new_in(&dir)?;
        file.write_all(&sealed)?;
        file.persist(self.cache_path(cache, book)).map_err(|e| e.error)?;
        Ok(())
    }

    /// Removes what is kept of a book's records.
    pub(super) fn forget_records(&self, book: &Slug) -> Result<()> {
        match std::fs::remove_file(self.cache_path(Cache::Records, book)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }
}
