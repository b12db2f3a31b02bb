//! Access chains of a sync: others' chains follow the remote, one's own is brought together and pushed.

use std::collections::{BTreeSet, HashMap};

use super::Remote;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;
use crate::store::chain::{ACCESS_REFS, Tip, chain_ref};
use crate::store::push::{Outcome, Push};
use crate::store::remote::{Git, TRACKED_ACCESS};
use crate::vault::Vault;
use crate::vault::chains::{Dropped, Ends};

/// Where this clone keeps what it last saw of a remote's chains.
pub(super) fn tracked(remote: &str) -> String {
    format!("{TRACKED_ACCESS}{remote}/access/")
}

/// What became of the chains.
#[derive(Debug, Default)]
pub(super) struct Chains {
    /// Entries that are new here.
    pub received: usize,
    /// Chains beyond the rule that were dropped here.
    pub dropped: Option<Dropped>,
    /// Chains beyond the rule that the remote still has.
    pub past_there: Vec<(String, Oid)>,
    /// What nobody but a tamperer brings about.
    pub warnings: Vec<String>,
}

/// Entries that were written again behind others: their ids before and after.
type Rewritten = HashMap<String, String>;

impl Vault {
    /// Brings the chains together with what was last fetched, and drops those beyond the rule. The lock is held.
    pub(super) fn merge_chains(&self, remote: &str) -> Result<Chains> {
        let mut done = Chains::default();
        let prefix = tracked(remote);
        // What is too old is not taken over, and does not come back from a remote that still has it.
        let past = self.past_chains(&prefix)?;
        let there: Vec<Tip> = self.repo.chains(&prefix)?.into_iter().filter(|c| !past.contains(c)).collect();
        let (own, others): (Vec<Tip>, Vec<Tip>) =
            there.into_iter().partition(|chain| chain.member == self.me.handle.as_str());
        for chain in others {
            self.follow_chain(&chain, &mut done)?;
        }
        self.bring_own_together(own, &mut done)?;
        done.dropped = self.drop_past_chains()?;
        let name = |chain: &Tip| chain_ref(&chain.month, &chain.member);
        done.past_there = past.iter().map(|chain| (name(chain), chain.tip)).collect();
        Ok(done)
    }

    /// Another member's chain: it only grows.
    fn follow_chain(&self, theirs: &Tip, done: &mut Chains) -> Result<()> {
        let chain = chain_ref(&theirs.month, &theirs.member);
        let ours = self.repo.ref_target(&chain)?;
        let known: Vec<Oid> = ours.into_iter().collect();
        match ours {
            Some(ours) if self.repo.contains(ours, theirs.tip)? => return Ok(()),
            Some(ours) if !self.repo.contains(theirs.tip, ours)? => {
                done.warnings.push(format!(
                    "the remote's access chain {}/{} is not the one that this clone has: entries were removed or replaced there",
                    theirs.month, theirs.member
                ));
                return Ok(());
            }
            _ => {}
        }
        done.received += self.repo.since(theirs.tip, &known)?.len();
        self.repo.move_chain(&chain, ours, theirs.tip)
    }

    /// This member's chains: what was written here goes behind what another machine of theirs pushed, and the end of
    /// a month that grew so is named by an entry of a later one.
    fn bring_own_together(&self, there: Vec<Tip>, done: &mut Chains) -> Result<()> {
        let theirs: Ends = there.into_iter().map(|chain| (chain.month, chain.tip)).collect();
        let before = self.own_ends()?;
        let mut ends = before.clone();
        let mut rewritten = Rewritten::new();
        // In order of month: what a later chain names may have been written again.
        let months: BTreeSet<&String> = theirs.keys().chain(before.keys()).collect();
        for month in months {
            let end = match (before.get(month), theirs.get(month)) {
                (Some(ours), theirs) => self.rejoin(*ours, theirs.copied(), &mut rewritten)?,
                (None, Some(theirs)) => *theirs,
                (None, None) => continue,
            };
            if let Some(theirs) = theirs.get(month).filter(|theirs| before.get(month) != Some(theirs)) {
                let known: Vec<Oid> = before.get(month).copied().into_iter().collect();
                done.received += self.repo.since(*theirs, &known)?.len();
            }
            ends.insert(month.clone(), end);
        }
        // A chain that is here as it is there was tied to the later ones when it was pushed.
        let changed =
            |month: &String| before.get(month) != ends.get(month) || theirs.get(month) != ends.get(month);
        let newest = ends.keys().next_back().cloned();
        let mut loose: Vec<String> = Vec::new();
        for month in ends.keys().filter(|month| Some(*month) != newest.as_ref() && changed(month)) {
            if self.has_grown(&ends, month)? {
                loose.push(month.clone());
            }
        }
        if !loose.is_empty() {
            self.link(&mut ends, loose)?;
        }
        let moved = ends.into_iter().filter(|(month, end)| before.get(month) != Some(end));
        let moves = moved.map(|(month, end)| (self.own_ref(&month), before.get(&month).copied(), end));
        self.move_chains(moves.collect())
    }

    /// The end of a chain that has the remote's entries and, behind them, those that this member made here meanwhile.
    ///
    /// They were pushed nowhere yet, so nobody has seen their ids; their times and words stay, but for the id of an
    /// entry that was written again itself.
    fn rejoin(&self, ours: Oid, theirs: Option<Oid>, rewritten: &mut Rewritten) -> Result<Oid> {
        if let Some(theirs) = theirs
            && self.repo.contains(theirs, ours)?
        {
            return Ok(theirs);
        }
        let ahead = theirs.map_or(Ok(true), |theirs| self.repo.contains(ours, theirs))?;
        if ahead && rewritten.is_empty() {
            return Ok(ours);
        }
        let known: Vec<Oid> = theirs.into_iter().collect();
        let mut tip = theirs;
        for node in self.repo.since(ours, &known)?.iter().rev() {
            let commit = self.repo.commit(node.id)?;
            let message = renamed(&commit.message, rewritten);
            if message.is_none() && commit.parents.iter().copied().eq(tip) {
                tip = Some(node.id);
                continue;
            }
            let (author, message) = (self.same_author(&commit), message.unwrap_or(commit.message));
            let new = self.repo.write_entry(tip, &author, &message, &|data| self.sign(data))?;
            rewritten.insert(node.id.to_string(), new.to_string());
            tip = Some(new);
        }
        Ok(tip.unwrap_or(ours))
    }

    /// Has the remote drop the chains that are beyond the rule; what it refuses is said.
    pub(super) fn drop_past_there(&self, remote: &Remote, past: &[(String, Oid)]) -> Result<Option<String>> {
        if past.is_empty() {
            return Ok(None);
        }
        let git = Git::of(&self.repo, remote.may_ask);
        let push = Push {
            refspecs: past.iter().map(|(name, _)| format!(":{name}")).collect(),
            atomic: false,
            leases: past.iter().map(|(name, tip)| (name.clone(), Some(*tip))).collect(),
        };
        if git.push(&remote.url, &push)?.outcome == Outcome::Done {
            return Ok(None);
        }
        // Another clone may have been faster.
        let there = git.ls_remote(&remote.url, &[&format!("{ACCESS_REFS}*")])?;
        let left = past.iter().filter(|(name, _)| there.iter().any(|(n, _)| n == name)).count();
        Ok((left > 0).then(|| {
            format!(
                "the remote keeps {left} access chain(s) of months that are beyond the rule of carnet.toml, and does not \
                 let them be dropped: `git push {} --delete REF` by somebody who may",
                remote.name
            )
        }))
    }

    /// This member's chains that the remote has not, or not as far: what a push takes along.
    pub(super) fn chains_to_push(&self, remote: &str) -> Result<Vec<(String, Option<Oid>, Oid)>> {
        let mut found = Vec::new();
        let past = self.past_chains(ACCESS_REFS)?;
        let own = |chain: &Tip| chain.member == self.me.handle.as_str() && !past.contains(chain);
        for chain in self.repo.chains(ACCESS_REFS)?.into_iter().filter(own) {
            let there = format!("{}{}/{}", tracked(remote), chain.month, chain.member);
            let theirs = self.repo.ref_target(&there)?;
            if theirs != Some(chain.tip) {
                found.push((chain.refname, theirs, chain.tip));
            }
        }
        Ok(found)
    }

    /// Notes what a push brought to the remote.
    pub(super) fn note_pushed_chains(
        &self,
        remote: &str,
        pushed: &[(String, Option<Oid>, Oid)],
    ) -> Result<()> {
        for (name, old, new) in pushed {
            let rest = name.strip_prefix(ACCESS_REFS).ok_or_else(|| Error::failed("not an access chain"))?;
            self.repo.move_ref(&format!("{}{rest}", tracked(remote)), *old, *new, "")?;
        }
        Ok(())
    }
}

/// The message with the present id of what it names, where that was written again.
fn renamed(message: &str, rewritten: &Rewritten) -> Option<String> {
    let mut entry = Entry::parse(message)?;
    let follows = entry.follows.as_mut()?;
    follows.tip.clone_from(rewritten.get(&follows.tip)?);
    Some(entry.message())
}
