//! The 72 hours of Art. 33(1): exact hours from the moment of awareness, whatever the clocks on the wall do.

use chrono::Duration;

use super::{Breach, Moment};

/// Hours until the notification is due.
pub const HOURS: i64 = 72;

/// Where a breach stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nothing was filed, and nobody has decided against it: the clock runs.
    Running,
    /// The clock has run out.
    Late,
    /// The initial notification was filed.
    Filed,
    /// It was decided not to notify (Art. 33(1): no risk is likely).
    NotNotified,
    Closed,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Late => "late",
            State::Filed => "filed",
            State::NotNotified => "not to be notified",
            State::Closed => "closed",
        }
    }
}

impl Breach {
    /// The last moment in time.
    pub fn deadline(&self) -> Moment {
        self.aware.checked_add_signed(Duration::hours(HOURS)).unwrap_or(self.aware)
    }

    /// Minutes left until the deadline; negative when it has passed.
    pub fn minutes_left(&self, now: Moment) -> i64 {
        let left = self.deadline().signed_duration_since(now);
        // The minute that has begun counts as gone, before the deadline and after it.
        left.num_seconds().div_euclid(60)
    }

    pub fn state(&self, now: Moment) -> State {
        match (self.closed, self.filings.is_empty(), self.notify) {
            (Some(_), ..) => State::Closed,
            (None, false, _) => State::Filed,
            (None, true, Some(false)) => State::NotNotified,
            (None, true, _) if now > self.deadline() => State::Late,
            _ => State::Running,
        }
    }

    /// Whether the first notification came after the deadline: Art. 33(1) then wants the reasons for the delay.
    pub fn was_filed_late(&self) -> bool {
        self.filings.first().is_some_and(|first| first.at > self.deadline())
    }
}

/// Minutes as people say them: `31 h 5 min`.
pub fn in_words(minutes: i64) -> String {
    let minutes = minutes.unsigned_abs();
    format!("{} h {} min", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, fresh};
    use super::*;

    #[test]
    fn seventy_two_hours_are_hours_whatever_the_wall_clock_does() {
        // Paris goes to summer time on 29 March 2026 and back on 25 October.
        for (aware, deadline) in [
            ("2026-03-28T18:00:00+01:00", "2026-03-31T19:00:00+02:00"),
            ("2026-10-24T18:00:00+02:00", "2026-10-27T17:00:00+01:00"),
            ("2026-12-30T23:59:59+01:00", "2027-01-02T23:59:59+01:00"),
            ("2028-02-27T12:00:00Z", "2028-03-01T12:00:00Z"),
        ] {
            assert_eq!(fresh(aware).deadline(), at(deadline), "{aware}");
        }
    }

    #[test]
    fn the_clock_says_what_is_left_and_since_when_it_is_late() {
        let mut breach = fresh("2026-03-28T18:00:00+01:00");
        let state = |b: &Breach, now: &str| (b.state(at(now)), b.minutes_left(at(now)));
        assert_eq!(state(&breach, "2026-03-28T18:00:00+01:00"), (State::Running, 72 * 60));
        assert_eq!(state(&breach, "2026-03-31T19:00:00+02:00"), (State::Running, 0));
        assert_eq!(state(&breach, "2026-03-31T19:00:01+02:00"), (State::Late, -1));
        assert_eq!(state(&breach, "2026-04-01T19:00:00+02:00"), (State::Late, -24 * 60));
        breach.notify = Some(false);
        assert_eq!(breach.state(at("2026-04-01T19:00:00+02:00")), State::NotNotified);
        breach.file("A-1", at("2026-04-01T10:00:00Z"), at("2026-04-02T10:00:00Z")).unwrap();
        assert!(breach.was_filed_late());
        breach.file("A-0", at("2026-03-30T10:00:00Z"), at("2026-04-02T10:00:00Z")).unwrap();
        assert!(!breach.was_filed_late() && breach.state(at("2026-04-03T10:00:00Z")) == State::Filed);
        assert_eq!(in_words(-125), "2 h 5 min");
    }
}
