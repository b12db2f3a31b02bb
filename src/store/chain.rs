//! Access chains: signed empty commits on a ref of their own, one chain a member and month.

use super::repo::Author;
use super::{Oid, Repo};
use crate::error::Result;

/// Where all access chains are.
pub const ACCESS_REFS: &str = "refs/carnet/access/";

/// The ref of a member's chain for a month (`YYYY-MM`).
pub fn chain_ref(month: &str, member: &str) -> String {
    format!("{ACCESS_REFS}{month}/{member}")
}

impl Repo {
    /// Removes the lock file that a carnet left which was killed in this very moment. Only carnet writes its
    /// member's chain, and only under its own lock, which is held here.
    fn break_chain_lock(&self, refname: &str) -> Result<()> {
        match std::fs::remove_file(self.git.commondir().join(format!("{refname}.lock"))) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }

    /// Appends an entry to the chain, with carnet's lock held; `message` gets the last tip of the month before where the chain begins.
    pub fn append(
        &self,
        month: &str,
        member: &str,
        author: &Author,
        message: &dyn Fn(Option<Oid>) -> String,
        sign: &dyn Fn(&[u8]) -> Result<String>,
    ) -> Result<Oid> {
        let refname = chain_ref(month, member);
        let tip = self.ref_target(&refname)?;
        let follows = if tip.is_some() { None } else { self.last_chain_before(month, member)? };
        let tree = match tip {
            Some(tip) => self.tree_of(tip)?,
            None => self.edit_tree(None, &[])?,
        };
        let parents: Vec<Oid> = tip.into_iter().collect();
        let id = self.write_commit(tree, &parents, author, &message(follows), sign)?;
        self.break_chain_lock(&refname)?;
        self.move_ref(&refname, tip, id, "")?;
        Ok(id)
    }

    fn last_chain_before(&self, month: &str, member: &str) -> Result<Option<Oid>> {
        let ours = self.refs(ACCESS_REFS)?.into_iter().filter(|(name, _)| {
            name.strip_prefix(ACCESS_REFS)
                .and_then(|n| n.split_once('/'))
                .is_some_and(|(m, who)| who == member && m < month)
        });
        Ok(ours.max().map(|(_, id)| id))
    }
}
