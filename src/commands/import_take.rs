//! Which rows of an import become contacts: complete ones, of declared purposes, of persons who are not there yet and
//! did not object.

use std::collections::HashMap;

use super::import::{Lot, Remark};
use crate::domain::draft::Draft;
use crate::domain::email;
use crate::domain::ids::Slug;
use crate::error::{Error, Result};
use crate::interchange::Row;
use crate::vault::{Snapshot, Vault};

/// The drafts to import: complete, declared, and not there yet.
///
/// Each comes with the number of its row.
pub(super) fn taken(
    vault: &Vault,
    at: Snapshot,
    rows: Vec<Row>,
    lot: &Lot,
    tags: &[String],
    remarks: &mut Vec<Remark>,
) -> Result<Vec<(usize, Draft)>> {
    let mut known = known_emails(vault, at)?;
    let purposes = vault.purposes(at)?;
    let opposition = vault.opposition(at)?;
    if opposition.unchecked > 0 {
        remarks.push(Remark {
            place: "registers/objections".into(),
            kind: "note",
            reason: format!(
                "{} entries are of books that you cannot open and were not compared",
                opposition.unchecked
            ),
        });
    }
    let mut drafts = Vec::with_capacity(rows.len());
    for (n, Row { place, draft, notes }) in rows.into_iter().enumerate() {
        remarks.extend(notes.into_iter().map(|reason| Remark { place: place.clone(), kind: "note", reason }));
        let mut skip = |kind, reason: String| remarks.push(Remark { place: place.clone(), kind, reason });
        let mut draft = match draft {
            Ok(draft) => draft,
            Err(reason) => {
                skip("skipped", reason);
                continue;
            }
        };
        if draft.source.trim().is_empty() {
            draft.source = lot.source.clone();
        }
        if draft.bases.is_empty() {
            draft.bases = lot.bases.clone();
        }
        draft.tags.extend(tags.iter().filter(|t| !draft.tags.contains(t)).cloned().collect::<Vec<_>>());
        if draft.source.trim().is_empty() || draft.bases.is_empty() {
            return Err(Error::refused("an import needs a source and at least one legal basis").at(place)
                .hint("give --source and --basis, for example --source 'trade fair' --basis prospects:legitimate-interests"));
        }
        if let Some(basis) = draft.bases.iter().find(|b| !purposes.contains(&b.purpose)) {
            skip("skipped", format!("the purpose `{}` is not declared", basis.purpose));
            continue;
        }
        let wanted: Vec<&Slug> = draft.bases.iter().map(|basis| &basis.purpose).collect();
        if vault.opposed(at, &opposition, &draft.emails, &draft.phones, &wanted)?.is_some() {
            skip("skipped", "this person is on the opposition list (Art. 21 GDPR)".into());
            continue;
        }
        let emails: Vec<String> = draft.emails.iter().filter_map(|e| email::normalise(&e.value)).collect();
        if let Some(first) = emails.iter().find_map(|e| known.get(e)) {
            let reason = match first {
                Known::Book(id) => format!("its e-mail is that of contact {id}"),
                Known::Row(earlier) => format!("its e-mail is that of {earlier}"),
            };
            skip("duplicate", reason);
            continue;
        }
        known.extend(emails.into_iter().map(|e| (e, Known::Row(place.clone()))));
        drafts.push((n, draft));
    }
    Ok(drafts)
}

/// Who has an e-mail already.
enum Known {
    Book(String),
    Row(String),
}

fn known_emails(vault: &Vault, at: Snapshot) -> Result<HashMap<String, Known>> {
    let mut known = HashMap::new();
    for (book, _) in vault.my_books(at)? {
        for row in vault.index(at, &book)?.rows() {
            for email in row.emails.lines() {
                known.insert(email.to_lowercase(), Known::Book(row.id.chars().take(8).collect()));
            }
        }
    }
    Ok(known)
}
