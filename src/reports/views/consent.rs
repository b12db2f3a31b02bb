//! Legal bases (Art. 6(1)) and consents (Art. 7(1)), in figures by purpose, basis and channel.

use serde::Serialize;

use super::{Facts, PurposeName};
use crate::reports::figures::{Channel, Declared, Held, Tally};

#[derive(Debug, Serialize)]
pub struct View {
    pub bases: Vec<BasisRow>,
    pub now: Vec<ChannelRow>,
    pub events: Vec<ChannelRow>,
    pub without_wording: usize,
}

/// Contacts held for one purpose on one legal basis.
#[derive(Debug, Serialize)]
pub struct BasisRow {
    pub purpose: PurposeName,
    /// Code of the basis.
    pub basis: String,
    pub contacts: usize,
    pub ended: usize,
    /// Held on consent without one in force; absent for other bases.
    pub without_consent: Option<usize>,
}

/// Consents for one purpose and channel.
#[derive(Debug, Serialize)]
pub struct ChannelRow {
    pub purpose: PurposeName,
    pub channel: Channel,
    #[serde(flatten)]
    pub tally: Tally,
    pub total: usize,
}

pub fn view(facts: &Facts) -> View {
    let figures = &facts.figures;
    let basis =
        |((purpose, basis), held): (&(Declared, crate::domain::lawful::LegalBasis), &Held)| BasisRow {
            purpose: facts.purpose(purpose.as_ref()),
            basis: basis.to_string(),
            contacts: held.contacts,
            ended: held.ended,
            without_consent: (*basis == crate::domain::lawful::LegalBasis::Consent)
                .then_some(held.without_consent),
        };
    let channel = |((purpose, channel), tally): (&(Declared, Channel), &Tally)| ChannelRow {
        purpose: facts.purpose(purpose.as_ref()),
        channel: *channel,
        tally: *tally,
        total: tally.total(),
    };
    let mut view = View {
        bases: figures.held.iter().map(basis).collect(),
        now: figures.now.iter().map(channel).collect(),
        events: figures.events.iter().map(channel).collect(),
        without_wording: figures.without_wording,
    };
    // What is not declared comes last.
    view.bases.sort_by_key(|r| r.purpose.slug.is_none());
    view.now.sort_by_key(|r| r.purpose.slug.is_none());
    view.events.sort_by_key(|r| r.purpose.slug.is_none());
    view
}
