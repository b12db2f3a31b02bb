//! Cloning: a copy of a shared data repository that is checked before it can be used, and works at once.
//!
//! It is made in a directory beside its place and moved there when it is complete, so that a failure leaves nothing.
//! No secret key is used and no file is written out before every commit of its history has been verified.

use std::path::Path;

use super::chains::{is_past, months_kept};
use super::clone_member;
pub use super::clone_member::Wanted;
use super::init::configure;
use super::member::{Me, Surroundings};
use super::pins::Newcomer;
use super::serve::set_origin;
use super::verify::report::{Problem, Report};
use super::verify::{Given, check_history, verify_given};
use super::{Snapshot, Vault};
use crate::domain::ids::Slug;
use crate::error::{Error, Kind, Result};
use crate::store::beside::Beside;
use crate::store::chain::chain_ref;
use crate::store::keystore::KEYS_REF;
use crate::store::remote::{Git, TRACKED_ACCESS, is_local_path};
use crate::store::{KeyStore, Oid, Repo};

const BRANCH: &str = "refs/heads/main";

/// What `clone` is told.
pub struct Plan<'a> {
    /// Where from; usable from any directory.
    pub url: &'a str,
    /// Where the key store is, if it is not at the same address.
    pub keys_url: Option<&'a str>,
    pub wanted: &'a Wanted,
    /// Without the key store and without a member: for those who only check and report.
    pub without_keys: bool,
    /// Make the clone although its history does not verify.
    pub no_verify: bool,
    pub program: &'a str,
    /// Whether git may ask for a password.
    pub may_ask: bool,
}

/// A finished clone.
pub struct Cloned {
    pub commit: Oid,
    pub me: Option<Me>,
    pub books: Vec<Slug>,
    /// Whom the books' keys may be encrypted to from now on, and whom not.
    pub pinned: Vec<Newcomer>,
    pub not_pinned: Vec<Newcomer>,
    pub report: Report,
}

/// A clone that was made, or the problems for which it was not.
pub enum Outcome {
    Made(Box<Cloned>),
    Refused(Vec<Problem>),
}

/// Makes a clone at `dir`, which must be empty or not there.
pub fn clone(dir: &Path, plan: &Plan<'_>, around: &Surroundings) -> Result<Outcome> {
    let empty = match std::fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_none(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => true,
        Err(e) => return Err(Error::from(e).at(dir.display().to_string())),
    };
    if !empty {
        return Err(Error::failed("the directory is not empty")
            .at(dir.display().to_string())
            .hint("choose an empty directory, or a new one"));
    }
    let parent = dir.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = Beside::new(parent, ".carnet-clone-")?;
    let outcome = make(&beside.path(), plan, around)?;
    if matches!(outcome, Outcome::Made(_)) {
        beside.move_to(dir)?;
    }
    Ok(outcome)
}

fn make(dir: &Path, plan: &Plan<'_>, around: &Surroundings) -> Result<Outcome> {
    let repo = Repo::init(dir)?;
    let private = repo.private_dir();
    std::fs::create_dir_all(&private)?;
    set_origin(&repo, plan.url)?;
    if let Some(url) = plan.keys_url {
        repo.set_config("carnet.keysRemote", url)?;
    }
    let git = Git::of(&repo, plan.may_ask);
    let tip = fetch(&repo, &git, plan.url)?;
    let checked = check_history(&repo, tip, around.now.into())?;
    if !checked.report.problems.is_empty() && !plan.no_verify {
        return Ok(Outcome::Refused(checked.report.problems));
    }
    let tree = repo.tree_of(tip)?;
    if repo.entry(tree, "carnet.toml")?.is_none() {
        return Err(no_data_repository(plan.url));
    }
    let me = match plan.without_keys {
        true => None,
        false => Some(clone_member::find(&repo, tree, plan.wanted, around)?),
    };
    configure(&repo, me.as_ref(), plan.program)?;
    let fetched = match me {
        Some(_) => fetch_keys(&git, &private, plan)?,
        None => {
            repo.set_config("carnet.keys", "none")?;
            None
        }
    };
    adopt_chains(&repo, tree, around)?;
    repo.unpack_moved(&[]);
    repo.check_out(tree)?;
    repo.move_ref(BRANCH, None, tip, "clone")?;
    let mut done = Cloned {
        commit: tip,
        me,
        books: Vec::new(),
        pinned: Vec::new(),
        not_pinned: Vec::new(),
        report: Report::default(),
    };
    let vault = match done.me {
        Some(_) => Some(Vault::open(dir, around)?),
        None => None,
    };
    if let Some(vault) = &vault {
        // Keys of erased contacts are destroyed by now; then the store is no longer what the remote has.
        if vault.keys.tip()? == fetched {
            vault.note_synced(&vault.keys)?;
        }
        let at = vault.snapshot()?;
        pin(vault, at, &mut done)?;
        done.books = vault.my_books(at)?.into_iter().map(|(book, _)| book).collect();
    }
    if let Some(vault) = vault.as_ref().filter(|_| checked.report.problems.is_empty()) {
        vault.remember(tip, Some(("origin", tip)))?;
    }
    let given = Given { vault: vault.as_ref(), history: Some(checked) };
    done.report = verify_given(dir, around, given)?;
    Ok(Outcome::Made(Box::new(done)))
}

/// Fetches branch and access chains; the branch's tip.
fn fetch(repo: &Repo, git: &Git, url: &str) -> Result<Oid> {
    let there = git.ls_remote(url, &[BRANCH])?;
    if !there.iter().any(|(name, _)| name == BRANCH) {
        return Err(no_data_repository(url));
    }
    git.fetch("origin", &[], false)?;
    repo.ref_target("refs/remotes/origin/main")?.ok_or_else(|| no_data_repository(url))
}

fn no_data_repository(url: &str) -> Error {
    Error::failed("there is no carnet data repository at that address: no branch main with a carnet.toml")
        .at(crate::store::remote::shown(url))
        .hint("check the address; who has the data repository pushes it with `carnet sync`")
}

/// Fetches the key store, and leaves it as carnet itself would have written it; its commit.
fn fetch_keys(git: &Git, private: &Path, plan: &Plan<'_>) -> Result<Option<Oid>> {
    let url = plan.keys_url.unwrap_or(plan.url);
    if !git.ls_remote(url, &[KEYS_REF])?.iter().any(|(name, _)| name == KEYS_REF) {
        let hint = match is_local_path(url) {
            true => {
                "`--keys-remote PATH/.git/carnet/keys.git` takes it from a colleague's clone; \
                     --without-keys makes a clone that cannot open contacts"
            }
            false => "a colleague pushes it with `carnet sync`; --keys-remote URL names another place",
        };
        let shown = crate::store::remote::shown(url);
        return Err(Error::no_key("there is no key store at that address").at(shown).hint(hint));
    }
    let path = KeyStore::path_in(private);
    KeyStore::init(&path)?;
    git.key_store(&path)?.fetch(url, &[format!("+{KEYS_REF}:{KEYS_REF}")], false)?;
    let keys = KeyStore::open(&path)?;
    keys.check_has_no_past()?;
    keys.tidy()?;
    keys.tip()
}

/// The chains that were fetched are this clone's too, but for those that the remote keeps longer than the rule says.
fn adopt_chains(repo: &Repo, tree: Oid, around: &Surroundings) -> Result<()> {
    let kept = months_kept(repo, tree);
    for chain in repo.chains(&format!("{TRACKED_ACCESS}origin/access/"))? {
        if kept.is_some_and(|kept| is_past(&chain.month, kept, around.now)) {
            repo.drop_ref(&chain.refname)?;
        } else {
            repo.move_ref(&chain_ref(&chain.month, &chain.member), None, chain.tip, "")?;
        }
    }
    Ok(())
}

/// Acknowledges the recipients whose origin in the signed history is sound.
fn pin(vault: &Vault, at: Snapshot, done: &mut Cloned) -> Result<()> {
    let (sound, unsound) = vault.newcomers(at, None)?.into_iter().partition(|new| new.origin.is_ok());
    (done.pinned, done.not_pinned) = (sound, unsound);
    vault.accept(at, &done.pinned).map_err(|e| match e.kind {
        Kind::NoKey => e.hint("the clone was not made; its list of recipients has to be signed"),
        _ => e,
    })
}
