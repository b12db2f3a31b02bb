//! Finishing what an interrupted command left, from the journal and the state of the repository alone.

use std::collections::HashSet;
use std::path::PathBuf;

use super::Vault;
use super::oppose::{OBJECTIONS, is_key_name};
use crate::domain::ids::{ContactId, Sealed, Slug};
use crate::error::Result;
use crate::store::{Oid, journal};

impl Vault {
    /// Says what was destroyed here; while nobody listens yet it is kept for whoever will.
    fn note_came_back(&self, said: String) {
        match &self.tell {
            Some(tell) => tell(&said),
            None => self.came_back.borrow_mut().push(said),
        }
    }

    /// What opening this data repository destroyed, in words, once.
    pub fn take_came_back(&self) -> Vec<String> {
        self.came_back.take()
    }

    /// Whether plain git has brought keys or texts of contacts into the branch's own object store, or a killed command has
    /// not destroyed them all.
    pub(super) fn has_strayed(&self) -> Result<bool> {
        Ok(self.doomed().exists() || self.repo.has_strayed()?)
    }

    /// Destroys such, and `also`; with `all`, those as well that nothing leads to any more. The lock is held.
    pub(super) fn destroy_strayed(&self, also: &HashSet<Oid>, all: bool) -> Result<usize> {
        let gone = self.repo.destroy_strayed(&self.doomed(), also, all)?;
        if gone > 0 {
            self.note_came_back(format!(
                "git had keys or texts of contacts in its own object store, where no erasure would reach them: {gone} \
                 object(s), destroyed now. `carnet doctor` says what brings them there."
            ));
        }
        Ok(gone)
    }

    /// Says that some of the ledger is not believed.
    pub(super) fn say_forged(&self, entries: usize) {
        if entries > 0 {
            self.note_came_back(format!(
                "{entries} line(s) of the erasure ledger come from a commit that no authorised member signed: keys \
                 that only it names are kept. `carnet verify` names the commit."
            ));
        }
    }

    /// Settles the ledger, and says what had to be destroyed for it.
    fn settle(&self) -> Result<()> {
        let keys = self.settle_ledger()?;
        if keys > 0 {
            self.note_came_back(format!(
                "{keys} key(s) that erasures have destroyed were still or again in this clone's key store; they are destroyed now."
            ));
        }
        Ok(())
    }

    /// Where objects of the branch's own object store are named that are being destroyed.
    pub(super) fn doomed(&self) -> PathBuf {
        self.private_dir().join("doomed")
    }

    /// Brings the repository to the state before or after the interrupted operation. The lock is held.
    pub fn recover(&self) -> Result<()> {
        let private = self.private_dir();
        if let Some(plan) = journal::pending(&private)? {
            self.repo.break_stale_locks(&private.join("pending"))?;
            self.keys.break_stale_locks()?;
            self.repo.wait_for_index()?;
            let at = self.snapshot()?;
            // Keys that were in force, and that the same operation has replaced since (an erasure destroys keys after it
            // has put others in force), are gone: there is nothing to go back to.
            if let Some((commit, keys)) = plan.switch
                && self.repo.contains(at.commit, commit)?
                && self.keys.is_whole(keys)
            {
                self.keys.put_in_force(keys)?;
            }
            // HEAD decides: a key whose contact did not make it into a commit is an orphan.
            let mut orphans = Vec::new();
            for key in &plan.keys {
                if !self.repo.has_owner_of_key(at.tree, key)? && self.keys.has(key)? {
                    orphans.push((key.clone(), None));
                }
            }
            self.keys.change(&orphans, &self.author(), false)?;
            if plan.prune || !plan.keys.is_empty() {
                // Even where the store's commit never moved, half-written keys may lie in it.
                self.keys.prune()?;
            }
            self.settle()?;
            self.finish_chains(&plan.chains)?;
            self.repo.sync_paths(None, at.tree, &plan.paths)?;
            self.drop_stale_indexes(at)?;
            if let Some(old) = plan.forget
                && !self.repo.contains(at.commit, old)?
            {
                self.leave_old_history(old, false)?;
            }
            journal::end(&private)?;
        } else if self.ledger_unsettled()? {
            if self.ledger_is_another()? {
                // It came by plain git: the index still has what its contacts said. No key is asked for to compare it.
                self.drop_indexes()?;
            }
            self.settle()?;
        }
        if self.has_strayed()? {
            self.repo.finish_deleting(&self.doomed())?;
            self.destroy_strayed(&HashSet::new(), false)?;
        }
        Ok(())
    }
}

/// The contact (or sealed record) or book that a path of the key store belongs to. A book's key and the keys of the opposition list
/// that are sealed for its members (`<book>/objections/<key>.pgp`) belong to the book.
pub fn owner_of_key(path: &str) -> Option<(Slug, Option<ContactId>)> {
    let path = path.strip_suffix(".pgp")?;
    let mut parts = path.split('/');
    let book: Slug = parts.next()?.parse().ok()?;
    match (parts.next()?, parts.next(), parts.next()) {
        ("book", None, None) => Some((book, None)),
        (OBJECTIONS, Some(key), None) => is_key_name(key).then_some((book, None)),
        (fan, Some(id), None) => {
            let id: ContactId = id.parse().ok()?;
            (id.fan() == fan).then_some((book, Some(id)))
        }
        _ => None,
    }
}

impl crate::store::Repo {
    /// The contact's or sealed record's file that a key at this place belongs to: its kind and blob.
    pub fn sealed_file(&self, tree: Oid, book: &Slug, id: &ContactId) -> Result<Option<(Sealed, Oid)>> {
        for kind in Sealed::ALL {
            if let Some(blob) = self.entry(tree, &kind.path(book, id))? {
                return Ok(Some((kind, blob)));
            }
        }
        Ok(None)
    }

    /// Whether `tree` has the contact, sealed record or book that a key belongs to.
    pub fn has_owner_of_key(&self, tree: Oid, key: &str) -> Result<bool> {
        match owner_of_key(key) {
            Some((book, Some(id))) => Ok(self.sealed_file(tree, &book, &id)?.is_some()),
            Some((book, None)) => Ok(self.entry(tree, &format!("books/{book}.toml"))?.is_some()),
            None => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_knows_its_owner_by_its_path() {
        let (id, book) = (ContactId::random(), "main".parse::<Slug>().unwrap());
        assert_eq!(owner_of_key(&id.key_path(&book)), Some((book.clone(), Some(id))));
        assert_eq!(owner_of_key("main/book.pgp"), Some((book, None)));
        let list = "main/objections/0123456789abcdef.pgp";
        assert_eq!(owner_of_key(list), Some(("main".parse().unwrap(), None)));
        for bad in [
            "main/objections/x.pgp",
            "main/objections.pgp",
            "main/x/y/z.pgp",
            "../book.pgp",
            "main/ab/not-an-id.pgp",
            "main",
        ] {
            assert_eq!(owner_of_key(bad), None, "{bad}");
        }
    }
}
