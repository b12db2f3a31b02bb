//! Whether the chains of a member hang together from month to month.
//!
//! Nobody but the member can make an entry, but whoever holds the repository can cut entries off a chain's end or drop
//! a chain. Two things must therefore hold: whatever an entry names as the end of an earlier chain is there, unless
//! that month is so old that it was dropped by rule; and the end of each chain but the newest is named by an entry of
//! a later one. A month may have grown after a later one began (another machine of the same member synced late);
//! then a further entry names its new end, see [`crate::vault::chains`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::DateTime;

use super::chains::{Chain, Known};
use super::report::{Problem, Report};
use super::short;
use crate::domain::trailer::Follows;
use crate::store::signed::Node;
use crate::store::{Oid, Repo};
use crate::vault::chains::{is_past, month_of, months_kept};

const HINT: &str = "compare the chain with a colleague's clone or the remote: entries may have been removed";

/// Checks that each chain is tied to those before it. `chains` are in order of month.
pub fn check(repo: &Repo, chains: &[Chain], known: &Known<'_>, report: &mut Report) {
    let mut members: BTreeMap<&str, Vec<&Chain>> = BTreeMap::new();
    for chain in chains {
        members.entry(&chain.member).or_default().push(chain);
    }
    let mut beyond = 0;
    for own in members.values() {
        let mut missing: BTreeSet<Option<&str>> = BTreeSet::new();
        for (at, chain) in own.iter().enumerate() {
            let earlier = own.get(..at).unwrap_or_default();
            for (entry, follows) in &chain.links {
                match ending(repo, follows, earlier, known) {
                    Ending::There => {}
                    Ending::Dropped => beyond += 1,
                    Ending::Missing(message) => {
                        missing.insert(follows.month.as_deref());
                        report.problem(
                            Problem::commit("broken-chain", *entry, message, HINT).on(&chain.refname),
                        );
                    }
                }
            }
        }
        for (at, chain) in own.iter().enumerate() {
            let later = own.get(at + 1..).unwrap_or_default();
            let end = chain.tip.to_string();
            let named = || later.iter().flat_map(|c| &c.links).any(|(_, follows)| follows.tip == end);
            // Where a later month is missing, so is the entry that named this one's end.
            let said = missing.iter().any(|month| month.is_none_or(|month| month >= chain.month.as_str()));
            if !later.is_empty() && !said && !named() {
                let message = "no later entry names it, and it is the last of its month: entries after it may have \
                               been removed, or this month's chain put here";
                let hint = "`carnet sync` or `carnet doctor --repair` at the member's own clone ties a month that grew late; \
                            otherwise compare with a colleague's clone";
                report.problem(Problem::commit("broken-chain", chain.tip, message, hint).on(&chain.refname));
            }
        }
    }
    if beyond > 0 {
        report.not_checked(
            format!("the access entries before {beyond} chain(s) that follow one that is not here"),
            "months beyond the retention period are dropped whole",
        );
    }
}

/// What became of an entry that a later one names.
enum Ending {
    There,
    /// Its month is beyond the rule, or was under an earlier rule.
    Dropped,
    Missing(String),
}

fn ending(repo: &Repo, follows: &Follows, earlier: &[&Chain], known: &Known<'_>) -> Ending {
    let Ok(tip) = Oid::from_str(&follows.tip) else {
        return Ending::Missing("what it names as the end of an earlier chain is no entry's id".into());
    };
    let home = earlier.iter().rev().find(|chain| chain.ids.contains(&tip));
    let month = match (&follows.month, home) {
        (Some(month), Some(home)) if *month != home.month => {
            let message = format!("it names {month} as the month of an entry of {}", home.refname);
            return Ending::Missing(message);
        }
        (_, Some(_)) => return Ending::There,
        (Some(month), None) => Some(month.clone()),
        (None, None) => {
            let time = repo.commit(tip).ok().and_then(|last| DateTime::from_timestamp(last.time, 0));
            time.map(month_of)
        }
    };
    let cut = month.as_ref().and_then(|month| earlier.iter().rev().find(|chain| chain.month == *month));
    match (month, cut, earlier.last()) {
        (_, Some(chain), _) => Ending::Missing(format!(
            "entry {}, which it names, is not in {} (which now ends with {})",
            short(tip),
            chain.refname,
            short(chain.tip)
        )),
        (Some(month), ..) if may_be_gone(repo, &month, known) => Ending::Dropped,
        (Some(month), ..) => Ending::Missing(format!(
            "the chain of {month}, whose end it names, is gone before the {} months are over",
            known.kept
        )),
        // Of which month it was is not known: only what was before everything else can have been dropped by rule.
        (None, _, None) => Ending::Dropped,
        (None, _, Some(chain)) => Ending::Missing(format!(
            "it follows another entry than the last of {} (now {})",
            chain.refname,
            short(chain.tip)
        )),
    }
}

/// Whether a month's chains may have been dropped by the rule, as it is now or as it was at some time before.
fn may_be_gone(repo: &Repo, month: &str, known: &Known<'_>) -> bool {
    if is_past(month, known.kept, known.now) {
        return true;
    }
    let nodes = known.tip.map(|tip| repo.history(&[tip]).nodes).unwrap_or_default();
    let kept: HashMap<Oid, Option<u32>> =
        nodes.iter().map(|node| (node.id, months_kept(repo, node.tree))).collect();
    // A rule was in force until the commit that changed it. What is dated in the future has let nothing go yet.
    let was_past = |node: &Node| {
        if node.time > known.last() {
            return false;
        }
        let Some(until) = DateTime::from_timestamp(node.time, 0) else { return false };
        let rules = node.parents.iter().filter_map(|parent| kept.get(parent).copied().flatten());
        rules.into_iter().any(|kept| is_past(month, kept, until))
    };
    nodes.iter().any(was_past)
}
