//! Records of purges: that each is proven, was signed by somebody with the right to it, and stays as it was written.

use std::collections::{BTreeMap, HashSet};

use super::commits::PolicyAt;
use super::report::{Problem, Report};
use super::rules::{AllRules, Rules};
use super::short;
use crate::domain::purge::DIR;
use crate::error::Result;
use crate::store::signed::Node;
use crate::store::{Oid, Repo};
use crate::vault::purge::originals::{Originals, Record};

const HINT: &str =
    "`git log --show-signature -- registers/purges` shows who changed it; compare with a colleague's clone";

/// Checks the records at `tip`, and gives the commits that they stand for. With a `known` commit only what came
/// after it is looked at; no purge rewrites what is before.
pub fn check(
    repo: &Repo,
    (tip, known): (Oid, &[Oid]),
    nodes: &[Node],
    (policy_at, rules): (&PolicyAt, &AllRules),
    report: &mut Report,
) -> Result<Originals> {
    let Ok(tree) = repo.tree_of(tip) else { return Ok(Originals::default()) };
    let dir = |tree: Oid| repo.entry(tree, DIR);
    let now = dir(tree)?;
    check_kept(repo, nodes, now, report)?;
    for known in known {
        if dir(repo.tree_of(*known)?)? == now {
            return Ok(Originals::default());
        }
    }
    let originals = Originals::read(repo, tree)?;
    report.problems.extend(originals.problems.iter().cloned());
    let mut sound = Vec::new();
    for record in &originals.records {
        let tip = Oid::from_str(&record.purge.new_tip).ok();
        let tip = tip.map(|id| originals.now(id).unwrap_or(id));
        let policy = tip.and_then(|tip| policy_at.get(&tip).copied().flatten());
        let signer = match policy.map(|blob| rules.get(blob)) {
            Some(Ok(rules)) => signed_by(record, rules),
            _ => Err("the signing policy that it was made under cannot be read".to_owned()),
        };
        if let Err(why) = &signer {
            report.problem(Problem::path("bad-purge", &record.path, why.clone(), HINT));
        }
        sound.push(signer.ok().zip(policy));
    }
    for again in &originals.again {
        let Some(Some((signer, policy))) = sound.get(again.record) else { continue };
        let checked = match (&again.signed.signature, rules.get(*policy)) {
            (Some(signature), Ok(rules)) => {
                rules.verifier.check(signature, &again.signed.payload).map_err(|e| e.to_string())
            }
            _ => Err("it is not signed".to_owned()),
        };
        let why = match checked {
            Ok(by) if by == *signer => continue,
            Ok(by) => format!("it was written again by key {by}, which is not the purge's"),
            Err(why) => format!("the purge's signature on it is not sound: {why}"),
        };
        report.problem(Problem::commit("false-purge", again.now, why, HINT));
    }
    Ok(originals)
}

/// Fingerprint of whoever signed a record, if they could.
fn signed_by(record: &Record, rules: &Rules) -> Result<String, String> {
    let signature = record.signature.as_deref().ok_or("it has no signature")?;
    let by = rules.verifier.check(signature, &record.text).map_err(|e| e.to_string())?;
    match () {
        () if by != record.purge.key => Err(format!("it is signed by key {by} and names another")),
        () if !rules.may_commit(&by) || !rules.rights(&by).add_user => {
            Err(format!("key {by} had not the right to purge: it may not add users"))
        }
        () => Ok(by),
    }
}

/// Checks that no commit takes a record away or changes it.
fn check_kept(repo: &Repo, nodes: &[Node], now: Option<Oid>, report: &mut Report) -> Result<()> {
    let found = repo.in_parallel(nodes, |repo, node| repo.entry(node.tree, DIR).ok().flatten())?;
    let mut seen: HashSet<Oid> = now.into_iter().collect();
    let files = |dir: Option<Oid>| -> BTreeMap<String, Oid> {
        let list = dir.and_then(|dir| repo.list_tree(dir).ok()).unwrap_or_default();
        list.into_iter().map(|entry| (entry.path, entry.id)).collect()
    };
    let at_tip = files(now);
    for (node, dir) in nodes.iter().zip(found) {
        let Some(dir) = dir.filter(|dir| seen.insert(*dir)) else { continue };
        for (name, id) in files(Some(dir)) {
            if at_tip.get(&name) != Some(&id) {
                let what = format!(
                    "it was otherwise at commit {}, or is gone: a record stays as it is",
                    short(node.id)
                );
                report.problem(Problem::path("bad-purge", &format!("{DIR}/{name}"), what, HINT));
            }
        }
    }
    Ok(())
}
