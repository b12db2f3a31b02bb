//! Moments as TOML has them, in seconds since 1970 UTC: what is sorted, compared and shown.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

const DAY: i64 = 86_400;

/// When it begins: a date alone is its midnight, a time without offset counts as UTC.
pub fn start(at: &toml::value::Datetime) -> Option<i64> {
    parse(&at.to_string()).map(|(seconds, _)| seconds)
}

/// The first second after it: a date alone lasts its whole day.
pub fn end(at: &toml::value::Datetime) -> Option<i64> {
    end_of_text(&at.to_string())
}

/// The same for a moment written as text (RFC 3339, or a date).
pub fn start_of_text(text: &str) -> Option<i64> {
    parse(text).map(|(seconds, _)| seconds)
}

/// The first second after a moment written as text.
pub fn end_of_text(text: &str) -> Option<i64> {
    parse(text).map(|(seconds, whole_day)| if whole_day { seconds + DAY } else { seconds })
}

/// The day that is written, whatever its offset.
pub fn day(at: &toml::value::Datetime) -> Option<NaiveDate> {
    let date = at.date?;
    NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day))
}

/// Seconds, and whether it is a date without a time.
fn parse(text: &str) -> Option<(i64, bool)> {
    if let Ok(at) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some((at.timestamp(), false));
    }
    let local = |format| NaiveDateTime::parse_from_str(text, format).ok();
    if let Some(at) = local("%Y-%m-%dT%H:%M:%S%.f").or_else(|| local("%Y-%m-%d %H:%M:%S%.f")) {
        return Some((at.and_utc().timestamp(), false));
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some((date.and_time(NaiveTime::MIN).and_utc().timestamp(), true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_lasts_its_day_and_an_offset_counts() {
        let at = |text: &str| text.parse::<toml::value::Datetime>().unwrap();
        assert_eq!(start(&at("1970-01-02")), Some(DAY));
        assert_eq!(end(&at("1970-01-02")), Some(2 * DAY));
        assert_eq!(end(&at("1970-01-01T02:00:00+02:00")), Some(0));
        assert_eq!(start(&at("1970-01-01 00:00:07")), Some(7));
        assert_eq!(start(&at("10:00:00")), None);
    }
}
