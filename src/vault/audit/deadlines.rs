//! Requests of persons and their month; breaches and their 72 hours.

use super::Notes;
use crate::domain::audit::Finding;
use crate::domain::breach::clock::{State, in_words};
use crate::domain::request::State as RequestState;
use crate::error::Result;
use crate::vault::{Snapshot, Vault};

/// Days before the deadline of a request from which it is a warning.
const NEAR: i64 = 7;

impl Vault {
    pub(super) fn audit_requests(&self, at: Snapshot, notes: &mut Notes) -> Result<()> {
        for (path, request) in self.each_request(at)? {
            notes.audit.counts.requests += 1;
            let Some(request) = notes.readable(&path, request) else { continue };
            if !matches!(request.state(), RequestState::Open | RequestState::Paused) {
                continue;
            }
            let standing = request.standing(self.today_for(&request)?);
            let reference = request.reference.as_str();
            let place = request.reference.path_in(crate::domain::request::DIR);
            let command = format!("carnet request show {reference}");
            if standing.is_late() {
                let message = format!("the answer was due on {}", standing.due);
                let found = Finding::error("request-late", "Art. 12(3)", &place, message);
                notes.audit.findings.push(found.mend(&command));
            } else if standing.left <= NEAR && !standing.stopped {
                let message = format!("the answer is due on {}, in {} day(s)", standing.due, standing.left);
                let found = Finding::warning("request-soon", "Art. 12(3)", &place, message);
                notes.audit.findings.push(found.mend(&command));
            }
            let paused = if standing.stopped { ", which waits for the person" } else { "" };
            let what = format!("answer to request {reference} ({}){paused}", request.kind.as_str());
            notes.duty(standing.due.0, ("request", "Art. 12(3)"), &place, what, command);
        }
        Ok(())
    }

    pub(super) fn audit_breaches(&self, at: Snapshot, notes: &mut Notes) -> Result<()> {
        let now = self.moment();
        for (path, breach) in self.each_breach(at)? {
            notes.audit.counts.breaches += 1;
            let Some(breach) = notes.readable(&path, breach) else { continue };
            let reference = breach.reference.as_str();
            let place = format!("registers/breaches/{reference}.toml");
            let command = format!("carnet breach notify {reference}");
            let left = in_words(breach.minutes_left(now));
            let state = breach.state(now);
            match state {
                State::Late => {
                    let message =
                        format!("the 72 hours ended {left} ago, and nothing was notified or decided against");
                    let found = Finding::error("breach-late", "Art. 33(1)", &place, message);
                    notes.audit.findings.push(found.mend(&command));
                }
                State::Running => {
                    let message = format!("the authority is to be notified within {left}");
                    let found = Finding::warning("breach-running", "Art. 33(1)", &place, message);
                    notes.audit.findings.push(found.mend(&command));
                }
                State::Filed | State::NotNotified => {
                    let message = "the breach is not closed";
                    let found = Finding::warning("breach-open", "Art. 33(5)", &place, message);
                    notes.audit.findings.push(found.mend(format!("carnet breach close {reference}")));
                }
                State::Closed => {}
            }
            if matches!(state, State::Late | State::Running) {
                let day = breach.deadline().with_timezone(&chrono::Utc).date_naive();
                notes.duty(
                    day,
                    ("breach", "Art. 33(1)"),
                    &place,
                    format!("notify the authority of breach {reference}"),
                    command,
                );
            }
        }
        Ok(())
    }
}
