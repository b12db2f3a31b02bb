//! Many opt-ins and opt-outs at once, from rows that another program wrote: one commit, and again it changes nothing.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::consent_basis::{rest_no_more, rest_on_consent};
use super::consents::{ConsentOrder, Consented, Expiry};
use super::index_file::items;
use super::object::moment_of;
use super::oppose::{Opposition, used_on};
use super::select::Match;
use super::{Snapshot, Vault};
use crate::crypto::digest::sha256;
use crate::domain::channel::Channel;
use crate::domain::contact::{Consent, ConsentAction, Contact};
use crate::domain::ids::ContactId;
use crate::domain::lawful::consent::{concerns, state};
use crate::domain::organisation::Settings;
use crate::domain::{edit, email, events, moment, phone};
use crate::error::Result;
use crate::store::Oid;

/// What one row says, understood.
#[derive(Clone, Debug)]
pub struct Opt {
    pub place: String,
    pub id: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub yes: bool,
    /// None: every channel.
    pub channel: Option<Channel>,
    /// None: now.
    pub time: Option<DateTime<Utc>>,
}

/// What became of one row, where it wrote nothing.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Unwritten {
    pub place: String,
    /// `unmatched`, `ambiguous`, `known`, `objected` or `refused`.
    pub kind: &'static str,
    pub reason: String,
}

/// What the lot did.
#[derive(Clone, Debug, Default)]
pub struct Optings {
    pub commit: Option<Oid>,
    pub granted: usize,
    pub refused: usize,
    pub withdrawn: usize,
    /// How many contacts have new events.
    pub contacts: usize,
    pub unwritten: Vec<Unwritten>,
}

/// Contacts by what a row may name them by.
#[derive(Default)]
struct Known {
    emails: HashMap<String, Vec<Match>>,
    phones: HashMap<String, Vec<Match>>,
}

impl Vault {
    /// Writes what the rows say; `order` has what they do not: purpose, wording, method, source. With `dry_run` nothing
    /// is written.
    pub fn import_consents(&self, rows: &[Opt], order: &ConsentOrder, dry_run: bool) -> Result<Optings> {
        if dry_run {
            let mut staged = super::write::Staged::default();
            return self.stage_optings(self.snapshot()?, &mut staged, rows, order).map(|(done, _)| done);
        }
        let (commit, mut done) = self.write(|at, staged| {
            let (done, contacts) = self.stage_optings(at, staged, rows, order)?;
            let mut entry = super::consents::entry(ConsentAction::Granted, &contacts, &order.purpose);
            entry.subject = format!("consent: import of {}", contacts.len());
            entry.action = "consent-import".into();
            Ok((entry, done))
        })?;
        done.commit = commit;
        Ok(done)
    }

    fn stage_optings(
        &self,
        at: Snapshot,
        staged: &mut super::write::Staged,
        rows: &[Opt],
        order: &ConsentOrder,
    ) -> Result<(Optings, Vec<Match>)> {
        let mut done = Optings::default();
        let yes = match rows.iter().any(|row| row.yes) {
            true => Some(self.template(at, order, &mut Consented::default())?),
            false => None,
        };
        let refused = ConsentOrder { action: ConsentAction::Refused, wording: None, ..order.clone() };
        let no = self.template(at, &refused, &mut Consented::default())?;
        let list = self.opposition(at)?;
        let mut of_contacts: BTreeMap<ContactId, (Match, Vec<&Opt>)> = BTreeMap::new();
        let known = self.known(at)?;
        let settings = self.settings(at)?;
        let country = settings.country().to_owned();
        for row in rows {
            match self.matched(at, &known, row, &country)? {
                Ok(found) => {
                    for one in found {
                        let entry = of_contacts.entry(one.id.clone()).or_insert_with(|| (one, Vec::new()));
                        entry.1.push(row);
                    }
                }
                Err((kind, reason)) => {
                    done.unwritten.push(Unwritten { place: row.place.clone(), kind, reason: reason.into() });
                }
            }
        }
        let mut changed = Vec::new();
        for (one, rows) in of_contacts.into_values() {
            let Some(opened) = self.open_contact(at, &one.book, &one.id)? else { continue };
            let (mut doc, mut contact) = (edit::document(&opened.text)?, opened.contact);
            let mut wrote = false;
            for row in rows {
                let template = if row.yes { yes.as_ref() } else { Some(&no) };
                let Some(template) = template else { continue };
                match self.event_of(row, template, &contact, &list, &settings)? {
                    Ok(event) => {
                        match event.action {
                            ConsentAction::Granted => done.granted += 1,
                            ConsentAction::Withdrawn => done.withdrawn += 1,
                            _ => done.refused += 1,
                        }
                        events::append(&mut doc, "consent", &event)?;
                        match event.action {
                            ConsentAction::Granted => {
                                rest_on_consent(&mut doc, &contact, &event.purpose, &event.time)?;
                            }
                            ConsentAction::Withdrawn | ConsentAction::Refused => {
                                let now = self.now.timestamp();
                                rest_no_more(&mut doc, &event.purpose, &event.time, now)?;
                            }
                            _ => {}
                        }
                        contact.consents.push(event);
                        wrote = true;
                    }
                    Err((kind, reason)) => {
                        done.unwritten.push(Unwritten { place: row.place.clone(), kind, reason });
                    }
                }
            }
            if wrote {
                if let Some(bytes) = order.evidence.as_ref() {
                    self.stage_evidence(at, staged, &one.book, &one.id, bytes)?;
                }
                self.stage_version(staged, &one.book, &one.id, &doc.to_string())?;
                changed.push(one);
            }
        }
        done.contacts = changed.len();
        Ok((done, changed))
    }

    /// The event that a row adds to a contact, or why it adds none.
    fn event_of(
        &self,
        row: &Opt,
        template: &Consent,
        contact: &Contact,
        list: &Opposition,
        settings: &Settings,
    ) -> Result<Result<Consent, (&'static str, String)>> {
        let time = row.time.unwrap_or(self.now);
        let mut event = Consent {
            channel: row.channel.map(|c| c.as_str().to_owned()),
            time: moment_of(time)?,
            ..template.clone()
        };
        if row.yes {
            event.expires = super::consents::expiry(Expiry::Default, settings, &event.purpose, time)?;
        }
        let channels = row.channel.map_or(Channel::ALL.to_vec(), |c| vec![c]);
        let stands = |channel: &Channel| {
            state(&contact.consents, &event.purpose, *channel, time.timestamp()).map(|s| s.event.action)
        };
        let known = match row.time {
            // The same word at the same moment, whatever was said later.
            Some(time) => contact.consents.iter().any(|old| {
                let same = (old.action == ConsentAction::Granted) == row.yes;
                same && old.action != ConsentAction::Asked
                    && moment::start(&old.time) == Some(time.timestamp())
                    && channels.iter().all(|c| concerns(old, &event.purpose, *c))
            }),
            None => channels.iter().all(|channel| match stands(channel) {
                Some(ConsentAction::Granted) => row.yes,
                Some(ConsentAction::Refused | ConsentAction::Withdrawn) => !row.yes,
                _ => false,
            }),
        };
        if known {
            return Ok(Err(("known", "the contact says so already".into())));
        }
        if row.yes {
            let at = self.now.timestamp();
            let objected = contact
                .objections
                .iter()
                .any(|o| o.stands_at(at) && channels.iter().any(|c| o.covers(&event.purpose, *c)));
            let (emails, phones) = used_on(contact, row.channel);
            let listed = list
                .hits(emails, phones)?
                .into_iter()
                .any(|hit| channels.iter().any(|c| hit.scope.covers(&event.purpose, *c)));
            if objected || listed {
                let why = "the person has objected (Art. 21 GDPR); `carnet object --lift` records that they came back";
                return Ok(Err(("objected", why.into())));
            }
        } else if channels.iter().any(|channel| stands(channel) == Some(ConsentAction::Granted)) {
            event.action = ConsentAction::Withdrawn;
        }
        // The same row makes the same event in whichever clone it is imported, so that a merge has it once.
        let facts = format!(
            "{} {} {:?} {} {}",
            contact.id,
            event.purpose,
            event.channel,
            event.action.as_str(),
            event.time
        );
        event.id = sha256(facts.as_bytes()).chars().take(16).collect();
        Ok(match events::check_consent(contact, &event, self.now.timestamp()) {
            Ok(()) => Ok(event),
            Err(e) => Err(("refused", e.message)),
        })
    }

    fn known(&self, at: Snapshot) -> Result<Known> {
        let mut known = Known::default();
        for (book, _) in self.my_books(at)? {
            for row in self.index(at, &book)?.rows() {
                let id: ContactId = row.id.parse()?;
                let one = Match { book: book.clone(), id, name: String::new(), email: String::new() };
                for address in items(row.emails).filter_map(|e| email::normalise(&e)) {
                    known.emails.entry(address).or_default().push(one.clone());
                }
                for number in items(row.phones) {
                    known.phones.entry(number.into_owned()).or_default().push(one.clone());
                }
            }
        }
        Ok(known)
    }

    /// The contacts that a row is about: one where it says yes; each of them where it says no.
    #[allow(clippy::type_complexity, reason = "the reason is for people and the kind for programs")]
    fn matched(
        &self,
        at: Snapshot,
        known: &Known,
        row: &Opt,
        country: &str,
    ) -> Result<Result<Vec<Match>, (&'static str, &'static str)>> {
        let mut found: Vec<Match> = Vec::new();
        if let Some(id) = row.id.as_deref().map(|id| id.trim().to_ascii_lowercase()) {
            let digits = id.bytes().filter(u8::is_ascii_hexdigit).count();
            if digits >= 8 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') {
                found = self.by_id_prefix(at, &id)?;
            }
        } else {
            let by = |map: &HashMap<String, Vec<Match>>, key: Option<String>| {
                key.and_then(|key| map.get(&key).cloned()).unwrap_or_default()
            };
            found = by(&known.emails, row.email.as_deref().and_then(email::normalise));
            if found.is_empty() {
                let number = row.phone.as_deref().map(|text| phone::written(text, country));
                found = by(&known.phones, number);
            }
        }
        Ok(match found.len() {
            0 => Err(("unmatched", "no contact that you can open has this e-mail, number or id")),
            n if n > 1 && row.yes => Err(("ambiguous", "several contacts have it, and one person consented")),
            _ => Ok(found),
        })
    }
}
