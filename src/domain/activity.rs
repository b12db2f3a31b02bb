//! Interactions: when they were, how long, which way; and how long ago a person says they were.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::moment;

/// Minutes of `25m`, `1h`, `1h30`, `1h30m`, `1:30`, or a bare number of minutes; at most a week.
pub fn minutes(text: &str) -> Option<u32> {
    let text = text.trim().to_ascii_lowercase();
    let number = |text: &str| text.trim().parse::<u32>().ok();
    let text = text.trim_end_matches("min").trim_end_matches('m');
    let total = match text.split_once(['h', ':']) {
        Some((hours, "")) => number(hours)?.checked_mul(60)?,
        Some((hours, rest)) => {
            number(hours)?.checked_mul(60)?.checked_add(number(rest).filter(|m| *m < 60)?)?
        }
        None => number(text)?,
    };
    (1..=7 * 24 * 60).contains(&total).then_some(total)
}

/// `1 h 30 min`
pub fn minutes_text(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// `today`, `yesterday`, `3 days ago`, `in 2 weeks`; a date where that says more.
pub fn relative(day: NaiveDate, today: NaiveDate) -> String {
    let days = (day - today).num_days();
    let (count, unit) = match days.abs() {
        0 => return "today".into(),
        1 if days < 0 => return "yesterday".into(),
        1 => return "tomorrow".into(),
        n @ 2..14 => (n, "days"),
        n @ 14..60 => (n / 7, "weeks"),
        n @ 60..730 => (n * 12 / 365, "months"),
        _ => return day.format("%Y-%m-%d").to_string(),
    };
    // `1 months` cannot happen: 60 days are one month and some.
    let unit = if count == 1 { unit.trim_end_matches('s') } else { unit };
    if days < 0 { format!("{count} {unit} ago") } else { format!("in {count} {unit}") }
}

/// The same for a moment, to the minute where it is not long ago.
pub fn relative_moment(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - at).num_minutes();
    let (count, unit) = match minutes {
        0 if now >= at => return "just now".into(),
        n @ 1..60 => (n, "minute"),
        n @ 60..1440 => (n / 60, "hour"),
        _ => return relative(at.date_naive(), now.date_naive()),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

/// The day (UTC) of a moment as a contact has it.
pub fn day(at: &toml::value::Datetime) -> Option<NaiveDate> {
    DateTime::from_timestamp(moment::start(at)?, 0).map(|at| at.date_naive())
}

/// The next day that a birthday (`1980-02-03`, `--02-03`) comes round, and the age then where the year is known.
pub fn birthday(text: &str, now: DateTime<Utc>) -> Option<(NaiveDate, Option<i32>)> {
    let days = super::filter::until_birthday(text, now)?;
    let day = now.date_naive().checked_add_signed(chrono::TimeDelta::days(days))?;
    let born: Option<i32> = text.get(..4).and_then(|year| year.parse().ok()).filter(|year| *year > 0);
    Some((day, born.map(|born| day.year() - born).filter(|age| (0..150).contains(age))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, expected) in
            [("25m", 25), ("25", 25), ("25 min", 25), ("1h", 60), ("1h30", 90), ("1h30m", 90), ("1:05", 65)]
        {
            assert_eq!(minutes(text), Some(expected), "{text}");
        }
        for bad in ["", "m", "-5", "1h75", "0", "99999h", "4294967295h", "1.5h", "h"] {
            assert_eq!(minutes(bad), None, "{bad}");
        }
        assert_eq!(
            (minutes_text(25), minutes_text(60), minutes_text(95)),
            ("25 min".into(), "1 h".into(), "1 h 35 min".into())
        );
    }

    #[test]
    fn days_are_said_as_people_say_them() {
        let today: NaiveDate = "2026-11-23".parse().unwrap();
        for (day, said) in [
            ("2026-11-23", "today"),
            ("2026-11-22", "yesterday"),
            ("2026-11-24", "tomorrow"),
            ("2026-11-20", "3 days ago"),
            ("2026-12-08", "in 2 weeks"),
            ("2026-09-01", "2 months ago"),
            ("2026-09-24", "1 month ago"),
            ("2020-01-01", "2020-01-01"),
        ] {
            assert_eq!(relative(day.parse().unwrap(), today), said, "{day}");
        }
    }

    #[test]
    fn moments_are_said_to_the_minute_until_a_day_is_over() {
        let now: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().unwrap();
        for (at, said) in [
            ("2026-11-23T09:59:30Z", "just now"),
            ("2026-11-23T09:58:59Z", "1 minute ago"),
            ("2026-11-23T09:00:01Z", "59 minutes ago"),
            ("2026-11-23T08:00:00Z", "2 hours ago"),
            ("2026-11-22T10:00:01Z", "23 hours ago"),
            ("2026-11-22T10:00:00Z", "yesterday"),
            ("2026-11-23T10:00:01Z", "today"),
            ("2026-11-24T00:00:00Z", "tomorrow"),
        ] {
            assert_eq!(relative_moment(at.parse().unwrap(), now), said, "{at}");
        }
    }

    #[test]
    fn a_birthday_comes_round() {
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        let next = |text| birthday(text, now).map(|(day, age)| (day.to_string(), age));
        assert_eq!(next("1980-11-23"), Some(("2026-11-23".into(), Some(46))));
        assert_eq!(next("--01-05"), Some(("2027-01-05".into(), None)));
        assert_eq!(next("1996-02-29"), Some(("2027-03-01".into(), Some(31))));
        assert_eq!(next("--0105"), Some(("2027-01-05".into(), None)));
        assert_eq!((next("1980"), next("--13-01"), next("")), (None, None, None));
    }
}
