//! Reading and editing trees without the work tree: cost depends on depth and fan-out, not on history.

use std::collections::{HashMap, HashSet};

use git2::{FileMode, ObjectType, Repository, TreeWalkMode, TreeWalkResult, build::TreeUpdateBuilder};

use super::{Oid, Repo};
use crate::domain::evidence;
use crate::domain::ids::Sealed;
use crate::error::{Error, Result};

/// One change to a tree: a path with its new blob, or none to remove it.
pub type TreeEdit = (String, Option<Oid>);

/// A file that differs: path, old blob, new blob.
pub type Changed = (String, Option<Oid>, Option<Oid>);

/// A file found in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Path from the tree that was listed.
    pub path: String,
    pub id: Oid,
}

impl Repo {
    /// The blob or tree id at `path` in `tree`.
    pub fn entry(&self, tree: Oid, path: &str) -> Result<Option<Oid>> {
        entry(&self.git, tree, path)
    }

    /// The file at `path` in `tree`, and whether it is executable; a directory or a submodule is none.
    pub fn file_entry(&self, tree: Oid, path: &str) -> Result<Option<(Oid, bool)>> {
        match self.git.find_tree(tree)?.get_path(std::path::Path::new(path)) {
            Ok(entry) if entry.kind() == Some(ObjectType::Blob) => {
                Ok(Some((entry.id(), entry.filemode() == i32::from(FileMode::BlobExecutable))))
            }
            Ok(_) => Ok(None),
            Err(e) if e.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Paths at which `new` has what is no plain file and `old` has not: a symbolic link or a submodule.
    pub fn new_links(&self, old: Option<Oid>, new: Oid) -> Result<Vec<String>> {
        let old = old.map(|id| self.git.find_tree(id)).transpose()?;
        let mut options = git2::DiffOptions::new();
        options.skip_binary_check(true).include_typechange(true);
        let new = self.git.find_tree(new)?;
        let diff = self.git.diff_tree_to_tree(old.as_ref(), Some(&new), Some(&mut options))?;
        let odd = |mode: FileMode| matches!(mode, FileMode::Link | FileMode::Commit);
        let found = diff.deltas().map(|d| d.new_file()).filter(|f| f.exists() && odd(f.mode()));
        Ok(found.map(|f| f.path().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default()).collect())
    }

    /// The content of the file at `path` in `tree`.
    pub fn file(&self, tree: Oid, path: &str) -> Result<Option<Vec<u8>>> {
        match self.entry(tree, path)? {
            Some(id) => Ok(Some(self.blob(id)?)),
            None => Ok(None),
        }
    }

    /// All files below `path` in `tree`, in order; empty when there is no such directory.
    pub fn list(&self, tree: Oid, path: &str) -> Result<Vec<Entry>> {
        match self.entry(tree, path)? {
            Some(id) => list(&self.git, id),
            None => Ok(Vec::new()),
        }
    }

    /// All files in a directory, in order.
    pub fn list_tree(&self, tree: Oid) -> Result<Vec<Entry>> {
        list(&self.git, tree)
    }

    /// Names directly below `path` in `tree`.
    pub fn names(&self, tree: Oid, path: &str) -> Result<Vec<String>> {
        let id = if path.is_empty() { Some(tree) } else { self.entry(tree, path)? };
        let Some(id) = id else { return Ok(Vec::new()) };
        let tree = self.git.find_tree(id)?;
        Ok(tree.iter().filter_map(|e| e.name().ok().map(str::to_owned)).collect())
    }

    /// A tree like `base` with `edits` made.
    pub fn edit_tree(&self, base: Option<Oid>, edits: &[TreeEdit]) -> Result<Oid> {
        edit(&self.git, base, edits)
    }

    /// The same, where a file is executable as it is in `like`.
    ///
    /// # Errors
    /// When a file would come to stand where there is a directory, or the other way round.
    pub fn edit_tree_like(&self, base: Oid, edits: &[TreeEdit], like: Oid) -> Result<Oid> {
        let (mut removals, mut rest) = (TreeUpdateBuilder::new(), TreeUpdateBuilder::new());
        for (path, blob) in edits {
            let Some(id) = blob else {
                removals.remove(path.as_str());
                continue;
            };
            let executable = self.file_entry(like, path)?.is_some_and(|(_, executable)| executable);
            rest.upsert(
                path.as_str(),
                *id,
                if executable { FileMode::BlobExecutable } else { FileMode::Blob },
            );
        }
        // First what goes: a directory may come where a file was.
        let less = removals.create_updated(&self.git, &self.git.find_tree(base)?)?;
        rest.create_updated(&self.git, &self.git.find_tree(less)?).map_err(|e| {
            Error::refused("one side has a directory where the other has a file")
                .hint("`git mv` one of the two, `git commit`, then `carnet sync` again")
                .cause(e.message())
        })
    }

    /// Files that differ between two trees below `path`: path, old blob, new blob.
    pub fn changes(&self, old: Option<Oid>, new: Option<Oid>, path: &str) -> Result<Vec<Changed>> {
        let at = |tree: Option<Oid>| -> Result<Option<git2::Tree<'_>>> {
            let id = match tree {
                Some(tree) if path.is_empty() => Some(tree),
                Some(tree) => self.entry(tree, path)?,
                None => None,
            };
            Ok(id.map(|id| self.git.find_tree(id)).transpose()?)
        };
        let (old, new) = (at(old)?, at(new)?);
        let mut options = git2::DiffOptions::new();
        options.skip_binary_check(true).include_typechange(true);
        let diff = self.git.diff_tree_to_tree(old.as_ref(), new.as_ref(), Some(&mut options))?;
        let real = |id: Oid| (!id.is_zero()).then_some(id);
        let name = |f: &git2::DiffFile<'_>| f.path().map(|p| p.to_string_lossy().into_owned());
        Ok(diff
            .deltas()
            .filter_map(|d| {
                let path = name(&d.new_file()).or_else(|| name(&d.old_file()))?;
                Some((path, real(d.old_file().id()), real(d.new_file().id())))
            })
            .collect())
    }
}

pub(super) fn entry(git: &Repository, tree: Oid, path: &str) -> Result<Option<Oid>> {
    let tree = git.find_tree(tree)?;
    match tree.get_path(std::path::Path::new(path)) {
        Ok(entry) => Ok(Some(entry.id())),
        Err(e) if e.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(e) => Err(e.into()),
    }
}

pub(super) fn list(git: &Repository, tree: Oid) -> Result<Vec<Entry>> {
    let tree = git.find_tree(tree)?;
    let mut found = Vec::new();
    tree.walk(TreeWalkMode::PreOrder, |dir, entry| {
        if entry.kind() == Some(ObjectType::Blob) {
            found.push(Entry {
                path: format!("{dir}{}", String::from_utf8_lossy(entry.name_bytes())),
                id: entry.id(),
            });
        }
        TreeWalkResult::Ok
    })?;
    Ok(found)
}

pub(super) fn edit(git: &Repository, base: Option<Oid>, edits: &[TreeEdit]) -> Result<Oid> {
    let base = match base {
        Some(base) => base,
        None => git.treebuilder(None)?.write()?,
    };
    let base = git.find_tree(base)?;
    let mut builder = TreeUpdateBuilder::new();
    for (path, blob) in edits {
        match blob {
            Some(id) => builder.upsert(path.as_str(), *id, FileMode::Blob),
            None => builder.remove(path.as_str()),
        };
    }
    Ok(builder.create_updated(git, &base)?)
}

impl Repo {
    /// Writes the blobs of `files` and a tree like `base` with them in place; `bulk` makes one pack of them.
    pub fn write_files(&self, base: Oid, files: &[(String, Option<Vec<u8>>)], bulk: bool) -> Result<Oid> {
        let mut edits: Vec<TreeEdit> = Vec::with_capacity(files.len());
        if bulk {
            let new: Vec<(&String, &Vec<u8>)> =
                files.iter().filter_map(|(p, c)| Some((p, c.as_ref()?))).collect();
            let blobs: Vec<&[u8]> = new.iter().map(|(_, c)| c.as_slice()).collect();
            let ids = super::bulk::write_blobs(&self.git, &blobs, usize::MAX)?;
            edits.extend(new.iter().zip(ids).map(|((path, _), id)| ((*path).clone(), Some(id))));
            edits.extend(files.iter().filter(|(_, c)| c.is_none()).map(|(p, _)| (p.clone(), None)));
        } else {
            for (path, content) in files {
                let id = content.as_ref().map(|c| self.write_blob(c)).transpose()?;
                edits.push((path.clone(), id));
            }
        }
        self.edit_tree(Some(base), &edits)
    }
}

impl Repo {
    /// Every blob that any commit reachable from `tips` has at `<dir>/*/<fan>/<name>`, for each wanted fan and name
    /// and the directories of sealed files; and every evidence file below `evidence/*/<fan>/<id>`.
    pub fn versions_of(&self, tips: &[Oid], wanted: &[(&str, String)]) -> Result<Vec<Vec<Oid>>> {
        let mut walk = self.git.revwalk()?;
        for tip in tips {
            // Refs may point at other things than commits; those hold no contact files.
            let _ = walk.push(*tip);
        }
        let commits = walk.collect::<Result<Vec<_>, _>>()?;
        let mut by_fan: Leaves<'_> = HashMap::new();
        for (n, (fan, name)) in wanted.iter().enumerate() {
            by_fan.entry(fan).or_default().push((n, name));
        }
        // Neighbours share most of their trees, so they stay together.
        let pieces: Vec<&[Oid]> = commits.chunks(32).collect();
        let mut seen = HashSet::new();
        let mut found = vec![Vec::new(); wanted.len()];
        for piece in self.in_parallel(&pieces, |repo, piece| repo.versions_in(piece, &by_fan))? {
            for (n, blob) in piece? {
                if let Some(blobs) = found.get_mut(n).filter(|_| seen.insert((n, blob))) {
                    blobs.push(blob);
                }
            }
        }
        Ok(found)
    }

    /// The same in some commits; a tree that was seen before is not read again.
    fn versions_in(&self, commits: &[Oid], wanted: &Leaves<'_>) -> Result<Vec<(usize, Oid)>> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for commit in commits {
            let root = self.git.find_commit(*commit)?.tree()?;
            for dir in Sealed::ALL.map(Sealed::dir).into_iter().chain([evidence::DIR]) {
                let dir = root.get_name(dir).map(|e| e.id()).filter(|id| seen.insert(*id));
                let Some(Ok(dir)) = dir.map(|id| self.git.find_tree(id)) else { continue };
                for book in dir.iter().filter(|e| e.kind() == Some(ObjectType::Tree)) {
                    if !seen.insert(book.id()) {
                        continue;
                    }
                    let book = self.git.find_tree(book.id())?;
                    for (fan, names) in wanted {
                        let Some(leaf) = book.get_name(fan).map(|e| e.id()).filter(|id| seen.insert(*id))
                        else {
                            continue;
                        };
                        let leaf = self.git.find_tree(leaf)?;
                        for (n, name) in names {
                            let at = |name: &str| leaf.get_name(name).map(|e| (e.id(), e.kind()));
                            match at(name).or_else(|| at(name.strip_suffix(".toml.pgp")?)) {
                                Some((id, Some(ObjectType::Tree))) => {
                                    found.extend(list(&self.git, id)?.into_iter().map(|file| (*n, file.id)));
                                }
                                Some((id, _)) => found.push((*n, id)),
                                None => {}
                            }
                        }
                    }
                }
            }
        }
        Ok(found)
    }
}

/// Names of files by the directory that they lie in, each with its number.
type Leaves<'a> = HashMap<&'a str, Vec<(usize, &'a str)>>;
