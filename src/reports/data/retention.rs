//! The retention rules in force, with what each comes to today (Art. 5(1)(e)), as the page has them.

use super::{Cell, Content, Sources};
use crate::reports::audience::Audience;
use crate::reports::views::retention::{Row, row};

/// One rule a row; a purpose without rules has a row that says so by its emptiness. The public gets no counts.
pub fn table(from: &Sources<'_>) -> Content {
    let facts = from.facts;
    let mut heads =
        vec!["purpose", "title", "category", "months", "after", "archive_book", "archive_months", "ground"];
    let counted = facts.audience != Audience::Public;
    if counted {
        heads.extend(["contacts", "lasting", "undated", "over"]);
    }
    let mut rows = Vec::new();
    for record in &facts.records {
        let begin = || vec![Cell::text(record.slug.as_str()), Cell::text(&record.purpose.title)];
        let mut lines = facts.retention.iter().filter(|line| line.purpose == record.slug).peekable();
        if lines.peek().is_none() {
            let mut cells = begin();
            cells.resize(heads.len(), Cell::None);
            rows.push(cells);
        }
        for line in lines {
            let Row { category, months, after, archive, applies, lasting, undated, over, .. } =
                row(facts, line);
            let mut cells = begin();
            cells.extend([Cell::text(category), Cell::Number(i64::from(months)), Cell::code("after", after)]);
            cells.extend(match archive {
                Some(to) => [Cell::text(to.book), Cell::Number(i64::from(to.months)), Cell::text(to.ground)],
                None => [Cell::None, Cell::None, Cell::None],
            });
            if counted {
                cells.extend([applies, lasting, undated, over].map(Cell::Count));
            }
            rows.push(cells);
        }
    }
    (heads, rows)
}
