//! The access trail: every entry of every chain under `refs/carnet/access/<YYYY-MM>/<member>`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::SystemTime;

use chrono::{DateTime, Months, NaiveDate, Utc};

use super::incoming::NewEntries;
use super::report::{Problem, Report};
use super::rules::AllRules;
use super::short;
use crate::crypto::Cert;
use crate::crypto::verify::Verifier;
use crate::domain::ids::Slug;
use crate::domain::trailer::Entry;
use crate::error::Result;
use crate::store::chain::ACCESS_REFS;
use crate::store::signed::Node;
use crate::store::{Oid, Repo};

/// A chain whose ref has a proper name.
struct Chain {
    refname: String,
    month: String,
    member: String,
    tip: Oid,
    /// `Carnet-Follows` of its first entry, and that entry.
    follows: Option<String>,
    first: Option<Oid>,
}

/// What a check of chains needs to know.
pub struct Known<'a> {
    pub rules: &'a AllRules,
    /// Every version of the policy, newest first.
    pub policies: &'a [Oid],
    pub now: DateTime<Utc>,
    /// How many months are kept.
    pub kept: u32,
}

/// Checks all access chains.
pub fn check(repo: &Repo, known: &Known<'_>, report: &mut Report) -> Result<()> {
    let empty_tree = Repo::empty_tree()?;
    let mut chains = chains(repo, report);
    let verifiers = verifiers(&chains, known);
    let policy_known = known.policies.iter().any(|blob| known.rules.get(*blob).is_ok());
    if !policy_known && !chains.is_empty() {
        report.not_checked("who signed the access entries", "no signing policy of the branch can be read");
    }
    let mut work: Vec<(usize, Node)> = Vec::new();
    for (at, chain) in chains.iter().enumerate() {
        if policy_known && !verifiers.contains_key(&chain.member) {
            report.problem(Problem::path(
                "unknown-member",
                &chain.refname,
                "no signing policy of the branch ever named this member",
                "`git log --show-signature REF` shows whose it is; a stranger's is dropped with `git update-ref -d REF`",
            ));
        }
        let history = repo.history(&[chain.tip]);
        for (id, why) in history.unreadable {
            let message = format!("the entry cannot be read: {why}");
            report.problem(
                Problem::commit("missing-entry", id, message, "fetch it from another clone")
                    .on(&chain.refname),
            );
        }
        work.extend(history.nodes.into_iter().map(|node| (at, node)));
    }
    let found = repo.in_parallel(&work, |repo, (at, node)| {
        chains.get(*at).map(|chain| entry(repo, chain, node, verifiers.get(&chain.member), empty_tree))
    })?;
    for ((at, node), checked) in work.iter().zip(found) {
        let (Some(chain), Some((problems, follows))) = (chains.get_mut(*at), checked) else { continue };
        if node.parents.is_empty() {
            (chain.first, chain.follows) = (Some(node.id), follows);
        }
        report.problems.extend(problems);
    }
    report.counts.access_entries = work.len();
    check_succession(repo, &chains, known, report);
    Ok(())
}

/// Checks entries that a push adds to a chain; where they begin and end in the trail is not looked at.
pub fn check_new(
    repo: &Repo,
    NewEntries { refname, old, new }: NewEntries<'_>,
    known: &Known<'_>,
    report: &mut Report,
) -> Result<()> {
    let Some((month, member)) = named(refname) else {
        report.problem(stray(refname));
        return Ok(());
    };
    let chain = Chain { refname: refname.to_owned(), month, member, tip: new, follows: None, first: None };
    let verifiers = verifiers(std::slice::from_ref(&chain), known);
    let Some(verifier) = verifiers.get(&chain.member) else {
        let message = "no signing policy of the branch ever named this member";
        report.problem(Problem::path("unknown-member", refname, message, "push the branch first"));
        return Ok(());
    };
    let empty_tree = Repo::empty_tree()?;
    let known: Vec<Oid> = old.into_iter().collect();
    let nodes = repo.since(new, &known)?;
    let found =
        repo.in_parallel(&nodes, |repo, node| entry(repo, &chain, node, Some(verifier), empty_tree))?;
    report.problems.extend(found.into_iter().flat_map(|(problems, _)| problems));
    Ok(())
}

/// Month and member of a chain's ref, where it has a proper name.
fn named(refname: &str) -> Option<(String, String)> {
    let (month, who) = refname.strip_prefix(ACCESS_REFS)?.split_once('/')?;
    (first_day(month).is_some() && who.parse::<Slug>().is_ok()).then(|| (month.to_owned(), who.to_owned()))
}

/// The month of a chain's ref.
pub fn month(refname: &str) -> Option<String> {
    named(refname).map(|(month, _)| month)
}

fn stray(refname: &str) -> Problem {
    Problem::path(
        "stray-ref",
        refname,
        "it is no access chain: those are named refs/carnet/access/YYYY-MM/MEMBER",
        "`git update-ref -d REF` drops it",
    )
}

/// The chains, in order of month.
fn chains(repo: &Repo, report: &mut Report) -> Vec<Chain> {
    let mut chains = Vec::new();
    let refs = repo.refs(ACCESS_REFS).unwrap_or_else(|e| {
        report.problem(Problem::error("unreadable-refs", ACCESS_REFS, &e));
        Vec::new()
    });
    for (refname, tip) in refs {
        match named(&refname) {
            Some((month, member)) => {
                chains.push(Chain { refname, month, member, tip, follows: None, first: None });
            }
            None => report.problem(stray(&refname)),
        }
    }
    chains
}

/// For each member with a chain, all the keys that the branch ever knew them by; the latest version counts.
fn verifiers(chains: &[Chain], known: &Known<'_>) -> HashMap<String, Verifier> {
    let members: BTreeSet<&str> = chains.iter().map(|chain| chain.member.as_str()).collect();
    let mut certs: HashMap<&str, Vec<Cert>> = HashMap::new();
    for rules in known.policies.iter().rev().filter_map(|blob| known.rules.get(*blob).ok()) {
        for who in &members {
            if let Some(ring) = rules.certs.get(*who) {
                certs.entry(who).or_default().extend(ring.iter().cloned());
            }
        }
    }
    let now: SystemTime = known.now.into();
    certs.into_iter().map(|(who, certs)| (who.to_owned(), Verifier::at(&certs, now))).collect()
}

/// Checks one entry; gives what it says that it follows.
fn entry(
    repo: &Repo,
    chain: &Chain,
    node: &Node,
    verifier: Option<&Verifier>,
    empty_tree: Oid,
) -> (Vec<Problem>, Option<String>) {
    let mut problems = Vec::new();
    let mut bad = |kind, message: &str| {
        let hint = "an entry cannot be mended; record in the register of breaches how it came about";
        problems.push(Problem::commit(kind, node.id, message, hint).on(&chain.refname));
    };
    let signed = match repo.signed(node.id) {
        Ok(signed) => signed,
        Err(e) => {
            bad("missing-entry", &format!("the entry cannot be read: {e}"));
            return (problems, None);
        }
    };
    match (&signed.signature, verifier) {
        (None, _) => bad("unsigned-entry", "the entry is not signed"),
        (Some(_), None) => {}
        (Some(signature), Some(verifier)) => {
            if let Err(unsound) = verifier.check(signature, &signed.payload) {
                bad("bad-entry-signature", &format!("not signed by this chain's member: {unsound}"));
            }
        }
    }
    if node.parents.len() > 1 {
        bad("merged-entry", "the entry has more than one predecessor");
    }
    if node.tree != empty_tree {
        bad("entry-with-files", "the entry holds files: an access entry is empty");
    }
    if month_of(node.time).as_deref() != Some(chain.month.as_str()) {
        bad("wrong-month", "the entry was made in another month than its chain's");
    }
    let message = signed.message();
    let parsed = Entry::parse(&message);
    if parsed.as_ref().is_none_or(|entry| entry.message() != message) {
        bad("bad-entry", "the entry's message is not as carnet writes it");
    }
    let follows = parsed.and_then(|entry| entry.follows);
    if follows.is_some() && !node.parents.is_empty() {
        bad("bad-entry", "the entry names a chain that it follows and is not the first of its own");
    }
    (problems, follows)
}

/// Checks that each chain begins where the member's chain before it ends.
fn check_succession(repo: &Repo, chains: &[Chain], known: &Known<'_>, report: &mut Report) {
    let mut before: BTreeMap<&str, &Chain> = BTreeMap::new();
    let mut beyond = 0;
    for chain in chains {
        let previous = before.insert(&chain.member, chain);
        let Some(first) = chain.first else { continue };
        let mut bad = |message: String| {
            let hint =
                "compare the chain with a colleague's clone or the remote: entries may have been removed";
            report.problem(Problem::commit("broken-chain", first, message, hint).on(&chain.refname));
        };
        match (previous, &chain.follows) {
            (Some(previous), Some(follows)) if *follows == previous.tip.to_string() => {}
            (Some(previous), Some(_)) => bad(format!(
                "it follows another entry than the last of {} (now {})",
                previous.refname,
                short(previous.tip)
            )),
            (Some(previous), None) => {
                bad(format!("it does not name the chain before it, {}", previous.refname))
            }
            (None, None) => {}
            (None, Some(follows)) => match gone_too_early(repo, follows, known) {
                true => bad(format!(
                    "the chain that it follows is gone before the {} months are over",
                    known.kept
                )),
                false => beyond += 1,
            },
        }
    }
    if beyond > 0 {
        report.not_checked(
            format!("the access entries before {beyond} chain(s) that follow one that is not here"),
            "months beyond the retention period are dropped whole; when these were made is not known here",
        );
    }
}

/// Whether the entry is still among the objects and too young for its chain to be dropped.
fn gone_too_early(repo: &Repo, follows: &str, known: &Known<'_>) -> bool {
    let Ok(id) = Oid::from_str(follows) else { return true };
    let Ok(last) = repo.commit(id) else { return false };
    month_of(last.time).is_some_and(|month| too_young(&month, known.kept, known.now))
}

/// Whether a month is among those that are kept.
pub fn too_young(month: &str, kept: u32, now: DateTime<Utc>) -> bool {
    let oldest = now.date_naive().checked_sub_months(Months::new(kept.saturating_add(1)));
    first_day(month).zip(oldest).is_some_and(|(month, oldest)| month > oldest)
}

/// `YYYY-MM`, UTC.
fn month_of(time: i64) -> Option<String> {
    DateTime::from_timestamp(time, 0).map(|t| t.format("%Y-%m").to_string())
}

fn first_day(month: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok()?;
    (day.format("%Y-%m").to_string() == month).then_some(day)
}
