//! What this clone has verified: the tip of its branch and of each remote's, so that neither can be rolled back unseen.
//!
//! `.git/carnet/verified` is written when a sync or a clone has checked what came in, and signed by the clone's owner.
//! `.git/carnet/last` names the last commit that carnet made here; it is not signed, for a signature a write would be
//! one more touch of a smartcard, and only ever says that something is missing.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::Vault;
use super::member::{Me, member_cert};
use super::purge::cross::renamed;
use super::verify::report::Problem;
use crate::crypto::verify::Verifier;
use crate::domain::register;
use crate::error::{Error, Kind, Result};
use crate::store::{Oid, Repo};

/// The file's list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tips {
    branch: String,
    /// By the remote's name.
    #[serde(default)]
    remote: BTreeMap<String, String>,
}

impl Tips {
    pub fn branch(&self) -> Option<Oid> {
        Oid::from_str(&self.branch).ok()
    }
    pub fn remote(&self, name: &str) -> Option<Oid> {
        self.remote.get(name).and_then(|id| Oid::from_str(id).ok())
    }
}

/// What is remembered.
pub enum Memory {
    Nothing,
    /// Something lies there that the owner's key did not sign.
    Unsound,
    Known(Tips),
}

const FILE: &str = "verified";
const LAST: &str = "last";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";

/// Reads what is remembered, as far as the signature of the clone's owner vouches for it.
pub fn memory(repo: &Repo, now: SystemTime) -> Memory {
    let text = match std::fs::read(repo.private_dir().join(FILE)) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Memory::Nothing,
        Err(_) => return Memory::Unsound,
    };
    let read = || -> Option<Tips> {
        let (list, signature) = text.split_at(text.find(SIGNATURE)?);
        let me = Me::of(repo).ok()?;
        let tree = repo.head().and_then(|head| repo.tree_of(head)).ok()?;
        let mut own = vec![member_cert(repo, tree, &me.handle).ok()?];
        own.retain(|cert| cert.fingerprint() == me.fingerprint);
        Verifier::at(&own, now).check(signature.as_bytes(), list.as_bytes()).ok()?;
        toml::from_str(list).ok()
    };
    read().map_or(Memory::Unsound, Memory::Known)
}

/// The last commit that carnet made here.
fn last(repo: &Repo) -> Option<Oid> {
    let text = std::fs::read_to_string(repo.private_dir().join(LAST)).ok()?;
    // The beginning of an id would be taken for one that is nowhere.
    let whole = Some(text.trim()).filter(|id| id.len() == Oid::ZERO_SHA1.to_string().len());
    Oid::from_str(whole?).ok()
}

/// Whether `tip` has a commit, or the one that stands for it since a purge (`purged`: old id to new).
pub fn has(repo: &Repo, tip: Oid, commit: Oid, purged: &HashMap<Oid, Oid>) -> bool {
    let now = purged.get(&commit).copied().unwrap_or(commit);
    repo.contains(tip, now).unwrap_or(false)
}

/// Whether the branch lacks what was there, as problems; and whether anything is remembered at all. `on_branch` tells the
/// branch's commits.
pub fn problems(
    repo: &Repo,
    on_branch: impl Fn(Oid) -> bool,
    purged: &HashMap<Oid, Oid>,
    now: SystemTime,
) -> (Vec<Problem>, bool) {
    let mut problems = Vec::new();
    let last = last(repo);
    let memory = memory(repo, now);
    let verified = match &memory {
        Memory::Known(tips) => tips.branch(),
        _ => None,
    };
    for (id, what) in [(verified, "was verified"), (last, "was made here")] {
        if let Some(id) = id.filter(|id| !on_branch(purged.get(id).copied().unwrap_or(*id))) {
            problems.push(Problem::commit(
                "rolled-back",
                id,
                format!("the branch does not have it any more, though it {what}: history was rolled back or rewritten"),
                HINT,
            ));
            break;
        }
    }
    if let Memory::Unsound = memory {
        problems.push(Problem::path(
            "bad-memory",
            ".git/carnet/verified",
            "it is not signed by this clone's owner, so a rolled back branch would not be noticed",
            "when `carnet verify` finds nothing else, `carnet verify --accept-tip` writes it anew",
        ));
    }
    if let Memory::Known(tips) = &memory {
        for (remote, id) in tips.remote.keys().filter_map(|name| Some((name, tips.remote(name)?))) {
            let seen = repo.ref_target(&format!("refs/remotes/{remote}/main")).ok().flatten();
            let there = |seen: &Oid| {
                // What came in by a purge that this clone has not taken over yet is no loss either.
                let renamed = repo.tree_of(*seen).and_then(|tree| renamed(repo, tree)).unwrap_or_default();
                has(repo, *seen, id, purged) || has(repo, *seen, id, &renamed)
            };
            if let Some(seen) = seen.filter(|seen| !there(seen)) {
                let what = format!(
                    "remote `{remote}` does not have it any more (it is at {seen}): it was rolled back or rewritten"
                );
                problems.push(Problem::commit(
                    "rolled-back",
                    id,
                    what,
                    "`carnet sync` pushes what it has lost",
                ));
            }
        }
    }
    (problems, last.is_some() || verified.is_some())
}

const HINT: &str = "`git reflog` may show who moved it; `carnet sync` brings back what the remote has; if you took the \
                    commits back yourself, `carnet verify --accept-tip`";

impl Vault {
    /// What was verified before.
    pub(super) fn remembered(&self) -> Tips {
        match memory(&self.repo, self.now.into()) {
            Memory::Known(tips) => tips,
            _ => Tips::default(),
        }
    }

    /// Remembers that the branch was verified up to `branch`, and what a remote has.
    pub(super) fn remember(&self, branch: Oid, remote: Option<(&str, Oid)>) -> Result<()> {
        let before = self.remembered();
        let mut tips = Tips { branch: branch.to_string(), ..before.clone() };
        if let Some((name, id)) = remote {
            tips.remote.insert(name.to_owned(), id.to_string());
        }
        if tips != before {
            self.write_tips(&tips)?;
        }
        self.replace(LAST, &format!("{branch}\n"))
    }

    /// Notes the commit that was just made on `parent`; not where the branch has lost an earlier one.
    pub(super) fn note_last(&self, parent: Oid, commit: Oid) -> Result<()> {
        match last(&self.repo) {
            Some(last) if last != parent && !self.repo.contains(commit, last)? => Ok(()),
            _ => self.replace(LAST, &format!("{commit}\n")),
        }
    }

    /// What is remembered of history of before a purge (`old`, which is still there) becomes what stands for it now.
    pub(super) fn move_tips(&self, old: Oid, purged: &HashMap<Oid, Oid>) -> Result<()> {
        let left = |id: Oid| purged.contains_key(&id) || self.repo.contains(old, id).unwrap_or(false);
        if last(&self.repo).is_some_and(left) {
            self.replace(LAST, &format!("{}\n", self.repo.head()?))?;
        }
        // A commit that was carried over has no record of it; what it was made on has been proven.
        let Some(verified) = self.remembered().branch().filter(|id| left(*id)) else { return Ok(()) };
        let mut before = self.repo.since(old, &[])?.into_iter().map(|node| node.id);
        let now = purged.get(&verified).copied().or_else(|| before.find_map(|id| purged.get(&id).copied()));
        let Some(now) = now else { return Ok(()) };
        let tips = Tips { branch: now.to_string(), ..self.remembered() };
        self.write_tips(&tips)
    }

    fn write_tips(&self, tips: &Tips) -> Result<()> {
        let text = register::to_toml(tips)?;
        let signature = self.sign_statement(text.as_bytes())?;
        self.replace(FILE, &(text + &signature))
    }

    /// Takes the branch as it is for right, after it was rolled back on purpose. It must have no other problem.
    pub fn accept_tip(&self, problems: &[Problem]) -> Result<()> {
        if let Some(other) = problems.iter().find(|p| !["rolled-back", "bad-memory"].contains(&p.kind)) {
            return Err(Error::new(
                Kind::Problems,
                format!("the branch has other problems: {}", other.message),
            )
            .at(other.place.clone())
            .hint(other.hint.clone()));
        }
        let _ = std::fs::remove_file(self.private_dir().join(FILE));
        self.remember(self.repo.head()?, None)
    }

    fn replace(&self, name: &str, text: &str) -> Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(self.private_dir())?;
        file.write_all(text.as_bytes())?;
        file.persist(self.private_dir().join(name)).map_err(|e| e.error)?;
        Ok(())
    }
}
