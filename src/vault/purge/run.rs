//! Purging: what it costs, and doing it.

use serde::Serialize;

use super::ready::{Hindrance, Readiness, refuse};
use super::rewrite::Plan;
use crate::domain::purge::Purge;
use crate::domain::register;
use crate::domain::trailer::Entry;
use crate::error::{Error, Kind, Result};
use crate::store::journal;
use crate::store::push::{Outcome, Push};
use crate::store::remote::Git;
use crate::store::{Oid, lock};
use crate::vault::sync::Remote;
use crate::vault::verify::{Checked, check_history};
use crate::vault::{Snapshot, Vault};

/// How a purge is to be made.
pub struct Order<'a> {
    /// The remote that takes the new history in the same step; none in a clone that has none.
    pub remote: Option<&'a Remote>,
    /// Go on although clones may hold work that is not synced.
    pub force_clones: bool,
}

/// What a purge costs.
#[derive(Clone, Debug, Serialize)]
pub struct Cost {
    /// Erased contacts of which history holds ciphertext, and how many ciphertexts.
    pub contacts: usize,
    pub ciphertexts: usize,
    /// Commits that get another id, of how many.
    pub commits: usize,
    pub of: usize,
    /// Signatures of other members that are replaced by the operator's; the record keeps them.
    pub signatures_of_others: usize,
    /// Other clones that are known, each of which moves over at its next sync.
    pub clones: usize,
    /// Other remotes that this clone knows to have the old history.
    pub remotes: Vec<String>,
    pub hindrances: Vec<Hindrance>,
}

impl Cost {
    /// Refuses what [`Vault::purge`] would refuse.
    pub fn refuse(&self, force_clones: bool) -> Result<()> {
        refuse(&self.hindrances, force_clones)
    }
}

/// A purge that was made.
#[derive(Clone, Debug)]
pub struct Purged {
    pub cost: Cost,
    pub old: Oid,
    /// The commit that holds the record, at `record`.
    pub commit: Oid,
    pub record: String,
    pub pushed: bool,
    /// Objects that were destroyed in this clone.
    pub destroyed: usize,
}

impl Vault {
    /// What [`Vault::purge`] would do and what stands in its way; nothing is changed.
    pub fn purge_cost(&self, order: &Order<'_>) -> Result<Cost> {
        let at = self.snapshot()?;
        let plan = self.plan_purge(at)?;
        let ready = self.purge_readiness(at, &plan, order.remote)?;
        let checked = check_history(&self.repo, at.commit, self.now.into())?;
        Ok(self.cost(&plan, &checked, ready))
    }

    fn cost(&self, plan: &Plan, checked: &Checked, ready: Readiness) -> Cost {
        let by_others = |id: Oid| checked.standing(id).0.is_some_and(|signer| signer != self.me.fingerprint);
        Cost {
            contacts: plan.contacts.len(),
            ciphertexts: plan.blobs.len(),
            commits: plan.commits.len(),
            of: checked.report.counts.commits,
            signatures_of_others: plan.commits.iter().filter(|(node, _)| by_others(node.id)).count(),
            clones: ready.clones,
            remotes: ready.remotes,
            hindrances: ready.hindrances,
        }
    }

    /// Rewrites history without the ciphertext of erased contacts; nothing where there is none.
    ///
    /// An error means that nothing changed anywhere. Killed before the remote took the new history, nothing has;
    /// killed after it, the next sync brings this clone over.
    pub fn purge(&self, order: &Order<'_>, progress: &dyn Fn(u64)) -> Result<Option<Purged>> {
        let private = self.private_dir();
        let dir = private.join("sync");
        std::fs::create_dir_all(&dir)?;
        // Nobody syncs or writes until it is over: what is being written would be lost or taken for old.
        let _alone = lock::acquire(&dir)?;
        let _lock = lock::acquire(&private)?;
        self.recover()?;
        let branch = self.repo.branch()?;
        let at = self.snapshot()?;
        let plan = self.plan_purge(at)?;
        if plan.commits.is_empty() {
            return Ok(None);
        }
        let ready = self.purge_readiness(at, &plan, order.remote)?;
        refuse(&ready.hindrances, order.force_clones)?;
        let checked = check_history(&self.repo, at.commit, self.now.into())?;
        let cost = self.cost(&plan, &checked, ready);
        let (entries, now) = self.write_history_again(&plan, &checked, progress)?;
        let tip = now
            .get(&at.commit)
            .copied()
            .ok_or_else(|| Error::failed("the branch's tip was not rewritten"))?;
        let purge = Purge {
            version: 1,
            time: self.now_text(),
            operator: self.me.handle.clone(),
            key: self.me.fingerprint.clone(),
            old_tip: at.commit.to_string(),
            new_tip: tip.to_string(),
            contacts: plan.contacts.iter().cloned().collect(),
            commits: entries,
        };
        let (new, record) = self.write_record(tip, &purge)?;
        self.repo.check_clean(at.tree, &[record.clone(), format!("{record}.asc")])?;
        self.check_proven(&checked, new)?;
        let pushed = match order.remote {
            Some(remote) => self.push_purge(remote, &branch, at.commit, new.commit)?,
            None => false,
        };
        let paths = vec![record.clone(), format!("{record}.asc")];
        let plan = journal::Plan { paths, forget: Some(at.commit), ..journal::Plan::default() };
        journal::begin(&private, &plan)?;
        let moved = self.repo.move_ref(&branch, Some(at.commit), new.commit, "carnet history-purge");
        let finished = moved.and_then(|()| {
            self.repo.sync_paths(Some(at.tree), new.tree, &plan.paths)?;
            self.leave_old_history(at.commit, true)
        });
        if finished.is_err() {
            let _ = self.recover();
        }
        let destroyed =
            finished.map_err(|e| match self.repo.head().is_ok_and(|head| head == new.commit) {
                true => e.hint("history is purged; the next carnet command finishes the rest"),
                false => e,
            })?;
        journal::end(&private)?;
        let remote = order.remote.filter(|_| pushed).map(|remote| (remote.name.as_str(), new.commit));
        if let (Err(e), Some(tell)) = (self.remember(new.commit, remote), &self.tell) {
            tell(&format!("The new tip could not be remembered as verified, the next sync does it: {e}"));
        }
        Ok(Some(Purged { cost, old: at.commit, commit: new.commit, record, pushed, destroyed }))
    }

    /// The commit that holds the record and its signature.
    fn write_record(&self, tip: Oid, purge: &Purge) -> Result<(Snapshot, String)> {
        let text = register::to_toml(purge)?;
        let path = Purge::path(&self.today(), &purge.old_tip);
        let signature = self.sign_statement(text.as_bytes())?;
        let files =
            [(path.clone(), Some(text.into_bytes())), (format!("{path}.asc"), Some(signature.into_bytes()))];
        let tree = self.repo.write_files(self.repo.tree_of(tip)?, &files, false)?;
        let mut entry = Entry::new("history: purge", "history-purge");
        entry.count = Some(purge.commits.len());
        entry.contacts = purge.contacts.clone();
        let commit = self
            .repo
            .write_commit(tree, &[tip], &self.author(), &entry.message(), &|data| self.sign(data))?;
        Ok((Snapshot { commit, tree }, path))
    }

    /// Refuses to go on when the new history does not verify as well as the old one.
    fn check_proven(&self, before: &Checked, new: Snapshot) -> Result<()> {
        let after = check_history(&self.repo, new.commit, self.now.into())?;
        if after.report.problems.len() <= before.report.problems.len() {
            return Ok(());
        }
        let first = after.report.problems.first();
        Err(Error::new(Kind::Problems, "the rewritten history would not verify; nothing was changed")
            .at(first.map(|p| p.place.clone()).unwrap_or_default())
            .cause(first.map(|p| p.message.clone()).unwrap_or_default())
            .hint("`carnet verify` says what is wrong with the history that there is"))
    }

    fn push_purge(&self, remote: &Remote, branch: &str, old: Oid, new: Oid) -> Result<bool> {
        let push = Push {
            refspecs: vec![format!("{new}:{branch}")],
            atomic: false,
            leases: vec![(branch.to_owned(), Some(old))],
        };
        let pushed = Git::of(&self.repo, remote.may_ask).push(&remote.url, &push)?;
        match pushed.outcome {
            Outcome::Done => Ok(true),
            Outcome::Moved => Err(pushed.error(&remote.url).hint("`carnet sync`, then run the command again")),
            _ => Err(pushed.error(&remote.url).hint(
                "the remote must take rewritten history: one made by `carnet remote init` does, a forge needs its \
                 branch protection lifted; nothing was changed here",
            )),
        }
    }
}
