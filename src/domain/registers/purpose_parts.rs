//! What a record of processing consists of under headings of its own: categories of data, security measures, the impact
//! assessment, transfers.

use serde::{Deserialize, Serialize};
use toml::value::Datetime;

use super::blank;
use super::country::{Country, Safeguard};

/// Categories of data, as the CNIL's model of the register has them; each with what exactly it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Categories {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub identity: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub personal: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub professional: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub economic: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub connection: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub location: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub internet: String,
    /// Art. 9.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sensitive: String,
}

impl Categories {
    /// Code and text of each category that is not empty, in the register's order.
    pub fn list(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("identity", &self.identity),
            ("personal", &self.personal),
            ("professional", &self.professional),
            ("economic", &self.economic),
            ("connection", &self.connection),
            ("location", &self.location),
            ("internet", &self.internet),
            ("sensitive", &self.sensitive),
        ];
        all.into_iter().filter(|(_, text)| !blank(text)).map(|(code, text)| (code, text.as_str())).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.list().is_empty()
    }
}

/// Security measures (Art. 32), under the headings of the CNIL's model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Measures {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub access: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub traceability: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub encryption: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub backup: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub processors: String,
}

impl Measures {
    /// Code and text of each measure that is not empty.
    pub fn list(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("access", &self.access),
            ("traceability", &self.traceability),
            ("encryption", &self.encryption),
            ("backup", &self.backup),
            ("processors", &self.processors),
        ];
        all.into_iter().filter(|(_, text)| !blank(text)).map(|(code, text)| (code, text.as_str())).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.list().is_empty()
    }
}

/// Whether an impact assessment is needed (Art. 35); two criteria of WP 248 rev.01 call for one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dpia {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed: Option<bool>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Datetime>,
}

/// The nine criteria of the guidelines on impact assessments (WP 248 rev.01).
pub const CRITERIA: [&str; 9] = [
    "evaluation",
    "automated-decision",
    "monitoring",
    "sensitive",
    "large-scale",
    "matching",
    "vulnerable",
    "innovative",
    "blocking",
];

/// A transfer out of the European Economic Area that no processor's record has (Art. 44 to 49).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    pub to: String,
    pub country: Country,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safeguard: Option<Safeguard>,
}

/// Fields of a contact that a category of data stands for.
pub fn fields_of_category(category: &str) -> &'static [&'static str] {
    match category {
        "identity" => &[
            "name",
            "given",
            "family",
            "additional",
            "prefix",
            "suffix",
            "nickname",
            "emails",
            "phones",
            "addresses",
            "lang",
        ],
        "personal" => &["birthday", "note"],
        "professional" => &["org", "title", "role", "urls", "note"],
        "connection" | "internet" => &["urls"],
        "location" => &["addresses"],
        _ => &[],
    }
}
