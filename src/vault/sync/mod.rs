//! Sync: fetch, merge, push the branch, the access chains and the key store of one ordinary git remote.
//!
//! The keys are fetched before the branch and pushed after it, so that no key that is seen belongs to a commit that
//! is not. Nothing local changes before what came in is checked; a merge is one journaled step like every write.
//! The network is used without carnet's lock, so that nobody waits for it.

mod begun;
mod book_keys;
mod bring;
mod chains;
mod evidence;
mod exchange;
mod files;
mod keys;
mod leavers;
mod mentions;
mod plain;
mod records;
mod tips;

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use super::chains::Dropped;
use super::{Snapshot, Vault};
use crate::domain::ids::{ContactId, Slug};
use crate::error::{Error, Kind, Result};
use crate::store::Oid;
use crate::store::push::Outcome;
use crate::store::remote::Git;

/// How often a sync starts again because somebody else pushed first: with pauses of up to a second, ten seconds or so.
const TRIES: u64 = 20;

/// The longest pause after the first such try, which grows by as much with each; in milliseconds.
const PAUSE: u64 = 100;

/// What to sync with.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Name of the git remote.
    pub name: String,
    /// Its address, and the key store's.
    pub url: String,
    pub keys_url: String,
    /// Whether git may ask for a password.
    pub may_ask: bool,
}

/// What a sync did.
#[derive(Debug, Default)]
pub struct Synced {
    /// Commits of others that are new here, and entries of their access chains.
    pub commits: usize,
    pub accesses: usize,
    /// The merge, where one had to be made.
    pub merge: Option<Oid>,
    /// Contacts with new conflict notes.
    pub conflicts: Vec<ContactId>,
    /// Plain files and fields that both sides changed; the later value stands.
    pub twice: Vec<String>,
    /// Plain files that one side removed and the other changed; they stay.
    pub kept: Vec<String>,
    /// Members whose rights both sides changed; what one side took away stays away.
    pub stricter: Vec<String>,
    /// Contacts that others erased and whose keys were destroyed here.
    pub erased: Vec<ContactId>,
    /// Keys of erased contacts that the remote had and that were not taken over.
    pub came_back: usize,
    /// Other keys there that an erasure destroyed, or that open their contacts no more; not taken over either.
    pub outdated: usize,
    /// Contacts whose mentions of an erased one, made elsewhere meanwhile, were taken out.
    pub mentions: Vec<ContactId>,
    /// Books that could not be searched for such mentions: some of their keys are not here (yet).
    unsearched: Vec<Slug>,
    /// Books that got new keys, because both sides had changed them.
    pub rekeyed: Vec<Slug>,
    /// Commits and entries pushed; whether the key store was.
    pub pushed_commits: usize,
    pub pushed_accesses: usize,
    pub pushed_keys: bool,
    /// Access chains of months beyond the rule that were dropped here.
    pub dropped: Option<Dropped>,
    /// Those that the remote still had.
    past_there: Vec<(String, Oid)>,
    /// Commits that had to be verified: those that are new since the last tip that this clone has verified.
    pub checked: usize,
    /// Commits that a purge of history wrote again, and those of this clone that were carried over to them.
    pub purged: usize,
    pub carried: usize,
    /// The remote's tip, if nothing is wrong with what leads to it.
    pub(super) verified: Option<Oid>,
    /// What was verified before and is there no more, here or at the remote.
    pub rolled_back: Vec<String>,
    /// The remote's tip that is of before a purge, and that a push has to replace.
    pub(super) replace: Option<Oid>,
    /// What somebody should look into.
    pub warnings: Vec<String>,
    /// Why it did not end well, after what is said above was done.
    pub failed: Option<Error>,
}

impl Vault {
    /// Whether this clone has no remote at all.
    pub fn has_no_remote(&self) -> Result<bool> {
        Git::of(&self.repo, false).has_no_remote()
    }

    /// The remote to sync with.
    pub fn remote(&self, name: &str, may_ask: bool) -> Result<Remote> {
        let git = Git::of(&self.repo, may_ask);
        let missing = || {
            Error::not_found(format!("there is no git remote `{name}`"))
                .hint(format!("`git remote add {name} URL`, or `carnet remote init PATH` for a new one"))
        };
        let url = git.remote_url(name)?.ok_or_else(missing)?;
        let keys_url = git.keys_url(name)?.ok_or_else(missing)?;
        Ok(Remote { name: name.to_owned(), url, keys_url, may_ask })
    }

    /// Fetches, merges and, with `push`, pushes.
    ///
    /// An error means that nothing changed here; what failed later is in [`Synced::failed`].
    pub fn sync(&self, remote: &Remote, push: bool) -> Result<Synced> {
        let _alone = self.begin_sync()?;
        let mut done = Synced::default();
        self.look_for_rollback(&mut done)?;
        self.exchange(remote, push, &mut done)?;
        done.warnings.extend(done.unsearched.iter().map(|book| {
            format!(
                "book {book} was not searched for mentions of erased contacts: `carnet verify` says what is damaged"
            )
        }));
        if done.failed.is_none() {
            self.remember_synced(remote, &mut done)?;
        }
        if let Some(first) = done.rolled_back.first().filter(|_| done.failed.is_none()) {
            let more =
                "what is missing is brought back where this clone or the remote has it; find out who did it";
            done.failed = Some(Error::new(Kind::Problems, first.clone()).hint(more));
        }
        Ok(done)
    }

    /// Receives and sends, again where somebody else was faster.
    fn exchange(&self, remote: &Remote, push: bool, done: &mut Synced) -> Result<()> {
        for attempt in 0..TRIES {
            if let Err(e) = self.receive(remote, done) {
                let changed = done.merge.is_some() || done.commits > 0 || done.pushed_commits > 0;
                if !changed {
                    return Err(e);
                }
                done.failed = Some(e);
                return Ok(());
            }
            self.confirm_erasures()?;
            if !push {
                return Ok(());
            }
            match self.send(remote, done) {
                Ok(Outcome::Done) => {
                    match self.drop_past_there(remote, &std::mem::take(&mut done.past_there)) {
                        Ok(refused) => done.warnings.extend(refused),
                        Err(e) => done.failed = Some(e),
                    }
                    return Ok(());
                }
                Ok(_) => std::thread::sleep(pause(attempt)),
                Err(e) => {
                    done.failed = Some(e);
                    return Ok(());
                }
            }
        }
        done.failed = Some(
            Error::failed("others pushed again and again at the same moment").hint("run `carnet sync` again"),
        );
        Ok(())
    }

    fn receive(&self, remote: &Remote, done: &mut Synced) -> Result<()> {
        let before = (self.repo.head()?, self.keys.tip()?);
        let merged = self.fetch_keys(remote).and_then(|keys| {
            let theirs = self.fetch_branch(remote, done)?;
            theirs.map_or(Ok(()), |theirs| self.still_a_member(theirs))?;
            self.bring_together(remote, theirs, keys.as_ref(), done)
        });
        // What was fetched may hold keys that an erasure has to destroy.
        self.drop_fetched()?;
        for book in merged? {
            match self.rekey(&book, &|_| {}) {
                Ok(_) => done.rekeyed.push(book),
                Err(e) if e.kind == Kind::Refused => done.warnings.push(format!(
                    "book {book} needs new keys for the members that it has now: {}; then `carnet book rekey {book}`",
                    e.hint.unwrap_or(e.message)
                )),
                Err(e) => return Err(e),
            }
        }
        // Keys are pushed after the branch: those of contacts that came before may have come alone.
        if (self.repo.head()?, self.keys.tip()?) != before {
            let late = self.forget_late_mentions()?;
            done.mentions.extend(late.mentions);
            done.unsearched = late.unsearched;
        }
        Ok(())
    }
}

impl Vault {
    /// Refuses to go on for somebody whom the remote's verified branch names no more.
    fn still_a_member(&self, theirs: Oid) -> Result<()> {
        let at = Snapshot { commit: theirs, tree: self.repo.tree_of(theirs)? };
        let me = self.me.handle.as_str();
        // Whoever was added here and is not there yet is no leaver.
        let leavers = self.leavers(at)?;
        match leavers.get(me) {
            Some(until) if self.policy(self.snapshot()?.tree)?.authorization.contains_key(me) => {
                let day = until.get(..10).unwrap_or(until);
                Err(Error::no_key(format!("you were removed from this data repository on {day}")).hint(
                    "this clone gets nothing new; delete it, for what is in it is the firm's: ask a member if that is wrong",
                ))
            }
            _ => Ok(()),
        }
    }
}

/// How long to wait before the next try. Those who were refused at the same moment must not all come back at the next
/// one, so it differs from process to process.
fn pause(attempt: u64) -> Duration {
    let most = (PAUSE * (attempt + 1)).min(1000);
    Duration::from_millis(most / 4 + RandomState::new().hash_one(attempt) % most)
}
