//! Who wrote the erasure ledger. What it says destroys keys and goes into certificates, so it counts as far as members
//! signed it: whoever can push, and whoever edits a file by hand, could otherwise write what they like into it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::ledger::LEDGER;
use super::verify::problems_since;
use super::{Snapshot, Vault};
use crate::domain::ids::ContactId;
use crate::domain::register::Erasure;
use crate::error::Result;
use crate::store::Oid;

/// Problems that say that a commit is not here, not that nobody may have made it.
const UNKNOWN: [&str; 2] = ["missing-commit", "damaged-tree"];

/// Entries of the ledger that unauthorised commits wrote.
#[derive(Debug, Default)]
pub(super) struct Forged {
    /// No member ever wrote these: nobody erased the contact.
    pub whole: BTreeSet<ContactId>,
    /// These, and those that were changed after a member had written them: which keys they name is not believed.
    pub touched: BTreeSet<ContactId>,
}

impl Vault {
    /// The commits that wrote each of these entries, the newest first: one that came back is erased again, and a sync adds
    /// what it took out later.
    pub(super) fn ledger_writers(
        &self,
        at: Snapshot,
        ids: &BTreeSet<ContactId>,
    ) -> Result<BTreeMap<ContactId, Vec<Oid>>> {
        let mut writers: BTreeMap<ContactId, Vec<Oid>> = BTreeMap::new();
        for node in self.repo.newest_first(&[at.commit]).map(|(node, _)| node) {
            let Some(ledger) = self.repo.entry(node.tree, LEDGER)? else { continue };
            let mut before = Vec::new();
            for parent in &node.parents {
                before.push(self.repo.tree_of(*parent)?);
            }
            let ledgers = before.iter().map(|tree| self.repo.entry(*tree, LEDGER));
            if ledgers.collect::<Result<Vec<_>>>()?.contains(&Some(ledger)) {
                continue;
            }
            for id in ids {
                let path = Erasure::path(id);
                let Some(entry) = self.repo.entry(node.tree, &path)? else { continue };
                let inherited = before.iter().map(|tree| self.repo.entry(*tree, &path));
                if !inherited.collect::<Result<Vec<_>>>()?.contains(&Some(entry)) {
                    writers.entry(id.clone()).or_default().push(node.id);
                }
            }
        }
        Ok(writers)
    }

    /// Why no authorised member is known to have made a commit, in words; none where one has.
    pub(super) fn unauthorised(&self, commit: Oid) -> Result<Option<String>> {
        let parents = self.repo.commit(commit)?.parents;
        let (problems, _) = problems_since(&self.repo, commit, &parents, self.now)?;
        let problem = problems.into_iter().find(|problem| !UNKNOWN.contains(&problem.kind));
        Ok(problem.map(|problem| problem.message))
    }

    /// Those of these entries that unauthorised commits wrote. One of which it is not known who wrote it is none of them: in
    /// doubt the ledger holds.
    pub(super) fn forged_entries(&self, at: Snapshot, ids: &BTreeSet<ContactId>) -> Result<Forged> {
        let mut forged = Forged::default();
        let mut known: HashMap<Oid, bool> = HashMap::new();
        for (id, commits) in self.ledger_writers(at, ids)? {
            let mut bad = 0;
            for commit in &commits {
                let is_bad = match known.get(commit) {
                    Some(is_bad) => *is_bad,
                    None => self.unauthorised(*commit)?.is_some(),
                };
                known.insert(*commit, is_bad);
                bad += usize::from(is_bad);
            }
            if bad == commits.len() {
                forged.whole.insert(id.clone());
            }
            if bad > 0 {
                forged.touched.insert(id);
            }
        }
        Ok(forged)
    }
}
