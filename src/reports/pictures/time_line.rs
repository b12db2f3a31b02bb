//! A time line: a row for each matter, from its beginning to its end, with the day by which it had to end.

use serde::{Deserialize, Serialize};

use super::svg::months_between;
use super::{Frame, Picture, figure, figure_of, table, word};
use crate::error::Result;
use crate::reports::markup::Markup;
use crate::reports::texts::Texts;

const LEFT: f64 = 110.0;
const AREA: f64 = 560.0;
const RIGHT: f64 = 130.0;
const TOP: f64 = 26.0;
const ROW: f64 = 26.0;
/// Rows that are drawn, the newest; the table has all.
const DRAWN: usize = 60;

/// Matters with a term, such as requests and breaches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TimeLine {
    /// Seconds since 1970: what has no end yet is drawn up to here.
    pub now: i64,
    /// In the order of the page; the newest first.
    pub rows: Vec<Span>,
}

/// One matter. Times are seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Span {
    /// A reference, such as `2026-004`; never a name.
    pub name: String,
    /// Received, or become aware of.
    pub start: i64,
    /// The end of the term.
    pub due: Option<i64>,
    /// Answered, or notified.
    pub end: Option<i64>,
}

impl Span {
    /// A code of `label.term`: `kept`, `late`, `running`, `overdue`, or `none` where no term runs.
    pub fn state(&self, now: i64) -> &'static str {
        match (self.due, self.end) {
            (Some(due), Some(end)) if end > due => "late",
            (_, Some(_)) => "kept",
            (Some(due), None) if now > due => "overdue",
            (Some(_), None) => "running",
            (None, None) => "none",
        }
    }
}

impl TimeLine {
    /// The span of the whole picture, never empty.
    fn span(&self) -> (i64, i64) {
        let drawn = || self.rows.iter().take(DRAWN);
        let from = drawn().map(|r| r.start).min().unwrap_or(self.now);
        let ends = |r: &Span| r.due.into_iter().chain(r.end).chain([r.start]).max().unwrap_or(self.now);
        let to = drawn().map(ends).chain([self.now]).max().unwrap_or(self.now);
        (from, to.max(from.saturating_add(86_400)))
    }

    fn row(
        &self,
        out: &mut Markup,
        texts: &Texts,
        n: usize,
        row: &Span,
        place: &dyn Fn(i64) -> f64,
    ) -> Result<()> {
        let state = row.state(self.now);
        let middle = TOP + n as f64 * ROW + ROW / 2.0;
        let (x1, x2) = (place(row.start), place(row.end.unwrap_or(self.now).max(row.start)));
        out.label(0.0, middle + 4.5, "name", &row.name)?;
        out.raw(&format!("<g class=\"{state}\">"));
        let height = 8.0;
        let y = middle - height / 2.0;
        out.raw(&format!(
            "<rect class=\"span\" x=\"{x1:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height}\" rx=\"2\"/>",
            (x2 - x1).max(2.0)
        ));
        if let Some(due) = row.due {
            let x = place(due);
            out.raw(&format!("<path class=\"due\" d=\"M{x:.1} {:.1}v{:.1}\"/>", middle - 9.0, 18.0));
            if x2 > x {
                // What goes over the term is a thin line on the bar as well as another colour.
                out.raw(&format!("<path class=\"over\" d=\"M{x:.1} {middle:.1}H{x2:.1}\"/>"));
            }
        }
        if row.end.is_some() {
            out.raw(&format!("<circle class=\"end\" cx=\"{x2:.1}\" cy=\"{middle:.1}\" r=\"5\"/>"));
        }
        out.raw("</g>\n");
        out.label(LEFT + AREA + 14.0, middle + 4.5, "tick", &word(texts, "term", state)?)
    }
}

impl Picture for TimeLine {
    fn draw(&self, frame: &Frame<'_>, texts: &Texts) -> Result<String> {
        let (from, to) = self.span();
        let scale = AREA / to.saturating_sub(from) as f64;
        let place = |at: i64| LEFT + at.saturating_sub(from) as f64 * scale;
        let count = |state: &str| self.rows.iter().filter(|r| r.state(self.now) == state).count();
        let mut parts = Vec::new();
        for state in ["kept", "late", "running", "overdue", "none"] {
            if count(state) > 0 {
                parts.push(figure_of(texts, &word(texts, "term", state)?, count(state)));
            }
        }
        let description = parts.join(", ");
        let mut out = Markup::default();
        let height = TOP + self.rows.len().min(DRAWN) as f64 * ROW + 6.0;
        out.open(frame.id, LEFT + AREA + RIGHT, height, frame.caption, &description)?;
        let months = months_between(from, to, 240)?;
        let every = months.len().div_ceil(8).max(1);
        for (at, month) in months.iter().step_by(every) {
            let x = place(*at);
            out.raw(&format!("<path class=\"grid\" d=\"M{x:.1} {:.1}V{height:.1}\"/>\n", TOP - 6.0));
            let short = month.rsplit('-').next().unwrap_or_default().trim_start_matches('0');
            let year = month.get(..4).unwrap_or_default();
            out.label(x + 3.0, 14.0, "tick", &format!("{}\u{a0}{year}", word(texts, "month_short", short)?))?;
        }
        for (n, row) in self.rows.iter().take(DRAWN).enumerate() {
            self.row(&mut out, texts, n, row, &place)?;
        }
        out.raw("</svg>\n");
        let kind = format!("line-{}", frame.of);
        let mut below = Markup::default();
        below.raw("<p class=\"legend\" aria-hidden=\"true\">");
        for (shape, key) in [
            ("<rect class=\"span\" x=\"0\" y=\"3\" width=\"22\" height=\"8\" rx=\"2\"/>", "span"),
            ("<path class=\"due\" d=\"M11 0v14\"/>", "due"),
            ("<circle class=\"end\" cx=\"11\" cy=\"7\" r=\"5\"/>", "end"),
        ] {
            below.raw("<span><svg viewBox=\"0 0 22 14\" width=\"22\" height=\"14\" focusable=\"false\">");
            below.raw(shape);
            below.raw("</svg> ");
            below.text(&word(texts, &kind, key)?)?;
            below.raw("</span> ");
        }
        below.raw("</p>\n");
        let heads = ["name", "start", "due", "end", "state"];
        let heads = heads.map(|key| word(texts, &kind, key)).into_iter().collect::<Result<Vec<_>>>()?;
        // A breach's term is counted in hours.
        let say = |at| if frame.of == "breach" { texts.moment(at) } else { texts.day(at) };
        let day = |at: Option<i64>| at.map_or_else(|| "–".to_owned(), say);
        let mut rows = Vec::new();
        for row in &self.rows {
            let state = word(texts, "term", row.state(self.now))?;
            rows.push(vec![row.name.clone(), day(Some(row.start)), day(row.due), day(row.end), state]);
        }
        below.raw(&table(frame, texts, &heads, &rows)?);
        figure(frame, "time-line", &out.into_string(), &below.into_string())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::frame;
    use super::*;
    use crate::domain::organisation::Lang;

    const DAY: i64 = 86_400;
    const NOW: i64 = 1_795_428_000;

    fn line(rows: &[(i64, Option<i64>, Option<i64>)]) -> TimeLine {
        let span = |(start, due, end): &(i64, Option<i64>, Option<i64>)| {
            let at = |days: i64| NOW + days * DAY;
            Span { name: "<2026-001>".into(), start: at(*start), due: due.map(at), end: end.map(at) }
        };
        TimeLine { now: NOW, rows: rows.iter().map(span).collect() }
    }

    #[test]
    fn terms_are_kept_late_running_or_overdue() {
        let rows = [
            (-40, Some(-10), Some(-10)),
            (-40, Some(-10), Some(-9)),
            (-5, Some(25), None),
            (-40, Some(-10), None),
            (-3, None, None),
            (-3, None, Some(-1)),
        ];
        let line = line(&rows);
        let states: Vec<_> = line.rows.iter().map(|r| r.state(NOW)).collect();
        assert_eq!(states, ["kept", "late", "running", "overdue", "none", "kept"]);
        let texts = Texts::load(Lang::Fr).unwrap();
        for of in ["request", "breach"] {
            let drawn = line.draw(&frame(of), &texts).unwrap();
            assert!(drawn.contains("&lt;2026-001&gt;") && !drawn.contains("<2026"));
            assert_eq!(drawn.matches("class=\"due\"").count(), 4 + 1, "the legend has one, too");
            assert_eq!(drawn.matches("class=\"over\"").count(), 2);
            assert_eq!(drawn.matches("<th scope=\"row\">").count(), rows.len());
        }
    }

    #[test]
    fn of_very_many_rows_the_newest_are_drawn_and_all_are_in_the_table() {
        let rows: Vec<_> = (1..=100).map(|n| (-n, Some(30 - n), None)).collect();
        let drawn = line(&rows).draw(&frame("breach"), &Texts::load(Lang::En).unwrap()).unwrap();
        assert_eq!(drawn.matches("class=\"name\"").count(), DRAWN);
        assert_eq!(drawn.matches("<th scope=\"row\">").count(), 100);
        assert!(drawn.contains("<td>22\u{a0}November\u{a0}2026, 10:00</td>"), "{drawn}");
    }

    #[test]
    fn the_smallest_and_the_strangest_lines_are_drawn_inside_the_picture() {
        let texts = Texts::load(Lang::En).unwrap();
        for rows in [&[][..], &[(0, None, None)], &[(0, Some(30), None)], &[(-9000, Some(-8970), Some(-1))]] {
            let drawn = line(rows).draw(&frame("request"), &texts).unwrap();
            let places =
                drawn.split(" x=\"").skip(1).filter_map(|part| part.split('"').next()?.parse::<f64>().ok());
            assert!(places.clone().all(|x| (0.0..=LEFT + AREA + RIGHT).contains(&x)), "{drawn}");
        }
    }
}
