//! What other contacts say of those that are erased, and how it goes: out of their text, and out of their past.
//!
//! Their earlier versions in history hold what was said. So such a contact gets a new key, and the old one is
//! destroyed with the erased ones': its own text stays, its earlier versions open no more.

use std::collections::{BTreeSet, HashMap};

use super::deals::Erased;
use super::searches;
use super::write::{Staged, seal_fresh};
use super::{Snapshot, Vault};
use crate::domain::deal::{self, Deal};
use crate::domain::ids::{ContactId, Sealed, Slug};
use crate::domain::mention::{self, candidates};
use crate::domain::register::Erasure;
use crate::domain::telling::Telling;
use crate::error::Result;
use crate::store::Oid;

/// A contact or sealed record that mentions some of the erased ones.
pub(super) struct Mention {
    kind: Sealed,
    pub book: Slug,
    pub id: ContactId,
    /// Which of the erased ones, by their place in the order.
    pub of: BTreeSet<usize>,
    /// Its text without them.
    pub text: String,
    /// Every version in history that holds, or may hold, what was said.
    pub versions: Vec<Oid>,
    /// Git's id of the key message that is replaced.
    pub key: Option<Oid>,
}

/// What was found, and the books that could not be searched.
#[derive(Default)]
pub(super) struct Mentions {
    pub found: Vec<Mention>,
    pub unsearched: Vec<Slug>,
    /// Contacts that an erased one became part of elsewhere and that cannot be parted from it any more.
    pub whole: Vec<ContactId>,
}

impl Vault {
    /// Searches the books that this member can open for the ids.
    ///
    /// A book with a contact that cannot be read is no reason not to erase: it is named instead.
    pub(super) fn mentions(&self, at: Snapshot, ids: &[&ContactId]) -> Result<Mentions> {
        let mut all = Mentions::default();
        // What still names one that became part of an erased contact, names that one: a link from a book that nobody who
        // merged them could open.
        let merged: Vec<(usize, ContactId)> = ids
            .iter()
            .enumerate()
            .flat_map(|(n, id)| self.merged_into(at, id).into_iter().map(move |merged| (n, merged)))
            .collect();
        let own = ids.iter().enumerate().map(|(n, id)| (id.as_str(), n));
        let places: HashMap<&str, usize> =
            merged.iter().map(|(n, id)| (id.as_str(), *n)).chain(own).collect();
        let every: Vec<&ContactId> = ids.iter().copied().chain(merged.iter().map(|(_, id)| id)).collect();
        let erased = Erased::now(at, &every, ids, &merged);
        for (book, _) in self.my_books(at)? {
            match self.mentions_in(at, &book, &erased, &places) {
                Ok((found, whole)) => {
                    all.found.extend(found);
                    all.whole.extend(whole);
                }
                Err(_) => all.unsearched.push(book),
            }
        }
        let those: Vec<&ContactId> = all.found.iter().map(|m| &m.id).collect();
        let versions = match those.is_empty() {
            true => Vec::new(),
            false => self.versions(&those)?,
        };
        for (mention, versions) in all.found.iter_mut().zip(versions) {
            mention.versions = versions;
        }
        Ok(all)
    }

    /// Contacts that became part of this one and are gone; none where it cannot be opened.
    fn merged_into(&self, at: Snapshot, id: &ContactId) -> Vec<ContactId> {
        // A sync asks for all that were ever erased: they are not there to be opened.
        if self.is_erased(at, id).unwrap_or(true) {
            return Vec::new();
        }
        let opened = self.in_my_books(at, id).ok().flatten();
        let opened = opened.and_then(|one| self.open_contact(at, &one.book, id).ok().flatten());
        let merged = opened.map(|opened| opened.contact.merged).unwrap_or_default();
        // One that somebody brought back is a contact again.
        merged.into_iter().filter(|id| matches!(self.in_my_books(at, id), Ok(None))).collect()
    }

    fn mentions_in(
        &self,
        at: Snapshot,
        book: &Slug,
        erased: &Erased<'_>,
        places: &HashMap<&str, usize>,
    ) -> Result<(Vec<Mention>, Vec<ContactId>)> {
        let ids = erased.ids;
        let index = self.whole_index(at, book)?;
        let (mut found, mut whole) = (Vec::new(), Vec::new());
        for row in index.rows() {
            let of = named_in(row.text()?, places);
            if of.is_empty() || places.contains_key(row.id) {
                continue;
            }
            let id: ContactId = row.id.parse()?;
            let Some(opened) = self.open_contact(at, book, &id)? else { continue };
            let Some(text) = self.without_brought(at, &opened, ids)? else {
                whole.push(id);
                continue;
            };
            let text = mention::without(&text, ids)?;
            super::snapshot::check_place(&text, book, &id)?;
            found.push(self.mention(Sealed::Contact, book.clone(), id, of, text)?);
        }
        for record in self.records_in(at, book)? {
            let mut of = named_in(&record.text.to_ascii_lowercase(), places);
            match record.head.kind.as_str() {
                searches::KIND => {
                    let text = record.body::<searches::Body>()?.text();
                    of.extend(self.named_by(at, &text, Telling::is_in_words, erased, places)?);
                }
                deal::KIND if of.is_empty() => {
                    of.extend(self.named_by_deal(at, &record.body()?, erased, places)?);
                }
                _ => {}
            }
            if of.is_empty() {
                continue;
            }
            let text = self.record_without(&record.text, erased)?;
            let id = super::records::check_place(&text, book, &record.head.id)?.id;
            found.push(self.mention(Sealed::Record, book.clone(), id, of, text)?);
        }
        Ok((found, whole))
    }

    /// Whom a deal names in words alone, of those who are erased. Where one of its contacts is called the same, that one is
    /// meant.
    fn named_by_deal(
        &self,
        at: Snapshot,
        deal: &Deal,
        erased: &Erased<'_>,
        places: &HashMap<&str, usize>,
    ) -> Result<BTreeSet<usize>> {
        let text = deal.words();
        let of = self.named_by(at, &text, Telling::is_named_in, erased, places)?;
        let contacts: &[ContactId] = if of.is_empty() { &[] } else { &deal.contacts };
        for id in contacts {
            if self.telling_now(at, id)?.is_named_in(&text) {
                return Ok(BTreeSet::new());
            }
        }
        Ok(of)
    }

    /// Whom a text means of those who are erased, as `says` finds it: a saved search may mean somebody who came with such a
    /// name after it was saved. Where an earlier name is meant it is not told whose: then it may be any of them.
    fn named_by(
        &self,
        at: Snapshot,
        text: &str,
        says: fn(&Telling, &str) -> bool,
        erased: &Erased<'_>,
        places: &HashMap<&str, usize>,
    ) -> Result<BTreeSet<usize>> {
        if !erased.telling(self).is_some_and(|telling| says(telling, text)) {
            return Ok(BTreeSet::new());
        }
        if erased.each.get().is_none() {
            let each = places.iter().map(|(id, place)| Ok((*place, self.telling_now(at, &id.parse()?)?)));
            let _ = erased.each.set(each.collect::<Result<_>>()?);
        }
        let each = erased.each.get().into_iter().flatten();
        let of: BTreeSet<usize> =
            each.filter(|(_, telling)| says(telling, text)).map(|(place, _)| *place).collect();
        Ok(if of.is_empty() { places.values().copied().collect() } else { of })
    }

    /// What gives a contact away as it is now; nothing where it cannot be opened.
    fn telling_now(&self, at: Snapshot, id: &ContactId) -> Result<Telling> {
        let one = self.in_my_books(at, id)?.map(|one| self.open_contact(at, &one.book, id)).transpose()?;
        let mut telling = Telling::default();
        one.flatten().iter().for_each(|opened| telling.add(&opened.contact));
        Ok(telling)
    }

    fn mention(
        &self,
        kind: Sealed,
        book: Slug,
        id: ContactId,
        of: BTreeSet<usize>,
        text: String,
    ) -> Result<Mention> {
        let key = self.keys.get(&id.key_path(&book))?.map(|m| self.repo.blob_id(&m)).transpose()?;
        Ok(Mention { kind, book, id, of, text, versions: Vec::new(), key })
    }

    /// A contact's text without its mentions of contacts that the ledger of one of these trees names.
    pub(super) fn without_erased(&self, text: &str, trees: &[Oid]) -> Result<String> {
        let erased = self.erased_in(text, trees)?;
        match erased.is_empty() {
            true => Ok(text.to_owned()),
            false => mention::without(text, &erased.iter().collect::<Vec<_>>()),
        }
    }

    /// Contacts that a text mentions and the ledger of one of these trees names.
    pub(super) fn erased_in(&self, text: &str, trees: &[Oid]) -> Result<BTreeSet<ContactId>> {
        let folded = text.to_ascii_lowercase();
        let mut erased: BTreeSet<ContactId> = BTreeSet::new();
        for id in candidates(&folded).filter_map(|id| id.parse::<ContactId>().ok()) {
            for tree in trees {
                if self.repo.entry(*tree, &Erasure::path(&id))?.is_some() {
                    erased.insert(id.clone());
                }
            }
        }
        Ok(erased)
    }

    /// Stages the text without the mentions, under a new key that replaces the old one.
    pub(super) fn stage_mention(&self, staged: &mut Staged, mention: &Mention) -> Result<()> {
        let (new, file, key) = seal_fresh(&*self.book_key(&mention.book)?, &mention.text)?;
        staged.put(mention.kind.path(&mention.book, &mention.id), file);
        staged.replace.push((mention.id.key_path(&mention.book), key));
        if mention.kind == Sealed::Contact {
            let old = self.contact_keys(&mention.book, &mention.id)?;
            // What it says no more came with an erased one that had become part of it.
            let named = |hash: &str| mention.text.contains(hash);
            self.stage_evidence_under(
                self.snapshot()?,
                staged,
                (&mention.book, &mention.id),
                (&old, &new),
                &named,
            )?;
        }
        Ok(())
    }
}

/// Which ids stand in a text, in one pass however many there are: an id has its first hyphen after eight digits.
fn named_in(text: &str, places: &HashMap<&str, usize>) -> BTreeSet<usize> {
    candidates(text).filter_map(|id| places.get(id).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_wherever_they_stand() {
        let ids: Vec<ContactId> = (0..3).map(|_| ContactId::random()).collect();
        let places: HashMap<&str, usize> = ids.iter().enumerate().map(|(n, id)| (id.as_str(), n)).collect();
        let text = format!("é-{}-x\n{}", ids[2], ids[0]);
        assert_eq!(named_in(&text, &places), BTreeSet::from([0, 2]));
        assert!(
            named_in("--- é-é", &places).is_empty() && named_in(&ids[1].as_str()[..30], &places).is_empty()
        );
    }
}
