//! Consents and legal bases in figures, with small counts protected.

use super::{Cell, Content, Sources};
use crate::reports::views::consent;

pub fn consents(from: &Sources<'_>) -> Content {
    let heads = vec![
        "purpose",
        "title",
        "channel",
        "state",
        "asked",
        "granted",
        "refused",
        "withdrawn",
        "expired",
        "total",
    ];
    let view = consent::view(from.facts);
    let mut rows = Vec::new();
    for (state, list) in [("now", &view.now), ("events", &view.events)] {
        for row in list {
            let t = &row.tally;
            let mut cells = vec![
                Cell::maybe(row.purpose.slug.clone()),
                Cell::maybe(row.purpose.title.clone()),
                Cell::code("channel", super::code_of(&row.channel)),
                Cell::code("consent-table", state),
            ];
            cells.extend([t.asked, t.granted, t.refused, t.withdrawn, t.expired, row.total].map(Cell::Count));
            rows.push(cells);
        }
    }
    (heads, rows)
}

pub fn bases(from: &Sources<'_>) -> Content {
    let heads = vec!["purpose", "title", "basis", "contacts", "ended", "without_consent"];
    let rows = consent::view(from.facts).bases.into_iter().map(|row| {
        vec![
            Cell::maybe(row.purpose.slug),
            Cell::maybe(row.purpose.title),
            Cell::code("basis", row.basis),
            Cell::Count(row.contacts),
            Cell::Count(row.ended),
            row.without_consent.map_or(Cell::None, Cell::Count),
        ]
    });
    (heads, rows.collect())
}
