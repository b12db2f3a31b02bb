//! The key store at a firm's own server: one parentless commit, no key of an erased contact, nothing of its past.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};

use super::hook::{BRANCH, Update, refused};
use super::ledger::LEDGER;
use super::recover::owner_of_key;
use super::verify::report::Problem;
use crate::domain::ids::ContactId;
use crate::error::Result;
use crate::store::keystore::KEYS_REF;
use crate::store::served::{Keys, Served};
use crate::store::{Oid, Repo};

/// How often the ledger is applied again because another push was faster.
const TRIES: usize = 5;

/// Ids in the erasure ledger of a commit's tree; whatever else is wrong with an entry, its name counts.
pub(super) fn ledger_ids(repo: &Repo, tree: Oid) -> Result<BTreeSet<ContactId>> {
    let names = repo.names(tree, LEDGER)?;
    Ok(names.iter().filter_map(|name| name.strip_suffix(".toml")?.parse().ok()).collect())
}

/// Git's ids of the key messages that the ledger's erasures destroyed, as far as its entries can be read.
fn destroyed_ids(repo: &Repo, tree: Oid) -> Result<HashSet<Oid>> {
    let lines = super::ledger::read(repo, tree)?;
    Ok(lines.iter().flatten().flat_map(|line| line.destroyed_ids().collect::<Vec<_>>()).collect())
}

/// Paths of keys that belong to contacts of the ledger, or that an erasure destroyed.
fn erased(repo: &Repo, keys: &Keys, tree: Oid) -> Result<Vec<String>> {
    let (ledger, destroyed) = (ledger_ids(repo, tree)?, destroyed_ids(repo, tree)?);
    let is_erased = |path: &str, id: &Oid| match owner_of_key(path) {
        Some((_, Some(contact))) if ledger.contains(&contact) => true,
        _ => destroyed.contains(id),
    };
    let files = keys.files.iter().filter(|(path, id)| is_erased(path, id));
    Ok(files.map(|(path, _)| path.clone()).collect())
}

/// Checks a pushed key store and, when nothing is wrong with it, takes it in. The lock is held.
pub(super) fn check_keys(served: &Served, update: &Update, branch: Option<Oid>) -> Result<Vec<Problem>> {
    let repo = &served.repo;
    let one = |what: String, hint: &str| Ok(vec![refused(update, what, hint)]);
    let Some(new) = update.new else {
        return one("the key store cannot be deleted".into(), "push the key store that is to replace it");
    };
    let Some(branch) = branch else {
        return one("there is no main here, and so no erasure ledger".into(), "push main first");
    };
    let tip = repo.ref_target(KEYS_REF)?;
    if tip != update.old {
        let what = "another key store came in meanwhile";
        return Ok(vec![Problem { kind: "behind", ..refused(update, what, "`carnet sync` merges both") }]);
    }
    let keys = match served.keys_at(new) {
        Ok(keys) => keys,
        // Git leaves out of a push what is here already; another push may just have destroyed it.
        Err(e) => {
            let hint = "push again; if that does not help, `carnet doctor --repair`";
            let problem = refused(update, format!("the key store cannot be read: {e}"), hint);
            return Ok(vec![Problem { kind: "behind", ..problem }]);
        }
    };
    if keys.parents > 0 {
        return one(
            "a key store has no past: its one commit has no parent".into(),
            "push it with `carnet sync`",
        );
    }
    let tree = repo.tree_of(branch)?;
    let strays = keys.files.iter().filter(|(path, _)| owner_of_key(path).is_none()).count();
    if strays + keys.odd.len() > 0 {
        let what = format!("{} file(s) in the key store are no keys", strays + keys.odd.len());
        return one(what, "`carnet doctor --repair` takes them out");
    }
    let back = erased(repo, &keys, tree)?.len();
    if back > 0 {
        // The ledger may have come in since the pusher last fetched.
        let what = format!("it holds {back} key(s) that erasures of the ledger have destroyed");
        let hint = "`carnet sync` brings the ledger to your clone, destroys them there, and pushes again";
        return Ok(vec![Problem { kind: "behind", ..refused(update, what, hint) }]);
    }
    let current = tip.map(|id| served.keys_at(id)).transpose()?;
    if let Some(current) = &current {
        let there: BTreeSet<&str> = keys.files.iter().map(|(path, _)| path.as_str()).collect();
        // What an erasure destroyed is no loss, though its successor may not have come in yet.
        let destroyed = destroyed_ids(repo, tree)?;
        let gone = current
            .files
            .iter()
            .filter(|(path, id)| !there.contains(path.as_str()) && !destroyed.contains(id));
        let mut lost = 0;
        for (path, _) in gone {
            lost += usize::from(repo.has_owner_of_key(tree, path)?);
        }
        if lost > 0 {
            return one(
                format!(
                    "it lacks {lost} key(s) of contacts or books that main has: they could not be read any more"
                ),
                "`carnet sync` brings both together; an older key store is not to replace a newer one",
            );
        }
    }
    let mut objects = served.objects_of(&keys);
    objects.remove(&Repo::empty_tree()?);
    for id in current.iter().flat_map(|current| served.objects_of(current)) {
        objects.remove(&id);
    }
    if served.own(false)?.iter().any(|own| objects.iter().any(|id| own.has(*id))) {
        return one(
            "an object of it is among main's, where it would outlive its erasure".into(),
            "make that key anew: `carnet book rekey BOOK`",
        );
    }
    served.take_in(&keys)?;
    Ok(Vec::new())
}

/// Takes keys of erased contacts out of the key store that is in force; how many there were. The lock is held.
///
/// A branch with a new ledger entry may arrive while, or long before, a key store without the key does.
pub(super) fn settle(served: &Served, now: DateTime<Utc>) -> Result<usize> {
    let repo = &served.repo;
    let mut tries = 0;
    loop {
        let (Some(tip), Some(branch)) = (repo.ref_target(KEYS_REF)?, repo.ref_target(BRANCH)?) else {
            return Ok(0);
        };
        let keys = served.keys_at(tip)?;
        let paths = erased(repo, &keys, repo.tree_of(branch)?)?;
        if paths.is_empty() {
            return Ok(0);
        }
        let new = served.without(&keys, &paths, now.timestamp())?;
        match repo.move_ref(KEYS_REF, Some(tip), new, "") {
            Ok(()) => return Ok(paths.len()),
            Err(e) if tries == TRIES => return Err(e),
            Err(_) => tries += 1,
        }
    }
}
