//! The steps of a request, each refused where it cannot have happened.

use super::{
    Answer, Check, Closed, Closing, Doubt, Extension, ExtensionReason, Identity, Pause, PauseReason, Request,
    Told,
};
use crate::domain::ids::Slug;
use crate::domain::zone::Day;
use crate::error::{Error, Result};

/// Refuses a day that has not come yet on `today`; `what` is named in the message.
pub(super) fn not_future(what: &str, day: Day, today: Day) -> Result<()> {
    if day > today {
        return Err(Error::usage(format!("{what} is in the future: {day}, and today is {today}"))
            .hint("give the day on which it happened"));
    }
    Ok(())
}

impl Request {
    /// Refuses a receipt in the future.
    pub fn check_received(&self, today: Day) -> Result<()> {
        not_future("the day of receipt", self.received, today)?;
        if let Some(day) = self.acknowledged {
            self.after_receipt("the acknowledgement", day, today)?;
        }
        Ok(())
    }

    fn after_receipt(&self, what: &str, day: Day, today: Day) -> Result<()> {
        not_future(what, day, today)?;
        if day < self.received {
            return Err(Error::usage(format!("{what} on {day} is before the receipt on {}", self.received))
                .at(format!("request {}", self.reference))
                .hint(format!("`carnet request show {}` shows its days", self.reference)));
        }
        Ok(())
    }

    fn still_open(&self) -> Result<()> {
        let said = match (&self.closed, &self.answer) {
            (Some(closed), _) => format!("it was closed on {}", closed.on),
            (None, Some(answer)) => {
                format!("it was answered on {} ({})", answer.on, answer.decision.as_str())
            }
            (None, None) => return Ok(()),
        };
        Err(Error::refused(format!("the request is no longer open: {said}"))
            .at(format!("request {}", self.reference))
            .hint(format!(
                "`carnet request show {}` shows it; a new request gets an entry of its own",
                self.reference
            )))
    }

    /// Notes that the receipt was acknowledged.
    pub fn acknowledge(&mut self, day: Day, today: Day) -> Result<()> {
        self.still_open()?;
        self.after_receipt("the acknowledgement", day, today)?;
        if let Some(before) = self.acknowledged {
            return Err(Error::refused(format!("it was acknowledged on {before}"))
                .at(format!("request {}", self.reference)));
        }
        self.acknowledged = Some(day);
        Ok(())
    }

    /// Stops the clock on the day that the firm asked the person something.
    pub fn pause(&mut self, from: Day, reason: PauseReason, today: Day) -> Result<()> {
        self.still_open()?;
        self.after_receipt("the question", from, today)?;
        let place = || format!("request {}", self.reference);
        if let Some(last) = self.pauses.last() {
            match last.to {
                None => {
                    return Err(Error::refused(format!("the clock stands still since {}", last.from))
                        .at(place())
                        .hint(format!(
                            "`carnet request resume {}` when the person has replied",
                            self.reference
                        )));
                }
                Some(to) if from < to => {
                    return Err(Error::usage(format!("the last pause lasted until {to}")).at(place()));
                }
                Some(_) => {}
            }
        }
        let due = self.standing(from).due;
        if from > due {
            return Err(Error::refused(format!(
                "the answer was due on {due}: a clock that has run out cannot be stopped"
            ))
            .at(place())
            .hint(format!("answer it now: `carnet request answer {} --out DIR`", self.reference)));
        }
        self.pauses.push(Pause { from, to: None, reason });
        Ok(())
    }

    /// Notes the doubt for which the identity is asked for, with a pause of that reason.
    pub fn doubt(&mut self, doubt: Doubt, asked: Day) {
        self.identity = Some(Identity { doubt, asked, settled: None, outcome: None });
    }

    /// Starts the clock again on the day that the person replied.
    pub fn resume(&mut self, to: Day, today: Day) -> Result<PauseReason> {
        self.still_open()?;
        self.after_receipt("the reply", to, today)?;
        let reference = self.reference.to_string();
        let Some(last) = self.pauses.last_mut().filter(|pause| pause.to.is_none()) else {
            return Err(Error::refused("the clock is running: there is no question to the person")
                .at(format!("request {reference}"))
                .hint(format!("`carnet request pause {reference} --reason clarification` stops it")));
        };
        if to < last.from {
            return Err(Error::usage(format!("the reply on {to} is before the question on {}", last.from))
                .at(format!("request {reference}")));
        }
        last.to = Some(to);
        Ok(last.reason)
    }

    /// Notes what came of the check of the identity.
    pub fn settle_identity(&mut self, outcome: Check, day: Day) -> Result<()> {
        let Some(identity) = self.identity.as_mut() else {
            return Err(Error::refused("nobody's identity was asked for")
                .at(format!("request {}", self.reference))
                .hint("`carnet request pause REF --reason identity --doubt WHY` notes that it is"));
        };
        (identity.settled, identity.outcome) = (Some(day), Some(outcome));
        Ok(())
    }

    /// Adds the two further months, if they were notified in time (Art. 12(3)).
    pub fn extend(&mut self, notified: Day, reason: ExtensionReason, today: Day) -> Result<()> {
        self.still_open()?;
        self.after_receipt("the notification", notified, today)?;
        let place = format!("request {}", self.reference);
        if let Some(before) = &self.extension {
            return Err(Error::refused(format!(
                "it was extended on {}; there is no second time",
                before.notified
            ))
            .at(place));
        }
        let limit = self.first_deadline(notified);
        if notified > limit {
            return Err(Error::refused(format!(
                "an extension had to be notified by {limit}, within a month of the receipt (Art. 12(3) GDPR)"
            ))
            .at(place)
            .hint(format!("answer it now: `carnet request answer {} --out DIR`", self.reference)));
        }
        self.extension = Some(Extension { notified, reason });
        Ok(())
    }

    /// Whether an answer could be given on this day; the same checks as [`Request::give`], before any work is done.
    pub fn check_answer(&self, day: Day, today: Day) -> Result<()> {
        self.still_open()?;
        self.after_receipt("the answer", day, today)
    }

    /// Notes the answer; a pause that lasts ends with it.
    pub fn give(&mut self, answer: Answer, today: Day) -> Result<()> {
        self.check_answer(answer.on, today)?;
        if let Some(last) = self.pauses.last_mut().filter(|pause| pause.to.is_none()) {
            last.to = Some(answer.on.max(last.from));
        }
        self.answer = Some(answer);
        Ok(())
    }

    /// Notes a recipient who was told (Art. 19); each once.
    pub fn tell(&mut self, recipient: Slug, on: Day) {
        if !self.told.iter().any(|told| told.recipient == recipient) {
            self.told.push(Told { recipient, on });
        }
    }

    /// Closes it: after the answer, or without one where the person took it back or it was a mistake.
    pub fn close(&mut self, why: Closing, day: Day, today: Day) -> Result<()> {
        let place = format!("request {}", self.reference);
        if let Some(closed) = &self.closed {
            return Err(Error::refused(format!("it was closed on {}", closed.on)).at(place));
        }
        self.after_receipt("the closing", day, today)?;
        match (&self.answer, why) {
            (Some(answer), Closing::Answered) if day < answer.on => {
                return Err(Error::usage(format!(
                    "the closing on {day} is before the answer on {}",
                    answer.on
                ))
                .at(place));
            }
            (Some(_), Closing::Answered) => {}
            (Some(_), _) => {
                return Err(Error::refused("it was answered").at(place).hint("close it without --why"));
            }
            (None, Closing::Answered) => {
                return Err(Error::refused("it is not answered yet").at(place).hint(format!(
                    "`carnet request answer {0} --out DIR` answers it; `carnet request close {0} --why withdrawn` where the person took it back",
                    self.reference
                )));
            }
            (None, _) => {}
        }
        if let Some(last) = self.pauses.last_mut().filter(|pause| pause.to.is_none()) {
            last.to = Some(day.max(last.from));
        }
        self.closed = Some(Closed { on: day, why });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::request;
    use super::super::{Decision, Ground, State};
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn answer(on: &str) -> Answer {
        Answer {
            on: day(on),
            time: format!("{on}T10:00:00Z"),
            decision: Decision::Refused,
            ground: Some(Ground::Excessive),
            left_out: Vec::new(),
            sha256: "0".repeat(64),
            by: "ana".parse().unwrap(),
        }
    }

    #[test]
    fn nothing_happens_in_the_future_or_before_the_receipt() {
        let today = day("2026-01-10");
        for (on, said) in [("2026-01-11", "in the future"), ("2025-12-31", "before the receipt")] {
            let mut steps: Vec<(&str, Result<()>)> = vec![
                ("acknowledge", request().acknowledge(day(on), today)),
                ("pause", request().pause(day(on), PauseReason::Identity, today)),
                ("extend", request().extend(day(on), ExtensionReason::Number, today)),
                ("answer", request().give(answer(on), today)),
                ("close", request().close(Closing::Withdrawn, day(on), today)),
            ];
            let mut paused = request();
            paused.pause(day("2026-01-05"), PauseReason::Identity, today).unwrap();
            steps.push(("resume", paused.resume(day(on), today).map(drop)));
            for (step, result) in steps {
                assert!(result.unwrap_err().to_string().contains(said), "{step} on {on}");
            }
        }
        assert!(request().check_received(day("2025-12-31")).is_err());
        assert!(request().check_received(day("2026-01-01")).is_ok());
    }

    #[test]
    fn there_is_one_answer_and_nothing_after_it() {
        let today = day("2026-01-20");
        let mut one = request();
        one.give(answer("2026-01-10"), today).unwrap();
        assert_eq!(one.state(), State::Answered);
        let second = one.clone().give(answer("2026-01-11"), today).unwrap_err();
        assert!(second.to_string().contains("answered on 2026-01-10"), "{second}");
        assert!(one.pause(today, PauseReason::Identity, today).is_err());
        assert!(one.extend(today, ExtensionReason::Number, today).is_err());
        assert!(one.close(Closing::Withdrawn, today, today).is_err());
        assert!(one.close(Closing::Answered, day("2026-01-09"), today).is_err());
        one.close(Closing::Answered, today, today).unwrap();
        assert_eq!(one.state(), State::Closed);
        assert!(one.close(Closing::Answered, today, today).is_err());
    }

    #[test]
    fn an_open_request_is_not_closed_without_a_word() {
        let today = day("2026-01-20");
        let mut one = request();
        assert!(
            one.close(Closing::Answered, today, today).unwrap_err().hint.unwrap().contains("request answer")
        );
        one.pause(day("2026-01-19"), PauseReason::Clarification, today).unwrap();
        one.close(Closing::Withdrawn, today, today).unwrap();
        assert_eq!(one.pauses[0].to, Some(today), "a pause ends with the request");
    }

    #[test]
    fn pauses_follow_each_other_and_a_clock_that_ran_out_is_not_stopped() {
        let today = day("2026-03-01");
        let mut one = request();
        assert!(one.resume(today, today).is_err(), "nothing to resume");
        assert!(
            one.clone().pause(day("2026-02-02"), PauseReason::Identity, today).is_err(),
            "due on 1 February"
        );
        one.pause(day("2026-02-01"), PauseReason::Identity, today).unwrap();
        assert!(one.pause(day("2026-02-02"), PauseReason::Identity, today).is_err(), "two at once");
        assert!(one.resume(day("2026-01-31"), today).is_err(), "a reply before the question");
        assert_eq!(one.resume(day("2026-02-10"), today).unwrap(), PauseReason::Identity);
        assert!(one.pause(day("2026-02-09"), PauseReason::Identity, today).is_err(), "inside the last one");
        assert!(one.clone().settle_identity(Check::Confirmed, today).is_err(), "nobody was asked");
        one.doubt(Doubt::UnknownAddress, day("2026-02-01"));
        one.settle_identity(Check::Confirmed, today).unwrap();
    }
}
