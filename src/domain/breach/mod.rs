//! The register of personal data breaches (Art. 33(5) GDPR): one plain file a breach, and what may happen to it.
//!
//! `registers/breaches/<ref>.toml` holds codes, moments, numbers and references; every free text, which may name
//! persons, is in a sealed record ([`Texts`]; docs/format.md, "Breaches").

pub mod clock;
pub mod codes;
pub mod gaps;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use super::ids::{RecordId, Slug};
use crate::error::{Error, Result};

pub use super::reference::Reference;
pub use codes::{Cause, Data, Encryption, Ground, Kind, Origin, Persons, Risk};

/// Where the register is in the main tree.
pub const DIR: &str = "registers/breaches";

/// A moment with the offset that it was written with.
pub type Moment = DateTime<FixedOffset>;

/// `registers/breaches/<ref>.toml`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Breach {
    #[serde(rename = "ref")]
    pub reference: Reference,
    /// When it was entered here.
    pub opened: Moment,
    /// When the firm became aware of it: the 72 hours run from then (Art. 33(1)).
    pub aware: Moment,
    /// When it began, and when it ended; open while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// Categories of persons and of data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<Persons>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<Data>,
    /// Approximate numbers of persons and of records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons_number: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records_number: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// Whether the authority is to be notified. None while it is not decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<bool>,
    /// The day that the persons were informed (Art. 34), or the ground for not informing them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub informed: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_informed: Option<Ground>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Moment>,
    /// Keys that this version does not know stay as they are.
    #[serde(flatten)]
    pub rest: toml::Table,
    /// The sealed record with the texts.
    pub texts: Companion,
    /// What was filed with the authority, in its order.
    #[serde(default, rename = "filing", skip_serializing_if = "Vec::is_empty")]
    pub filings: Vec<Filing>,
    /// What `breach scope` computed.
    #[serde(default, rename = "scope", skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<Figures>,
}

/// Where the sealed record is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Companion {
    pub book: Slug,
    pub id: RecordId,
}

/// One notification to the authority: the first is the initial one, others complete it (Art. 33(4)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    /// The authority's reference.
    #[serde(rename = "ref")]
    pub reference: String,
    pub at: Moment,
}

/// Figures of a computed scope. No contact is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// `member HANDLE`, `clone ID` or `book BOOK`.
    pub of: String,
    /// RFC 3339, UTC.
    pub since: String,
    pub until: String,
    /// When it was computed, and on which commit.
    pub computed: String,
    pub commit: String,
    pub books: Vec<Slug>,
    /// Contacts that could be read, and of them: persons, those read through carnet, those changed, those erased since.
    pub contacts: usize,
    pub persons: usize,
    pub read: usize,
    pub changed: usize,
    pub erased_since: usize,
    /// Contacts whose content could not be looked at, so that their fields are not known.
    pub unknown: usize,
    pub fields: Vec<String>,
}

/// The free texts of a breach: the body of the sealed record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Texts {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub facts: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cause: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub consequences: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub measures: String,
    /// What the persons can do themselves (for the letter).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub advice: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why_risk: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why_not_notified: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why_late: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why_not_informed: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub lessons: String,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub rest: toml::Table,
}

impl Breach {
    /// A breach of which nothing is known but that the firm has just become aware of it.
    pub fn new(reference: Reference, texts: Companion, now: Moment) -> Breach {
        Breach {
            reference,
            opened: now,
            aware: now,
            from: None,
            to: None,
            origin: None,
            cause: None,
            kinds: Vec::new(),
            persons: Vec::new(),
            data: Vec::new(),
            persons_number: None,
            records_number: None,
            encryption: None,
            risk: None,
            notify: None,
            informed: None,
            not_informed: None,
            closed: None,
            rest: toml::Table::new(),
            texts,
            filings: Vec::new(),
            scopes: Vec::new(),
        }
    }

    /// Refuses moments that cannot be. `now` is when the change is made.
    pub fn check(&self, now: Moment) -> Result<()> {
        let wrong = |what: &str, flag: &str| Err(Error::usage(what).at(flag));
        if self.aware > now {
            return wrong("the firm cannot have become aware of it in the future", "--aware");
        }
        if self.from.is_some_and(|from| from > self.aware) {
            return wrong("it cannot have begun after the firm became aware of it", "--from");
        }
        if self.to.is_some_and(|to| to > now) {
            return wrong("it cannot have ended in the future", "--to");
        }
        if matches!((self.from, self.to), (Some(from), Some(to)) if to < from) {
            return wrong("it cannot have ended before it began", "--to");
        }
        if self.informed.is_some_and(|on| on > now.date_naive()) {
            return wrong("the persons cannot have been informed in the future", "--informed");
        }
        if self.informed.is_some_and(|on| on < self.aware.date_naive()) {
            return wrong("the persons cannot have been informed before the firm was aware", "--informed");
        }
        if self.informed.is_some() && self.not_informed.is_some() {
            return wrong(
                "the persons were informed, or there is a ground for not: not both",
                "--not-informed",
            );
        }
        Ok(())
    }

    /// Adds a filing, in order of time; refused where it cannot be.
    pub fn file(&mut self, reference: &str, at: Moment, now: Moment) -> Result<()> {
        let fine = (1..=40).contains(&reference.len())
            && reference.chars().all(|c| c.is_ascii_alphanumeric() || "-._/".contains(c))
            && reference.chars().any(|c| c.is_ascii_digit());
        if !fine {
            return Err(Error::usage(
                "a filing's reference has letters, digits and hyphens, with at least one digit",
            )
            .at("--filed"));
        }
        if at > now {
            return Err(Error::usage("nothing can have been filed in the future").at("--at"));
        }
        if at < self.aware {
            return Err(Error::usage("nothing can have been filed before the firm was aware").at("--at"));
        }
        if self.filings.iter().any(|f| f.reference == reference && f.at == at) {
            return Err(Error::refused("this filing is in the register already").at("--filed"));
        }
        self.notify = Some(true);
        self.filings.push(Filing { reference: reference.to_owned(), at });
        self.filings.sort_by_key(|filing| filing.at);
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::register;

    pub fn at(text: &str) -> Moment {
        DateTime::parse_from_rfc3339(text).unwrap()
    }

    /// A breach that was just opened.
    pub fn fresh(aware: &str) -> Breach {
        let texts = Companion { book: "main".parse().unwrap(), id: RecordId::random() };
        Breach::new("2026-001-ab12".parse().unwrap(), texts, at(aware))
    }

    #[test]
    fn a_breach_reads_back_with_what_this_version_does_not_know() {
        let mut breach = fresh("2026-03-28T18:00:00+01:00");
        breach.kinds = vec![Kind::Confidentiality];
        breach.rest.insert("insurer".into(), "told".into());
        breach.file("FR-2026-7", at("2026-03-29T10:00:00+02:00"), at("2026-03-30T10:00:00+02:00")).unwrap();
        let text = register::to_toml(&breach).unwrap();
        assert!(text.contains("aware = \"2026-03-28T18:00:00+01:00\""), "{text}");
        assert_eq!(register::parse::<Breach>("x", &text).unwrap(), breach);
    }

    #[test]
    fn what_cannot_have_been_is_refused() {
        let now = at("2026-03-30T10:00:00+02:00");
        let breach = fresh("2026-03-28T18:00:00+01:00");
        breach.check(now).unwrap();
        let refused = |change: &dyn Fn(&mut Breach), flag: &str| {
            let mut breach = breach.clone();
            change(&mut breach);
            assert_eq!(breach.check(now).unwrap_err().place.as_deref(), Some(flag));
        };
        refused(&|b| b.aware = at("2026-03-31T00:00:00Z"), "--aware");
        refused(&|b| b.from = Some(at("2026-03-28T18:00:01+01:00")), "--from");
        refused(&|b| b.to = Some(at("2026-03-31T00:00:00Z")), "--to");
        refused(
            &|b| (b.from, b.to) = (Some(at("2026-03-02T00:00:00Z")), Some(at("2026-03-01T00:00:00Z"))),
            "--to",
        );
        refused(&|b| b.informed = Some("2026-03-27".parse().unwrap()), "--informed");
        let mut filed = breach;
        for (reference, when) in [
            ("Dupont", "2026-03-29T10:00:00Z"),
            ("A-1", "2026-03-28T10:00:00Z"),
            ("A-1", "2026-04-01T10:00:00Z"),
        ] {
            assert!(filed.file(reference, at(when), now).is_err(), "{reference} {when}");
        }
    }
}
