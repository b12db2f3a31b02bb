//! Whether a purge can be made now: what is known of other clones, of the remote and of this clone's own refs.

use std::collections::HashSet;

use super::rewrite::Plan;
use crate::error::{Error, Result};
use crate::store::Oid;
use crate::store::remote::Git;
use crate::vault::sync::Remote;
use crate::vault::{Snapshot, Vault};

/// Why a purge is refused.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Hindrance {
    pub what: String,
    pub hint: String,
    /// Whether it is only about other clones, and can be overridden.
    pub clones: bool,
}

/// What stands in the way, and what else there is to know.
#[derive(Clone, Debug, Default)]
pub struct Readiness {
    pub hindrances: Vec<Hindrance>,
    /// Other clones that are known from the access chains.
    pub clones: usize,
    /// Other remotes that still have the old history.
    pub remotes: Vec<String>,
}

/// The refusal, unless nothing stands in the way, or only clones do and they are to be overridden.
pub(super) fn refuse(all: &[Hindrance], force_clones: bool) -> Result<()> {
    let hindrances: Vec<_> = all.iter().filter(|h| !(h.clones && force_clones)).collect();
    let Some(first) = hindrances.first() else { return Ok(()) };
    let more = match hindrances.len() {
        1 => String::new(),
        n => format!(" (and {} more; --dry-run lists them)", n - 1),
    };
    Err(Error::refused(format!("history is not purged: {}{more}", first.what)).hint(first.hint.clone()))
}

impl Vault {
    /// Looks at everything that a purge would leave behind or undo.
    pub(super) fn purge_readiness(
        &self,
        at: Snapshot,
        plan: &Plan,
        remote: Option<&Remote>,
    ) -> Result<Readiness> {
        let mut ready = Readiness::default();
        let mut hinder = |what: String, hint: &str, clones: bool| {
            ready.hindrances.push(Hindrance { what, hint: hint.to_owned(), clones });
        };
        let policy = self.policy(at.tree)?;
        if !policy.authorization.get(self.me.handle.as_str()).is_some_and(|a| a.sign_commit && a.add_user) {
            hinder(
                format!("`{}` may not purge: only who may add users can", self.me.handle),
                "`carnet member list` shows who may",
                false,
            );
        }
        let branch = self.repo.branch()?;
        if let Some(remote) = remote {
            let there = Git::of(&self.repo, remote.may_ask).ls_remote(&remote.url, &[&branch])?;
            let tip = there.iter().find(|(name, _)| *name == branch).map(|(_, id)| *id);
            if tip != Some(at.commit) {
                hinder(
                    format!("this clone and remote `{}` have not the same commits", remote.name),
                    "`carnet sync` first",
                    false,
                );
            }
        }
        let clones = self.clones_behind(at)?;
        for member in clones.unseen {
            hinder(
                format!(
                    "nothing is known of a clone of member {member}, which may hold work that is not synced"
                ),
                "have them run `carnet sync`; --force-clones goes on, if they have none",
                true,
            );
        }
        for (clone, member, seen) in clones.behind {
            hinder(
                format!(
                    "clone {clone} of {member} has not confirmed every erasure (last seen {seen}): it may hold work that is not synced"
                ),
                "have them run `carnet sync`; --force-clones goes on without them, if that clone is lost",
                true,
            );
        }
        let again: HashSet<Oid> = plan.commits.iter().map(|(node, _)| node.id).collect();
        for (name, target) in self.repo.refs("refs/")? {
            let own = name == branch || name.starts_with("refs/carnet/");
            if own || !self.leads_to(target, &again) {
                continue;
            }
            match name.strip_prefix("refs/remotes/").and_then(|rest| rest.split_once('/')) {
                Some((other, _)) if remote.is_some_and(|remote| remote.name == other) => {}
                Some((other, _)) => ready.remotes.push(other.to_owned()),
                None => ready.hindrances.push(Hindrance {
                    what: format!("`{name}` leads to the old history"),
                    hint: format!("`git update-ref -d {name}` drops it, if nothing in it is needed"),
                    clones: false,
                }),
            }
        }
        ready.remotes.sort();
        ready.remotes.dedup();
        ready.clones = clones.known;
        Ok(ready)
    }

    /// Whether a ref's target leads to one of these commits.
    pub(super) fn leads_to(&self, target: Oid, commits: &HashSet<Oid>) -> bool {
        self.repo.since(target, &[]).is_ok_and(|nodes| nodes.iter().any(|node| commits.contains(&node.id)))
    }
}
