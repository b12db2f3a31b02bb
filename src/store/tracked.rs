//! What git's index says is tracked: read and written by hand where it is plain, by libgit2 where it is not.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::thread::JoinHandle;

use git2::{Index, IndexEntry, IndexTime};

use super::git_index::{Begun, Changes, RawIndex, Stat};
use super::{Oid, Repo};
use crate::error::Result;

/// git's index, in either of two forms.
pub enum Tracked {
    Plain(FileId, RawIndex),
    /// With the tree that it makes; none while a merge is unfinished.
    Other(Index, Option<Oid>),
}

impl Tracked {
    /// The tree that would be committed from the index.
    pub fn tree(&self) -> Option<Oid> {
        match self {
            Tracked::Plain(_, index) => index.tree(),
            Tracked::Other(_, tree) => *tree,
        }
    }

    /// What is known of a tracked file, and its blob.
    pub fn get(&self, path: &str) -> Option<(Stat, Oid)> {
        match self {
            Tracked::Plain(_, index) => index.get(path.as_bytes()).map(|e| (e.stat, e.id)),
            Tracked::Other(index, _) => index.get_path(Path::new(path), 0).map(|e| (stat_of(&e), e.id)),
        }
    }

    /// Shows every tracked file outside a directory: path, what is known of the file, blob.
    pub fn each_outside(
        &self,
        directory: &str,
        mut visit: impl FnMut(&[u8], Stat, Oid) -> Result<()>,
    ) -> Result<()> {
        match self {
            Tracked::Plain(_, index) => {
                index.entries_outside(directory).try_for_each(|e| visit(e.path, e.stat, e.id))
            }
            Tracked::Other(index, _) => {
                let prefix = format!("{directory}/").into_bytes();
                let outside = index.iter().filter(|e| !e.path.starts_with(&prefix));
                outside.into_iter().try_for_each(|e| visit(&e.path, stat_of(&e), e.id))
            }
        }
    }
}

/// What matters of libgit2's knowledge of a file.
fn stat_of(entry: &IndexEntry) -> Stat {
    let mtime = (entry.mtime.seconds() as u32, entry.mtime.nanoseconds());
    Stat { mtime, size: entry.file_size, ..Stat::default() }
}

/// A plain index, and the file that it was read from.
pub struct Checked {
    file: FileId,
    index: RawIndex,
    /// How the index begins that an operation is about to write.
    begun: Option<Begun>,
}

/// git's index on its way: read, checked and hashed beside the rest of an operation.
#[derive(Default)]
pub struct Ahead(RefCell<Reading>);

/// A reading of the index that some thread is at, if any.
#[derive(Default)]
pub struct Reading(Option<JoinHandle<Option<Checked>>>);

impl Reading {
    /// What was read, if it is what lies at `path` now; else what lies there is read.
    fn finish(self, path: &Path) -> Option<Checked> {
        let checked = self.0.and_then(|thread| thread.join().ok()?);
        match checked {
            Some(checked) if file_id(path) == Some(checked.file) => Some(checked),
            _ => read(path),
        }
    }
}

impl Ahead {
    fn is_started(&self) -> bool {
        self.0.borrow().0.is_some()
    }

    fn start(&self, work: impl FnOnce() -> Option<Checked> + Send + 'static) {
        // Without a thread to be had, the index is read when it is needed.
        let thread = std::thread::Builder::new().name("index".into()).spawn(work).ok();
        self.0.replace(Reading(thread));
    }

    /// Lets somebody else wait for it.
    pub(super) fn hand_over(&self) -> Reading {
        self.0.take()
    }
}

/// What tells whether a file is still the same: git and carnet replace an index by another file.
type FileId = (u64, i64, i64, u64);

fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.ino(), meta.mtime(), meta.mtime_nsec(), meta.size()))
}

fn read(path: &Path) -> Option<Checked> {
    let file = file_id(path)?;
    let index = RawIndex::parse(std::fs::read(path).ok()?)?;
    Some(Checked { file, index, begun: None })
}

impl Repo {
    fn index_path(&self) -> std::path::PathBuf {
        self.git.path().join("index")
    }

    /// Begins to read git's index, which the operation will need.
    pub fn read_ahead(&self) {
        if self.ahead.is_started() {
            return;
        }
        let path = self.index_path();
        self.ahead.start(move || read(&path));
    }

    /// git's index as it is now, to be changed by writing or removing `paths`.
    pub(super) fn tracked(&self) -> Result<Tracked> {
        let path = self.index_path();
        let plain = self.ahead.hand_over().finish(&path);
        if let Some(checked) = plain.filter(|checked| checked.index.tree().is_some()) {
            return Ok(Tracked::Plain(checked.file, checked.index));
        }
        let mut index = self.git.index()?;
        let tree = index.write_tree().ok();
        Ok(Tracked::Other(index, tree))
    }

    /// Begins to write an index that was found clean: `changes` are paths, and whether they are there afterwards.
    pub fn write_ahead(&self, index: Tracked, changes: BTreeMap<Vec<u8>, bool>) {
        if let Tracked::Plain(file, index) = index {
            self.ahead.start(move || {
                let begun = Some(index.begin(changes));
                Some(Checked { file, index, begun })
            });
        }
    }

    /// Puts `changes` into git's index, which with them is equal to `tree` where it was equal to `before`.
    pub(super) fn stage(&self, before: Option<Oid>, tree: Oid, changes: &Changes) -> Result<()> {
        if let Some(before) = before
            && self.stage_plain(before, tree, changes)?
        {
            return Ok(());
        }
        let mut index = self.git.index()?;
        for (path, change) in changes {
            match change {
                Some((stat, id)) => index.add(&entry(path, stat, *id))?,
                None => match index.remove(Path::new(&*String::from_utf8_lossy(path)), 0) {
                    Err(e) if e.code() != git2::ErrorCode::NotFound => return Err(e.into()),
                    _ => {}
                },
            }
        }
        // Remembers the trees, by which git and carnet see at once that nothing is staged.
        index.write_tree()?;
        Ok(index.write()?)
    }

    /// The same without libgit2; `false` when the index is not plain, not at `before`, or locked.
    fn stage_plain(&self, before: Oid, tree: Oid, changes: &Changes) -> Result<bool> {
        write_index(self.git.path(), self.ahead.hand_over(), before, changes, |directory| {
            if directory.is_empty() { Ok(Some(tree)) } else { self.entry(tree, directory) }
        })
    }
}

/// Writes `changes` into the index of a git directory, with the new trees of the directories that they are in;
/// `false` when the index is not plain, not at the tree `before`, or locked.
pub(super) fn write_index(
    git_dir: &Path,
    reading: Reading,
    before: Oid,
    changes: &Changes,
    directory: impl FnMut(&str) -> Result<Option<Oid>>,
) -> Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let mut lock = tempfile::Builder::new();
    lock.prefix("index.lock").rand_bytes(0).permissions(std::fs::Permissions::from_mode(0o666));
    let Ok(mut lock) = lock.tempfile_in(git_dir) else { return Ok(false) };
    let path = git_dir.join("index");
    let checked = reading.finish(&path).filter(|checked| checked.index.tree() == Some(before));
    let Some(Checked { index, begun, .. }) = checked else { return Ok(false) };
    index.write_with(lock.as_file_mut(), changes, begun, directory)?;
    lock.persist(path).map_err(|e| e.error)?;
    Ok(true)
}

fn entry(path: &[u8], stat: &Stat, id: Oid) -> IndexEntry {
    let time = |(s, n): (u32, u32)| IndexTime::new(s as i32, n);
    IndexEntry {
        ctime: time(stat.ctime),
        mtime: time(stat.mtime),
        dev: stat.dev,
        ino: stat.ino,
        mode: stat.mode(),
        uid: stat.uid,
        gid: stat.gid,
        file_size: stat.size,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use git2::Oid;
    use proptest::prelude::*;

    use super::{RawIndex, Tracked};
    use crate::store::Repo;

    /// What libgit2 makes of the index on disk: paths and blobs, and the tree.
    fn seen_by_libgit2(repo: &Repo) -> (BTreeMap<String, Oid>, Oid) {
        let git = git2::Repository::open(repo.root()).unwrap();
        let mut index = git.index().unwrap();
        let path = |p: &[u8]| String::from_utf8(p.to_vec()).unwrap();
        let entries = index.iter().map(|e| (path(&e.path), e.id)).collect();
        (entries, index.write_tree().unwrap())
    }

    fn raw(repo: &Repo) -> RawIndex {
        RawIndex::parse(std::fs::read(repo.root().join(".git/index")).unwrap()).unwrap()
    }

    /// Makes the work tree and the index follow one more tree.
    fn step(repo: &Repo, before: Oid, changes: &[(String, Option<Vec<u8>>)]) -> Oid {
        let tree = repo.write_files(before, changes, false).unwrap();
        let paths: Vec<String> = changes.iter().map(|(p, _)| p.clone()).collect();
        let index = repo.check_clean(before, &[]).unwrap();
        repo.write_ahead(index, changes.iter().map(|(p, c)| (p.clone().into_bytes(), c.is_some())).collect());
        repo.sync_paths(Some(before), tree, &paths).unwrap();
        tree
    }

    fn new_repo(dir: &std::path::Path) -> (Repo, Oid) {
        let repo = Repo::init(&dir.join("r")).unwrap();
        let tree = repo.edit_tree(None, &[]).unwrap();
        let tree = repo.write_files(tree, &[("top".into(), Some(b"x".to_vec()))], false).unwrap();
        repo.sync_paths(None, tree, &["top".to_owned()]).unwrap();
        (repo, tree)
    }

    fn paths() -> impl Strategy<Value = Vec<(String, bool)>> {
        let path = prop::sample::select(vec![
            "a",
            "b/c",
            "b/c0",
            "b/d/e",
            "b/d/f",
            "b-x",
            "b0/z",
            "contacts/m/00/x",
            "contacts/m/01/y",
            "zz/top",
        ]);
        prop::collection::vec((path.prop_map(str::to_owned), any::<bool>()), 1..5)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn libgit2_reads_what_was_put_into_the_index(steps in prop::collection::vec(paths(), 1..6)) {
            let dir = tempfile::tempdir().unwrap();
            let (repo, mut tree) = new_repo(dir.path());
            for (n, step_paths) in steps.iter().enumerate() {
                let mut changes: BTreeMap<String, Option<Vec<u8>>> = BTreeMap::new();
                for (path, there) in step_paths {
                    let file = repo.root().join(path);
                    if *there || file.exists() {
                        changes.insert(path.clone(), there.then(|| format!("{n}").into_bytes()));
                    }
                }
                tree = step(&repo, tree, &changes.into_iter().collect::<Vec<_>>());
                let listed: BTreeMap<String, Oid> =
                    crate::store::trees::list(&repo.git, tree).unwrap().into_iter().map(|e| (e.path, e.id)).collect();
                let (entries, made) = seen_by_libgit2(&repo);
                prop_assert_eq!(made, tree);
                prop_assert_eq!(&entries, &listed);
                let index = raw(&repo);
                prop_assert_eq!(index.tree(), Some(tree));
                prop_assert!(index.entries().all(|e| listed.get(std::str::from_utf8(e.path).unwrap()) == Some(&e.id)));
                // libgit2 made every directory's count and tree anew: they are the same.
                let ours = index.cached();
                std::fs::remove_file(repo.root().join(".git/index")).unwrap();
                let all: Vec<String> = listed.keys().cloned().collect();
                Repo::open(repo.root()).unwrap().sync_paths(None, tree, &all).unwrap();
                prop_assert_eq!(ours, raw(&repo).cached());
            }
        }
    }

    #[test]
    fn git_itself_finds_nothing_to_say_about_the_index() {
        let dir = tempfile::tempdir().unwrap();
        let (repo, mut tree) = new_repo(dir.path());
        for n in 0..20 {
            let file = |n: i32| format!("contacts/main/{n:02x}/{n}.toml.pgp");
            let mut changes = vec![(file(n), Some(vec![b'x'; 100]))];
            if n > 10 {
                changes.push((file(n - 10), None));
            }
            tree = step(&repo, tree, &changes);
        }
        let git = |args: &[&str]| {
            let out = std::process::Command::new("git")
                .args(args)
                .current_dir(repo.root())
                .env_clear()
                .env("PATH", std::env::var_os("PATH").unwrap_or_default())
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .env("HOME", dir.path())
                .output()
                .unwrap();
            assert!(out.status.success(), "{args:?}");
            String::from_utf8([out.stdout, out.stderr].concat()).unwrap()
        };
        assert_eq!(git(&["write-tree"]).trim(), tree.to_string());
        assert_eq!(git(&["diff-files"]), "");
        assert_eq!(git(&["diff-index", &tree.to_string()]), "");
        assert!(!git(&["fsck", "--no-dangling"]).contains("index"));
    }

    #[test]
    fn an_index_of_another_kind_is_left_to_libgit2() {
        let dir = tempfile::tempdir().unwrap();
        let (repo, tree) = new_repo(dir.path());
        let path = repo.root().join(".git/index");
        let plain = std::fs::read(&path).unwrap();
        assert!(matches!(repo.tracked().unwrap(), Tracked::Plain(..)));
        for damage in 0..plain.len() {
            let mut bytes = plain.clone();
            bytes[damage] ^= 0x10;
            assert!(RawIndex::parse(bytes.clone()).is_none(), "byte {damage}");
            let _ = RawIndex::parse_known(bytes);
            let _ = RawIndex::parse_known(plain[..damage].to_vec());
        }
        let git = git2::Repository::open(repo.root()).unwrap();
        let mut index = git.index().unwrap();
        index.set_version(4).unwrap();
        index.write().unwrap();
        let again = Repo::open(repo.root()).unwrap();
        assert!(matches!(again.tracked().unwrap(), Tracked::Other(..)));
        let tree = step(&again, tree, &[("new".into(), Some(b"1".to_vec()))]);
        assert_eq!(seen_by_libgit2(&again).1, tree);
    }
}
