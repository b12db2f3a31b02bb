//! The register of rights requests (Art. 12 and 15 to 21): deadlines and whether they were kept. Nothing of who asked.

use serde::Serialize;

use super::Facts;
use crate::domain::request::{Request, Standing, State};
use crate::reports::cites::Cite;
use crate::reports::pictures::{Span, TimeLine};

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub total: usize,
    /// Open or waiting for the person.
    pub open: usize,
    /// Of these, past their day.
    pub late: usize,
    pub answered: usize,
    /// Of these, by their day.
    pub in_time: usize,
    /// Median of the days from receipt to answer, where there is an answer.
    pub days: Option<i64>,
    /// Newest first.
    pub rows: Vec<Row>,
    pub deadlines: TimeLine,
    pub unreadable: usize,
}

/// One request. Days are midnight UTC in seconds since 1970.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    pub reference: String,
    /// Code of the right, and its article.
    pub kind: &'static str,
    pub article: &'static str,
    pub channel: String,
    pub received: i64,
    pub acknowledged: Option<i64>,
    pub due: i64,
    /// Days left; negative when late.
    pub left: i64,
    /// `open`, `paused`, `answered`, `closed`.
    pub state: &'static str,
    /// A code of `term`: `kept`, `late`, `running`, `overdue`, `none`.
    pub term: &'static str,
    pub pauses: usize,
    pub extended: Option<i64>,
    pub extension: Option<&'static str>,
    pub answered: Option<i64>,
    pub decision: Option<&'static str>,
    pub ground: Option<&'static str>,
    pub by: Option<String>,
    pub closed: Option<i64>,
    /// Why it was closed without an answer.
    pub closing: Option<&'static str>,
    /// Recipients who were told (Art. 19).
    pub told: Vec<String>,
    /// Its last change.
    pub changed: Option<Cite>,
}

/// A plain code as it is written in the register.
fn code<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn row(facts: &Facts, (request, standing): &(Request, Standing)) -> Row {
    use crate::domain::request::Closing;
    let state = request.state();
    let answered = request.answer.as_ref().map(|answer| answer.on);
    let closed = request.closed.as_ref();
    // What was due when it was answered does not move any more.
    let due = answered.map_or(standing.due, |on| request.standing(on).due);
    let term = match (answered, closed.map(|c| c.why)) {
        (Some(on), _) => {
            if on > due {
                "late"
            } else {
                "kept"
            }
        }
        (None, Some(Closing::Withdrawn | Closing::Mistake)) => "none",
        _ if standing.is_late() => "overdue",
        _ => "running",
    };
    Row {
        reference: request.reference.to_string(),
        kind: request.kind.as_str(),
        article: request.kind.article(),
        channel: code(&request.channel),
        received: request.received.seconds(),
        acknowledged: request.acknowledged.map(|day| day.seconds()),
        due: due.seconds(),
        left: standing.left,
        state: state.as_str(),
        term,
        pauses: request.pauses.len(),
        extended: request.extension.as_ref().map(|e| e.notified.seconds()),
        extension: request.extension.as_ref().map(|e| e.reason.as_str()),
        answered: answered.map(|day| day.seconds()),
        decision: request.answer.as_ref().map(|a| a.decision.as_str()),
        ground: request.answer.as_ref().and_then(|a| a.ground).map(|g| g.as_str()),
        by: request.answer.as_ref().map(|a| a.by.to_string()),
        closed: closed.map(|c| c.on.seconds()),
        closing: closed.and_then(|c| match c.why {
            Closing::Answered => None,
            Closing::Withdrawn => Some("withdrawn"),
            Closing::Mistake => Some("mistake"),
        }),
        told: request.told.iter().map(|t| t.recipient.to_string()).collect(),
        changed: facts.cites.request(&facts.trails, &request.reference.to_string()),
    }
}

pub fn view(facts: &Facts) -> View {
    let requests = &facts.registers.requests;
    let rows: Vec<Row> = requests.iter().map(|r| row(facts, r)).collect();
    let open = |r: &&(Request, Standing)| matches!(r.0.state(), State::Open | State::Paused);
    let mut days: Vec<i64> = rows.iter().filter_map(|r| Some((r.answered? - r.received) / 86_400)).collect();
    days.sort_unstable();
    let span = |r: &Row| Span {
        name: r.reference.clone(),
        start: r.received,
        due: (r.term != "none").then_some(r.due),
        end: r.answered.or(r.closed),
    };
    let term = |code: &str| rows.iter().filter(|r| r.term == code).count();
    View {
        total: rows.len(),
        open: requests.iter().filter(open).count(),
        late: term("overdue"),
        answered: rows.iter().filter(|r| r.answered.is_some()).count(),
        in_time: term("kept"),
        days: days.get(days.len() / 2).copied(),
        deadlines: TimeLine { now: facts.registers.today.seconds(), rows: rows.iter().map(span).collect() },
        rows,
        unreadable: facts.registers.unreadable,
    }
}
