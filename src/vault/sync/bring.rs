//! The local step of a sync: branch, key store, chains and work tree go together from one state to the next.

use super::files::{Merged, Sides};
use super::{Remote, Synced};
use crate::domain::ids::{ContactId, Sealed, Slug};
use crate::domain::register::{self, Erasure};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::chain::ACCESS_REFS;
use crate::store::journal::{self, Plan};
use crate::store::{KeyStore, Oid, lock};
use crate::vault::ledger::LEDGER;
use crate::vault::purge::cross::crossing;
use crate::vault::{Snapshot, Vault};

impl Synced {
    fn note_merge(&mut self, commit: Oid, merged: Merged) {
        self.merge = Some(commit);
        self.conflicts.extend(merged.conflicts);
        self.apart.extend(merged.apart);
        self.twice.extend(merged.twice);
        self.kept.extend(merged.kept);
        self.stricter.extend(merged.stricter);
        self.renumbered.extend(merged.renumbered);
    }
}

impl Vault {
    /// Takes over what was fetched. Returns the books that need new keys for the members that they now have.
    pub(super) fn bring_together(
        &self,
        remote: &Remote,
        theirs: Option<Oid>,
        keys: Option<&KeyStore>,
        done: &mut Synced,
    ) -> Result<Vec<Slug>> {
        let private = self.private_dir();
        let _lock = lock::acquire(&private)?;
        self.recover()?;
        let branch = self.repo.branch()?;
        let at = self.snapshot()?;
        // After a purge, what this clone has is first written again on the history of after it.
        let crossing = theirs.map(|theirs| crossing(&self.repo, at.commit, theirs)).transpose()?.flatten();
        let ours = match (theirs, &crossing) {
            (Some(theirs), Some(crossing)) => self.carry_over(at, theirs, crossing)?,
            _ => at,
        };
        let (new, files) = match theirs {
            Some(theirs) if !self.repo.contains(ours.commit, theirs)? => self.next(ours, theirs, keys)?,
            _ => (ours, None),
        };
        let merged = keys.map(|keys| self.merge_keys(new, keys)).transpose()?.unwrap_or_default();
        done.came_back += merged.came_back;
        done.outdated += merged.outdated;
        let paths: Vec<String> = self
            .repo
            .changes(Some(at.tree), Some(new.tree), "")?
            .into_iter()
            .map(|(path, ..)| path)
            .collect();
        self.refuse_links((at, theirs), new, remote)?;
        if new.commit != at.commit {
            self.repo.check_clean(at.tree, &paths)?;
        }
        // Before what only purged history held is gone.
        let erased = self.newly_erased(at.tree, new.tree)?;
        if new.commit != at.commit || !merged.edits.is_empty() {
            let forget = crossing.as_ref().map(|_| at.commit);
            let mut plan = Plan { paths, prune: true, forget, ..Plan::default() };
            journal::begin(&private, &plan)?;
            let result = self.take_step(&branch, at, new, &merged.edits, &mut plan);
            if result.is_err() {
                // Whatever was half done is finished or undone now if it can be, else by the next command.
                let _ = self.recover();
            }
            result?;
            journal::end(&private)?;
            // Said only now: until here all may have come to nothing.
            if let Some(files) = files {
                done.note_merge(new.commit, files);
            }
            if let Some(crossing) = &crossing {
                done.purged += crossing.commits;
                done.carried += crossing.unsynced.len();
            }
        }
        if let Some(keys) = keys {
            self.note_synced(keys)?;
        }
        done.erased.extend(erased);
        if let Some(theirs) = theirs.filter(|_| new.commit != at.commit) {
            done.commits += self.repo.since(theirs, &[ours.commit])?.len();
        }
        let before = self.repo.refs(ACCESS_REFS)?;
        let chains = self.merge_chains(&remote.name)?;
        self.repo.unpack_moved(&before);
        done.accesses += chains.received;
        done.warnings.extend(chains.warnings);
        done.dropped = chains.dropped.or(done.dropped);
        done.past_there = chains.past_there;
        let mine: Vec<Slug> = self.my_books(new)?.into_iter().map(|(slug, _)| slug).collect();
        Ok(merged.rekey.into_iter().filter(|book| mine.contains(book)).collect())
    }

    /// Refuses to take over, or to bring to others, what is no plain file: a link could lead out of the repository.
    fn refuse_links(
        &self,
        (at, theirs): (Snapshot, Option<Oid>),
        new: Snapshot,
        remote: &Remote,
    ) -> Result<()> {
        let theirs = theirs.map(|theirs| self.repo.tree_of(theirs)).transpose()?;
        let there = self.repo.new_links(Some(at.tree), new.tree)?.into_iter().next();
        let (error, path) = match (there, self.repo.new_links(theirs, new.tree)?.into_iter().next()) {
            (Some(path), _) => {
                let what = format!(
                    "remote `{}` holds a symbolic link or a submodule; only plain files are taken over",
                    remote.name
                );
                (Error::refused(what), path)
            }
            (None, Some(path)) => {
                let what = "this clone's branch holds a symbolic link or a submodule; no other clone would take it over";
                (Error::refused(what), path)
            }
            (None, None) => return Ok(()),
        };
        let hint = format!(
            "whoever put it there takes it out with git: `git rm --cached {path}`, `git commit`, `git push`"
        );
        Err(error.at(path).hint(hint))
    }

    /// The commit that the branch goes to: theirs, or a merge of both, with what that merged.
    fn next(&self, at: Snapshot, theirs: Oid, keys: Option<&KeyStore>) -> Result<(Snapshot, Option<Merged>)> {
        let theirs = Snapshot { commit: theirs, tree: self.repo.tree_of(theirs)? };
        let base = self.repo.common_ancestor(&[at.commit, theirs.commit])?;
        let Some(base) = base.filter(|base| *base != at.commit) else { return Ok((theirs, None)) };
        let base = Snapshot { commit: base, tree: self.repo.tree_of(base)? };
        let merged = self.merge_files(Sides { base, ours: at, theirs }, keys)?;
        let tree = self.repo.edit_tree_like(at.tree, &merged.edits, theirs.tree)?;
        self.check_may_sign(at)?;
        self.check_may_sign(theirs)?;
        let entry = Entry::new("sync: merge", "merge");
        let parents = [at.commit, theirs.commit];
        let commit = self
            .repo
            .write_commit(tree, &parents, &self.author(), &entry.message(), &|data| self.sign(data))?;
        Ok((Snapshot { commit, tree }, Some(merged)))
    }

    /// Moves branch, keys and work tree, with the journal in place.
    fn take_step(
        &self,
        branch: &str,
        at: Snapshot,
        new: Snapshot,
        edits: &[(String, Option<Vec<u8>>)],
        plan: &mut Plan,
    ) -> Result<()> {
        if !edits.is_empty() {
            let keys = self.keys.prepare(edits, &self.author(), edits.len() >= crate::vault::write::BULK)?;
            plan.switch = Some((new.commit, keys));
            journal::begin(&self.private_dir(), plan)?;
        }
        if new.commit != at.commit {
            self.repo.move_ref(branch, Some(at.commit), new.commit, "carnet sync")?;
        }
        if let Some((_, keys)) = plan.switch {
            self.keys.put_in_force(keys)?;
        }
        self.keys.prune()?;
        self.settle_ledger()?;
        if self.repo.entry(at.tree, LEDGER)? != self.repo.entry(new.tree, LEDGER)? {
            // A sealed index still holds what was in the erased contacts.
            self.drop_index_parts()?;
            for (book, _) in self.my_books(new)? {
                if self.rewrite_index(new, &book).is_err() {
                    self.drop_stale_indexes(new)?;
                }
            }
        }
        self.drop_caches_of_others(new)?;
        // A record that is destroyed has no line in the ledger; what is kept of it goes in any case.
        let records = |at: Snapshot| self.repo.entry(at.tree, Sealed::Record.dir());
        if plan.switch.is_some() || records(at)? != records(new)? {
            self.my_books(new)?.iter().try_for_each(|(book, _)| self.forget_records(book))?;
        }
        self.repo.sync_paths(Some(at.tree), new.tree, &plan.paths)?;
        match plan.forget {
            Some(old) => self.leave_old_history(old, true).map(drop),
            None => self.note_last(at.commit, new.commit),
        }
    }

    /// Ids that the ledger names now and did not before, of the books that this member has, or had.
    fn newly_erased(&self, before: Oid, now: Oid) -> Result<Vec<ContactId>> {
        let mine = self.mine(self.snapshot()?)?;
        let changes = self.repo.changes(Some(before), Some(now), LEDGER)?;
        let mut ids = Vec::new();
        for (path, _, new) in changes.iter().filter(|(_, old, _)| old.is_none()) {
            let Some(id) = path.rsplit('/').next().and_then(|name| name.strip_suffix(".toml")?.parse().ok())
            else {
                continue;
            };
            let text = new.map(|blob| self.repo.blob(blob)).transpose()?.unwrap_or_default();
            // Of one that cannot be read nobody knows whose it was; `verify` names it.
            let line = register::parse::<Erasure>(path, &String::from_utf8_lossy(&text));
            if line.is_ok_and(|line| mine.has(&line.book)) {
                ids.push(id);
            }
        }
        Ok(ids)
    }
}
