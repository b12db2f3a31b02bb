//! The last sync of somebody who was removed: it takes nothing over, and leaves nothing here that the firm has.
//!
//! What says so is the remote's branch, after every commit of it was verified. The keys of contacts that were erased since go,
//! and so do all keys that the firm's key store had too: nothing is lost to anybody by that. What this clone alone has keeps
//! its keys, for its owner to hand over. Whoever is a member again gets everything with the next sync.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::Synced;
use super::keys::{Listing, listing};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::register::Erasure;
use crate::error::{Error, Result};
use crate::store::journal::{self, Plan};
use crate::store::{KeyStore, Oid, lock};
use crate::vault::recover::owner_of_key;
use crate::vault::{Snapshot, Vault};

impl Vault {
    fn leaving_path(&self) -> PathBuf {
        self.private_dir().join("left")
    }

    /// The day on which the last sync learnt that this member had been removed; empty where no report names one.
    pub(in crate::vault) fn left_on(&self) -> Option<String> {
        std::fs::read_to_string(self.leaving_path()).ok()
    }

    /// A sync that is not refused: this member is one, perhaps again.
    pub(super) fn forget_leaving(&self) -> Result<()> {
        match std::fs::remove_file(self.leaving_path()) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }

    /// Refuses to go on for somebody whom the remote's verified branch has removed since both had the same, and destroys
    /// the keys that they have no right to any more.
    pub(super) fn still_a_member(&self, theirs: Oid, keys: Option<&KeyStore>, done: &Synced) -> Result<()> {
        let ours = self.repo.head()?;
        // What we have already removes nobody: whoever was, is back since.
        if self.repo.contains(ours, theirs)? || !self.removes_me(ours, theirs)? {
            return Ok(());
        }
        let at = Snapshot { commit: theirs, tree: self.repo.tree_of(theirs)? };
        let until = self.leavers(at)?.remove(self.me.handle.as_str()).unwrap_or_default();
        let day = until.get(..10).unwrap_or(&until).to_owned();
        // A remote that was rolled back is not believed so far.
        let left = if done.rolled_back.is_empty() { self.leave(at, keys, &day)? } else { BTreeSet::new() };
        let error = removed(&day);
        if left.is_empty() {
            return Err(error);
        }
        let ids: Vec<&str> = left.iter().map(ContactId::short).collect();
        let hint =
            "`carnet show ID --file` shows one of these, for whoever is to have it; then delete this clone";
        let error = error.cause(format!("what only this clone has still opens here: {}", ids.join(", ")));
        Err(Error { hint: Some(hint.into()), ..error })
    }

    /// Whether a branch took this member out of the signing policy since the commit that both come from.
    fn removes_me(&self, ours: Oid, theirs: Oid) -> Result<bool> {
        let has_me = |commit: Oid| -> Result<bool> {
            let policy = self.policy(self.repo.tree_of(commit)?)?;
            Ok(policy.authorization.contains_key(self.me.handle.as_str()))
        };
        // A purge of history leaves no common commit.
        let base = self.repo.common_ancestor(&[ours, theirs])?.unwrap_or(ours);
        Ok(has_me(base)? && !has_me(theirs)?)
    }

    /// Destroys the keys that go, with the caches and the cards of who was erased. Returns what keeps its key.
    fn leave(&self, at: Snapshot, keys: Option<&KeyStore>, day: &str) -> Result<BTreeSet<ContactId>> {
        let private = self.private_dir();
        let _lock = lock::acquire(&private)?;
        self.recover()?;
        let ours = listing(&self.keys)?;
        let theirs = keys.map_or_else(|| Ok(ours.clone()), listing)?;
        let (_, base) = self.synced()?;
        let destroyed = self.destroyed_keys(at)?;
        let mut kept: BTreeSet<(Slug, ContactId)> = BTreeSet::new();
        for (path, id) in &ours {
            let Some((book, Some(owner))) = owner_of_key(path) else { continue };
            let erased =
                destroyed.contains(id) || self.repo.entry(at.tree, &Erasure::path(&owner))?.is_some();
            if !erased && has_alone(path, &book, [&base, &ours, &theirs]) {
                kept.insert((book, owner));
            }
        }
        let stays = |path: &String| match owner_of_key(path) {
            Some((book, Some(owner))) => kept.contains(&(book, owner)),
            // What the kept ones are sealed under.
            Some((book, None)) => {
                kept.iter().any(|(of, _)| *of == book) && *path == format!("{book}/book.pgp")
            }
            None => false,
        };
        let edits: Vec<_> =
            ours.keys().filter(|path| !stays(path)).map(|path| (path.clone(), None)).collect();
        std::fs::write(self.leaving_path(), day)?;
        journal::begin(&private, &Plan { prune: true, ..Plan::default() })?;
        self.keys.change(&edits, &self.author(), false)?;
        self.keys.prune()?;
        self.drop_caches(&BTreeSet::new())?;
        self.forget_in_vdirs(at)?;
        journal::end(&private)?;
        Ok(kept.into_iter().map(|(_, id)| id).collect())
    }
}

/// Whether a key was made here and never came to the remote, as far as this clone and the remote's key store can tell.
fn has_alone(path: &str, book: &Slug, [base, ours, theirs]: [&Listing; 3]) -> bool {
    let at = |list: &Listing, path: &str| list.get(path).copied();
    let own = format!("{book}/book.pgp");
    // New keys of the book, made here: then every message is another one than before, for the same key.
    let renewed = at(ours, &own) != at(base, &own);
    let (b, o, t) = (at(base, path), at(ours, path), at(theirs, path));
    o != b && o != t && (!renewed || (b.is_none() && t.is_none()))
}

/// What somebody hears who was removed.
pub(in crate::vault) fn removed(day: &str) -> Error {
    let what = match day {
        "" => "you were removed from this data repository".to_owned(),
        day => format!("you were removed from this data repository on {day}"),
    };
    Error::no_key(what).hint(
        "this clone has no keys of the firm's any more: delete it, and what you exported; ask a member if that is wrong, \
         `carnet sync` gets everything again",
    )
}
