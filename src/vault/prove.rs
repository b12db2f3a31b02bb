//! The proof of an erasure: every version of the contact in history, tried with every key that is left.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::Vault;
use super::recover::owner_of_key;
use crate::crypto::trial::Locked;
use crate::crypto::{Secret, symmetric};
use crate::domain::ids::{ContactId, Slug};
use crate::error::{Error, Kind, Result};
use crate::store::Oid;

/// What was tried and found.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Proof {
    /// Versions of the contact that the history still holds, as ciphertext.
    pub versions: usize,
    /// Earlier versions of other contacts that mentioned it.
    pub mention_versions: usize,
    /// Keys that were tried on each: every book key and contact key that this member can open.
    pub keys_tried: usize,
    /// Books whose keys this member cannot open; their keys were not tried.
    pub books_not_tried: Vec<String>,
    /// Entries of the key store that should have opened and did not, or that are no key of carnet's.
    pub keys_not_tried: usize,
    /// Objects in the key store that nothing refers to; an erasure leaves none.
    pub unreferenced_objects: usize,
}

/// An erased contact and what must not open any more.
#[derive(Clone, Debug)]
pub struct Subject {
    pub id: ContactId,
    /// Every version of it in history.
    pub versions: Vec<Oid>,
    /// Earlier versions of contacts that mentioned it.
    pub derived: Vec<Oid>,
}

/// Every key that is left in the key store, as far as this member can open it.
struct KeysLeft {
    owners: HashSet<ContactId>,
    secrets: Vec<Secret>,
    books_not_tried: Vec<String>,
    keys_not_tried: usize,
    unreferenced_objects: usize,
}

impl Vault {
    /// Every blob that was ever at each contact's path, in any book, on any ref of the main repository.
    pub fn versions(&self, ids: &[&ContactId]) -> Result<Vec<Vec<Oid>>> {
        let mut tips: Vec<Oid> = vec![self.repo.head()?];
        for (name, tip) in self.repo.refs("refs/")? {
            if !name.starts_with(crate::store::chain::ACCESS_REFS) {
                tips.push(tip);
            }
        }
        let files: Vec<_> = ids.iter().map(|id| (id.fan(), format!("{id}.toml.pgp"))).collect();
        self.repo.versions_of(&tips, &files)
    }

    /// Tries to open every version of each contact with every key left; an error when one opens or a key is there.
    ///
    /// `progress` is told how many more contacts are proven.
    pub fn prove_erased(&self, subjects: &[Subject], progress: &dyn Fn(u64)) -> Result<Vec<Proof>> {
        let left = self.keys_left()?;
        subjects
            .iter()
            .map(|subject| {
                let proof = self.prove_one(&left, subject);
                progress(1);
                proof
            })
            .collect()
    }

    fn keys_left(&self) -> Result<KeysLeft> {
        let mut owners = HashSet::new();
        let mut secrets: Vec<Secret> = Vec::new();
        let mut sealed: HashMap<Slug, Vec<Vec<u8>>> = HashMap::new();
        let mut keys_not_tried = 0;
        for entry in self.keys.list()? {
            let Some((book, owner)) = owner_of_key(&entry.path) else {
                keys_not_tried += 1;
                continue;
            };
            let messages = sealed.entry(book).or_default();
            if let Some(owner) = owner {
                owners.insert(owner);
                messages.push(self.keys.blob(entry.id)?);
            }
        }
        let mut books_not_tried = Vec::new();
        for (book, messages) in sealed {
            let Ok(key) = self.book_key(&book) else {
                books_not_tried.push(book.to_string());
                continue;
            };
            let key: &Secret = &key;
            secrets.push(key.clone());
            let open =
                |message: &Vec<u8>| Secret::all_from_message(&symmetric::open(key, message).ok()?).ok();
            let opened: Vec<Vec<Secret>> = messages.par_iter().filter_map(open).collect();
            keys_not_tried += messages.len() - opened.len();
            secrets.extend(opened.into_iter().flatten());
        }
        books_not_tried.sort();
        let needed = self.keys.reachable()?;
        let unreferenced_objects = self.keys.objects()?.iter().filter(|o| !needed.contains(o)).count();
        Ok(KeysLeft { owners, secrets, books_not_tried, keys_not_tried, unreferenced_objects })
    }

    fn prove_one(&self, left: &KeysLeft, subject: &Subject) -> Result<Proof> {
        if left.owners.contains(&subject.id) {
            return Err(broken("its key is still in the key store"));
        }
        for version in subject.versions.iter().chain(&subject.derived) {
            let message = self.repo.blob(*version)?;
            let locked = Locked::parse(&message).ok().filter(Locked::is_locked);
            let Some(locked) = locked else {
                return Err(broken(
                    "a version of it in history is no encrypted message and may be readable as it is",
                ));
            };
            if locked.pkesks > 0 {
                return Err(broken("a version of it in history is encrypted to somebody's own key"));
            }
            if left.secrets.par_iter().any(|secret| locked.opens_with(secret)) {
                return Err(broken("a version of it in history still opens"));
            }
        }
        if left.unreferenced_objects > 0 {
            return Err(broken("the key store still holds objects that it should have destroyed"));
        }
        Ok(Proof {
            versions: subject.versions.len(),
            mention_versions: subject.derived.len(),
            keys_tried: left.secrets.len(),
            books_not_tried: left.books_not_tried.clone(),
            keys_not_tried: left.keys_not_tried,
            unreferenced_objects: left.unreferenced_objects,
        })
    }
}

fn broken(what: &str) -> Error {
    Error::new(Kind::Problems, format!("the erasure is NOT proven: {what}"))
        .hint("run `carnet doctor --repair`, then `carnet erase --certificate ID`, which proves it again")
}
