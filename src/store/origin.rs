//! Which commit wrote a version of a file: sealing is never the same twice, so a blob has one origin.

use std::collections::HashMap;

use git2::ObjectType;

use super::repo::CommitInfo;
use super::trees;
use super::{Oid, Repo};
use crate::error::Result;

/// Names under which git keeps the other side of a merge, rebase, cherry-pick or pull that is going on.
const OTHER_HEADS: [&str; 7] =
    ["HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "ORIG_HEAD", "FETCH_HEAD"];

impl Repo {
    /// For each of `blobs` the commit that put it at `path`, where one can be found from the branches, tags and
    /// heads of this repository and from `tips`.
    ///
    /// Newest commits first, so what was written since two branches parted is found without reading all history.
    pub fn origins(&self, path: &str, blobs: &[Oid], tips: &[Oid]) -> Result<HashMap<Oid, CommitInfo>> {
        let mut walk = self.git.revwalk()?;
        walk.set_sorting(git2::Sort::TIME)?;
        for glob in ["refs/heads/*", "refs/remotes/*", "refs/tags/*", "refs/stash"] {
            // What names no commit has no versions.
            let _ = walk.push_glob(glob);
        }
        for head in OTHER_HEADS {
            let _ = self.git.refname_to_id(head).map(|id| walk.push(id));
        }
        for dir in ["rebase-merge", "rebase-apply"] {
            let file = std::fs::read_to_string(self.git.path().join(dir).join("orig-head"));
            let _ = file.map(|id| Oid::from_str(id.trim()).map(|id| walk.push(id)));
        }
        for tip in tips {
            let _ = walk.push(*tip);
        }
        let mut found = HashMap::new();
        for id in walk {
            let commit = self.git.find_commit(id?)?;
            let Some(blob) = trees::entry(&self.git, commit.tree_id(), path)? else { continue };
            if !blobs.contains(&blob) || found.contains_key(&blob) {
                continue;
            }
            let mut inherited = false;
            for parent in commit.parents() {
                inherited |= trees::entry(&self.git, parent.tree_id(), path)? == Some(blob);
            }
            if !inherited {
                found.insert(blob, self.commit(commit.id())?);
                if blobs.iter().all(|blob| found.contains_key(blob)) {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// The id that git gives these bytes as a file.
    pub fn blob_id(&self, bytes: &[u8]) -> Result<Oid> {
        Ok(Oid::hash_object(ObjectType::Blob, bytes)?)
    }
}
