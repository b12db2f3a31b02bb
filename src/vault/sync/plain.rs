//! Merging plain files of two commits: settings, books, registers, the signing policy, certificates, wordings.

use crate::domain::merge::{self, Plain, Side};
use crate::domain::policy::Policy;
use crate::error::{Error, Result};
use crate::vault::verify::rules;

/// Merges two versions of the file at `path` that both differ from the common one.
///
/// # Errors
/// When both sides changed the same member's entry of the signing policy: who may sign is not guessed.
pub(super) fn merge(path: &str, base: Option<&str>, ours: &Side<'_>, theirs: &Side<'_>) -> Result<Plain> {
    if path == Policy::PATH {
        return policy(base, ours, theirs);
    }
    merge::plain(base, ours, theirs)
}

/// Whether the file is merged field by field; a certificate, a wording, a sealed companion is one thing.
pub(super) fn has_fields(path: &str) -> bool {
    path.ends_with(".toml")
}

fn policy(base: Option<&str>, ours: &Side<'_>, theirs: &Side<'_>) -> Result<Plain> {
    let base = Policy::parse(base.unwrap_or_default())?;
    let (our, their) = (Policy::parse(ours.text)?, Policy::parse(theirs.text)?);
    let (merged, conflict) = rules::merged(&base, &[&our, &their]);
    if conflict {
        return Err(Error::refused("both sides changed the same member in the signing policy")
            .hint("agree on one; undo the local change with `git revert`, then sync again"));
    }
    Ok(Plain { text: merged.to_toml()?, twice: Vec::new() })
}
