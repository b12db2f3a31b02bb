//! Reading and editing trees without the work tree: cost depends on depth and fan-out, not on history.

use git2::{FileMode, ObjectType, Repository, TreeWalkMode, TreeWalkResult, build::TreeUpdateBuilder};

use super::{Oid, Repo};
use crate::error::Result;

/// One change to a tree: a path with its new blob, or none to remove it.
pub type TreeEdit = (String, Option<Oid>);

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

    /// Files that differ between two trees below `path`: path, old blob, new blob.
    pub fn changes(
        &self,
        old: Option<Oid>,
        new: Option<Oid>,
        path: &str,
    ) -> Result<Vec<(String, Option<Oid>, Option<Oid>)>> {
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
    let empty = git.treebuilder(None)?.write()?;
    let base = git.find_tree(base.unwrap_or(empty))?;
    let mut builder = TreeUpdateBuilder::new();
    for (path, blob) in edits {
        match blob {
            Some(id) => builder.upsert(path.as_str(), *id, FileMode::Blob),
            None => builder.remove(path.as_str()),
        };
    }
    Ok(builder.create_updated(git, &base)?)
}
