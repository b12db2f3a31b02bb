//! Reading the branch backwards: its state at a moment, and a contact's versions with the commits that wrote them.

use super::{Oid, Repo};
use crate::error::Result;

impl Repo {
    /// The first commit from `tip` along first parents that was made by `moment` (seconds since 1970).
    pub fn first_line_until(&self, tip: Oid, moment: i64) -> Result<Option<Oid>> {
        let mut commit = self.git.find_commit(tip)?;
        while commit.time().seconds() > moment {
            commit = match commit.parent(0) {
                Ok(parent) => parent,
                Err(e) if e.code() == git2::ErrorCode::NotFound => return Ok(None),
                Err(e) => return Err(e.into()),
            };
        }
        Ok(Some(commit.id()))
    }

    /// Every version of a contact's file that a commit reachable from `tip` put there, in any book: the commit and the
    /// blob, parents after children.
    pub fn versions_along(&self, tip: Oid, fan: &str, name: &str) -> Result<Vec<(Oid, Oid)>> {
        let commits = self.walk(&[tip])?;
        let found = self.in_parallel(&commits, |repo, id| -> Result<Vec<(Oid, Oid)>> {
            let commit = repo.git.find_commit(*id)?;
            let here = repo.contact_files(commit.tree_id(), fan, name)?;
            let mut inherited = Vec::new();
            // Most commits touch other contacts.
            for parent in commit.parents().take(if here.is_empty() { 0 } else { usize::MAX }) {
                inherited.extend(repo.contact_files(parent.tree_id(), fan, name)?);
            }
            Ok(here
                .into_iter()
                .filter(|file| !inherited.contains(file))
                .map(|(_, blob)| (*id, blob))
                .collect())
        })?;
        Ok(found.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// The commit that `text` names: an id or its beginning, or anything else that git understands (gitrevisions(7)).
    pub fn commit_named(&self, text: &str) -> Result<Option<Oid>> {
        let commit = self.git.revparse_single(text).and_then(|object| object.peel_to_commit());
        Ok(commit.ok().map(|commit| commit.id()))
    }

    /// Commits that `tip` has and `base` has not.
    pub fn newer_than(&self, base: Oid, tip: Oid) -> Result<std::collections::HashSet<Oid>> {
        let mut walk = self.git.revwalk()?;
        walk.push(tip)?;
        walk.hide(base)?;
        Ok(walk.collect::<Result<_, _>>()?)
    }
}
