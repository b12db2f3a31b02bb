//! Many new contacts in one commit, sealed on all cores.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use rayon::prelude::*;

use super::snapshot::check_place;
use super::vdir_import::CardEdit;
use super::write::{Staged, seal_new};
use super::{Snapshot, Vault};
use crate::crypto::Secret;
use crate::domain::channel::Channel;
use crate::domain::contact::Contact;
use crate::domain::draft::Draft;
use crate::domain::edit;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::link::{self, Wanted};
use crate::domain::mention;
use crate::domain::objected::Objected;
use crate::domain::objection::Scope;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;

/// How many contacts are sealed between two reports of progress.
const STEP: usize = 500;

/// From how many edited contacts on a commit names their number alone.
const NAMED: usize = 1000;

impl Vault {
    /// Writes all drafts as new contacts of one book, and gives their ids in order; `progress` is told how many more
    /// are sealed.
    pub fn import(
        &self,
        book: &Slug,
        drafts: &[Draft],
        progress: &dyn Fn(u64),
    ) -> Result<(Option<Oid>, Vec<ContactId>)> {
        self.import_with(book, drafts, &[], progress)
    }

    /// The same, with new texts of contacts that are there, in the same commit. Nothing is written when one of these was
    /// changed since it was compared.
    pub fn import_with(
        &self,
        book: &Slug,
        drafts: &[Draft],
        edits: &[CardEdit],
        progress: &dyn Fn(u64),
    ) -> Result<(Option<Oid>, Vec<ContactId>)> {
        let (now, moment) = (self.now_text(), self.now);
        self.write(|at, staged| {
            // Taken under the lock: a key that another process replaced meanwhile would seal for nobody.
            let key = self.book_key(book)?;
            let key: &Secret = &key;
            let ids: Vec<ContactId> = drafts.iter().map(|_| ContactId::random()).collect();
            let ends: HashMap<&str, &ContactId> =
                drafts.iter().zip(&ids).filter_map(|(draft, id)| Some((draft.key.as_deref()?, id))).collect();
            let text_of = |(draft, id): &(&Draft, &ContactId)| {
                let text = draft.to_toml(id, book, &now);
                if draft.links.is_empty() { Ok(text) } else { linked(&text, draft, &ends, moment) }
            };
            let mut opposed: Vec<Opposed> = Vec::new();
            let all: Vec<(&Draft, &ContactId)> = drafts.iter().zip(&ids).collect();
            for step in all.chunks(STEP) {
                let sealed: Vec<_> = step
                    .par_iter()
                    .map(|one| Ok((one, seal_new(key, &text_of(one)?)?)))
                    .collect::<Result<_>>()?;
                for ((draft, id), (file, message)) in sealed {
                    staged.put(id.path(book), file);
                    staged.keys.push((id.key_path(book), message));
                    if !draft.objections.is_empty() {
                        let contact = Contact::parse(&draft.to_toml(id, book, &now))?;
                        opposed.push((contact, draft.objections.clone()));
                    }
                }
                progress(step.len() as u64);
            }
            let count = drafts.len() + edits.len();
            let mut entry = Entry::new(format!("contact: import {count}"), "import");
            if !drafts.is_empty() {
                entry.books.push(book.clone());
            }
            entry.count = Some(count);
            self.stage_edits(at, staged, edits, &mut entry, &mut opposed)?;
            if !opposed.is_empty() {
                entry.fields.push("objection".into());
                entry.fields.sort();
                entry.fields.dedup();
            }
            self.stage_said_no(at, staged, &opposed)?;
            let mut purposes: Vec<Slug> =
                drafts.iter().flat_map(|d| d.bases.iter().map(|b| b.purpose.clone())).collect();
            purposes.sort();
            purposes.dedup();
            entry.purposes = purposes;
            Ok((entry, ids))
        })
    }

    fn stage_edits(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        edits: &[CardEdit],
        entry: &mut Entry,
        opposed: &mut Vec<Opposed>,
    ) -> Result<()> {
        for CardEdit { of, old, new, .. } in edits {
            if self.contact_text(at, &of.book, &of.id)?.is_none_or(|(text, _)| *text != *old) {
                return Err(Error::failed("somebody else changed a contact in the meantime")
                    .at(format!("contact {}", of.id.short()))
                    .hint("run the command again; nothing was changed"));
            }
            check_place(new, &of.book, &of.id)?;
            let (before, after) = (Contact::parse(old)?, Contact::parse(new)?);
            let said: Vec<Objected> =
                after.objections.iter().filter(|one| !before.objections.contains(one)).cloned().collect();
            if !said.is_empty() {
                opposed.push((after, said));
            }
            entry.fields.extend(edit::changed_fields(old, new));
            entry.books.push(of.book.clone());
            let kept = mention::remembering(old, new)?;
            self.stage_version(staged, &of.book, &of.id, kept.as_deref().unwrap_or(new))?;
            if edits.len() < NAMED {
                entry.contacts.push(of.id.clone());
            }
        }
        entry.fields.sort();
        entry.fields.dedup();
        entry.books.sort();
        entry.books.dedup();
        Ok(())
    }

    /// Puts the addresses and numbers of those who say no on the opposition list, in the same commit.
    fn stage_said_no(&self, at: Snapshot, staged: &mut Staged, opposed: &[Opposed]) -> Result<()> {
        let scope =
            |one: &Objected| Scope { purpose: one.purpose.clone(), channel: Channel::of(&one.channel) };
        let scopes: BTreeSet<Scope> = opposed.iter().flat_map(|(_, said)| said.iter().map(scope)).collect();
        for wanted in scopes {
            let who = opposed.iter().filter(|(_, said)| said.iter().any(|one| scope(one) == wanted));
            let who: Vec<Contact> = who.map(|(contact, _)| contact.clone()).collect();
            self.stage_opposed(at, staged, &who, &wanted, None)?;
        }
        Ok(())
    }
}

/// A contact, and what an import says that it objects to.
type Opposed = (Contact, Vec<Objected>);

/// The text of a new contact with its links to others of the same import.
fn linked(text: &str, draft: &Draft, ends: &HashMap<&str, &ContactId>, now: DateTime<Utc>) -> Result<String> {
    let mut doc = edit::document(text)?;
    for one in &draft.links {
        // One that is not taken, or is there already, is linked with nobody.
        let Some(to) = ends.get(one.to.as_str()) else { continue };
        let (kind, _) = link::kind_of(one.kind)?;
        let contact = Contact::parse(&doc.to_string())?;
        let wanted = Wanted { role: one.role.clone(), ..Wanted::default() };
        link::put(&mut doc, &contact, to, kind, &wanted, now)?;
    }
    Ok(doc.to_string())
}
