//! The decision: may this contact be reached for this purpose, on this channel, at this moment?
//!
//! Everything that says no is looked at first: the opposition list, restrictions, objections, a consent withdrawn,
//! refused or expired, a basis that is missing or ended. Only then a yes is looked for, and each yes has its rule.

use chrono::{DateTime, Months};
use serde::Serialize;

use super::audience::{Audience, audience};
use super::{LegalBasis, Prospecting, Rule, consent};
use crate::domain::channel::Channel;
use crate::domain::contact::{Basis, Consent, ConsentAction, Contact};
use crate::domain::ids::Slug;
use crate::domain::objected::Protections;
use crate::domain::{email, moment};

/// Everything that the decision is made from.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    pub contact: &'a Contact,
    pub protections: &'a Protections,
    pub purpose: &'a Slug,
    pub channel: Channel,
    /// The moment that is asked about, in seconds since 1970.
    pub at: i64,
    /// Bases that the register declares for the purpose; none where it is not declared.
    pub declared: Option<&'a [LegalBasis]>,
    /// Whether one of its addresses or numbers is on the opposition list for this purpose and channel.
    pub opposed: bool,
    pub rules: &'a Prospecting,
}

/// The answer, with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    pub allowed: bool,
    pub rule: Rule,
    pub article: &'static str,
    pub audience: Audience,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<LegalBasis>,
    /// Id of the consent event or objection that decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Its moment, as the contact has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Content hash of the text that the person was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wording: Option<String>,
    /// Until when the consent holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// Where the person is reached on a channel: the first address or number that can be used.
pub fn address(contact: &Contact, channel: Channel) -> Option<String> {
    match channel {
        Channel::Email => contact.emails.iter().find_map(|e| email::normalise(&e.value)),
        Channel::Phone => contact.phones.first().map(|p| p.value.clone()),
        Channel::Sms => {
            let mobile = |kind: &Option<String>| {
                kind.as_deref().is_some_and(|kind| kind.contains("mobile") || kind.contains("cell"))
            };
            let typed = contact.phones.iter().find(|p| mobile(&p.kind));
            typed.or(contact.phones.first()).map(|p| p.value.clone())
        }
        Channel::Post => {
            let usable = |text: &String| !text.trim().is_empty();
            let found = contact.addresses.iter().find(|a| usable(&a.street) || usable(&a.locality))?;
            Some(format!("{} {} {}", found.street, found.postcode, found.locality))
        }
    }
}

/// Decides. "If it is not yes, it is no."
pub fn decide(case: &Case<'_>) -> Decision {
    let Case { contact, purpose, channel, at, .. } = *case;
    let address = address(contact, channel);
    let audience = audience(contact, channel, address.as_deref(), case.rules);
    let no = |rule| Decision::of(rule, audience);
    let Some(declared) = case.declared else { return no(Rule::UndeclaredPurpose) };
    if case.opposed {
        return no(Rule::OppositionList);
    }
    if case.protections.restricts(purpose, at) {
        return no(Rule::Restricted);
    }
    if let Some(o) = contact.objections.iter().find(|o| o.covers(purpose, channel) && o.stands_at(at)) {
        let (event, time) = (Some(o.id.clone()), Some(o.time.to_string()));
        return Decision { event, time, ..no(Rule::Objected) };
    }
    if case.protections.objects(purpose, at) {
        return no(Rule::Objected);
    }
    let state = consent::state(&contact.consents, purpose, channel, at);
    let said = state.map(|state| (state.action, state.event));
    match said {
        Some((ConsentAction::Withdrawn, event)) => return no(Rule::Withdrawn).by(event),
        Some((ConsentAction::Refused, event)) => return no(Rule::Refused).by(event),
        Some((ConsentAction::Expired, event)) => return no(Rule::Expired).by(event),
        _ => {}
    }
    let mine: Vec<&Basis> = contact.bases.iter().filter(|basis| basis.purpose == *purpose).collect();
    if mine.is_empty() {
        return no(Rule::NoBasis);
    }
    let in_force: Vec<&Basis> = mine.into_iter().filter(|basis| holds(basis, at)).collect();
    if in_force.is_empty() {
        return no(Rule::BasisEnded);
    }
    let granted = said.filter(|(action, _)| *action == ConsentAction::Granted).map(|(_, event)| event);
    let mut first_no = None;
    for basis in in_force {
        let decision = match granted {
            _ if !declared.contains(&basis.basis) => no(Rule::BasisNotDeclared),
            Some(event) => no(Rule::Consent).by(event),
            None => by_basis(case, basis.basis, audience),
        };
        let decision = Decision { basis: Some(basis.basis), ..decision };
        match decision.allowed {
            true if address.is_none() => return no(Rule::NoAddress),
            true => return decision,
            false => first_no = first_no.or(Some(decision)),
        }
    }
    first_no.unwrap_or_else(|| no(Rule::NoBasis))
}

/// Without a consent that holds: what the basis permits.
fn by_basis(case: &Case<'_>, basis: LegalBasis, audience: Audience) -> Decision {
    let Case { contact, purpose, channel, at, rules, .. } = *case;
    let of = |rule| Decision::of(rule, audience);
    let asked = consent::asked(&contact.consents, purpose, channel, at);
    match basis {
        LegalBasis::Contract => return of(Rule::Contract),
        LegalBasis::LegalObligation => return of(Rule::LegalObligation),
        LegalBasis::VitalInterests => return of(Rule::VitalInterests),
        LegalBasis::PublicTask => return of(Rule::PublicTask),
        LegalBasis::Consent => {
            return match asked {
                Some(event) => of(Rule::NotAnswered).by(event),
                None => of(Rule::NoConsent),
            };
        }
        LegalBasis::LegitimateInterests => {}
    }
    let informed = |rule| match asked {
        Some(event) => of(rule).by(event),
        None if rules.information => of(Rule::NotInformed),
        None => of(rule),
    };
    match audience {
        Audience::Generic => of(Rule::GenericAddress),
        Audience::Professional if !rules.professional.contains(&channel) => of(Rule::NeedsConsent),
        Audience::Professional if !rules.job.contains(purpose) => match is_customer(case) {
            true if rules.similar.contains(purpose) => informed(Rule::ExistingCustomer),
            _ => of(Rule::NotTheirJob),
        },
        Audience::Professional => informed(Rule::ProfessionalInformed),
        Audience::Consumer if channel == Channel::Post => informed(Rule::PostInformed),
        Audience::Consumer if channel == Channel::Phone && before_consent(rules, at) => {
            informed(Rule::PhoneBeforeConsent)
        }
        Audience::Consumer if rules.similar.contains(purpose) && is_customer(case) => {
            informed(Rule::ExistingCustomer)
        }
        Audience::Consumer => of(Rule::NeedsConsent),
    }
}

fn before_consent(rules: &Prospecting, at: i64) -> bool {
    moment::start(&rules.phone_consent_from).is_some_and(|from| at < from)
}

/// Whether a basis has begun and not ended; a moment that cannot be read ends it.
fn holds(basis: &Basis, at: i64) -> bool {
    let begun = basis.since.as_ref().is_none_or(|since| moment::start(since).is_some_and(|t| t <= at));
    let ended = basis.until.as_ref().is_some_and(|until| moment::end(until).is_none_or(|t| t <= at));
    begun && !ended
}

/// Whether the contact has a contract with the firm, or had one until not too long ago.
fn is_customer(case: &Case<'_>) -> bool {
    let months = Months::new(case.rules.customer_months);
    let still = |until: &toml::value::Datetime| {
        let end = moment::end(until).and_then(|end| DateTime::from_timestamp(end, 0));
        end.and_then(|end| end.checked_add_months(months)).is_some_and(|end| case.at < end.timestamp())
    };
    let begun = |basis: &Basis| {
        basis.since.as_ref().is_none_or(|since| moment::start(since).is_some_and(|t| t <= case.at))
    };
    case.contact
        .bases
        .iter()
        .filter(|basis| basis.basis == LegalBasis::Contract)
        .any(|basis| begun(basis) && basis.until.as_ref().is_none_or(still))
}

impl Decision {
    /// The answer that a rule gives, resting on nothing yet.
    pub fn of(rule: Rule, audience: Audience) -> Decision {
        Decision {
            allowed: rule.allows(),
            rule,
            article: rule.article(),
            audience,
            basis: None,
            event: None,
            time: None,
            wording: None,
            expires: None,
        }
    }

    /// The same, resting on a consent event.
    fn by(self, event: &Consent) -> Decision {
        Decision {
            event: Some(event.id.clone()),
            time: Some(event.time.to_string()),
            wording: event.wording.clone(),
            expires: event.expires.as_ref().map(|e| e.to_string()),
            ..self
        }
    }
}
