//! Access chains over the months: which are kept, and how each is tied to the ones before it.
//!
//! A chain's end can be cut off without breaking a signature; only a later entry that names it shows that. So the
//! first entry of a month names the last one of the month before, and an entry `link` names the end of a month that
//! grew afterwards: at another machine of the same member, or in a command that began before the month was over.

use std::collections::BTreeMap;

use chrono::{DateTime, Months, Utc};

use super::Vault;
use crate::domain::organisation::{Retention, Settings};
use crate::domain::trailer::{Entry, Follows};
use crate::error::Result;
use crate::store::chain::{ACCESS_REFS, Tip, chain_ref, first_day, named};
use crate::store::remote::TRACKED_ACCESS;
use crate::store::repo::Author;
use crate::store::{Oid, Repo};

/// The action of an entry that only names the end of an earlier chain.
pub const LINK: &str = "link";

/// The last entries of one member's chains, by month.
pub(super) type Ends = BTreeMap<String, Oid>;

/// `YYYY-MM`, UTC.
pub fn month_of(time: DateTime<Utc>) -> String {
    time.format("%Y-%m").to_string()
}

/// Whether a month (`YYYY-MM`) is over for more than `kept` months: its chains may go.
///
/// A month is kept until its last day is `kept` months ago, and the present one always.
pub fn is_past(month: &str, kept: u32, now: DateTime<Utc>) -> bool {
    let oldest = now.date_naive().checked_sub_months(Months::new(kept.saturating_add(1)));
    first_day(month).zip(oldest).is_some_and(|(month, oldest)| month <= oldest)
}

/// How many months the settings in `tree` keep access chains; none where they cannot be read.
pub fn months_kept(repo: &Repo, tree: Oid) -> Option<u32> {
    let blob = repo.root_entry(tree, "carnet.toml").ok()??;
    let text = String::from_utf8(repo.blob(blob).ok()?).ok()?;
    Some(Settings::parse(&text).ok()?.retention.access_months)
}

/// The same, with the rule that holds where nothing else is said.
pub fn months_kept_or_default(repo: &Repo, tree: Oid) -> u32 {
    months_kept(repo, tree).unwrap_or_else(|| Retention::default().access_months)
}

/// Chains that were dropped because the rule keeps so many months.
#[derive(Clone, Copy, Debug)]
pub struct Dropped {
    pub chains: usize,
    pub kept: u32,
}

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let s = if self.chains == 1 { "" } else { "s" };
        write!(
            f,
            "Access entries are kept for {} month(s) (carnet.toml): {} older chain{s} dropped.",
            self.kept, self.chains
        )
    }
}

impl Vault {
    /// The last entries of this member's chains.
    pub(super) fn own_ends(&self) -> Result<Ends> {
        let me = self.me.handle.as_str();
        let own = self.repo.chains(ACCESS_REFS)?.into_iter().filter(|chain| chain.member == me);
        Ok(own.map(|chain| (chain.month, chain.tip)).collect())
    }

    /// Chains that are kept longer than the rule says, in order of month. Where the rule cannot be read there are none.
    pub fn past_chains(&self, prefix: &str) -> Result<Vec<Tip>> {
        let Some(kept) = months_kept(&self.repo, self.snapshot()?.tree) else { return Ok(Vec::new()) };
        let mut chains = self.repo.chains(prefix)?;
        chains.retain(|chain| is_past(&chain.month, kept, self.now));
        Ok(chains)
    }

    /// Drops the chains of months beyond the rule, and what is remembered of remotes' ones.
    ///
    /// The lock is held. The end of this member's last chain is named first by a chain that stays.
    pub(super) fn drop_past_chains(&self) -> Result<Option<Dropped>> {
        let past = self.past_chains(ACCESS_REFS)?;
        let last = self.own_ends()?.pop_last();
        if last.is_some_and(|(month, _)| past.iter().any(|chain| chain.month == month)) {
            self.append(&Entry::new("access: link", LINK))?;
        }
        self.drop_chains(&past)
    }

    fn drop_chains(&self, past: &[Tip]) -> Result<Option<Dropped>> {
        let Some(kept) = months_kept(&self.repo, self.snapshot()?.tree) else { return Ok(None) };
        for chain in past {
            self.repo.drop_chain(&chain.refname)?;
        }
        for (refname, _) in self.repo.refs(TRACKED_ACCESS)? {
            let rest = refname.split_once("/access/").and_then(|(_, rest)| named(rest));
            if rest.is_some_and(|(month, _)| is_past(month, kept, self.now)) {
                self.repo.drop_ref(&refname)?;
            }
        }
        Ok((!past.is_empty()).then_some(Dropped { chains: past.len(), kept }))
    }

    /// Appends an entry to this member's chain, with the clone that it is written in; returns it. The lock is held.
    ///
    /// With the first entry of a month, months beyond the rule are dropped.
    pub(super) fn append_access(&self, entry: Entry) -> Result<Oid> {
        let (id, began) = self.append(&entry)?;
        if began {
            let dropped = self.drop_chains(&self.past_chains(ACCESS_REFS)?)?;
            if let (Some(dropped), Some(tell)) = (dropped, &self.tell) {
                tell(&dropped.to_string());
            }
        }
        Ok(id)
    }

    /// Appends an entry; its id, and whether it began a chain.
    fn append(&self, entry: &Entry) -> Result<(Oid, bool)> {
        let mut ends = self.own_ends()?;
        let month = month_of(self.now);
        let tip = ends.get(&month).copied();
        let mut entry = entry.clone();
        entry.assert_known();
        entry.clone = Some(self.clone_id()?);
        if tip.is_none() {
            let before = ends.range(..month.clone()).next_back();
            entry.follows = before.map(|(month, tip)| follows(month, *tip));
        }
        let new = self.repo.write_entry(tip, &self.author(), &entry.message(), &|data| self.sign(data))?;
        self.repo.move_chain(&self.own_ref(&month), tip, new)?;
        self.repo.unpack_entry(&self.own_ref(&month), tip, new);
        ends.insert(month.clone(), new);
        if ends.keys().next_back() > Some(&month) {
            // The command began before the month was over, or the clock was put back.
            for (refname, old, new) in self.link(&mut ends, vec![month])? {
                self.repo.move_chain(&refname, old, new)?;
            }
        }
        Ok((new, tip.is_none()))
    }

    pub(super) fn own_ref(&self, month: &str) -> String {
        chain_ref(month, self.me.handle.as_str())
    }

    /// Writes entries that name the ends of these months, behind this member's newest chain or in one of this month.
    ///
    /// `ends` are the ends as they will be, and are brought up to date; gives the move to be made.
    pub(super) fn link(
        &self,
        ends: &mut Ends,
        mut months: Vec<String>,
    ) -> Result<Vec<(String, Option<Oid>, Oid)>> {
        let Some(newest) = ends.keys().next_back().cloned() else { return Ok(Vec::new()) };
        let month = month_of(self.now).max(newest.clone());
        if month > newest && !months.contains(&newest) {
            months.push(newest);
        }
        let old = ends.get(&month).copied();
        let mut author = self.author();
        if let Some(tip) = old {
            author.time = author.time.max(self.repo.commit(tip)?.time);
        }
        for named in months {
            let Some(end) = ends.get(&named).copied() else { continue };
            let mut entry = Entry::new("access: link", LINK);
            entry.clone = Some(self.clone_id()?);
            entry.follows = Some(follows(&named, end));
            let tip = ends.get(&month).copied();
            let new = self.repo.write_entry(tip, &author, &entry.message(), &|data| self.sign(data))?;
            ends.insert(month.clone(), new);
        }
        let new = ends.get(&month).copied().filter(|new| Some(*new) != old);
        Ok(new.map(|new| (self.own_ref(&month), old, new)).into_iter().collect())
    }

    /// Whether the end of a month's chain is named by no later entry, although nothing that is named is missing:
    /// the chain grew. Where something is missing, no link may hide it.
    pub(super) fn has_grown(&self, ends: &Ends, month: &str) -> Result<bool> {
        let Some(end) = ends.get(month) else { return Ok(false) };
        let later: Vec<Oid> = ends.iter().filter(|(m, _)| m.as_str() > month).map(|(_, tip)| *tip).collect();
        if later.is_empty() {
            return Ok(false);
        }
        for node in self.repo.history(&later).nodes {
            let message = self.repo.signed(node.id)?.message();
            let Some(named) = Entry::parse(&message).and_then(|entry| entry.follows) else { continue };
            if named.month.as_deref().is_some_and(|m| m != month) {
                continue;
            }
            let tip = Oid::from_str(&named.tip).ok();
            let here = tip.map(|tip| self.repo.contains(*end, tip)).transpose()?.unwrap_or(false);
            if tip == Some(*end) || (!here && named.month.is_some()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Moves several chains as one step that the next command finishes. The lock is held.
    pub(super) fn move_chains(&self, moves: Vec<(String, Option<Oid>, Oid)>) -> Result<()> {
        use crate::store::journal::{self, Plan};
        if moves.is_empty() {
            return Ok(());
        }
        let plan = Plan { chains: moves, ..Plan::default() };
        journal::begin(&self.private_dir(), &plan)?;
        self.finish_chains(&plan.chains)?;
        journal::end(&self.private_dir())
    }

    /// Moves the chains that are still where they were.
    pub(super) fn finish_chains(&self, moves: &[(String, Option<Oid>, Oid)]) -> Result<()> {
        for (name, old, new) in moves {
            if self.repo.ref_target(name)? == *old {
                self.repo.move_chain(name, *old, *new)?;
            }
        }
        Ok(())
    }

    /// The author of an entry that was written before, and is written again behind others.
    pub(super) fn same_author(&self, entry: &crate::store::repo::CommitInfo) -> Author {
        Author { name: entry.author.clone(), email: entry.email.clone(), time: entry.time }
    }
}

fn follows(month: &str, tip: Oid) -> Follows {
    Follows { tip: tip.to_string(), month: Some(month.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_past_when_all_of_it_is_older_than_the_rule() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert!(!is_past("2025-11", 12, at("2026-11-30T23:59:59Z")));
        assert!(is_past("2025-11", 12, at("2026-12-01T00:00:00Z")));
        assert!(is_past("2025-10", 12, at("2026-11-01T00:00:00Z")));
        assert!(!is_past("2026-11", 0, at("2026-11-30T00:00:00Z")));
        assert!(is_past("2026-10", 0, at("2026-11-01T00:00:00Z")));
        assert!(!is_past("2027-01", 0, at("2026-11-01T00:00:00Z")));
        assert!(!is_past("someday", 0, at("2026-11-01T00:00:00Z")));
    }
}
