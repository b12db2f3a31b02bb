//! The branch as it was: which commit was its last at a moment, and which commit first said something of a contact.

use super::snapshot::{check_place, open_text_with};
use super::{Snapshot, Vault};
use crate::crypto::Secret;
use crate::domain::contact::Contact;
use crate::domain::ids::{ContactId, Slug, parse_contact_path};
use crate::error::Result;
use crate::store::Oid;

impl Vault {
    /// The branch as it was known here at a moment (seconds since 1970): the last commit by then along first parents.
    ///
    /// What another clone committed counts from the merge that brought it, for that is when it was known here.
    pub fn snapshot_at(&self, at: Snapshot, moment: i64) -> Result<Option<Snapshot>> {
        let commit = self.repo.first_line_until(at.commit, moment)?;
        commit.map(|commit| Ok(Snapshot { commit, tree: self.repo.tree_of(commit)? })).transpose()
    }

    /// A contact as it was in an earlier tree, in whichever book it was; `keys` are all that it has now.
    pub fn contact_in(
        &self,
        tree: Oid,
        id: &ContactId,
        keys: &[Secret],
    ) -> Result<Option<(Slug, Contact, zeroize::Zeroizing<String>)>> {
        for (path, blob) in self.repo.contact_files(tree, id.fan(), &format!("{id}.toml.pgp"))? {
            let Some((book, _)) = parse_contact_path(&path) else { continue };
            let text = open_text_with(keys, &self.repo.blob(blob)?).map_err(|e| e.at(path))?;
            let contact = check_place(&text, &book, id)?;
            return Ok(Some((book, contact, text)));
        }
        Ok(None)
    }

    /// The first commit whose version of a contact holds an entry with this id, for each of `events`.
    pub fn commits_of_events(
        &self,
        at: Snapshot,
        id: &ContactId,
        keys: &[Secret],
        events: &[&str],
    ) -> Result<Vec<Option<Oid>>> {
        let mut first: Vec<Option<Oid>> = vec![None; events.len()];
        let name = format!("{id}.toml.pgp");
        // Parents come after children, so what is written last is the oldest.
        for (commit, blob) in self.repo.versions_along(at.commit, id.fan(), &name)? {
            let Ok(text) = open_text_with(keys, &self.repo.blob(blob)?) else { continue };
            let held: Vec<String> = ids_in(&text);
            for (first, event) in first.iter_mut().zip(events) {
                if held.iter().any(|id| id == event) {
                    *first = Some(commit);
                }
            }
        }
        Ok(first)
    }
}

/// Ids of the consent events and objections in a contact's text, however damaged the rest of it is.
fn ids_in(text: &str) -> Vec<String> {
    let table: toml::Table = text.parse().unwrap_or_default();
    let entries = ["consent", "objection"].into_iter().filter_map(|key| table.get(key)?.as_array());
    entries.flatten().filter_map(|entry| Some(entry.get("id")?.as_str()?.to_owned())).collect()
}
