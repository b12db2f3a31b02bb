//! Legal bases (Art. 6(1)) and consents (Art. 7(1)), in figures by purpose, basis and channel.

use serde::Serialize;

use super::{Facts, PurposeName};
use crate::reports::figures::{Channel, Declared, Held, Tally};
use crate::reports::pictures::{Panel, Rates};
use crate::reports::small::{Count, Protection};

#[derive(Debug, Serialize)]
pub struct View {
    pub bases: Vec<BasisRow>,
    pub now: Vec<ChannelRow>,
    pub events: Vec<ChannelRow>,
    pub without_wording: Count,
    pub rates: Rates,
}

/// Contacts held for one purpose on one legal basis.
#[derive(Debug, Serialize)]
pub struct BasisRow {
    pub purpose: PurposeName,
    /// Code of the basis.
    pub basis: String,
    pub contacts: Count,
    pub ended: Count,
    /// Held on consent without one in force; absent for other bases.
    pub without_consent: Option<Count>,
}

/// Consents for one purpose and channel.
#[derive(Debug, Serialize)]
pub struct ChannelRow {
    pub purpose: PurposeName,
    pub channel: Channel,
    #[serde(flatten)]
    pub tally: Counts,
    pub total: Count,
}

/// Counts by what happened to a consent, as they are published.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Counts {
    pub asked: Count,
    pub granted: Count,
    pub refused: Count,
    pub withdrawn: Count,
    pub expired: Count,
}

impl Counts {
    fn of(tally: &Tally, small: Protection) -> Counts {
        Counts {
            asked: small.count(tally.asked),
            granted: small.count(tally.granted),
            refused: small.count(tally.refused),
            withdrawn: small.count(tally.withdrawn),
            expired: small.count(tally.expired),
        }
    }

    fn total(&self) -> Count {
        Count::sum([self.asked, self.granted, self.refused, self.withdrawn, self.expired])
    }
}

/// All events, as far as they follow from the rows that are published.
pub fn events_total(facts: &Facts) -> Count {
    Count::sum(facts.figures.events.values().map(|tally| Counts::of(tally, facts.small).total()))
}

pub fn view(facts: &Facts) -> View {
    let figures = &facts.figures;
    let basis =
        |((purpose, basis), held): (&(Declared, crate::domain::lawful::LegalBasis), &Held)| BasisRow {
            purpose: facts.purpose(purpose.as_ref()),
            basis: basis.to_string(),
            contacts: facts.small.count(held.contacts),
            ended: facts.small.count(held.ended),
            without_consent: (*basis == crate::domain::lawful::LegalBasis::Consent)
                .then_some(facts.small.count(held.without_consent)),
        };
    let channel = |((purpose, channel), tally): (&(Declared, Channel), &Tally)| {
        let tally = Counts::of(tally, facts.small);
        ChannelRow {
            purpose: facts.purpose(purpose.as_ref()),
            channel: *channel,
            total: tally.total(),
            tally,
        }
    };
    let mut view = View {
        bases: figures.held.iter().map(basis).collect(),
        now: figures.now.iter().map(channel).collect(),
        events: figures.events.iter().map(channel).collect(),
        without_wording: facts.small.count(figures.without_wording),
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
        let shown = |of: fn(&Tally) -> usize| {
            let all = tallies.iter().map(of);
            if is_open(facts, purpose, of) { all.collect() } else { all.map(|_| 0).collect() }
        };
        Panel {
            name: name.title.filter(|title| !title.trim().is_empty()).or(name.slug),
            granted: shown(|t| t.granted),
            refused: shown(|t| t.refused),
            withdrawn: shown(|t| t.withdrawn),
        }
    };
    let some = |panel: &Panel| {
        [&panel.granted, &panel.refused, &panel.withdrawn].into_iter().flatten().any(|n| *n > 0)
    };
    let panels = purposes.into_iter().map(panel).filter(some).collect();
    Rates { panels, months }
}

/// Whether a purpose's months of one kind may be shown beside its channels: the months and the channels have the same
/// sum, so that either of them would give away the one small count in the other.
fn is_open(facts: &Facts, purpose: &Declared, of: fn(&Tally) -> usize) -> bool {
    let hides = |tally: &Tally| facts.small.hides(of(tally));
    let (events, monthly) = (&facts.figures.events, &facts.figures.monthly);
    !events.iter().any(|((p, _), tally)| p == purpose && hides(tally))
        && !monthly.iter().any(|((p, _), tally)| p == purpose && hides(tally))
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
