//! The reference of a rights request: `2026-001-k7mq`.
//!
//! The year and the number are for people; the four letters and digits at the end are random, for two clones that open a
//! request at the same moment both take the next number. With them, these are two files, and a merge keeps both.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// What the random end is made of: no vowels, so that no word comes out, and nothing that is taken for another.
const ALPHABET: &[u8; 27] = b"23456789bcdfghjkmnpqrstvwxz";
const END: usize = 4;

/// A reference; never a name, for only digits and random characters fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

impl Reference {
    /// The reference of request `number` of a year, with its end made from random bytes.
    pub fn new(year: i32, number: u32, random: &[u8]) -> Reference {
        let end = random.iter().take(END).map(|b| {
            let at = usize::from(*b) % ALPHABET.len();
            char::from(ALPHABET.get(at).copied().unwrap_or(b'2'))
        });
        Reference(format!("{year:04}-{number:03}-{}", end.collect::<String>()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the request is in the main tree.
    pub fn path(&self) -> String {
        format!("{}/{}.toml", super::DIR, self.0)
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
        let rest = self.0.strip_prefix(&text);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-') && text.len() > 4)
    }
}

impl TryFrom<String> for Reference {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        let digits = |part: &str, from: usize, to: usize| {
            (from..=to).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        };
        let parts: Vec<&str> = text.split('-').collect();
        let fine = matches!(&parts[..], [year, number, end]
            if digits(year, 4, 4) && digits(number, 3, 9) && end.len() == END && end.bytes().all(|b| ALPHABET.contains(&b)));
        match fine {
            true => Ok(Reference(text)),
            false => Err(Error::usage("that is not the reference of a request")
                .hint("`carnet request list --all` lists them, such as 2026-001-k7mq")),
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
    fn a_reference_reads_back_and_holds_nothing_else() {
        let one = Reference::new(2026, 7, &[0, 255, 27, 3]);
        assert_eq!(one.as_str().parse::<Reference>().unwrap(), one);
        assert_eq!((one.year_and_number(), one.as_str().len()), ((2026, 7), 13));
        for bad in [
            "",
            "2026-001",
            "2026-001-jean",
            "2026-1-k7mq",
            "../a-001-k7mq",
            "2026-001-k7mqq",
            "2026-001-K7MQ",
        ] {
            assert!(bad.parse::<Reference>().is_err(), "{bad}");
        }
    }

    #[test]
    fn its_beginning_means_it_but_a_year_does_not() {
        let one: Reference = "2026-001-k7mq".parse().unwrap();
        for text in ["2026-001", "2026-001-k7mq", " 2026-001-K7MQ "] {
            assert!(one.is_meant_by(text), "{text}");
        }
        for text in ["2026", "2026-0", "2026-002", "", "2026-001-k7"] {
            assert!(!one.is_meant_by(text), "{text}");
        }
    }
}
