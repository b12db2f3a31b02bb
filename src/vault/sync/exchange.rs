//! The network's side of a sync: what is fetched, and what is pushed in which order.

use std::path::PathBuf;

use super::chains::tracked;
use super::{Remote, Synced};
use crate::error::{Error, Kind, Result};
use crate::store::chain::ACCESS_REFS;
use crate::store::keystore::KEYS_REF;
use crate::store::push::{Outcome, Push};
use crate::store::remote::{Git, last_words, shown};
use crate::store::{KeyStore, Oid, lock};
use crate::vault::Vault;
use crate::vault::purge::cross::crossing;
use crate::vault::verify;

impl Vault {
    /// Where a fetched key store lies until it is merged.
    fn fetched_path(&self) -> PathBuf {
        self.private_dir().join("sync").join("keys.git")
    }

    /// Removes a fetched key store.
    pub(super) fn drop_fetched(&self) -> Result<()> {
        match std::fs::remove_dir_all(self.fetched_path()) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }

    /// Fetches the remote's key store, where it has one that differs from ours.
    pub(super) fn fetch_keys(&self, remote: &Remote) -> Result<Option<KeyStore>> {
        let git = Git::of(&self.repo, remote.may_ask);
        let tip = find(&git.ls_remote(&remote.keys_url, &[KEYS_REF])?, KEYS_REF);
        self.drop_fetched()?;
        let Some(tip) = tip else {
            return Ok(None);
        };
        if self.keys.tip()? == Some(tip) {
            if self.synced()?.0 != Some(tip) {
                self.note_synced(&self.keys)?;
            }
            return Ok(None);
        }
        let path = self.fetched_path();
        let store = KeyStore::init(&path)?;
        git.key_store(&path)?.fetch(&remote.keys_url, &[format!("+{KEYS_REF}:{KEYS_REF}")], false)?;
        drop(store);
        KeyStore::open(&path).map(Some)
    }

    /// Fetches branch and access chains, and checks the branch; its tip, where the remote has one.
    pub(super) fn fetch_branch(&self, remote: &Remote, done: &mut Synced) -> Result<Option<Oid>> {
        let git = Git::of(&self.repo, remote.may_ask);
        let branch = self.repo.branch()?;
        let there = git.ls_remote(&remote.url, &[&branch, &format!("{ACCESS_REFS}*")])?;
        let tracking = tracking(remote, &branch);
        let before = self.repo.ref_target(&tracking)?;
        let mut refspecs = vec![format!("+{ACCESS_REFS}*:{}*", tracked(&remote.name))];
        let Some(tip) = find(&there, &branch) else {
            if before.is_some() {
                done.warnings
                    .push(format!("the remote has lost `{}`; it is pushed again from here", short(&branch)));
                self.repo.drop_ref(&tracking)?;
            }
            git.fetch(&remote.name, &refspecs, true)?;
            return Ok(None);
        };
        refspecs.push(format!("+{branch}:{tracking}"));
        git.fetch(&remote.name, &refspecs, true)?;
        let tip = self.repo.ref_target(&tracking)?.unwrap_or(tip);
        let ours = self.repo.head()?;
        if let Some(old) = self.remote_of_before(ours, tip, done)? {
            return Ok(old);
        }
        let crossing = crossing(&self.repo, ours, tip)?;
        if crossing.is_none() {
            self.look_for_remote_rollback(remote, &branch, (before, tip), done)?;
        }
        if self.repo.contains(ours, tip)? {
            return Ok(Some(tip));
        }
        if crossing.is_none() && self.repo.common_ancestor(&[ours, tip])?.is_none() {
            return Err(Error::refused("the remote holds another data repository: no commit is common")
                .at(remote.name.clone())
                .hint("`git remote -v` shows the address; `carnet clone URL` makes a clone of it"));
        }
        self.check_incoming(tip, done)?;
        Ok(Some(tip))
    }

    /// Refuses a branch in which a commit is not signed by somebody authorised.
    ///
    /// What the last verified tip leads to was checked before, and is not again.
    fn check_incoming(&self, tip: Oid, done: &mut Synced) -> Result<()> {
        let (problems, checked) =
            verify::problems_since(&self.repo, tip, &self.verified_before(done)?, self.now)?;
        done.checked += checked;
        done.verified = Some(tip).filter(|_| problems.is_empty()).or(done.verified);
        let Some(first) = problems.first() else { return Ok(()) };
        let ours = verify::branch_problems(&self.repo, self.repo.head()?, self.now)?;
        if problems.iter().all(|problem| ours.contains(problem)) {
            return Ok(());
        }
        let new = problems.iter().find(|problem| !ours.contains(problem)).unwrap_or(first);
        Err(Error::new(
            Kind::Problems,
            format!(
                "the remote's commits do not verify, and nothing of them was taken over: {}",
                new.message
            ),
        )
        .at(new.place.clone())
        .hint("`git log --show-signature` on the remote's branch shows who made it"))
    }

    /// Refuses to push what every other clone would refuse to take over, and with it all that comes after.
    fn check_outgoing(&self, head: Oid, seen: Option<Oid>, done: &mut Synced) -> Result<()> {
        let known: Vec<Oid> = self.verified_before(done)?.into_iter().chain(seen).collect();
        let (problems, checked) = verify::problems_since(&self.repo, head, &known, self.now)?;
        done.checked += checked;
        let Some(first) = problems.into_iter().next() else { return Ok(()) };
        let what =
            format!("a commit of this clone does not verify, and nothing was pushed: {}", first.message);
        Err(Error::new(Kind::Problems, what).at(first.place).hint(
            "`git commit --amend --no-edit -S` signs the last commit anew; `carnet verify` names all of them",
        ))
    }

    /// Whether branch or key store of the remote are new here, and how many commits of this clone it has not. Nothing is fetched and nothing is changed.
    pub fn foresee_sync(&self, remote: &Remote) -> Result<(bool, usize)> {
        let git = Git::of(&self.repo, remote.may_ask);
        let (branch, head) = (self.repo.branch()?, self.repo.head()?);
        let there = find(&git.ls_remote(&remote.url, &[&branch])?, &branch);
        let keys = find(&git.ls_remote(&remote.keys_url, &[KEYS_REF])?, KEYS_REF);
        let known = there.filter(|tip| self.repo.tree_of(*tip).is_ok());
        let behind = match (there, known) {
            (Some(_), None) => true,
            (_, Some(tip)) => !self.repo.contains(head, tip)?,
            (None, None) => false,
        };
        let new_keys = keys.is_some() && keys != self.synced()?.0;
        let base = known.or(self.repo.ref_target(&tracking(remote, &branch))?.filter(|_| there.is_some()));
        let own = self.repo.since(head, &base.into_iter().collect::<Vec<_>>())?.len();
        Ok((behind || new_keys, own))
    }

    /// Pushes branch and access chains, then the key store.
    pub(super) fn send(&self, remote: &Remote, done: &mut Synced) -> Result<Outcome> {
        let git = Git::of(&self.repo, remote.may_ask);
        let branch = self.repo.branch()?;
        let tracking = tracking(remote, &branch);
        let (head, seen) = (self.repo.head()?, self.repo.ref_target(&tracking)?);
        let chains = self.chains_to_push(&remote.name)?;
        let mut push = Push { atomic: true, ..Push::default() };
        if seen != Some(head) {
            self.check_outgoing(head, seen.filter(|_| done.replace.is_none()), done)?;
            push.refspecs.push(format!("{head}:{branch}"));
        }
        if let Some(old) = done.replace {
            push.leases.push((branch.clone(), Some(old)));
        }
        push.refspecs.extend(chains.iter().map(|(name, _, ours)| format!("{ours}:{name}")));
        if !push.refspecs.is_empty() {
            match deliver(&git, &remote.url, &push, "main and your access entries")? {
                Outcome::Done => {}
                other => return Ok(other),
            }
            if let Some(old) = done.replace.take() {
                let _lock = lock::acquire(&self.private_dir())?;
                self.repo.drop_ref(&tracking)?;
                self.repo.move_ref(&tracking, None, head, "")?;
                self.leave_old_history(old, true)?;
            }
            let seen = self.repo.ref_target(&tracking)?.filter(|_| seen.is_some());
            let known: Vec<Oid> = seen.into_iter().collect();
            done.pushed_commits += self.repo.since(head, &known)?.len();
            for (_, old, new) in &chains {
                done.pushed_accesses +=
                    self.repo.since(*new, &old.iter().copied().collect::<Vec<_>>())?.len();
            }
            self.repo.move_ref(&tracking, seen, head, "")?;
            self.note_pushed_chains(&remote.name, &chains)?;
        }
        self.send_keys(&git, remote, done)
    }

    fn send_keys(&self, git: &Git, remote: &Remote, done: &mut Synced) -> Result<Outcome> {
        // What is pushed and what is then remembered must be the same keys.
        let _lock = lock::acquire(&self.private_dir())?;
        let (Some(tip), (seen, _)) = (self.keys.tip()?, self.synced()?) else { return Ok(Outcome::Done) };
        if seen == Some(tip) {
            return Ok(Outcome::Done);
        }
        let push = Push {
            refspecs: vec![format!("{tip}:{KEYS_REF}")],
            atomic: false,
            leases: vec![(KEYS_REF.to_owned(), seen)],
        };
        let git = git.key_store(&KeyStore::path_in(&self.private_dir()))?;
        let replaced = self.replaced_key()?;
        let outcome = deliver(&git, &remote.keys_url, &push, "the key store")?;
        if outcome == Outcome::Done {
            done.replaced_key = replaced.or(done.replaced_key);
            self.note_synced(&self.keys)?;
            done.pushed_keys = true;
        }
        Ok(outcome)
    }
}

/// Pushes `what`. Of a remote that went away in the middle it is asked afterwards what has arrived.
///
/// An error unless all of it is there, or the push may be tried again.
fn deliver(git: &Git, url: &str, push: &Push, what: &str) -> Result<Outcome> {
    let pushed = git.push(url, push)?;
    match pushed.outcome {
        Outcome::Done | Outcome::Moved => return Ok(pushed.outcome),
        Outcome::Refused => return Err(pushed.error(url)),
        Outcome::Unreachable => {}
    }
    // All refs or none, so one of them tells.
    let one = push.refspecs.first().and_then(|spec| spec.split_once(':'));
    let arrived = one.and_then(|(id, name)| {
        let there = git.ls_remote(url, &[name]).ok()?;
        Some(find(&there, name).is_some_and(|at| at.to_string() == id))
    });
    let lost = match arrived {
        Some(true) => return Ok(Outcome::Done),
        Some(false) => format!("the connection to the remote broke off: {what} did not arrive"),
        None => format!("the connection to the remote broke off: it is not known whether {what} arrived"),
    };
    Err(Error::failed(lost)
        .at(shown(url))
        .cause(last_words(&pushed.said))
        .hint("`carnet sync` sends what is missing there"))
}

fn find(refs: &[(String, Oid)], name: &str) -> Option<Oid> {
    refs.iter().find(|(n, _)| n == name).map(|(_, id)| *id)
}

pub(super) fn short(branch: &str) -> &str {
    branch.strip_prefix("refs/heads/").unwrap_or(branch)
}

pub(super) fn tracking(remote: &Remote, branch: &str) -> String {
    format!("refs/remotes/{}/{}", remote.name, short(branch))
}
