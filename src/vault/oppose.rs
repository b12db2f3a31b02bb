//! The opposition list: who must not be taken in again (Art. 21), recognised without being named.
//!
//! The secret that its fingerprints are made with is no key to anything. It lies in the key store as
//! `<book>/objections/<name>.pgp`, sealed under the key of each book, so that whoever may add contacts can check;
//! it belongs to the book, so an erasure leaves it and new book keys seal it anew. Two clones that begin a list at
//! the same time make two secrets with two names, and both count.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::Months;

use super::write::Staged;
use super::{Snapshot, Vault};
use crate::crypto::{Secret, keyed, symmetric};
use crate::domain::channel::Channel;
use crate::domain::contact::{Contact, Typed};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::objection::{DIR, Objection, Scope, is_hex};
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
    /// Each secret by its name.
    keys: BTreeMap<String, Secret>,
    /// For each secret's name and fingerprint, what is objected to.
    entries: HashMap<(String, String), Vec<Scope>>,
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

/// The addresses and numbers that a channel uses. A number that colleagues share is no reason not to write to one of
/// them by e-mail; a letter may be recognised by either.
pub(super) fn used_on(contact: &Contact, channel: Option<Channel>) -> (&[Typed], &[Typed]) {
    match channel {
        Some(Channel::Email) => (&contact.emails, &[]),
        Some(Channel::Sms | Channel::Phone) => (&[], &contact.phones),
        Some(Channel::Post) | None => (&contact.emails, &contact.phones),
    }
}

fn fingerprint(secret: &Secret, kind: &str, value: &str) -> Result<String> {
    keyed::fingerprint(secret, &format!("{kind}:{value}"))
}

/// A secret's name: what it makes of a text that is no address and no number.
fn name_of(secret: &Secret) -> Result<String> {
    Ok(keyed::fingerprint(secret, "carnet opposition list")?.chars().take(16).collect())
}

/// An entry that an address or number is on the list by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    pub path: String,
    pub scope: Scope,
}

impl Opposition {
    /// Whether there is nothing to compare with.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries that these addresses and numbers are on the list by, whether they still count or not.
    pub fn hits(&self, emails: &[Typed], phones: &[Typed]) -> Result<Vec<Hit>> {
        let mut found = Vec::new();
        if self.is_empty() {
            return Ok(found);
        }
        for (kind, value) in identifiers(emails, phones, &self.country) {
            for (name, secret) in &self.keys {
                let place = (name.clone(), fingerprint(secret, kind, &value)?);
                for scope in self.entries.get(&place).into_iter().flatten() {
                    let path = Objection::path(name, &place.1, scope);
                    found.push(Hit { path, scope: scope.clone() });
                }
            }
        }
        Ok(found)
    }
}

impl Vault {
    /// The opposition list at `at`; costs next to nothing where there is none.
    pub fn opposition(&self, at: Snapshot) -> Result<Opposition> {
        self.opposition_in(at, at)
    }

    /// The list as it was at `at`, checked with the secrets of the books that this member has at `now`.
    pub fn opposition_in(&self, at: Snapshot, now: Snapshot) -> Result<Opposition> {
        let keys = self.objection_keys(at, now)?;
        let mut entries: HashMap<_, Vec<Scope>> = HashMap::new();
        let mut unchecked = 0;
        for name in self.repo.names(at.tree, DIR)? {
            let files = self.repo.names(at.tree, &format!("{DIR}/{name}")).unwrap_or_default();
            if !keys.contains_key(&name) {
                unchecked += files.len();
                continue;
            }
            for file in files {
                if let Some((fingerprint, scope)) = file.strip_suffix(".toml").and_then(Scope::of_name) {
                    entries.entry((name.clone(), fingerprint.to_owned())).or_default().push(scope);
                }
            }
        }
        let country = match entries.is_empty() {
            true => String::new(),
            false => self.settings(at)?.country().to_owned(),
        };
        Ok(Opposition { keys, entries, country, unchecked })
    }

    /// The entries that count on `today` (`YYYY-MM-DD`) among `hits`. One that cannot be read counts: it says no.
    pub fn counting(&self, at: Snapshot, hits: Vec<Hit>, today: &str) -> Vec<Hit> {
        let counts = |hit: &Hit| match self.objection(at, &hit.path) {
            Ok(Some(entry)) => entry.counts_on(today),
            Ok(None) => false,
            Err(_) => true,
        };
        hits.into_iter().filter(counts).collect()
    }

    /// Leaves the entries that are about this purpose and channel and count on `today`.
    pub fn narrow(
        &self,
        at: Snapshot,
        mut list: Opposition,
        purpose: &Slug,
        channel: Channel,
        today: &str,
    ) -> Opposition {
        for ((name, fingerprint), scopes) in &mut list.entries {
            scopes.retain(|scope| {
                let path = || Objection::path(name, fingerprint, scope);
                let hit = || Hit { path: path(), scope: scope.clone() };
                scope.covers(purpose, channel) && !self.counting(at, vec![hit()], today).is_empty()
            });
        }
        list.entries.retain(|_, scopes| !scopes.is_empty());
        list
    }

    /// The entry by which a person who is to be held for these purposes may not be: its path.
    pub fn opposed(
        &self,
        at: Snapshot,
        list: &Opposition,
        emails: &[Typed],
        phones: &[Typed],
        purposes: &[&Slug],
    ) -> Result<Option<String>> {
        let mut hits = list.hits(emails, phones)?;
        hits.retain(|hit| hit.scope.forbids_holding(purposes));
        Ok(self.counting(at, hits, &self.today()).into_iter().next().map(|hit| hit.path))
    }

    /// Refuses a person who is on the list; says nothing of whom or by what.
    pub fn refuse_opposed(&self, at: Snapshot, contact: &Contact) -> Result<()> {
        let list = self.opposition(at)?;
        let purposes: Vec<&Slug> = contact.bases.iter().map(|basis| &basis.purpose).collect();
        match self.opposed(at, &list, &contact.emails, &contact.phones, &purposes)? {
            Some(path) => Err(Error::refused("this person is on the opposition list (Art. 21 GDPR)")
                .at(path)
                .hint("where the person has come back of their own will, `carnet object lift ADDRESS` takes them off the list")),
            None => Ok(()),
        }
    }

    pub(super) fn objection(&self, at: Snapshot, path: &str) -> Result<Option<Objection>> {
        let Some(bytes) = self.repo.file(at.tree, path)? else { return Ok(None) };
        register::parse(path, &String::from_utf8_lossy(&bytes)).map(Some)
    }

    /// The secrets that entries at `at` were made with, as far as a book of this member has them.
    fn objection_keys(&self, at: Snapshot, now: Snapshot) -> Result<BTreeMap<String, Secret>> {
        let mut keys = BTreeMap::new();
        let names = self.repo.names(at.tree, DIR)?;
        if names.is_empty() {
            return Ok(keys);
        }
        for (book, _) in self.my_books(now)? {
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
        for (name, secret) in self.objection_keys(at, at)? {
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
        let mut kept = Vec::with_capacity(found.len());
        let mut all = BTreeSet::new();
        let until = self.objection_end(settings.retention.objection_months);
        for ids in found {
            kept.push(Kept {
                what: "opposition".into(),
                entries: ids.len(),
                ground: "GDPR Art. 21(3)".into(),
                until: until.clone(),
            });
            all.extend(ids);
        }
        self.stage_entries(at, staged, &all, &Scope::ALL, (&until, request))?;
        Ok(kept)
    }

    /// The day from which an entry that is made today no longer counts.
    fn objection_end(&self, months: u32) -> String {
        let end = self.now.date_naive().checked_add_months(Months::new(months));
        end.unwrap_or(chrono::NaiveDate::MAX).format("%Y-%m-%d").to_string()
    }

    /// Stages entries of one scope for addresses and numbers that have none of at least this length.
    fn stage_entries(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        ids: &BTreeSet<(&'static str, String)>,
        scope: &Scope,
        (until, request): (&str, Option<&str>),
    ) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let (name, secret) = self.stage_own_secret(at, staged)?;
        for (kind, value) in ids {
            let path = Objection::path(&name, &fingerprint(&secret, kind, value)?, scope);
            let known = self.objection(at, &path).ok().flatten();
            if known.is_some_and(|known| known.until.as_str() >= until) {
                continue;
            }
            let entry = Objection {
                kind: (*kind).into(),
                channel: scope.channel.map_or(Objection::ALL, |c| c.as_str()).into(),
                purpose: scope.purpose.clone(),
                since: self.today(),
                until: until.to_owned(),
                request: request.map(str::to_owned),
            };
            staged.put(path, register::to_toml(&entry)?);
        }
        Ok(())
    }

    /// Stages entries for what can be recognised of contacts on the channel that they object to; returns how many
    /// addresses and numbers these are.
    pub(super) fn stage_opposed(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        contacts: &[Contact],
        scope: &Scope,
        request: Option<&str>,
    ) -> Result<usize> {
        let settings = self.settings(at)?;
        let mut ids = BTreeSet::new();
        for contact in contacts {
            let (emails, phones) = used_on(contact, scope.channel);
            ids.extend(identifiers(emails, phones, settings.country()));
        }
        let until = self.objection_end(settings.retention.objection_months);
        self.stage_entries(at, staged, &ids, scope, (&until, request))?;
        Ok(ids.len())
    }

    /// Stages the removal of the entries within a scope that contacts are on the list by; returns how many.
    pub(super) fn stage_lifted(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        contacts: &[Contact],
        scope: &Scope,
    ) -> Result<usize> {
        let list = self.opposition(at)?;
        let mut paths = BTreeSet::new();
        for contact in contacts {
            for hit in list.hits(&contact.emails, &contact.phones)? {
                let inside = (scope.purpose.is_none() || hit.scope.purpose == scope.purpose)
                    && (scope.channel.is_none() || hit.scope.channel == scope.channel);
                paths.extend(inside.then_some(hit.path));
            }
        }
        paths.iter().for_each(|path| staged.remove(path.clone()));
        Ok(paths.len())
    }

    /// The secret for new entries, sealed for every book of this member that has it not.
    fn stage_own_secret(&self, at: Snapshot, staged: &mut Staged) -> Result<(String, Secret)> {
        let mut keys = self.objection_keys(at, at)?;
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
