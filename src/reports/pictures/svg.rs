//! Parts of drawings.

use crate::error::{Error, Result};
use crate::reports::markup::Markup;

impl Markup {
    /// `<text>` at a place, with a class of the stylesheet.
    pub(super) fn label(&mut self, x: f64, y: f64, class: &str, text: &str) -> Result<()> {
        self.raw(&format!("<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\">"));
        self.text(text)?;
        self.raw("</text>\n");
        Ok(())
    }

    /// An `svg` element with its title and description; `id` is the picture's.
    pub(super) fn open(
        &mut self,
        id: &str,
        width: f64,
        height: f64,
        title: &str,
        description: &str,
    ) -> Result<()> {
        self.raw(&format!("<svg viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-labelledby=\""));
        self.text(id)?;
        self.raw("-title ");
        self.text(id)?;
        self.raw("-text\">\n<title id=\"");
        self.text(id)?;
        self.raw("-title\">");
        self.text(title)?;
        self.raw("</title>\n<desc id=\"");
        self.text(id)?;
        self.raw("-text\">");
        self.text(description)?;
        self.raw("</desc>\n");
        Ok(())
    }
}

/// The first month after each moment of a span, as seconds since 1970, at most `most` of them.
pub(super) fn months_between(from: i64, to: i64, most: usize) -> Result<Vec<(i64, String)>> {
    use chrono::{DateTime, Datelike, Months, NaiveDate};
    let bad = || Error::failed("a picture's time cannot be read");
    let first = DateTime::from_timestamp(from, 0).ok_or_else(bad)?.date_naive();
    let mut month = NaiveDate::from_ymd_opt(first.year(), first.month(), 1).ok_or_else(bad)?;
    let mut found = Vec::new();
    while found.len() < most {
        let Some(next) = month.checked_add_months(Months::new(1)) else { break };
        month = next;
        let at = month.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
        if at > to {
            break;
        }
        found.push((at, month.format("%Y-%m").to_string()));
    }
    Ok(found)
}
