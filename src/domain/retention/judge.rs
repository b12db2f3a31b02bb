//! What the rules come to for one contact on one day.
//!
//! Periods are calendar months. One that begins on the 31st ends on the last day of a shorter month, and a period ends
//! with the last hour of its last day (Regulation (EEC, Euratom) 1182/71, Art. 3): it is over from the next day on.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};

use super::view::{View, day};
use super::{After, Archive, Fate, Rule};
use crate::domain::contact::ConsentAction;
use crate::domain::ids::Slug;
use crate::domain::lawful::LegalBasis;

/// The rules of every declared purpose.
pub type Rules = BTreeMap<Slug, Vec<Rule>>;

/// Since when a period runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    On(NaiveDate),
    /// The relationship, or the consent, goes on.
    Lasts,
    /// No date is known.
    Unknown,
}

/// Where one purpose of a contact stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub purpose: Slug,
    /// Rules of the purpose that apply to the contact, by their place in the record, with the last day of their period.
    pub rules: Vec<(usize, Start, Option<NaiveDate>)>,
    /// The rule that ends first, of those that have an end.
    pub deciding: Option<(usize, NaiveDate)>,
    /// Whether the basis has ended already.
    pub ended: bool,
}

impl Standing {
    /// Whether the purpose is over on `today`.
    pub fn is_over(&self, today: NaiveDate) -> bool {
        self.deciding.is_some_and(|(_, ends)| ends < today)
    }

    /// Whether it still needs the contact on `today`. A purpose whose basis has ended and that has no rule does not.
    fn holds(&self, today: NaiveDate) -> bool {
        !(self.is_over(today) || self.ended && self.rules.is_empty())
    }
}

/// What is to be done with a contact, and the last day of the period that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Nothing,
    /// Some purposes are over, others are not: their bases end.
    End {
        purposes: Vec<(Slug, usize, NaiveDate)>,
    },
    /// Every purpose is over. The purpose and rule are those that ended last.
    Erase {
        purpose: Slug,
        rule: usize,
        ends: NaiveDate,
    },
    /// Every purpose is over, and a law wants something kept until `until`.
    Archive {
        purpose: Slug,
        rule: usize,
        ends: NaiveDate,
        until: NaiveDate,
    },
    /// It was archived, and that period is over too.
    EraseArchived {
        purpose: Slug,
        ends: NaiveDate,
    },
}

/// The last day of a period of calendar months from `start`; none when no calendar goes that far.
pub fn last_day(start: NaiveDate, months: u32) -> Option<NaiveDate> {
    start.checked_add_months(Months::new(months))
}

impl Rule {
    /// Whether the rule is about this contact.
    pub fn applies_to(&self, view: &View) -> bool {
        let tagged =
            self.tags.is_empty() || self.tags.iter().any(|tag| view.tags.iter().any(|t| same(t, tag)));
        tagged && self.kind.is_none_or(|kind| kind == view.kind)
    }
}

fn same(a: &str, b: &str) -> bool {
    crate::domain::fold::fold(a) == crate::domain::fold::fold(b)
}

/// Since when the period of `after` runs for a purpose of a contact; what lies after `today` has not happened yet.
pub fn start(view: &View, purpose: &Slug, after: After, today: NaiveDate) -> Start {
    let ended = ended_on(view, purpose);
    let counts = |at: &toml::value::Datetime| {
        day(at).filter(|on| *on <= today && ended.is_none_or(|ended| *on <= ended))
    };
    let collected = || {
        let since = view.bases_of(purpose).filter_map(|b| b.since.as_ref().and_then(day)).min();
        since.or(view.created.as_ref().and_then(day))
    };
    let latest = |events: &mut dyn Iterator<Item = NaiveDate>| events.chain(collected()).max();
    let found = match after {
        After::Collected => collected(),
        After::LastContact => {
            let given =
                view.consent.iter().filter(|c| c.purpose == *purpose && c.action == ConsentAction::Granted);
            let acts = view.activity.iter().filter(|a| a.is_from_them());
            latest(&mut acts.filter_map(|a| counts(&a.time)).chain(given.filter_map(|c| counts(&c.time))))
        }
        After::LastActivity => {
            let acts = view.activity.iter().filter(|a| a.is_shared());
            latest(&mut acts.filter_map(|a| counts(&a.time)))
        }
        After::RelationshipEnd => return relationship_end(view, purpose, today),
        After::ConsentEnd => return consent_end(view, purpose, today),
    };
    found.map_or(Start::Unknown, Start::On)
}

/// The day on which the last basis of a purpose ended; none while one is open or says no day.
fn ended_on(view: &View, purpose: &Slug) -> Option<NaiveDate> {
    let ends: Option<Vec<NaiveDate>> =
        view.bases_of(purpose).map(|b| b.until.as_ref().and_then(day)).collect();
    ends?.into_iter().max()
}

fn relationship_end(view: &View, purpose: &Slug, today: NaiveDate) -> Start {
    let contracts = view.bases_of(purpose).filter(|b| b.basis == LegalBasis::Contract).count();
    let deciding = view.bases_of(purpose).filter(|b| contracts == 0 || b.basis == LegalBasis::Contract);
    let ends: Option<Vec<NaiveDate>> = deciding.map(|b| b.until.as_ref().and_then(day)).collect();
    match ends.and_then(|ends| ends.into_iter().max()) {
        Some(end) if end <= today => Start::On(end),
        _ => Start::Lasts,
    }
}

/// The last no, or expiry, of every channel that there was a word about; a yes in force on one channel is enough.
fn consent_end(view: &View, purpose: &Slug, today: NaiveDate) -> Start {
    let mut channels: BTreeMap<Option<&str>, (i64, bool, NaiveDate)> = BTreeMap::new();
    for event in view.consent.iter().filter(|c| c.purpose == *purpose && c.action != ConsentAction::Asked) {
        let (Some(at), Some(on)) = (crate::domain::moment::start(&event.time), day(&event.time)) else {
            continue;
        };
        if on > today {
            continue;
        }
        let expires = event.expires.as_ref().and_then(day).filter(|on| *on <= today);
        let yes = event.action == ConsentAction::Granted && expires.is_none();
        let new = (at, yes, expires.unwrap_or(on));
        channels
            .entry(event.channel.as_deref())
            // Of two events at one moment the no counts.
            .and_modify(|old| {
                if (new.0, !new.1) >= (old.0, !old.1) {
                    *old = new;
                }
            })
            .or_insert(new);
    }
    // A later no to every channel ends the yes on each.
    let all = channels.get(&None).copied().filter(|(_, yes, _)| !yes);
    let in_force = |(at, yes, _): &(i64, bool, NaiveDate)| *yes && all.is_none_or(|(no, ..)| *at > no);
    if channels.values().any(in_force) {
        return Start::Lasts;
    }
    match (channels.values().map(|(_, _, on)| *on).max(), ended_on(view, purpose)) {
        (Some(on), _) => Start::On(on),
        (None, Some(on)) if on <= today => Start::On(on),
        // Nobody ever said yes or no: consent never began, and other rules have to end it.
        (None, _) => Start::Lasts,
    }
}

/// Where each purpose of a contact stands.
pub fn standings(view: &View, rules: &Rules, today: NaiveDate) -> Vec<Standing> {
    let stand = |purpose: &Slug| {
        let of_purpose = rules.get(purpose).map(Vec::as_slice).unwrap_or_default();
        let apply = of_purpose.iter().enumerate().filter(|(_, rule)| rule.applies_to(view));
        let rules: Vec<_> = apply
            .map(|(n, rule)| {
                let start = start(view, purpose, rule.after, today);
                let ends = match start {
                    Start::On(on) => last_day(on, rule.months),
                    _ => None,
                };
                (n, start, ends)
            })
            .collect();
        let deciding =
            rules.iter().filter_map(|(n, _, ends)| Some((*n, (*ends)?))).min_by_key(|(n, ends)| (*ends, *n));
        let ended = ended_on(view, purpose).is_some_and(|on| on <= today);
        Standing { purpose: purpose.clone(), rules, deciding, ended }
    };
    view.purposes().into_iter().map(stand).collect()
}

/// What is to be done with a contact on `today`.
pub fn action(view: &View, rules: &Rules, standings: &[Standing], today: NaiveDate) -> Action {
    if let Some(archived) = &view.archive {
        return match day(&archived.until) {
            Some(ends) if ends < today => Action::EraseArchived { purpose: archived.purpose.clone(), ends },
            _ => Action::Nothing,
        };
    }
    let over: Vec<(&Standing, usize, NaiveDate)> = standings
        .iter()
        .filter(|s| s.is_over(today))
        .filter_map(|s| s.deciding.map(|(rule, ends)| (s, rule, ends)))
        .collect();
    if standings.iter().any(|s| s.holds(today)) {
        let ends = over.iter().filter(|(s, ..)| !s.ended);
        let purposes: Vec<_> = ends.map(|(s, rule, ends)| (s.purpose.clone(), *rule, *ends)).collect();
        return if purposes.is_empty() { Action::Nothing } else { Action::End { purposes } };
    }
    let Some((last, rule, ends)) = over.into_iter().max_by_key(|(_, _, ends)| *ends) else {
        return Action::Nothing;
    };
    match kept_until(rules, standings, today) {
        Some((purpose, rule, until)) => Action::Archive { purpose, rule, ends, until },
        None => Action::Erase { purpose: last.purpose.clone(), rule, ends },
    }
}

/// The archive that keeps it longest, if any still does.
fn kept_until(rules: &Rules, standings: &[Standing], today: NaiveDate) -> Option<(Slug, usize, NaiveDate)> {
    let mut longest: Option<(Slug, usize, NaiveDate)> = None;
    for standing in standings {
        for (n, start, _) in &standing.rules {
            let Some(archive) = archive_of(rules, &standing.purpose, *n) else { continue };
            let from = match start {
                Start::On(on) => *on,
                // The event that the archive counts from has not come: its period is not shortened by that.
                Start::Lasts | Start::Unknown => today,
            };
            let Some(until) = last_day(from, archive.months).filter(|until| *until >= today) else {
                continue;
            };
            if longest.as_ref().is_none_or(|(_, _, known)| until > *known) {
                longest = Some((standing.purpose.clone(), *n, until));
            }
        }
    }
    longest
}

/// The archive of a rule that archives.
pub fn archive_of<'a>(rules: &'a Rules, purpose: &Slug, rule: usize) -> Option<&'a Archive> {
    let rule = rules.get(purpose)?.get(rule)?;
    rule.archive.as_ref().filter(|_| rule.then == Fate::Archive)
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
