//! Lawfulness, decided from the repository: the rules of [`crate::domain::lawful`] over a contact as it was held.
//!
//! What is answered for a moment of the past is what was known then: the contact's version, the register, the
//! settings and the opposition list of the branch's last commit by then, and of the contact's events those that were
//! timed by then. What was recorded later of that moment is answered beside it, never instead of it.

use chrono::DateTime;

use super::oppose::{Opposition, used_on};
use super::{Snapshot, Vault};
use crate::domain::channel::Channel;
use crate::domain::contact::Contact;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::lawful::audience::Audience;
use crate::domain::lawful::{Case, Decision, LegalBasis, Prospecting, Rule, decide};
use crate::domain::objected::Protections;
use crate::error::{Error, Result};
use crate::store::Oid;

/// Everything that the decisions for one purpose and channel at one moment have in common.
pub struct Judge {
    pub purpose: Slug,
    pub channel: Channel,
    /// Seconds since 1970.
    pub moment: i64,
    declared: Option<Vec<LegalBasis>>,
    rules: Prospecting,
    list: Opposition,
}

/// What was asked and what holds.
#[derive(Clone, Debug)]
pub struct Answer {
    pub decision: Decision,
    /// The moment that was asked about, in seconds since 1970.
    pub moment: i64,
    /// The commit whose state was decided from; none where there was no repository yet.
    pub known: Option<Oid>,
    /// The commit that first held the deciding event.
    pub decided_by: Option<Oid>,
    /// What the same moment looks like with what was recorded since, where the answer or its rule is another.
    pub hindsight: Option<Decision>,
}

impl Judge {
    /// Decides about one contact; `text` is its file's text.
    pub fn decide(&self, contact: &Contact, text: &str) -> Result<Decision> {
        let (emails, phones) = used_on(contact, Some(self.channel));
        let opposed = !self.list.hits(emails, phones)?.is_empty();
        Ok(decide(&Case {
            contact,
            protections: &Protections::read(text),
            purpose: &self.purpose,
            channel: self.channel,
            at: self.moment,
            declared: self.declared.as_deref(),
            opposed,
            rules: &self.rules,
        }))
    }

    /// How many entries of the opposition list could not be compared, for they belong to books of others.
    pub fn unchecked(&self) -> usize {
        self.list.unchecked
    }
}

impl Vault {
    /// Gets ready to decide for a purpose and channel at a moment, by the repository as it was at `at`.
    pub fn judge(&self, at: Snapshot, purpose: &Slug, channel: Channel, moment: i64) -> Result<Judge> {
        let today = day_of(moment);
        let list = self.opposition_in(at, self.snapshot()?)?;
        Ok(Judge {
            purpose: purpose.clone(),
            channel,
            moment,
            declared: self.declared_bases(at, purpose)?,
            rules: self.settings(at)?.prospecting,
            list: self.narrow(at, list, purpose, channel, &today),
        })
    }

    /// Whether a contact may be reached: now, or at a moment of the past.
    pub fn lawful(
        &self,
        id: &ContactId,
        purpose: &Slug,
        channel: Channel,
        moment: Option<i64>,
    ) -> Result<Answer> {
        let now = self.snapshot()?;
        let asked = moment.unwrap_or_else(|| self.now.timestamp());
        if asked > self.now.timestamp() {
            return Err(Error::usage("what will be known then is not known yet")
                .at("--at")
                .hint("leave --at out for now, or give a moment of the past"));
        }
        let keys = self.keys_wherever(now, id)?.ok_or_else(|| {
            Error::no_key("the key of this contact is in no book of yours")
                .hint("`carnet history ID` shows whether it was erased")
        })?;
        let at = match moment {
            None => Some(now),
            Some(moment) => self.snapshot_at(now, moment)?,
        };
        let not_held = |known: Option<Snapshot>| Answer {
            decision: Decision::of(Rule::NotHeld, Audience::Consumer),
            moment: asked,
            known: known.map(|at| at.commit),
            decided_by: None,
            hindsight: None,
        };
        let Some(at) = at else { return Ok(not_held(None)) };
        let judge = self.judge(at, purpose, channel, asked)?;
        let held = self.contact_in(at.tree, id, &keys)?;
        let mut answer = match &held {
            None => not_held(Some(at)),
            Some((_, contact, text)) => {
                let decision = judge.decide(contact, text)?;
                let events: Vec<&str> = decision.event.as_deref().into_iter().collect();
                let commits = self.commits_of_events(at, id, &keys, &events)?;
                let decided_by = commits.into_iter().flatten().next();
                Answer { decision, moment: asked, known: Some(at.commit), decided_by, hindsight: None }
            }
        };
        if at.commit != now.commit
            && let Some((_, contact, text)) = self.contact_in(now.tree, id, &keys)?
        {
            let since = judge.decide(&contact, &text)?;
            let other = since.rule != answer.decision.rule || since.event != answer.decision.event;
            answer.hindsight = other.then_some(since);
        }
        Ok(answer)
    }
}

/// `YYYY-MM-DD`, UTC.
pub(super) fn day_of(moment: i64) -> String {
    DateTime::from_timestamp(moment, 0).unwrap_or_default().format("%Y-%m-%d").to_string()
}
