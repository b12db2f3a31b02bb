//! Merging two key stores: a three-way union of their files, without every id of the erasure ledger.
//!
//! The common version is what the remote had when this clone last saw it: a list of paths and blob ids in
//! `.git/carnet/synced`, since the store itself has no past. A book that one side gave new keys while the other
//! added contacts has those contacts' keys sealed anew here, by whoever can open both.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::crypto::verify::{encryption_ids, recipients};
use crate::crypto::{Secret, symmetric};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::register::{self, Book, Erasure};
use crate::error::{Error, Result};
use crate::store::{KeyStore, Oid};
use crate::vault::Vault;
use crate::vault::member::member_cert;
use crate::vault::recover::owner_of_key;

/// The paths of a key store with their blobs.
pub(super) type Listing = BTreeMap<String, Oid>;

/// What a merge changes in our key store.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub edits: Vec<(String, Option<Vec<u8>>)>,
    /// Books whose keys both sides changed: they need new ones, for the members that the merge has.
    pub rekey: BTreeSet<Slug>,
    /// Keys of erased contacts that the remote's store still had.
    pub came_back: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Ours,
    Theirs,
}

/// The two keys of a book that differ between the stores, and which one stays.
struct Rekeyed {
    stays: Side,
    ours: Option<Secret>,
    theirs: Option<Secret>,
}

pub(super) fn listing(store: &KeyStore) -> Result<Listing> {
    Ok(store.list()?.into_iter().map(|e| (e.path, e.id)).collect())
}

impl Vault {
    fn synced_path(&self) -> PathBuf {
        self.private_dir().join("synced")
    }

    /// What the remote's key store was when this clone last saw it: its commit and its files.
    pub(super) fn synced(&self) -> Result<(Option<Oid>, Listing)> {
        let text = match std::fs::read_to_string(self.synced_path()) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(e.into()),
        };
        let mut lines = text.lines();
        let tip = lines.next().and_then(|line| Oid::from_str(line).ok());
        let entry = |line: &str| {
            let (id, path) = line.split_once(' ')?;
            Some((path.to_owned(), Oid::from_str(id).ok()?))
        };
        Ok((tip, lines.filter_map(entry).collect()))
    }

    /// Remembers what the remote's key store is.
    pub(crate) fn note_synced(&self, store: &KeyStore) -> Result<()> {
        let Some(tip) = store.tip()? else { return Ok(()) };
        let mut text = format!("{tip}\n");
        for (path, id) in listing(store)? {
            text.push_str(&format!("{id} {path}\n"));
        }
        let mut file = tempfile::NamedTempFile::new_in(self.private_dir())?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        file.persist(self.synced_path()).map_err(|e| e.error)?;
        Ok(())
    }

    /// The key of a book in another key store; none where this member cannot open it.
    pub(super) fn book_key_in(&self, store: &KeyStore, book: &Slug) -> Result<Option<Secret>> {
        let Some(message) = store.get(&format!("{book}/book.pgp"))? else { return Ok(None) };
        self.secret.decrypt(&message).ok().map(|text| Secret::from_message(&text)).transpose()
    }

    /// Merges `their` key store into ours, for the branch's tree as it is after the merge.
    pub(super) fn merge_keys(&self, tree: Oid, their: &KeyStore) -> Result<Merged> {
        let (_, base) = self.synced()?;
        let (ours, theirs) = (listing(&self.keys)?, listing(their)?);
        let mut merged = Merged::default();
        let mut books = BTreeMap::new();
        for path in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
            let [b, o, t] = [&base, &ours, &theirs].map(|list| list.get(path).copied());
            let owner = owner_of_key(path);
            let erased = match &owner {
                Some((_, Some(id))) => self.repo.entry(tree, &Erasure::path(id))?.is_some(),
                _ => false,
            };
            if erased {
                // What the remote has had all along waits for our push; what it had no more came back.
                merged.came_back += usize::from(t.is_some() && b.is_none());
                if o.is_some() {
                    merged.edits.push((path.clone(), None));
                }
                continue;
            }
            if let Some((book, None)) = &owner
                && is_book_key(path)
                && let (Some(ours), Some(theirs)) = (o, t)
                && ours != theirs
            {
                let (rekeyed, fits) = self.rekeyed(tree, their, book, [b, Some(ours), Some(theirs)])?;
                if !fits {
                    merged.rekey.insert(book.clone());
                }
                books.insert(book.clone(), rekeyed);
            }
        }
        for path in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
            let [b, o, t] = [&base, &ours, &theirs].map(|list| list.get(path).copied());
            let owner = owner_of_key(path);
            let book = owner.as_ref().and_then(|(book, _)| books.get(book));
            if let Some((_, Some(id))) = &owner
                && self.repo.entry(tree, &Erasure::path(id))?.is_some()
            {
                continue;
            }
            let needed = owner.is_none() || self.repo.has_owner_of_key(tree, path)?;
            let mut side = choose([b, o, t], needed, book.map(|book| book.stays));
            if let (Some((book, Some(id))), Some(our), Some(theirs)) = (&owner, o, t)
                && our != theirs
                && b != o
                && b != t
            {
                let found = self.side_that_opens(tree, book, id, their, [our, theirs])?;
                side = found.or(side);
            }
            // We removed the contact (it became part of another), but they have changed it, so it is there still.
            let is_contact = matches!(&owner, Some((_, Some(_))));
            if side.is_none() && o.is_none() && t.is_some() && is_contact && needed {
                side = Some(Side::Theirs);
            }
            self.take(path, their, side, [o, t], book, &mut merged)?;
        }
        Ok(merged)
    }

    /// The side whose key opens the contact's file, where only one does: an erasure gives a contact that mentioned
    /// the erased one another key, and the other side may have sealed the old one anew.
    fn side_that_opens(
        &self,
        tree: Oid,
        book: &Slug,
        id: &ContactId,
        their: &KeyStore,
        [ours, theirs]: [Oid; 2],
    ) -> Result<Option<Side>> {
        let Some((_, blob)) = self.repo.sealed_file(tree, book, id)? else { return Ok(None) };
        let file = self.repo.blob(blob)?;
        let opens = |book_key: Option<Secret>, message: Vec<u8>| {
            let key = book_key.and_then(|key| symmetric::open(&key, &message).ok());
            let key = key.and_then(|plaintext| Secret::from_message(&plaintext).ok());
            key.is_some_and(|key| symmetric::open(&key, &file).is_ok())
        };
        let ours = opens(self.book_key(book).ok().map(|key| (*key).clone()), self.keys.blob(ours)?);
        let theirs = opens(self.book_key_in(their, book)?, their.blob(theirs)?);
        Ok(match (ours, theirs) {
            (true, false) => Some(Side::Ours),
            (false, true) => Some(Side::Theirs),
            _ => None,
        })
    }

    /// Stages what one side has at `path`, sealed anew where the book has the other side's key.
    fn take(
        &self,
        path: &str,
        their: &KeyStore,
        side: Option<Side>,
        [o, t]: [Option<Oid>; 2],
        book: Option<&Rekeyed>,
        merged: &mut Merged,
    ) -> Result<()> {
        let message = match (side, o, t) {
            (Some(Side::Ours), Some(id), _) => self.keys.blob(id)?,
            (Some(Side::Theirs), _, Some(id)) => their.blob(id)?,
            _ => {
                if o.is_some() {
                    merged.edits.push((path.to_owned(), None));
                }
                return Ok(());
            }
        };
        let is_sealed = !is_book_key(path);
        let resealed = match (book.filter(|book| is_sealed && Some(book.stays) != side), side) {
            (Some(book), Some(side)) => book.reseal(side, &message).map_err(|e| e.at(path.to_owned()))?,
            _ => None,
        };
        match resealed {
            Some(message) => merged.edits.push((path.to_owned(), Some(message))),
            None if side == Some(Side::Theirs) && o != t => {
                merged.edits.push((path.to_owned(), Some(message)))
            }
            None => {}
        }
        Ok(())
    }

    /// Which of a book's two keys stays, and whether it is encrypted to the members that the merge has.
    ///
    /// The one that a side changed; where both did, the one that fits the members, the remote's first.
    fn rekeyed(
        &self,
        tree: Oid,
        their: &KeyStore,
        book: &Slug,
        [b, o, t]: [Option<Oid>; 3],
    ) -> Result<(Rekeyed, bool)> {
        let fits = |store: &KeyStore, id: Option<Oid>| -> Result<bool> {
            id.map_or(Ok(false), |id| self.fits(tree, book, &store.blob(id)?))
        };
        let (ours_fits, theirs_fits) = (fits(&self.keys, o)?, fits(their, t)?);
        let stays = match (t == b, o == b) {
            (true, _) => Side::Ours,
            (_, true) => Side::Theirs,
            _ if ours_fits && !theirs_fits => Side::Ours,
            _ => Side::Theirs,
        };
        let rekeyed = Rekeyed {
            stays,
            ours: self.book_key(book).ok().map(|key| (*key).clone()),
            theirs: self.book_key_in(their, book)?,
        };
        Ok((rekeyed, if stays == Side::Ours { ours_fits } else { theirs_fits }))
    }

    /// Whether a book key's message is encrypted to each member of the book and to nobody else.
    fn fits(&self, tree: Oid, book: &Slug, message: &[u8]) -> Result<bool> {
        let path = Book::path(book);
        let Some(text) = self.repo.file(tree, &path)? else { return Ok(true) };
        let declared: Book = register::parse(&path, &String::from_utf8_lossy(&text))?;
        let Ok(found) = recipients(message) else { return Ok(false) };
        let mut known = BTreeSet::new();
        for member in &declared.members {
            let Ok(cert) = member_cert(&self.repo, tree, member) else { return Ok(false) };
            let (usable, ever) = encryption_ids(&cert, self.now.into());
            if !usable.iter().all(|id| found.ids.contains(id)) {
                return Ok(false);
            }
            known.extend(ever);
        }
        Ok(found.ids.iter().all(|id| known.contains(id)))
    }
}

/// Whether a path is that of a book's own key, which everything else in the book is sealed under.
fn is_book_key(path: &str) -> bool {
    matches!(path.split_once('/'), Some((_, "book.pgp")))
}

impl Rekeyed {
    /// A contact key's message under the book key that stays; none when it is under it already.
    fn reseal(&self, from: Side, message: &[u8]) -> Result<Option<Vec<u8>>> {
        let (old, new) = match from {
            Side::Ours => (&self.ours, &self.theirs),
            Side::Theirs => (&self.theirs, &self.ours),
        };
        let Some(new) = new else {
            // Somebody else's book: whoever is in it brings its keys together.
            let Some(old) = old else { return Ok(None) };
            let ours = symmetric::open(old, message).is_ok();
            return match ours {
                false => Ok(None),
                true => Err(Error::no_key(
                    "the book has new keys that you do not have, and you added contacts to it",
                )
                .hint(
                    "ask a member of the book whether you were taken out of it; your contacts are still here",
                )),
            };
        };
        if symmetric::open(new, message).is_ok() {
            return Ok(None);
        }
        let keys = old.as_ref().and_then(|old| symmetric::open(old, message).ok());
        // What opens with neither was damaged before, and `verify` says so.
        keys.map(|keys| symmetric::seal(new, &keys)).transpose()
    }
}

/// Whose version of a key message stays. `needed`: the branch has what the key belongs to.
fn choose([b, o, t]: [Option<Oid>; 3], needed: bool, book: Option<Side>) -> Option<Side> {
    let there = |id: Option<Oid>, side: Side| id.map(|_| side);
    if o == t || t == b {
        // A key that we removed is gone; one that only we have is new.
        return there(o, Side::Ours);
    }
    if o == b {
        // Nobody loses a key because the remote has an older or an emptied store.
        return there(t, Side::Theirs).or_else(|| there(o, Side::Ours).filter(|_| needed));
    }
    let (first, second) = match book {
        Some(Side::Ours) => (there(o, Side::Ours), there(t, Side::Theirs)),
        _ => (there(t, Side::Theirs), there(o, Side::Ours)),
    };
    match (o, t) {
        (Some(_), Some(_)) => first,
        _ => first.or(second).filter(|_| needed),
    }
}
