//! Merging sealed records: field by field as contacts, but one that either side destroyed stays destroyed.

use super::files::{Merged, Sides};
use crate::crypto::{Secret, symmetric};
use crate::domain::ids::{RecordId, Sealed, Slug};
use crate::domain::merge::{self, Fate, Side};
use crate::error::{Error, Result};
use crate::store::{KeyStore, Oid};
use crate::vault::records::check_place;
use crate::vault::snapshot::open_text_with;
use crate::vault::{Snapshot, Vault};

impl Vault {
    /// The blob that the merge has of a record; none where it is gone. `versions`: base, ours, theirs.
    pub(super) fn merge_record(
        &self,
        sides: Sides,
        incoming: Option<&KeyStore>,
        (book, id): (&Slug, &RecordId),
        versions: [Option<Oid>; 3],
        merged: &mut Merged,
    ) -> Result<Option<Oid>> {
        let [base, ours, theirs] = versions;
        let (our, their) = match (merge::fate_of_record(base, ours, theirs), ours, theirs) {
            (Fate::Absent | Fate::Erased, ..) => return Ok(None),
            (Fate::Merge, Some(our), Some(their)) => (our, their),
            (Fate::Theirs, ..) => return Ok(theirs),
            (Fate::Ours | Fate::Merge, ..) => return Ok(ours),
        };
        let path = Sealed::Record.path(book, id);
        let locked = || {
            Error::no_key(format!("record {} was changed on both sides and you cannot open it", id.short()))
                .hint("a member of its book has to sync first")
        };
        let our_keys = self.keys_of(None, book, id)?.unwrap_or_default();
        let their_keys = self.keys_of(incoming, book, id)?.unwrap_or_default();
        let keys: Vec<Secret> = our_keys.iter().chain(&their_keys).cloned().collect();
        let text = |blob: Oid| -> Result<String> {
            let text = open_text_with(&keys, &self.repo.blob(blob)?).map_err(|e| e.at(path.clone()))?;
            self.record_without_erased(&text, &[sides.ours.tree, sides.theirs.tree])
        };
        let at = |snapshot: Snapshot, blob: Oid| -> Result<(i64, String)> {
            let found = self.repo.origins(&path, &[blob], &[snapshot.commit])?;
            Ok(found.get(&blob).map(|c| (c.time, c.author.clone())).unwrap_or_default())
        };
        let key = newer(
            base.map(|blob| self.repo.blob(blob)).transpose()?.as_deref(),
            [our_keys.first(), their_keys.first()],
        );
        let key = key.ok_or_else(locked)?;
        // A common version that does not open counts as none: then nothing counts as removed.
        let base = base.and_then(|blob| text(blob).ok());
        let (our_text, their_text) = (text(our)?, text(their)?);
        let ((our_time, our_name), (their_time, their_name)) =
            (at(sides.ours, our)?, at(sides.theirs, their)?);
        let done = merge::merge_record(
            base.as_deref(),
            &Side { text: &our_text, time: our_time, who: &our_name },
            &Side { text: &their_text, time: their_time, who: &their_name },
        )
        .map_err(|e| e.at(path.clone()))?;
        check_place(&done.text, book, id).map_err(|e| e.at(path.clone()))?;
        merged.twice.extend(done.notes.iter().map(|note| format!("{path}: {}", note.field)));
        Ok(Some(self.repo.write_blob(&symmetric::seal(key, done.text.as_bytes())?)?))
    }
}

/// The key that stays: an erasure has given the record another one on one side, and the old one, which the common
/// version opens with, goes.
fn newer<'a>(base: Option<&[u8]>, [our, their]: [Option<&'a Secret>; 2]) -> Option<&'a Secret> {
    let is_new = |key: &Secret| base.is_some_and(|base| symmetric::open(key, base).is_err());
    match (our, their) {
        (Some(our), Some(their)) if is_new(our) && !is_new(their) => Some(our),
        (our, their) => their.or(our),
    }
}
