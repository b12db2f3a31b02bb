//! The change trail: every commit of the branch, its signature, its author's right, and policy changes.
//!
//! The rule is stricter than sequoia-git's, which accepts a merge as soon as one parent authorises it, and with it
//! whatever the merge brings: here **each** commit is signed by a member whom the policy at **every** one of its
//! parents lets sign. A retired member can so not come back through a merge of an older branch, and a newcomer's
//! merge of a branch that does not know them yet has to be made by somebody whom both sides know. The branch's
//! first commit is authorised by its own policy; a second root would bring its own rules and is a problem.

use std::collections::{HashMap, HashSet};

use super::policy_merge::merged;
use super::report::{Problem, Report};
use super::rules::{AllRules, Rights, rights_for};
use super::short;
use crate::crypto::verify::Unsound;
use crate::domain::policy::Policy;
use crate::error::Result;
use crate::store::signed::{History, Node, Signed};
use crate::store::{Oid, Repo};

/// What the branch said, for the other checks.
#[derive(Default)]
pub struct Branch {
    pub root: Option<Oid>,
    /// Every commit that was met, and its time.
    pub times: Times,
    /// Every version of the policy, newest first.
    pub policies: Vec<Oid>,
    /// Fingerprint of the certificate that soundly signed each commit; before a purge, where one wrote it again.
    pub signers: HashMap<Oid, String>,
    /// What purges wrote again: the commit that is there now, for each that was.
    pub purged: HashMap<Oid, Oid>,
}

/// When commits were made, by their committers, in seconds since 1970.
pub(super) type Times = HashMap<Oid, i64>;

/// The policy blob at each readable commit.
pub(super) type PolicyAt = HashMap<Oid, Option<Oid>>;

/// Checks every commit reachable from `tip`.
pub fn check(repo: &Repo, tip: Oid, rules: &mut AllRules, report: &mut Report) -> Result<Branch> {
    check_since(repo, tip, &[], rules, report)
}

/// Checks the commits that are reachable from `tip` and from none of `known`, which count as checked with all before
/// them; all where there is none.
pub fn check_since(
    repo: &Repo,
    tip: Oid,
    known: &[Oid],
    rules: &mut AllRules,
    report: &mut Report,
) -> Result<Branch> {
    let history = match known {
        [] => repo.history(&[tip]),
        known => History { nodes: repo.since(tip, known)?, unreadable: Vec::new() },
    };
    for (id, why) in &history.unreadable {
        report.problem(Problem::commit(
            "missing-commit",
            *id,
            format!("it cannot be read: {why}"),
            "fetch it from another clone (`git fetch`, `git fetch --unshallow`)",
        ));
    }
    let nodes = &history.nodes;
    let mut branch = Branch { root: root_of(tip, nodes), ..Branch::default() };
    branch.times = nodes.iter().map(|node| (node.id, node.time)).collect();
    // Named by a child, so that it was there; when, nobody can say.
    branch.times.extend(history.unreadable.iter().map(|(id, _)| (*id, 0)));
    check_roots(nodes, branch.root, report);

    let found = repo.in_parallel(nodes, |repo, node| repo.root_entry(node.tree, Policy::PATH))?;
    let mut policy_at = PolicyAt::with_capacity(nodes.len());
    let mut met = HashSet::new();
    for (node, found) in nodes.iter().zip(found) {
        match found {
            Ok(policy) => {
                policy_at.insert(node.id, policy);
                for blob in policy.into_iter().filter(|blob| met.insert(*blob)) {
                    rules.learn(repo, blob);
                    branch.policies.push(blob);
                }
            }
            Err(e) => report.problem(Problem::commit(
                "damaged-tree",
                node.id,
                format!("its tree cannot be read: {e}"),
                "`git fsck` names what is damaged; fetch it from another clone",
            )),
        }
    }

    if !known.is_empty() {
        for id in beyond(repo, nodes) {
            let Ok(tree) = repo.tree_of(id) else { continue };
            let policy = repo.root_entry(tree, Policy::PATH)?;
            policy.into_iter().for_each(|blob| rules.learn(repo, blob));
            policy_at.insert(id, policy);
            branch.times.insert(id, repo.commit(id)?.time);
        }
    }

    let rules: &AllRules = rules;
    let originals = super::purges::check(repo, (tip, known), nodes, (&policy_at, rules), report)?;
    let verdicts =
        repo.in_parallel(nodes, |repo, node| match (originals.of(node.id), repo.signed(node.id)) {
            // A commit that a purge wrote again says what its author signed, and is judged by that.
            (Some(signed), Ok(_)) => judge(node, signed, (&policy_at, &branch.times), rules),
            (None, Ok(signed)) => judge(node, &signed, (&policy_at, &branch.times), rules),
            (_, Err(e)) => {
                Verdict::of(Problem::commit("missing-commit", node.id, e.to_string(), "run `git fsck`"))
            }
        })?;
    let mut signers = HashMap::new();
    for (node, verdict) in nodes.iter().zip(verdicts) {
        report.problems.extend(verdict.problems);
        check_policy_change(repo, node, verdict.signer.as_deref(), &policy_at, rules, report);
        signers.extend(verdict.signer.map(|signer| (node.id, signer)));
    }
    super::books::check(repo, nodes, &signers, rules, report)?;
    super::ledger::check(repo, tip, nodes, report)?;
    report.counts.commits = nodes.len();
    branch.signers = signers;
    branch.purged = originals.pairs().clone();
    Ok(branch)
}

/// The commits whose policy decides over `nodes` and that are none of them: parents, and what a merge's sides share.
fn beyond(repo: &Repo, nodes: &[Node]) -> HashSet<Oid> {
    let here: HashSet<Oid> = nodes.iter().map(|node| node.id).collect();
    let merges = nodes.iter().filter(|node| node.parents.len() > 1);
    let shared = merges.filter_map(|node| repo.common_ancestor(&node.parents).ok().flatten());
    let parents = nodes.iter().flat_map(|node| node.parents.iter().copied());
    parents.chain(shared).filter(|id| !here.contains(id)).collect()
}

/// The end of the line of first parents.
fn root_of(tip: Oid, nodes: &[Node]) -> Option<Oid> {
    let first: HashMap<Oid, Option<Oid>> = nodes.iter().map(|n| (n.id, n.parents.first().copied())).collect();
    let mut at = tip;
    while let Some(parent) = first.get(&at)? {
        at = *parent;
    }
    Some(at)
}

fn check_roots(nodes: &[Node], root: Option<Oid>, report: &mut Report) {
    for node in nodes.iter().filter(|n| n.parents.is_empty() && Some(n.id) != root) {
        report.problem(Problem::commit(
            "second-root",
            node.id,
            "a second first commit was merged in: it brings a signing policy of its own",
            "find who merged it (`git log --merges`), and take its changes over as new commits",
        ));
    }
}

#[derive(Default)]
struct Verdict {
    problems: Vec<Problem>,
    /// Fingerprint of the certificate that soundly signed.
    signer: Option<String>,
}

impl Verdict {
    fn of(problem: Problem) -> Verdict {
        Verdict { problems: vec![problem], signer: None }
    }
    /// The same reason at two parents is one problem.
    fn add(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

/// Checks one commit against the policy at each of its parents, or its own where it is the first.
fn judge(node: &Node, signed: &Signed, (policy_at, times): (&PolicyAt, &Times), rules: &AllRules) -> Verdict {
    let Some(signature) = &signed.signature else {
        return Verdict::of(Problem::commit("unsigned", node.id, "it is not signed", UNTRUSTED));
    };
    let mut verdict = Verdict::default();
    let after = rules.latest(node.parents.iter().filter_map(|parent| times.get(parent).copied()));
    let authorities = if node.parents.is_empty() { std::slice::from_ref(&node.id) } else { &node.parents };
    let mut asked = HashSet::new();
    for authority in authorities {
        let bad = |kind, message: String| Problem::commit(kind, node.id, message, UNTRUSTED);
        let Some(policy) = policy_at.get(authority) else {
            let message =
                format!("its parent {} cannot be read, so nothing authorises it", short(*authority));
            verdict.add(bad("unauthorised", message));
            continue;
        };
        if !asked.insert(policy) {
            continue;
        }
        let Some(policy) = policy else {
            let message = format!("there is no signing policy at {} to authorise it", short(*authority));
            verdict.add(bad("no-policy", message));
            continue;
        };
        match rules.get(*policy) {
            Err(why) => {
                let message = format!("the signing policy at {} cannot be used: {why}", short(*authority));
                verdict.add(bad("bad-policy", message));
            }
            Ok(rules) => match rules.verifier.check_later(signature, &signed.payload, after) {
                Err(Unsound::UnknownKey(id)) => {
                    let message = format!("signed by key {id}, which no member had at {}", short(*authority));
                    verdict.add(bad("unknown-signer", message));
                }
                Err(unsound) => verdict.add(bad("bad-signature", unsound.to_string())),
                Ok(signer) => {
                    if !rules.may_commit(&signer) {
                        let message = format!(
                            "key {signer} is not authorised to sign commits at {}",
                            short(*authority)
                        );
                        verdict.add(bad("unauthorised", message));
                    }
                    verdict.signer = Some(signer);
                }
            },
        }
    }
    verdict
}

const UNTRUSTED: &str =
    "`git show --show-signature COMMIT` shows it; have an authorised member make the change again";

/// Checks that whoever changed the signing policy could.
fn check_policy_change(
    repo: &Repo,
    node: &Node,
    signer: Option<&str>,
    policy_at: &PolicyAt,
    rules: &AllRules,
    report: &mut Report,
) {
    let Some(own) = policy_at.get(&node.id) else { return };
    let before: Vec<Option<Oid>> = node.parents.iter().filter_map(|p| policy_at.get(p).copied()).collect();
    if before.iter().all(|policy| policy == own) && !(node.parents.is_empty() && own.is_none()) {
        return;
    }
    let hint = "have a member who may add and retire users restore openpgp-policy.toml";
    let mut bad = |kind, message: String| report.problem(Problem::commit(kind, node.id, message, hint));
    let Some(own) = own else {
        return bad("no-policy", "it has no signing policy (openpgp-policy.toml)".into());
    };
    let new = match rules.get(*own) {
        Ok(new) => &new.policy,
        Err(why) => return bad("bad-policy", format!("its signing policy cannot be used: {why}")),
    };
    let sides: Vec<_> = before.iter().flatten().filter_map(|policy| rules.get(*policy).ok()).collect();
    if sides.len() < before.len() {
        return bad("policy-change", "it changes a signing policy that could not be used before".into());
    }
    let mut needed = Rights::default();
    let own: Vec<String> = signer
        .map(|s| sides.iter().flat_map(|side| side.handles_of(s)).cloned().collect())
        .unwrap_or_default();
    let base = match &sides[..] {
        [_] => None,
        _ => repo.common_ancestor(&node.parents).ok().flatten().and_then(|base| policy_at.get(&base)),
    };
    match base.copied().flatten().and_then(|policy| rules.get(policy).ok()) {
        Some(base) => {
            let policies: Vec<&Policy> = sides.iter().map(|s| &s.policy).collect();
            let expected = merged(&base.policy, &policies);
            needed = needed.or(rights_for(&expected.policy, new, &own));
            needed.add_user |= !expected.undecided.is_empty();
            needed.retire_user |= !expected.undecided.is_empty();
        }
        None => needed = sides.iter().fold(needed, |n, side| n.or(rights_for(&side.policy, new, &own))),
    }
    let mut missing: Vec<&str> = sides
        .iter()
        .flat_map(|side| needed.missing_from(signer.map(|s| side.rights(s)).unwrap_or_default()))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    if !missing.is_empty() {
        let message = format!("it changes the signing policy without the right to: {}", missing.join(", "));
        bad("policy-change", message);
    }
}
