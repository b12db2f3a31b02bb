//! The key store: a bare repository of its own whose one ref always points at one parentless commit.
//!
//! It has no past: what a change replaces is deleted at once, object by object, and erasure rewrites packs
//! that still hold a destroyed key (docs/format.md, "Key store"). It stores ciphertext only.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, Repository};

use super::repo::Author;
use super::trees::{self, Entry, TreeEdit};
use super::{Oid, bulk};
use crate::error::{Error, Result};

/// The ref that names the current keys.
pub const KEYS_REF: &str = "refs/carnet/keys";

/// The address that the author of a key store's commit has: nobody's.
pub const KEYS_AUTHOR: &str = "keys@carnet.invalid";

/// An open key store.
pub struct KeyStore {
    git: Repository,
    path: PathBuf,
}

impl KeyStore {
    /// Where the key store of a repository lies.
    pub fn path_in(private_dir: &Path) -> PathBuf {
        private_dir.join("keys.git")
    }

    pub fn open(path: &Path) -> Result<KeyStore> {
        let git = Repository::open_bare(path).map_err(|e| match e.code() {
            ErrorCode::NotFound => Error::no_key("this clone has no key store")
                .hint("`carnet doctor` says what is missing; `carnet sync` fetches it from the remote"),
            _ => e.into(),
        })?;
        Ok(KeyStore { git, path: path.to_path_buf() })
    }

    /// Makes an empty key store, readable by its owner alone.
    pub fn init(path: &Path) -> Result<KeyStore> {
        let mut options = git2::RepositoryInitOptions::new();
        options
            .bare(true)
            .external_template(false)
            .mkpath(true)
            .mode(git2::RepositoryInitMode::from_bits_retain(0o700));
        let git = Repository::init_opts(path, &options)?;
        git.config()?.set_bool("core.logAllRefUpdates", false)?;
        Ok(KeyStore { git, path: path.to_path_buf() })
    }

    /// The commit that holds the current keys.
    pub fn tip(&self) -> Result<Option<Oid>> {
        match self.git.refname_to_id(KEYS_REF) {
            Ok(id) => Ok(Some(id)),
            Err(e) if e.code() == ErrorCode::NotFound => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    fn tree(&self) -> Result<Option<Oid>> {
        Ok(match self.tip()? {
            Some(tip) => Some(self.git.find_commit(tip)?.tree_id()),
            None => None,
        })
    }

    /// Runs a read of the current keys; again when it came to nothing while another process replaced them.
    ///
    /// Readers hold no lock, and what a change replaces is deleted at once: a tree may go while it is read.
    fn read<T>(&self, found: fn(&T) -> bool, read: impl Fn(Option<Oid>) -> Result<T>) -> Result<T> {
        let mut tip = self.tip()?;
        loop {
            let tree = tip.map(|tip| Ok(self.git.find_commit(tip)?.tree_id())).transpose();
            let result = tree.and_then(&read);
            if result.as_ref().is_ok_and(found) {
                return result;
            }
            match self.tip()? {
                now if now == tip => return result,
                now => tip = now,
            }
        }
    }

    /// The key message at `path` (`<book>/book.pgp`, `<book>/<xx>/<id>.pgp`).
    pub fn get(&self, path: &str) -> Result<Option<Vec<u8>>> {
        self.read(Option::is_some, |tree| {
            let Some(tree) = tree else { return Ok(None) };
            match trees::entry(&self.git, tree, path)? {
                Some(id) => Ok(Some(self.git.find_blob(id)?.content().to_vec())),
                None => Ok(None),
            }
        })
    }

    /// The id of the key message at `path`.
    pub fn id(&self, path: &str) -> Result<Option<Oid>> {
        self.read(Option::is_some, |tree| match tree {
            Some(tree) => trees::entry(&self.git, tree, path),
            None => Ok(None),
        })
    }

    /// Books that have keys here.
    pub fn books(&self) -> Result<Vec<crate::domain::ids::Slug>> {
        self.read(
            |_| true,
            |tree| {
                let Some(tree) = tree else { return Ok(Vec::new()) };
                let tree = self.git.find_tree(tree)?;
                Ok(tree.iter().filter_map(|e| e.name().ok()?.parse().ok()).collect())
            },
        )
    }

    /// Whether there is a key at `path`.
    pub fn has(&self, path: &str) -> Result<bool> {
        self.read(
            |found| *found,
            |tree| match tree {
                Some(tree) => Ok(trees::entry(&self.git, tree, path)?.is_some()),
                None => Ok(false),
            },
        )
    }

    /// Whether the store holds an object, needed or not.
    pub fn has_object(&self, id: Oid) -> bool {
        self.git.odb().is_ok_and(|odb| odb.exists(id))
    }

    /// Whether a prepared commit can be put in force: it is there, with every tree and message of it.
    ///
    /// Asked of a handle of its own, for another one may remember what was deleted since.
    pub fn is_whole(&self, commit: Oid) -> bool {
        let look = || -> Result<bool> {
            let git = Repository::open_bare(&self.path)?;
            let odb = git.odb()?;
            let messages = trees::list(&git, git.find_commit(commit)?.tree_id())?;
            Ok(messages.iter().all(|entry| odb.exists(entry.id)))
        };
        look().unwrap_or(false)
    }

    /// All keys, in order of path.
    pub fn list(&self) -> Result<Vec<Entry>> {
        self.read(
            |_| true,
            |tree| match tree {
                Some(tree) => trees::list(&self.git, tree),
                None => Ok(Vec::new()),
            },
        )
    }

    /// The content of a key message that [`KeyStore::list`] named.
    pub fn blob(&self, id: Oid) -> Result<Vec<u8>> {
        Ok(self.git.find_blob(id)?.content().to_vec())
    }

    /// Replaces the store's one commit by one with `edits` made, and deletes what it replaced.
    ///
    /// `bulk` gathers the new objects into one pack, for imports.
    pub fn change(&self, edits: &[(String, Option<Vec<u8>>)], author: &Author, bulk: bool) -> Result<()> {
        if edits.is_empty() {
            return Ok(());
        }
        let new = self.prepare(edits, author, bulk)?;
        if Some(self.git.find_commit(new)?.tree_id()) == self.tree()? {
            return Ok(());
        }
        self.put_in_force(new)
    }

    /// Writes the commit that `edits` would make, and leaves the current keys in force.
    ///
    /// Both states are then in the store: [`KeyStore::put_in_force`] takes the step, [`KeyStore::prune`] takes it
    /// back. When nothing would change, it is the current commit.
    pub fn prepare(&self, edits: &[(String, Option<Vec<u8>>)], author: &Author, bulk: bool) -> Result<Oid> {
        let old_tree = self.tree()?;
        let tree_edits = self.write_messages(edits, bulk)?;
        let new_tree = trees::edit(&self.git, old_tree, &tree_edits)?;
        if let (Some(tip), true) = (self.tip()?, Some(new_tree) == old_tree) {
            return Ok(tip);
        }
        let who = git2::Signature::new("carnet", KEYS_AUTHOR, &git2::Time::new(author.time, 0))?;
        let tree = self.git.find_tree(new_tree)?;
        Ok(self.git.commit(None, &who, &who, "keys\n", &tree, &[])?)
    }

    /// Makes a prepared commit the current one, and deletes the loose objects that only the replaced one needed.
    pub fn put_in_force(&self, new: Oid) -> Result<()> {
        let old = self.tip()?;
        if old == Some(new) {
            return Ok(());
        }
        let old_tree = self.tree()?;
        let new_tree = self.git.find_commit(new)?.tree_id();
        match old {
            Some(old) => self.git.reference_matching(KEYS_REF, new, true, old, "")?,
            None => {
                let first = self.git.reference(KEYS_REF, new, true, "")?;
                // The empty tree that the first edit began from is nothing that the store needs.
                let empty = Oid::hash_object(git2::ObjectType::Tree, b"")?;
                bulk::remove_loose(&self.path, empty)?;
                first
            }
        };
        if let (Some(old), Some(old_tree)) = (old, old_tree) {
            self.drop_replaced(old, old_tree, new_tree)?;
        }
        Ok(())
    }

    fn write_messages(&self, edits: &[(String, Option<Vec<u8>>)], bulk: bool) -> Result<Vec<TreeEdit>> {
        if bulk {
            let (paths, blobs): (Vec<_>, Vec<_>) =
                edits.iter().filter_map(|(p, m)| Some((p.clone(), m.as_deref()?))).unzip();
            let ids = bulk::write_blobs(&self.git, &blobs, bulk::SMALL_PACK)?;
            let removed = edits.iter().filter(|(_, m)| m.is_none()).map(|(p, _)| (p.clone(), None));
            return Ok(paths.into_iter().zip(ids.into_iter().map(Some)).chain(removed).collect());
        }
        edits
            .iter()
            .map(|(path, message)| {
                let blob = message.as_ref().map(|m| self.git.blob(m)).transpose()?;
                Ok((path.clone(), blob))
            })
            .collect()
    }

    /// Deletes the loose objects that only the replaced commit needed: the commit, changed trees and blobs.
    fn drop_replaced(&self, old: Oid, old_tree: Oid, new_tree: Oid) -> Result<()> {
        let (mut gone, mut messages) = (vec![old], Vec::new());
        self.collect_replaced(old_tree, new_tree, &mut gone, &mut messages)?;
        if !messages.is_empty() {
            // Somebody may have put a message under a second path; where it stays it is needed.
            let needed = self.reachable()?;
            gone.extend(messages.into_iter().filter(|id| !needed.contains(id)));
        }
        for id in gone {
            bulk::remove_loose(&self.path, id)?;
        }
        Ok(())
    }

    fn collect_replaced(
        &self,
        old: Oid,
        new: Oid,
        gone: &mut Vec<Oid>,
        messages: &mut Vec<Oid>,
    ) -> Result<()> {
        if old == new {
            return Ok(());
        }
        gone.push(old);
        let (old, new) = (self.git.find_tree(old)?, self.git.find_tree(new)?);
        for entry in old.iter() {
            let now = new.get_name_bytes(entry.name_bytes()).map(|e| (e.id(), e.kind()));
            match (entry.kind(), now) {
                (_, Some((id, _))) if id == entry.id() => {}
                (Some(git2::ObjectType::Tree), Some((id, Some(git2::ObjectType::Tree)))) => {
                    self.collect_replaced(entry.id(), id, gone, messages)?;
                }
                (Some(git2::ObjectType::Tree), _) => {
                    gone.push(entry.id());
                    messages.extend(trees::list(&self.git, entry.id())?.into_iter().map(|e| e.id));
                }
                _ => messages.push(entry.id()),
            }
        }
        Ok(())
    }

    /// Ids of every object that the current commit needs.
    pub fn reachable(&self) -> Result<HashSet<Oid>> {
        let mut needed = HashSet::new();
        if let (Some(tip), Some(tree)) = (self.tip()?, self.tree()?) {
            needed.insert(tip);
            needed.insert(tree);
            self.git.find_tree(tree)?.walk(git2::TreeWalkMode::PreOrder, |_, entry| {
                needed.insert(entry.id());
                git2::TreeWalkResult::Ok
            })?;
        }
        Ok(needed)
    }

    /// Whether the store reads objects of another one (gitrepository-layout(5), `objects/info/alternates`).
    pub fn borrows(&self) -> bool {
        self.path.join("objects/info/alternates").exists()
    }

    /// Ids of every object in the store, loose or packed, needed or not.
    pub fn objects(&self) -> Result<Vec<Oid>> {
        // A fresh handle: a pack that was replaced must not be seen through an old one.
        let git = Repository::open_bare(&self.path)?;
        let mut all = Vec::new();
        git.odb()?.foreach(|id| {
            all.push(*id);
            true
        })?;
        Ok(all)
    }

    /// Destroys every object that the current commit does not need: loose files are deleted, packs that hold
    /// one are written anew without it, unfinished files of a killed process go. Returns how many objects went.
    ///
    /// carnet's lock is held, so that nobody is writing here.
    pub fn prune(&self) -> Result<usize> {
        bulk::remove_unfinished(&self.path)?;
        let needed = self.reachable()?;
        bulk::borrow_nothing(&self.path, &needed)?;
        let gone: HashSet<Oid> = self.objects()?.into_iter().filter(|id| !needed.contains(id)).collect();
        for log in ["logs", "ORIG_HEAD", "FETCH_HEAD"] {
            let path = self.path.join(log);
            if path.is_dir() {
                std::fs::remove_dir_all(&path)?;
            } else if path.exists() {
                std::fs::remove_file(&path)?;
            }
        }
        if gone.is_empty() {
            return Ok(0);
        }
        for id in &gone {
            bulk::remove_loose(&self.path, *id)?;
        }
        bulk::repack_without(&self.path, &needed)?;
        Ok(gone.len())
    }
}

impl KeyStore {
    /// Refuses a store whose commit has a parent: there would be a past that holds destroyed keys.
    pub fn check_has_no_past(&self) -> Result<()> {
        match self.tip()? {
            Some(tip) if self.git.find_commit(tip)?.parent_count() > 0 => {
                Err(Error::failed("the key store has a past: its commit has a parent")
                    .hint("have it pushed again by `carnet sync`"))
            }
            _ => Ok(()),
        }
    }

    /// Leaves a store that git has fetched as a change by carnet would: pruned, with trees and commit loose.
    pub fn tidy(&self) -> Result<()> {
        self.prune()?;
        bulk::repack_without(&self.path, &self.reachable()?)
    }

    /// Removes lock files that an interrupted carnet left. Only carnet writes here, under its own lock.
    pub fn break_stale_locks(&self) -> Result<()> {
        for lock in super::worktree::lock_files(&self.path) {
            std::fs::remove_file(lock)?;
        }
        Ok(())
    }
}
