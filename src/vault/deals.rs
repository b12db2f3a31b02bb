//! Deals: finding, adding and changing them, each change in one signed commit; and what an erasure leaves of them.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use rayon::prelude::*;

use super::records::Record;
use super::searches;
use super::select::Match;
use super::snapshot::open_text_with;
use super::write::Staged;
use super::{Snapshot, Vault};
use crate::domain::contact::{Activity, Contact};
use crate::domain::deal::{Deal, FIELDS, KIND};
use crate::domain::ids::{ContactId, RecordId, Slug};
use crate::domain::mention;
use crate::domain::record::{self, Head};
use crate::domain::telling::Telling;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;

/// A deal with its place.
#[derive(Clone, Debug)]
pub struct Held {
    pub book: Slug,
    pub id: RecordId,
    pub deal: Deal,
}

impl Held {
    fn of(record: &Record) -> Result<Held> {
        let mut deal: Deal = record.body()?;
        deal.rest.retain(|key, _| !["id", "book", "kind"].contains(&key));
        Ok(Held { book: record.head.book.clone(), id: record.head.id.clone(), deal })
    }

    /// Whether it is open and concerns this contact.
    pub fn is_open_with(&self, contact: &ContactId) -> bool {
        self.deal.is_open() && self.deal.contacts.contains(contact)
    }

    fn head(&self) -> Result<Head> {
        Ok(Head { id: self.id.clone(), book: self.book.clone(), kind: KIND.parse()? })
    }
}

impl Vault {
    /// All deals of this member's books: those that close first before the others, then by title.
    ///
    /// One that cannot be read is left out and told of: it is no reason not to show the others, nor whom they concern.
    pub fn deals(&self, at: Snapshot) -> Result<Vec<Held>> {
        let (mut all, mut damaged) = (Vec::new(), 0);
        for (book, _) in self.my_books(at)? {
            let records = self.each_record(at, &book)?.into_par_iter();
            let deals = records.filter_map(|record| match record {
                Ok(record) if record.head.kind.as_str() != KIND => None,
                record => Some(record.and_then(|record| Held::of(&record))),
            });
            for held in deals.collect::<Vec<_>>() {
                match held {
                    Ok(held) => all.push(held),
                    Err(_) => damaged += 1,
                }
            }
        }
        if let Some(tell) = self.tell.as_ref().filter(|_| damaged > 0) {
            tell(&format!(
                "{damaged} sealed record(s) cannot be read and are left out; `carnet verify` says which."
            ));
        }
        let order = |held: &Held| (held.deal.close.is_none(), held.deal.close);
        all.sort_by(|a, b| {
            order(a).cmp(&order(b)).then_with(|| (&a.deal.title, &a.id).cmp(&(&b.deal.title, &b.id)))
        });
        Ok(all)
    }

    /// The deals that `text` can mean: the beginning of an id (four hex digits or more), or words of the title.
    pub fn deals_meant(&self, at: Snapshot, text: &str) -> Result<Vec<Held>> {
        let by_id = self.deals_by_id(at, text)?;
        if !by_id.is_empty() {
            return Ok(by_id);
        }
        let mut all = self.deals(at)?;
        all.retain(|held| held.deal.is_meant_by(text));
        // A whole title beats titles that merely contain it.
        let whole = crate::domain::fold::fold(text.trim());
        let same = |held: &Held| crate::domain::fold::fold(&held.deal.title) == whole;
        if all.iter().filter(|held| same(held)).count() == 1 {
            all.retain(same);
        }
        Ok(all)
    }

    /// The deals whose id begins like this (four hex digits or more): no other one is opened.
    fn deals_by_id(&self, at: Snapshot, text: &str) -> Result<Vec<Held>> {
        let prefix = text.trim().to_ascii_lowercase();
        let mut found = Vec::new();
        if prefix.len() < 4 || !prefix.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
            return Ok(found);
        }
        for (book, _) in self.my_books(at)? {
            for id in self.record_ids(at, &book)?.into_iter().filter(|id| id.as_str().starts_with(&prefix)) {
                let record = self.open_record(at, &book, &id)?;
                if let Some(record) = record.filter(|record| record.head.kind.as_str() == KIND) {
                    found.push(Held::of(&record)?);
                }
            }
        }
        Ok(found)
    }

    /// Whom a deal concerns, as far as this member can open them, and what was logged with them about it: newest first.
    pub fn around_deal(&self, at: Snapshot, held: &Held) -> Result<(Vec<Contact>, Vec<Activity>)> {
        let (mut people, mut log) = (Vec::new(), Vec::<Activity>::new());
        for id in &held.deal.contacts {
            let Some(one) = self.in_my_books(at, id)? else { continue };
            let Some(opened) = self.open_contact(at, &one.book, id)? else { continue };
            for activity in opened.contact.activities.iter().filter(|a| a.deal.as_ref() == Some(&held.id)) {
                // One interaction with several of them is one.
                if !log.iter().any(|known| known.id == activity.id) {
                    log.push(activity.clone());
                }
            }
            people.push(opened.contact);
        }
        log.sort_by_key(|activity| std::cmp::Reverse(crate::domain::moment::start(&activity.time)));
        Ok((people, log))
    }

    /// Adds a deal to a book: the one named, that of its first contact, or the one for new contacts.
    pub fn add_deal(&self, book: Option<&Slug>, with: &[Match], deal: &Deal) -> Result<(Option<Oid>, Held)> {
        self.write(|at, staged| {
            let book = match (book, with.first()) {
                (None, Some(first)) => first.book.clone(),
                (named, _) => self.book_for_new(at, named, &self.settings(at)?)?.0,
            };
            let head = Head::new(&book, &KIND.parse()?);
            self.stage_new_record(staged, &head, deal)?;
            let held = Held { book, id: head.id, deal: deal.clone() };
            Ok((entry("add", &held), held))
        })
    }

    /// Changes a deal as it is on the branch now; nothing is written where nothing changes.
    pub fn change_deal(
        &self,
        (book, id): (&Slug, &RecordId),
        step: &str,
        change: impl FnOnce(Snapshot, &mut Deal) -> Result<()>,
    ) -> Result<(Option<Oid>, Held)> {
        self.write(|at, staged| {
            let record = self.open_record(at, book, id)?.ok_or_else(no_such_deal)?;
            let mut held = Held::of(&record)?;
            let before = held.deal.clone();
            change(at, &mut held.deal)?;
            let mut entry = entry(step, &held);
            if held.deal != before {
                entry.fields = changed(&before, &held.deal);
                self.stage_record(staged, &held.head()?, &held.deal)?;
            }
            Ok((entry, held))
        })
    }

    /// Removes a deal: its key is destroyed, so that no version of it opens any more.
    pub fn remove_deal(&self, book: &Slug, id: &RecordId) -> Result<Option<Oid>> {
        let (commit, ()) = self.write(|at, staged| {
            let record = self.open_record(at, book, id)?.ok_or_else(no_such_deal)?;
            let held = Held::of(&record)?;
            self.stage_record_destruction(staged, book, id);
            Ok((entry("remove", &held), ()))
        })?;
        Ok(commit)
    }

    /// What an erasure leaves of a deal's text, and of a saved search's; of another record's, the text without the ids.
    pub(super) fn record_without(&self, text: &str, erased: &Erased<'_>) -> Result<String> {
        let head = Head::parse(text)?;
        if head.kind.as_str() == searches::KIND {
            return head.text(&searches::Body::erased(&head.id)?);
        }
        if head.kind.as_str() != KIND {
            return mention::without(text, erased.ids);
        }
        let ids: BTreeSet<&ContactId> = erased.ids.iter().copied().collect();
        let mut deal: Deal = record::parse(text)?;
        deal = deal.without(&ids, erased.telling(self));
        head.text(&deal)
    }

    /// A record's text without its mentions of contacts that the ledger of one of these trees names.
    pub(super) fn record_without_erased(&self, text: &str, trees: &[Oid]) -> Result<String> {
        let erased = self.erased_in(text, trees)?;
        let ids: Vec<&ContactId> = erased.iter().collect();
        match ids.is_empty() {
            true => Ok(text.to_owned()),
            false => self.record_without(text, &Erased::before(&ids)),
        }
    }

    /// What gives contacts away, in all their versions, while they can still be opened; none where one cannot. `merged` are
    /// those that became part of one of them, with its place.
    fn telling(
        &self,
        at: Snapshot,
        ids: &[&ContactId],
        merged: &[(usize, ContactId)],
    ) -> Result<Option<Telling>> {
        let mut telling = Telling::default();
        let mut keys = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(one) = self.in_my_books(at, id)? else { return Ok(None) };
            let Some(opened) = self.open_contact(at, &one.book, id)? else { return Ok(None) };
            telling.add(&opened.contact);
            keys.push(self.contact_keys(&one.book, id)?);
        }
        // Somebody who has another name now is known by the one before, too.
        let every: Vec<&ContactId> = ids.iter().copied().chain(merged.iter().map(|(_, id)| id)).collect();
        let places = (0..ids.len()).chain(merged.iter().map(|(n, _)| *n));
        for (versions, n) in self.versions(&every)?.into_iter().zip(places) {
            let keys = keys.get(n).map(Vec::as_slice).unwrap_or_default();
            for blob in versions {
                // What an earlier erasure has closed is not readable for anybody.
                let text = open_text_with(keys, &self.repo.blob(blob)?);
                if let Ok(contact) = text.and_then(|text| Contact::parse(&text)) {
                    telling.add(&contact);
                }
            }
        }
        Ok(Some(telling))
    }

    /// Deals that name the first of a pair name the second instead: a merge of contacts takes their deals along.
    pub(super) fn repoint_deals(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        moves: &[(ContactId, ContactId)],
        entry: &mut Entry,
    ) -> Result<()> {
        // Here one that cannot be read stops the merge: it may name the contact that goes.
        for record in self.records(at, Some(KIND))? {
            let mut held = Held::of(&record)?;
            let before = held.deal.clone();
            for (from, into) in moves {
                let linked = held.deal.contacts.contains(from);
                for list in [&mut held.deal.contacts, &mut held.deal.former] {
                    list.iter_mut().filter(|id| *id == from).for_each(|id| *id = into.clone());
                    let mut seen = BTreeSet::new();
                    list.retain(|id| seen.insert(id.clone()));
                }
                if linked {
                    held.deal.former.retain(|id| id != into);
                }
            }
            if held.deal != before {
                self.stage_record(staged, &held.head()?, &held.deal)?;
                entry.records.push(held.id);
                entry.books.push(held.book);
            }
        }
        entry.books.sort();
        entry.books.dedup();
        Ok(())
    }
}

/// Who is erased, and what gives them away: found out only where a deal is about them.
pub(super) struct Erased<'a> {
    pub ids: &'a [&'a ContactId],
    known: Option<Known<'a>>,
    telling: OnceCell<Option<Telling>>,
    /// What gives each away as it is now, with its place; found out once, where the whole says that one is meant.
    pub(super) each: OnceCell<Vec<(usize, Telling)>>,
}

/// Those of them that are there, and who became part of which.
struct Known<'a> {
    at: Snapshot,
    ids: &'a [&'a ContactId],
    merged: &'a [(usize, ContactId)],
}

impl<'a> Erased<'a> {
    /// Contacts that are there still: `all` are these and those that became part of them.
    pub fn now(
        at: Snapshot,
        all: &'a [&'a ContactId],
        ids: &'a [&'a ContactId],
        merged: &'a [(usize, ContactId)],
    ) -> Erased<'a> {
        Erased {
            ids: all,
            known: Some(Known { at, ids, merged }),
            telling: OnceCell::new(),
            each: OnceCell::new(),
        }
    }

    /// Contacts of which nothing is known any more.
    pub fn before(ids: &'a [&'a ContactId]) -> Erased<'a> {
        Erased { ids, known: None, telling: OnceCell::new(), each: OnceCell::new() }
    }

    /// None where it is not known.
    pub(super) fn telling(&self, vault: &Vault) -> Option<&Telling> {
        let known = self.known.as_ref()?;
        let found = || vault.telling(known.at, known.ids, known.merged).unwrap_or_default();
        self.telling.get_or_init(found).as_ref()
    }
}

/// The commit's words: ids and names of fields only. Whom the deal concerns stays sealed.
fn entry(step: &str, held: &Held) -> Entry {
    let mut entry = Entry::new(format!("deal: {step} {}", held.id.short()), &format!("deal-{step}"));
    entry.records.push(held.id.clone());
    entry.books.push(held.book.clone());
    entry
}

/// Names of the fields that differ; a key that is not carnet's own could be anything, and is `other`.
fn changed(before: &Deal, after: &Deal) -> Vec<String> {
    let table = |deal: &Deal| toml::Table::try_from(deal).unwrap_or_default();
    let (before, after) = (table(before), table(after));
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = keys.into_iter().filter(|key| before.get(*key) != after.get(*key));
    let named = |key: &String| if FIELDS.contains(&key.as_str()) { key.clone() } else { "other".to_owned() };
    changed.map(named).collect::<BTreeSet<_>>().into_iter().collect()
}

/// What is said where a deal is not found.
pub fn no_such_deal() -> Error {
    Error::not_found("no deal matches")
        .hint("`carnet deal list --all` lists them; an id or words of a title are understood")
}
