//! The opposition list: who must not be taken in again (Art. 21), recognised without being named.
//!
//! The secret that its fingerprints are made with is no key to anything. It lies in the key store as
//! `<book>/objections/<name>.pgp`, sealed under the key of each book, so that whoever may add contacts can check;
//! it belongs to the book, so an erasure leaves it and new book keys seal it anew. Two clones that begin a list at
//! the same time make two secrets with two names, and both count.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::Months;

use super::write::Staged;
use super::{Snapshot, Vault};
use crate::crypto::{Secret, keyed, symmetric};
use crate::domain::contact::Typed;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::objection::{DIR, Objection, is_hex};
use crate::domain::register::{self, Kept};
use crate::domain::{email, phone};
use crate::error::{Error, Result};

/// The directory of a book's keys of the list.
pub const OBJECTIONS: &str = "objections";

/// Whether `name` may name a key of the list.
pub fn is_key_name(name: &str) -> bool {
    is_hex(name, 16)
}

fn key_path(book: &Slug, name: &str) -> String {
    format!("{book}/{OBJECTIONS}/{name}.pgp")
}

/// The list, as far as this member can check it.
pub struct Opposition {
    keys: BTreeMap<String, Secret>,
    /// Paths of all entries.
    entries: HashSet<String>,
    country: String,
    /// How many entries were made with a secret that is in no book of this member.
    pub unchecked: usize,
}

/// What of a contact is recognised: kind and normalised value, each once.
fn identifiers(emails: &[Typed], phones: &[Typed], country: &str) -> BTreeSet<(&'static str, String)> {
    let emails = emails.iter().filter_map(|e| Some(("email", email::normalise(&e.value)?)));
    let phones = phones.iter().filter_map(|p| Some(("phone", phone::normalise(&p.value, country)?)));
    emails.chain(phones).collect()
}

fn fingerprint(secret: &Secret, kind: &str, value: &str) -> Result<String> {
    keyed::fingerprint(secret, &format!("{kind}:{value}"))
}

/// A secret's name: what it makes of a text that is no address and no number.
fn name_of(secret: &Secret) -> Result<String> {
    Ok(keyed::fingerprint(secret, "carnet opposition list")?.chars().take(16).collect())
}

impl Vault {
    /// The opposition list at `at`; costs next to nothing where there is none.
    pub fn opposition(&self, at: Snapshot) -> Result<Opposition> {
        let keys = self.objection_keys(at)?;
        let mut entries = HashSet::new();
        let mut unchecked = 0;
        for name in self.repo.names(at.tree, DIR)? {
            let files = self.repo.names(at.tree, &format!("{DIR}/{name}")).unwrap_or_default();
            match keys.contains_key(&name) {
                true => entries.extend(files.into_iter().map(|file| format!("{DIR}/{name}/{file}"))),
                false => unchecked += files.len(),
            }
        }
        let country = match entries.is_empty() {
            true => String::new(),
            false => self.settings(at)?.country().to_owned(),
        };
        Ok(Opposition { keys, entries, country, unchecked })
    }

    /// The entry that one of these addresses or numbers is on the list by: its path.
    pub fn opposed(
        &self,
        at: Snapshot,
        list: &Opposition,
        emails: &[Typed],
        phones: &[Typed],
    ) -> Result<Option<String>> {
        if list.entries.is_empty() {
            return Ok(None);
        }
        for (kind, value) in identifiers(emails, phones, &list.country) {
            for (name, secret) in &list.keys {
                let path = Objection::path(name, &fingerprint(secret, kind, &value)?);
                if !list.entries.contains(&path) {
                    continue;
                }
                let entry = self.objection(at, &path)?;
                if entry.is_none_or(|entry| entry.counts_on(&self.today())) {
                    return Ok(Some(path));
                }
            }
        }
        Ok(None)
    }

    /// Refuses a person who is on the list; says nothing of whom or by what.
    pub fn refuse_opposed(&self, at: Snapshot, emails: &[Typed], phones: &[Typed]) -> Result<()> {
        let list = self.opposition(at)?;
        match self.opposed(at, &list, emails, phones)? {
            Some(path) => Err(Error::refused("this person is on the opposition list (Art. 21 GDPR)")
                .at(path)
                .hint("where the person has come back of their own will: `git rm` that entry and commit")),
            None => Ok(()),
        }
    }

    fn objection(&self, at: Snapshot, path: &str) -> Result<Option<Objection>> {
        let Some(bytes) = self.repo.file(at.tree, path)? else { return Ok(None) };
        register::parse(path, &String::from_utf8_lossy(&bytes)).map(Some)
    }

    /// The secrets that entries at `at` were made with, as far as a book of this member has them.
    fn objection_keys(&self, at: Snapshot) -> Result<BTreeMap<String, Secret>> {
        let mut keys = BTreeMap::new();
        let names = self.repo.names(at.tree, DIR)?;
        if names.is_empty() {
            return Ok(keys);
        }
        for (book, _) in self.my_books(at)? {
            for name in names.iter().filter(|name| is_key_name(name)) {
                if keys.contains_key(name) {
                    continue;
                }
                let Some(message) = self.keys.get(&key_path(&book, name))? else { continue };
                let opened = symmetric::open(&*self.book_key(&book)?, &message);
                let secret = opened.and_then(|plain| Secret::from_message(&plain)).map_err(|e| {
                    e.at(key_path(&book, name)).hint("`carnet verify` lists every key that does not open")
                })?;
                if name_of(&secret)? == *name {
                    keys.insert(name.clone(), secret);
                }
            }
        }
        Ok(keys)
    }

    /// Seals the list's secrets for a new book too.
    pub(super) fn stage_objection_keys(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        book: &Slug,
        book_key: &Secret,
    ) -> Result<()> {
        for (name, secret) in self.objection_keys(at)? {
            staged.keys.push((key_path(book, &name), symmetric::seal(book_key, &secret.to_message())?));
        }
        Ok(())
    }

    /// Stages entries for the addresses and numbers of contacts; refuses when one has neither.
    pub(super) fn stage_opposition(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        contacts: &[(&Slug, &ContactId)],
        request: Option<&str>,
    ) -> Result<Vec<Kept>> {
        let settings = self.settings(at)?;
        let mut found = Vec::with_capacity(contacts.len());
        let mut nameless = Vec::new();
        for (book, id) in contacts {
            let opened = self.open_contact(at, book, id)?;
            let ids = opened.map(|o| identifiers(&o.contact.emails, &o.contact.phones, settings.country()));
            match ids.filter(|ids| !ids.is_empty()) {
                Some(ids) => found.push(ids),
                None => nameless.push(id.short().to_owned()),
            }
        }
        if !nameless.is_empty() {
            return Err(Error::refused(
                "nothing to recognise them by: no e-mail address and no valid phone number",
            )
            .at(format!("contact {}", nameless.join(", ")))
            .hint("erase these without --keep-opposition; nothing was changed"));
        }
        let (name, secret) = self.stage_own_secret(at, staged)?;
        let end = self.now.date_naive().checked_add_months(Months::new(settings.retention.objection_months));
        let until = end.unwrap_or(chrono::NaiveDate::MAX).format("%Y-%m-%d").to_string();
        let mut paths = BTreeSet::new();
        let mut kept = Vec::with_capacity(found.len());
        for ids in found {
            kept.push(Kept {
                what: "opposition".into(),
                entries: ids.len(),
                ground: "GDPR Art. 21(3)".into(),
                until: until.clone(),
            });
            for (kind, value) in ids {
                let path = Objection::path(&name, &fingerprint(&secret, kind, &value)?);
                let known = self.objection(at, &path).ok().flatten();
                if known.is_some_and(|known| known.until >= until) || !paths.insert(path.clone()) {
                    continue;
                }
                let entry = Objection {
                    kind: kind.into(),
                    channel: Objection::ALL.into(),
                    since: self.today(),
                    until: until.clone(),
                    request: request.map(str::to_owned),
                };
                staged.put(path, register::to_toml(&entry)?);
            }
        }
        Ok(kept)
    }

    /// The secret for new entries, sealed for every book of this member that has it not.
    fn stage_own_secret(&self, at: Snapshot, staged: &mut Staged) -> Result<(String, Secret)> {
        let mut keys = self.objection_keys(at)?;
        if keys.is_empty() {
            let secret = Secret::random()?;
            keys.insert(name_of(&secret)?, secret);
        }
        for (book, _) in self.my_books(at)? {
            for (name, secret) in &keys {
                let path = key_path(&book, name);
                if !self.keys.has(&path)? {
                    let sealed = symmetric::seal(&*self.book_key(&book)?, &secret.to_message())?;
                    staged.keys.push((path, sealed));
                }
            }
        }
        keys.into_iter().next().ok_or_else(|| Error::failed("the opposition list has no key"))
    }
}
