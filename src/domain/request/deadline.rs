//! When a rights request has to be answered (Art. 12(3) GDPR): pure arithmetic on days.
//!
//! The rule, in days of the firm's calendar:
//! - one calendar month from the day of receipt; the day itself does not count (Regulation 1182/71, Art. 3);
//! - two further months where that was said in time: three months from the receipt, not two from the first deadline;
//! - while the firm waits for what only the person can give (who they are, Art. 12(6); what they mean, recital 63), the
//!   clock stands still (EDPB Guidelines 01/2022, points 157 to 159): the deadline moves by as many days.
//!
//! Art. 3(4) of Regulation 1182/71 carries a period that ends on a Saturday, Sunday or holiday to the next working day.
//! That is left as a reserve: whoever answers by the day shown here is in time everywhere.

use super::{Pause, Request};
use crate::domain::zone::Day;

/// Months for an answer.
pub const MONTHS: u32 = 1;
/// Months more where the extension was notified in time.
pub const FURTHER: u32 = 2;

/// How a request stands towards its deadline on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The last day for the answer; while the clock stands still, what it would be if the person answered today.
    pub due: Day,
    /// Days left, 0 on the last day, negative when late.
    pub left: i64,
    /// Whether the firm waits for the person.
    pub stopped: bool,
}

impl Standing {
    pub fn is_late(&self) -> bool {
        self.left < 0
    }
}

/// Days that pauses took, up to `today` for one that lasts; a day in two pauses, as a merge may make them, counts once.
fn paused(pauses: &[Pause], today: Day) -> i64 {
    let mut spans: Vec<(Day, Day)> =
        pauses.iter().map(|pause| (pause.from, pause.to.unwrap_or(today).max(pause.from))).collect();
    spans.sort();
    let mut days = 0;
    let mut until: Option<Day> = None;
    for (from, to) in spans {
        let from = until.map_or(from, |until| until.max(from));
        days += to.days_since(from).max(0);
        until = Some(until.map_or(to, |until| until.max(to)));
    }
    days
}

impl Request {
    /// The last day of the first month, with what pauses added: until then an extension may be notified.
    pub fn first_deadline(&self, today: Day) -> Day {
        self.received.months_later(MONTHS).days_later(paused(&self.pauses, today))
    }

    /// The deadline as it is on `today`.
    pub fn standing(&self, today: Day) -> Standing {
        let months = if self.extension.is_some() { MONTHS + FURTHER } else { MONTHS };
        let due = self.received.months_later(months).days_later(paused(&self.pauses, today));
        let stopped = self.pauses.last().is_some_and(|pause| pause.to.is_none());
        Standing { due, left: due.days_since(today), stopped }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::request;
    use super::super::{ExtensionReason, PauseReason};
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn received(text: &str) -> Request {
        Request { received: day(text), ..request() }
    }

    #[test]
    fn one_calendar_month_with_its_ends() {
        for (from, due) in [
            ("2026-01-31", "2026-02-28"),
            ("2028-01-31", "2028-02-29"),
            ("2028-02-29", "2028-03-29"),
            ("2026-02-28", "2026-03-28"),
            ("2026-05-31", "2026-06-30"),
            ("2026-12-15", "2027-01-15"),
            // Over both changes of the clocks.
            ("2026-03-01", "2026-04-01"),
            ("2026-10-01", "2026-11-01"),
        ] {
            assert_eq!(received(from).standing(day(from)).due, day(due), "{from}");
        }
    }

    #[test]
    fn the_last_day_is_not_late_and_the_next_is() {
        let request = received("2026-01-31");
        let last = request.standing(day("2026-02-28"));
        assert_eq!((last.left, last.is_late()), (0, false));
        let next = request.standing(day("2026-03-01"));
        assert_eq!((next.left, next.is_late()), (-1, true));
        assert_eq!(received("2026-10-01").standing(day("2026-10-20")).left, 12, "days, not hours");
    }

    #[test]
    fn an_extension_is_three_months_from_the_receipt() {
        let mut request = received("2026-11-30");
        request.extend(day("2026-12-30"), ExtensionReason::Complexity, day("2026-12-30")).unwrap();
        assert_eq!(request.standing(day("2026-12-30")).due, day("2027-02-28"));
        let mut request = received("2026-01-31");
        request.extend(day("2026-02-28"), ExtensionReason::Number, day("2026-02-28")).unwrap();
        assert_eq!(request.standing(day("2026-02-28")).due, day("2026-04-30"), "not 28 April");
    }

    #[test]
    fn a_pause_stops_the_clock() {
        let mut request = received("2028-01-31");
        request.pause(day("2028-02-10"), PauseReason::Clarification, day("2028-02-10")).unwrap();
        // 19 days were left to 29 February, and stay left however long the person takes.
        for today in ["2028-02-10", "2028-02-29", "2028-05-01"] {
            let standing = request.standing(day(today));
            assert_eq!((standing.left, standing.stopped, standing.is_late()), (19, true, false), "{today}");
        }
        request.resume(day("2028-02-20"), day("2028-02-20")).unwrap();
        let standing = request.standing(day("2028-02-20"));
        assert_eq!((standing.due, standing.left, standing.stopped), (day("2028-03-10"), 19, false));
        assert_eq!(request.first_deadline(day("2028-06-01")), day("2028-03-10"));
        // A second one adds up; one that is answered on the same day adds nothing.
        request.pause(day("2028-03-01"), PauseReason::Identity, day("2028-03-01")).unwrap();
        request.resume(day("2028-03-01"), day("2028-03-05")).unwrap();
        assert_eq!(request.standing(day("2028-03-05")).due, day("2028-03-10"));
    }

    #[test]
    fn an_extension_may_be_notified_until_the_first_deadline_with_its_pauses() {
        let mut request = received("2026-01-31");
        request.pause(day("2026-02-20"), PauseReason::Identity, day("2026-02-20")).unwrap();
        request.resume(day("2026-02-25"), day("2026-02-25")).unwrap();
        let today = day("2026-03-10");
        let late = request.clone().extend(day("2026-03-06"), ExtensionReason::Complexity, today).unwrap_err();
        assert!(late.to_string().contains("2026-03-05"), "{late}");
        request.extend(day("2026-03-05"), ExtensionReason::Complexity, today).unwrap();
        assert_eq!(request.standing(today).due, day("2026-05-05"), "30 April and five days");
    }

    #[test]
    fn two_pauses_that_overlap_count_once() {
        let pause = |from: &str, to: &str| Pause {
            from: day(from),
            to: Some(day(to)),
            reason: PauseReason::Identity,
        };
        let mut request = received("2026-01-01");
        request.pauses = vec![
            pause("2026-01-05", "2026-01-12"),
            pause("2026-01-05", "2026-01-10"),
            pause("2026-01-20", "2026-01-21"),
        ];
        assert_eq!(request.standing(day("2026-01-25")).due, day("2026-02-09"), "seven days and one");
    }

    proptest::proptest! {
        #[test]
        fn a_pause_moves_the_deadline_by_its_days_and_never_back(start in 0_i64..40_000, begin in 0_i64..28, length in 0_i64..400) {
            let received_on = day("1990-01-01").days_later(start);
            let mut request = Request { received: received_on, ..request() };
            let plain = request.standing(received_on).due;
            proptest::prop_assert!((28..=31).contains(&plain.days_since(received_on)));
            let from = received_on.days_later(begin);
            let to = from.days_later(length);
            request.pause(from, PauseReason::Clarification, from).unwrap();
            let waiting = request.standing(to);
            request.resume(to, to).unwrap();
            let after = request.standing(to);
            proptest::prop_assert_eq!(after.due, plain.days_later(length));
            proptest::prop_assert_eq!((after.left, after.due), (waiting.left, waiting.due));
        }
    }
}
