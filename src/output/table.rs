//! Tables that fit the terminal.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::text::inert;
use crate::domain::organisation::Lang;

/// Rows of texts under headings; the last columns give way first when the width is short.
pub struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

const GAP: usize = 2;
const NARROWEST: usize = 6;

impl Table {
    pub fn new(headings: &[&'static str]) -> Self {
        Table { headings: headings.to_vec(), rows: Vec::new() }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let inert = |cell: String| match inert(&cell) {
            Cow::Borrowed(_) => cell,
            Cow::Owned(escaped) => escaped,
        };
        self.rows.push(cells.into_iter().map(inert).collect());
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text; `width` is the terminal's, or `None` for no limit. Empty columns are left out.
    pub fn render(&self, width: Option<usize>) -> String {
        self.render_in(Lang::En, width)
    }

    /// [`Table::render`] with the headings in a language.
    pub fn render_in(&self, lang: Lang, width: Option<usize>) -> String {
        let said: Vec<Cow<'_, str>> = self.headings.iter().map(|h| lang.say(h)).collect();
        let used: Vec<usize> = (0..self.headings.len())
            .filter(|i| self.rows.iter().any(|r| r.get(*i).is_some_and(|c| !c.is_empty())))
            .collect();
        let mut widths: Vec<usize> = used
            .iter()
            .map(|i| {
                let widest =
                    self.rows.iter().filter_map(|r| r.get(*i)).map(|c| columns(c)).max().unwrap_or(0);
                widest.max(said.get(*i).map_or(0, |h| h.width()))
            })
            .collect();
        if let Some(width) = width {
            shrink(&mut widths, width);
        }
        let mut out = String::new();
        let headings: Vec<&str> = used.iter().map(|i| said.get(*i).map_or("", |h| h.as_ref())).collect();
        line(&mut out, &headings, &widths);
        for row in &self.rows {
            let cells: Vec<&str> = used.iter().map(|i| row.get(*i).map_or("", String::as_str)).collect();
            line(&mut out, &cells, &widths);
        }
        out
    }
}

/// Takes from the widest column, one at a time, until the row fits.
fn shrink(widths: &mut [usize], width: usize) {
    let total = |w: &[usize]| w.iter().sum::<usize>() + GAP * w.len().saturating_sub(1);
    while total(widths) > width {
        match widths.iter_mut().rev().max_by_key(|w| **w) {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => break,
        }
    }
}

fn line(out: &mut String, cells: &[&str], widths: &[usize]) {
    let mut text = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let cut = cut(cell, *width);
        let pad = width.saturating_sub(columns(&cut)) + GAP;
        text.push_str(&cut);
        text.extend(std::iter::repeat_n(' ', pad));
    }
    out.push_str(text.trim_end());
    out.push('\n');
}

/// Columns of an inert text; of ASCII, as most is in a long table, without asking Unicode's tables.
pub(super) fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// `text` in at most `width` columns, with an ellipsis where something is missing.
pub(super) fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if columns(text) <= width {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        let w = c.width().unwrap_or(0);
        if used + w > width {
            break;
        }
        used += w;
        out.push(c);
    }
    out.push('…');
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_its_terminal_and_leaves_empty_columns_out() {
        let mut table = Table::new(&["ID", "NAME", "PHONE", "NOTE"]);
        table.row(["3f9a".into(), "Éloïse 東京".into(), String::new(), "a very long note".into()]);
        table.row(["4f9a".into(), "Bob".into(), String::new(), "x\u{1b}[31m".into()]);
        let text = table.render(Some(30));
        assert!(text.lines().all(|l| l.width() <= 30), "{text}");
        assert!(!text.contains("PHONE") && text.contains('…') && !text.contains('\u{1b}'));
    }
}
