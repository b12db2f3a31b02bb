//! One read of every contact that this member can open, kept as figures.
//!
//! This is the only part of the reports that sees a contact. It keeps counts under closed sets of keys
//! (books, declared purposes, the six bases, four channels) and lets no text of a contact out: a purpose
//! that nobody declared and a channel that nobody knows are counted as such, not named.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::moment;
use crate::domain::contact::{Basis, Consent, ConsentAction, ContactKind};
use crate::domain::facet::Facet;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::lawful::LegalBasis;
use crate::domain::register::Book;
use crate::error::Result;
use crate::vault::{Snapshot, Vault};

/// How a person can be reached; a consent holds for one channel or for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    Any,
    Email,
    Phone,
    Sms,
    Post,
    Other,
}

impl Channel {
    fn of(text: Option<&str>) -> Channel {
        match text.map(str::to_lowercase).as_deref() {
            None => Channel::Any,
            Some("email") => Channel::Email,
            Some("phone") => Channel::Phone,
            Some("sms") => Channel::Sms,
            Some("post") => Channel::Post,
            Some(_) => Channel::Other,
        }
    }
}

/// A purpose of the register, or `None` for one that is not declared.
pub type Declared = Option<Slug>;

/// Counts by what happened to a consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Tally {
    pub asked: usize,
    pub granted: usize,
    pub refused: usize,
    pub withdrawn: usize,
    pub expired: usize,
}

impl Tally {
    fn add(&mut self, action: ConsentAction) {
        match action {
            ConsentAction::Asked => self.asked += 1,
            ConsentAction::Granted => self.granted += 1,
            ConsentAction::Refused => self.refused += 1,
            ConsentAction::Withdrawn => self.withdrawn += 1,
            ConsentAction::Expired => self.expired += 1,
        }
    }

    /// Adds another tally to this one.
    pub fn add_all(&mut self, other: &Tally) {
        self.asked += other.asked;
        self.granted += other.granted;
        self.refused += other.refused;
        self.withdrawn += other.withdrawn;
        self.expired += other.expired;
    }

    pub fn total(&self) -> usize {
        self.asked + self.granted + self.refused + self.withdrawn + self.expired
    }
}

/// Which wording a consent event says that the person was shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", content = "sha256", rename_all = "lowercase")]
pub enum Worded {
    /// One of the register, by its hash.
    Known(String),
    /// One that the register does not have; what stands there is not said.
    Other,
    None,
}

impl Worded {
    fn of(text: Option<&str>, known: &BTreeSet<String>) -> Worded {
        match text {
            None => Worded::None,
            Some(hash) if known.contains(hash) => Worded::Known(hash.to_owned()),
            Some(_) => Worded::Other,
        }
    }
}

/// What contacts are counted against.
#[derive(Clone, Copy)]
pub struct Against<'a> {
    /// The bases of each declared purpose.
    pub purposes: &'a BTreeMap<Slug, Vec<LegalBasis>>,
    /// Hashes of the register's wordings.
    pub wordings: &'a BTreeSet<String>,
    /// Seconds since 1970.
    pub now: i64,
    /// When the time begins that «what changed» tells of.
    pub since: i64,
}

/// Contacts that are held for one purpose on one basis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    pub contacts: usize,
    /// Of these, whose basis has reached its end date.
    pub ended: usize,
    /// Of these, held on consent that is not in force on any channel.
    pub without_consent: usize,
}

/// One book.
#[derive(Clone, Debug)]
pub struct BookFigures {
    pub slug: Slug,
    pub book: Book,
    /// 0 where this member cannot open the book: how many there are is not theirs to see.
    pub contacts: usize,
    /// Persons and organisations, where this member can open the book.
    pub kinds: Option<(usize, usize)>,
}

/// What is counted of a contact.
pub struct Counted {
    kind: ContactKind,
    bases: Vec<Basis>,
    consents: Vec<Consent>,
}

impl From<Facet> for Counted {
    fn from(facet: Facet) -> Counted {
        Counted { kind: facet.view.kind, bases: facet.bases, consents: facet.consents }
    }
}

/// Everything that the pages say about contacts.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub books: Vec<BookFigures>,
    pub held: BTreeMap<(Declared, LegalBasis), Held>,
    /// Contacts by purpose, each once whatever the bases.
    pub by_purpose: BTreeMap<Declared, usize>,
    /// Contacts of a book with a declared purpose, each once.
    pub by_book: BTreeMap<(Slug, Slug), usize>,
    /// Every event.
    pub events: BTreeMap<(Declared, Channel), Tally>,
    /// Every event with what it says of the wording.
    pub worded: BTreeMap<(Declared, Channel, Worded), Tally>,
    /// Every event with a month (`YYYY-MM`, UTC) of its own.
    pub monthly: BTreeMap<(Declared, String), Tally>,
    /// The events of the time that «what changed» tells of, by the day that each of them has.
    pub recent: BTreeMap<Declared, Tally>,
    /// What holds now, once a contact, purpose and channel.
    pub now: BTreeMap<(Declared, Channel), Tally>,
    pub last_event: Option<i64>,
    /// Contacts with at least one basis for a purpose that is not declared.
    pub undeclared: usize,
    /// Contacts with at least one basis that has ended.
    pub ended: usize,
    /// Contacts held on consent for a purpose without one in force.
    pub without_consent: usize,
    /// Granted consents that do not say which wording was agreed to.
    pub without_wording: usize,
    /// Contacts for which a purpose's own record does not list the basis.
    pub off_register: usize,
    pub read: usize,
    /// Ids of the erasure ledger that are still in a book's tree.
    pub erased_but_there: Vec<ContactId>,
}

impl Figures {
    pub fn contacts(&self) -> usize {
        self.books.iter().map(|b| b.contacts).sum()
    }

    /// The books, with no contact counted yet.
    pub fn of_books(vault: &Vault, at: Snapshot, erased: &BTreeSet<ContactId>) -> Result<Figures> {
        let mut figures = Figures::default();
        for (slug, book) in vault.all_books(at)? {
            let contacts = vault.contacts_of(at, &slug)?;
            let still = contacts.iter().map(|c| &c.0).filter(|id| erased.contains(id));
            figures.erased_but_there.extend(still.cloned());
            let kinds = book.members.contains(&vault.me.handle).then_some((0, 0));
            let contacts = if kinds.is_some() { contacts.len() } else { 0 };
            figures.books.push(BookFigures { slug, book, contacts, kinds });
        }
        Ok(figures)
    }

    /// Takes one contact into account.
    pub fn count(&mut self, contact: &Counted, book: &Slug, against: &Against<'_>) {
        let Against { purposes, wordings, now, since } = *against;
        let declared = |purpose: &Slug| purposes.contains_key(purpose).then(|| purpose.clone());
        self.read += 1;
        let of_book = self.books.iter_mut().find(|b| b.slug == *book);
        if let Some((persons, organisations)) = of_book.and_then(|b| b.kinds.as_mut()) {
            match contact.kind {
                ContactKind::Person => *persons += 1,
                ContactKind::Organisation => *organisations += 1,
            }
        }
        let states = states(&contact.consents, now);
        for event in &contact.consents {
            let channel = Channel::of(event.channel.as_deref());
            self.events.entry((declared(&event.purpose), channel)).or_default().add(event.action);
            let start = moment::start(&event.time);
            if start.is_some_and(|start| (since..=now).contains(&start)) {
                self.recent.entry(declared(&event.purpose)).or_default().add(event.action);
            }
            if let Some(month) = start.and_then(month) {
                self.monthly.entry((declared(&event.purpose), month)).or_default().add(event.action);
            }
            let worded = Worded::of(event.wording.as_deref(), wordings);
            self.worded.entry((declared(&event.purpose), channel, worded)).or_default().add(event.action);
            self.last_event = self.last_event.max(start);
            if event.action == ConsentAction::Granted && event.wording.is_none() {
                self.without_wording += 1;
            }
        }
        for ((purpose, channel), action) in &states {
            self.now.entry((declared(purpose), *channel)).or_default().add(*action);
        }
        let granted = |purpose: &Slug| {
            states.iter().any(|((p, _), action)| *p == purpose && *action == ConsentAction::Granted)
        };
        let (mut seen, mut undeclared, mut ended, mut without, mut off) =
            (BTreeSet::new(), false, false, false, false);
        for basis in &contact.bases {
            if !seen.insert((&basis.purpose, basis.basis)) {
                continue;
            }
            let over = basis.until.as_ref().and_then(moment::end).is_some_and(|end| end <= now);
            let lacks = !over && basis.basis == LegalBasis::Consent && !granted(&basis.purpose);
            let held = self.held.entry((declared(&basis.purpose), basis.basis)).or_default();
            held.contacts += 1;
            held.ended += usize::from(over);
            held.without_consent += usize::from(lacks);
            ended |= over;
            without |= lacks;
            match purposes.get(&basis.purpose) {
                Some(bases) => off |= !bases.contains(&basis.basis),
                None => undeclared = true,
            }
        }
        let purposes: BTreeSet<Declared> = seen.iter().map(|(purpose, _)| declared(purpose)).collect();
        for purpose in purposes {
            if let Some(purpose) = &purpose {
                *self.by_book.entry((book.clone(), purpose.clone())).or_default() += 1;
            }
            *self.by_purpose.entry(purpose).or_default() += 1;
        }
        self.undeclared += usize::from(undeclared);
        self.ended += usize::from(ended);
        self.without_consent += usize::from(without);
        self.off_register += usize::from(off);
    }
}

/// `YYYY-MM`, UTC.
fn month(seconds: i64) -> Option<String> {
    chrono::DateTime::from_timestamp(seconds, 0).map(|at| at.format("%Y-%m").to_string())
}

/// What holds now for each purpose and channel that the events name.
///
/// The latest event counts; of two at the same moment the one that protects the person more. An event for
/// every channel also counts for each single one. A grant that has passed its expiry is expired.
fn states(events: &[Consent], now: i64) -> BTreeMap<(&Slug, Channel), ConsentAction> {
    let caution = |action: ConsentAction| match action {
        ConsentAction::Asked => 0,
        ConsentAction::Granted => 1,
        ConsentAction::Expired => 2,
        ConsentAction::Refused => 3,
        ConsentAction::Withdrawn => 4,
    };
    let events: Vec<_> = events
        .iter()
        .map(|e| {
            (&e.purpose, Channel::of(e.channel.as_deref()), (moment::start(&e.time), caution(e.action)), e)
        })
        .collect();
    let keys: BTreeSet<(&Slug, Channel)> = events.iter().map(|e| (e.0, e.1)).collect();
    let latest = |(purpose, channel): (&Slug, Channel)| {
        let concerns = events.iter().filter(|e| e.0 == purpose && [Channel::Any, channel].contains(&e.1));
        concerns.max_by_key(|e| e.2).map(|e| e.3)
    };
    keys.into_iter()
        .filter_map(|key| {
            let event = latest(key)?;
            let over = event.expires.as_ref().and_then(moment::end).is_some_and(|end| end <= now);
            let granted = event.action == ConsentAction::Granted;
            Some((key, if granted && over { ConsentAction::Expired } else { event.action }))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::contact::Contact;

    fn contact(more: &str) -> Facet {
        let text = format!(
            "id = \"3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77\"\nbook = \"main\"\nname = \"N\"\nsource = \"s\"\n{more}"
        );
        Facet::of(&text, Contact::parse(&text).unwrap()).unwrap()
    }

    fn event(action: &str, time: &str, more: &str) -> String {
        format!("[[consent]]\nid = \"e\"\npurpose = \"news\"\naction = \"{action}\"\ntime = {time}\n{more}\n")
    }

    fn counted<const N: usize>(contacts: [Facet; N]) -> Figures {
        let purposes = BTreeMap::from([("news".parse().unwrap(), vec![LegalBasis::Consent])]);
        let now = chrono::DateTime::parse_from_rfc3339("2026-11-23T10:00:00Z").unwrap().timestamp();
        let mut figures = Figures::default();
        let against = Against { purposes: &purposes, wordings: &BTreeSet::new(), now, since: now };
        contacts.into_iter().for_each(|c| figures.count(&c.into(), &"main".parse().unwrap(), &against));
        figures
    }

    const ON_CONSENT: &str = "[[basis]]\npurpose = \"news\"\nbasis = \"consent\"\n";

    #[test]
    fn a_withdrawal_for_every_channel_ends_each_and_a_lapsed_grant_is_none() {
        let email = "channel = \"email\"";
        let withdrawn = contact(&format!(
            "{ON_CONSENT}{}{}",
            event("granted", "2026-01-01", email),
            event("withdrawn", "2026-02-01", "")
        ));
        let lapsed = contact(&format!(
            "{ON_CONSENT}{}",
            event("granted", "2026-01-01", "channel = \"email\"\nexpires = 2026-11-22")
        ));
        let granted = contact(&format!(
            "{ON_CONSENT}{}{}",
            event("asked", "2026-01-01", email),
            event("granted", "2026-01-01", "channel = \"email\"\nexpires = 2026-11-23")
        ));
        let figures = counted([withdrawn, lapsed, granted]);
        let news: Declared = "news".parse().ok();
        let now = figures.now[&(news.clone(), Channel::Email)];
        assert_eq!((now.withdrawn, now.expired, now.granted, now.total()), (1, 1, 1, 3));
        assert_eq!(figures.events[&(news, Channel::Email)].total(), 4);
        assert_eq!((figures.without_consent, figures.without_wording), (2, 3));
    }

    #[test]
    fn what_is_not_declared_is_counted_without_its_name() {
        let stray = contact(
            "[[basis]]\npurpose = \"jeanne-dupont\"\nbasis = \"contract\"\nuntil = 2026-11-22\n\
             [[basis]]\npurpose = \"news\"\nbasis = \"contract\"\nuntil = 2026-11-23\n",
        );
        let figures = counted([stray]);
        assert_eq!((figures.undeclared, figures.ended, figures.off_register), (1, 1, 1));
        assert!(!format!("{figures:?}").contains("jeanne"));
        assert!(figures.held.contains_key(&(None, LegalBasis::Contract)));
    }
}
