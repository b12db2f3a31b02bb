//! The overview: who answers for the data, and the state of each register at a glance.

use serde::Serialize;

use super::audit::{DutyRow, duties, rows};
use super::since::{Since, since};
use super::{Facts, bases, consent, processors, requests, retention, trainings, wordings};
use crate::domain::audit::Severity;
use crate::reports::figures::{Held, Worded};
use crate::reports::pages::table::{PAGES, file_of};
use crate::reports::small::Count;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub organisation: String,
    pub siren: String,
    pub address: String,
    pub representative: String,
    pub dpo: String,
    pub authority: String,
    /// What the controller's entry lacks of Art. 30(1)(a): address, DPO, authority.
    pub missing: usize,
    pub states: Vec<State>,
    /// What the audit finds, in numbers.
    pub errors: usize,
    pub warnings: usize,
    /// The worst of both: the state of compliance.
    pub level: Level,
    /// What is late or due next, and how many more there are.
    pub duties: Vec<DutyRow>,
    pub more: usize,
    pub late: usize,
    pub since: Option<Since>,
}

/// How many duties the first page lists.
const NEXT: usize = 8;

/// One register's state.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct State {
    /// Code of the page, also of its counted noun.
    pub page: &'static str,
    pub file: &'static str,
    pub level: Level,
    pub findings: Vec<Finding>,
    pub entries: Count,
    /// When the register last changed.
    pub last: Option<i64>,
}

/// How a register stands; shown as a word and a coloured dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    None,
    Good,
    Look,
    Bad,
}

/// Something to see to, as the code of a counted message.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    pub code: &'static str,
    pub n: Count,
}

pub fn view(facts: &Facts) -> View {
    let organisation = facts.settings.organisation.clone();
    let lacking = [&organisation.address, &organisation.dpo, &organisation.authority];
    let (errors, warnings) = (
        rows(&facts.audit.findings, Severity::Error, facts.small).len(),
        rows(&facts.audit.findings, Severity::Warning, facts.small).len(),
    );
    let mut duties = duties(facts);
    let late = duties.iter().filter(|d| d.days < 0).count();
    let more = duties.len().saturating_sub(NEXT);
    duties.truncate(NEXT);
    View {
        level: match (errors, warnings) {
            (0, 0) => Level::Good,
            (0, _) => Level::Look,
            _ => Level::Bad,
        },
        errors,
        warnings,
        duties,
        more,
        late,
        since: since(facts),
        missing: lacking.iter().filter(|text| text.trim().is_empty()).count(),
        organisation: organisation.name,
        siren: organisation.siren,
        address: organisation.address,
        representative: organisation.representative,
        dpo: organisation.dpo,
        authority: organisation.authority,
        states: states(facts),
    }
}

fn states(facts: &Facts) -> Vec<State> {
    use Level::{Bad, Good, Look};
    let (figures, trails) = (&facts.figures, &facts.trails);
    let trail_of = |actions: &'static [&'static str]| trails.last_change(|a| actions.contains(&a));
    let closed = figures.books.iter().filter(|b| b.kinds.is_none()).count();
    let incomplete = facts.records.iter().filter(|r| !r.is_complete()).count();
    let review = facts.records.iter().filter(|r| r.review_overdue(facts.now)).count();
    let outside = trails.changes.iter().filter(|s| s.entry.is_none()).count();
    let last = |prefix: &'static str| trails.last_change(|a| a.starts_with(prefix));
    let (processors, requests, trainings) =
        (processors::view(facts), requests::view(facts), trainings::view(facts));
    let of = |level: &str| processors.rows.iter().filter(|r| r.level == level).count();
    let untrained = trainings.members.iter().filter(|m| m.level == "look").count();
    let breaches = super::breaches::view(facts);
    let altered = facts.registers.wordings.iter().filter(|w| !w.unaltered).count();
    let unknown =
        figures.worded.iter().filter(|((.., w), _)| *w == Worded::Other).map(|(_, t)| t.total()).sum();
    let rules = facts.retention.iter();
    let over = rules.map(|line| line.over).sum();
    let unruled = facts.records.iter().filter(|r| facts.unruled.contains_key(&r.slug)).count();
    // Who was asked and has not answered is waited for; the audit knows who is not.
    let unanswered = if facts.audit.findings.iter().any(|f| f.code == "no-consent") { Bad } else { Look };
    let waiting = facts.erasures.iter().filter(|e| !e.pending.is_empty()).count();
    let events: usize = figures.events.values().map(|t| t.total()).sum();
    let mut states = vec![
        state(
            "processing",
            facts.records.len(),
            last("purpose-").max(trail_of(&["init"])),
            &[
                ("undeclared", figures.undeclared, Bad),
                ("incomplete", incomplete, Look),
                ("review", review, Look),
            ],
        ),
        state(
            "consent",
            events,
            figures.last_event,
            &[
                ("without_consent", figures.without_consent, unanswered),
                // What a withdrawal ends, too: how long the rest is kept is a matter of the rules of retention.
                ("ended", figures.ended, Good),
                ("off_register", figures.off_register, Look),
                ("without_wording", figures.without_wording, Look),
            ],
        ),
        state(
            "wordings",
            facts.registers.wordings.len(),
            last("wording-"),
            &[("altered", altered, Bad), ("other_wording", unknown, Bad)],
        ),
        state(
            "retention",
            facts.retention.len(),
            last("retention"),
            &[("over", over, Bad), ("unruled", unruled, Look)],
        ),
        state(
            "processors",
            processors.total,
            last("processor-"),
            &[("processor_bad", of("bad"), Bad), ("processor_look", of("look"), Look)],
        ),
        state(
            "requests",
            requests.total,
            last("request-"),
            &[
                ("request_late", requests.late, Bad),
                ("request_open", requests.open - requests.late.min(requests.open), Look),
            ],
        ),
        state(
            "erasures",
            facts.ledger.len(),
            facts.ledger.last().and_then(|line| crate::reports::moment::start_of_text(&line.time)),
            &[("still_there", figures.erased_but_there.len(), Bad), ("waiting", waiting, Look)],
        ),
        state(
            "breaches",
            breaches.total,
            last("breach-"),
            &[("breach_late", breaches.late, Bad), ("breach_running", breaches.running, Look)],
        ),
        state(
            "books",
            figures.contacts(),
            trail_of(&["add", "edit", "import", "merge", "erase"]),
            &[("unreadable", closed, Look)],
        ),
        state(
            "trainings",
            trainings.trainings + trainings.agreements,
            last("training-").max(last("agreement-")),
            &[("untrained", untrained, Look)],
        ),
        state(
            "access",
            trails.accesses.len(),
            trails.accesses.first().map(|s| s.time),
            &[("old_months", old_months(facts), Look)],
        ),
        state(
            "changes",
            trails.changes.len(),
            trails.changes.iter().map(|s| s.time).max(),
            &[("outside", outside, Look)],
        ),
    ];
    // No card for a page that this audience does not get.
    states.retain(|state| PAGES.iter().any(|page| page.code == state.page && page.is_for(facts.audience)));
    protect(facts, &mut states);
    states
}

/// Counts of persons as they are published: what follows from the registers' own pages.
fn protect(facts: &Facts, states: &mut [State]) {
    let (figures, small) = (&facts.figures, facts.small);
    let held = |of: fn(&Held) -> usize| figures.held.values().map(of).collect::<Vec<_>>();
    for state in states {
        if state.page == "consent" {
            state.entries = consent::events_total(facts);
        }
        for found in &mut state.findings {
            match found.code {
                "undeclared" => found.n = bases::undeclared(facts),
                "without_consent" => {
                    found.n = small.union(figures.without_consent, held(|h| h.without_consent));
                }
                "ended" => found.n = small.union(figures.ended, held(|h| h.ended)),
                "off_register" => found.n = small.count(figures.off_register),
                "without_wording" => found.n = consent::without_wording(facts),
                "other_wording" => found.n = wordings::other(facts),
                "over" => found.n = retention::over(facts),
                _ => {}
            }
        }
    }
}

fn state(
    page: &'static str,
    entries: usize,
    last: Option<i64>,
    checks: &[(&'static str, usize, Level)],
) -> State {
    let found = checks.iter().filter(|(_, n, _)| *n > 0);
    let calm = if entries == 0 { Level::None } else { Level::Good };
    State {
        page,
        file: file_of(page),
        level: found.clone().map(|(.., level)| *level).max().unwrap_or(calm),
        findings: found.map(|(code, n, _)| Finding { code, n: Count::Exact(*n) }).collect(),
        entries: Count::Exact(entries),
        last,
    }
}

/// Months with access chains that are older than the retention rule allows; the running month counts as whole.
fn old_months(facts: &Facts) -> usize {
    let index = |month: &str| -> Option<i64> {
        let (year, month) = month.split_once('-')?;
        Some(year.parse::<i64>().ok()? * 12 + month.parse::<i64>().ok()?)
    };
    let Some(now) = index(&super::month(facts.now)) else { return 0 };
    let kept = i64::from(facts.settings.retention.access_months);
    let months: std::collections::BTreeSet<&String> = facts.trails.months.iter().collect();
    months.into_iter().filter(|m| index(m).is_some_and(|m| now - m > kept)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_gives_the_level_and_silence_without_entries_is_not_praise() {
        let one =
            |entries, a, b| state("books", entries, None, &[("x", a, Level::Look), ("y", b, Level::Bad)]);
        assert_eq!(one(0, 0, 0).level, Level::None);
        assert_eq!(one(3, 0, 0).level, Level::Good);
        assert_eq!(one(3, 1, 0).level, Level::Look);
        let worst = one(3, 1, 2);
        assert_eq!((worst.level, worst.findings.len()), (Level::Bad, 2));
    }
}
