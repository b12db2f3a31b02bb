//! The work tree and git's index follow a commit while it is still being signed.
//!
//! The tree is known before the commit is, and writing an index of megabytes takes as long as sealing, signing and
//! moving the branch together. Whoever is interrupted in between finds the journal, by which both return to HEAD.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use super::git_index::{Changes, Stat};
use super::tracked::{Reading, write_index};
use super::worktree::{drop_file, put_file};
use super::{Oid, Repo};
use crate::error::Result;

/// Work tree and index on their way to a tree; dropping it waits until nothing is being written any more.
pub struct Following(Option<JoinHandle<Result<bool>>>);

impl Following {
    /// Waits. `false` when the index is not one that carnet writes, so that libgit2 has to.
    pub fn finish(mut self) -> Result<bool> {
        self.0.take().and_then(|thread| thread.join().ok()).unwrap_or(Ok(false))
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            let _ = thread.join();
        }
    }
}

/// What the thread needs; it knows neither the repository nor its objects.
struct Follow {
    root: PathBuf,
    git_dir: PathBuf,
    before: Oid,
    files: Vec<(String, Option<Vec<u8>>)>,
    /// The new trees of the directories that change; the top is the empty path.
    trees: BTreeMap<String, Option<Oid>>,
    index: Reading,
}

impl Repo {
    /// Begins to make work tree and index, both equal to the tree `before`, equal to `tree`, which differs by `files`.
    ///
    /// After [`Repo::check_clean`] and [`Repo::write_ahead`], with carnet's lock held and a journal that names the files.
    pub fn follow(&self, before: Oid, tree: Oid, files: Vec<(String, Option<Vec<u8>>)>) -> Result<Following> {
        let directories: BTreeSet<&Path> =
            files.iter().flat_map(|(path, _)| Path::new(path).ancestors().skip(1)).collect();
        let mut trees = BTreeMap::new();
        for directory in directories {
            let directory = directory.to_string_lossy().into_owned();
            let id = if directory.is_empty() { Some(tree) } else { self.entry(tree, &directory)? };
            trees.insert(directory, id);
        }
        let follow = Follow {
            root: self.root().to_path_buf(),
            git_dir: self.git.path().to_path_buf(),
            before,
            files,
            trees,
            index: self.ahead.hand_over(),
        };
        // Without a thread to be had, the caller does the work afterwards.
        Ok(Following(std::thread::Builder::new().name("follow".into()).spawn(move || follow.run()).ok()))
    }
}

impl Follow {
    fn run(self) -> Result<bool> {
        let mut changes = Changes::new();
        for (path, content) in &self.files {
            let now: Option<(Stat, Oid)> = match content {
                Some(content) => Some((
                    put_file(&self.root, path, content, false)?,
                    Oid::hash_object(git2::ObjectType::Blob, content)?,
                )),
                None => {
                    drop_file(&self.root, path)?;
                    None
                }
            };
            changes.insert(path.clone().into_bytes(), now);
        }
        let Follow { git_dir, before, trees, index, .. } = self;
        write_index(&git_dir, index, before, &changes, |directory| {
            Ok(trees.get(directory).copied().flatten())
        })
    }
}
