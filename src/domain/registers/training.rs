//! `registers/trainings/<date>-<handle>.toml`: who was trained in what, and when again (Art. 24, 32(4), 39(1)(b)).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use toml::value::Datetime;

use super::{Field, Record, Shape, digest, in_order, not_ahead, said};
use crate::domain::ids::Slug;
use crate::error::Result;

/// One member's training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// Handle.
    pub member: Slug,
    pub date: Datetime,
    pub topic: String,
    /// `sha256:…` of what was taught from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub material: String,
    /// When the next one is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Datetime>,
}

impl Record for Training {
    const DIR: &'static str = "registers/trainings";
    const NOUN: &'static str = "training";
    const ABOUT: &'static str = "A member's training in data protection (Art. 39(1)(b) GDPR).";
    const FIELDS: &'static [Field] = &[
        Field::new("member", Shape::Text, "Handle", "\"ana\""),
        Field::new("date", Shape::Date, "When", "2026-01-15"),
        Field::new("topic", Shape::Text, "What about", "\"GDPR basics\""),
        Field::new(
            "material",
            Shape::Text,
            "sha256sum of the material",
            "\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
        ),
        Field::new("next", Shape::Date, "When again", "2027-01-15"),
    ];

    fn check(&self, today: NaiveDate) -> Result<()> {
        said("topic", &self.topic)?;
        not_ahead("date", Some(&self.date), today)?;
        digest("material", &self.material)?;
        in_order("next", Some(&self.date), self.next.as_ref())
    }

    fn review(&self) -> Option<&Datetime> {
        self.next.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_those_of_the_type() {
        super::super::testing::fields_are_those_of_the_type::<Training>();
    }
}
