//! Access chains: months beyond the rule, and months of this member that grew and are not tied to the later ones.

use super::Findings;
use crate::error::Result;
use crate::store::chain::ACCESS_REFS;
use crate::vault::Vault;
use crate::vault::chains::{month_of, months_kept};

/// The lock is held.
pub(super) fn examine(vault: &Vault, found: &mut Findings) -> Result<()> {
    let mut ends = vault.own_ends()?;
    let newest = ends.keys().next_back().cloned();
    let months: Vec<String> = ends.keys().filter(|month| Some(*month) != newest.as_ref()).cloned().collect();
    let mut grown = Vec::new();
    for month in months {
        if vault.has_grown(&ends, &month)? {
            grown.push(month);
        }
    }
    if !grown.is_empty() {
        let what = format!(
            "your access chain of {} grew after the next one began, and no entry says so",
            grown.join(", ")
        );
        if found.repair {
            vault.link(&mut ends, grown).and_then(|moves| vault.move_chains(moves))?;
        }
        found.mendable(what, "`carnet doctor --repair` writes an entry that names its end");
    }
    let month = month_of(vault.now);
    if let Some(ahead) = newest.filter(|newest| *newest > month) {
        found.advice(
            &format!(
                "your access chain of {ahead} is in the future: the clock was ahead when you read something"
            ),
            "nothing is lost; until then each entry is followed by one that ties it to that chain",
        );
    }
    for refname in vault.repo.refs_elsewhere(ACCESS_REFS)? {
        found.found(
            format!("{refname} names another ref instead of an access chain, so that no read can be recorded there"),
            "`git update-ref --no-deref -d REF`, then `carnet sync` fetches the chain that the remote has",
        );
    }
    let past = vault.past_chains(ACCESS_REFS)?;
    if !past.is_empty() {
        if found.repair {
            vault.drop_past_chains()?;
        }
        let mut months: Vec<&str> = past.iter().map(|chain| chain.month.as_str()).collect();
        months.dedup();
        found.mendable(
            format!(
                "{} access chain(s) are older than the {} months that carnet.toml keeps: {}",
                past.len(),
                months_kept(&vault.repo, vault.snapshot()?.tree).unwrap_or_default(),
                months.join(", ")
            ),
            "the next `carnet sync`, your first entry of next month, or `carnet doctor --repair` drops them",
        );
    }
    Ok(())
}
