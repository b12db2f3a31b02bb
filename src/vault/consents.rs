//! Consent events (Art. 7(1)): appended to contacts, with the wording that was shown and the evidence, in one commit.

use std::collections::BTreeSet;

use chrono::{DateTime, Months, NaiveDate, Utc};

use super::consent_basis::{rest_no_more, rest_on_consent};
use super::object::{gone, moment_of};
use super::select::Match;
use super::write::Staged;
use super::{Snapshot, Vault};
use crate::crypto::digest::sha256;
use crate::domain::channel::Channel;
use crate::domain::contact::{Consent, ConsentAction};
use crate::domain::ids::{ContactId, Slug, event_id};
use crate::domain::lawful::LegalBasis;
use crate::domain::organisation::Settings;
use crate::domain::register;
use crate::domain::trailer::Entry;
use crate::domain::wording::Wanted;
use crate::domain::{edit, events, evidence};
use crate::error::{Error, Result};
use crate::store::Oid;

/// From how many contacts on the trail names only their number, as for an import.
const MANY: usize = 64;

/// Until when a consent holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expiry {
    /// As `[consent]` in carnet.toml says.
    #[default]
    Default,
    Never,
    /// Through this day.
    On(NaiveDate),
}

/// What happened, to one contact or several.
#[derive(Clone, Debug)]
pub struct ConsentOrder {
    pub action: ConsentAction,
    pub purpose: Slug,
    /// One event each; none: one event for every channel.
    pub channels: Vec<Channel>,
    /// When the person said it; now where it is not given. Never in the future.
    pub time: Option<DateTime<Utc>>,
    pub method: Option<String>,
    pub source: Option<String>,
    /// Who took it down: a member's handle (this member where it is not given), or somebody outside the firm.
    pub collector: Option<String>,
    pub wording: Option<Wanted>,
    /// The content of the evidence file.
    pub evidence: Option<Vec<u8>>,
    pub expires: Expiry,
}

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct Consented {
    pub commit: Option<Oid>,
    /// Each event: contact, id, channel.
    pub events: Vec<(ContactId, String, Option<Channel>)>,
    pub wording: Option<String>,
    pub evidence: Option<String>,
    pub expires: Option<String>,
}

impl Vault {
    /// Records one thing that several contacts said: one commit for the lot, or nothing where one is refused.
    pub fn consent(&self, contacts: &[Match], order: &ConsentOrder) -> Result<Consented> {
        let (commit, mut done) = self.write(|at, staged| {
            let mut done = Consented::default();
            let template = self.template(at, order, &mut done)?;
            for one in contacts {
                self.stage_consent(at, staged, one, order, &template, &mut done)
                    .map_err(|e| e.at(format!("contact {}", one.id.short())))?;
            }
            Ok((entry(order.action, contacts, &order.purpose), done))
        })?;
        done.commit = commit;
        Ok(done)
    }

    /// Checks an order and what it names; nothing is written.
    pub fn check_consent(&self, at: Snapshot, contacts: &[Match], order: &ConsentOrder) -> Result<Consented> {
        let mut done = Consented::default();
        let template = self.template(at, order, &mut done)?;
        let mut staged = Staged::default();
        for one in contacts {
            self.stage_consent(at, &mut staged, one, order, &template, &mut done)
                .map_err(|e| e.at(format!("contact {}", one.id.short())))?;
        }
        Ok(done)
    }

    /// The event without contact and channel, checked as far as it can be without them.
    pub(super) fn template(
        &self,
        at: Snapshot,
        order: &ConsentOrder,
        done: &mut Consented,
    ) -> Result<Consent> {
        let settings = self.settings(at)?;
        self.check_basis(at, order)?;
        let time = order.time.unwrap_or(self.now);
        let shown = matches!(order.action, ConsentAction::Asked | ConsentAction::Granted);
        let wording = match &order.wording {
            Some(wanted) => Some(self.wording(at, wanted)?.wording.sha256),
            None if shown => {
                return Err(Error::refused("nobody can agree to a text that is not known (Art. 7(1) GDPR)")
                    .at("--wording")
                    .hint("`carnet wording list` shows the texts; `carnet wording add SLUG FILE` adds one"));
            }
            None => None,
        };
        if order.evidence.as_ref().is_some_and(|bytes| bytes.len() > evidence::LARGEST) {
            return Err(Error::usage(format!("evidence may have {} MiB at most", evidence::LARGEST >> 20))
                .at("--evidence"));
        }
        let members: Vec<String> =
            self.policy(at.tree)?.authorization.keys().map(|handle| handle.to_string()).collect();
        let collector = order.collector.clone().unwrap_or_else(|| self.me.handle.to_string());
        if shown && !members.contains(&collector) && order.evidence.is_none() {
            return Err(Error::refused("a consent that others took down needs its proof (Art. 7(1) GDPR)")
                .at("--collector")
                .hint("give --evidence FILE, or a member's handle as --collector"));
        }
        let expires = match order.action {
            ConsentAction::Granted => expiry(order.expires, &settings, &order.purpose, time)?,
            _ => None,
        };
        done.wording.clone_from(&wording);
        done.evidence = order.evidence.as_deref().map(sha256);
        done.expires = expires.as_ref().map(|e| e.to_string());
        Ok(Consent {
            id: String::new(),
            purpose: order.purpose.clone(),
            channel: None,
            action: order.action,
            time: moment_of(time)?,
            method: order.method.clone(),
            source: order.source.clone(),
            collector: Some(collector),
            wording,
            evidence: done.evidence.clone(),
            expires,
        })
    }

    /// Refuses a purpose that does not rest on consent, where consent is what is given.
    fn check_basis(&self, at: Snapshot, order: &ConsentOrder) -> Result<()> {
        self.check_purpose(at, &order.purpose)?;
        if order.action == ConsentAction::Granted
            && !self.declared_bases(at, &order.purpose)?.is_some_and(|b| b.contains(&LegalBasis::Consent))
        {
            return Err(Error::refused(format!(
                "the register does not declare consent as a basis of `{}`",
                order.purpose
            ))
            .at(purpose_path(&order.purpose))
            .hint("add \"consent\" to its `bases`, or use a purpose that rests on consent"));
        }
        Ok(())
    }

    /// The bases that the register declares for a purpose; none where it is not declared.
    pub fn declared_bases(&self, at: Snapshot, purpose: &Slug) -> Result<Option<Vec<LegalBasis>>> {
        #[derive(serde::Deserialize)]
        struct Only {
            bases: Vec<LegalBasis>,
        }
        let path = purpose_path(purpose);
        let Some(bytes) = self.repo.file(at.tree, &path)? else { return Ok(None) };
        Ok(Some(register::parse::<Only>(&path, &String::from_utf8_lossy(&bytes))?.bases))
    }

    fn stage_consent(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        one: &Match,
        order: &ConsentOrder,
        template: &Consent,
        done: &mut Consented,
    ) -> Result<()> {
        let opened = self.open_contact(at, &one.book, &one.id)?.ok_or_else(|| gone(&one.id))?;
        let mut doc = edit::document(&opened.text)?;
        let channels: Vec<Option<Channel>> = match &order.channels[..] {
            [] => vec![None],
            some => some.iter().map(|channel| Some(*channel)).collect(),
        };
        for channel in channels {
            let event = Consent {
                id: event_id(),
                channel: channel.map(|c| c.as_str().to_owned()),
                ..template.clone()
            };
            events::check_consent(&opened.contact, &event, self.now.timestamp())?;
            events::append(&mut doc, "consent", &event)?;
            done.events.push((one.id.clone(), event.id, channel));
        }
        match order.action {
            ConsentAction::Granted => {
                rest_on_consent(&mut doc, &opened.contact, &order.purpose, &template.time)?
            }
            ConsentAction::Withdrawn | ConsentAction::Refused => {
                rest_no_more(&mut doc, &order.purpose, &template.time, self.now.timestamp())?;
            }
            _ => {}
        }
        let text = doc.to_string();
        super::snapshot::check_place(&text, &one.book, &one.id)?;
        self.stage_version(staged, &one.book, &one.id, &text)?;
        if let Some(bytes) = &order.evidence {
            self.stage_evidence(at, staged, &one.book, &one.id, bytes)?;
        }
        Ok(())
    }
}

fn purpose_path(purpose: &Slug) -> String {
    format!("registers/purposes/{purpose}.toml")
}

/// The day through which a consent holds.
pub(super) fn expiry(
    wanted: Expiry,
    settings: &Settings,
    purpose: &Slug,
    from: DateTime<Utc>,
) -> Result<Option<toml::value::Datetime>> {
    let day = match wanted {
        Expiry::Never => None,
        Expiry::On(day) => Some(day),
        Expiry::Default => settings
            .consent
            .of(purpose)
            .and_then(|months| from.date_naive().checked_add_months(Months::new(months))),
    };
    day.map(|day| day.format("%Y-%m-%d").to_string().parse())
        .transpose()
        .map_err(|e| Error::usage("that day cannot be written").at("--expires").cause(e))
}

/// The commit's words: how many there are of a large number, as for an import.
pub(super) fn entry(action: ConsentAction, contacts: &[Match], purpose: &Slug) -> Entry {
    let word = verb(action);
    let subject = match contacts {
        [one] => format!("consent: {word} {}", one.id.short()),
        many => format!("consent: {word} of {}", many.len()),
    };
    let mut entry = Entry::new(subject, &format!("consent-{word}"));
    entry.books = books_of(contacts);
    match contacts.len() > MANY {
        true => entry.count = Some(contacts.len()),
        false => entry.contacts = contacts.iter().map(|c| c.id.clone()).collect(),
    }
    entry.fields.push("consent".into());
    entry.purposes.push(purpose.clone());
    entry
}

/// The command that records an action.
pub fn verb(action: ConsentAction) -> &'static str {
    match action {
        ConsentAction::Asked => "ask",
        ConsentAction::Granted => "give",
        ConsentAction::Refused => "refuse",
        ConsentAction::Withdrawn => "withdraw",
        ConsentAction::Expired => "expire",
    }
}

/// The books of some contacts, each once.
pub(super) fn books_of(contacts: &[Match]) -> Vec<Slug> {
    contacts.iter().map(|c| c.book.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}
