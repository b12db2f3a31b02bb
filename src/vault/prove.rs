//! The proof of an erasure: every version of the contact in history, tried with every key that is left.

use std::collections::HashSet;

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
    /// Keys that were tried on each: every book key and contact key that this member can open.
    pub keys_tried: usize,
    /// Books whose keys this member cannot open; their keys were not tried.
    pub books_not_tried: Vec<String>,
    /// Objects in the key store that nothing refers to; an erasure leaves none.
    pub unreferenced_objects: usize,
}

impl Vault {
    /// Every blob that was ever at this contact's path, in any book, on any ref of the main repository.
    pub fn versions(&self, id: &ContactId) -> Result<Vec<Oid>> {
        let mut tips: Vec<Oid> = vec![self.repo.head()?];
        for (name, tip) in self.repo.refs("refs/")? {
            if !name.starts_with(crate::store::chain::ACCESS_REFS) {
                tips.push(tip);
            }
        }
        self.repo.versions_of(&tips, id.fan(), &format!("{id}.toml.pgp"))
    }

    /// Tries to open every version with every key left; an error when one opens or a key is still there.
    pub fn prove_erased(&self, id: &ContactId, versions: &[Oid]) -> Result<Proof> {
        let mut proof = Proof { versions: versions.len(), ..Proof::default() };
        let mut sealed: Vec<(Slug, Vec<u8>)> = Vec::new();
        let mut secrets: Vec<Secret> = Vec::new();
        let mut locked_books: HashSet<Slug> = HashSet::new();
        for entry in self.keys.list()? {
            let Some((book, owner)) = owner_of_key(&entry.path) else { continue };
            if owner.as_ref() == Some(id) {
                return Err(broken("its key is still in the key store"));
            }
            match (owner, self.book_key(&book)) {
                (_, Err(_)) => {
                    locked_books.insert(book);
                }
                (None, Ok(key)) => secrets.push((*key).clone()),
                (Some(_), Ok(_)) => sealed.push((book, self.keys.blob(entry.id)?)),
            }
        }
        for book in sealed.iter().map(|(b, _)| b.clone()).collect::<HashSet<_>>() {
            let key = self.book_key(&book)?;
            let key: &Secret = &key;
            let opened: Vec<Secret> = sealed
                .par_iter()
                .filter(|(b, _)| *b == book)
                .filter_map(|(_, message)| {
                    Secret::all_from_message(&symmetric::open(key, message).ok()?).ok()
                })
                .flatten()
                .collect();
            secrets.extend(opened);
        }
        for version in versions {
            let message = self.repo.blob(*version)?;
            let Ok(locked) = Locked::parse(&message) else { continue };
            if locked.pkesks > 0 {
                return Err(broken("a version of it in history is encrypted to somebody's own key"));
            }
            if secrets.par_iter().any(|secret| locked.opens_with(secret)) {
                return Err(broken("a version of it in history still opens"));
            }
        }
        let needed = self.keys.reachable()?;
        proof.unreferenced_objects = self.keys.objects()?.iter().filter(|o| !needed.contains(o)).count();
        if proof.unreferenced_objects > 0 {
            return Err(broken("the key store still holds objects that it should have destroyed"));
        }
        proof.keys_tried = secrets.len();
        proof.books_not_tried = locked_books.into_iter().map(String::from).collect();
        proof.books_not_tried.sort();
        Ok(proof)
    }
}

fn broken(what: &str) -> Error {
    Error::new(Kind::Problems, format!("the erasure is NOT proven: {what}"))
        .hint("run `carnet doctor --repair`, then `carnet erase` with the same id again")
}
