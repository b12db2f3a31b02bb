//! Writing: one operation is one signed commit, planned in the journal before anything is touched.

use std::collections::BTreeSet;

use super::recover::owner_of_key;
use super::{Snapshot, Vault};
use crate::crypto::{Secret, symmetric};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::journal::{self, Plan};
use crate::store::{Oid, lock};

/// From how many new files on an operation is written as packs.
pub(super) const BULK: usize = 64;

/// What an operation changes; nothing is written before it is complete.
#[derive(Default)]
pub struct Staged {
    /// Files of the main repository: new content, or none to remove.
    pub files: Vec<(String, Option<Vec<u8>>)>,
    /// Messages of the key store to write before the commit.
    pub keys: Vec<(String, Vec<u8>)>,
    /// Messages of the key store that come into force with the commit, all at once: the members of a book and
    /// its new keys. Until the branch has moved, what they replace is in force and whole.
    pub replace: Vec<(String, Vec<u8>)>,
    /// Messages of the key store to destroy after the commit: their contacts are removed by `files`.
    pub destroy: Vec<String>,
}

impl Staged {
    pub fn put(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.files.push((path.into(), Some(content.into())));
    }
    pub fn remove(&mut self, path: impl Into<String>) {
        self.files.push((path.into(), None));
    }
}

impl Vault {
    /// Runs one operation under the lock: `plan` sees the branch as it is and stages the change.
    ///
    /// Returns the new commit, or none when nothing was staged.
    pub fn write<T>(
        &self,
        plan: impl FnOnce(Snapshot, &mut Staged) -> Result<(Entry, T)>,
    ) -> Result<(Option<Oid>, T)> {
        let (made, out) = self.write_locked(plan)?;
        let commit = made.as_ref().map(|(_, commit)| *commit);
        if let (Some((entry, commit)), Some(took)) = (&made, &self.took) {
            took(self, entry, *commit);
        }
        Ok((commit, out))
    }

    fn write_locked<T>(
        &self,
        plan: impl FnOnce(Snapshot, &mut Staged) -> Result<(Entry, T)>,
    ) -> Result<(Option<(Entry, Oid)>, T)> {
        let private = self.private_dir();
        let _lock = lock::acquire(&private)?;
        self.repo.read_ahead();
        self.recover()?;
        let branch = self.repo.branch()?;
        let at = self.snapshot()?;
        self.show_newcomers(at);
        let mut staged = Staged::default();
        let (entry, out) = plan(at, &mut staged)?;
        if staged.files.is_empty() {
            return Ok((None, out));
        }
        let paths: Vec<String> = staged.files.iter().map(|(p, _)| p.clone()).collect();
        let index = self.repo.check_clean_but(at.tree, &paths, &staged.files)?;
        self.check_may_sign(at)?;
        let there = |(path, new): &(String, Option<Vec<u8>>)| (path.clone().into_bytes(), new.is_some());
        self.repo.write_ahead(index, staged.files.iter().map(there).collect());
        let mut plan = Plan {
            paths,
            // HEAD decides about both: keys of what it has not are removed, whenever that is found out.
            keys: staged.keys.iter().map(|(p, _)| p).chain(&staged.destroy).cloned().collect(),
            prune: !staged.destroy.is_empty() || !staged.replace.is_empty(),
            ..Plan::default()
        };
        journal::begin(&private, &plan)?;
        let done = self.carry_out(at, &branch, staged, &entry, &mut plan);
        if done.is_err() {
            // Whatever was half done is finished or undone now if it can be, else by the next command.
            let _ = self.recover();
        }
        let commit = done?;
        journal::end(&private)?;
        Ok((Some((entry, commit)), out))
    }

    /// Refuses now what [`Vault::write`] would refuse later, so that nobody types into an editor in vain.
    pub fn check_ready(&self, paths: &[String]) -> Result<()> {
        let _lock = lock::acquire(&self.private_dir())?;
        self.recover()?;
        self.repo.branch()?;
        let at = self.snapshot()?;
        self.repo.check_clean(at.tree, paths)?;
        self.check_may_sign(at)
    }

    fn carry_out(
        &self,
        at: Snapshot,
        branch: &str,
        staged: Staged,
        entry: &Entry,
        plan: &mut Plan,
    ) -> Result<Oid> {
        let author = self.author();
        let bulk = staged.files.len() >= BULK;
        let tree = self.repo.write_files(at.tree, &staged.files, bulk)?;
        // Of much, the work tree would keep a second copy in memory.
        let following = if bulk { None } else { Some(self.repo.follow(at.tree, tree, staged.files)?) };
        let keys: Vec<_> = staged.keys.into_iter().map(|(p, m)| (p, Some(m))).collect();
        self.keys.change(&keys, &author, bulk)?;
        let mut replaced: Vec<String> = staged.replace.iter().map(|(path, _)| path.clone()).collect();
        let replace: Vec<_> = staged.replace.into_iter().map(|(p, m)| (p, Some(m))).collect();
        let new_keys = match replace.len() {
            0 => None,
            n => Some(self.keys.prepare(&replace, &author, n >= BULK)?),
        };
        entry.assert_known();
        let commit =
            self.repo.write_commit(tree, &[at.commit], &author, &entry.message(), &|data| self.sign(data))?;
        if let Some(new_keys) = new_keys {
            plan.switch = Some((commit, new_keys));
            journal::begin(&self.private_dir(), plan)?;
        }
        self.repo.move_ref(branch, Some(at.commit), commit, &entry.subject)?;
        // From here on the operation has happened.
        let _ = self.note_last(at.commit, commit);
        let after = |e: Error| {
            e.hint("the change is committed; the next carnet command finishes the rest, `carnet doctor` says which")
        };
        if let Some(new_keys) = new_keys {
            self.keys.put_in_force(new_keys).and_then(|()| self.keys.prune()).map_err(after)?;
        }
        if !staged.destroy.is_empty() {
            self.destroy_keys(&staged.destroy).map_err(after)?;
            // Before the journal ends: a sealed index still holds what was in the contacts.
            replaced.extend(staged.destroy);
            self.forget_in_indexes(&replaced).map_err(after)?;
        } else {
            self.note_settled().map_err(after)?;
        }
        let followed = following.map_or(Ok(false), |f| f.finish()).map_err(after)?;
        if !followed {
            self.repo.sync_paths(Some(at.tree), tree, &plan.paths).map_err(after)?;
        }
        Ok(commit)
    }

    /// Removes keys and everything that the key store still holds of them.
    pub(super) fn destroy_keys(&self, paths: &[String]) -> Result<()> {
        let mut edits = Vec::with_capacity(paths.len());
        for path in paths {
            // The ledger may have destroyed it before.
            if self.keys.has(path)? {
                edits.push((path.clone(), None));
            }
        }
        self.keys.change(&edits, &self.author(), false)?;
        self.keys.prune()?;
        self.settle_ledger().map(|_| ())
    }

    /// Rewrites the indexes of the books that lost these keys, or have others for them.
    fn forget_in_indexes(&self, destroyed: &[String]) -> Result<()> {
        let at = self.snapshot()?;
        self.drop_index_parts()?;
        let owners = destroyed.iter().filter_map(|path| owner_of_key(path));
        let books: BTreeSet<Slug> = owners.map(|(book, _)| book).collect();
        books.iter().try_for_each(|book| self.rewrite_index(at, book))
    }

    /// Refuses to write a commit that `verify` would refuse.
    pub(super) fn check_may_sign(&self, at: Snapshot) -> Result<()> {
        let policy = self.policy(at.tree)?;
        let allowed = policy.authorization.get(self.me.handle.as_str()).is_some_and(|a| a.sign_commit);
        if allowed {
            return Ok(());
        }
        Err(Error::refused(format!("`{}` may not sign commits here", self.me.handle))
            .at("openpgp-policy.toml")
            .hint("ask a member who may add users to authorise you"))
    }

    /// The signing policy in a tree.
    pub fn policy(&self, tree: Oid) -> Result<crate::domain::policy::Policy> {
        use crate::domain::policy::Policy;
        let bytes = self.repo.file(tree, Policy::PATH)?.ok_or_else(|| {
            Error::failed("the data repository has no signing policy")
                .at(Policy::PATH)
                .hint("`carnet verify` shows when it went")
        })?;
        Policy::parse(&String::from_utf8_lossy(&bytes))
    }

    /// Seals a new contact under a new key and stages both.
    pub fn stage_new(&self, staged: &mut Staged, book: &Slug, id: &ContactId, text: &str) -> Result<()> {
        let (file, key) = seal_new(&*self.book_key(book)?, text)?;
        staged.put(id.path(book), file);
        staged.keys.push((id.key_path(book), key));
        Ok(())
    }

    /// Seals a new version of a contact under the key that it has.
    pub fn stage_version(&self, staged: &mut Staged, book: &Slug, id: &ContactId, text: &str) -> Result<()> {
        let key = self.contact_key(book, id)?;
        staged.put(id.path(book), symmetric::seal(&key, text.as_bytes())?);
        Ok(())
    }
}

/// A contact's file under a fresh key, and that key's message under the book key.
pub fn seal_new(book_key: &Secret, text: &str) -> Result<(Vec<u8>, Vec<u8>)> {
    seal_fresh(book_key, text).map(|(_, file, message)| (file, message))
}

/// The same with the key itself, for what else is to be sealed under it.
pub fn seal_fresh(book_key: &Secret, text: &str) -> Result<(Secret, Vec<u8>, Vec<u8>)> {
    let key = Secret::random()?;
    let file = symmetric::seal(&key, text.as_bytes())?;
    let message = symmetric::seal(book_key, &key.to_message())?;
    Ok((key, file, message))
}
