//! The register of breaches (Art. 33(5)): the clock of 72 hours, and what was decided. The free texts stay sealed.

use serde::Serialize;

use super::{Facts, Said, seconds};
use crate::domain::breach::Breach;
use crate::domain::breach::clock::State;
use crate::reports::cites::Cite;
use crate::reports::pictures::{Span, TimeLine};

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub total: usize,
    /// Whose clock runs, or has run out.
    pub running: usize,
    pub late: usize,
    /// Newest first.
    pub rows: Vec<Row>,
    /// Of the breaches that are to be notified, or may be.
    pub clocks: TimeLine,
    pub unreadable: usize,
}

/// One breach. Times are seconds since 1970.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    pub reference: String,
    pub aware: i64,
    pub deadline: i64,
    /// Hours left until the deadline while the clock runs; negative when it has run out.
    pub hours: i64,
    /// `running`, `late`, `filed`, `not-notified`, `closed`.
    pub state: &'static str,
    /// Code of how bad that is.
    pub level: &'static str,
    pub began: Option<i64>,
    pub ended: Option<i64>,
    pub kinds: Vec<Said>,
    pub origin: Option<Said>,
    pub cause: Option<Said>,
    pub persons: Vec<Said>,
    pub data: Vec<Said>,
    /// Approximate numbers, as they are declared.
    pub persons_number: Option<u64>,
    pub records_number: Option<u64>,
    pub encryption: Option<Said>,
    pub risk: Option<Said>,
    pub filings: Vec<Filing>,
    pub filed_late: bool,
    /// The decision of Art. 33(1); none while it is open.
    pub notify: Option<bool>,
    /// Art. 34: the day that the persons were informed, or the ground for not informing them.
    pub informed: Option<i64>,
    pub not_informed: Option<Said>,
    pub closed: Option<i64>,
    /// Its last change.
    pub changed: Option<Cite>,
}

/// One notification to the authority.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Filing {
    pub reference: String,
    pub at: i64,
}

fn row(breach: &Breach, facts: &Facts) -> Row {
    let state = breach.state(facts.registers.now);
    let (state, level) = match state {
        State::Running => ("running", "look"),
        State::Late => ("late", "bad"),
        State::Filed => ("filed", "look"),
        State::NotNotified => ("not-notified", "look"),
        State::Closed => ("closed", "good"),
    };
    Row {
        reference: breach.reference.to_string(),
        aware: breach.aware.timestamp(),
        deadline: breach.deadline().timestamp(),
        hours: breach.minutes_left(facts.registers.now) / 60,
        state,
        level,
        began: breach.from.map(|at| at.timestamp()),
        ended: breach.to.map(|at| at.timestamp()),
        kinds: breach.kinds.iter().map(|k| Said::of(|l| k.word(l))).collect(),
        origin: breach.origin.map(|o| Said::of(|l| o.word(l))),
        cause: breach.cause.map(|c| Said::of(|l| c.word(l))),
        persons: breach.persons.iter().map(|p| Said::of(|l| p.word(l))).collect(),
        data: breach.data.iter().map(|d| Said::of(|l| d.word(l))).collect(),
        persons_number: breach.persons_number,
        records_number: breach.records_number,
        encryption: breach.encryption.map(|e| Said::of(|l| e.word(l))),
        risk: breach.risk.map(|r| Said::of(|l| r.word(l))),
        filings: breach
            .filings
            .iter()
            .map(|f| Filing { reference: f.reference.clone(), at: f.at.timestamp() })
            .collect(),
        filed_late: breach.was_filed_late(),
        notify: breach.notify,
        informed: breach.informed.map(seconds),
        not_informed: breach.not_informed.map(|g| Said::of(|l| g.word(l))),
        closed: breach.closed.map(|at| at.timestamp()),
        changed: facts.cites.record(&facts.trails, &breach.texts.id.to_string()),
    }
}

pub fn view(facts: &Facts) -> View {
    let rows: Vec<Row> = facts.registers.breaches.iter().map(|b| row(b, facts)).collect();
    // A breach that is not to be notified has no clock, and nothing of it would be in time or late.
    let has_clock = |r: &&Row| !r.filings.is_empty() || ["running", "late"].contains(&r.state);
    let span = |r: &Row| Span {
        name: r.reference.clone(),
        start: r.aware,
        due: Some(r.deadline),
        end: r.filings.first().map(|f| f.at),
    };
    let of = |state: &str| rows.iter().filter(|r| r.state == state).count();
    View {
        total: rows.len(),
        running: of("running"),
        late: of("late"),
        clocks: TimeLine { now: facts.now, rows: rows.iter().filter(has_clock).map(span).collect() },
        rows,
        unreadable: facts.registers.unreadable,
    }
}
