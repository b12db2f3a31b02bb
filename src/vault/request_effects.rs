//! What an answer does to the person's contact: a restriction or an objection is written into it, in the same commit
//! as the register's entry.

use serde::Serialize;

use super::object::ObjectionOrder;
use super::select::Match;
use super::snapshot::{Opened, open_text_with};
use super::write::Staged;
use super::{Snapshot, Vault};
use crate::domain::ids::{ContactId, Slug, event_id};
use crate::domain::objection::Scope;
use crate::domain::request::{Reference, Request, RestrictionCase};
use crate::domain::trailer::Entry;
use crate::domain::{edit, events};
use crate::error::{Error, Result};
use crate::store::Oid;

/// A `[[restriction]]` of a contact (Art. 18).
#[derive(Serialize)]
struct Restriction {
    id: String,
    time: toml::value::Datetime,
    /// What may not be done; everything when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<Slug>,
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<RestrictionCase>,
    request: Reference,
}

impl Vault {
    /// Stages a `[[restriction]]` (Art. 18) for each purpose of the request, or one for all.
    pub fn stage_restriction(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        request: &Request,
        opened: &Opened,
        entry: &mut Entry,
    ) -> Result<()> {
        let (book, id) = (&opened.book, &opened.contact.id);
        self.check_unchanged(at, book, id, opened.blob)?;
        let mut doc = edit::document(&opened.text)?;
        let now = self.now_text();
        let time = now.parse().map_err(|e| Error::failed("that moment cannot be written").cause(e))?;
        for purpose in purposes_of(request) {
            let restriction = Restriction {
                id: event_id(),
                time,
                purpose,
                case: request.case,
                request: request.reference.clone(),
            };
            events::append(&mut doc, "restriction", &restriction)?;
        }
        self.stage_version(staged, book, id, &doc.to_string())?;
        entry.books.push(book.clone());
        entry.fields.push("restriction".into());
        Ok(())
    }

    /// Stages an `[[objection]]` (Art. 21) for each purpose of the request, or one for all.
    pub fn stage_objection_of(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        request: &Request,
        opened: &Opened,
        entry: &mut Entry,
    ) -> Result<()> {
        self.check_unchanged(at, &opened.book, &opened.contact.id, opened.blob)?;
        let one = Match {
            book: opened.book.clone(),
            id: opened.contact.id.clone(),
            name: String::new(),
            email: String::new(),
        };
        let orders: Vec<ObjectionOrder> = purposes_of(request)
            .into_iter()
            .map(|purpose| ObjectionOrder {
                scope: Scope { purpose, channel: None },
                request: Some(request.reference.to_string()),
                ..ObjectionOrder::default()
            })
            .collect();
        self.stage_objections(at, staged, std::slice::from_ref(&one), &orders)?;
        entry.books.push(opened.book.clone());
        entry.fields.push("objection".into());
        Ok(())
    }

    /// Refuses when somebody changed the contact since it was read.
    pub fn check_unchanged(&self, at: Snapshot, book: &Slug, id: &ContactId, blob: Oid) -> Result<()> {
        if self.repo.entry(at.tree, &id.path(book))? == Some(blob) {
            return Ok(());
        }
        Err(Error::failed("somebody else changed this contact in the meantime")
            .hint("run the command again on the new version"))
    }

    /// The contact's text as it was at a commit, sealed under whichever of its keys.
    ///
    /// `None` where the contact was not there yet, or that version opens no more.
    pub fn text_at(
        &self,
        at: Snapshot,
        commit: &str,
        id: &ContactId,
    ) -> Result<Option<zeroize::Zeroizing<String>>> {
        let Ok(commit) = Oid::from_str(commit) else { return Ok(None) };
        let Ok(tree) = self.repo.tree_of(commit) else { return Ok(None) };
        let files = self.repo.contact_files(tree, id.fan(), &format!("{id}.toml.pgp"))?;
        let (Some((_, blob)), Some(keys)) = (files.first(), self.keys_wherever(at, id)?) else {
            return Ok(None);
        };
        Ok(open_text_with(&keys, &self.repo.blob(*blob)?).ok())
    }
}

/// What a request is about: each purpose, or everything.
fn purposes_of(request: &Request) -> Vec<Option<Slug>> {
    match request.purposes.is_empty() {
        true => vec![None],
        false => request.purposes.iter().cloned().map(Some).collect(),
    }
}
