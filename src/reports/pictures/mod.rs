//! Pictures of the site: inline SVG made at build time, each with a title, a description and the same figures as a table.
//!
//! A view carries the facts ([`Calendar`], [`TimeLine`], [`Rates`]); a template's filter of the same name draws them:
//!
//! ```text
//! {{ v.calendar | calendar(id="calendar", caption=t.access.calendar) }}
//! {{ v.deadlines | time_line(id="deadlines", caption=t.requests.deadlines, of="request") }}
//! {{ v.rates | rates(id="rates", caption=t.consent.rates) }}
//! ```
//!
//! Colours come from the stylesheet's classes, so that a picture follows light, dark, print and forced colours; what a
//! colour says is said by a size, a shape or a dash, too. Every text goes through [`Markup`]'s escape.

mod calendar;
mod rates;
mod svg;
mod time_line;

use tera::{Filter, Kwargs, State, Tera, TeraResult, Value};

use super::markup::Markup;
use super::texts::Texts;
use crate::error::{Error, Result};

pub use calendar::Calendar;
pub use rates::{Panel, Rates};
pub use time_line::{Span, TimeLine};

use std::sync::Arc;

/// What a template says about a picture.
struct Frame<'a> {
    /// Unique on its page; other ids of the picture begin with it.
    id: &'a str,
    caption: &'a str,
    /// Which words a time line uses: `request` or `breach`.
    of: &'a str,
}

/// Facts that can be drawn.
trait Picture: serde::de::DeserializeOwned + 'static {
    /// A whole `figure`.
    fn draw(&self, frame: &Frame<'_>, texts: &Texts) -> Result<String>;
}

/// A picture as a filter, whose output is markup already.
struct Drawn<P> {
    texts: Arc<Texts>,
    kind: std::marker::PhantomData<fn() -> P>,
}

impl<P: Picture> Filter<Value, TeraResult<String>> for Drawn<P> {
    fn call(&self, value: Value, args: Kwargs, _: &State<'_>) -> TeraResult<String> {
        let frame = Frame {
            id: args.must_get::<&str>("id")?,
            caption: args.must_get::<&str>("caption")?,
            of: args.get::<&str>("of")?.unwrap_or_default(),
        };
        let facts = serde_json::to_value(&value)
            .and_then(serde_json::from_value::<P>)
            .map_err(|e| tera::Error::message(format!("this cannot be drawn: {e}")))?;
        facts.draw(&frame, &self.texts).map_err(|e| tera::Error::message(e.to_string()))
    }

    fn is_safe(&self) -> bool {
        true
    }
}

/// Gives a template engine the filters that draw.
pub(super) fn register(tera: &mut Tera, texts: &Arc<Texts>) {
    fn drawn<P: Picture>(texts: &Arc<Texts>) -> Drawn<P> {
        Drawn { texts: texts.clone(), kind: std::marker::PhantomData }
    }
    tera.register_filter("calendar", drawn::<Calendar>(texts));
    tera.register_filter("time_line", drawn::<TimeLine>(texts));
    tera.register_filter("rates", drawn::<Rates>(texts));
}

/// A word of the pictures.
fn word(texts: &Texts, kind: &str, code: &str) -> Result<String> {
    texts
        .label(kind, code)
        .ok_or_else(|| Error::failed("a picture names words that are not there").at(kind.to_owned()))
}

/// `word: number`, with the space that the language has before a colon.
fn figure_of(texts: &Texts, word: &str, n: usize) -> String {
    format!("{word}{} {}", texts.lang.pick(":", "\u{a0}:"), texts.number(n as i64))
}

/// A figure: the drawing, which may be wider than the page, then what stands below it.
fn figure(frame: &Frame<'_>, class: &str, drawing: &str, below: &str) -> Result<String> {
    let mut out = Markup::default();
    out.raw(&format!("<figure class=\"picture {class}\">\n<figcaption id=\""));
    out.text(frame.id)?;
    out.raw("\">");
    out.text(frame.caption)?;
    out.raw("</figcaption>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"");
    out.text(frame.id)?;
    out.raw("\">\n");
    out.raw(drawing);
    out.raw("</div>\n");
    out.raw(below);
    out.raw("</figure>\n");
    Ok(out.into_string())
}

/// The figures of a picture as a table that opens: heads, and rows whose first cell is their head.
fn table(frame: &Frame<'_>, texts: &Texts, heads: &[String], rows: &[Vec<String>]) -> Result<String> {
    let mut out = Markup::default();
    out.raw("<details>\n<summary>");
    out.text(&word(texts, "picture", "table")?)?;
    out.raw("</summary>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"");
    out.text(frame.id)?;
    out.raw("-table\">\n<table>\n<caption id=\"");
    out.text(frame.id)?;
    out.raw("-table\">");
    out.text(frame.caption)?;
    out.raw(" (");
    out.text(&word(texts, "picture", "figures")?)?;
    out.raw(")</caption>\n<thead><tr>");
    let number = |cell: &String| cell.chars().all(|c| c.is_ascii_digit() || ",–\u{202f}".contains(c));
    let numbers = |i: usize| i > 0 && rows.iter().all(|row| row.get(i).is_none_or(number));
    for (i, head) in heads.iter().enumerate() {
        out.raw(if numbers(i) { "<th scope=\"col\" class=\"n\">" } else { "<th scope=\"col\">" });
        out.text(head)?;
        out.raw("</th>");
    }
    out.raw("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.raw("<tr>");
        for (i, cell) in row.iter().enumerate() {
            out.raw(match (i, numbers(i)) {
                (0, _) => "<th scope=\"row\">",
                (_, true) => "<td class=\"n\">",
                (_, false) => "<td>",
            });
            out.text(cell)?;
            out.raw(if i == 0 { "</th>" } else { "</td>" });
        }
        out.raw("</tr>\n");
    }
    out.raw("</tbody>\n</table>\n</div>\n</details>\n");
    Ok(out.into_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::organisation::Lang;

    pub(super) fn frame<'a>(of: &'a str) -> Frame<'a> {
        Frame { id: "p", caption: "<b>'caption'", of }
    }

    #[test]
    fn what_stands_in_a_table_and_a_figure_is_text() {
        let texts = Texts::load(Lang::En).unwrap();
        let cells = vec![vec!["<script>".to_owned(), "&".to_owned()]];
        let drawn = table(&frame(""), &texts, &["a\"b".to_owned()], &cells).unwrap();
        assert!(drawn.contains("<th scope=\"row\">&lt;script&gt;</th><td>&amp;</td>"), "{drawn}");
        assert!(!drawn.contains("<b>") && drawn.contains("a&quot;b"));
        let whole = figure(&frame(""), "x", "", &drawn).unwrap();
        assert!(whole.contains("&lt;b&gt;&#39;caption&#39;</figcaption>"));
    }
}
