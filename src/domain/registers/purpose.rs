//! `registers/purposes/<slug>.toml`: one processing activity (Art. 30(1)).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use toml::value::Datetime;

pub use super::purpose_parts::{CRITERIA, Categories, Dpia, Measures, Transfer, fields_of_category};
use super::words::Words;
use super::{Field, Record, Shape, blank, in_order, not_ahead, said};
use crate::domain::ids::Slug;
use crate::domain::lawful::LegalBasis;
use crate::domain::organisation::Lang;
use crate::domain::retention::Rule;
use crate::error::{Error, Result};

/// One record. Files of earlier versions have fewer keys and read all the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Purpose {
    pub title: String,
    /// What the data is used for.
    pub purpose: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_purposes: Vec<String>,
    pub bases: Vec<LegalBasis>,
    /// The interest, where a basis is Art. 6(1)(f).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub legitimate_interest: String,
    /// The exception of Art. 9(2), where there is sensitive data.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub special_ground: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub joint_controller: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub software: Vec<String>,
    /// When the processing began, and when it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Datetime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Datetime>,
    /// Categories of data subjects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<String>,
    /// Categories of data in words of one's own; see also [`Categories`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<String>,
    /// Fields of a contact that are used for it, besides those that its categories have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Where the data comes from (Art. 14(2)(f)).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    /// Whether the person has to give the data, and what happens if not (Art. 13(2)(e)).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub required: String,
    /// Automated decisions, their logic and consequences (Art. 13(2)(f)), where there are any.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub automated: String,
    /// Recipients in the firm.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
    /// Recipients outside, other than processors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub external: Vec<String>,
    /// Entries of the register of processors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub processors: Vec<Slug>,
    /// Transfers in words of one's own; see also [`Transfer`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub transfers: String,
    /// Retention in words of one's own; `retain` has the rules that are applied.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub retention: String,
    /// Security measures in words of one's own; see also [`Measures`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security: Vec<String>,
    /// When it was last reviewed, and when the next review is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Datetime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Datetime>,
    #[serde(default, skip_serializing_if = "Categories::is_empty")]
    pub categories: Categories,
    #[serde(default, skip_serializing_if = "Measures::is_empty")]
    pub measures: Measures,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpia: Option<Dpia>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transfer: Vec<Transfer>,
    /// How long what is kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retain: Vec<Rule>,
    /// The same texts in the other language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<Words>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fr: Option<Words>,
}

impl Purpose {
    /// A record that says no more than this.
    pub fn new(title: String, purpose: String, bases: Vec<LegalBasis>) -> Purpose {
        Purpose {
            title,
            purpose,
            bases,
            sub_purposes: Vec::new(),
            legitimate_interest: String::new(),
            special_ground: String::new(),
            joint_controller: String::new(),
            software: Vec::new(),
            since: None,
            until: None,
            persons: Vec::new(),
            data: Vec::new(),
            fields: Vec::new(),
            source: Vec::new(),
            required: String::new(),
            automated: String::new(),
            recipients: Vec::new(),
            external: Vec::new(),
            processors: Vec::new(),
            transfers: String::new(),
            retention: String::new(),
            security: Vec::new(),
            reviewed: None,
            review: None,
            categories: Categories::default(),
            measures: Measures::default(),
            dpia: None,
            transfer: Vec::new(),
            retain: Vec::new(),
            en: None,
            fr: None,
        }
    }

    /// The record's texts in `lang`, when the firm writes in `firm`: its own, or those of the table `[lang]`.
    pub fn words(&self, lang: Lang, firm: Lang) -> Words {
        if lang == firm {
            return Words::of(self);
        }
        let table = match lang {
            Lang::En => &self.en,
            Lang::Fr => &self.fr,
        };
        table.clone().unwrap_or_default()
    }
}

impl Record for Purpose {
    const DIR: &'static str = "registers/purposes";
    const NOUN: &'static str = "purpose";
    const ABOUT: &'static str =
        "A processing activity (Art. 30(1) GDPR). No name of a data subject belongs here.";
    const FIELDS: &'static [Field] = super::words::PURPOSE;

    fn check(&self, today: NaiveDate) -> Result<()> {
        said("title", &self.title)?;
        said("purpose", &self.purpose)?;
        if self.bases.is_empty() {
            return Err(Error::usage("a purpose needs a legal basis (Art. 6(1) GDPR)")
                .at("bases")
                .hint("bases = [\"contract\"]; `carnet purpose add --help` lists the six"));
        }
        if self.bases.contains(&LegalBasis::LegitimateInterests) && blank(&self.legitimate_interest) {
            return Err(Error::usage("the legitimate interest must be spelt out (Art. 13(1)(d) GDPR)")
                .at("legitimate_interest")
                .hint("legitimate_interest = \"making our offers known to …\""));
        }
        if !blank(&self.categories.sensitive) && blank(&self.special_ground) {
            return Err(Error::usage("sensitive data needs an exception of Art. 9(2) GDPR")
                .at("special_ground")
                .hint("special_ground = \"explicit consent, Art. 9(2)(a)\""));
        }
        if let Some(criteria) = self.dpia.as_ref().map(|d| &d.criteria)
            && criteria.iter().any(|c| !CRITERIA.contains(&c.as_str()))
        {
            return Err(Error::usage("not a criterion of an impact assessment (WP 248)")
                .at("dpia.criteria")
                .hint(format!("known: {}", CRITERIA.join(", "))));
        }
        self.retain.iter().try_for_each(|rule| rule.check("retain"))?;
        not_ahead("reviewed", self.reviewed.as_ref(), today)?;
        not_ahead("dpia.date", self.dpia.as_ref().and_then(|d| d.date.as_ref()), today)?;
        in_order("until", self.since.as_ref(), self.until.as_ref())?;
        in_order("review", self.reviewed.as_ref(), self.review.as_ref())
    }

    fn missing(&self) -> Vec<&'static str> {
        let interest =
            self.bases.contains(&LegalBasis::LegitimateInterests) && blank(&self.legitimate_interest);
        let checks = [
            ("purpose", blank(&self.purpose)),
            ("bases", self.bases.is_empty()),
            ("legitimate_interest", interest),
            ("special_ground", !blank(&self.categories.sensitive) && blank(&self.special_ground)),
            ("persons", self.persons.is_empty()),
            ("data", self.data.is_empty() && self.categories.is_empty()),
            (
                "recipients",
                self.recipients.is_empty() && self.external.is_empty() && self.processors.is_empty(),
            ),
            ("retention", blank(&self.retention) && self.retain.is_empty()),
            ("security", self.security.is_empty() && self.measures.is_empty()),
        ];
        checks.into_iter().filter(|(_, lacks)| *lacks).map(|(key, _)| key).collect()
    }

    fn review(&self) -> Option<&Datetime> {
        self.review.as_ref()
    }
}

/// The keys of a `[[transfer]]`.
pub const TRANSFER: Shape = Shape::Tables(&["to", "country", "safeguard"]);
/// The keys of a `[[retain]]` (docs/format.md).
pub const RETAIN: Shape = Shape::Tables(&["category", "tags", "kind", "after", "months", "then", "archive"]);

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    const OLD: &str = "title = \"T\"\npurpose = \"P\"\nbases = [\"contract\"]\nlegitimate_interest = \"\"\npersons = []\n\
        data = [\"identity\"]\nrecipients = []\ntransfers = \"none\"\nretention = \"3 years\"\nsecurity = []\n";

    fn accept(text: &str) -> Result<Purpose> {
        super::super::accept(
            "registers/purposes/t.toml",
            text,
            NaiveDate::from_ymd_opt(2026, 11, 25).unwrap(),
        )
    }

    #[test]
    fn the_fields_are_those_of_the_type() {
        testing::fields_are_those_of_the_type::<Purpose>();
    }

    #[test]
    fn a_record_of_an_earlier_version_reads_and_lacks_what_it_lacks() {
        assert_eq!(accept(OLD).unwrap().missing(), ["persons", "recipients", "security"]);
    }

    #[test]
    fn bad_records_are_refused_with_their_line() {
        for (more, line, what) in [
            ("bases = []", 3, "legal basis"),
            ("bases = [\"legitimate-interests\"]", 4, "spelt out"),
            ("bases = [\"consentement\"]", 3, "cannot be read"),
        ] {
            let e = accept(&OLD.replace("bases = [\"contract\"]", more)).unwrap_err();
            assert!(e.message.contains(what), "{e}");
            assert!(e.place.as_deref().unwrap().contains(&format!("line {line}")), "{e}");
        }
        for (more, line, what) in [
            ("reviewed = 2026-11-26", 11, "future"),
            ("since = 2026-01-02\nuntil = 2026-01-01", 12, "before it begins"),
            ("reviewed = 2026-01-02\nreview = 2026-01-01", 12, "before it begins"),
            ("[categories]\nsensitive = \"health\"", 11, "Art. 9(2)"),
            ("[dpia]\ncriteria = [\"size\"]", 12, "WP 248"),
            ("[[retain]]\ncategory = \"x\"\nafter = \"collected\"\nmonths = 9999", 11, "hundred years"),
            ("[[transfer]]\nto = \"x\"\ncountry = \"Mars\"", 13, "cannot be read"),
            ("retention_period = 3", 11, "unknown key `retention_period`"),
        ] {
            let e = accept(&format!("{OLD}{more}\n")).unwrap_err();
            assert!(e.message.contains(what), "{more}: {e}");
            let place = e.place.unwrap_or_default();
            assert!(place.contains(&format!("line {line}")) || what == "Art. 9(2)", "{more}: {place}");
        }
    }
}
