//! Values of vCard properties, read by calcard and written with the escapes of RFC 6350, section 3.4.

use calcard::vcard::VCardValue;
use calcard::{Entry, Parser};
use chrono::NaiveDate;

/// The values that calcard finds in `raw` when it stands behind `name`.
pub(super) fn values(name: &str, raw: &str) -> Vec<VCardValue> {
    let card = format!("BEGIN:VCARD\nVERSION:4.0\n{name}:{raw}\nEND:VCARD\n");
    match Parser::new(&card).entry() {
        Entry::VCard(mut card) if card.entries.len() > 1 => card.entries.swap_remove(1).values,
        _ => Vec::new(),
    }
}

/// The texts of a value with components or list elements; a component's own list is joined with `joint`.
pub(super) fn texts(name: &str, raw: &str, joint: &str) -> Vec<String> {
    let text = |value| match value {
        VCardValue::Text(text) => text,
        VCardValue::Component(list) => list.join(joint),
        _ => String::new(),
    };
    values(name, raw).into_iter().map(text).collect()
}

/// A single text; empty when the value is something else, such as binary data.
pub(super) fn text(raw: &str) -> String {
    texts("NOTE", raw, "").into_iter().next().unwrap_or_default()
}

/// A date as a contact keeps it: `YYYY-MM-DD`, or `--MM-DD` without a year. `None` for anything vaguer.
pub(super) fn date(raw: &str) -> Option<String> {
    let values = values("BDAY", &basic_date(raw));
    let [VCardValue::PartialDateTime(date)] = values.as_slice() else { return None };
    let (month, day) = (date.month?.into(), date.day?.into());
    match date.year {
        Some(year) => {
            NaiveDate::from_ymd_opt(year.into(), month, day).map(|d| d.format("%Y-%m-%d").to_string())
        }
        None => NaiveDate::from_ymd_opt(2000, month, day).map(|d| d.format("--%m-%d").to_string()),
    }
}

/// A date or time of vCard 2.1 or 3.0 in the basic format that 4.0 asks for (RFC 6350, section 4.3):
/// `1980-03-22T10:00:00Z` is `19800322T100000Z`. Anything else comes back as it is.
pub(super) fn basic_date(raw: &str) -> String {
    let (date, time) = match raw.find(['T', 't']) {
        Some(at) => raw.split_at(at),
        None => (raw, ""),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = date.split('-').collect();
    let date = match parts[..] {
        [y, m, d] if y.len() == 4 && m.len() == 2 && d.len() == 2 && digits(y) && digits(m) && digits(d) => {
            [y, m, d].concat()
        }
        ["", "", m, d] if m.len() == 2 && d.len() == 2 && digits(m) && digits(d) => format!("--{m}{d}"),
        _ => return raw.to_owned(),
    };
    format!("{date}{}", time.replace(':', ""))
}

/// Escapes a text for a value or a component of one: backslash, comma, semicolon, line break.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' | ',' | ';' => out.extend(['\\', c]),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\n' => out.push_str("\\n"),
            // RFC 6350 knows no other control characters in text.
            c if c.is_control() && c != '\t' => {}
            c => out.push(c),
        }
    }
    out
}

/// Doubles the backslashes that escape nothing, such as those of `C:\Windows`, which readers would drop.
pub(super) fn tidy(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if c != '\\' {
            continue;
        }
        match chars.peek() {
            Some('n' | 'N') => out.extend(chars.next()),
            Some(next) if !next.is_alphanumeric() && !next.is_whitespace() => out.extend(chars.next()),
            _ => out.push('\\'),
        }
    }
    out
}

/// Whether two raw values of the same property say the same.
pub(super) fn same(name: &str, one: &str, other: &str) -> bool {
    one == other || {
        let (one, other) = (values(name, one), values(name, other));
        !one.is_empty() && one == other
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_of_every_version_meet() {
        for (raw, expected) in [
            ("1980-03-22", Some("1980-03-22")),
            ("19800322", Some("1980-03-22")),
            ("1980-03-22T00:00:00Z", Some("1980-03-22")),
            ("--03-22", Some("--03-22")),
            ("--0322", Some("--03-22")),
            ("--0229", Some("--02-29")),
            ("1980-02-31", None),
            ("1980-03", None),
            ("circa 1800", None),
            ("", None),
        ] {
            assert_eq!(date(raw).as_deref(), expected, "{raw}");
        }
        assert_eq!(basic_date("2012-03-05T13:32:54Z"), "20120305T133254Z");
        assert_eq!(basic_date("T10:00"), "T10:00");
    }

    #[test]
    fn stray_backslashes_stay() {
        assert_eq!(text(&tidy(r"C:\Windows\temp\")), r"C:\Windows\temp\");
        assert_eq!(text(&tidy(r"a\, b\; c\: \\ \nd \x")), "a, b; c: \\ \nd \\x");
        assert_eq!(text(&tidy(r#"\"AS IS\""#)), "\"AS IS\"");
    }

    #[test]
    fn components_and_lists_are_told_apart() {
        assert_eq!(
            texts("N", r"Doe;John;Richter,James;Mr\;x;", " "),
            ["Doe", "John", "Richter James", "Mr;x", ""]
        );
        assert_eq!(texts("CATEGORIES", r"a, b\,c", ""), ["a", "b,c"]);
        assert!(same("NOTE", r"http\://x", "http://x") && !same("NOTE", "a", "b"));
    }

    proptest! {
        #[test]
        fn escaped_text_reads_back(given in "[^\\p{Cc}]{0,30}", note in "([^\\p{Cc}]|\n){0,30}") {
            prop_assert_eq!(text(&escape(&note)), note);
            let n = texts("N", &format!(";{};;;", escape(&given)), " ");
            prop_assert_eq!(&n[1], &given);
        }

        #[test]
        fn any_value_is_read_without_panic(raw in "\\PC{0,40}", name in "[A-Z]{1,12}|N|ADR|BDAY|CATEGORIES|PHOTO|GEO|REV|TZ|GENDER") {
            values(&name, &raw);
            date(&raw);
        }
    }
}
