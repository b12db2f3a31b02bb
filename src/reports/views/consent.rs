//! Legal bases (Art. 6(1)) and consents (Art. 7(1)), in figures by purpose, basis and channel.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Facts, PurposeName};
use crate::reports::figures::{Channel, Declared, Held, Tally, Worded};
use crate::reports::pictures::{Panel, Rates};
use crate::reports::small::{Count, Protection};

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub bases: Vec<BasisRow>,
    pub now: Vec<ChannelRow>,
    pub events: Vec<ChannelRow>,
    pub without_wording: Count,
    pub rates: Rates,
    /// By purpose, channel and wording.
    pub worded: Vec<WordedRow>,
    /// Months with withdrawals, newest first.
    pub withdrawals: Vec<Withdrawals>,
    pub withdrawn: Count,
    /// Purposes that the picture leaves out, since it would give small counts away.
    pub left_out: usize,
}

/// Consent events for one purpose, on one channel, to one text.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WordedRow {
    pub purpose: PurposeName,
    pub channel: Channel,
    /// `known`, `other`, `none`.
    pub kind: &'static str,
    /// `slug/number`, and the hash, where the register has the text.
    pub wording: Option<String>,
    pub sha256: Option<String>,
    #[serde(flatten)]
    pub tally: Counts,
    pub total: Count,
}

/// Withdrawals of one month for one purpose.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Withdrawals {
    /// `YYYY-MM`
    pub month: String,
    pub purpose: PurposeName,
    pub withdrawn: Count,
    pub granted: Count,
}

fn worded(facts: &Facts) -> Vec<WordedRow> {
    let row = |((purpose, channel, worded), tally): (&(Declared, Channel, Worded), &Tally)| {
        let (kind, sha256) = match worded {
            Worded::Known(hash) => ("known", Some(hash.clone())),
            Worded::Other => ("other", None),
            Worded::None => ("none", None),
        };
        let held = facts.registers.wordings.iter().find(|w| Some(&w.wording.sha256) == sha256.as_ref());
        let tally = Counts::of(tally, facts.small);
        WordedRow {
            purpose: facts.purpose(purpose.as_ref()),
            channel: *channel,
            kind,
            wording: held.map(|w| format!("{}/{}", w.slug, w.number)),
            sha256,
            total: tally.total(),
            tally,
        }
    };
    facts.figures.worded.iter().map(row).collect()
}

fn withdrawals(facts: &Facts) -> Vec<Withdrawals> {
    let some = facts.figures.monthly.iter().filter(|(_, tally)| tally.withdrawn > 0);
    let row = |((purpose, month), tally): (&(Declared, String), &Tally)| Withdrawals {
        month: month.clone(),
        purpose: facts.purpose(purpose.as_ref()),
        withdrawn: month_count(facts, purpose, |t| t.withdrawn, tally.withdrawn),
        granted: month_count(facts, purpose, |t| t.granted, tally.granted),
    };
    let mut rows: Vec<Withdrawals> = some.map(row).collect();
    rows.sort_by(|a, b| b.month.cmp(&a.month));
    rows
}

/// Contacts held for one purpose on one legal basis.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ChannelRow {
    pub purpose: PurposeName,
    pub channel: Channel,
    #[serde(flatten)]
    pub tally: Counts,
    pub total: Count,
}

/// Counts by what happened to a consent, as they are published.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Counts {
    pub asked: Count,
    pub granted: Count,
    pub refused: Count,
    pub withdrawn: Count,
    pub expired: Count,
}

impl Counts {
    pub fn of(tally: &Tally, small: Protection) -> Counts {
        Counts {
            asked: small.count(tally.asked),
            granted: small.count(tally.granted),
            refused: small.count(tally.refused),
            withdrawn: small.count(tally.withdrawn),
            expired: small.count(tally.expired),
        }
    }

    /// What follows from counts that exclude each other.
    pub fn sum(all: impl IntoIterator<Item = Counts>) -> Counts {
        let all: Vec<Counts> = all.into_iter().collect();
        let sum = |of: fn(&Counts) -> Count| Count::sum(all.iter().map(of));
        Counts {
            asked: sum(|c| c.asked),
            granted: sum(|c| c.granted),
            refused: sum(|c| c.refused),
            withdrawn: sum(|c| c.withdrawn),
            expired: sum(|c| c.expired),
        }
    }

    pub fn total(&self) -> Count {
        Count::sum([self.asked, self.granted, self.refused, self.withdrawn, self.expired])
    }
}

/// All events, as far as they follow from the rows that are published.
pub fn events_total(facts: &Facts) -> Count {
    Count::sum(facts.figures.worded.values().map(|tally| Counts::of(tally, facts.small).total()))
}

/// The events for one purpose on one channel: the sums of what is published by wording, so that nothing that is
/// protected there follows from here.
pub fn events(facts: &Facts, purpose: &Declared, channel: Channel) -> Counts {
    let of = facts.figures.worded.iter().filter(|((p, c, _), _)| p == purpose && *c == channel);
    Counts::sum(of.map(|(_, tally)| Counts::of(tally, facts.small)))
}

/// Granted consents that do not say which wording was agreed to.
pub fn without_wording(facts: &Facts) -> Count {
    let none = facts.figures.worded.iter().filter(|((.., worded), _)| *worded == Worded::None);
    Count::sum(none.map(|(_, tally)| facts.small.count(tally.granted)))
}

/// A count of one month, where the months may be shown, else whether it is small.
pub(super) fn month_count(facts: &Facts, purpose: &Declared, of: fn(&Tally) -> usize, n: usize) -> Count {
    if is_open(facts, purpose, of) { Count::Exact(n) } else { facts.small.coarse(n) }
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
    let row = |purpose: &Declared, channel: Channel, tally: Counts| ChannelRow {
        purpose: facts.purpose(purpose.as_ref()),
        channel,
        total: tally.total(),
        tally,
    };
    let now = |((purpose, channel), tally): (&(Declared, Channel), &Tally)| {
        row(purpose, *channel, Counts::of(tally, facts.small))
    };
    let event =
        |(purpose, channel): &(Declared, Channel)| row(purpose, *channel, events(facts, purpose, *channel));
    let mut view = View {
        bases: figures.held.iter().map(basis).collect(),
        now: figures.now.iter().map(now).collect(),
        events: figures.events.keys().map(event).collect(),
        worded: worded(facts),
        withdrawals: withdrawals(facts),
        withdrawn: Count::sum(figures.worded.values().map(|t| facts.small.count(t.withdrawn))),
        left_out: closed_purposes(facts).len(),
        without_wording: without_wording(facts),
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
    let closed = closed_purposes(facts);
    purposes.retain(|purpose| !closed.contains(purpose));
    let panels = purposes.into_iter().map(panel).filter(some).collect();
    Rates { panels, months }
}

/// Purposes whose months cannot be drawn without giving a small count away.
fn closed_purposes(facts: &Facts) -> BTreeSet<&Declared> {
    let drawn: [fn(&Tally) -> usize; 3] = [|t| t.granted, |t| t.refused, |t| t.withdrawn];
    let purposes: BTreeSet<&Declared> = facts.figures.monthly.keys().map(|(purpose, _)| purpose).collect();
    purposes.into_iter().filter(|purpose| !drawn.into_iter().all(|of| is_open(facts, purpose, of))).collect()
}

/// Whether a purpose's months of one kind may be shown beside its channels and wordings: all have the same sum, so that
/// either would give away the one small count in the other.
fn is_open(facts: &Facts, purpose: &Declared, of: fn(&Tally) -> usize) -> bool {
    let hides = |tally: &Tally| facts.small.hides(of(tally));
    let (worded, monthly) = (&facts.figures.worded, &facts.figures.monthly);
    !worded.iter().any(|((p, ..), tally)| p == purpose && hides(tally))
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
