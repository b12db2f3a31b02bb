//! Both trails: who did what, when and for which purpose; never a name or what was read.

use super::{Cell, Content, Sources};
use crate::reports::trails::Step;
use crate::reports::views::{access, action, changes};

pub fn accesses(from: &Sources<'_>) -> Content {
    let heads = vec!["time", "member", "action", "count", "contact", "purposes", "commit"];
    let row = |step: &Step| {
        let row = access::row(from.facts, step);
        vec![
            Cell::Moment(row.time),
            Cell::maybe(row.member),
            Cell::code("action", action(step)),
            row.count.map_or(Cell::None, Cell::number),
            Cell::maybe(row.contact),
            Cell::texts(row.purposes.into_iter().filter_map(|p| p.slug)),
            Cell::text(step.commit.to_string()),
        ]
    };
    (heads, from.facts.trails.accesses.iter().map(row).collect())
}

pub fn changes(from: &Sources<'_>) -> Content {
    let heads = vec!["time", "member", "action", "count", "contact", "books", "fields", "commit"];
    let row = |step: &Step| {
        let row = changes::row(step);
        vec![
            Cell::Moment(row.time),
            Cell::maybe(row.member),
            Cell::code("action", action(step)),
            row.count.map_or(Cell::None, Cell::number),
            Cell::maybe(row.contact),
            Cell::texts(row.books),
            Cell::codes("field", row.fields),
            Cell::text(step.commit.to_string()),
        ]
    };
    (heads, from.facts.trails.changes.iter().map(row).collect())
}
