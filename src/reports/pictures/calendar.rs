//! A calendar heat map: a square a day for the last twelve months, a column a week, Monday first.

use chrono::{DateTime, Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Frame, Picture, figure, figure_of, table, word};
use crate::error::Result;
use crate::reports::markup::Markup;
use crate::reports::texts::Texts;

const WEEKS: u32 = 53;
const CELL: f64 = 14.0;
const SIDE: f64 = 11.0;
const LEFT: f64 = 34.0;
const TOP: f64 = 20.0;
/// Sizes of the squares of the five steps: more is larger, so that a picture without colours says the same.
const SIZES: [f64; 5] = [3.0, 5.5, 7.5, 9.5, SIDE];

/// Entries a day; the first is a Monday, the last the day that the site was built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Calendar {
    /// `YYYY-MM-DD`, UTC.
    #[cfg_attr(test, schemars(with = "String"))]
    pub first: NaiveDate,
    pub days: Vec<usize>,
}

impl Calendar {
    /// Counts moments (seconds since 1970) in the 53 weeks that end with the week of `now`.
    pub fn of(times: impl Iterator<Item = i64>, now: i64) -> Calendar {
        let Some(today) = DateTime::from_timestamp(now, 0).map(|at| at.date_naive()) else {
            return Calendar::default();
        };
        let back = u64::from((WEEKS - 1) * 7 + today.weekday().num_days_from_monday());
        let first = today.checked_sub_days(Days::new(back)).unwrap_or(today);
        let length = usize::try_from((today - first).num_days() + 1).unwrap_or_default();
        let mut days = vec![0; length];
        let start = first.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
        for time in times {
            let day = usize::try_from((time - start).div_euclid(86_400)).ok();
            if let Some(count) = day.and_then(|day| days.get_mut(day)) {
                *count += 1;
            }
        }
        Calendar { first, days }
    }

    fn day(&self, n: usize) -> NaiveDate {
        self.first.checked_add_days(Days::new(n as u64)).unwrap_or(self.first)
    }

    fn most(&self) -> usize {
        self.days.iter().copied().max().unwrap_or_default()
    }

    /// The step of a day: none, then quarters of the busiest.
    fn step(&self, count: usize) -> usize {
        (count * 4).div_ceil(self.most().max(1)).min(4)
    }

    fn squares(&self, out: &mut Markup, texts: &Texts) -> Result<()> {
        for (n, count) in self.days.iter().enumerate() {
            let (day, step) = (self.day(n), self.step(*count));
            let size = SIZES.get(step).copied().unwrap_or(SIDE);
            let middle = (CELL - size) / 2.0;
            let x = LEFT + (n / 7) as f64 * CELL + middle;
            let y = TOP + (n % 7) as f64 * CELL + middle;
            out.raw(&format!("<rect class=\"step{step}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{size}\" height=\"{size}\" rx=\"1.5\">"));
            if *count > 0 {
                out.raw("<title>");
                out.text(&figure_of(texts, &texts.day(noon(day)), *count))?;
                out.raw("</title>");
            }
            out.raw("</rect>\n");
            if day.day() == 1 && n + 14 < self.days.len() {
                let month = word(texts, "month_short", &day.month().to_string())?;
                out.label(LEFT + (n / 7) as f64 * CELL, 12.0, "tick", &month)?;
            }
        }
        Ok(())
    }
}

fn noon(day: NaiveDate) -> i64 {
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp() + 43_200
}

impl Picture for Calendar {
    fn draw(&self, frame: &Frame<'_>, texts: &Texts) -> Result<String> {
        let total: usize = self.days.iter().sum();
        let last = self.day(self.days.len().saturating_sub(1));
        let busiest = self.days.iter().rposition(|count| *count == self.most()).unwrap_or_default();
        let description = word(texts, "picture", if total == 0 { "calendar_none" } else { "calendar_text" })?
            .replace("{total}", &texts.number(total as i64))
            .replace("{first}", &texts.day(noon(self.first)))
            .replace("{last}", &texts.day(noon(last)))
            .replace("{day}", &texts.day(noon(self.day(busiest))))
            .replace("{most}", &texts.number(self.most() as i64));
        let mut out = Markup::default();
        let width = LEFT + f64::from(WEEKS) * CELL;
        out.open(frame.id, width, TOP + 7.0 * CELL, frame.caption, &description)?;
        for (row, day) in [(0, "1"), (2, "3"), (4, "5"), (6, "7")] {
            out.label(0.0, TOP + f64::from(row) * CELL + 11.0, "tick", &word(texts, "weekday_short", day)?)?;
        }
        self.squares(&mut out, texts)?;
        out.raw("</svg>\n");
        let drawing = out.into_string();
        let mut below = Markup::default();
        below.raw("<p class=\"legend\" aria-hidden=\"true\"><span>");
        below.text(&word(texts, "picture", "less")?)?;
        below.raw("</span> <svg viewBox=\"0 0 70 14\" width=\"70\" height=\"14\" focusable=\"false\">");
        for (step, size) in SIZES.iter().enumerate() {
            let (x, y) = (step as f64 * CELL + (CELL - size) / 2.0, (CELL - size) / 2.0);
            below.raw(&format!("<rect class=\"step{step}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{size}\" height=\"{size}\" rx=\"1.5\"/>"));
        }
        below.raw("</svg> <span>");
        below.text(&word(texts, "picture", "more")?)?;
        below.raw("</span></p>\n<p class=\"small\">");
        below.text(&description)?;
        below.raw("</p>\n");
        let mut heads = vec![word(texts, "picture", "week")?];
        for day in 1..=7 {
            heads.push(word(texts, "weekday", &day.to_string())?);
        }
        // Weeks without an entry are left out: the description says how long the whole is.
        let weeks = self.days.chunks(7).enumerate().filter(|(_, days)| days.iter().any(|count| *count > 0));
        let rows: Vec<Vec<String>> = weeks
            .map(|(week, days)| {
                let head = texts.day(noon(self.day(week * 7)));
                std::iter::once(head).chain(days.iter().map(|count| texts.number(*count as i64))).collect()
            })
            .map(|mut row: Vec<String>| {
                row.resize(8, "–".to_owned());
                row
            })
            .collect();
        if !rows.is_empty() {
            below.raw(&table(frame, texts, &heads, &rows)?);
        }
        figure(frame, "calendar", &drawing, &below.into_string())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::frame;
    use super::*;
    use crate::domain::organisation::Lang;

    /// 2026-11-23, a Monday, 10:00.
    const NOW: i64 = 1_795_428_000;

    #[test]
    fn a_year_begins_on_a_monday_and_ends_today() {
        let year = Calendar::of(
            [NOW, NOW - 86_400, NOW - 86_400, NOW + 86_400, NOW - 400 * 86_400].into_iter(),
            NOW,
        );
        assert_eq!((year.first.to_string().as_str(), year.days.len()), ("2025-11-24", 52 * 7 + 1));
        assert_eq!((year.days.iter().sum::<usize>(), year.days[363], year.days[364]), (3, 2, 1));
        assert_eq!([0, 1, 2].map(|n| year.step(n)), [0, 2, 4]);
        assert_eq!(Calendar::of(std::iter::empty(), i64::MAX), Calendar::default());
    }

    #[test]
    fn each_day_is_drawn_and_each_entry_stands_in_the_table_too() {
        let texts = Texts::load(Lang::En).unwrap();
        let year = Calendar::of([NOW, NOW, NOW - 9 * 86_400].into_iter(), NOW);
        let drawn = year.draw(&frame(""), &texts).unwrap();
        assert_eq!(drawn.matches("<rect class=\"step").count(), 365 + 5);
        assert_eq!(drawn.matches("<th scope=\"row\">").count(), 2);
        assert!(
            drawn.contains("<tr><th scope=\"row\">23\u{a0}November\u{a0}2026</th><td class=\"n\">2</td><td class=\"n\">–</td>"),
            "{drawn}"
        );
        let none = Calendar::of(std::iter::empty(), NOW).draw(&frame(""), &texts).unwrap();
        assert!(!none.contains("<table>") && none.contains("No entry"));
        Calendar::default().draw(&frame(""), &texts).unwrap();
    }
}
