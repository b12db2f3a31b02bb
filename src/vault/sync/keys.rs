//! Merging two key stores: a three-way union of their files, without every id of the erasure ledger.
//!
//! The common version is what the remote had when this clone last saw it: a list of paths and blob ids in
//! `.git/carnet/synced`, since the store itself has no past. A book that one side gave new keys while the other
//! added contacts has those contacts' keys sealed anew here, by whoever can open both.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use super::book_keys::Rekeyed;
use crate::crypto::{Secret, symmetric};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::register::Erasure;
use crate::error::{Error, Result};
use crate::store::{KeyStore, Oid};
use crate::vault::recover::owner_of_key;
use crate::vault::{Snapshot, Vault};

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
    /// Other keys there that an erasure destroyed, or that do not open their contacts where ours do.
    pub outdated: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Ours,
    Theirs,
}

impl Side {
    fn other(self) -> Side {
        match self {
            Side::Ours => Side::Theirs,
            Side::Theirs => Side::Ours,
        }
    }
}

pub(super) fn listing(store: &KeyStore) -> Result<Listing> {
    Ok(store.list()?.into_iter().map(|e| (e.path, e.id)).collect())
}

impl Vault {
    fn synced_path(&self) -> PathBuf {
        self.private_dir().join("synced")
    }

    /// Key messages that the remote had when this clone last saw it, by the contact or record that each opens. Where keys
    /// were made anew since, it holds these and no later ones: so an erasure has to name them, too.
    pub(in crate::vault) fn synced_by_owner(&self) -> Result<HashMap<ContactId, Vec<Oid>>> {
        let mut by_owner: HashMap<ContactId, Vec<Oid>> = HashMap::new();
        for (path, message) in self.synced()?.1 {
            if let Some((_, Some(owner))) = owner_of_key(&path) {
                by_owner.entry(owner).or_default().push(message);
            }
        }
        Ok(by_owner)
    }

    /// What the remote's key store was when this clone last saw it: its commit and its files.
    pub(super) fn synced(&self) -> Result<(Option<Oid>, Listing)> {
        // What a damaged disk made of it is as little known as what was never written.
        let text = match std::fs::read(self.synced_path()) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(Error::from(e).at(self.synced_path().display().to_string())),
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

    /// Merges `their` key store into ours, for the branch as it is after the merge.
    pub(super) fn merge_keys(&self, at: Snapshot, their: &KeyStore) -> Result<Merged> {
        let tree = at.tree;
        let (_, base) = self.synced()?;
        let (ours, theirs) = (listing(&self.keys)?, listing(their)?);
        let destroyed = self.destroyed_keys(at)?;
        let mut merged = Merged::default();
        let mut books = BTreeMap::new();
        let mut contacts = Vec::new();
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
                let (rekeyed, fits) = self.rekeyed(tree, their, book, [b, o, t])?;
                if !fits {
                    merged.rekey.insert(book.clone());
                }
                self.take(path, their, rekeyed.stays, [o, t], None, &mut merged)?;
                books.insert(book.clone(), rekeyed);
                continue;
            }
            contacts.push((path, owner, [b, o, t]));
        }
        let mut stranded = Vec::new();
        for (path, owner, versions) in contacts {
            // A key that an erasure destroyed is no key, wherever it comes from.
            let [b, o, t] = versions.map(|id| id.filter(|id| !destroyed.contains(id)));
            merged.outdated +=
                usize::from(t.is_none() && versions[2].is_some() && versions[2] != versions[0]);
            let book = owner.as_ref().and_then(|(book, _)| books.get(book));
            let owned = self.repo.has_owner_of_key(tree, path)?;
            let needed = owned || owner.is_none();
            let mut side = choose([b, o, t], needed, owned, book.map(|book| book.stays));
            if let Some(lost) = book.filter(|book| book.lost) {
                // Others have these keys and open them; what only this clone has is under a book key that goes.
                if owned && lost.is_only_here([b, o, t]) && !self.is_kept_elsewhere(path, &ours)? {
                    stranded.push(path.clone());
                    continue;
                }
                side = t.map(|_| Side::Theirs);
            } else if let (Some((slug, Some(id))), Some(our), Some(theirs), Some(first)) =
                (&owner, o, t, side)
                && our != theirs
            {
                let keys = match book {
                    Some(book) => [book.ours.clone(), book.theirs.clone()],
                    None => [self.my_book_key(slug), self.my_book_key(slug)],
                };
                let messages = [self.keys.blob(our)?, their.blob(theirs)?];
                let opens = self.side_that_opens(tree, (slug, id), keys, messages, first)?;
                merged.outdated += usize::from(opens == Side::Ours && o == b);
                side = Some(opens);
            }
            match side {
                Some(side) => self.take(path, their, side, [o, t], book, &mut merged)?,
                None if versions[1].is_some() => merged.edits.push((path.clone(), None)),
                None => {}
            }
        }
        self.check_stranded(at, &stranded)?;
        Ok(merged)
    }

    /// The side whose key opens the contact's file, `first` where both do or nobody can tell: an erasure gives a
    /// contact that mentioned the erased one another key, and the other side may have sealed the old one anew; or
    /// somebody put an old key store in the place of a newer one.
    fn side_that_opens(
        &self,
        tree: Oid,
        (book, id): (&Slug, &ContactId),
        book_keys: [Option<Secret>; 2],
        messages: [Vec<u8>; 2],
        first: Side,
    ) -> Result<Side> {
        let Some((_, blob)) = self.repo.sealed_file(tree, book, id)? else { return Ok(first) };
        let file = self.repo.blob(blob)?;
        let [ours, theirs] = [0, 1].map(|n| {
            let (key, message) = (book_keys.get(n)?.as_ref()?, messages.get(n)?);
            Secret::from_message(&symmetric::open(key, message).ok()?).ok()
        });
        let opens = |side: Side| {
            let key = if side == Side::Ours { &ours } else { &theirs };
            key.as_ref().is_some_and(|key| symmetric::open(key, &file).is_ok())
        };
        Ok(if !opens(first) && opens(first.other()) { first.other() } else { first })
    }

    /// Stages what one side has at `path`, sealed anew where the book has the other side's key.
    fn take(
        &self,
        path: &str,
        their: &KeyStore,
        side: Side,
        [o, t]: [Option<Oid>; 2],
        book: Option<&Rekeyed>,
        merged: &mut Merged,
    ) -> Result<()> {
        let message = match (side, o, t) {
            (Side::Ours, Some(id), _) => self.keys.blob(id)?,
            (Side::Theirs, _, Some(id)) => their.blob(id)?,
            _ => return Ok(()),
        };
        let resealed = match book.filter(|book| book.stays != side) {
            Some(book) => book.reseal(side, &message).map_err(|e| e.at(path.to_owned()))?,
            None => None,
        };
        match resealed {
            Some(message) => merged.edits.push((path.to_owned(), Some(message))),
            None if side == Side::Theirs && o != t => merged.edits.push((path.to_owned(), Some(message))),
            None => {}
        }
        Ok(())
    }
}

/// Whether a path is that of a book's own key, which everything else in the book is sealed under.
fn is_book_key(path: &str) -> bool {
    matches!(path.split_once('/'), Some((_, "book.pgp")))
}

/// Whose version of a key message stays. `owned`: the branch has what the key belongs to; `needed`: that, or it is
/// nothing that carnet knows.
fn choose([b, o, t]: [Option<Oid>; 3], needed: bool, owned: bool, book: Option<Side>) -> Option<Side> {
    let there = |id: Option<Oid>, side: Side| id.map(|_| side);
    if o == t || t == b {
        // A key that we removed is gone, unless its contact is still there: then we lost it. One that only we have
        // is new.
        return there(o, Side::Ours).or_else(|| there(t, Side::Theirs).filter(|_| owned));
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
