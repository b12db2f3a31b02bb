//! Moments as they are typed: a day (`2026-04-01`) or RFC 3339 (`2026-04-01T09:30:00+02:00`).

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::error::{Error, Result};

/// What was typed: a moment, or a whole day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Moment(DateTime<Utc>),
    Day(NaiveDate),
}

/// Reads what was typed.
pub fn parse(text: &str) -> Result<When> {
    let text = text.trim();
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(When::Moment(moment.with_timezone(&Utc)));
    }
    match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(day) => Ok(When::Day(day)),
        Err(_) => Err(Error::usage("that is neither a day nor a moment")
            .hint("write 2026-04-01, or 2026-04-01T09:30:00+02:00 with its time zone")),
    }
}

/// A moment at which something has happened; a day alone is its beginning, in UTC. Refuses the future.
pub fn past(text: Option<&str>, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let Some(text) = text else { return Ok(None) };
    let moment = match parse(text).map_err(|e| e.at("--at"))? {
        When::Moment(moment) => moment,
        When::Day(day) => day.and_time(NaiveTime::MIN).and_utc(),
    };
    if moment > now {
        return Err(Error::usage("that lies in the future")
            .at("--at")
            .hint("what has not happened yet is not recorded; give a day or moment of the past"));
    }
    Ok(Some(moment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_a_moment_and_the_future() {
        let now = DateTime::parse_from_rfc3339("2026-11-23T10:00:00Z").unwrap().with_timezone(&Utc);
        let seconds = |text: &str| past(Some(text), now).map(|m| m.unwrap().timestamp());
        assert_eq!(seconds("2026-11-23T11:00:00+01:00").unwrap(), now.timestamp());
        assert_eq!(seconds("2026-11-23").unwrap(), now.timestamp() - 36_000);
        for bad in ["2026-11-24", "2026-11-23T10:00:01Z", "2026-02-29", "tomorrow", "", "2026-11-23T10:00"] {
            assert!(past(Some(bad), now).is_err(), "{bad}");
        }
        assert_eq!(past(None, now).unwrap(), None);
    }
}
