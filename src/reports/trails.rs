//! The two trails as rows, newest first: reads from the access chains, changes from the branch.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::domain::ids::Slug;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::chain::ACCESS_REFS;
use crate::store::repo::CommitInfo;
use crate::store::{Oid, Repo};
use crate::vault::history::unpack_chains;
use crate::vault::{Me, Snapshot};

/// One entry of a trail.
#[derive(Clone, Debug)]
pub struct Step {
    pub commit: Oid,
    /// Seconds since 1970.
    pub time: i64,
    /// Handle of the member, where it is known.
    pub member: Option<Slug>,
    /// `None` for a commit that was not made by carnet.
    pub entry: Option<Entry>,
}

/// Both trails.
#[derive(Clone, Debug, Default)]
pub struct Trails {
    pub accesses: Vec<Step>,
    pub changes: Vec<Step>,
    /// Months (`YYYY-MM`) that still have an access chain, oldest first.
    pub months: Vec<String>,
}

impl Trails {
    /// Reads the trails as they are at `at`, each commit once.
    ///
    /// The entry of a report built in this very second is left out: it is this report's own, and two builds
    /// of one commit at one moment must not differ by it.
    pub fn read(repo: &Repo, me: &Me, now: i64, at: Snapshot) -> Result<Trails> {
        let mut trails = Trails::default();
        let mut handles = BTreeMap::from([(me.email.clone(), me.handle.clone())]);
        let refs = repo.refs(ACCESS_REFS)?;
        let read = repo.dealt_out(&refs, |repo, (name, tip)| {
            let Some((month, member)) = chain(name) else { return None };
            let (mut steps, mut addresses) = (Vec::new(), BTreeSet::new());
            let seen = repo.each_entry(name, *tip, |commit| {
                if !addresses.contains(&commit.email) {
                    addresses.insert(commit.email.clone());
                }
                steps.push(step(commit, Some(member.clone())));
            });
            steps.retain(|s| s.time != now || s.entry.as_ref().is_none_or(|e| e.action != "report"));
            Some((month, member, steps, addresses, seen))
        })?;
        let stale = refs
            .iter()
            .zip(&read)
            .filter_map(|(chain, read)| Some((chain, read.as_ref()?.4.fresh.as_ref()?)));
        unpack_chains(repo, &stale.collect::<Vec<_>>(), &refs);
        for (month, member, mut steps, addresses, seen) in read.into_iter().flatten() {
            if seen.unreadable > 0 {
                return Err(Error::failed("an entry of the access trail cannot be read")
                    .at(format!("{month}/{member}"))
                    .hint("see what is damaged with `carnet verify`"));
            }
            // A member's chain is signed by that member: it tells whose the address in commits is.
            for address in addresses {
                handles.entry(address).or_insert_with(|| member.clone());
            }
            if !steps.is_empty() && trails.months.last() != Some(&month) {
                trails.months.push(month);
            }
            trails.accesses.append(&mut steps);
        }
        trails.accesses.sort_by_key(|s| std::cmp::Reverse(s.time));
        for id in repo.walk(&[at.commit])? {
            let commit = repo.commit(id)?;
            let member = handles.get(&commit.email).cloned();
            trails.changes.push(step(commit, member));
        }
        Ok(trails)
    }

    /// The commit that erased a contact.
    pub fn erasure_of(&self, id: &crate::domain::ids::ContactId) -> Option<Oid> {
        let erased = |e: &Entry| e.action == "erase" && e.contacts.contains(id);
        self.changes.iter().find(|s| s.entry.as_ref().is_some_and(erased)).map(|s| s.commit)
    }

    /// When one of these actions last changed something.
    pub fn last_change(&self, test: impl Fn(&str) -> bool) -> Option<i64> {
        self.changes.iter().find(|s| s.entry.as_ref().is_some_and(|e| test(&e.action))).map(|s| s.time)
    }
}

fn step(commit: CommitInfo, member: Option<Slug>) -> Step {
    Step { commit: commit.id, time: commit.time, member, entry: Entry::parse(&commit.message) }
}

/// The month and member that an access chain's ref names.
fn chain(name: &str) -> Option<(String, Slug)> {
    let (month, member) = name.strip_prefix(ACCESS_REFS)?.split_once('/')?;
    NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok()?;
    Some((month.to_owned(), member.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_chain_of_a_month_and_a_member_counts() {
        let (month, member) = chain("refs/carnet/access/2026-11/ana").unwrap();
        assert_eq!((month.as_str(), member.as_str()), ("2026-11", "ana"));
        for bad in
            ["refs/carnet/access/2026-13/ana", "refs/carnet/access/x/ana", "refs/carnet/access/2026-11/A"]
        {
            assert!(chain(bad).is_none(), "{bad}");
        }
    }
}
