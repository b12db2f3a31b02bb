//! `registers/processors/<slug>.toml`: a processor and the contract with it (Art. 28).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use toml::value::Datetime;

use super::country::{Country, Safeguard, Standing};
use super::{Field, Record, Shape, blank, digest, in_order, not_ahead, said};
use crate::domain::moment;
use crate::domain::organisation::Lang;
use crate::error::{Error, Result};

/// A firm that processes data for this one. Firms are no data subjects: they stand here by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Processor {
    pub name: String,
    /// What it does for the firm.
    pub service: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service_en: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service_fr: String,
    /// Categories of data that it gets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<String>,
    /// Where it processes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// What the transfer rests on, where that is out of the European Economic Area (Art. 44).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safeguard: Option<Safeguard>,
    /// Since when, and until when it worked for the firm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Datetime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Datetime>,
    /// What becomes of the data at the end, and whether that has been done.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub deletion: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Datetime>,
    /// Whom to tell of a breach, and who tells (Art. 33(2)).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub breach_contact: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Datetime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Datetime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Contract>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checklist: Option<Checklist>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_processor: Vec<SubProcessor>,
}

/// The contract or other legal act of Art. 28(3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contract {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Datetime>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Datetime>,
    /// `sha256:…` of the signed document.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hash: String,
}

/// What the contract must stipulate, Art. 28(3)(a) to (h).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Checklist {
    pub instructions: bool,
    pub confidentiality: bool,
    pub security: bool,
    pub sub_processors: bool,
    pub rights: bool,
    pub assistance: bool,
    pub deletion: bool,
    pub audits: bool,
}

impl Checklist {
    /// Letter and key of each point, and whether the contract has it.
    pub fn points(&self) -> [(char, &'static str, bool); 8] {
        [
            ('a', "instructions", self.instructions),
            ('b', "confidentiality", self.confidentiality),
            ('c', "security", self.security),
            ('d', "sub_processors", self.sub_processors),
            ('e', "rights", self.rights),
            ('f', "assistance", self.assistance),
            ('g', "deletion", self.deletion),
            ('h', "audits", self.audits),
        ]
    }
}

/// Another processor that this one engages (Art. 28(2) and (4)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubProcessor {
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
}

/// Where the contract stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContractState {
    None,
    Expired,
    /// Points of Art. 28(3) are not in it.
    Incomplete,
    InForce,
}

impl ContractState {
    pub fn as_str(self) -> &'static str {
        match self {
            ContractState::None => "none",
            ContractState::Expired => "expired",
            ContractState::Incomplete => "incomplete",
            ContractState::InForce => "in force",
        }
    }
}

impl Processor {
    pub fn contract_state(&self, today: NaiveDate) -> ContractState {
        let Some(contract) = self.contract.as_ref().filter(|c| c.date.is_some()) else {
            return ContractState::None;
        };
        if contract.expires.as_ref().and_then(moment::day).is_some_and(|day| day < today) {
            return ContractState::Expired;
        }
        match self.open_points().is_empty() {
            true => ContractState::InForce,
            false => ContractState::Incomplete,
        }
    }

    /// Letters of Art. 28(3) that the contract is not known to have.
    pub fn open_points(&self) -> Vec<char> {
        let points = self.checklist.unwrap_or_default().points();
        points.into_iter().filter(|(.., has)| !has).map(|(letter, ..)| letter).collect()
    }

    /// Whether it works for the firm on a day.
    pub fn is_active(&self, today: NaiveDate) -> bool {
        self.until.as_ref().and_then(moment::day).is_none_or(|day| day >= today)
    }

    /// Whether data leaves the European Economic Area and nothing says on what ground.
    pub fn lacks_safeguard(&self) -> bool {
        let outside = |c: Country| matches!(c.standing(), Standing::Partly | Standing::Third);
        self.country.is_some_and(outside) && self.safeguard.is_none()
    }

    /// What it does, in a language.
    pub fn service(&self, lang: Lang, firm: Lang) -> &str {
        let own = lang.pick(&self.service_en, &self.service_fr);
        if own.is_empty() && lang == firm { &self.service } else { own }
    }
}

impl Record for Processor {
    const DIR: &'static str = "registers/processors";
    const NOUN: &'static str = "processor";
    const ABOUT: &'static str =
        "A processor and its contract (Art. 28 GDPR). Firms stand here by name; persons do not.";
    const FIELDS: &'static [Field] = FIELDS;

    fn check(&self, today: NaiveDate) -> Result<()> {
        said("name", &self.name)?;
        said("service", &self.service)?;
        if let Some(contract) = &self.contract {
            not_ahead("contract.date", contract.date.as_ref(), today)?;
            in_order("contract.expires", contract.date.as_ref(), contract.expires.as_ref())?;
            digest("contract.hash", &contract.hash)?;
        }
        if self.country.is_some_and(|c| c.standing() == Standing::Third)
            && self.safeguard == Some(Safeguard::Adequacy)
        {
            return Err(Error::usage("no adequacy decision is known for that country")
                .at("safeguard")
                .hint(format!("one of: {}", Safeguard::WORDS[1..].join(", "))));
        }
        not_ahead("reviewed", self.reviewed.as_ref(), today)?;
        not_ahead("deleted", self.deleted.as_ref(), today)?;
        in_order("until", self.since.as_ref(), self.until.as_ref())?;
        in_order("review", self.reviewed.as_ref(), self.review.as_ref())
    }

    fn missing(&self) -> Vec<&'static str> {
        let contract = self.contract.clone().unwrap_or_default();
        let checks = [
            ("data", self.data.is_empty()),
            ("country", self.country.is_none()),
            ("safeguard", self.lacks_safeguard()),
            ("contract.date", contract.date.is_none()),
            ("contract.hash", blank(&contract.hash)),
            ("checklist", !self.open_points().is_empty()),
            ("deletion", blank(&self.deletion)),
            ("breach_contact", blank(&self.breach_contact)),
            ("review", self.review.is_none()),
        ];
        checks.into_iter().filter(|(_, lacks)| *lacks).map(|(key, _)| key).collect()
    }

    fn review(&self) -> Option<&Datetime> {
        self.review.as_ref()
    }
}

const fn f(key: &'static str, shape: Shape, about: &'static str, example: &'static str) -> Field {
    Field::new(key, shape, about, example)
}

const FIELDS: &[Field] = &[
    f("name", Shape::Text, "Name of the firm", "\"MailCo SAS\""),
    f("service", Shape::Text, "What it does for you", "\"sending the newsletter\""),
    f("service_en", Shape::Text, "The same in English, for notices", "\"sending the newsletter\""),
    f("service_fr", Shape::Text, "The same in French", "\"envoi de la lettre d'information\""),
    f("data", Shape::List, "Categories of data that it gets", "[\"identity\"]"),
    f("country", Shape::Text, "Two letters: where it processes them", "\"US\""),
    f(
        "safeguard",
        Shape::Word(Safeguard::WORDS),
        "Outside the EEA: adequacy, standard-clauses, binding-rules, derogation",
        "\"standard-clauses\"",
    ),
    f("since", Shape::Date, "Since when it works for you", "2025-01-01"),
    f("until", Shape::Date, "Until when it did", "2026-06-30"),
    f(
        "deletion",
        Shape::Text,
        "What becomes of the data at the end",
        "\"deleted within 30 days, certificate\"",
    ),
    f("deleted", Shape::Date, "When that was done", "2026-07-15"),
    f("breach_contact", Shape::Text, "How a breach is told, and to whom", "\"security@mailco.example\""),
    f("reviewed", Shape::Date, "Last review; `carnet processor review` sets it", "2026-01-01"),
    f("review", Shape::Date, "Next review", "2027-01-01"),
    f("contract.date", Shape::Date, "signed on", "2026-01-01"),
    f("contract.version", Shape::Text, "its version", "\"3.1\""),
    f("contract.expires", Shape::Date, "runs until", "2027-12-31"),
    f(
        "contract.hash",
        Shape::Text,
        "sha256sum of the signed document",
        "\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
    ),
    f("checklist.instructions", Shape::Flag, "(a) only on documented instructions", "true"),
    f("checklist.confidentiality", Shape::Flag, "(b) persons bound to confidentiality", "true"),
    f("checklist.security", Shape::Flag, "(c) the measures of Art. 32", "true"),
    f("checklist.sub_processors", Shape::Flag, "(d) conditions for sub-processors", "true"),
    f("checklist.rights", Shape::Flag, "(e) help with requests of persons", "true"),
    f("checklist.assistance", Shape::Flag, "(f) help with Art. 32 to 36", "true"),
    f("checklist.deletion", Shape::Flag, "(g) deletion or return at the end", "true"),
    f("checklist.audits", Shape::Flag, "(h) information and audits", "true"),
    f(
        "sub_processor",
        Shape::Tables(&["name", "service", "country"]),
        "A sub-processor",
        "name = \"HostCo\"\nservice = \"hosting\"\ncountry = \"DE\"",
    ),
];

#[cfg(test)]
mod tests {
    use super::super::{accept, testing};
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 25).unwrap()
    }

    fn read(more: &str) -> Result<Processor> {
        accept("registers/processors/m.toml", &format!("name = \"M\"\nservice = \"mail\"\n{more}"), today())
    }

    #[test]
    fn the_fields_are_those_of_the_type() {
        testing::fields_are_those_of_the_type::<Processor>();
        let (_, full) = testing::example::<Processor>();
        assert_eq!((full.missing(), full.contract_state(today())), (vec![], ContractState::InForce));
    }

    #[test]
    fn a_contract_is_none_incomplete_in_force_or_expired() {
        let state = |more: &str| read(more).unwrap().contract_state(today());
        assert_eq!(state(""), ContractState::None);
        assert_eq!(state("[contract]\nversion = \"1\"\n"), ContractState::None);
        assert_eq!(state("[contract]\ndate = 2026-01-01\n"), ContractState::Incomplete);
        assert_eq!(state("[contract]\ndate = 2026-01-01\nexpires = 2026-11-25\n"), ContractState::Incomplete);
        assert_eq!(state("[contract]\ndate = 2026-01-01\nexpires = 2026-11-24\n"), ContractState::Expired);
    }

    #[test]
    fn a_transfer_needs_a_safeguard_where_no_decision_covers_it() {
        assert!(read("country = \"US\"\n").unwrap().lacks_safeguard());
        assert!(!read("country = \"CH\"\n").unwrap().lacks_safeguard());
        assert!(!read("country = \"US\"\nsafeguard = \"adequacy\"\n").unwrap().lacks_safeguard());
        assert!(read("country = \"CN\"\nsafeguard = \"adequacy\"\n").is_err());
        assert!(read("[contract]\ndate = 2026-11-26\n").is_err());
        assert!(read("[contract]\ndate = 2026-01-02\nexpires = 2026-01-01\n").is_err());
        assert!(read("[contract]\nhash = \"abc\"\n").is_err());
    }
}
