//! Evidence files: sealed under their contact's own key, so that whoever erases the contact destroys them too.

use super::write::Staged;
use super::{Snapshot, Vault};
use crate::crypto::digest::sha256;
use crate::crypto::{Secret, symmetric};
use crate::domain::evidence::{self, DIR};
use crate::domain::ids::{ContactId, Slug};
use crate::error::{Error, Result};
use crate::store::Oid;

/// An evidence file as it lies in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    pub path: String,
    pub sha256: String,
    pub blob: Oid,
}

impl Vault {
    /// The evidence files of a contact in a tree, in whichever book they lie.
    pub fn evidence_of(&self, tree: Oid, id: &ContactId) -> Result<Vec<Filed>> {
        let mut found = Vec::new();
        for book in self.repo.names(tree, DIR)? {
            let Ok(book) = book.parse::<Slug>() else { continue };
            for file in self.repo.list(tree, &evidence::dir(&book, id))? {
                let path = format!("{}/{}", evidence::dir(&book, id), file.path);
                if let Some((.., hash)) = evidence::parse_path(&path) {
                    found.push(Filed { sha256: hash.to_owned(), blob: file.id, path });
                }
            }
        }
        Ok(found)
    }

    /// Stages a file under the contact's key, unless it is there already.
    pub(super) fn stage_evidence(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        book: &Slug,
        id: &ContactId,
        bytes: &[u8],
    ) -> Result<()> {
        let path = evidence::path(book, id, &sha256(bytes));
        if self.repo.entry(at.tree, &path)?.is_none() {
            staged.put(path, symmetric::seal(&self.contact_key(book, id)?, bytes)?);
        }
        Ok(())
    }

    /// Opens an evidence file and checks that it is the one that its name says.
    pub fn open_evidence(
        &self,
        book: &Slug,
        id: &ContactId,
        file: &Filed,
    ) -> Result<zeroize::Zeroizing<Vec<u8>>> {
        let sealed = self.repo.blob(file.blob)?;
        let damaged = || {
            Error::failed(
                "an evidence file does not open with its contact's key, or is not what its name says",
            )
            .at(file.path.clone())
            .hint("`git log -- PATH` shows who changed it; restore it and commit")
        };
        self.contact_keys(book, id)?
            .iter()
            .find_map(|key| symmetric::open(key, &sealed).ok())
            .filter(|bytes| sha256(bytes) == file.sha256)
            .ok_or_else(damaged)
    }

    /// Stages a contact's evidence anew: in `to`, under `new`, whatever of `old` it opens with now; what `keep` does not
    /// keep, by its hash, goes. What does not open stays where it is, and `verify` names it.
    pub(super) fn stage_evidence_under(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        (to, id): (&Slug, &ContactId),
        (old, new): (&[Secret], &Secret),
        keep: &dyn Fn(&str) -> bool,
    ) -> Result<()> {
        for file in self.evidence_of(at.tree, id)? {
            if !keep(&file.sha256) {
                staged.remove(file.path);
                continue;
            }
            let sealed = self.repo.blob(file.blob)?;
            let Some(bytes) = old.iter().find_map(|key| symmetric::open(key, &sealed).ok()) else { continue };
            let place = evidence::path(to, id, &file.sha256);
            if place != file.path {
                staged.remove(file.path);
            }
            staged.put(place, symmetric::seal(new, &bytes)?);
        }
        Ok(())
    }

    /// Stages the evidence of a contact that becomes part of another: in the other's place, under its key. What does not open
    /// with the contact's `keys` stays where it is, and `verify` names it.
    pub(super) fn stage_evidence_into(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        (from, keys): (&ContactId, &[Secret]),
        (book, into, key): (&Slug, &ContactId, &Secret),
    ) -> Result<()> {
        for file in self.evidence_of(at.tree, from)? {
            let sealed = self.repo.blob(file.blob)?;
            let Some(bytes) = keys.iter().find_map(|key| symmetric::open(key, &sealed).ok()) else {
                continue;
            };
            staged.remove(file.path);
            // The same form may say what both had said.
            let place = evidence::path(book, into, &file.sha256);
            if self.repo.entry(at.tree, &place)?.is_none() {
                staged.put(place, symmetric::seal(key, &bytes)?);
            }
        }
        Ok(())
    }
}
