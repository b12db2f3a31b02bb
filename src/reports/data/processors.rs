//! The register of processors (Art. 28).

use super::{Cell, Content, Sources, Words};
use crate::domain::organisation::Lang;
use crate::domain::registers::country::Country;
use crate::domain::registers::processor::{Checklist, Processor};
use crate::error::Result;

pub fn table(from: &Sources<'_>) -> Result<Content> {
    let heads = vec![
        "reference",
        "processor",
        "service",
        "data",
        "country",
        "safeguard",
        "since",
        "until",
        "contract_date",
        "contract_version",
        "contract_expires",
        "contract_hash",
        "clauses",
        "sub_processors",
        "deletion",
        "breach_contact",
        "reviewed",
        "review",
        "commit",
    ];
    let row = |name: String, p: &Processor| {
        let contract = p.contract.as_ref();
        let commit = from.written("processors", &name);
        let sub = p.sub_processor.iter().map(|s| {
            let country = s.country.map(|c| c.as_str().to_owned()).unwrap_or_default();
            [s.name.clone(), s.service.clone(), country]
                .into_iter()
                .filter(|t| !t.is_empty())
                .collect::<Vec<_>>()
                .join(", ")
        });
        vec![
            Cell::text(name),
            Cell::text(&p.name),
            Cell::text(&p.service),
            Cell::named("category", &p.data),
            p.country.map_or(Cell::None, country),
            p.safeguard.map_or(Cell::None, |s| Cell::code("safeguard", s.as_str())),
            Cell::maybe(p.since.as_ref()),
            Cell::maybe(p.until.as_ref()),
            Cell::maybe(contract.and_then(|c| c.date.as_ref())),
            Cell::maybe(contract.map(|c| c.version.clone())),
            Cell::maybe(contract.and_then(|c| c.expires.as_ref())),
            Cell::maybe(contract.map(|c| c.hash.clone())),
            p.checklist.as_ref().map_or(Cell::None, |c| Cell::codes("clause", clauses(c))),
            Cell::texts(sub),
            Cell::text(&p.deletion),
            Cell::text(&p.breach_contact),
            Cell::maybe(p.reviewed.as_ref()),
            Cell::maybe(p.review.as_ref()),
            commit,
        ]
    };
    let entries = from.vault.entries::<Processor>(from.at)?;
    Ok((heads, entries.into_iter().map(|e| row(e.name, &e.record)).collect()))
}

/// A country by its code, with its name in both languages where it has one.
fn country(country: Country) -> Cell {
    let code = country.as_str().to_owned();
    match (country.name(Lang::En), country.name(Lang::Fr)) {
        (Some(en), Some(fr)) => Cell::Codes(vec![(code, Words::Both(en, fr))]),
        _ => Cell::Text(code),
    }
}

/// The clauses of Art. 28(3)(a) to (h) that the contract has.
fn clauses(c: &Checklist) -> Vec<&'static str> {
    let all = [
        ("instructions", c.instructions),
        ("confidentiality", c.confidentiality),
        ("security", c.security),
        ("sub_processors", c.sub_processors),
        ("rights", c.rights),
        ("assistance", c.assistance),
        ("deletion", c.deletion),
        ("audits", c.audits),
    ];
    all.into_iter().filter(|(_, has)| *has).map(|(clause, _)| clause).collect()
}
