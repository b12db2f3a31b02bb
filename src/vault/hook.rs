//! What a firm's own server accepts of a push, and what it does after one. It has no secret key and opens nothing.
//!
//! Everything is checked before git takes the push in (githooks(5), `pre-receive`), so that a refused push leaves
//! nothing behind: one bad commit refuses it all. The branch and the access chains only grow; the key store is
//! replaced whole. What is checked here any clone's `verify` checks too; a server only stops it earlier.

use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::chains::{is_past, months_kept_or_default};
use super::hook_keys::{check_keys, ledger_ids};
use super::purge::cross::crossing;
use super::purge::originals::records;
use super::verify::incoming::{NewEntries, chain_problems, commit_problems};
use super::verify::report::Problem;
use crate::error::{Error, Result};
use crate::store::chain::{ACCESS_REFS, named};
use crate::store::keystore::KEYS_REF;
use crate::store::served::Served;
use crate::store::{Oid, Repo, lock};

/// The one branch that is served.
pub const BRANCH: &str = "refs/heads/main";

/// A ref that a push would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    pub old: Option<Oid>,
    pub new: Option<Oid>,
    pub name: String,
}

impl Update {
    /// Reads the lines `<old> <new> <ref>` that git gives its hooks.
    pub fn parse_all(text: &str) -> Result<Vec<Update>> {
        let one = |line: &str| {
            let mut words = line.splitn(3, ' ');
            let mut id = || Oid::from_str(words.next()?).ok();
            let (old, new) = (id()?, id()?);
            let real = |id: Oid| (!id.is_zero()).then_some(id);
            Some(Update { old: real(old), new: real(new), name: words.next()?.to_owned() })
        };
        text.lines()
            .map(|line| {
                one(line).ok_or_else(|| Error::usage("git gives this hook `OLD NEW REF` on each line"))
            })
            .collect()
    }
}

/// Why a push is refused; nothing when it is accepted. An error refuses it too.
pub fn pre_receive(
    dir: &Path,
    quarantine: Option<&Path>,
    updates: &[Update],
    now: DateTime<Utc>,
) -> Result<Vec<Problem>> {
    let served = Served::open(dir, quarantine)?;
    let mut problems = Vec::new();
    let branch = updates.iter().find(|update| update.name == BRANCH);
    if let Some(update) = branch {
        problems.extend(check_branch(&served, update, now)?);
    }
    // Chains are judged by the branch as it will be, which is checked by now.
    let tip = match branch {
        Some(update) => update.new.filter(|_| problems.is_empty()),
        None => served.repo.ref_target(BRANCH)?,
    };
    for update in updates.iter().filter(|update| update.name != BRANCH) {
        if update.name.starts_with(ACCESS_REFS) {
            problems.extend(check_chain(&served, update, tip, now)?);
        } else if update.name != KEYS_REF {
            problems.push(refused(
                update,
                "only main, the access chains and the key store are kept here",
                "merge it into main and push that: `git push origin main`",
            ));
        }
    }
    if let Some(update) = updates.iter().find(|update| update.name == KEYS_REF) {
        if updates.len() > 1 {
            let what = "the key store comes in a push of its own, so that its objects stay apart";
            problems.push(refused(
                update,
                what,
                "push main and the access chains first, then refs/carnet/keys",
            ));
        } else {
            let _lock = lock::acquire(&served.repo.private_dir())?;
            problems.extend(check_keys(&served, update, tip)?);
        }
    }
    Ok(problems)
}

pub(super) fn refused(update: &Update, what: impl Into<String>, hint: &str) -> Problem {
    Problem::path("refused", &update.name, what, hint)
}

fn check_branch(served: &Served, update: &Update, now: DateTime<Utc>) -> Result<Vec<Problem>> {
    let repo = &served.repo;
    let Some(new) = update.new else {
        return Ok(vec![refused(
            update,
            "the branch cannot be deleted",
            "history is kept: push what you add",
        )]);
    };
    let mut purged = None;
    if let Some(old) = update.old
        && !repo.contains(new, old)?
    {
        if !is_purge(repo, old, new)? {
            let what = "it rewrites history: commits that are here would be lost";
            return Ok(vec![refused(update, what, "`git fetch`, merge, and push again without force")]);
        }
        // Everything is judged anew: the record has to prove each commit that was written again.
        purged = Some(old);
    }
    let mut problems = commit_problems(repo, new, update.old.filter(|_| purged.is_none()), now)?;
    let tree = repo.tree_of(new)?;
    if repo.entry(tree, "carnet.toml")?.is_none() {
        let what = "its last commit holds no carnet.toml: it is no data repository";
        problems.push(refused(update, what, "`carnet init` makes a data repository"));
    }
    let before = update.old.map(|old| repo.tree_of(old)).transpose()?;
    if let Some(path) = repo.new_links(before, tree)?.into_iter().next() {
        let what = "it holds a symbolic link or a submodule, and no clone takes over but plain files";
        let hint = format!("`git rm --cached {path}`, and commit");
        problems.push(refused(&Update { name: path, ..update.clone() }, what, &hint));
    }
    if let Some(old) = update.old {
        let before = ledger_ids(repo, repo.tree_of(old)?)?;
        let lost = before.difference(&ledger_ids(repo, tree)?).count();
        if lost > 0 {
            let what = format!("it takes {lost} entr(y/ies) out of the erasure ledger");
            problems.push(refused(update, what, "restore registers/erasures: an erasure is not undone"));
        }
    }
    if !problems.is_empty() {
        return Ok(problems);
    }
    let known: Vec<Oid> = update.old.into_iter().collect();
    let new_objects = served.new_objects(&repo.since(new, &known)?)?;
    let own = served.own(true)?;
    let borrowed = new_objects.iter().any(|id| !own.iter().any(|own| own.has(*id)));
    if borrowed || served.among_keys(&new_objects)? > 0 {
        let what = "it holds an object of the key store, which would then outlive its erasure";
        problems.push(refused(update, what, "take the key message out of the commit"));
    } else if let Some(old) = purged {
        note_purged(repo, old)?;
    }
    Ok(problems)
}

/// Whether what is pushed stands for exactly what is here, by its record of a purge. The record is not proven by this.
fn is_purge(repo: &Repo, old: Oid, new: Oid) -> Result<bool> {
    let Some(purge) = crossing(repo, old, new)? else { return Ok(false) };
    let whole = purge.unsynced.is_empty()
        && purge.counterpart(old).is_some_and(|at| repo.contains(new, at).is_ok_and(|c| c));
    // Who is not in the ledger yet cannot be purged by a push that puts them there.
    let erased = ledger_ids(repo, repo.tree_of(old)?)?;
    let (records, _) = records(repo, repo.tree_of(new)?)?;
    Ok(whole && records.iter().all(|record| record.purge.contacts.iter().all(|id| erased.contains(id))))
}

/// Tips of before a purge, whose objects are to be destroyed once the branch has moved.
fn purged_file(repo: &Repo) -> PathBuf {
    repo.private_dir().join("purged")
}

fn note_purged(repo: &Repo, old: Oid) -> Result<()> {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(purged_file(repo))?;
    Ok(writeln!(file, "{old}")?)
}

/// Destroys what only purged history held; how many objects. The lock is held.
fn destroy_purged(repo: &Repo) -> Result<usize> {
    let list = repo.private_dir().join("doomed");
    let mut gone = repo.finish_deleting(&list)?;
    let Ok(text) = std::fs::read_to_string(purged_file(repo)) else { return Ok(gone) };
    let old: Vec<Oid> = text.lines().filter_map(|line| Oid::from_str(line).ok()).collect();
    let doomed = repo.only_from(&old)?;
    gone += doomed.len();
    repo.delete_for_good(&list, &doomed)?;
    std::fs::remove_file(purged_file(repo))?;
    Ok(gone)
}

fn check_chain(
    served: &Served,
    update: &Update,
    branch: Option<Oid>,
    now: DateTime<Utc>,
) -> Result<Vec<Problem>> {
    let repo = &served.repo;
    let Some(branch) = branch else {
        let what = "there is no branch by which its signatures could be checked";
        return Ok(vec![refused(update, what, "push main first, or with it")]);
    };
    let kept = months_kept_or_default(repo, repo.tree_of(branch)?);
    let month = update.name.strip_prefix(ACCESS_REFS).and_then(named).map(|(month, _)| month);
    let past = month.is_some_and(|month| is_past(month, kept, now));
    let Some(new) = update.new else {
        if past {
            return Ok(Vec::new());
        }
        let what = format!("access entries are kept for {kept} months");
        return Ok(vec![refused(update, what, "`[retention]` in carnet.toml says for how long")]);
    };
    if past && update.old.is_none() {
        let what = format!("it brings back a month beyond the {kept} that are kept");
        return Ok(vec![refused(
            update,
            what,
            "`carnet sync` drops it from your clone, and pushes the rest",
        )]);
    }
    if let Some(old) = update.old
        && !repo.contains(new, old)?
    {
        let what = "it rewrites an access chain: entries that are here would be lost";
        return Ok(vec![refused(update, what, "`carnet sync` appends yours to them")]);
    }
    chain_problems(repo, NewEntries { refname: &update.name, old: update.old, new }, branch, now)
}

/// What was done after a push.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct After {
    /// Keys of erased contacts that were destroyed because the ledger came in.
    pub erased: usize,
    /// Objects of replaced key stores that were destroyed.
    pub gone: usize,
    /// Objects of history that was purged and that were destroyed.
    pub purged: usize,
    /// Objects of replaced key stores that another program put where they cannot be destroyed safely.
    pub linger: usize,
}

/// Lets the ledger win over the keys, and destroys what was replaced.
pub fn post_receive(dir: &Path, now: DateTime<Utc>) -> Result<After> {
    let served = Served::open(dir, None)?;
    let _lock = lock::acquire(&served.repo.private_dir())?;
    served.renounce()?;
    let erased = super::hook_keys::settle(&served, now)?;
    let pruned = served.prune()?;
    let purged = destroy_purged(&served.repo)?;
    Ok(After { erased, gone: pruned.gone, purged, linger: pruned.linger })
}
