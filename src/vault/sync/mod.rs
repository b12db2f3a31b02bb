//! Sync: fetch, merge, push the branch, the access chains and the key store of one ordinary git remote.
//!
//! The keys are fetched before the branch and pushed after it, so that no key that is seen belongs to a commit that
//! is not. Nothing local changes before what came in is checked; a merge is one journaled step like every write.
//! The network is used without carnet's lock, so that nobody waits for it.

mod apart;
mod begun;
mod book_keys;
mod bring;
mod chains;
mod evidence;
mod exchange;
mod files;
mod keys;
pub(super) mod leave;
mod leavers;
mod linger;
mod mentions;
mod plain;
mod records;
mod stranded;
mod tips;
mod wordings;

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use super::Vault;
use super::chains::Dropped;
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
    /// Contacts that were changed here and moved elsewhere to a book that this member cannot open.
    pub apart: Vec<ContactId>,
    /// Contacts whose two versions, left apart by such a sync, were brought together.
    pub united: Vec<ContactId>,
    /// Plain files and fields that both sides changed; the later value stands.
    pub twice: Vec<String>,
    /// Plain files that one side removed and the other changed; they stay.
    pub kept: Vec<String>,
    /// Contacts that one side removed, without erasing them, and the other changed; they stay.
    pub kept_contacts: Vec<ContactId>,
    /// Members whose rights both sides changed; what one side took away stays away.
    pub stricter: Vec<String>,
    /// Wordings of this clone's that have another number now: the old name and the new.
    pub renumbered: Vec<(String, String)>,
    /// Contacts that others erased and whose keys were destroyed here.
    pub erased: Vec<ContactId>,
    /// Keys of erased contacts that the remote had and that were not taken over.
    pub came_back: usize,
    /// Other keys there that an erasure destroyed, or that open their contacts no more; not taken over either.
    pub outdated: usize,
    /// Contacts whose mentions of an erased one, made elsewhere meanwhile, were taken out.
    pub mentions: Vec<ContactId>,
    /// Contacts that had become part of another and were changed elsewhere: the one that stays has the changes. Each with
    /// the one that went.
    pub reunited: Vec<(ContactId, ContactId)>,
    /// Books that could not be searched for such mentions: some of their keys are not here (yet).
    unsearched: Vec<Slug>,
    /// Contacts that hold what an erased one brought, and that cannot be parted from it any more.
    whole: Vec<ContactId>,
    /// Books that got new keys, because both sides had changed them.
    pub rekeyed: Vec<Slug>,
    /// Commits and entries pushed; whether the key store was.
    pub pushed_commits: usize,
    pub pushed_accesses: usize,
    pub pushed_keys: bool,
    /// One of the keys that the remote had and that the pushed store has no more.
    replaced_key: Option<Oid>,
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
        self.state_lingering(remote, &mut done)?;
        done.warnings.extend(done.unsearched.iter().map(|book| {
            format!(
                "book {book} was not searched for mentions of erased contacts: `carnet verify` says what is damaged"
            )
        }));
        done.warnings.extend(done.whole.iter().map(|id| {
            format!(
                "contact {0} holds what was merged into it of an erased one, and no version from before opens: `carnet \
                 erase {0} --reason request` ends both",
                id.short()
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
            if let Some(theirs) = theirs {
                self.still_a_member(theirs, keys.as_ref(), done)?;
            }
            self.forget_leaving()?;
            self.bring_together(remote, theirs, keys.as_ref(), done)
        });
        // What was fetched may hold keys that an erasure has to destroy.
        self.drop_fetched()?;
        for book in merged? {
            // Two clones made a book of one name, and its key is the other's.
            if self.book_key_in(&self.keys, &book)?.is_none() {
                done.warnings.push(format!(
                    "book {book} needs new keys for the members that it has now, and you cannot open it: who can \
                     runs `carnet book rekey {book}`"
                ));
                continue;
            }
            match self.rekey(&book, &|_| {}) {
                Ok(_) => done.rekeyed.push(book),
                Err(e) if e.kind == Kind::Refused => done.warnings.push(format!(
                    "book {book} needs new keys for the members that it has now: {}; then `carnet book rekey {book}`",
                    e.hint.unwrap_or(e.message)
                )),
                Err(e) => return Err(e),
            }
        }
        // Keys are pushed after the branch: those of contacts that came before may have come alone. A merge by git
        // alone, and a sync that was killed, leave this to the sync that pushes what they made.
        let now = (self.repo.head()?, self.keys.tip()?);
        let tracked = self.repo.ref_target(&exchange::tracking(remote, &self.repo.branch()?))?;
        if now != before || Some(now.0) != tracked {
            self.put_together(done)?;
        }
        Ok(())
    }

    /// What two clones did that the merge of their files alone does not bring together.
    fn put_together(&self, done: &mut Synced) -> Result<()> {
        // Both versions are there and open; that they are still two is no reason to keep the rest back.
        if let Err(e) = self.unite_apart(done) {
            done.warnings.push(format!(
                "a contact that was moved and changed could not be made one again, and lies in two books: {e}"
            ));
        }
        for (into, from, noted) in self.reunite()? {
            done.conflicts.extend(noted.then(|| into.clone()));
            done.kept_contacts.retain(|id| *id != from);
            done.reunited.push((into, from));
        }
        let late = self.forget_late_mentions()?;
        done.mentions.extend(late.mentions);
        done.unsearched = late.unsearched;
        done.whole = late.whole;
        Ok(())
    }
}

/// How long to wait before the next try. Those who were refused at the same moment must not all come back at the next
/// one, so it differs from process to process.
fn pause(attempt: u64) -> Duration {
    let most = (PAUSE * (attempt + 1)).min(1000);
    Duration::from_millis(most / 4 + RandomState::new().hash_one(attempt) % most)
}
