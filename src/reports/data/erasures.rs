//! The erasure ledger.

use super::{Cell, Content, Sources};
use crate::reports::views::erasures;

pub fn table(from: &Sources<'_>) -> Content {
    let heads = vec![
        "time",
        "contact",
        "book",
        "trigger",
        "request",
        "scope",
        "versions",
        "kept",
        "kept_until",
        "commit",
    ];
    let view = erasures::view(from.facts);
    let kept = |contact: &str| {
        from.facts
            .ledger
            .iter()
            .find(|line| line.contact.short() == contact)
            .and_then(|line| line.kept.as_ref())
            .map(|kept| (kept.what.clone(), kept.until.to_string()))
    };
    let rows = view.rows.into_iter().map(|row| {
        let kept = kept(&row.contact);
        vec![
            Cell::Moment(row.time),
            Cell::text(row.contact),
            Cell::text(row.book),
            Cell::code("trigger", row.trigger),
            Cell::maybe(row.request),
            Cell::code("scope", row.scope),
            Cell::number(row.versions),
            kept.as_ref().map_or(Cell::None, |(what, _)| Cell::code("kept", what)),
            Cell::maybe(kept.map(|(_, until)| until)),
            Sources::commit(row.commit),
        ]
    });
    (heads, rows.collect())
}
