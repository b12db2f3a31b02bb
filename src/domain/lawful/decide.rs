//! The decision: may this contact be reached for this purpose, on this channel, at this moment?
//!
//! Everything that says no is looked at first: restrictions, objections, the opposition list, a consent withdrawn,
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
    // After the contact's own objection, which says when it was made.
    if case.opposed {
        return no(Rule::OppositionList);
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

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "id = \"3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77\"\nbook = \"main\"\nname = \"A\"\nsource = \"s\"\n";
    const AT: &str = "2026-11-23T10:00:00Z";
    const BOTH: [LegalBasis; 2] = [LegalBasis::Consent, LegalBasis::LegitimateInterests];

    struct Asked<'a> {
        text: &'a str,
        purpose: &'a str,
        channel: Channel,
        at: &'a str,
        declared: Option<&'a [LegalBasis]>,
        opposed: bool,
    }

    const NEWS: Asked<'_> = Asked {
        text: "",
        purpose: "news",
        channel: Channel::Email,
        at: AT,
        declared: Some(&BOTH),
        opposed: false,
    };

    fn rule(asked: Asked<'_>) -> Rule {
        let text = format!("{HEAD}{}", asked.text);
        let decision = decide(&Case {
            contact: &Contact::parse(&text).unwrap(),
            protections: &Protections::read(&text),
            purpose: &asked.purpose.parse().unwrap(),
            channel: asked.channel,
            at: moment::start_of_text(asked.at).unwrap(),
            declared: asked.declared,
            opposed: asked.opposed,
            rules: &Prospecting::default(),
        });
        assert_eq!(decision.allowed, decision.rule.allows());
        decision.rule
    }

    const CONSENTED: &str = "emails = [\"a@example.org\"]\n[[basis]]\npurpose = \"news\"\nbasis = \"consent\"\n\
        [[consent]]\nid = \"e\"\npurpose = \"news\"\nchannel = \"email\"\naction = \"granted\"\ntime = 2026-11-01\n\
        wording = \"w\"\nexpires = 2027-11-01\n";

    #[test]
    fn a_consent_is_a_yes_until_anything_says_no() {
        let asked = |more: &str| rule(Asked { text: &format!("{CONSENTED}{more}"), ..NEWS });
        assert_eq!(asked(""), Rule::Consent);
        assert_eq!(rule(Asked { text: CONSENTED, opposed: true, ..NEWS }), Rule::OppositionList);
        assert_eq!(rule(Asked { text: CONSENTED, declared: None, ..NEWS }), Rule::UndeclaredPurpose);
        let other = [LegalBasis::Contract];
        assert_eq!(rule(Asked { text: CONSENTED, declared: Some(&other), ..NEWS }), Rule::BasisNotDeclared);
        assert_eq!(rule(Asked { text: CONSENTED, channel: Channel::Sms, ..NEWS }), Rule::NoConsent);
        assert_eq!(rule(Asked { text: CONSENTED, at: "2026-10-31", ..NEWS }), Rule::NoConsent);
        assert_eq!(rule(Asked { text: CONSENTED, at: "2027-11-01T23:59:59Z", ..NEWS }), Rule::Consent);
        assert_eq!(rule(Asked { text: CONSENTED, at: "2027-11-02", ..NEWS }), Rule::Expired);
        let event = |action: &str, day: &str| {
            format!("[[consent]]\nid = \"x\"\npurpose = \"news\"\naction = \"{action}\"\ntime = {day}\n")
        };
        assert_eq!(asked(&event("withdrawn", "2026-11-10")), Rule::Withdrawn);
        assert_eq!(asked(&event("refused", "2026-11-10")), Rule::Refused);
        assert_eq!(asked(&event("asked", "2026-11-10")), Rule::Consent);
        assert_eq!(asked(&event("withdrawn", "2026-11-24")), Rule::Consent, "it has not happened yet");
        assert_eq!(asked("[[objection]]\nid = \"o\"\ntime = 2026-11-10\n"), Rule::Objected);
        assert_eq!(asked("[objection]\nwhat = \"everything\"\n"), Rule::Objected);
        assert_eq!(asked("[[restriction]]\nsince = 2026-11-10\n"), Rule::Restricted);
        let sms = "[[objection]]\nid = \"o\"\ntime = 2026-11-10\nchannel = \"sms\"\n";
        assert_eq!(asked(sms), Rule::Consent);
        let bare = CONSENTED.replace("emails = [\"a@example.org\"]\n", "");
        assert_eq!(rule(Asked { text: &bare, ..NEWS }), Rule::NoAddress);
        let ended = CONSENTED.replace("basis = \"consent\"\n", "basis = \"consent\"\nuntil = 2026-11-22\n");
        assert_eq!(rule(Asked { text: &ended, ..NEWS }), Rule::BasisEnded);
    }

    fn interested(head: &str, purpose: &str, informed: bool) -> String {
        let asked = format!(
            "[[consent]]\nid = \"i\"\npurpose = \"{purpose}\"\naction = \"asked\"\ntime = 2026-01-01\n"
        );
        let basis = format!("[[basis]]\npurpose = \"{purpose}\"\nbasis = \"legitimate-interests\"\n");
        format!("{head}\n{basis}{}", if informed { asked } else { String::new() })
    }

    #[test]
    fn the_prospecting_rules() {
        use Channel::*;
        let mine = "emails = [\"a@example.org\"]\nphones = [\"+33655512398\"]\naddresses = [{ locality = \"Paris\" }]";
        let work = format!("{mine}\norg = \"Firm\"");
        let firm = "kind = \"organisation\"\nemails = [\"INFO@firm.example\"]\nphones = [\"+33655512398\"]";
        let own = "org = \"Firm\"\nemails = [\"info@gmail.com\"]";
        for (head, purpose, channel, informed, at, wanted) in [
            (mine, "prospects", Email, true, AT, Rule::NeedsConsent),
            (mine, "prospects", Sms, true, AT, Rule::NeedsConsent),
            (mine, "prospects", Phone, true, AT, Rule::NeedsConsent),
            (mine, "prospects", Phone, true, "2026-08-10T23:59:59Z", Rule::PhoneBeforeConsent),
            (mine, "prospects", Phone, true, "2026-08-11", Rule::NeedsConsent),
            (mine, "prospects", Phone, false, "2026-08-10", Rule::NotInformed),
            (mine, "prospects", Post, true, AT, Rule::PostInformed),
            (mine, "prospects", Post, false, AT, Rule::NotInformed),
            (&work, "prospects", Email, true, AT, Rule::ProfessionalInformed),
            (&work, "prospects", Email, false, AT, Rule::NotInformed),
            (&work, "prospects", Phone, true, AT, Rule::ProfessionalInformed),
            (&work, "prospects", Sms, true, AT, Rule::NeedsConsent),
            (&work, "hobbies", Email, true, AT, Rule::NotTheirJob),
            (firm, "hobbies", Email, false, AT, Rule::GenericAddress),
            (firm, "prospects", Phone, true, AT, Rule::ProfessionalInformed),
            (own, "prospects", Email, true, AT, Rule::NeedsConsent),
        ] {
            let text = interested(head, purpose, informed);
            let got = rule(Asked { text: &text, purpose, channel, at, ..NEWS });
            assert_eq!(got, wanted, "{channel} {at} {text}");
        }
    }

    #[test]
    fn an_existing_customer_is_one_for_a_while() {
        let head = "emails = [\"a@gmail.com\"]";
        let contract = |until: &str| format!("[[basis]]\npurpose = \"sales\"\nbasis = \"contract\"\n{until}");
        let asked = |informed: bool, more: &str| {
            let text = format!("{}{more}", interested(head, "customers", informed));
            rule(Asked { text: &text, purpose: "customers", ..NEWS })
        };
        assert_eq!(asked(true, &contract("")), Rule::ExistingCustomer);
        assert_eq!(asked(false, &contract("")), Rule::NotInformed);
        assert_eq!(asked(true, ""), Rule::NeedsConsent);
        // Three years from the end of 22 November 2023 are over when 23 November 2026 begins.
        assert_eq!(asked(true, &contract("until = 2023-11-22")), Rule::NeedsConsent);
        assert_eq!(asked(true, &contract("until = 2023-11-23")), Rule::ExistingCustomer);
        assert_eq!(asked(true, &contract("since = 2026-11-24")), Rule::NeedsConsent);
    }

    #[test]
    fn other_bases_have_their_own_yes_and_every_rule_its_words() {
        for basis in [LegalBasis::Contract, LegalBasis::LegalObligation, LegalBasis::PublicTask] {
            let text =
                format!("emails = [\"a@example.org\"]\n[[basis]]\npurpose = \"news\"\nbasis = \"{basis}\"\n");
            let declared = [basis];
            assert!(rule(Asked { text: &text, declared: Some(&declared), ..NEWS }).allows());
        }
        assert_eq!(Rule::ALL.iter().filter(|rule| rule.allows()).count(), 10);
        for rule in Rule::ALL {
            let json = serde_json::to_string(&rule).unwrap();
            assert_eq!(json, format!("\"{}\"", rule.as_str()));
            use crate::domain::organisation::Lang;
            assert!(!rule.article().is_empty() && rule.sentence(Lang::Fr) != rule.sentence(Lang::En));
        }
    }
}
