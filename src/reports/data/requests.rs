//! Rights requests and breaches: their plain parts; what names persons is in sealed records, which nothing here opens.

use super::{Cell, Content, Sources, Words, code_of};
use crate::domain::organisation::Lang;
use crate::error::Result;

pub fn requests(from: &Sources<'_>) -> Result<Content> {
    let heads = vec![
        "reference",
        "kind",
        "channel",
        "received",
        "acknowledged",
        "state",
        "due",
        "days_left",
        "extension",
        "answered",
        "in_time",
        "decision",
        "decision_ground",
        "told",
        "kept",
        "closed",
        "commit",
    ];
    let mut rows = Vec::new();
    for r in from.vault.requests(from.at)? {
        let today = from.vault.today_for(&r)?;
        // What was answered is measured on the day of its answer.
        let standing = r.standing(r.answer.as_ref().map_or(today, |a| a.on));
        let open = r.answer.is_none() && r.closed.is_none();
        rows.push(vec![
            Cell::text(r.reference.to_string()),
            Cell::code("request-kind", r.kind.as_str()),
            Cell::code("request-channel", code_of(&r.channel)),
            Cell::text(r.received.to_string()),
            Cell::maybe(r.acknowledged),
            Cell::code("request-state", r.state().as_str()),
            Cell::text(standing.due.to_string()),
            if open { Cell::Number(standing.left) } else { Cell::None },
            Cell::maybe(r.extension.as_ref().map(|e| e.notified)),
            Cell::maybe(r.answer.as_ref().map(|a| a.on)),
            r.answer.as_ref().map_or(Cell::None, |_| Cell::Flag(!standing.is_late())),
            r.answer.as_ref().map_or(Cell::None, |a| Cell::code("decision", a.decision.as_str())),
            r.answer.as_ref().and_then(|a| a.ground).map_or(Cell::None, |g| Cell::code("ground", g.as_str())),
            Cell::texts(r.told.iter().map(|t| t.recipient.to_string())),
            Cell::number(r.kept.len()),
            Cell::maybe(r.closed.as_ref().map(|c| c.on)),
            Sources::commit(from.facts.cites.request(&from.facts.trails, &r.reference.to_string())),
        ]);
    }
    Ok((heads, rows))
}

pub fn breaches(from: &Sources<'_>) -> Result<Content> {
    let heads = vec![
        "reference",
        "aware",
        "deadline",
        "state",
        "from",
        "to",
        "origin",
        "cause",
        "kinds",
        "persons",
        "data",
        "persons_number",
        "records_number",
        "encryption",
        "risk",
        "notify",
        "filings",
        "late",
        "informed",
        "not_informed",
        "closed",
        "commit",
    ];
    let now = from.vault.moment();
    let row = |b: crate::domain::breach::Breach| {
        vec![
            Cell::text(b.reference.to_string()),
            Cell::Moment(b.aware.timestamp()),
            Cell::Moment(b.deadline().timestamp()),
            Cell::code("breach-state", code_of(&b.state(now))),
            b.from.map_or(Cell::None, |at| Cell::Moment(at.timestamp())),
            b.to.map_or(Cell::None, |at| Cell::Moment(at.timestamp())),
            said(b.origin.as_slice(), |v, l| v.word(l)),
            said(b.cause.as_slice(), |v, l| v.word(l)),
            said(&b.kinds, |v, l| v.word(l)),
            said(&b.persons, |v, l| v.word(l)),
            said(&b.data, |v, l| v.word(l)),
            b.persons_number.and_then(|n| i64::try_from(n).ok()).map_or(Cell::None, Cell::Number),
            b.records_number.and_then(|n| i64::try_from(n).ok()).map_or(Cell::None, Cell::Number),
            said(b.encryption.as_slice(), |v, l| v.word(l)),
            said(b.risk.as_slice(), |v, l| v.word(l)),
            b.notify.map_or(Cell::None, Cell::Flag),
            Cell::texts(b.filings.iter().map(|f| format!("{} {}", f.at.to_rfc3339(), f.reference))),
            Cell::Flag(b.was_filed_late()),
            Cell::maybe(b.informed),
            said(b.not_informed.as_slice(), |v, l| v.word(l)),
            b.closed.map_or(Cell::None, |at| Cell::Moment(at.timestamp())),
            Sources::commit(from.facts.cites.record(&from.facts.trails, &b.texts.id.to_string())),
        ]
    };
    Ok((heads, from.vault.breaches(from.at)?.into_iter().map(row).collect()))
}

/// Codes with the words of the CNIL's form.
fn said<T: Copy + serde::Serialize>(values: &[T], word: fn(T, Lang) -> &'static str) -> Cell {
    let codes: Vec<_> =
        values.iter().map(|v| (code_of(v), Words::Both(word(*v, Lang::En), word(*v, Lang::Fr)))).collect();
    if codes.is_empty() { Cell::None } else { Cell::Codes(codes) }
}
