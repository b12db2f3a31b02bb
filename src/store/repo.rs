//! The main repository: opening it, reading its trees, committing to its branch.

use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Repository, RepositoryOpenFlags, RepositoryState};

use super::Oid;
use crate::error::{Error, Kind, Result};

/// A data repository with a work tree.
pub struct Repo {
    /// git's index, being read.
    pub(super) ahead: super::tracked::Ahead,
    pub(super) git: Repository,
    root: PathBuf,
    /// Objects of a push that is not accepted yet (git-receive-pack(1), "quarantine").
    quarantine: Option<PathBuf>,
}

/// Who a commit is by and when.
#[derive(Clone, Debug)]
pub struct Author {
    pub name: String,
    pub email: String,
    /// Seconds since 1970, UTC.
    pub time: i64,
}

/// One commit as the trail needs it.
#[derive(Clone, Debug)]
pub struct CommitInfo {
    pub id: Oid,
    pub tree: Oid,
    pub parents: Vec<Oid>,
    pub author: String,
    pub email: String,
    /// Seconds since 1970.
    pub time: i64,
    pub message: String,
}

impl Repo {
    /// Opens the repository that `dir` lies in.
    pub fn open(dir: &Path) -> Result<Repo> {
        super::prepare_libgit2();
        let none: [&str; 0] = [];
        let git =
            Repository::open_ext(dir, RepositoryOpenFlags::empty(), none).map_err(|e| match e.code() {
                ErrorCode::NotFound => not_a_data_repository(dir),
                ErrorCode::Owner => Error::failed("the repository belongs to another user")
                    .at(dir.display().to_string())
                    .hint("`git config --global --add safe.directory DIR` if you trust it"),
                _ => Error::from(e).at(dir.display().to_string()),
            })?;
        let Some(root) = git.workdir().map(Path::to_path_buf) else {
            return Err(Error::failed("this is a bare repository, which has no work tree")
                .at(dir.display().to_string())
                .hint("clone it and work in the clone"));
        };
        Ok(Repo { git, root, quarantine: None, ahead: Default::default() })
    }

    /// Makes an empty repository with branch `main`.
    pub fn init(dir: &Path) -> Result<Repo> {
        super::prepare_libgit2();
        let mut options = git2::RepositoryInitOptions::new();
        options.initial_head("main").external_template(false).no_reinit(true).mkpath(true);
        let git = Repository::init_opts(dir, &options).map_err(|e| {
            if e.code() == ErrorCode::Exists {
                Error::failed("there is a git repository already")
                    .at(dir.display().to_string())
                    .hint("choose an empty directory")
            } else {
                Error::from(e).at(dir.display().to_string())
            }
        })?;
        let root = git.workdir().map(Path::to_path_buf).unwrap_or_else(|| dir.to_path_buf());
        Ok(Repo { git, root, quarantine: None, ahead: Default::default() })
    }

    /// Opens a bare repository for reading, with the objects of a push that is still to be judged.
    pub fn open_bare(dir: &Path, quarantine: Option<&Path>) -> Result<Repo> {
        super::prepare_libgit2();
        let git = Repository::open_bare(dir).map_err(|e| Error::from(e).at(dir.display().to_string()))?;
        if let Some(path) = quarantine {
            let text = path.to_str().ok_or_else(|| Error::failed("the repository's path is not UTF-8"))?;
            git.odb()?.add_disk_alternate(text)?;
        }
        let quarantine = quarantine.map(Path::to_path_buf);
        Ok(Repo { git, root: dir.to_path_buf(), quarantine, ahead: Default::default() })
    }

    /// The top of the work tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// carnet's own directory inside the git directory: key store, index, journal, lock.
    pub fn private_dir(&self) -> PathBuf {
        self.git.commondir().join("carnet")
    }

    /// The commit that the branch is at.
    pub fn head(&self) -> Result<Oid> {
        let head = self.git.head().map_err(|e| match e.code() {
            ErrorCode::UnbornBranch | ErrorCode::NotFound => not_a_data_repository(&self.root),
            _ => e.into(),
        })?;
        head.target().ok_or_else(|| Error::failed("HEAD does not name a commit"))
    }

    /// The branch that HEAD is on; refuses a detached HEAD and an unfinished merge, rebase or the like.
    pub fn branch(&self) -> Result<String> {
        match self.git.state() {
            RepositoryState::Clean => {}
            RepositoryState::Merge => {
                return Err(Error::failed("a merge is in progress")
                    .hint("finish it with `git commit`, or give it up with `git merge --abort`"));
            }
            _ => {
                return Err(Error::failed("a git operation is in progress")
                    .hint("`git status` says which, and how to finish or abort it"));
            }
        }
        let head = self.git.find_reference("HEAD")?;
        match head.symbolic_target() {
            Ok(Some(name)) => Ok(name.to_owned()),
            _ => {
                Err(Error::failed("HEAD is detached: there is no branch to commit to")
                    .hint("`git switch main`"))
            }
        }
    }

    /// Whether `commit` is `tip` or one of its ancestors.
    pub fn contains(&self, tip: Oid, commit: Oid) -> Result<bool> {
        if tip == commit {
            return Ok(true);
        }
        match self.git.graph_descendant_of(tip, commit) {
            Ok(found) => Ok(found),
            Err(e) if e.code() == ErrorCode::NotFound => Ok(false),
            Err(e) => Err(e.into()),
        }
    }

    /// The tree of a commit.
    pub fn tree_of(&self, commit: Oid) -> Result<Oid> {
        Ok(self.git.find_commit(commit)?.tree_id())
    }

    /// What `refname` points at.
    pub fn ref_target(&self, refname: &str) -> Result<Option<Oid>> {
        match self.git.refname_to_id(refname) {
            Ok(id) => Ok(Some(id)),
            Err(e) if e.code() == ErrorCode::NotFound => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// All refs under `prefix`, with their targets, in order of name.
    pub fn refs(&self, prefix: &str) -> Result<Vec<(String, Oid)>> {
        let mut found = Vec::new();
        for reference in self.git.references_glob(&format!("{prefix}*"))? {
            let reference = reference?;
            if let (Ok(name), Some(id)) = (reference.name(), reference.target()) {
                found.push((name.to_owned(), id));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Refs under `prefix` that name another ref (git-symbolic-ref(1)), in order of name.
    pub fn refs_elsewhere(&self, prefix: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for reference in self.git.references_glob(&format!("{prefix}*"))? {
            let reference = reference?;
            if let (Ok(name), None) = (reference.name(), reference.target()) {
                found.push(name.to_owned());
            }
        }
        found.sort();
        Ok(found)
    }

    /// Moves `refname` from `old` (`None`: it must not exist) to `new`.
    ///
    /// Fails when somebody else moved it in between; the caller then starts again from the new state.
    pub fn move_ref(&self, refname: &str, old: Option<Oid>, new: Oid, log: &str) -> Result<()> {
        let moved = match old {
            Some(old) => self.git.reference_matching(refname, new, true, old, log),
            None => self.git.reference(refname, new, false, log),
        };
        moved.map(|_| ()).map_err(|e| match e.code() {
            ErrorCode::Locked => super::gits::in_use(&self.git.commondir().join(format!("{refname}.lock"))),
            ErrorCode::Modified | ErrorCode::Exists => {
                Error::failed("another process changed the repository at the same moment")
                    .hint("run the command again")
            }
            _ => e.into(),
        })
    }

    /// Drops a ref if it is there.
    pub fn drop_ref(&self, refname: &str) -> Result<()> {
        match self.git.find_reference(refname) {
            Ok(mut reference) => Ok(reference.delete()?),
            Err(e) if e.code() == ErrorCode::NotFound => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// Writes a signed commit object; no ref moves.
    pub fn write_commit(
        &self,
        tree: Oid,
        parents: &[Oid],
        author: &Author,
        message: &str,
        sign: &dyn Fn(&[u8]) -> Result<String>,
    ) -> Result<Oid> {
        let who = git2::Signature::new(&author.name, &author.email, &git2::Time::new(author.time, 0))?;
        let parents = parents.iter().map(|p| self.git.find_commit(*p)).collect::<Result<Vec<_>, _>>()?;
        let parents: Vec<&git2::Commit> = parents.iter().collect();
        let tree = self.git.find_tree(tree)?;
        let content = self.git.commit_create_buffer(&who, &who, message, &tree, &parents)?;
        let text =
            std::str::from_utf8(&content).map_err(|e| Error::failed("a commit is not text").cause(e))?;
        let signature = sign(&content)?;
        Ok(self.git.commit_signed(text, signature.trim_end(), None)?)
    }

    /// One commit's facts.
    pub fn commit(&self, id: Oid) -> Result<CommitInfo> {
        let commit = self.git.find_commit(id)?;
        let author = commit.author();
        Ok(CommitInfo {
            id,
            tree: commit.tree_id(),
            parents: commit.parent_ids().collect(),
            author: String::from_utf8_lossy(author.name_bytes()).into_owned(),
            email: String::from_utf8_lossy(author.email_bytes()).into_owned(),
            time: commit.time().seconds(),
            message: String::from_utf8_lossy(commit.message_bytes()).into_owned(),
        })
    }

    /// Ids of all commits reachable from `tips`, parents after children, newest first among equals.
    pub fn walk(&self, tips: &[Oid]) -> Result<Vec<Oid>> {
        let mut walk = self.git.revwalk()?;
        walk.set_sorting(git2::Sort::TOPOLOGICAL | git2::Sort::TIME)?;
        for tip in tips {
            walk.push(*tip)?;
        }
        Ok(walk.collect::<Result<Vec<_>, _>>()?)
    }

    /// The raw bytes of a commit object, as git stores it.
    pub fn raw_commit(&self, id: Oid) -> Result<Vec<u8>> {
        let odb = self.git.odb()?;
        let object = odb.read(id)?;
        if object.kind() != ObjectType::Commit {
            return Err(Error::new(Kind::Failed, "not a commit"));
        }
        Ok(object.data().to_vec())
    }

    /// The content of a blob.
    pub fn blob(&self, id: Oid) -> Result<Vec<u8>> {
        Ok(self.git.find_blob(id)?.content().to_vec())
    }

    /// Writes a blob.
    pub fn write_blob(&self, bytes: &[u8]) -> Result<Oid> {
        Ok(self.git.blob(bytes)?)
    }

    /// A handle of its own on the same repository, for another thread.
    pub fn another(&self) -> Result<Repo> {
        match self.git.is_bare() {
            true => Repo::open_bare(&self.root, self.quarantine.as_deref()),
            false => Repo::open(&self.root),
        }
    }

    /// Writes every file of `tree` into an empty work tree, and fills git's index.
    pub fn check_out(&self, tree: Oid) -> Result<()> {
        let tree = self.git.find_tree(tree)?;
        let mut options = git2::build::CheckoutBuilder::new();
        Ok(self.git.checkout_tree(tree.as_object(), Some(options.force()))?)
    }
}

/// The error for a directory that holds no data repository.
pub fn not_a_data_repository(dir: &Path) -> Error {
    Error::failed("not a carnet data repository")
        .at(dir.display().to_string())
        .hint("`carnet init` makes one; `carnet -C DIR` or CARNET_DIR names another directory")
}
