//! A bare repository that a firm serves to its members: branch and access chains in it, and the key store's objects
//! apart in `carnet/keys.git`, which it borrows from (`objects/info/alternates`).
//!
//! To git it is one repository with one address. Because no key message ever enters the branch's own object store,
//! a replaced key store is destroyed without touching what the branch needs, whatever else is being pushed.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::{ObjectType, Repository};

use super::keystore::{KEYS_AUTHOR, KEYS_REF};
use super::own::Own;
use super::signed::Node;
use super::{KeyStore, Oid, Repo, bulk, trees};
use crate::error::{Error, Result};

/// From how many key messages on they come into packs rather than files of their own.
const MANY: usize = 500;

/// Git's settings; the hook refuses whatever rewrites history, but a proven purge. Nothing remembers replaced keys, nothing clears up behind carnet's back.
const SETTINGS: [(&str, &str); 6] = [
    ("core.logAllRefUpdates", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("receive.autogc", "false"),
    ("receive.denyDeletes", "true"),
    ("receive.fsckObjects", "true"),
];

/// A served repository.
pub struct Served {
    pub repo: Repo,
    dir: PathBuf,
    keys: PathBuf,
    quarantine: Option<PathBuf>,
}

/// A commit of a key store, looked at from outside.
pub struct Keys {
    pub commit: Oid,
    pub parents: usize,
    pub tree: Oid,
    /// Trees below the commit, its own among them.
    pub trees: Vec<Oid>,
    /// Path and blob of every file.
    pub files: Vec<(String, Oid)>,
    /// Paths of what is no plain file, and of directories deeper than any key lies.
    pub odd: Vec<String>,
}

/// What a pruning did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Objects that were destroyed.
    pub gone: usize,
    /// Objects among them that lie in the branch's own store too, put there by some other program.
    pub linger: usize,
}

impl Served {
    /// Makes the repository in a directory that is not there or empty; `hooks` are names and scripts.
    pub fn init(dir: &Path, hooks: &[(&str, String)]) -> Result<()> {
        super::prepare_libgit2();
        let mut options = git2::RepositoryInitOptions::new();
        options.bare(true).initial_head("main").external_template(false).mkpath(true).no_reinit(true);
        let git = Repository::init_opts(dir, &options)?;
        let mut config = git.config()?;
        for (key, value) in SETTINGS {
            config.set_str(key, value)?;
        }
        let private = dir.join("carnet");
        std::fs::create_dir_all(private.join("incoming"))?;
        KeyStore::init(&KeyStore::path_in(&private))?;
        let info = dir.join("objects").join("info");
        std::fs::create_dir_all(&info)?;
        std::fs::write(info.join("alternates"), "../carnet/keys.git/objects\n")?;
        std::fs::create_dir_all(dir.join("hooks"))?;
        for (name, script) in hooks {
            use std::os::unix::fs::PermissionsExt;
            let path = dir.join("hooks").join(name);
            std::fs::write(&path, script)?;
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755))?;
        }
        Ok(())
    }

    /// Opens it, with the objects of a push that is still to be judged.
    pub fn open(dir: &Path, quarantine: Option<&Path>) -> Result<Served> {
        let repo = Repo::open_bare(dir, quarantine)?;
        let keys = KeyStore::path_in(&repo.private_dir());
        if !keys.is_dir() {
            return Err(Error::failed("this repository was not made by `carnet remote init`")
                .at(dir.display().to_string())
                .hint("make one with `carnet remote init PATH` and push there"));
        }
        Ok(Served { repo, dir: dir.to_path_buf(), keys, quarantine: quarantine.map(Path::to_path_buf) })
    }

    fn key_git(&self) -> Result<Repository> {
        Ok(Repository::open_bare(&self.keys)?)
    }

    /// The objects that the branch's own store has; with what is being pushed, or without it.
    pub fn own(&self, with_push: bool) -> Result<Vec<Own>> {
        let mut own = vec![Own::read(&self.dir)?];
        if let Some(path) = self.quarantine.as_ref().filter(|_| with_push) {
            own.push(Own::read_objects(path)?);
        }
        Ok(own)
    }

    /// Which of `ids` are in the key store's object store.
    pub fn among_keys(&self, ids: &HashSet<Oid>) -> Result<usize> {
        let git = self.key_git()?;
        let odb = git.odb()?;
        Ok(ids.iter().filter(|id| odb.exists(**id)).count())
    }

    /// Everything that commits bring beside what their parents have; the empty tree is everybody's.
    pub fn new_objects(&self, nodes: &[Node]) -> Result<HashSet<Oid>> {
        let mut found = HashSet::new();
        for node in nodes {
            found.insert(node.id);
            let before = node.parents.iter().filter_map(|parent| self.repo.tree_of(*parent).ok()).collect();
            let mut waiting: Vec<(Oid, Vec<Oid>)> = vec![(node.tree, before)];
            while let Some((id, before)) = waiting.pop() {
                if before.contains(&id) || !found.insert(id) {
                    continue;
                }
                let tree = self.repo.git.find_tree(id)?;
                let before: Vec<_> =
                    before.iter().filter_map(|id| self.repo.git.find_tree(*id).ok()).collect();
                for entry in &tree {
                    let name = entry.name_bytes();
                    let same = before.iter().filter_map(|tree| tree.get_name_bytes(name).map(|e| e.id()));
                    match entry.kind() {
                        Some(ObjectType::Tree) => waiting.push((entry.id(), same.collect())),
                        // A submodule's commit is no object of this repository.
                        Some(ObjectType::Commit) => {}
                        _ if same.clone().any(|id| id == entry.id()) => {}
                        _ => drop(found.insert(entry.id())),
                    }
                }
            }
        }
        found.remove(&Repo::empty_tree()?);
        Ok(found)
    }

    /// Looks at a commit of a key store.
    pub fn keys_at(&self, commit: Oid) -> Result<Keys> {
        let git = &self.repo.git;
        let found =
            git.find_commit(commit).map_err(|e| Error::failed("it is no commit").cause(e.message()))?;
        let tree = found.tree_id();
        let parents = found.parent_count();
        let mut keys = Keys { commit, parents, tree, trees: vec![], files: vec![], odd: vec![] };
        let mut waiting = vec![(String::new(), tree)];
        while let Some((dir, id)) = waiting.pop() {
            keys.trees.push(id);
            for entry in &git.find_tree(id)? {
                let path = format!("{dir}{}", String::from_utf8_lossy(entry.name_bytes()));
                let plain = entry.filemode() == i32::from(git2::FileMode::Blob);
                match entry.kind() {
                    Some(ObjectType::Tree) if path.matches('/').count() < 2 => {
                        waiting.push((format!("{path}/"), entry.id()));
                    }
                    Some(ObjectType::Blob) if plain => keys.files.push((path, entry.id())),
                    _ => keys.odd.push(path),
                }
            }
        }
        keys.files.sort();
        Ok(keys)
    }

    /// The objects that a key store at a commit is made of.
    pub fn objects_of(&self, keys: &Keys) -> HashSet<Oid> {
        let files = keys.files.iter().map(|(_, id)| *id);
        files.chain(keys.trees.iter().copied()).chain([keys.commit]).collect()
    }

    /// Takes a pushed key store out of quarantine into the key store's object store, and nothing else of the push.
    ///
    /// The lock is held. Until the push is over, pruning spares it.
    pub fn take_in(&self, keys: &Keys) -> Result<()> {
        self.announce(keys.commit)?;
        let (from, to) = (self.repo.git.odb()?, self.key_git()?);
        let odb = to.odb()?;
        let new = |id: &&Oid| !odb.exists(**id);
        let blobs: Vec<Oid> = keys.files.iter().map(|(_, id)| id).filter(new).copied().collect();
        match blobs.len() > MANY {
            true => {
                let read = blobs.iter().map(|id| Ok(from.read(*id)?.data().to_vec()));
                let read: Vec<Vec<u8>> = read.collect::<Result<_>>()?;
                let slices: Vec<&[u8]> = read.iter().map(Vec::as_slice).collect();
                bulk::write_blobs(&to, &slices, bulk::SMALL_PACK)?;
            }
            false => {
                for id in blobs {
                    odb.write(ObjectType::Blob, from.read(id)?.data())?;
                }
            }
        }
        for id in keys.trees.iter().filter(new) {
            odb.write(ObjectType::Tree, from.read(*id)?.data())?;
        }
        odb.write(ObjectType::Commit, from.read(keys.commit)?.data())?;
        self.empty_quarantine()
    }

    /// Removes what was pushed; git itself waits for the `.keep` file that it made.
    fn empty_quarantine(&self) -> Result<()> {
        let Some(path) = &self.quarantine else { return Ok(()) };
        for file in walkdir::WalkDir::new(path).min_depth(1) {
            let file = file.map_err(std::io::Error::from)?;
            if file.file_type().is_file() && file.path().extension().is_none_or(|e| e != "keep") {
                std::fs::remove_file(file.path())?;
            }
        }
        Ok(())
    }

    /// What the key store at `keys` would be without the files at `paths`: its one commit.
    pub fn without(&self, keys: &Keys, paths: &[String], time: i64) -> Result<Oid> {
        let git = self.key_git()?;
        let edits: Vec<trees::TreeEdit> = paths.iter().map(|path| (path.clone(), None)).collect();
        let tree = git.find_tree(trees::edit(&git, Some(keys.tree), &edits)?)?;
        let who = git2::Signature::new("carnet", KEYS_AUTHOR, &git2::Time::new(time, 0))?;
        Ok(git.commit(None, &who, &who, "keys\n", &tree, &[])?)
    }

    /// Destroys every object of the key store's that neither the current keys nor a push on its way need.
    pub fn prune(&self) -> Result<Pruned> {
        let mut needed = HashSet::new();
        let current = self.repo.ref_target(KEYS_REF)?;
        for commit in current.into_iter().chain(self.announced()?) {
            match self.keys_at(commit) {
                Ok(keys) => needed.extend(self.objects_of(&keys)),
                // A push that failed before its objects were in; the current keys must be whole.
                Err(_) if Some(commit) != current => {}
                Err(e) => return Err(e),
            }
        }
        bulk::remove_unfinished(&self.keys)?;
        let mut gone = Vec::new();
        self.key_git()?.odb()?.foreach(|id| {
            gone.extend((!needed.contains(id)).then_some(*id));
            true
        })?;
        for id in &gone {
            bulk::remove_loose(&self.keys, *id)?;
        }
        bulk::repack_without(&self.keys, &needed)?;
        let own = Own::read(&self.dir)?;
        let empty = Repo::empty_tree()?;
        let linger = gone.iter().filter(|id| **id != empty && own.has(**id)).count();
        Ok(Pruned { gone: gone.len(), linger })
    }
}

/// Pushes on their way: between the hook that takes new keys in and git's moving of the ref, nothing refers to them.
impl Served {
    fn incoming(&self) -> PathBuf {
        self.repo.private_dir().join("incoming")
    }

    /// Names the commit as one that git's process, which called this hook, is about to put in force.
    fn announce(&self, commit: Oid) -> Result<()> {
        let pid = std::os::unix::process::parent_id();
        let text = format!("{pid} {}\n", started(pid).unwrap_or_default());
        Ok(std::fs::write(self.incoming().join(commit.to_string()), text)?)
    }

    /// The push that called this hook is over.
    pub fn renounce(&self) -> Result<()> {
        let own = std::os::unix::process::parent_id().to_string();
        for file in std::fs::read_dir(self.incoming())? {
            let path = file?.path();
            if std::fs::read_to_string(&path).is_ok_and(|text| text.split(' ').next() == Some(&own)) {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Commits whose push is still on its way; what a dead process left is forgotten.
    fn announced(&self) -> Result<Vec<Oid>> {
        let mut found = Vec::new();
        for file in std::fs::read_dir(self.incoming())? {
            let file = file?;
            let id = Oid::from_str(&file.file_name().to_string_lossy()).ok();
            let text = std::fs::read_to_string(file.path()).unwrap_or_default();
            let mut words = text.split_whitespace();
            let pid = words.next().and_then(|pid| pid.parse::<u32>().ok());
            let alive = match (pid, words.next()) {
                (Some(pid), Some(since)) => started(pid).as_deref() == Some(since),
                // Without /proc (proc(5)) an hour must do.
                _ => file.metadata()?.modified()?.elapsed().is_ok_and(|age| age < Duration::from_secs(3600)),
            };
            match id.filter(|_| alive) {
                Some(id) => found.push(id),
                None => std::fs::remove_file(file.path())?,
            }
        }
        Ok(found)
    }
}

/// When a process started, in the system's ticks: it tells a process from a later one with its number.
fn started(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(19).map(str::to_owned)
}
