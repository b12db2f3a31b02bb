//! The overview: who answers for the data, and the state of each register at a glance.

use serde::Serialize;

use super::Facts;
use crate::reports::small::{Count, Protection};

#[derive(Debug, Serialize)]
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
}

/// One register's state.
#[derive(Debug, Serialize)]
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
#[serde(rename_all = "lowercase")]
pub enum Level {
    None,
    Good,
    Look,
    Bad,
}

/// Something to see to, as the code of a counted message.
#[derive(Debug, Serialize)]
pub struct Finding {
    pub code: &'static str,
    pub n: Count,
}

pub fn view(facts: &Facts) -> View {
    let organisation = facts.settings.organisation.clone();
    let lacking = [&organisation.address, &organisation.dpo, &organisation.authority];
    View {
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
    use Level::{Bad, Look};
    let (figures, trails) = (&facts.figures, &facts.trails);
    let trail_of = |actions: &'static [&'static str]| trails.last_change(|a| actions.contains(&a));
    let closed = figures.books.iter().filter(|b| b.kinds.is_none()).count();
    let incomplete = facts.records.iter().filter(|r| !r.is_complete()).count();
    let review = facts.records.iter().filter(|r| r.review_overdue(facts.now)).count();
    let outside = trails.changes.iter().filter(|s| s.entry.is_none()).count();
    vec![
        state(
            "books",
            "books.html",
            Count::Exact(figures.contacts()),
            trail_of(&["add", "edit", "import", "merge", "erase"]),
            &[("unreadable", closed, Look)],
            facts.small,
        ),
        state(
            "processing",
            "processing.html",
            Count::Exact(facts.records.len()),
            trail_of(&["init", "purpose-add"]),
            &[
                ("undeclared", figures.undeclared, Bad),
                ("incomplete", incomplete, Look),
                ("review", review, Look),
            ],
            facts.small,
        ),
        state(
            "consent",
            "consent.html",
            super::consent::events_total(facts),
            figures.last_event,
            &[
                ("without_consent", figures.without_consent, Bad),
                ("ended", figures.ended, Bad),
                ("off_register", figures.off_register, Look),
                ("without_wording", figures.without_wording, Look),
            ],
            facts.small,
        ),
        state(
            "access",
            "access.html",
            Count::Exact(trails.accesses.len()),
            trails.accesses.first().map(|s| s.time),
            &[("old_months", old_months(facts), Look)],
            facts.small,
        ),
        state(
            "changes",
            "changes.html",
            Count::Exact(trails.changes.len()),
            trails.changes.iter().map(|s| s.time).max(),
            &[("outside", outside, Look)],
            facts.small,
        ),
        state(
            "erasures",
            "erasures.html",
            Count::Exact(facts.ledger.len()),
            facts.ledger.last().and_then(|line| crate::reports::moment::start_of_text(&line.time)),
            &[("still_there", figures.erased_but_there.len(), Bad)],
            facts.small,
        ),
    ]
}

/// Findings that count persons.
const OF_PERSONS: [&str; 5] = ["undeclared", "without_consent", "ended", "off_register", "without_wording"];

fn state(
    page: &'static str,
    file: &'static str,
    entries: Count,
    last: Option<i64>,
    checks: &[(&'static str, usize, Level)],
    small: Protection,
) -> State {
    let found = checks.iter().filter(|(_, n, _)| *n > 0);
    let calm = if entries == Count::Exact(0) { Level::None } else { Level::Good };
    State {
        page,
        file,
        level: found.clone().map(|(.., level)| *level).max().unwrap_or(calm),
        findings: found
            .map(|(code, n, _)| Finding {
                code,
                n: if OF_PERSONS.contains(code) { small.count(*n) } else { Count::Exact(*n) },
            })
            .collect(),
        entries,
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
        let one = |entries, a, b| {
            state(
                "books",
                "",
                Count::Exact(entries),
                None,
                &[("x", a, Level::Look), ("y", b, Level::Bad)],
                Protection::NONE,
            )
        };
        assert_eq!(one(0, 0, 0).level, Level::None);
        assert_eq!(one(3, 0, 0).level, Level::Good);
        assert_eq!(one(3, 1, 0).level, Level::Look);
        let worst = one(3, 1, 2);
        assert_eq!((worst.level, worst.findings.len()), (Level::Bad, 2));
    }
}
