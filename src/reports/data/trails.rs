//! Both trails: who did what, when and for which purpose; never a name or what was read.

use super::{Cell, Register, Rows, Table};
use crate::reports::trails::Step;
use crate::reports::views::{Facts, access, changes};

pub fn accesses(facts: &Facts) -> Table<'_> {
    let heads = vec!["time", "member", "action", "count", "contact", "purposes", "commit"];
    let row = |step: &Step| {
        let row = access::row(facts, step);
        vec![
            Cell::Moment(row.time),
            Cell::maybe(row.member),
            Cell::code("action", row.action),
            row.count.map_or(Cell::None, Cell::number),
            Cell::maybe(row.contact),
            Cell::texts(row.purposes.into_iter().filter_map(|p| p.slug)),
            Cell::text(step.commit.to_string()),
        ]
    };
    Table { register: Register::Access, heads, rows: rows(&facts.trails.accesses, row) }
}

pub fn changes(facts: &Facts) -> Table<'_> {
    let heads = vec!["time", "member", "action", "count", "contact", "books", "fields", "commit"];
    let row = |step: &Step| {
        let row = changes::row(step);
        vec![
            Cell::Moment(row.time),
            Cell::maybe(row.member),
            Cell::code("action", row.action),
            row.count.map_or(Cell::None, Cell::number),
            Cell::maybe(row.contact),
            Cell::texts(row.books),
            Cell::codes("field", row.fields),
            Cell::text(step.commit.to_string()),
        ]
    };
    Table { register: Register::Changes, heads, rows: rows(&facts.trails.changes, row) }
}

/// A row for each step.
fn rows<'a>(steps: &'a [Step], row: impl Fn(&Step) -> Vec<Cell> + Send + Sync + 'a) -> Rows<'a> {
    Rows::Long(steps.len(), Box::new(move |n| steps.get(n).map(&row).unwrap_or_default()))
}
