//! One change to many contacts, in one commit.

use toml_edit::DocumentMut;

use super::select::Match;
use super::snapshot::check_place;
use super::{Snapshot, Vault};
use crate::domain::contact::Contact;
use crate::domain::edit;
use crate::domain::ids::ContactId;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;

/// From how many contacts on a commit names their number alone.
const NAMED: usize = 1000;

/// What became of them.
#[derive(Debug, Default)]
pub struct Changes {
    pub commit: Option<Oid>,
    /// Those that changed, in the order given.
    pub changed: Vec<ContactId>,
}

impl Vault {
    /// Makes a change to each contact and keeps nothing: says whether [`Vault::change_all`] would be refused.
    pub fn try_all<'a>(
        &self,
        at: Snapshot,
        contacts: impl Iterator<Item = &'a Match>,
        change: &dyn Fn(&Contact, &mut DocumentMut) -> Result<()>,
    ) -> Result<()> {
        for Match { book, id, .. } in contacts {
            if let Some(opened) = self.open_contact(at, book, id)? {
                change(&opened.contact, &mut edit::document(&opened.text)?)?;
            }
        }
        Ok(())
    }

    /// Applies `change` to each contact's text as it is under the lock, so that nothing that somebody else wrote
    /// meanwhile is lost. One failure, and nothing is changed. Contacts that the change leaves as they were are
    /// not written. `subject` and `action` are the commit's words.
    pub fn change_all(
        &self,
        contacts: &[Match],
        (subject, action): (&str, &str),
        change: &dyn Fn(&Contact, &mut DocumentMut) -> Result<()>,
    ) -> Result<Changes> {
        let (commit, changed) = self.write(|at, staged| {
            let mut entry = Entry::new(String::new(), action);
            let mut changed = Vec::new();
            for Match { book, id, .. } in contacts {
                let opened = self.open_contact(at, book, id)?.ok_or_else(|| {
                    Error::not_found("a contact is gone since it was looked up").hint("run the command again")
                })?;
                let mut doc = edit::document(&opened.text)?;
                change(&opened.contact, &mut doc)?;
                let text = doc.to_string();
                if text == *opened.text {
                    continue;
                }
                check_place(&text, book, id)?;
                entry.fields.extend(edit::changed_fields(&opened.text, &text));
                entry.books.push(book.clone());
                self.stage_version(staged, book, id, &text)?;
                changed.push(id.clone());
            }
            entry.fields.sort();
            entry.fields.dedup();
            entry.books.sort();
            entry.books.dedup();
            match changed.as_slice() {
                [one] => entry.subject = format!("contact: {subject} {}", one.short()),
                many => entry.subject = format!("contact: {subject} {}", many.len()),
            }
            if changed.len() < NAMED {
                entry.contacts.clone_from(&changed);
            } else {
                entry.count = Some(changed.len());
            }
            Ok((entry, changed))
        })?;
        Ok(Changes { commit, changed })
    }
}
