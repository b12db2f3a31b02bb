//! Legal bases (Art. 6(1)): for each, the purposes that declare it, the contacts held on it, and what is missing.

use serde::Serialize;

use super::{Facts, PurposeName};
use crate::domain::lawful::LegalBasis;
use crate::reports::small::Count;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub bases: Vec<Basis>,
    /// Contacts held on a basis that their purpose's record does not list.
    pub off_register: Count,
    /// Contacts held for a purpose that nobody declared.
    pub undeclared: Count,
}

/// One of the six.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Basis {
    pub code: String,
    pub purposes: Vec<Row>,
    pub contacts: Count,
    pub ended: Count,
    /// Held on consent without one in force; none for other bases.
    pub without_consent: Option<Count>,
}

/// One purpose on that basis.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    pub purpose: PurposeName,
    /// Whether the purpose's record lists the basis.
    pub declared: bool,
    pub contacts: Count,
    pub ended: Count,
    pub without_consent: Option<Count>,
    /// The interest that is pursued, for Art. 6(1)(f).
    pub interest: String,
}

fn basis(facts: &Facts, basis: LegalBasis) -> Basis {
    let small = facts.small;
    let consent = basis == LegalBasis::Consent;
    let held = |slug: Option<&crate::domain::ids::Slug>| {
        facts.figures.held.get(&(slug.cloned(), basis)).copied().unwrap_or_default()
    };
    let mut purposes = Vec::new();
    for record in &facts.records {
        let (held, declared) = (held(Some(&record.slug)), record.purpose.bases.contains(&basis));
        if !declared && held.contacts == 0 {
            continue;
        }
        let interest = basis == LegalBasis::LegitimateInterests;
        purposes.push(Row {
            purpose: facts.purpose(Some(&record.slug)),
            declared,
            contacts: small.count(held.contacts),
            ended: small.count(held.ended),
            without_consent: consent.then_some(small.count(held.without_consent)),
            interest: if interest { record.purpose.legitimate_interest.clone() } else { String::new() },
        });
    }
    let stray = held(None);
    if stray.contacts > 0 {
        purposes.push(Row {
            purpose: facts.purpose(None),
            declared: false,
            contacts: small.count(stray.contacts),
            ended: small.count(stray.ended),
            without_consent: consent.then_some(small.count(stray.without_consent)),
            interest: String::new(),
        });
    }
    Basis {
        code: basis.to_string(),
        contacts: Count::sum(purposes.iter().map(|p| p.contacts)),
        ended: Count::sum(purposes.iter().map(|p| p.ended)),
        without_consent: consent.then(|| Count::sum(purposes.iter().filter_map(|p| p.without_consent))),
        purposes,
    }
}

pub fn view(facts: &Facts) -> View {
    let all = [
        LegalBasis::Consent,
        LegalBasis::Contract,
        LegalBasis::LegalObligation,
        LegalBasis::VitalInterests,
        LegalBasis::PublicTask,
        LegalBasis::LegitimateInterests,
    ];
    View {
        bases: all.into_iter().map(|b| basis(facts, b)).collect(),
        off_register: facts.small.count(facts.figures.off_register),
        undeclared: undeclared(facts),
    }
}

/// Contacts held for a purpose that nobody declared, as far as the bases let it be said.
pub fn undeclared(facts: &Facts) -> Count {
    let stray = facts.figures.held.iter().filter(|((purpose, _), _)| purpose.is_none());
    facts.small.union(facts.figures.undeclared, stray.map(|(_, held)| held.contacts))
}
