//! Consents a month as small multiples: a panel a purpose, a line each for granted, refused and withdrawn.

use serde::{Deserialize, Serialize};

use super::{Frame, Picture, figure_of, table, word};
use crate::error::Result;
use crate::reports::markup::Markup;
use crate::reports::texts::Texts;

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 132.0;
const LEFT: f64 = 34.0;
const TOP: f64 = 10.0;
const BASE: f64 = 108.0;

/// Counts of the same months for each purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Rates {
    /// `YYYY-MM`, oldest first.
    pub months: Vec<String>,
    pub panels: Vec<Panel>,
}

/// One purpose; lists are as long as the months.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Panel {
    /// The purpose's title; none for what is not declared.
    pub name: Option<String>,
    pub granted: Vec<usize>,
    pub refused: Vec<usize>,
    pub withdrawn: Vec<usize>,
}

impl Panel {
    fn lines(&self) -> [(&'static str, &[usize]); 3] {
        [("granted", &self.granted), ("refused", &self.refused), ("withdrawn", &self.withdrawn)]
    }

    fn name(&self, texts: &Texts) -> Result<String> {
        self.name.clone().map_or_else(|| word(texts, "picture", "undeclared"), Ok)
    }
}

/// A point's mark, so that lines are told apart without colour.
fn mark(kind: &str, x: f64, y: f64) -> String {
    match kind {
        "granted" => format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"),
        "refused" => {
            format!("<rect x=\"{:.1}\" y=\"{:.1}\" width=\"5.4\" height=\"5.4\"/>", x - 2.7, y - 2.7)
        }
        _ => format!("<path d=\"M{x:.1} {:.1}l3.6 6h-7.2z\"/>", y - 3.6),
    }
}

impl Rates {
    fn panel(&self, frame: &Frame<'_>, texts: &Texts, n: usize, panel: &Panel) -> Result<String> {
        let name = panel.name(texts)?;
        let most =
            panel.lines().iter().flat_map(|(_, counts)| counts.iter().copied()).max().unwrap_or(0).max(1);
        let step = (WIDTH - LEFT - 12.0) / (self.months.len().max(2) - 1) as f64;
        let place = |i: usize, count: usize| {
            (LEFT + i as f64 * step, BASE - (BASE - TOP) * count as f64 / most as f64)
        };
        let mut description = Vec::new();
        for (kind, counts) in panel.lines() {
            description.push(figure_of(texts, &word(texts, "consent", kind)?, counts.iter().sum()));
        }
        let mut out = Markup::default();
        out.raw("<div class=\"panel\">\n<h3>");
        out.text(&name)?;
        out.raw("</h3>\n");
        out.open(&format!("{}-{n}", frame.id), WIDTH, HEIGHT, &name, &description.join(", "))?;
        for count in [0, most] {
            let (_, y) = place(0, count);
            out.raw(&format!("<path class=\"grid\" d=\"M{LEFT} {y:.1}H{:.1}\"/>\n", WIDTH - 6.0));
            out.label(LEFT - 8.0, y + 4.0, "tick at-end", &texts.number(count as i64))?;
        }
        let last = self.months.len().saturating_sub(1);
        for (i, month) in self.months.iter().enumerate() {
            if i == 0 || i == last {
                let short = month.rsplit('-').next().unwrap_or_default().trim_start_matches('0');
                let text = format!(
                    "{}\u{a0}{}",
                    word(texts, "month_short", short)?,
                    month.get(..4).unwrap_or_default()
                );
                let class = if i == 0 { "tick" } else { "tick at-end" };
                out.label(if i == 0 { LEFT } else { WIDTH - 6.0 }, HEIGHT - 6.0, class, &text)?;
            }
        }
        for (kind, counts) in panel.lines() {
            // A line begins in the month before its first event.
            let Some(first) = counts.iter().position(|count| *count > 0) else { continue };
            let counts = counts.iter().enumerate().skip(first.saturating_sub(1));
            let points: Vec<(usize, (f64, f64))> = counts.map(|(i, n)| (*n, place(i, *n))).collect();
            let path: Vec<String> = points.iter().map(|(_, (x, y))| format!("{x:.1} {y:.1}")).collect();
            out.raw(&format!("<g class=\"{kind}\"><path class=\"line\" d=\"M{}\"/>", path.join("L")));
            for (_, (x, y)) in points.into_iter().filter(|(n, _)| *n > 0) {
                out.raw(&mark(kind, x, y));
            }
            out.raw("</g>\n");
        }
        out.raw("</svg>\n</div>\n");
        Ok(out.into_string())
    }
}

impl Picture for Rates {
    fn draw(&self, frame: &Frame<'_>, texts: &Texts) -> Result<String> {
        let mut out = Markup::default();
        out.raw("<figure class=\"picture rates\">\n<figcaption id=\"");
        out.text(frame.id)?;
        out.raw("\">");
        out.text(frame.caption)?;
        out.raw("</figcaption>\n<p class=\"legend\" aria-hidden=\"true\">");
        for kind in ["granted", "refused", "withdrawn"] {
            out.raw(&format!("<span><svg viewBox=\"0 0 26 14\" width=\"26\" height=\"14\" focusable=\"false\"><g class=\"{kind}\"><path class=\"line\" d=\"M0 7H26\"/>{}</g></svg> ", mark(kind, 13.0, 7.0)));
            out.text(&word(texts, "consent", kind)?)?;
            out.raw("</span> ");
        }
        out.raw("</p>\n<div class=\"panels\">\n");
        for (n, panel) in self.panels.iter().enumerate() {
            out.raw(&self.panel(frame, texts, n, panel)?);
        }
        out.raw("</div>\n");
        let mut heads = vec![word(texts, "picture", "purpose")?, word(texts, "picture", "month")?];
        for kind in ["granted", "refused", "withdrawn"] {
            heads.push(word(texts, "consent", kind)?);
        }
        let mut rows = Vec::new();
        for panel in &self.panels {
            let name = panel.name(texts)?;
            for (i, month) in self.months.iter().enumerate() {
                let counts = panel.lines().map(|(_, counts)| counts.get(i).copied().unwrap_or_default());
                if counts.iter().any(|count| *count > 0) {
                    let head = vec![name.clone(), texts.month(month)];
                    rows.push(head.into_iter().chain(counts.map(|n| texts.number(n as i64))).collect());
                }
            }
        }
        out.raw(&table(frame, texts, &heads, &rows)?);
        out.raw("</figure>\n");
        Ok(out.into_string())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::frame;
    use super::*;
    use crate::domain::organisation::Lang;

    #[test]
    fn a_panel_a_purpose_with_three_marks_and_all_counts_in_the_table() {
        let panel = Panel {
            name: Some("<Lettre>".into()),
            granted: vec![4, 0],
            refused: vec![1, 0],
            withdrawn: vec![0, 2],
        };
        let nobody = Panel { name: None, granted: vec![0, 1], refused: vec![0, 0], withdrawn: vec![0, 0] };
        let rates = Rates { months: vec!["2026-10".into(), "2026-11".into()], panels: vec![panel, nobody] };
        let drawn = rates.draw(&frame(""), &Texts::load(Lang::En).unwrap()).unwrap();
        assert_eq!(drawn.matches("role=\"img\"").count(), 2);
        assert_eq!(drawn.matches("<g class=\"granted\"").count(), 2 + 1, "one is the legend's");
        assert!(drawn.contains("<h3>&lt;Lettre&gt;</h3>") && !drawn.contains("<Lettre>"));
        assert_eq!(drawn.matches("<th scope=\"row\">").count(), 3);
        assert!(
            drawn.contains(
                "<td>October\u{a0}2026</td><td class=\"n\">4</td><td class=\"n\">1</td><td class=\"n\">0</td>"
            ),
            "{drawn}"
        );
        Rates::default().draw(&frame(""), &Texts::load(Lang::Fr).unwrap()).unwrap();
    }
}
