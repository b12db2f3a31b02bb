//! Long tables in files of their own: `access.html`, `access-2.html` and so on, newest entries first.

use std::borrow::Cow;
use std::ops::Range;

use serde::Serialize;
use serde_json::Value;

/// Rows of one file: few enough that a browser shows them at once.
pub(super) const ROWS: usize = 500;

/// One file of a long table, as templates see it (`p`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Paging {
    /// 1 for the first file, which has the page's figures, too.
    pub page: usize,
    /// How many files there are.
    pub pages: usize,
    /// The first and last row of this file, counted from 1; both 0 in an empty table.
    pub from: usize,
    pub to: usize,
    /// Rows of all files.
    pub total: usize,
    pub file: String,
    /// The file before this one.
    pub prev: Option<String>,
    pub next: Option<String>,
    /// The files to choose from: the first, the last and those around this one.
    pub links: Vec<Link>,
}

/// A link to one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Link {
    pub page: usize,
    pub file: String,
    pub current: bool,
    /// Whether files are left out before this one.
    pub gap: bool,
}

/// `access.html` and 2 give `access-2.html`.
fn name(first: &str, page: usize) -> String {
    match first.rsplit_once('.') {
        Some((stem, end)) if page > 1 => format!("{stem}-{page}.{end}"),
        _ => first.to_owned(),
    }
}

/// The file that has a row, counted from 0, of a table whose first file is `first`.
pub(super) fn file_of_row(first: &str, row: usize) -> String {
    name(first, row / ROWS + 1)
}

/// The files of a table of `total` rows whose first file is `first`; one even where there is no row.
pub(super) fn files(first: &str, total: usize) -> Vec<Paging> {
    let pages = total.div_ceil(ROWS).max(1);
    (1..=pages)
        .map(|page| Paging {
            page,
            pages,
            from: (ROWS * (page - 1) + 1).min(total),
            to: (ROWS * page).min(total),
            total,
            file: name(first, page),
            prev: (page > 1).then(|| name(first, page - 1)),
            next: (page < pages).then(|| name(first, page + 1)),
            links: links(first, page, pages),
        })
        .collect()
}

impl Paging {
    /// The rows of this file, counted from 0.
    pub(super) fn rows(&self) -> Range<usize> {
        self.from.saturating_sub(1)..self.to
    }
}

/// A page's view with the rows of one file only, in each of the places (JSON pointers, RFC 6901) that have one a row.
pub(super) fn cut<'a>(view: &'a Value, places: &[&str], rows: &Range<usize>) -> Cow<'a, Value> {
    let mut view = Cow::Borrowed(view);
    for place in places {
        if let Some(Value::Array(all)) = view.to_mut().pointer_mut(place) {
            all.truncate(rows.end);
            all.drain(..rows.start.min(all.len()));
        }
    }
    view
}

fn links(first: &str, page: usize, pages: usize) -> Vec<Link> {
    let near = |n: &usize| *n == 1 || *n == pages || n.abs_diff(page) <= 2;
    let shown: Vec<usize> = (1..=pages).filter(near).collect();
    let before = std::iter::once(0).chain(shown.iter().copied());
    let link = |(n, before): (&usize, usize)| Link {
        page: *n,
        file: name(first, *n),
        current: *n == page,
        gap: n - before > 1,
    };
    shown.iter().zip(before).map(link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_cut_to_the_rows_of_a_file_and_keeps_its_figures() {
        let rows: Vec<usize> = (0..2 * ROWS + 1).collect();
        let view =
            serde_json::json!({ "total": rows.len(), "rows": rows, "deadlines": { "now": 7, "rows": rows } });
        let mut seen = Vec::new();
        for file in files("requests.html", rows.len()) {
            let part = cut(&view, &["/rows", "/deadlines/rows", "/none"], &file.rows());
            assert_eq!((&part["total"], &part["deadlines"]["now"]), (&view["total"], &7.into()));
            assert_eq!(part["rows"], part["deadlines"]["rows"]);
            seen.extend(part["rows"].as_array().unwrap().clone());
        }
        assert_eq!(serde_json::json!(seen), view["rows"]);
    }

    #[test]
    fn every_row_is_in_one_file_and_every_file_is_linked() {
        for total in [0, 1, ROWS, ROWS + 1, 20 * ROWS] {
            let files = files("access.html", total);
            let rows: Vec<usize> = files.iter().flat_map(Paging::rows).collect();
            assert!(rows.iter().copied().eq(0..total), "{total}");
            for (n, file) in files.iter().enumerate() {
                assert_eq!(file.prev.as_ref(), n.checked_sub(1).map(|n| &files[n].file));
                assert_eq!(file.next.as_ref(), files.get(n + 1).map(|f| &f.file));
                assert!(file.links.iter().all(|link| files[link.page - 1].file == link.file));
                assert_eq!(file.links.iter().filter(|link| link.current).count(), 1);
                assert!(file.rows().all(|row| file_of_row("access.html", row) == file.file));
            }
        }
        let eleventh = &files("a.html", 20 * ROWS)[10];
        assert_eq!((eleventh.file.as_str(), eleventh.from, eleventh.to), ("a-11.html", 5001, 5500));
        let shown: Vec<_> = eleventh.links.iter().map(|l| (l.page, l.gap)).collect();
        assert_eq!(
            shown,
            [(1, false), (9, true), (10, false), (11, false), (12, false), (13, false), (20, true)]
        );
    }
}
