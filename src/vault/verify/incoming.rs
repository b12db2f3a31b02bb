//! What a server checks of a push before it accepts it: the new commits and entries alone, without any key.

use std::time::SystemTime;

use chrono::{DateTime, Utc};

use super::report::{Problem, Report};
use super::rules::AllRules;
use super::{chains, commits};
use crate::domain::policy::Policy;
use crate::error::Result;
use crate::store::{Oid, Repo};

/// Problems of the commits that bring the branch from `known` (`None`: from nothing) to `tip`.
pub fn commit_problems(
    repo: &Repo,
    tip: Oid,
    known: Option<Oid>,
    now: DateTime<Utc>,
) -> Result<Vec<Problem>> {
    let now: SystemTime = now.into();
    let (mut rules, mut report) = (AllRules::new(now), Report::default());
    commits::check_since(repo, tip, known.as_slice(), &mut rules, &mut report)?;
    Ok(sorted(report))
}

/// New entries of an access chain.
#[derive(Clone, Copy, Debug)]
pub struct NewEntries<'a> {
    pub refname: &'a str,
    pub old: Option<Oid>,
    pub new: Oid,
}

/// Problems of new entries, by the signing policies of the branch whose tip is `branch`.
///
/// The policy at the tip nearly always knows who signed; all older ones are read only where it does not.
pub fn chain_problems(
    repo: &Repo,
    entries: NewEntries<'_>,
    branch: Oid,
    now: DateTime<Utc>,
) -> Result<Vec<Problem>> {
    let latest: Vec<Oid> = repo.root_entry(repo.tree_of(branch)?, Policy::PATH)?.into_iter().collect();
    let problems = by_policies(repo, entries, &latest, now)?;
    if problems.is_empty() {
        return Ok(problems);
    }
    let mut all: Vec<Oid> = Vec::new();
    for node in repo.history(&[branch]).nodes {
        all.extend(repo.root_entry(node.tree, Policy::PATH)?.filter(|blob| !all.contains(blob)));
    }
    by_policies(repo, entries, &all, now)
}

fn by_policies(
    repo: &Repo,
    entries: NewEntries<'_>,
    policies: &[Oid],
    now: DateTime<Utc>,
) -> Result<Vec<Problem>> {
    let (mut rules, mut report) = (AllRules::new(now.into()), Report::default());
    policies.iter().for_each(|blob| rules.learn(repo, *blob));
    // How many months are kept plays no part for entries that come in.
    let known = chains::Known { rules: &rules, policies, now, kept: 0, tip: None };
    chains::check_new(repo, entries, &known, &mut report)?;
    Ok(sorted(report))
}

fn sorted(mut report: Report) -> Vec<Problem> {
    report.problems.sort();
    report.problems.dedup();
    report.problems
}
