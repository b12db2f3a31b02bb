//! The reference of a rights request or a breach: `2026-001-4f7c`.
//!
//! The year and the number are for people. Two clones that open one at the same moment both take the next number; with
//! the random end these are two files, and a merge keeps both.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::objection::is_hex;
use crate::error::Error;

/// A reference; never a name, for only digits and hex digits fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

impl Reference {
    /// The reference of entry `number` of a year; `random` are hex digits, of which four are taken.
    pub fn new(year: i32, number: u32, random: &str) -> Result<Reference, Error> {
        let end: String = random.chars().take(4).collect();
        format!("{year:04}-{number:03}-{end}").try_into()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the entry is in the main tree, of a register in `dir`.
    pub fn path_in(&self, dir: &str) -> String {
        format!("{dir}/{}.toml", self.0)
    }

    /// The number after the highest that these have in a year.
    pub fn next_number<'a>(known: impl IntoIterator<Item = &'a Reference>, year: i32) -> u32 {
        let numbers = known.into_iter().map(Reference::year_and_number).filter(|(y, _)| *y == year);
        numbers.map(|(_, n)| n).max().unwrap_or(0).saturating_add(1)
    }

    /// The year and the number.
    pub fn year_and_number(&self) -> (i32, u32) {
        let mut parts = self.0.split('-');
        let year = parts.next().and_then(|p| p.parse().ok()).unwrap_or_default();
        (year, parts.next().and_then(|p| p.parse().ok()).unwrap_or_default())
    }

    /// Whether what somebody typed means it: all of it, or its beginning at a hyphen, such as `2026-001`.
    pub fn is_meant_by(&self, text: &str) -> bool {
        let text = text.trim().to_ascii_lowercase();
        self.0
            .strip_prefix(&text)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-') && text.len() > 4)
    }
}

impl TryFrom<String> for Reference {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        let parts: Vec<&str> = text.split('-').collect();
        let digits = |part: &str, least: usize| {
            part.len() >= least && part.len() <= 6 && part.bytes().all(|b| b.is_ascii_digit())
        };
        match parts[..] {
            [year, number, end] if digits(year, 4) && digits(number, 3) && is_hex(end, 4) => {
                Ok(Reference(text))
            }
            _ => Err(Error::usage("that is no reference")
                .hint("write it as 2026-001-4f7c, or its beginning 2026-001")),
        }
    }
}

impl FromStr for Reference {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        text.to_owned().try_into()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> String {
        reference.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_digits_and_cannot_leave_its_directory() {
        let one = Reference::new(2026, 7, "4f7c19aa").unwrap();
        assert_eq!((one.as_str(), one.year_and_number()), ("2026-007-4f7c", (2026, 7)));
        assert!(one.is_meant_by("2026-007") && one.is_meant_by(" 2026-007-4F7C "));
        assert!(!one.is_meant_by("2026") && !one.is_meant_by("2026-00"));
        for bad in ["", "2026-001", "2026-001-zzzz", "../../x-y-z", "jean-001-ab12", "2026-001-ab12-x"] {
            assert!(bad.parse::<Reference>().is_err(), "{bad}");
        }
    }
}
