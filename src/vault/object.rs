//! Objections (Art. 21): in the contact's own file and on the opposition list, in one commit. They count at once.

use chrono::{DateTime, Utc};

use super::oppose::{Opposition, used_on};
use super::select::Match;
use super::write::Staged;
use super::{Snapshot, Vault};
use crate::domain::channel::Channel;
use crate::domain::contact::Contact;
use crate::domain::ids::{ContactId, event_id};
use crate::domain::objected::Objected;
use crate::domain::objection::{Objection, Scope};
use crate::domain::trailer::Entry;
use crate::domain::{edit, email, events, phone};
use crate::error::{Error, Result};
use crate::store::Oid;

/// What a person objects to, or takes back.
#[derive(Clone, Debug, Default)]
pub struct ObjectionOrder {
    pub scope: Scope,
    /// When the person said it; now where it is not given. Never in the future.
    pub time: Option<DateTime<Utc>>,
    /// How they said it.
    pub method: Option<String>,
    /// Reference of the rights request.
    pub request: Option<String>,
    /// Takes objections back instead of making one.
    pub lift: bool,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct Objecting {
    pub commit: Option<Oid>,
    /// The contacts that changed; one that objected to the same before stays as it is.
    pub contacts: Vec<ContactId>,
    /// How many addresses and numbers the opposition list holds for them, or no longer holds.
    pub entries: usize,
}

impl Vault {
    /// Records objections, or lifts them: one commit for all the contacts.
    pub fn object(&self, contacts: &[Match], order: &ObjectionOrder) -> Result<Objecting> {
        let (commit, (contacts, entries)) = self.write(|at, staged| {
            let (changed, entries) = self.stage_objection(at, staged, contacts, order)?;
            let action = if order.lift { "object-lift" } else { "object" };
            let subject = match &changed[..] {
                [one] => format!("contact: {action} {}", one.short()),
                many => format!("contact: {action} {}", many.len()),
            };
            let mut entry = Entry::new(subject, action);
            entry.books = super::consents::books_of(contacts);
            entry.contacts.clone_from(&changed);
            entry.fields.push("objection".into());
            entry.purposes.extend(order.scope.purpose.clone());
            entry.request.clone_from(&order.request);
            Ok((entry, (changed, entries)))
        })?;
        Ok(Objecting { commit, contacts, entries })
    }

    /// Takes an address or a number, in any spelling, off the opposition list: somebody of whom no contact is left has come
    /// back of their own will. Returns how many entries left it.
    pub fn lift_opposed(&self, text: &str) -> Result<(Option<Oid>, usize)> {
        self.write(|at, staged| {
            let found = self.check_opposed(at, text)?;
            if found.is_empty() {
                return Err(Error::not_found("it is not on the opposition list")
                    .hint("`carnet object CONTACT --lift` takes back what a contact objects to"));
            }
            found.iter().for_each(|(path, _)| staged.remove(path.clone()));
            let mut entry = Entry::new(format!("objections: lift {}", found.len()), "object-lift");
            entry.fields.push("objection".into());
            Ok((entry, found.len()))
        })
    }

    /// Checks what [`Vault::object`] would refuse; nothing is written.
    pub fn foresee_objection(&self, contacts: &[Match], order: &ObjectionOrder) -> Result<()> {
        self.stage_objection(self.snapshot()?, &mut Staged::default(), contacts, order).map(|_| ())
    }

    /// Stages the same, for an operation that does more than this in its commit. Returns the contacts that change and
    /// how many entries of the opposition list are theirs.
    pub fn stage_objection(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        contacts: &[Match],
        order: &ObjectionOrder,
    ) -> Result<(Vec<ContactId>, usize)> {
        self.stage_objections(at, staged, contacts, std::slice::from_ref(order))
    }

    /// The same for several orders at once: each contact is written once, with all of them.
    pub fn stage_objections(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        contacts: &[Match],
        orders: &[ObjectionOrder],
    ) -> Result<(Vec<ContactId>, usize)> {
        for order in orders {
            if let Some(purpose) = &order.scope.purpose {
                self.check_purpose(at, purpose)?;
            }
            if order.time.is_some_and(|time| time > self.now) {
                return Err(Error::usage("the objection lies in the future")
                    .at("--at")
                    .hint("give the moment at which the person objected, such as --at 2026-04-01"));
            }
        }
        let (mut changed, mut all) = (Vec::new(), Vec::new());
        for one in contacts {
            let Some(opened) = self.open_contact(at, &one.book, &one.id)? else {
                return Err(gone(&one.id));
            };
            let mut doc = edit::document(&opened.text)?;
            let known = &opened.contact.objections;
            let mut new = false;
            for order in orders {
                let time = order.time.unwrap_or(self.now);
                let when = moment_of(time)?;
                new |= match order.lift {
                    true => lift(&mut doc, known, order, self.now.timestamp(), when)?,
                    false => make(&mut doc, known, order, time.timestamp(), when)?,
                };
            }
            if new {
                self.stage_version(staged, &one.book, &one.id, &doc.to_string())?;
                changed.push(one.id.clone());
            }
            all.push(opened.contact);
        }
        let mut entries = 0;
        for order in orders {
            entries += match order.lift {
                true => self.stage_lifted(at, staged, &all, &order.scope)?,
                false => self.stage_opposed(at, staged, &all, &order.scope, order.request.as_deref())?,
            };
        }
        if orders.iter().any(|order| order.lift) && changed.is_empty() && entries == 0 {
            return Err(Error::refused("there is no such objection to lift").hint(
                "`carnet show CONTACT` lists them; --purpose and --channel name the same as when it was made",
            ));
        }
        Ok((changed, entries))
    }

    /// Whether the opposition list has every objection of a contact that stands, for each address and number that it is
    /// about: then the contact can go and the objections stay.
    pub fn objections_listed(&self, at: Snapshot, list: &Opposition, contact: &Contact) -> Result<bool> {
        let (today, now) = (self.today(), self.now.timestamp());
        let standing = contact.objections.iter().filter(|o| o.stands_at(now));
        let mut scopes: Vec<Scope> = standing
            .map(|o| Scope { purpose: o.purpose.clone(), channel: Channel::of(&o.channel) })
            .collect();
        if scopes.is_empty() {
            // It objects by a mark without a form of its own.
            scopes.push(Scope::ALL);
        }
        for scope in scopes {
            let (emails, phones) = used_on(contact, scope.channel);
            let one = std::slice::from_ref;
            let all =
                emails.iter().map(|e| (one(e), &[][..])).chain(phones.iter().map(|p| (&[][..], one(p))));
            let mut any = false;
            for (emails, phones) in all {
                let mut hits = list.hits(emails, phones)?;
                hits.retain(|hit| hit.scope.includes(&scope));
                if self.counting(at, hits, &today).is_empty() {
                    return Ok(false);
                }
                any = true;
            }
            if !any {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The entries of the opposition list that count today for an address or a number in any spelling.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn check_opposed(&self, at: Snapshot, text: &str) -> Result<Vec<(String, Objection)>> {
        let country = self.settings(at)?.country().to_owned();
        let typed = |value: String| crate::domain::contact::Typed { value, kind: None };
        let emails: Vec<_> = email::normalise(text).map(typed).into_iter().collect();
        let phones: Vec<_> = phone::normalise(text, &country).map(typed).into_iter().collect();
        if emails.is_empty() && phones.is_empty() {
            return Err(Error::usage("that is neither an e-mail address nor a phone number").hint(
                "write a number with its country, such as +33 6 12 34 56 78, where it is not a national one",
            ));
        }
        let list = self.opposition(at)?;
        let hits = self.counting(at, list.hits(&emails, &phones)?, &self.today());
        let mut found = Vec::with_capacity(hits.len());
        for hit in hits {
            let entry = self.objection(at, &hit.path)?;
            found.extend(entry.map(|entry| (hit.path, entry)));
        }
        Ok(found)
    }
}

/// Adds an objection, unless one that says as much stands already.
fn make(
    doc: &mut toml_edit::DocumentMut,
    known: &[Objected],
    order: &ObjectionOrder,
    at: i64,
    when: toml::value::Datetime,
) -> Result<bool> {
    let scope = &order.scope;
    let channel = scope.channel.map_or(Objected::ALL, |c| c.as_str());
    if known.iter().any(|o| o.stands_at(at) && o.purpose == scope.purpose && o.channel == channel) {
        return Ok(false);
    }
    let entry = Objected {
        id: event_id(),
        time: when,
        purpose: scope.purpose.clone(),
        channel: channel.to_owned(),
        method: order.method.clone(),
        request: order.request.clone(),
        lifted: None,
    };
    events::append(doc, "objection", &entry)?;
    Ok(true)
}

fn lift(
    doc: &mut toml_edit::DocumentMut,
    known: &[Objected],
    order: &ObjectionOrder,
    now: i64,
    when: toml::value::Datetime,
) -> Result<bool> {
    let ids: Vec<String> = events::within(known, &order.scope, now).iter().map(|o| o.id.clone()).collect();
    events::lift(doc, &ids, when)?;
    Ok(!ids.is_empty())
}

pub(super) fn gone(id: &ContactId) -> Error {
    Error::not_found("the contact is gone since it was looked up")
        .at(format!("contact {}", id.short()))
        .hint("run the command again")
}

/// A moment as contact files have it: UTC, whole seconds.
pub(super) fn moment_of(time: DateTime<Utc>) -> Result<toml::value::Datetime> {
    let text = time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    text.parse().map_err(|e| Error::usage("that moment cannot be written").cause(e))
}
