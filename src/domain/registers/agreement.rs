//! `registers/agreements/<date>-<handle>.toml`: what a member has agreed to (Art. 28(3)(b), 29, 32(4)).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use toml::value::Datetime;

use super::{Field, Record, Shape, digest, in_order, not_ahead, said};
use crate::domain::ids::Slug;
use crate::error::Result;

/// A confidentiality agreement, a policy that was read, the deed of appointment of a DPO.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Handle.
    pub member: Slug,
    pub date: Datetime,
    pub kind: String,
    pub title: String,
    /// `sha256:…` of the document.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub document: String,
    /// When it ends or is to be looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Datetime>,
}

impl Agreement {
    pub const KINDS: &'static [&'static str] =
        &["confidentiality", "policy", "appointment", "incident-plan", "other"];
}

impl Record for Agreement {
    const DIR: &'static str = "registers/agreements";
    const NOUN: &'static str = "agreement";
    const ABOUT: &'static str = "What a member has agreed to (Art. 29 and 32(4) GDPR).";
    const FIELDS: &'static [Field] = &[
        Field::new("member", Shape::Text, "Handle", "\"ana\""),
        Field::new("date", Shape::Date, "When", "2026-01-15"),
        Field::new(
            "kind",
            Shape::Word(Agreement::KINDS),
            "confidentiality, policy, appointment, incident-plan, other",
            "\"confidentiality\"",
        ),
        Field::new("title", Shape::Text, "Its title", "\"Confidentiality agreement\""),
        Field::new(
            "document",
            Shape::Text,
            "sha256sum of the document",
            "\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
        ),
        Field::new("review", Shape::Date, "When to look at it again", "2027-01-15"),
    ];

    fn check(&self, today: NaiveDate) -> Result<()> {
        said("title", &self.title)?;
        if !Agreement::KINDS.contains(&self.kind.as_str()) {
            return Err(crate::error::Error::usage("not a kind of agreement")
                .at("kind")
                .hint(format!("one of: {}", Agreement::KINDS.join(", "))));
        }
        not_ahead("date", Some(&self.date), today)?;
        digest("document", &self.document)?;
        in_order("review", Some(&self.date), self.review.as_ref())
    }

    fn review(&self) -> Option<&Datetime> {
        self.review.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_those_of_the_type() {
        super::super::testing::fields_are_those_of_the_type::<Agreement>();
    }
}
