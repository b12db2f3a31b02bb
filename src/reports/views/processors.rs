//! Processors (Art. 28): contract, checklist of Art. 28(3), transfers, review.

use serde::Serialize;

use super::{Facts, PurposeName, date};
use crate::domain::moment;
use crate::domain::organisation::Lang;
use crate::domain::registers::country::{Country, Standing};
use crate::domain::registers::processor::{ContractState, Processor};
use crate::reports::cites::Cite;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub total: usize,
    pub active: usize,
    pub rows: Vec<Row>,
}

/// One processor. Days are midnight UTC in seconds since 1970.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    pub slug: String,
    pub name: String,
    /// What it does, in each language; the register's own words where there is no translation.
    pub service: Pair,
    pub data: Vec<String>,
    pub country: Option<Place>,
    pub safeguard: Option<&'static str>,
    pub lacks_safeguard: bool,
    pub since: Option<i64>,
    pub until: Option<i64>,
    pub active: bool,
    /// `none`, `expired`, `incomplete`, `in-force`.
    pub contract: &'static str,
    pub signed: Option<i64>,
    pub version: String,
    pub expires: Option<i64>,
    pub hash: String,
    pub points: Vec<Point>,
    pub met: usize,
    pub sub_processors: Vec<Sub>,
    pub deletion: String,
    pub deleted: Option<i64>,
    pub breach_contact: String,
    pub reviewed: Option<i64>,
    pub review: Option<i64>,
    pub overdue: bool,
    /// Purposes that name it.
    pub purposes: Vec<PurposeName>,
    pub level: &'static str,
    /// Its last change.
    pub changed: Option<Cite>,
}

/// A text in both languages.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Pair {
    pub en: String,
    pub fr: String,
}

/// A country, by name where it has one, and where it stands: `eea`, `adequate`, `partly`, `third`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Place {
    pub name: Pair,
    pub standing: &'static str,
}

/// A point of Art. 28(3).
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Point {
    pub letter: char,
    pub key: &'static str,
    pub met: bool,
}

/// A processor that this one engages.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sub {
    pub name: String,
    pub service: String,
    pub country: Option<Place>,
}

/// A country as pages show it.
pub fn place(country: Country) -> Place {
    let name = |lang: Lang| country.name(lang).unwrap_or(country.as_str()).to_owned();
    let standing = match country.standing() {
        Standing::Eea => "eea",
        Standing::Adequate => "adequate",
        Standing::Partly => "partly",
        Standing::Third => "third",
    };
    Place { name: Pair { en: name(Lang::En), fr: name(Lang::Fr) }, standing }
}

fn row(facts: &Facts, slug: &str, p: &Processor) -> Row {
    let today = facts.registers.today.0;
    let firm = facts.settings.lang;
    let service = |lang: Lang| match p.service(lang, firm) {
        "" => p.service.clone(),
        text => text.to_owned(),
    };
    let active = p.is_active(today);
    let contract = p.contract.clone().unwrap_or_default();
    let state = p.contract_state(today);
    let overdue = p.review.as_ref().and_then(moment::day).is_some_and(|day| day < today);
    let points = p.checklist.unwrap_or_default().points();
    let level = match state {
        _ if !active => {
            if p.deleted.is_none() {
                "look"
            } else {
                "none"
            }
        }
        ContractState::None | ContractState::Expired | ContractState::Incomplete => "bad",
        ContractState::InForce if p.lacks_safeguard() => "bad",
        ContractState::InForce if overdue => "look",
        ContractState::InForce => "good",
    };
    let names = |r: &&super::processing::Record| r.purpose.processors.iter().any(|s| s.as_str() == slug);
    Row {
        slug: slug.to_owned(),
        name: p.name.clone(),
        service: Pair { en: service(Lang::En), fr: service(Lang::Fr) },
        data: p.data.clone(),
        country: p.country.map(place),
        safeguard: p.safeguard.map(|s| s.as_str()),
        lacks_safeguard: p.lacks_safeguard(),
        since: date(p.since.as_ref()),
        until: date(p.until.as_ref()),
        active,
        contract: match state {
            ContractState::None => "none",
            ContractState::Expired => "expired",
            ContractState::Incomplete => "incomplete",
            ContractState::InForce => "in-force",
        },
        signed: date(contract.date.as_ref()),
        version: contract.version,
        expires: date(contract.expires.as_ref()),
        hash: contract.hash,
        met: points.iter().filter(|(.., met)| *met).count(),
        points: points.into_iter().map(|(letter, key, met)| Point { letter, key, met }).collect(),
        sub_processors: p
            .sub_processor
            .iter()
            .map(|s| Sub { name: s.name.clone(), service: s.service.clone(), country: s.country.map(place) })
            .collect(),
        deletion: p.deletion.clone(),
        deleted: date(p.deleted.as_ref()),
        breach_contact: p.breach_contact.clone(),
        reviewed: date(p.reviewed.as_ref()),
        review: date(p.review.as_ref()),
        overdue,
        purposes: facts.records.iter().filter(names).map(|r| facts.purpose(Some(&r.slug))).collect(),
        level,
        changed: facts.cites.register(&facts.trails, &format!("processors/{slug}")),
    }
}

pub fn view(facts: &Facts) -> View {
    let rows: Vec<Row> = facts.registers.processors.iter().map(|p| row(facts, &p.name, &p.record)).collect();
    View { total: rows.len(), active: rows.iter().filter(|r| r.active).count(), rows }
}
