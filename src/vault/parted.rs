//! A contact that became part of another in one clone while it was erased or changed in a second: the two know nothing
//! of each other until they meet, so what each did is put together here.

use super::select::{Match, to_match};
use super::snapshot::{Opened, check_place, open_text_with};
use super::unite::Union as Unite;
use super::{Snapshot, Vault};
use crate::domain::contact::Contact;
use crate::domain::ids::ContactId;
use crate::domain::unite::{unite, unite_again};
use crate::domain::{edit, merge};
use crate::error::Result;
use crate::store::Oid;

/// When one contact became part of another: the trees before and after.
#[derive(Clone, Copy)]
pub(super) struct Union {
    before: Oid,
    after: Oid,
}

impl Vault {
    /// When `from` became part of the contact; none where no version of that opens any more.
    pub(super) fn union_of(&self, at: Snapshot, into: &Opened, from: &ContactId) -> Result<Option<Union>> {
        let id = &into.contact.id;
        let keys = self.contact_keys(&into.book, id)?;
        let names = |blob: Oid| -> Result<Option<bool>> {
            let text = open_text_with(&keys, &self.repo.blob(blob)?).ok();
            let contact = text.and_then(|text| Contact::parse(&text).ok());
            Ok(contact.map(|contact| contact.merged.contains(from)))
        };
        let name = format!("{id}.toml.pgp");
        // Parents come after children: the oldest first.
        for (commit, blob) in self.repo.versions_along(at.commit, id.fan(), &name)?.into_iter().rev() {
            if names(blob)? != Some(true) {
                continue;
            }
            for parent in self.repo.commit(commit)?.parents {
                let before = self.repo.tree_of(parent)?;
                let earlier = self.repo.contact_files(before, id.fan(), &name)?;
                if let [(_, blob)] = earlier.as_slice()
                    && names(*blob)? == Some(false)
                {
                    return Ok(Some(Union { before, after: self.repo.tree_of(commit)? }));
                }
            }
        }
        Ok(None)
    }

    /// A contact's text without what those of `erased` brought that had become part of it; none where that cannot be
    /// told any more.
    pub(super) fn without_brought(
        &self,
        at: Snapshot,
        opened: &Opened,
        erased: &[&ContactId],
    ) -> Result<Option<String>> {
        let id = &opened.contact.id;
        let mut text = opened.text.to_string();
        for from in opened.contact.merged.iter().filter(|id| erased.contains(id)) {
            if !Contact::parse(&text)?.merged.contains(from) {
                continue;
            }
            let Some(union) = self.union_of(at, opened, from)? else { return Ok(None) };
            let Some((before, after)) = self.around(union, opened, from)? else { return Ok(None) };
            text = merge::part(&before, &after, &text)?;
        }
        // It may have been in another book then.
        let mut doc = edit::document(&text)?;
        edit::put_into(&mut doc, &opened.book);
        let text = doc.to_string();
        check_place(&text, &opened.book, id)?;
        Ok(Some(text))
    }

    /// What the contact said before and after `from` became part of it. Others that did so in the same commit count
    /// as there before.
    fn around(&self, union: Union, opened: &Opened, from: &ContactId) -> Result<Option<(String, String)>> {
        let id = &opened.contact.id;
        let keys = self.contact_keys(&opened.book, id)?;
        let (Some((_, own, text)), Some((_, united, after))) =
            (self.contact_in(union.before, id, &keys)?, self.contact_in(union.after, id, &keys)?)
        else {
            return Ok(None);
        };
        let mut before = text.to_string();
        for other in united.merged.iter().filter(|other| *other != from && !own.merged.contains(other)) {
            let Some((_, contact, text)) = self.contact_in(union.before, other, &keys)? else { continue };
            if contact.merged.contains(from) {
                return Ok(None);
            }
            before = unite(&before, &text, self.now.timestamp())?.text;
        }
        Ok(Some((before, after.to_string())))
    }

    /// Makes one again of contacts that were made one here or elsewhere while somebody changed the one that went: what
    /// was changed counts of the one that stays, above all what the person said. Returns each that stays with the one
    /// that went, and whether there are new conflict notes.
    pub(super) fn reunite(&self) -> Result<Vec<(ContactId, ContactId, bool)>> {
        let mut done = Vec::new();
        // Each union takes one contact away, so there is an end.
        while let Some((into, from)) = self.part_that_lives(self.snapshot()?)? {
            let at = self.snapshot()?;
            let open = |one: &Match| self.open_contact(at, &one.book, &one.id);
            let (Some(into_now), Some(from_now)) = (open(&into)?, open(&from)?) else { break };
            let (text, noted) = self.with_changes_of(at, &into_now, &from_now)?;
            let union = Unite {
                into: (into.clone(), into_now.blob),
                from: vec![(from.clone(), from_now.blob)],
                old: into_now.text.to_string(),
                text,
            };
            self.unite(&[union])?;
            self.settle_indexes(&[&into.book, &from.book])?;
            done.push((into.id, from.id, noted));
        }
        Ok(done)
    }

    /// A contact and another that had become part of it and that is there all the same.
    fn part_that_lives(&self, at: Snapshot) -> Result<Option<(Match, Match)>> {
        for (book, _) in self.my_books(at)? {
            let Ok(index) = self.index(at, &book) else { continue };
            for row in index.rows().iter().filter(|row| row.more("merged").next().is_some()) {
                let merged: Vec<ContactId> = row.more("merged").filter_map(|id| id.parse().ok()).collect();
                for id in merged.iter().filter(|id| id.as_str() != row.id) {
                    let Some(lives) = self.in_my_books(at, id)? else { continue };
                    let one = to_match(&book, row)?;
                    let other = self.open_contact(at, &lives.book, &lives.id)?;
                    let mutual = other.is_some_and(|other| other.contact.merged.contains(&one.id));
                    // Where each became part of the other, every clone decides alike.
                    let swap = mutual && lives.id.as_str() < one.id.as_str();
                    return Ok(Some(if swap { (lives, one) } else { (one, lives) }));
                }
            }
        }
        Ok(None)
    }

    /// What `into` says once it has heard what was changed of `from` since the two became one; whether that left notes.
    fn with_changes_of(&self, at: Snapshot, into: &Opened, from: &Opened) -> Result<(String, bool)> {
        let known = match self.union_of(at, into, &from.contact.id)? {
            Some(union) => {
                let keys = self.contact_keys(&from.book, &from.contact.id)?;
                self.contact_in(union.before, &from.contact.id, &keys).ok().flatten().map(|(.., text)| text)
            }
            None => None,
        };
        let merged =
            unite_again(&into.text, known.as_deref().map(String::as_str), &from.text, self.now.timestamp())?;
        check_place(&merged.text, &into.book, &into.contact.id)?;
        Ok((merged.text, !merged.notes.is_empty()))
    }
}
