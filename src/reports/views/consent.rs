//! Legal bases (Art. 6(1)) and consents (Art. 7(1)), in figures by purpose, basis and channel.

use serde::Serialize;

use super::{Facts, PurposeName};
use crate::reports::figures::{Channel, Declared, Held, Tally, Worded};
use crate::reports::pictures::{Panel, Rates};

#[derive(Debug, Serialize)]
pub struct View {
    pub bases: Vec<BasisRow>,
    pub now: Vec<ChannelRow>,
    pub events: Vec<ChannelRow>,
    pub without_wording: usize,
    pub rates: Rates,
    /// By purpose, channel and wording.
    pub worded: Vec<WordedRow>,
    /// Months with withdrawals, newest first.
    pub withdrawals: Vec<Withdrawals>,
    pub withdrawn: usize,
}

/// Consent events for one purpose, on one channel, to one text.
#[derive(Debug, Serialize)]
pub struct WordedRow {
    pub purpose: PurposeName,
    pub channel: Channel,
    /// `known`, `other`, `none`.
    pub kind: &'static str,
    /// `slug/number`, and the hash, where the register has the text.
    pub wording: Option<String>,
    pub sha256: Option<String>,
    #[serde(flatten)]
    pub tally: Tally,
    pub total: usize,
}

/// Withdrawals of one month for one purpose.
#[derive(Debug, Serialize)]
pub struct Withdrawals {
    /// `YYYY-MM`
    pub month: String,
    pub purpose: PurposeName,
    pub withdrawn: usize,
    pub granted: usize,
}

fn worded(facts: &Facts) -> Vec<WordedRow> {
    let row = |((purpose, channel, worded), tally): (&(Declared, Channel, Worded), &Tally)| {
        let (kind, sha256) = match worded {
            Worded::Known(hash) => ("known", Some(hash.clone())),
            Worded::Other => ("other", None),
            Worded::None => ("none", None),
        };
        let held = facts.registers.wordings.iter().find(|w| Some(&w.wording.sha256) == sha256.as_ref());
        WordedRow {
            purpose: facts.purpose(purpose.as_ref()),
            channel: *channel,
            kind,
            wording: held.map(|w| format!("{}/{}", w.slug, w.number)),
            sha256,
            tally: *tally,
            total: tally.total(),
        }
    };
    facts.figures.worded.iter().map(row).collect()
}

fn withdrawals(facts: &Facts) -> Vec<Withdrawals> {
    let some = facts.figures.monthly.iter().filter(|(_, tally)| tally.withdrawn > 0);
    let row = |((purpose, month), tally): (&(Declared, String), &Tally)| Withdrawals {
        month: month.clone(),
        purpose: facts.purpose(purpose.as_ref()),
        withdrawn: tally.withdrawn,
        granted: tally.granted,
    };
    let mut rows: Vec<Withdrawals> = some.map(row).collect();
    rows.sort_by(|a, b| b.month.cmp(&a.month));
    rows
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
        worded: worded(facts),
        withdrawals: withdrawals(facts),
        withdrawn: figures.events.values().map(|t| t.withdrawn).sum(),
        without_wording: figures.without_wording,
        rates: rates(facts),
    };
    // What is not declared comes last.
    view.bases.sort_by_key(|r| r.purpose.slug.is_none());
    view.now.sort_by_key(|r| r.purpose.slug.is_none());
    view.events.sort_by_key(|r| r.purpose.slug.is_none());
    view
}

/// The events of the last twelve months, a panel for each purpose that has one.
fn rates(facts: &Facts) -> Rates {
    let months = last_months(facts.now, 12);
    let mut purposes: Vec<&Declared> = facts.figures.monthly.keys().map(|(purpose, _)| purpose).collect();
    purposes.dedup();
    // What is not declared comes last.
    purposes.sort_by_key(|purpose| purpose.is_none());
    let panel = |purpose: &Declared| {
        let tallies: Vec<Tally> = months
            .iter()
            .map(|month| {
                facts.figures.monthly.get(&(purpose.clone(), month.clone())).copied().unwrap_or_default()
            })
            .collect();
        let name = facts.purpose(purpose.as_ref());
        Panel {
            name: name.title.filter(|title| !title.trim().is_empty()).or(name.slug),
            granted: tallies.iter().map(|t| t.granted).collect(),
            refused: tallies.iter().map(|t| t.refused).collect(),
            withdrawn: tallies.iter().map(|t| t.withdrawn).collect(),
        }
    };
    let some = |panel: &Panel| {
        [&panel.granted, &panel.refused, &panel.withdrawn].into_iter().flatten().any(|n| *n > 0)
    };
    let panels = purposes.into_iter().map(panel).filter(some).collect();
    Rates { panels, months }
}

/// Months (`YYYY-MM`, UTC) up to the one of `now`, oldest first.
fn last_months(now: i64, count: u32) -> Vec<String> {
    let Some(today) = chrono::DateTime::from_timestamp(now, 0).map(|at| at.date_naive()) else {
        return Vec::new();
    };
    let first = chrono::Datelike::with_day(&today, 1).unwrap_or(today);
    let back = |n| first.checked_sub_months(chrono::Months::new(n));
    (0..count).rev().filter_map(back).map(|day| day.format("%Y-%m").to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_months_end_with_this_one() {
        let months = last_months(1_795_428_000, 12);
        assert_eq!((months.len(), months[0].as_str(), months[11].as_str()), (12, "2025-12", "2026-11"));
        assert!(last_months(i64::MAX, 12).is_empty());
    }
}
