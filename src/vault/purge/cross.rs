//! Going over from the history of before a purge to that of after it.

use std::collections::{HashMap, HashSet};

use super::originals::records;
use crate::crypto::verify::Verifier;
use crate::domain::evidence;
use crate::domain::purge::DIR;
use crate::error::{Error, Result};
use crate::store::repo::Author;
use crate::store::signed::Node;
use crate::store::{Oid, Repo};
use crate::vault::hook_keys::ledger_ids;
use crate::vault::member::member_cert;
use crate::vault::{Snapshot, Vault};

/// A purge that lies between two commits.
#[derive(Debug)]
pub struct Crossing {
    /// The commit that there is now for each that was.
    now: HashMap<Oid, Oid>,
    /// What the side of before has and the side of after has no counterpart of; parents before their children.
    pub unsynced: Vec<Node>,
    /// How many commits were written again.
    pub commits: usize,
}

impl Crossing {
    /// The commit that there is now for one that was.
    pub fn counterpart(&self, old: Oid) -> Option<Oid> {
        self.now.get(&old).copied()
    }
}

/// The pairs of old and new ids that the records of a tree name, through all purges. Nothing of it is proven here.
pub fn renamed(repo: &Repo, tree: Oid) -> Result<HashMap<Oid, Oid>> {
    let mut now: HashMap<Oid, Oid> = HashMap::new();
    for record in records(repo, tree)?.0.iter().rev() {
        for entry in &record.purge.commits {
            let (Ok(old), Ok(new)) = (Oid::from_str(&entry.old), Oid::from_str(&entry.new)) else { continue };
            let last = now.get(&new).copied().unwrap_or(new);
            now.insert(old, last);
        }
    }
    Ok(now)
}

/// Whether a purge lies between `before` and `after`, whose history must have been verified.
pub fn crossing(repo: &Repo, before: Oid, after: Oid) -> Result<Option<Crossing>> {
    let tree = repo.tree_of(after)?;
    if repo.entry(tree, DIR)? == repo.entry(repo.tree_of(before)?, DIR)? {
        return Ok(None);
    }
    let now = renamed(repo, tree)?;
    let beyond = repo.since(before, &[after])?;
    let commits = beyond.iter().filter(|node| now.contains_key(&node.id)).count();
    if commits == 0 {
        return Ok(None);
    }
    let unsynced = beyond.into_iter().rev().filter(|node| !now.contains_key(&node.id)).collect();
    Ok(Some(Crossing { now, unsynced, commits }))
}

impl Vault {
    /// This clone's branch on the history of after a purge: its counterpart there, with what was not synced yet
    /// written again on top. No ref moves.
    pub(in crate::vault) fn carry_over(
        &self,
        at: Snapshot,
        theirs: Oid,
        crossing: &Crossing,
    ) -> Result<Snapshot> {
        let mut now = crossing.now.clone();
        let own = member_cert(&self.repo, at.tree, &self.me.handle)?;
        let verifier = Verifier::at(&[own], self.now.into());
        let erased = ledger_ids(&self.repo, self.repo.tree_of(theirs)?)?;
        for node in &crossing.unsynced {
            let signed = self.repo.signed(node.id)?;
            let mine =
                signed.signature.as_deref().is_some_and(|s| verifier.check(s, &signed.payload).is_ok());
            if !mine {
                return Err(Error::refused(
                    "history was purged, and this clone has a commit of somebody else that the remote has not",
                )
                .at(format!("commit {}", node.id))
                .hint("have its author run `carnet sync` in their clone; or clone anew with `carnet clone`"));
            }
            let mut edits = Vec::new();
            for dir in ["contacts", evidence::DIR] {
                let files = self.repo.list(node.tree, dir)?.into_iter().map(|e| format!("{dir}/{}", e.path));
                let gone = files.filter(|p| evidence::contact_of(p).is_some_and(|id| erased.contains(&id)));
                edits.extend(gone.map(|path| (path, None)));
            }
            let tree = self.repo.edit_tree(Some(node.tree), &edits)?;
            let parents: Vec<Oid> = node.parents.iter().map(|p| now.get(p).copied().unwrap_or(*p)).collect();
            let was = self.repo.commit(node.id)?;
            let author = Author { name: was.author, email: was.email, time: was.time };
            let new =
                self.repo.write_commit(tree, &parents, &author, &was.message, &|data| self.sign(data))?;
            now.insert(node.id, new);
        }
        let commit = now.get(&at.commit).copied().unwrap_or(at.commit);
        Ok(Snapshot { commit, tree: self.repo.tree_of(commit)? })
    }

    /// Destroys what only the history of before the purge held, and everything that would lead there again.
    ///
    /// The lock is held, and with `all` also that of syncs: then every object goes that nothing leads to. Returns
    /// how many objects went. It can be called again after a crash.
    pub(in crate::vault) fn leave_old_history(&self, old: Oid, all: bool) -> Result<usize> {
        let at = self.snapshot()?;
        let renamed = renamed(&self.repo, at.tree)?;
        let before: HashSet<Oid> = renamed.keys().copied().collect();
        for (name, target) in self.repo.refs("refs/remotes/")? {
            if !self.repo.contains(at.commit, target)? && self.leads_to(target, &before) {
                self.repo.drop_ref(&name)?;
            }
        }
        self.move_pins(&renamed)?;
        self.move_tips(old, &renamed)?;
        self.repo.forget_old_heads()?;
        let list = self.doomed();
        let mut destroyed = self.repo.finish_deleting(&list)?;
        let doomed = match all {
            true => self.repo.unreachable()?,
            false => self.repo.only_from(&[old])?,
        };
        destroyed += doomed.len();
        self.repo.delete_for_good(&list, &doomed)?;
        Ok(destroyed)
    }

    /// Refs of this clone that still lead to history of before a purge.
    pub fn refs_to_old_history(&self, at: Snapshot) -> Result<Vec<String>> {
        let before: HashSet<Oid> = renamed(&self.repo, at.tree)?.keys().copied().collect();
        if before.is_empty() {
            return Ok(Vec::new());
        }
        let refs = self.repo.refs("refs/")?.into_iter().filter(|(name, _)| !name.starts_with("refs/carnet/"));
        Ok(refs.filter(|(_, target)| self.leads_to(*target, &before)).map(|(name, _)| name).collect())
    }
}
