//! Calendar feeds (iCalendar, RFC 5545): days, nothing finer, for calendars that people look at on a phone.

use std::fmt::Write;

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarParameter, ICalendarParameterName,
    ICalendarParameterValue, ICalendarProperty, ICalendarValue, ICalendarValueType,
};
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};

use crate::error::{Error, Result};

/// One all-day event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The same whenever the feed is written, so that a calendar updates the event instead of doubling it.
    pub uid: String,
    pub day: NaiveDate,
    pub summary: String,
    /// Every year again, as birthdays are.
    pub yearly: bool,
}

/// The feed; `now` is when it is written.
pub fn write(events: &[Event], now: DateTime<Utc>) -> Result<String> {
    let mut calendar = ICalendarComponent::new(ICalendarComponentType::VCalendar);
    calendar.add_property(ICalendarProperty::Version, ICalendarValue::Text("2.0".into()));
    calendar.add_property(ICalendarProperty::Prodid, ICalendarValue::Text("-//carnet//agenda//EN".into()));
    let stamp = moment(now);
    let mut components = Vec::with_capacity(events.len() + 1);
    for (n, event) in events.iter().enumerate() {
        calendar.component_ids.push(u32::try_from(n + 1).map_err(|_| Error::failed("too many events"))?);
        let mut one = ICalendarComponent::new(ICalendarComponentType::VEvent);
        one.add_uid(&event.uid);
        one.add_dtstamp(stamp.clone());
        let date = ICalendarParameterValue::Value(ICalendarValueType::Date);
        let date = ICalendarParameter::new(ICalendarParameterName::Value, date);
        one.add_property_with_params(ICalendarProperty::Dtstart, [date], day(event.day));
        one.add_property(ICalendarProperty::Summary, ICalendarValue::Text(one_line(&event.summary)));
        // The day is not taken by it.
        one.add_property(ICalendarProperty::Transp, ICalendarValue::Text("TRANSPARENT".into()));
        if event.yearly {
            one.add_property(ICalendarProperty::Rrule, ICalendarValue::Text("FREQ=YEARLY".into()));
        }
        components.push(one);
    }
    components.insert(0, calendar);
    let mut out = String::new();
    write!(out, "{}", ICalendar { components })
        .map_err(|e| Error::failed("the calendar could not be written").cause(e))?;
    Ok(out)
}

/// A title is one line, and control characters are none of its business.
fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn day(date: NaiveDate) -> PartialDateTime {
    PartialDateTime {
        year: u16::try_from(date.year()).ok(),
        month: u8::try_from(date.month()).ok(),
        day: u8::try_from(date.day()).ok(),
        ..PartialDateTime::default()
    }
}

fn moment(at: DateTime<Utc>) -> PartialDateTime {
    let part = |n: u32| u8::try_from(n).ok();
    PartialDateTime {
        hour: part(at.hour()),
        minute: part(at.minute()),
        second: part(at.second()),
        tz_hour: Some(0),
        tz_minute: Some(0),
        ..day(at.date_naive())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_feed_reads_back_and_no_text_breaks_out_of_its_line() {
        let evil = "call; back, é\r\nEND:VEVENT\r\nx\\n".to_owned() + &"long ".repeat(40);
        let event = |uid: &str, summary: &str, yearly| Event {
            uid: uid.into(),
            day: "2026-11-25".parse().unwrap(),
            summary: summary.into(),
            yearly,
        };
        let events = [event("todo-1@carnet", &evil, false), event("birthday-2@carnet", "Éloïse", true)];
        let text = write(&events, "2026-11-23T10:00:00Z".parse().unwrap()).unwrap();
        assert!(text.lines().all(|line| line.len() <= 75), "{text}");
        assert_eq!(text.matches("\nEND:VEVENT").count(), 2, "{text}");
        for line in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "DTSTAMP:20261123T100000Z",
            "DTSTART;VALUE=DATE:20261125",
            "RRULE:FREQ=YEARLY",
            "UID:todo-1@carnet",
            "TRANSP:TRANSPARENT",
        ] {
            assert!(text.contains(&format!("{line}\r\n")), "{line} in {text}");
        }
        let back = ICalendar::parse(&text).unwrap();
        assert_eq!(back.components.len(), 3);
        let summary = back.components[1].property(&ICalendarProperty::Summary).unwrap();
        assert_eq!(summary.values[0].as_text(), Some(one_line(&evil).as_str()));
    }
}
