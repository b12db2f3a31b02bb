//! Verification: every problem of a data repository, found without changing it, and what was not checked.
//!
//! It opens the repository itself rather than as a [`super::Vault`], which would repair what it should report and
//! stop where it cannot go on. It opens contacts to see that they can be read and shows nothing of them, so it
//! writes no access entry.

mod beside;
mod books;
mod chains;
mod commits;
mod contents;
mod evidence;
pub mod incoming;
mod ledger;
mod links;
pub(super) mod policy_merge;
mod purges;
mod records;
pub mod report;
pub mod rules;

use std::path::Path;
use std::time::SystemTime;

use self::contents::{BookKeys, Store};
use self::records::Records;
pub(super) use self::records::recipient_problems;
use self::report::{Problem, Report};
use self::rules::AllRules;
use super::Vault;
use super::member::{Me, Surroundings};
use crate::crypto::Secret;
use crate::domain::organisation::Retention;
use crate::error::{Error, Kind, Result};
use crate::store::repo::not_a_data_repository;
use crate::store::{KeyStore, Oid, Repo, journal, lock};

/// Checks the data repository that `dir` lies in.
///
/// Fails only when there is nothing to check at all; everything else is in the report.
pub fn verify(dir: &Path, around: &Surroundings) -> Result<Report> {
    verify_given(dir, around, Given::default())
}

/// What a caller has done already and need not be done again.
#[derive(Default)]
pub struct Given<'a> {
    /// The data repository, opened: its member's key is unlocked.
    pub vault: Option<&'a Vault>,
    /// The branch's commits, checked.
    pub history: Option<Checked>,
}

/// The commits of a branch, checked.
pub struct Checked {
    pub tip: Oid,
    branch: commits::Branch,
    rules: AllRules,
    pub report: Report,
}

impl Checked {
    /// Who soundly signed a commit, and whether nothing is wrong with it.
    pub fn standing(&self, commit: Oid) -> (Option<String>, bool) {
        let id = commit.to_string();
        let bad = self.report.problems.iter().any(|problem| problem.commit.as_deref() == Some(&id));
        (self.branch.signers.get(&commit).cloned(), !bad)
    }
}

/// Checks the commits that are reachable from `tip`, without a key and without a work tree.
pub fn check_history(repo: &Repo, tip: Oid, now: SystemTime) -> Result<Checked> {
    let (mut rules, mut report) = (AllRules::new(now), Report::default());
    let branch = commits::check(repo, tip, &mut rules, &mut report)?;
    report.problems.sort();
    report.problems.dedup();
    Ok(Checked { tip, branch, rules, report })
}

/// The same as [`verify`] without what was done before.
pub fn verify_given(dir: &Path, around: &Surroundings, given: Given<'_>) -> Result<Report> {
    let repo = Repo::open(dir)?;
    let private = repo.private_dir();
    let head = repo.head()?;
    let tree = repo.tree_of(head);
    let ours =
        tree.as_ref().is_ok_and(|tree| repo.root_entry(*tree, "carnet.toml").is_ok_and(|e| e.is_some()));
    if !ours && !private.is_dir() {
        return Err(not_a_data_repository(repo.root()));
    }
    let mut report = Report::default();
    let now: SystemTime = around.now.into();
    let key_path = KeyStore::path_in(&private);
    let keys = KeyStore::open(&key_path);
    if repo.config("carnet.keys").ok().flatten().as_deref() == Some("none") {
        report.not_checked("keys, and what contacts hold", "this clone was made without keys");
    } else if let Err(e) = &keys {
        report.problem(Problem::error("missing-key-store", "key store", e));
    }
    let keys = keys.ok();
    // Unlocking may ask for a passphrase, and nobody else has to wait for the answer.
    let unlocked = match (&tree, &keys) {
        (Ok(tree), Some(keys)) => unlock(&repo, *tree, keys, (around, given.vault), &mut report),
        _ => BookKeys::new(),
    };

    let head = {
        // Key store and branch are read as one; git's objects never change, so the rest needs no lock.
        let locked = private.is_dir().then(|| lock::acquire(&private));
        if let Some(Err(e)) = &locked {
            report.not_checked("whether another command works here at the same time", e.to_string());
        }
        let head = repo.head()?;
        check_files(&repo, head, &unlocked, keys.as_ref(), now, &mut report)?
    };
    let Checked { branch, rules, report: of_commits, .. } = match given.history {
        Some(checked) if checked.tip == head.commit => checked,
        _ => check_history(&repo, head.commit, now)?,
    };
    report.problems.extend(of_commits.problems);
    report.counts.commits = of_commits.counts.commits;
    report.root = branch.root.map(|id| id.to_string());
    for pretence in repo.pretences() {
        let message = "git takes another history from it than the one that was signed and is checked here";
        let hint = if pretence.starts_with("refs/") {
            "`git update-ref -d REF` drops it"
        } else {
            "remove the file, unless you know what it is for"
        };
        report.problem(Problem::path("other-history", &pretence, message, hint));
    }
    let there = |id: Oid| branch.times.contains_key(&id);
    let (rolled_back, remembered) = super::tip::problems(&repo, head.commit, there, &branch.purged, now);
    report.problems.extend(rolled_back);
    if !remembered {
        let why = "nothing is remembered of an earlier tip in this clone; `carnet sync` begins it";
        report.not_checked("whether the branch was rolled back", why);
    }
    let policy = head.policy.and_then(|blob| rules.get(blob).ok());
    records::check_members(&head.records, policy, &mut report);
    let kept = head.records.settings.as_ref().map(|s| s.retention.access_months);
    let known = chains::Known {
        rules: &rules,
        policies: &branch.policies,
        now: around.now,
        kept: kept.unwrap_or_else(|| Retention::default().access_months),
        tip: Some(head.commit),
    };
    let entries = chains::check(&repo, &known, &mut report)?;
    let ahead = |times: &commits::Times| times.values().filter(|time| **time > known.last()).count();
    match (ahead(&branch.times), ahead(&entries)) {
        (0, 0) => {}
        (commits, entries) => report.not_checked(
            format!("whether {commits} commit(s) and {entries} access entries were made when they say"),
            "they are dated in the future: a clock was wrong, theirs or the one here",
        ),
    }
    standing_limits(&mut report);
    report.problems.sort();
    report.problems.dedup();
    Ok(report)
}

/// The same for the commits that are reachable from `tip` and from none of `known`, which were checked before; and
/// how many they are.
pub fn problems_since(
    repo: &Repo,
    tip: Oid,
    known: &[Oid],
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(Vec<Problem>, usize)> {
    let (mut rules, mut report) = (AllRules::new(now.into()), Report::default());
    commits::check_since(repo, tip, known, &mut rules, &mut report)?;
    Ok((report.problems, report.counts.commits))
}

/// Problems of the commits reachable from `tip`: signatures, rights, changes of the signing policy and of books.
pub fn branch_problems(repo: &Repo, tip: Oid, now: chrono::DateTime<chrono::Utc>) -> Result<Vec<Problem>> {
    Ok(check_history(repo, tip, now.into())?.report.problems)
}

/// What was found at the branch's tip.
struct Tip {
    commit: Oid,
    policy: Option<Oid>,
    records: Records,
}

fn check_files(
    repo: &Repo,
    commit: Oid,
    unlocked: &BookKeys,
    keys: Option<&KeyStore>,
    now: SystemTime,
    report: &mut Report,
) -> Result<Tip> {
    let private = repo.private_dir();
    if journal::pending(&private).ok().flatten().is_some() {
        report.problem(Problem::path(
            "interrupted",
            ".git/carnet/pending",
            "a carnet command was interrupted in the middle of its work",
            "run any other carnet command, which finishes it, then verify again",
        ));
    }
    let mut tip = Tip { commit, policy: None, records: Records::default() };
    // A tip that cannot be read is reported with the commits.
    let Ok(tree) = repo.tree_of(commit) else {
        let why = "the branch's last commit cannot be read";
        report.not_checked("contacts, keys, books, registers and the work tree", why);
        return Ok(tip);
    };
    records::check_work_tree(repo, report);
    tip.policy = repo.root_entry(tree, crate::domain::policy::Policy::PATH).ok().flatten();
    tip.records = records::check(repo, tree, report);
    let handle = repo.config("carnet.member").ok().flatten();
    let is_mine = |book: &Option<crate::domain::register::Book>| match (book, &handle) {
        (Some(book), Some(me)) => book.members.iter().any(|m| m.as_str() == me),
        _ => true,
    };
    let mine =
        tip.records.books.iter().filter(|(_, book)| is_mine(book)).map(|(slug, _)| slug.clone()).collect();
    let path = &KeyStore::path_in(&private);
    let store = Store { keys, path, records: &tip.records, unlocked, mine: &mine, now };
    contents::check(repo, tree, &store, report)?;
    Ok(tip)
}

/// Opens the keys of the books that this member has; says which were not opened and why.
fn unlock(
    repo: &Repo,
    tree: Oid,
    keys: &KeyStore,
    (around, vault): (&Surroundings, Option<&Vault>),
    report: &mut Report,
) -> BookKeys {
    let mut unlocked = BookKeys::new();
    let me = Me::of(repo).and_then(|me| match vault {
        Some(_) => Ok((None, me)),
        None => Ok((Some(me.secret_key(repo, around)?), me)),
    });
    let books = keys.books().unwrap_or_else(|e| {
        report.problem(Problem::error("damaged-key-store", "key store", &e));
        Vec::new()
    });
    for book in books {
        let key = match &me {
            Err(e) => Err(e.to_string()),
            Ok((secret, me)) if is_member(repo, tree, &book, me) => keys
                .get(&format!("{book}/book.pgp"))
                .and_then(|m| m.ok_or_else(|| Error::new(Kind::NoKey, "the book has no key here")))
                .and_then(|message| match (secret, vault) {
                    (Some(secret), _) => Secret::from_message(&secret.decrypt(&message)?),
                    (None, Some(vault)) => vault.book_key(&book).map(|key| (*key).clone()),
                    (None, None) => Err(Error::new(Kind::NoKey, "there is no secret key")),
                })
                .map_err(|e| e.to_string()),
            Ok((_, me)) => Err(format!("{} is not a member of the book", me.handle)),
        };
        unlocked.insert(book, key);
    }
    unlocked
}

/// Whether a book's file names the member; where it cannot be read, the key itself will tell.
fn is_member(repo: &Repo, tree: Oid, book: &crate::domain::ids::Slug, me: &Me) -> bool {
    let path = format!("books/{book}.toml");
    let read = repo.file(tree, &path).ok().flatten().and_then(|bytes| {
        crate::domain::register::parse::<crate::domain::register::Book>(
            &path,
            std::str::from_utf8(&bytes).ok()?,
        )
        .ok()
    });
    read.is_none_or(|book| book.members.contains(&me.handle))
}

/// What no run can check, said each time.
fn standing_limits(report: &mut Report) {
    if let Some(root) = report.root.clone() {
        report.not_checked(
            format!("that trust rightly begins at commit {root}"),
            "compare this id with your colleagues': whoever replaces all of history replaces its beginning too",
        );
    }
    report.not_checked(
        "that the newest entries of each access chain are still there",
        "a chain's end can be cut off by whoever holds the repository; compare it with another clone",
    );
    report.not_checked("old versions of files", "`git fsck` checks that every object of history is intact");
}

/// The beginning of an object's id, as git shows it.
fn short(id: Oid) -> String {
    id.to_string().chars().take(10).collect()
}
