//! The access trail: every entry of every chain under `refs/carnet/access/<YYYY-MM>/<member>`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use super::commits::Times;
use super::incoming::NewEntries;
use super::links;
use super::report::{Problem, Report};
use super::rules::AllRules;
use crate::crypto::Cert;
use crate::crypto::verify::{CLOCKS, Verifier};
use crate::domain::trailer::{Entry, Follows};
use crate::error::Result;
use crate::store::chain::{ACCESS_REFS, named};
use crate::store::signed::Node;
use crate::store::{Oid, Repo};
use crate::vault::chains::month_of;

/// A chain whose ref has a proper name.
pub struct Chain {
    pub refname: String,
    pub month: String,
    pub member: String,
    pub tip: Oid,
    /// All its entries.
    pub ids: HashSet<Oid>,
    /// Entries that name the end of an earlier chain (`Carnet-Follows`).
    pub links: Vec<(Oid, Follows)>,
}

impl Chain {
    fn new(refname: &str, tip: Oid) -> Option<Chain> {
        let (month, member) = refname.strip_prefix(ACCESS_REFS).and_then(named)?;
        let (month, member) = (month.to_owned(), member.to_owned());
        Some(Chain {
            refname: refname.to_owned(),
            month,
            member,
            tip,
            ids: HashSet::new(),
            links: Vec::new(),
        })
    }
}

/// What a check of chains needs to know.
pub struct Known<'a> {
    pub rules: &'a AllRules,
    /// Every version of the policy, newest first.
    pub policies: &'a [Oid],
    pub now: DateTime<Utc>,
    /// How many months are kept.
    pub kept: u32,
    /// The branch's last commit, where the chains are looked at as a whole.
    pub tip: Option<Oid>,
}

impl Known<'_> {
    /// The last moment (seconds since 1970) that is not in the future, as clocks go.
    pub fn last(&self) -> i64 {
        self.now.timestamp().saturating_add(CLOCKS.as_secs() as i64)
    }
}

/// Checks all access chains; gives the time of each entry.
pub fn check(repo: &Repo, known: &Known<'_>, report: &mut Report) -> Result<Times> {
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
    let times: Times = work.iter().map(|(_, node)| (node.id, node.time)).collect();
    let found = repo.in_parallel(&work, |repo, (at, node)| {
        let after = known.rules.latest(node.parents.iter().filter_map(|parent| times.get(parent).copied()));
        let verifier = |chain: &Chain| verifiers.get(&chain.member).map(|verifier| (verifier, after));
        chains.get(*at).map(|chain| entry(repo, chain, node, verifier(chain), empty_tree))
    })?;
    for ((at, node), checked) in work.iter().zip(found) {
        let (Some(chain), Some((problems, follows))) = (chains.get_mut(*at), checked) else { continue };
        chain.ids.insert(node.id);
        chain.links.extend(follows.map(|follows| (node.id, follows)));
        report.problems.extend(problems);
    }
    report.counts.access_entries = work.len();
    links::check(repo, &chains, known, report);
    Ok(times)
}

/// Checks entries that a push adds to a chain; where they begin and end in the trail is not looked at.
pub fn check_new(
    repo: &Repo,
    NewEntries { refname, old, new }: NewEntries<'_>,
    known: &Known<'_>,
    report: &mut Report,
) -> Result<()> {
    let Some(chain) = Chain::new(refname, new) else {
        report.problem(stray(refname));
        return Ok(());
    };
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
        repo.in_parallel(&nodes, |repo, node| entry(repo, &chain, node, Some((verifier, None)), empty_tree))?;
    report.problems.extend(found.into_iter().flat_map(|(problems, _)| problems));
    Ok(())
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
        match Chain::new(&refname, tip) {
            Some(chain) => chains.push(chain),
            None => report.problem(stray(&refname)),
        }
    }
    for refname in repo.refs_elsewhere(ACCESS_REFS).unwrap_or_default() {
        report.problem(Problem::path(
            "stray-ref",
            &refname,
            "it names another ref instead of an entry: the chain that was there is not",
            "`git update-ref --no-deref -d REF` drops it, and `carnet sync` fetches the chain that the remote has",
        ));
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

/// Checks one entry; gives what it names as the end of an earlier chain.
fn entry(
    repo: &Repo,
    chain: &Chain,
    node: &Node,
    verifier: Option<(&Verifier, Option<SystemTime>)>,
    empty_tree: Oid,
) -> (Vec<Problem>, Option<Follows>) {
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
        (Some(signature), Some((verifier, after))) => {
            if let Err(unsound) = verifier.check_later(signature, &signed.payload, after) {
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
    if DateTime::from_timestamp(node.time, 0).map(month_of).as_ref() != Some(&chain.month) {
        bad("wrong-month", "the entry was made in another month than its chain's");
    }
    let message = signed.message();
    let parsed = Entry::parse(&message);
    if parsed.as_ref().is_none_or(|entry| entry.message() != message) {
        bad("bad-entry", "the entry's message is not as carnet writes it");
    }
    (problems, parsed.and_then(|entry| entry.follows))
}
