//! Wordings that two clones added under one number: both texts stay, for consents name each by its hash.

use std::collections::{BTreeSet, HashMap};

use super::files::{Merged, Sides};
use crate::domain::ids::Slug;
use crate::domain::register;
use crate::domain::wording::{self, DIR, Wording};
use crate::error::Result;
use crate::store::Oid;
use crate::store::trees::Changed;
use crate::vault::Vault;

/// One file of a wording as ours and as theirs, of which there was none before.
type Both = (Oid, Oid);

impl Vault {
    /// Stages, for each number that both sides gave to another text, theirs as it is and ours under a new number. Returns
    /// the paths that are decided by this.
    pub(super) fn merge_wordings(
        &self,
        sides: Sides,
        ours: &HashMap<&str, &Changed>,
        theirs: &[Changed],
        merged: &mut Merged,
    ) -> Result<BTreeSet<String>> {
        let added: HashMap<&str, Both> = theirs
            .iter()
            .filter_map(|(path, base, their)| {
                let (_, _, our) = ours.get(path.as_str()).filter(|_| base.is_none())?;
                Some((path.as_str(), ((*our)?, (*their)?)))
            })
            .collect();
        let mut decided = BTreeSet::new();
        let mut new_numbers: HashMap<Slug, u32> = HashMap::new();
        for (path, (our, their)) in &added {
            let Some((slug, number, "md")) = wording::parse_path(path).filter(|_| our != their) else {
                continue;
            };
            let [old, record] =
                ["md", "toml"].map(|ending| format!("{}.{ending}", wording::stem(&slug, number)));
            let Some((our_record, their_record)) = added.get(record.as_str()).copied() else { continue };
            let next = match new_numbers.get(&slug) {
                Some(last) => last + 1,
                None => self.last_wording(sides, &slug)? + 1,
            };
            new_numbers.insert(slug.clone(), next);
            let stem = wording::stem(&slug, next);
            let text = String::from_utf8_lossy(&self.repo.blob(our_record)?).into_owned();
            let mut wording: Wording = register::parse(&record, &text)?;
            if wording.version == number.to_string() {
                wording.version = next.to_string();
            }
            let moved = self.repo.write_blob(register::to_toml(&wording)?.as_bytes())?;
            merged.edits.extend([
                (old.clone(), Some(*their)),
                (record.clone(), Some(their_record)),
                (format!("{stem}.md"), Some(*our)),
                (format!("{stem}.toml"), Some(moved)),
            ]);
            merged.renumbered.push((format!("{slug}/{number}"), format!("{slug}/{next}")));
            decided.extend([old, record]);
        }
        merged.renumbered.sort();
        Ok(decided)
    }

    /// The greatest number that either side has of a wording.
    fn last_wording(&self, sides: Sides, slug: &Slug) -> Result<u32> {
        let mut last = 0;
        for tree in [sides.ours.tree, sides.theirs.tree] {
            for name in self.repo.names(tree, &format!("{DIR}/{slug}"))? {
                let number =
                    wording::parse_path(&format!("{DIR}/{slug}/{name}")).map(|(_, number, _)| number);
                last = last.max(number.unwrap_or_default());
            }
        }
        Ok(last)
    }
}
