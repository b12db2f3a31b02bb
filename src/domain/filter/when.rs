//! Times in filters: dates as people shorten them, and spans of calendar time.

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::domain::moment;

/// A span of time: `36h`, `90d`, `2w`, `3m` (calendar months), `1y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    count: u32,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

/// A thousand years in any unit: what lies farther away is a typing error, and dates would run out.
const MOST: u32 = 12_000;

impl Span {
    /// Reads a count and a unit, with or without a space between them.
    pub fn parse(text: &str) -> Option<Span> {
        let text = text.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let count: u32 = text.get(..digits)?.parse().ok()?;
        let unit = match text.get(digits..)?.trim().to_ascii_lowercase().as_str() {
            "h" | "hour" | "hours" => Unit::Hours,
            "d" | "day" | "days" | "j" => Unit::Days,
            "w" | "week" | "weeks" => Unit::Weeks,
            "m" | "mo" | "month" | "months" => Unit::Months,
            "y" | "year" | "years" => Unit::Years,
            _ => return None,
        };
        (count <= MOST).then_some(Span { count, unit })
    }

    /// How it is written.
    pub fn text(self) -> String {
        let unit = match self.unit {
            Unit::Hours => 'h',
            Unit::Days => 'd',
            Unit::Weeks => 'w',
            Unit::Months => 'm',
            Unit::Years => 'y',
        };
        format!("{}{unit}", self.count)
    }

    /// The moment that much before `now`; the 31st becomes the last day of a shorter month.
    pub fn before(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.unit {
            Unit::Hours => now.checked_sub_signed(TimeDelta::hours(self.count.into())),
            Unit::Days => now.checked_sub_days(Days::new(self.count.into())),
            Unit::Weeks => now.checked_sub_days(Days::new(u64::from(self.count) * 7)),
            Unit::Months => now.checked_sub_months(Months::new(self.count)),
            Unit::Years => now.checked_sub_months(Months::new(self.count * 12)),
        }
    }

    /// The moment that much after `now`.
    pub fn after(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.unit {
            Unit::Hours => now.checked_add_signed(TimeDelta::hours(self.count.into())),
            Unit::Days => now.checked_add_days(Days::new(self.count.into())),
            Unit::Weeks => now.checked_add_days(Days::new(u64::from(self.count) * 7)),
            Unit::Months => now.checked_add_months(Months::new(self.count)),
            Unit::Years => now.checked_add_months(Months::new(self.count * 12)),
        }
    }
}

/// The seconds that a date or a moment covers: `2026`, `2026-03`, `2026-03-31`, RFC 3339.
pub(in crate::domain) fn interval(text: &str) -> Option<(i64, i64)> {
    let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc().timestamp();
    let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    let months = match parts.as_slice() {
        [year] if digits(year, 4) => 12,
        [year, month] if digits(year, 4) && digits(month, 2) => 1,
        _ => 0,
    };
    if months > 0 {
        let month = parts.get(1).map_or(Some(1), |m| m.parse().ok())?;
        let first = NaiveDate::from_ymd_opt(parts.first()?.parse().ok()?, month, 1)?;
        return Some((midnight(first), midnight(first.checked_add_months(Months::new(months))?)));
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some((midnight(date), midnight(date.checked_add_days(Days::new(1))?)));
    }
    let start = moment::start_of_text(text)?;
    Some((start, start + 1))
}

/// `yesterday`, `today`, `tomorrow`, in days from today.
pub fn day_word(text: &str) -> Option<i64> {
    match text.to_ascii_lowercase().as_str() {
        "yesterday" | "hier" => Some(-1),
        "today" | "aujourd'hui" | "aujourd’hui" => Some(0),
        "tomorrow" | "demain" => Some(1),
        _ => None,
    }
}

/// A day as it is written out: `2026-12-01`, or as people in Europe write it, the day first: `1/12/2026`, `01.12.2026`.
pub fn written_day(text: &str) -> Option<NaiveDate> {
    let full = |format| NaiveDate::parse_from_str(text, format).ok();
    // A year of two digits may be any.
    let ends_in_a_year = text.len() >= 8 && text.bytes().rev().take(4).all(|b| b.is_ascii_digit());
    full("%Y-%m-%d")
        .or_else(|| ends_in_a_year.then(|| full("%d/%m/%Y").or_else(|| full("%d.%m.%Y"))).flatten())
}

/// The day (UTC) that a person means: `today`, `demain`, `2026-12-01`, `1/12/2026`, or a span from now such as `3d`.
pub fn day_of(text: &str, now: DateTime<Utc>) -> Option<NaiveDate> {
    let text = text.trim();
    if let Some(days) = day_word(text) {
        return now.date_naive().checked_add_signed(TimeDelta::days(days));
    }
    if let Some(span) = Span::parse(text.trim_start_matches('+')) {
        return span.after(now).map(|at| at.date_naive());
    }
    written_day(text)
}

/// Days from `now`'s day to the next time that a birthday (`1980-02-03`, `--02-03`) comes round. 29 February
/// counts as 1 March in other years.
pub(in crate::domain) fn until_birthday(text: &str, now: DateTime<Utc>) -> Option<i64> {
    let (month, day) = month_and_day(text)?;
    let today = now.date_naive();
    let year = chrono::Datelike::year(&today);
    let in_year = |year: i32| {
        NaiveDate::from_ymd_opt(year, month, day)
            .or_else(|| (month == 2 && day == 29).then(|| NaiveDate::from_ymd_opt(year, 3, 1)).flatten())
    };
    let this = in_year(year)?;
    let next = if this >= today { this } else { in_year(year + 1)? };
    Some((next - today).num_days())
}

/// Month and day of `1980-02-03` or `--02-03` (RFC 6350, section 4.3.1; `--0203` too).
pub(super) fn month_and_day(text: &str) -> Option<(u32, u32)> {
    let rest = match text.strip_prefix("--") {
        Some(rest) => rest.to_owned(),
        None => text.get(5..10).filter(|_| text.as_bytes().get(4) == Some(&b'-'))?.to_owned(),
    };
    let digits: String = rest.chars().filter(|c| *c != '-').collect();
    let (month, day) = (digits.get(..2)?.parse().ok()?, digits.get(2..4)?.parse().ok()?);
    NaiveDate::from_ymd_opt(2024, month, day).map(|_| (month, day))
}
