//! Registers kept as plain TOML records, one file an entry: what they share.
//!
//! A record type says where its files are and which keys it has ([`Field`]); from that come the check of what a
//! person wrote, the form in an editor and `--set KEY=VALUE`. Reading is lenient (a file of a newer or an older carnet
//! still reads); what is written through carnet is checked in full. None of these files ever holds a name, an address
//! or a number of a data subject.

pub mod field;
pub mod form;
pub mod set;
pub(super) mod unknown;

pub mod agreement;
pub mod controller;
pub mod country;
pub mod processor;
pub mod purpose;
mod purpose_parts;
pub mod starter;
pub mod training;
pub mod words;

use chrono::NaiveDate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::value::Datetime;

use super::{moment, register};
use crate::error::{Error, Kind, Result};
pub use field::{Field, Shape};

/// One entry of a register.
pub trait Record: Serialize + DeserializeOwned {
    /// Where its files are, such as `registers/processors`.
    const DIR: &'static str;
    /// What one is called in messages, subjects and schemas, such as `processor`.
    const NOUN: &'static str;
    /// The first line of the form: what the record is for, and by which article.
    const ABOUT: &'static str;
    /// Every key that carnet knows. `[custom]` is the firm's own and is in no list.
    const FIELDS: &'static [Field];

    /// Refuses what no type can: dates out of order or in the future, an interest that is not spelt out.
    ///
    /// # Errors
    /// At the key that is wrong (dotted), for [`accept`] to turn it into a line.
    fn check(&self, today: NaiveDate) -> Result<()>;

    /// Keys that the law asks for and the record does not say.
    fn missing(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// The day of the next review, where the record has one.
    fn review(&self) -> Option<&Datetime> {
        None
    }
}

/// The file of the entry `name`: lower-case letters, digits and single hyphens, 1 to 60.
pub fn path<R: Record>(name: &str) -> Result<String> {
    let fine = (1..=60).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--");
    if fine {
        return Ok(format!("{}/{name}.toml", R::DIR));
    }
    Err(Error::usage(format!("not a valid name for a {}", R::NOUN))
        .hint("use 1 to 60 lower-case letters, digits and hyphens"))
}

/// Reads a record and checks it in full, as it must be to be written.
///
/// # Errors
/// The place is the file and the line, the hint the nearest known key where one is unknown.
pub fn accept<R: Record>(path: &str, text: &str, today: NaiveDate) -> Result<R> {
    let usage = |e| Error { kind: Kind::Usage, ..e };
    // Syntax first, then keys: an unknown one is said better here than by the type.
    register::parse::<toml::Table>(path, text).map_err(usage)?;
    unknown::check(R::FIELDS, path, text)?;
    let record: R = register::parse(path, text).map_err(usage)?;
    record.check(today).map_err(|mut e| {
        if let Some(key) = e.place.take() {
            e.place = Some(match unknown::line_of(text, &key) {
                Some(line) => format!("{path}, line {line}, {key}"),
                None => format!("{path}, {key}"),
            });
        }
        e
    })?;
    Ok(record)
}

/// Top-level keys that differ between two texts, as a trailer may show them; a key that is not ours is `other`.
pub fn changed<R: Record>(old: &str, new: &str) -> Vec<String> {
    let parse = |text: &str| text.parse::<toml::Table>().unwrap_or_default();
    let (old, new) = (parse(old), parse(new));
    let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let known = |key: &str| key == "custom" || R::FIELDS.iter().any(|f| f.top() == key);
    let differ = keys.into_iter().filter(|key| old.get(*key) != new.get(*key));
    let mut names: Vec<String> =
        differ.map(|key| if known(key) { key.clone() } else { "other".to_owned() }).collect();
    names.dedup();
    names
}

/// Refuses a date of the past that lies ahead.
pub(super) fn not_ahead(key: &str, date: Option<&Datetime>, today: NaiveDate) -> Result<()> {
    match date.and_then(moment::day) {
        Some(day) if day > today => {
            Err(Error::usage("the date is in the future").at(key).hint("say when it happened"))
        }
        _ => Ok(()),
    }
}

/// Refuses an end before its beginning.
pub(super) fn in_order(key: &str, first: Option<&Datetime>, last: Option<&Datetime>) -> Result<()> {
    match (first.and_then(moment::day), last.and_then(moment::day)) {
        (Some(first), Some(last)) if last < first => Err(Error::usage("it ends before it begins").at(key)),
        _ => Ok(()),
    }
}

/// Refuses a text that says nothing.
pub(super) fn said(key: &str, text: &str) -> Result<()> {
    if blank(text) {
        return Err(Error::usage(format!("`{key}` says nothing")).at(key));
    }
    Ok(())
}

/// Whether a text says nothing.
pub(super) fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// `sha256:` and 64 hex digits: how a document is named by its content.
pub(super) fn digest(key: &str, text: &str) -> Result<()> {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    if text.is_empty() || hex.len() == 64 && hex.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')) {
        return Ok(());
    }
    Err(Error::usage("not the hash of a document")
        .at(key)
        .hint("`sha256sum FILE` gives the 64 digits; write them behind `sha256:`"))
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// The record that all examples of the fields make together.
    pub fn example<R: Record>() -> (String, R) {
        let mut text = String::new();
        let (tables, plain): (Vec<&Field>, Vec<&Field>) =
            R::FIELDS.iter().partition(|f| matches!(f.shape, Shape::Tables(_)));
        for field in plain {
            text.push_str(&format!("{} = {}\n", field.key, field.example));
        }
        for field in tables {
            text.push_str(&format!("[[{}]]\n{}\n", field.key, field.example));
        }
        let today = NaiveDate::from_ymd_opt(2026, 11, 25).unwrap();
        let record = accept::<R>("x.toml", &text, today).unwrap_or_else(|e| panic!("{e}\n{text}"));
        (text, record)
    }

    /// The list of fields and the type say the same keys: nothing of the examples is lost in the type.
    pub fn fields_are_those_of_the_type<R: Record>() {
        let (text, record) = example::<R>();
        let written: toml::Table = register::to_toml(&record).unwrap().parse().unwrap();
        assert_eq!(written, text.parse::<toml::Table>().unwrap(), "{text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use processor::Processor;

    #[test]
    fn names_cannot_leave_their_directory() {
        assert_eq!(path::<Processor>("mail-co").unwrap(), "registers/processors/mail-co.toml");
        assert!(path::<Processor>("2026-11-25-ana").is_ok());
        for bad in ["", "..", "a/b", "A", "-a", "a-", "a--b", "a.b", "é"] {
            assert!(path::<Processor>(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_hash_is_64_digits() {
        assert!(digest("k", "").is_ok() && digest("k", &format!("sha256:{}", "0a".repeat(32))).is_ok());
        for bad in ["sha256:", "0a", &"0a".repeat(32), &format!("sha256:{}", "0G".repeat(32))] {
            assert!(digest("k", bad).is_err(), "{bad}");
        }
    }
}
