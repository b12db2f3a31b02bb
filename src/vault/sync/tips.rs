//! What a sync remembers: the tips that it has verified, so that neither branch nor remote goes back unseen.

use super::exchange::{short, tracking};
use super::{Remote, Synced};
use crate::error::{Error, Kind, Result};
use crate::store::Oid;
use crate::vault::Vault;
use crate::vault::purge::cross::{crossing, renamed};
use crate::vault::{tip, verify};

impl Vault {
    /// Whether this clone's branch has lost what was verified or made here.
    pub(super) fn look_for_rollback(&self, done: &mut Synced) -> Result<()> {
        let at = self.snapshot()?;
        let purged = renamed(&self.repo, at.tree)?;
        let there = |id: Oid| self.repo.contains(at.commit, id).unwrap_or(false);
        let (problems, _) = tip::problems(&self.repo, there, &purged, self.now.into());
        let lost =
            problems.into_iter().filter(|p| p.kind == "rolled-back" && p.hint.contains("--accept-tip"));
        done.rolled_back
            .extend(lost.map(|p| format!("this clone's branch was rolled back: {} is missing", p.place)));
        Ok(())
    }

    /// Whether the remote's branch has lost what it had when this clone last saw it.
    pub(super) fn look_for_remote_rollback(
        &self,
        remote: &Remote,
        branch: &str,
        (seen, tip): (Option<Oid>, Oid),
        done: &mut Synced,
    ) -> Result<()> {
        let Some(before) = self.remembered().remote(&remote.name).or(seen) else { return Ok(()) };
        let purged = renamed(&self.repo, self.repo.tree_of(tip)?)?;
        if tip::has(&self.repo, tip, before, &purged) {
            return Ok(());
        }
        let lost = self.repo.since(before, &[tip]).map(|nodes| nodes.len()).unwrap_or_default();
        done.rolled_back.push(format!(
            "the remote's `{}` was rolled back or rewritten: {lost} commit(s) that it had are missing there",
            short(branch)
        ));
        Ok(())
    }

    /// Recognises a remote that is, or was put, back on the history of before a purge; what to take over of it then:
    /// nothing, and a push replaces it.
    pub(super) fn remote_of_before(
        &self,
        ours: Oid,
        tip: Oid,
        done: &mut Synced,
    ) -> Result<Option<Option<Oid>>> {
        let Some(old) = crossing(&self.repo, tip, ours)? else { return Ok(None) };
        if let Some(node) = old.unsynced.last() {
            let id = node.id;
            return Err(Error::new(
                Kind::Problems,
                format!(
                    "the remote has the history of before the purge, with {} commit(s) that were made on it",
                    old.unsynced.len()
                ),
            )
            .at(format!("commit {id}"))
            .hint(format!(
                "`git push --force-with-lease=main:{tip} origin main` puts the purged history back; whoever made \
                 those commits carries them over with `carnet sync`"
            )));
        }
        done.replace = Some(tip);
        done.warnings.push("the remote had the history of before the purge; it is replaced".into());
        Ok(Some(None))
    }

    /// Commits that were verified before, and are there and not purged.
    pub(super) fn verified_before(&self, done: &Synced) -> Result<Vec<Oid>> {
        let purged = renamed(&self.repo, self.snapshot()?.tree)?;
        let tips = [self.remembered().branch(), done.verified].into_iter().flatten();
        // libgit2 remembers commits that were destroyed a moment ago, so that their absence alone does not tell.
        Ok(tips.filter(|tip| !purged.contains_key(tip) && self.repo.tree_of(*tip).is_ok()).collect())
    }

    /// Remembers what is verified now. What was rolled back and is not back yet stays remembered as it was.
    pub(super) fn remember_synced(&self, remote: &Remote, done: &mut Synced) -> Result<()> {
        let at = self.snapshot()?;
        let purged = renamed(&self.repo, at.tree)?;
        let before = self.remembered();
        if before.branch().is_some_and(|old| !tip::has(&self.repo, at.commit, old, &purged)) {
            return Ok(());
        }
        let there = self.repo.ref_target(&tracking(remote, &self.repo.branch()?))?;
        let there = there.filter(|there| {
            before.remote(&remote.name).is_none_or(|old| tip::has(&self.repo, *there, old, &purged))
        });
        let known = self.verified_before(done)?;
        let (problems, checked) = verify::problems_since(&self.repo, at.commit, &known, self.now)?;
        done.checked += checked;
        if !problems.is_empty() {
            return Ok(());
        }
        if let Err(e) = self.remember(at.commit, there.map(|there| (remote.name.as_str(), there))) {
            done.warnings.push(format!("the verified tip could not be remembered: {e}"));
        }
        Ok(())
    }
}
