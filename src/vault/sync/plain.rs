//! Merging plain files of two commits: settings, books, registers, the signing policy, certificates, wordings.

use super::files::{Merged, Sides};
use crate::domain::merge::{self, Side};
use crate::domain::policy::Policy;
use crate::error::{Error, Result};
use crate::store::Oid;
use crate::vault::verify::policy_merge;
use crate::vault::{Snapshot, Vault};

impl Vault {
    /// Merges the versions (common, ours, theirs) of the file at `path`, both of which differ from the common one.
    ///
    /// # Errors
    /// When both sides gave a member another key: who may sign is not guessed.
    pub(super) fn merge_plain(
        &self,
        sides: Sides,
        path: &str,
        [base, ours, theirs]: [Option<Oid>; 3],
        merged: &mut Merged,
    ) -> Result<Option<Oid>> {
        if let Some(handle) = member_of(path) {
            // Certificate and policy say the same of a member, and the policy has a rule.
            let policy = self.merged_policy(sides)?.policy;
            match policy.authorization.get(handle) {
                None => return Ok(None),
                Some(entry) if path.ends_with(".asc") => {
                    return Ok(Some(self.repo.write_blob(entry.keyring.as_bytes())?));
                }
                Some(_) => {}
            }
        }
        let (Some(our), Some(their)) = (ours, theirs) else {
            // Removed on one side and changed on the other: what was written stays.
            merged.kept.push(path.to_owned());
            return Ok(ours.or(theirs));
        };
        if path == Policy::PATH {
            return self.write_policy(sides, merged).map(Some);
        }
        let time = |at: Snapshot| -> Result<i64> { Ok(self.repo.commit(at.commit)?.time) };
        if !has_fields(path) {
            merged.twice.push(path.to_owned());
            // The same one, whichever clone merges.
            let ours_is_later = (time(sides.ours)?, our) >= (time(sides.theirs)?, their);
            return Ok(Some(if ours_is_later { our } else { their }));
        }
        let text =
            |id: Oid| -> Result<String> { Ok(String::from_utf8_lossy(&self.repo.blob(id)?).into_owned()) };
        let base = base.map(text).transpose()?;
        let (our_text, their_text) = (text(our)?, text(their)?);
        let [ours, theirs] = [(&our_text, sides.ours), (&their_text, sides.theirs)]
            .map(|(text, at)| Ok::<_, Error>(Side { text, time: time(at)?, who: "" }));
        let done = merge::plain(base.as_deref(), &ours?, &theirs?).map_err(|e| e.at(path.to_owned()))?;
        merged.twice.extend(done.twice.iter().map(|field| format!("{path}: {field}")));
        Ok(Some(self.repo.write_blob(done.text.as_bytes())?))
    }

    fn merged_policy(&self, sides: Sides) -> Result<policy_merge::Merged> {
        let base = match self.repo.entry(sides.base.tree, Policy::PATH)? {
            Some(_) => self.policy(sides.base.tree)?,
            None => Policy::default(),
        };
        let (ours, theirs) = (self.policy(sides.ours.tree)?, self.policy(sides.theirs.tree)?);
        Ok(policy_merge::merged(&base, &[&ours, &theirs]))
    }

    fn write_policy(&self, sides: Sides, merged: &mut Merged) -> Result<Oid> {
        let both = self.merged_policy(sides)?;
        if let Some(first) = both.undecided.first() {
            let what = match first.as_str() {
                "" => "both sides changed the version of the signing policy".to_owned(),
                handle => format!("both sides gave member {handle} another key"),
            };
            return Err(Error::refused(what)
                .at(Policy::PATH)
                .hint("agree on one; undo the local change with `git revert`, then `carnet sync` again"));
        }
        merged.stricter.extend(both.twice);
        self.repo.write_blob(both.policy.to_toml()?.as_bytes())
    }
}

/// Whether the file is merged field by field; a certificate, a wording, a sealed companion is one thing.
fn has_fields(path: &str) -> bool {
    path.ends_with(".toml")
}

/// The handle of the member whom a file is about.
fn member_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix("members/")?;
    name.strip_suffix(".asc").or_else(|| name.strip_suffix(".toml")).filter(|handle| !handle.contains('/'))
}
