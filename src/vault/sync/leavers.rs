//! Commits of somebody who was removed on this side, and who went on with what they had: they are sound where they were
//! made, and a merge makes them part of the branch, so that whoever merges hears of them.

use std::collections::BTreeMap;

use crate::crypto::verify::issuer;
use crate::domain::policy::Policy;
use crate::error::Result;
use crate::store::Oid;
use crate::vault::verify::rules::Rules;
use crate::vault::{Snapshot, Vault};

impl Vault {
    /// One sentence for each member whom `ours` has removed since `base` and whose commits `theirs` brings.
    pub(super) fn commits_of_leavers(
        &self,
        base: Snapshot,
        ours: Snapshot,
        theirs: Snapshot,
    ) -> Result<Vec<String>> {
        let now = self.policy(ours.tree)?;
        let Some(before) = self.repo.root_entry(base.tree, Policy::PATH)? else { return Ok(Vec::new()) };
        let before = Rules::parse(&String::from_utf8_lossy(&self.repo.blob(before)?), self.now.into())?;
        if before.policy.authorization.keys().all(|handle| now.authorization.contains_key(handle)) {
            return Ok(Vec::new());
        }
        let mut found: BTreeMap<&str, Vec<Oid>> = BTreeMap::new();
        for node in self.repo.since(theirs.commit, &[ours.commit])? {
            let by = self.repo.signed(node.id)?.signature.as_deref().and_then(issuer);
            let handle = by.and_then(|key| before.handle_of_key(&key));
            if let Some(handle) = handle.filter(|handle| !now.authorization.contains_key(*handle)) {
                found.entry(handle).or_default().push(node.id);
            }
        }
        let sentence = |(handle, commits): (&str, Vec<Oid>)| {
            let ids: Vec<String> =
                commits.iter().rev().map(|id| id.to_string().chars().take(10).collect()).collect();
            format!(
                "{} commit(s) came in by {handle}, who was removed here and went on with what they had: look at what they \
                 change, `git show {}`",
                commits.len(),
                ids.join(" ")
            )
        };
        Ok(found.into_iter().map(sentence).collect())
    }
}
