//! Access chains: signed empty commits on a ref of their own, one chain a member and month.

use chrono::NaiveDate;

use super::repo::Author;
use super::{Oid, Repo};
use crate::domain::ids::Slug;
use crate::error::Result;

/// Where all access chains are.
pub const ACCESS_REFS: &str = "refs/carnet/access/";

/// The ref of a member's chain for a month (`YYYY-MM`).
pub fn chain_ref(month: &str, member: &str) -> String {
    format!("{ACCESS_REFS}{month}/{member}")
}

/// One chain, by its ref.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tip {
    /// `YYYY-MM`.
    pub month: String,
    pub member: String,
    pub refname: String,
    pub tip: Oid,
}

/// Month and member of a chain's ref, given without what stands before the month; none where it is not named so.
pub fn named(rest: &str) -> Option<(&str, &str)> {
    let (month, member) = rest.split_once('/')?;
    (first_day(month).is_some() && member.parse::<Slug>().is_ok()).then_some((month, member))
}

/// The first day of a month that is written `YYYY-MM`.
pub fn first_day(month: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok()?;
    (day.format("%Y-%m").to_string() == month).then_some(day)
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

    /// The chains below `prefix` (`refs/carnet/access/`, or where a remote's are kept), in order of month.
    pub fn chains(&self, prefix: &str) -> Result<Vec<Tip>> {
        let mut chains: Vec<Tip> = Vec::new();
        for (refname, tip) in self.refs(prefix)? {
            let Some((month, member)) = refname.strip_prefix(prefix).and_then(named) else { continue };
            chains.push(Tip { month: month.to_owned(), member: member.to_owned(), refname, tip });
        }
        chains.sort();
        Ok(chains)
    }

    /// Writes the entry that comes after `tip`; no ref moves.
    pub fn write_entry(
        &self,
        tip: Option<Oid>,
        author: &Author,
        message: &str,
        sign: &dyn Fn(&[u8]) -> Result<String>,
    ) -> Result<Oid> {
        let tree = match tip {
            Some(tip) => self.tree_of(tip)?,
            None => self.edit_tree(None, &[])?,
        };
        let parents: Vec<Oid> = tip.into_iter().collect();
        self.write_commit(tree, &parents, author, message, sign)
    }

    /// Moves a chain, with carnet's lock held.
    pub fn move_chain(&self, refname: &str, old: Option<Oid>, new: Oid) -> Result<()> {
        self.break_chain_lock(refname)?;
        self.move_ref(refname, old, new, "")
    }

    /// Drops a chain, with carnet's lock held. Its entries stay among git's objects until `git gc` finds them unused.
    pub fn drop_chain(&self, refname: &str) -> Result<()> {
        self.break_chain_lock(refname)?;
        self.drop_unpacked(refname)?;
        self.drop_ref(refname)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_named_by_month_and_member() {
        assert_eq!(named("2026-11/ana"), Some(("2026-11", "ana")));
        for bad in ["2026-11", "2026-11/ana/x", "2026-13/ana", "26-11/ana", "2026-1/ana", "2026-11/", "/ana"]
        {
            assert_eq!(named(bad), None, "{bad}");
        }
    }
}
