//! The erasure ledger only grows: who takes a line out of it makes way for what a clone that was away still has.

use std::collections::{BTreeMap, HashMap};

use super::report::{Problem, Report};
use crate::error::Result;
use crate::store::signed::Node;
use crate::store::{Oid, Repo};
use crate::vault::ledger::LEDGER;

/// Checks that what commits took out of the ledger is there again at `tip`: so that it can be mended by whoever sees it.
pub(super) fn check(repo: &Repo, tip: Oid, nodes: &[Node], report: &mut Report) -> Result<()> {
    let ledgers = repo.in_parallel(nodes, |repo, node| repo.entry(node.tree, LEDGER))?;
    // A tree that cannot be read is a problem of its own.
    let mut known: HashMap<Oid, Option<Oid>> =
        nodes.iter().zip(ledgers).filter_map(|(node, ledger)| Some((node.id, ledger.ok()?))).collect();
    let mut removed: BTreeMap<String, Oid> = BTreeMap::new();
    for node in nodes {
        let Some(now) = known.get(&node.id).copied() else { continue };
        for parent in &node.parents {
            let read = || repo.entry(repo.tree_of(*parent).ok()?, LEDGER).ok().flatten();
            let before = *known.entry(*parent).or_insert_with(read);
            if before.is_none() || before == now {
                continue;
            }
            let Ok(changes) = repo.changes(before, now, "") else { continue };
            let gone = changes.into_iter().filter(|(_, old, new)| old.is_some() && new.is_none());
            removed.extend(gone.map(|(name, ..)| (name, node.id)));
        }
    }
    if removed.is_empty() {
        return Ok(());
    }
    let there = repo.names(repo.tree_of(tip)?, LEDGER)?;
    for (name, commit) in removed.into_iter().filter(|(name, _)| !there.contains(name)) {
        let path = format!("{LEDGER}/{name}");
        report.problem(Problem::commit(
            "erasure-removed",
            commit,
            format!("it takes {path} out of the erasure ledger, and an erasure is not undone"),
            "`git checkout COMMIT^ -- PATH` brings it back; commit that",
        ));
    }
    Ok(())
}
