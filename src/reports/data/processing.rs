//! The record of processing activities (Art. 30(1)) in the columns of the CNIL's simplified model of the register
//! («Registre des activités de traitement», July 2019).
//!
//! The model has a sheet an activity; here each activity is a row, with the headings of the sheet's boxes in the order
//! of the sheet. What the model has no box for (legal basis, source, impact assessment, next review) stands behind.

use super::{Cell, Content, Sources};
use crate::domain::registers::processor::Processor;
use crate::domain::registers::purpose::{Categories, Purpose};
use crate::domain::registers::words::Words;
use crate::error::Result;
use crate::reports::texts::Texts;

/// Boxes of the sheet for sub-purposes.
const SUB: usize = 5;

pub fn table(from: &Sources<'_>) -> Result<Content> {
    let heads = vec![
        "name",
        "reference",
        "created",
        "updated",
        "controller",
        "dpo",
        "representative",
        "joint_controller",
        "main_purpose",
        "sub_purpose_1",
        "sub_purpose_2",
        "sub_purpose_3",
        "sub_purpose_4",
        "sub_purpose_5",
        "security_technical",
        "security_organisational",
        "data_identity",
        "data_personal",
        "data_economic",
        "data_connection",
        "data_location",
        "data_professional",
        "data_internet",
        "data_other",
        "erasure",
        "data_sensitive",
        "special_ground",
        "persons",
        "recipients_internal",
        "recipients_external",
        "recipients_processors",
        "transfers",
        "basis",
        "interest",
        "source",
        "dpia",
        "review",
        "commit",
    ];
    let organisation = &from.facts.settings.organisation;
    let firm = from.facts.settings.lang;
    let texts = Texts::load(from.lang)?;
    let processors = from.vault.entries::<Processor>(from.at)?;
    let named = |slug: &crate::domain::ids::Slug| {
        let found = processors.iter().find(|p| p.name == slug.as_str());
        found.map_or_else(|| slug.to_string(), |p| p.record.name.clone())
    };
    let row = |slug: &str, p: &Purpose| {
        let said = p.words(from.lang, firm);
        let own = Words::of(p);
        let text = |said: &str, own: &str| Cell::text(if said.trim().is_empty() { own } else { said });
        let list = |said: &[String], own: &[String]| Cell::texts(if said.is_empty() { own } else { said });
        let sub = if said.sub_purposes.is_empty() { &own.sub_purposes } else { &said.sub_purposes };
        let data = if said.categories.is_empty() { &own.categories } else { &said.categories };
        let m = &p.measures;
        let mut cells = vec![
            text(&said.title, &own.title),
            Cell::text(slug),
            Cell::maybe(p.since.as_ref()),
            Cell::maybe(p.reviewed.as_ref()),
            Cell::texts([
                &organisation.name,
                &organisation.address,
                &organisation.phone,
                &organisation.email,
            ]),
            Cell::text(if organisation.dpo.is_empty() {
                &organisation.privacy_contact
            } else {
                &organisation.dpo
            }),
            Cell::text(&organisation.representative),
            Cell::text(&p.joint_controller),
            text(&said.purpose, &own.purpose),
        ];
        // The sheet has five boxes: what is more goes into the last.
        cells.extend((0..SUB).map(|n| match n + 1 == SUB {
            false => Cell::maybe(sub.get(n)),
            true => Cell::texts(sub.iter().skip(n)),
        }));
        cells.push(Cell::texts([&m.access, &m.traceability, &m.encryption, &m.backup]));
        cells.push(Cell::texts(p.security.iter().chain([&m.processors])));
        cells.extend(boxes(data).map(Cell::text));
        cells.push(list(&said.data, &own.data));
        cells.push(erasure(p, &said, &own, &texts));
        cells.push(Cell::text(&data.sensitive));
        cells.push(text(&said.special_ground, &own.special_ground));
        cells.push(list(&said.persons, &own.persons));
        cells.push(list(&said.recipients, &own.recipients));
        cells.push(list(&said.external, &own.external));
        cells.push(Cell::texts(p.processors.iter().map(named)));
        cells.push(transfers(from, p, &said, &own, &texts));
        cells.push(Cell::codes("basis", &p.bases));
        cells.push(text(&said.legitimate_interest, &own.legitimate_interest));
        cells.push(list(&said.source, &own.source));
        cells.push(p.dpia.as_ref().and_then(|d| d.needed).map_or(Cell::None, Cell::Flag));
        cells.push(Cell::maybe(p.review.as_ref()));
        cells.push(from.written("purposes", slug));
        cells
    };
    let rows = from.facts.records.iter().map(|r| row(r.slug.as_str(), &r.purpose)).collect();
    Ok((heads, rows))
}

/// The boxes of the sheet, in its order; the last two are carnet's.
fn boxes(c: &Categories) -> [&str; 7] {
    [&c.identity, &c.personal, &c.economic, &c.connection, &c.location, &c.professional, &c.internet]
}

/// «Délai d'effacement»: the text of the record, then its rules.
fn erasure(p: &Purpose, said: &Words, own: &Words, texts: &Texts) -> Cell {
    let text = if said.retention.is_empty() { &own.retention } else { &said.retention };
    let mut lines = vec![text.clone()];
    for (n, rule) in p.retain.iter().enumerate() {
        let category = said.retain.get(n).filter(|c| !c.is_empty()).unwrap_or(&rule.category);
        let after = texts.label("after", rule.after.as_str()).unwrap_or_default();
        let said = |section: &str, key: &str| texts.text.get(section).and_then(|s| s.get(key)).cloned();
        let (colon, then) = (said("site", "colon"), said("retention", "then"));
        let mut line =
            format!("{category}{} {} {after}", colon.unwrap_or_default(), texts.duration(rule.months));
        if let Some(archive) = &rule.archive {
            line.push_str(&format!(", {} {}", then.unwrap_or_default(), texts.duration(archive.months)));
        }
        lines.push(line);
    }
    Cell::texts(lines)
}

/// «Transferts hors UE»: recipient, country, kind of guarantee.
fn transfers(from: &Sources<'_>, p: &Purpose, said: &Words, own: &Words, texts: &Texts) -> Cell {
    let mut lines =
        vec![if said.transfers.is_empty() { own.transfers.clone() } else { said.transfers.clone() }];
    for t in &p.transfer {
        let country = t.country.name(from.lang).unwrap_or(t.country.as_str());
        let safeguard = t.safeguard.and_then(|s| texts.label("safeguard", s.as_str()));
        let parts = [Some(t.to.clone()), Some(country.to_owned()), safeguard];
        lines.push(parts.into_iter().flatten().collect::<Vec<_>>().join(", "));
    }
    Cell::texts(lines)
}
