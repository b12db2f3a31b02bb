//! The firm's calendar: which day a moment is in its time zone, and when that day is over.
//!
//! Deadlines of the GDPR are days, and a day is the firm's own: a letter that comes in at 23:30 UTC on 31 January has come
//! in on 1 February in Paris. Days are counted, never hours, so that a change of the clocks makes none longer or shorter.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Duration, Months, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A calendar day, written `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(pub NaiveDate);

impl Day {
    /// The same day `months` later, or the last day of that month where it is shorter: one month after 31 January is
    /// 28 or 29 February (Regulation (EEC, Euratom) No 1182/71, Art. 3(2)(c)).
    pub fn months_later(self, months: u32) -> Day {
        Day(self.0.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX))
    }

    /// This many days later, or earlier where negative.
    pub fn days_later(self, days: i64) -> Day {
        let moved = Duration::try_days(days).and_then(|d| self.0.checked_add_signed(d));
        Day(moved.unwrap_or(if days < 0 { NaiveDate::MIN } else { NaiveDate::MAX }))
    }

    /// How many days from `earlier` to this day.
    pub fn days_since(self, earlier: Day) -> i64 {
        self.0.signed_duration_since(earlier.0).num_days()
    }

    /// Midnight UTC of this day in seconds since 1970: what the pages' filters take for a day.
    pub fn seconds(self) -> i64 {
        self.0.and_time(NaiveTime::MIN).and_utc().timestamp()
    }
}

impl FromStr for Day {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d")
            .map(Day)
            .map_err(|_| Error::usage("that is not a day").hint("write it as YYYY-MM-DD, such as 2026-01-31"))
    }
}

impl TryFrom<String> for Day {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        day.to_string()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

/// A time zone of the IANA database, such as `Europe/Paris`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Tz);

impl Default for Zone {
    fn default() -> Self {
        Zone(Tz::Europe__Paris)
    }
}

impl Zone {
    /// Its name in the IANA database.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The day that a moment is on there.
    pub fn day_of(self, at: DateTime<Utc>) -> Day {
        Day(at.with_timezone(&self.0).date_naive())
    }

    /// The wall clock's time of a moment there, as if it were UTC, in seconds since 1970: what the pages' filters take.
    pub fn wall_seconds(self, at: DateTime<Utc>) -> i64 {
        at.with_timezone(&self.0).naive_local().and_utc().timestamp()
    }

    /// The first moment after a day: the next midnight, or what comes first where the clocks leave it out.
    pub fn end_of(self, day: Day) -> DateTime<Utc> {
        let midnight = day.days_later(1).0.and_time(NaiveTime::MIN);
        // Cairo and Beirut put the clocks forward at midnight; Samoa left out all of 30 December 2011.
        (0..=24 * 4)
            .filter_map(|quarters| midnight.checked_add_signed(Duration::minutes(15 * quarters)))
            .find_map(|local| self.0.from_local_datetime(&local).earliest())
            .map_or(DateTime::<Utc>::MAX_UTC, |at| at.with_timezone(&Utc))
    }
}

impl FromStr for Zone {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        text.parse::<Tz>().map(Zone).map_err(|_| {
            Error::usage("there is no such time zone")
                .hint("name one of the IANA database, such as Europe/Paris")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }
    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    #[test]
    fn months_end_where_the_calendar_says() {
        for (from, months, to) in [
            ("2026-01-31", 1, "2026-02-28"),
            ("2028-01-31", 1, "2028-02-29"),
            ("2028-01-30", 1, "2028-02-29"),
            ("2027-02-28", 1, "2027-03-28"),
            ("2028-02-29", 12, "2029-02-28"),
            ("2026-03-31", 1, "2026-04-30"),
            ("2026-12-31", 1, "2027-01-31"),
            ("2026-11-30", 3, "2027-02-28"),
            ("2100-01-30", 1, "2100-02-28"),
        ] {
            assert_eq!(day(from).months_later(months), day(to), "{from} + {months}");
        }
    }

    #[test]
    fn a_moment_is_on_the_firms_own_day() {
        let paris = Zone::default();
        assert_eq!(paris.day_of(utc("2026-01-31T22:59:59Z")), day("2026-01-31"));
        assert_eq!(paris.day_of(utc("2026-01-31T23:30:00Z")), day("2026-02-01"));
        assert_eq!(paris.day_of(utc("2026-07-31T22:00:00Z")), day("2026-08-01"), "summer time");
        let guadeloupe: Zone = "America/Guadeloupe".parse().unwrap();
        assert_eq!(guadeloupe.day_of(utc("2026-02-01T03:59:00Z")), day("2026-01-31"));
        assert!("Europe/Lutetia".parse::<Zone>().is_err());
    }

    #[test]
    fn a_day_ends_at_midnight_there_whatever_the_clocks_do() {
        let paris = Zone::default();
        // 29 March 2026 has 23 hours in Paris, 25 October 25.
        for (on, start, end) in [
            ("2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
            ("2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
        ] {
            assert_eq!(paris.end_of(day(on).days_later(-1)), utc(start), "{on}");
            assert_eq!(paris.end_of(day(on)), utc(end), "{on}");
        }
        let cairo: Zone = "Africa/Cairo".parse().unwrap();
        assert_eq!(cairo.end_of(day("2024-04-25")), utc("2024-04-25T22:00:00Z"), "no midnight that night");
        let apia: Zone = "Pacific/Apia".parse().unwrap();
        assert_eq!(apia.end_of(day("2011-12-29")), utc("2011-12-30T10:00:00Z"), "no 30 December at all");
        assert!(paris.end_of(Day(NaiveDate::MAX)) > utc("9999-12-31T00:00:00Z"), "the last day there is");
    }

    proptest::proptest! {
        #[test]
        fn a_moment_is_before_the_end_of_its_day_and_not_before_that_of_the_day_before(seconds in 0_i64..4_000_000_000) {
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            for name in ["Europe/Paris", "America/Guadeloupe", "Africa/Cairo", "Pacific/Apia", "UTC"] {
                let zone: Zone = name.parse().unwrap();
                let on = zone.day_of(at);
                proptest::prop_assert!(at < zone.end_of(on) && at >= zone.end_of(on.days_later(-1)), "{}", name);
            }
        }
    }
}
