//! How long a purpose may keep what (Art. 5(1)(e)): the rules that a purpose's record declares in `[[retain]]`.
//!
//! Types and their checks. [`judge`] says what they come to for one contact, [`defaults`] what every small firm has.

pub mod defaults;
pub mod judge;
pub mod rewrite;
pub mod view;
pub mod warning;

use serde::{Deserialize, Serialize};

use super::contact::ContactKind;
use super::ids::Slug;
use super::lawful::LegalBasis;
use crate::error::{Error, Result};

/// No period that anybody could mean is longer: a hundred years.
pub const MOST_MONTHS: u32 = 1200;

/// One `[[retain]]` of a purpose. A purpose is over for a contact as soon as one of the rules that apply to it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which persons or data it is about, as the register shows it.
    pub category: String,
    /// Only contacts with one of these tags; every contact of the purpose when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Only persons, or only organisations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ContactKind>,
    /// The event that the period runs from.
    pub after: After,
    /// Its length in calendar months.
    pub months: u32,
    #[serde(default)]
    pub then: Fate,
    /// Where it goes when it is archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<Archive>,
}

/// The event that a period runs from. What came after the basis had ended is no event of the purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum After {
    /// The collection for this purpose: `since` of its basis, else `created`.
    Collected,
    /// The collection, or the last contact that came *from the person*: `direction = "in"`, a click, a consent given.
    /// A message that was opened is none.
    LastContact,
    /// The collection, or the last interaction that the person took part in: the same, and meetings and calls.
    LastActivity,
    /// `until` of the purpose's contract basis, or of its bases where none is a contract. Open: it lasts.
    RelationshipEnd,
    /// The consent was withdrawn, refused or has expired. While one is in force, it lasts.
    ConsentEnd,
}

impl After {
    pub fn as_str(self) -> &'static str {
        match self {
            After::Collected => "collected",
            After::LastContact => "last-contact",
            After::LastActivity => "last-activity",
            After::RelationshipEnd => "relationship-end",
            After::ConsentEnd => "consent-end",
        }
    }
}

/// What becomes of a contact when no purpose needs it any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    #[default]
    Erase,
    /// What the law wants kept goes into a restricted book, and is erased when that period is over too.
    Archive,
}

/// The intermediate archive (CNIL: «archivage intermédiaire»).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    /// The restricted book.
    pub book: Slug,
    /// Calendar months from the same event as the rule's own.
    pub months: u32,
    /// The provision that wants it kept; it goes into the contact, the register and the notice.
    pub ground: String,
    /// The basis of the archived contact.
    #[serde(default = "legal_obligation")]
    pub basis: LegalBasis,
    /// Fields that are kept besides those that identify the person; everything else is erased.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

fn legal_obligation() -> LegalBasis {
    LegalBasis::LegalObligation
}

impl Rule {
    /// Refuses what cannot be meant. `place` names the record and the rule.
    pub fn check(&self, place: &str) -> Result<()> {
        let wrong = |what: &str, hint: &str| Err(Error::usage(what).at(place).hint(hint));
        if self.category.trim().is_empty() {
            return wrong("a retention rule needs a category", "category = \"prospects\"");
        }
        let archive_months = self.archive.as_ref().map_or(0, |archive| archive.months);
        if self.months.max(archive_months) > MOST_MONTHS {
            return wrong(
                "a retention period of more than a hundred years",
                "months are calendar months: months = 36",
            );
        }
        match (self.then, &self.archive) {
            (Fate::Archive, None) => wrong(
                "a rule that archives needs to say where and why",
                "archive = { book = \"archive\", months = 120, ground = \"…\" }",
            ),
            (Fate::Erase, Some(_)) => {
                wrong("a rule that erases has an archive", "then = \"archive\", or remove `archive`")
            }
            (Fate::Archive, Some(archive)) if archive.ground.trim().is_empty() => wrong(
                "an archive needs its ground: the provision that wants it kept",
                "ground = \"Art. L123-22 Code de commerce\"",
            ),
            (Fate::Archive, Some(archive)) if archive.months < self.months => wrong(
                "an archive that ends before the rule's own period",
                "both count from the same event: the archive's `months` must be the larger",
            ),
            _ => Ok(()),
        }
    }
}

/// The part of a purpose's record that retention needs; the rest is the register's.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Declared {
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub retain: Vec<Rule>,
}

/// Reads and checks the rules of one purpose's record.
pub fn declared(path: &str, text: &str) -> Result<Declared> {
    let declared: Declared = super::register::parse(path, text)?;
    for (n, rule) in declared.retain.iter().enumerate() {
        rule.check(&format!("{path}, retain {}", n + 1))?;
    }
    Ok(declared)
}

/// What `[retention]` in `carnet.toml` says about warning; the rest of that table is the trails'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Notice {
    /// Days before the end of a period from which a warning may be given.
    pub warn_days: u32,
    /// Days between the warning and the erasure.
    pub grace_days: u32,
}

impl Default for Notice {
    fn default() -> Self {
        Notice { warn_days: 30, grace_days: 30 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Declared> {
        declared("registers/purposes/x.toml", text)
    }

    #[test]
    fn a_rule_reads_with_its_archive() {
        let text = "title = \"X\"\n[[retain]]\ncategory = \"invoices\"\ntags = [\"invoiced\"]\nafter = \"relationship-end\"\n\
                    months = 36\nthen = \"archive\"\narchive = { book = \"archive\", months = 120, ground = \"L123-22\" }\n";
        let rule = &read(text).unwrap().retain[0];
        assert_eq!((rule.after, rule.then), (After::RelationshipEnd, Fate::Archive));
        assert_eq!(rule.archive.as_ref().unwrap().basis, LegalBasis::LegalObligation);
        assert!(read("title = \"X\"\n").unwrap().retain.is_empty());
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_place() {
        let rule =
            |more: &str| format!("[[retain]]\ncategory = \"a\"\nafter = \"collected\"\nmonths = 12\n{more}");
        assert!(read(&rule("")).is_ok());
        let archive = "archive = { book = \"b\", months = 12, ground = \"g\" }\n";
        for bad in [
            rule("").replace("\"a\"", "\" \""),
            rule("").replace("12", "1201"),
            rule("").replace("collected", "some-day"),
            rule("yeras = 3\n"),
            rule("then = \"archive\"\n"),
            rule(archive),
            rule(&format!("then = \"archive\"\n{}", archive.replace("\"g\"", "\"\""))),
            rule(&format!("then = \"archive\"\n{}", archive.replace("12", "11"))),
        ] {
            let error = read(&bad).unwrap_err();
            assert!(
                error.place.as_deref().unwrap().starts_with("registers/purposes/x.toml"),
                "{bad}: {error}"
            );
        }
    }
}
