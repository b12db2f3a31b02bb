//! Keeping the index fresh: from the tree difference, without opening what did not change.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;

use rayon::prelude::*;

use super::index_file::{Index, OwnedRow};
use super::snapshot::{check_place, open_text};
use super::{Snapshot, Vault};
use crate::crypto::{Secret, symmetric};
use crate::domain::filter::Filter;
use crate::domain::ids::{ContactId, Slug};
use crate::error::{Error, Result};
use crate::store::{Oid, lock};

/// How many changed contacts are read at every use before the index is written anew.
///
/// Writing it costs as much as the whole book; reading one contact costs about as much as `show` does.
const TOLERATED: usize = 40;

/// How many contacts are held in memory, opened, at once.
const BATCH: usize = 1024;

impl Vault {
    fn index_path(&self, book: &Slug) -> PathBuf {
        self.private_dir().join("index").join(format!("{book}.pgp"))
    }

    /// The tree of a book's contacts.
    pub fn book_tree(&self, at: Snapshot, book: &Slug) -> Result<Option<Oid>> {
        self.repo.entry(at.tree, &format!("contacts/{book}"))
    }

    /// The columns of the book's index, exactly as fresh as `at`.
    pub fn index(&self, at: Snapshot, book: &Slug) -> Result<Index> {
        self.fresh_index(at, book, false)
    }

    /// The book's index with its texts, exactly as fresh as `at`.
    pub fn whole_index(&self, at: Snapshot, book: &Slug) -> Result<Index> {
        self.fresh_index(at, book, true)
    }

    /// The book's index with what a filter reads of it.
    pub fn index_for(&self, at: Snapshot, book: &Slug, filter: &Filter) -> Result<Index> {
        self.fresh_index(at, book, filter.reads_text())
    }

    fn fresh_index(&self, at: Snapshot, book: &Slug, whole: bool) -> Result<Index> {
        let key = self.book_key(book)?;
        let now = self.book_tree(at, book)?;
        let index = match self.stored_index(book, &key, whole) {
            Some(index) => index,
            None => Index::empty()?,
        };
        let known = index.tree();
        if now.map(|t| t.to_string()).unwrap_or_default() == known {
            return Ok(index);
        }
        match self.catch_up(&index, book, now) {
            Ok(index) => Ok(index),
            // The tree that it was built from may be gone, or a row cannot be trusted: start from nothing.
            Err(_) if !known.is_empty() => self.catch_up(&Index::empty()?, book, now),
            Err(e) => Err(e),
        }
    }

    /// The index as it was written, with or without its texts.
    pub fn stored_index(&self, book: &Slug, key: &Secret, whole: bool) -> Option<Index> {
        let mut file = File::open(self.index_path(book)).ok()?;
        let mut length = [0; 4];
        file.read_exact(&mut length).ok()?;
        let length = u32::from_be_bytes(length);
        let mut columns = Vec::new();
        (&mut file).take(length.into()).read_to_end(&mut columns).ok()?;
        let mut texts = Vec::new();
        if whole {
            file.read_to_end(&mut texts).ok()?;
        }
        let opened = |sealed: &[u8]| symmetric::open(key, sealed).ok();
        let (columns, texts) = rayon::join(|| opened(&columns), || whole.then(|| opened(&texts)));
        match texts {
            Some(texts) => Index::unpack(&columns?, Some(&texts?)),
            None => Index::unpack(&columns?, None),
        }
    }

    /// `index` with what changed since it was built. Only a whole one is stored.
    fn catch_up(&self, index: &Index, book: &Slug, now: Option<Oid>) -> Result<Index> {
        let known = index.tree();
        let old = (!known.is_empty()).then(|| Oid::from_str(&known)).transpose()?;
        let changes = self.repo.changes(old, now, "")?;
        let store = changes.len() > TOLERATED || old.is_none();
        if store && !index.is_whole() {
            let whole = self.stored_index(book, &*self.book_key(book)?, true);
            return self.catch_up(&whole.map_or_else(Index::empty, Ok)?, book, now);
        }
        let mut gone = HashSet::new();
        let mut wanted = Vec::new();
        for (path, _, new) in &changes {
            let Some(id) = id_of(path) else { continue };
            if let Some(blob) = new {
                wanted.push((id.clone(), *blob));
            }
            gone.insert(id.to_string());
        }
        let rows = self.read_rows(book, &wanted)?;
        let tree = now.map(|t| t.to_string()).unwrap_or_default();
        let fresh = index.updated(&tree, &gone, &rows)?;
        if store {
            // A cache that cannot be written is no reason to fail a read. Nor may a slow reader put back what an
            // erasure has just taken out: only the branch as it is now is stored, while nobody changes it.
            if let Some(_lock) = lock::try_acquire(&self.private_dir()) {
                let current = self.snapshot().and_then(|at| self.book_tree(at, book));
                if current.is_ok_and(|tree| tree == now) {
                    let _ = self.store_index(book, &fresh);
                }
            }
        }
        Ok(fresh)
    }

    /// Opens many contacts of one book, on all cores.
    fn read_rows(&self, book: &Slug, wanted: &[(ContactId, Oid)]) -> Result<Vec<OwnedRow>> {
        let mut rows = Vec::with_capacity(wanted.len());
        self.open_many(book, wanted, &mut |text, contact| rows.push(OwnedRow::of(text, &contact)))?;
        Ok(rows)
    }

    /// Opens contacts of one book in batches and gives each one's text and content to `take`, in order.
    pub fn open_many(
        &self,
        book: &Slug,
        wanted: &[(ContactId, Oid)],
        take: &mut dyn FnMut(&str, crate::domain::contact::Contact),
    ) -> Result<()> {
        let book_key = self.book_key(book)?;
        let book_key: &Secret = &book_key;
        for batch in wanted.chunks(BATCH) {
            let mut sealed = Vec::with_capacity(batch.len());
            for (id, blob) in batch {
                let key = self.keys.get(&id.key_path(book))?.ok_or_else(|| {
                    Error::no_key(format!(
                        "the key of contact {} is not in this clone's key store",
                        id.short()
                    ))
                    .hint("`carnet doctor` says whether it was erased or lost")
                })?;
                sealed.push((id, key, self.repo.blob(*blob)?));
            }
            let opened: Vec<_> = sealed
                .par_iter()
                .map(|(id, key, file)| {
                    let key = Secret::from_message(&symmetric::open(book_key, key)?)?;
                    let text = open_text(&key, file)?;
                    let contact = check_place(&text, book, id)?;
                    Ok((text, contact))
                })
                .zip(sealed.par_iter().map(|(id, ..)| id.path(book)))
                .map(|(opened, path)| opened.map_err(|e: Error| e.at(path)))
                .collect::<Result<_>>()?;
            for (text, contact) in opened {
                take(&text, contact);
            }
        }
        Ok(())
    }

    /// Seals and replaces a book's index.
    pub fn store_index(&self, book: &Slug, index: &Index) -> Result<()> {
        let path = self.index_path(book);
        let dir = self.private_dir().join("index");
        std::fs::create_dir_all(&dir)?;
        let key = self.book_key(book)?;
        let without = || Error::failed("an index without its texts was to be stored");
        let [columns, texts] = index.pack().ok_or_else(without)?;
        let [columns, texts] = [symmetric::seal(&key, &columns)?, symmetric::seal(&key, &texts)?];
        let length =
            u32::try_from(columns.len()).map_err(|e| Error::failed("the index is too large").cause(e))?;
        let mut file = tempfile::NamedTempFile::new_in(&dir)?;
        for part in [&length.to_be_bytes()[..], &columns, &texts] {
            file.write_all(part)?;
        }
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    }

    /// Brings a book's index up to date on disk, as erasure must.
    pub fn rewrite_index(&self, at: Snapshot, book: &Slug) -> Result<()> {
        if !self.index_path(book).exists() {
            return Ok(());
        }
        let now = self.book_tree(at, book)?.map(|t| t.to_string()).unwrap_or_default();
        let stored = self.stored_index(book, &*self.book_key(book)?, true);
        if stored.is_some_and(|index| index.tree() == now) {
            return Ok(());
        }
        match self.whole_index(at, book) {
            Ok(index) => self.store_index(book, &index),
            // A damaged contact is no reason to keep what was erased: the next reader builds it anew.
            Err(_) => Ok(std::fs::remove_file(self.index_path(book))?),
        }
    }

    /// Removes what a reader left that was killed while it wrote an index. The lock is held.
    pub fn drop_index_parts(&self) -> Result<()> {
        let dir = self.private_dir().join("index");
        for entry in walkdir::WalkDir::new(&dir).min_depth(1).into_iter().flatten() {
            if entry.path().extension().is_none_or(|e| e != "pgp") {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes every index, and what is kept beside it; the next reader builds them anew.
    pub(super) fn drop_indexes(&self) -> Result<()> {
        let dir = self.private_dir().join("index");
        let mut files = walkdir::WalkDir::new(&dir).min_depth(1).into_iter().flatten();
        files.try_for_each(|file| Ok(std::fs::remove_file(file.path())?))
    }

    /// Removes indexes of erased contents that an interrupted erasure may have left behind.
    pub fn drop_stale_indexes(&self, at: Snapshot) -> Result<()> {
        let dir = self.private_dir().join("index");
        for entry in walkdir::WalkDir::new(&dir).min_depth(1).into_iter().flatten() {
            let book =
                entry.file_name().to_string_lossy().strip_suffix(".pgp").and_then(|s| s.parse::<Slug>().ok());
            let fresh = match &book {
                Some(book) => {
                    let key = self.book_key(book).ok();
                    let tree = key.and_then(|k| self.stored_index(book, &k, true)).map(|i| i.tree());
                    tree == Some(self.book_tree(at, book)?.map(|t| t.to_string()).unwrap_or_default())
                }
                None => false,
            };
            if !fresh {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes the caches of books that this member has not, or not any more: no erasure would reach what they hold.
    pub fn drop_caches_of_others(&self, at: Snapshot) -> Result<()> {
        let mine = self.my_books(at)?.into_iter().map(|(book, _)| book.to_string()).collect();
        self.drop_caches(&mine)
    }

    /// Removes all caches but those of these books.
    pub fn drop_caches(&self, but: &BTreeSet<String>) -> Result<()> {
        let dir = self.private_dir().join("index");
        for entry in walkdir::WalkDir::new(&dir).min_depth(1).into_iter().flatten() {
            let name = entry.file_name().to_string_lossy();
            if name.split_once('.').is_none_or(|(book, _)| !but.contains(book)) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Every contact of a book, with its blob, in order of id.
    pub fn contacts_of(&self, at: Snapshot, book: &Slug) -> Result<Vec<(ContactId, Oid)>> {
        let files = self.repo.list(at.tree, &format!("contacts/{book}"))?;
        Ok(files.into_iter().filter_map(|f| Some((id_of(&f.path)?, f.id))).collect())
    }
}

/// The contact that a path inside `contacts/<book>` names.
fn id_of(path: &str) -> Option<ContactId> {
    let (fan, name) = path.split_once('/')?;
    let id: ContactId = name.strip_suffix(".toml.pgp")?.parse().ok()?;
    (id.fan() == fan).then_some(id)
}
