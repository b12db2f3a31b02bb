//! The work tree and git's index: kept equal to HEAD for the paths that carnet changes, and checked first.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::git_index::Stat;
use super::gits::{PATIENCE, in_use};
use super::tracked::Tracked;
use super::{Oid, Repo};
use crate::error::{Error, Result};

impl Repo {
    /// Refuses when something is staged, or when one of `paths` (or a plain file that carnet reads) is changed.
    ///
    /// Only these are looked at: comparing every contact file would make each write as slow as the book is large.
    /// Answers with git's index, for [`Repo::write_ahead`].
    pub fn check_clean(&self, head_tree: Oid, paths: &[String]) -> Result<Tracked> {
        self.check_clean_but(head_tree, paths, &[])
    }

    /// The same, where a file of `written` that already is as it is to become is no obstacle: nothing of it can be lost.
    pub fn check_clean_but(
        &self,
        head_tree: Oid,
        paths: &[String],
        written: &[(String, Option<Vec<u8>>)],
    ) -> Result<Tracked> {
        self.wait_for_index()?;
        let index = self.tracked()?;
        if index.tree() != Some(head_tree) {
            return Err(dirty("changes are staged in git's index")
                .hint("`git status` shows them; commit them or `git restore --staged .`"));
        }
        index.each_outside("contacts", |path, stat, id| {
            let path = String::from_utf8_lossy(path);
            self.check_file(&path, stat, id).or_else(|e| self.is_done(&path, written).then_some(()).ok_or(e))
        })?;
        for path in paths {
            match index.get(path) {
                Some((stat, id)) => {
                    let done = |e| self.is_done(path, written).then_some(()).ok_or(e);
                    self.check_file(path, stat, id).or_else(done)?;
                }
                None if self.is_in_the_way(path, paths) && !self.is_done(path, written) => {
                    return Err(dirty("an untracked file is in the way")
                        .at(path.clone())
                        .hint("move it away"));
                }
                None => {}
            }
        }
        Ok(index)
    }

    /// Whether something lies where a file is to come: a directory does only by what is in it and does not go.
    fn is_in_the_way(&self, path: &str, going: &[String]) -> bool {
        let full = self.root().join(path);
        match std::fs::symlink_metadata(&full) {
            Ok(meta) if meta.is_dir() => walkdir::WalkDir::new(&full).into_iter().flatten().any(|file| {
                let relative = file.path().strip_prefix(self.root()).ok().and_then(Path::to_str);
                !file.file_type().is_dir()
                    && relative.is_none_or(|path| !going.iter().any(|gone| gone == path))
            }),
            found => found.is_ok(),
        }
    }

    /// Whether the work tree has a file as `written` has it.
    fn is_done(&self, path: &str, written: &[(String, Option<Vec<u8>>)]) -> bool {
        let Some((_, wanted)) = written.iter().find(|(known, _)| known == path) else { return false };
        let full = self.root().join(path);
        match std::fs::symlink_metadata(&full) {
            Ok(meta) if meta.is_file() => std::fs::read(&full).ok() == *wanted,
            Ok(_) => false,
            Err(e) => wanted.is_none() && e.kind() == std::io::ErrorKind::NotFound,
        }
    }

    /// Waits a moment for a git command that holds the index, and refuses when it goes on.
    ///
    /// Found out before anything is written; otherwise a commit would be made that the work tree cannot follow.
    pub fn wait_for_index(&self) -> Result<()> {
        let lock = self.git.path().join("index.lock");
        let start = std::time::Instant::now();
        while lock.exists() {
            if start.elapsed() > PATIENCE {
                return Err(in_use(&lock));
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Ok(())
    }

    /// Refuses when the work tree's copy of `path` is not the blob `id`, without reading git's index.
    pub fn check_blob(&self, path: &str, id: Oid) -> Result<()> {
        match Oid::hash_file(git2::ObjectType::Blob, self.root().join(path)) {
            Ok(now) if now == id => Ok(()),
            _ => Err(changed_file(path)),
        }
    }

    fn check_file(&self, path: &str, known: Stat, id: Oid) -> Result<()> {
        let now = std::fs::symlink_metadata(self.root().join(path)).ok();
        if now.as_ref().is_some_and(std::fs::Metadata::is_symlink) {
            return self.check_link(path, id);
        }
        let now = now.filter(std::fs::Metadata::is_file);
        let same = |now: Stat| now.size == known.size && now.mtime == known.mtime;
        if now.is_some_and(|meta| same(stat(&meta))) { Ok(()) } else { self.check_blob(path, id) }
    }

    /// A symbolic link's content is what it leads to (gitglossary(7), "symlink").
    fn check_link(&self, path: &str, id: Oid) -> Result<()> {
        use std::os::unix::ffi::OsStrExt;
        let target = std::fs::read_link(self.root().join(path))?;
        match Oid::hash_object(git2::ObjectType::Blob, target.as_os_str().as_bytes())? == id {
            true => Ok(()),
            false => Err(changed_file(path)),
        }
    }

    /// Makes work tree and index equal to `tree` for `paths`. `before`: the tree that both were equal to, if known.
    pub fn sync_paths(&self, before: Option<Oid>, tree: Oid, paths: &[String]) -> Result<()> {
        let mut changes = BTreeMap::new();
        let mut come = Vec::new();
        // A directory may come where a file was, and the other way round: what goes goes first.
        for path in paths {
            match self.file_entry(tree, path)? {
                Some(file) => come.push((path, file)),
                None => {
                    drop_file(self.root(), path)?;
                    changes.insert(path.as_bytes().to_vec(), None);
                }
            }
        }
        for (path, (id, executable)) in come {
            let stat = put_file(self.root(), path, &self.blob(id)?, executable)?;
            changes.insert(path.as_bytes().to_vec(), Some((stat, id)));
        }
        self.stage(before, tree, &changes)
    }

    /// Every tracked path whose copy in the work tree differs from the commit, for `doctor` and `verify`.
    pub fn changed_paths(&self) -> Result<Vec<String>> {
        let mut options = git2::StatusOptions::new();
        options.include_untracked(false).include_ignored(false).no_refresh(true);
        let statuses = self.git.statuses(Some(&mut options))?;
        Ok(statuses.iter().map(|s| String::from_utf8_lossy(s.path_bytes()).into_owned()).collect())
    }
}

/// Writes a file of the work tree.
pub(super) fn put_file(root: &Path, path: &str, content: &[u8], executable: bool) -> Result<Stat> {
    let full = root.join(path);
    if let Some(dir) = full.parent() {
        std::fs::create_dir_all(dir)?;
    }
    std::fs::write(&full, content)?;
    let mut meta = std::fs::metadata(&full)?;
    let mode = meta.permissions().mode();
    if (mode & 0o100 != 0) != executable {
        // Whoever may read it may execute it, as git has it.
        let mode = if executable { mode | (mode & 0o444) >> 2 } else { mode & !0o111 };
        std::fs::set_permissions(&full, std::fs::Permissions::from_mode(mode))?;
        meta = std::fs::metadata(&full)?;
    }
    Ok(stat(&meta))
}

/// Removes a file of the work tree, if it is there.
pub(super) fn drop_file(root: &Path, path: &str) -> Result<()> {
    let full = root.join(path);
    match std::fs::remove_file(&full) {
        // Where a file came in the place of its directory, it is gone already.
        Err(e) if !matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Err(e.into());
        }
        _ => {}
    }
    // Empty directories go with their last file, as git does it.
    let mut dir = full.parent();
    while let Some(d) = dir.filter(|d| *d != root) {
        if std::fs::remove_dir(d).is_err() {
            break;
        }
        dir = d.parent();
    }
    Ok(())
}

/// What the index keeps of a file.
fn stat(meta: &std::fs::Metadata) -> Stat {
    let low = |n: i64| n as u32;
    Stat {
        ctime: (low(meta.ctime()), low(meta.ctime_nsec())),
        mtime: (low(meta.mtime()), low(meta.mtime_nsec())),
        dev: meta.dev() as u32,
        ino: meta.ino() as u32,
        uid: meta.uid(),
        gid: meta.gid(),
        size: meta.len() as u32,
        executable: meta.mode() & 0o100 != 0,
    }
}

fn dirty(what: &str) -> Error {
    Error::failed(format!("the work tree is not clean: {what}"))
}

fn changed_file(path: &str) -> Error {
    dirty("a file differs from what was committed").at(path.to_owned()).hint(
        match path.starts_with("templates/") {
            true => "`carnet report --save-templates` commits the templates as they are, signed".to_owned(),
            false => format!(
                "`git diff -- {path}` shows how; `git restore -- {path}` takes the committed one back"
            ),
        },
    )
}

impl Repo {
    /// Removes git's own lock files that an interrupted carnet left: those made after the journal `since`.
    ///
    /// Called with carnet's lock held and a journal in place, so that no living carnet owns them; a lock that
    /// is older than the journal belongs to somebody else's git and stays, and so does every lock while a git command
    /// is running here, for it may have made the lock since.
    pub fn break_stale_locks(&self, since: &Path) -> Result<()> {
        let started = std::fs::metadata(since)?.modified()?;
        let git_dir = self.git.path().to_path_buf();
        let mut locks = vec![git_dir.join("index.lock"), git_dir.join("HEAD.lock")];
        locks.extend(lock_files(&git_dir.join("refs")));
        locks.extend(unfinished_packs(&self.git.commondir().join("objects/pack")));
        for lock in locks {
            match std::fs::metadata(&lock).and_then(|m| m.modified()) {
                Ok(made) if made >= started => {
                    self.wait_for_git(&lock)?;
                    match std::fs::remove_file(&lock) {
                        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Lock files below `dir`.
pub(super) fn lock_files(dir: &Path) -> Vec<std::path::PathBuf> {
    walkdir::WalkDir::new(dir)
        .into_iter()
        .flatten()
        .map(walkdir::DirEntry::into_path)
        .filter(|p| p.extension().is_some_and(|e| e == "lock"))
        .collect()
}

/// What libgit2 was writing when it was killed: packs without their final names, and locks of their indexes. `git gc`
/// knows nothing of them.
fn unfinished_packs(dir: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let unfinished = |path: &std::path::PathBuf| {
        path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("pack_git2_"))
    };
    entries.map(|entry| entry.path()).filter(unfinished).collect()
}

impl Repo {
    /// How many loose objects the repository has.
    pub fn loose_objects(&self) -> usize {
        let objects = self.git.commondir().join("objects");
        walkdir::WalkDir::new(objects)
            .min_depth(2)
            .max_depth(2)
            .into_iter()
            .flatten()
            .filter(|e| e.file_name().len() == 38)
            .count()
    }
}
