//! Tables that fit the terminal. Widths are those of the text; colours come around it afterwards.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::style::Tone;
use super::text::inert;
use crate::domain::organisation::Lang;

/// A text in a table, and what it is about.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    pub fn new(text: impl Into<String>, tone: Tone) -> Cell {
        Cell { text: text.into(), tone }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell { text, tone: Tone::Plain }
    }
}

/// Rows of texts under headings; the last columns give way first when the width is short.
pub struct Table {
    headings: Vec<&'static str>,
    /// Columns whose cells are words of carnet's own; all others are data and stay as they are in every language.
    words: Vec<usize>,
    /// Columns that are never cut: an amount without its last digits is another amount.
    whole: Vec<usize>,
    /// Columns that a narrow terminal does without, the first one first.
    spare: Vec<usize>,
    rows: Vec<Vec<Cell>>,
}

const GAP: usize = 2;
const NARROWEST: usize = 6;
/// What a column needs at least for its texts to be told apart; where there are columns to spare, they go before that.
const READABLE: usize = 16;

impl Table {
    pub fn new(headings: &[&'static str]) -> Self {
        Table {
            headings: headings.to_vec(),
            words: Vec::new(),
            whole: Vec::new(),
            spare: Vec::new(),
            rows: Vec::new(),
        }
    }

    fn places(&self, headings: &[&str]) -> Vec<usize> {
        headings.iter().filter_map(|h| self.headings.iter().position(|heading| heading == h)).collect()
    }

    /// Never cuts the columns under these headings.
    pub fn whole(mut self, headings: &[&str]) -> Self {
        self.whole = self.places(headings);
        self
    }

    /// Leaves these columns out, in this order, where the terminal is too narrow for all to be read.
    pub fn spare(mut self, headings: &[&str]) -> Self {
        self.spare = self.places(headings);
        self
    }

    /// How wide the table is where nothing is cut.
    pub fn widest(&self, lang: Lang) -> usize {
        self.render_in(lang, None).lines().map(columns).max().unwrap_or(0)
    }

    /// Says the cells of the columns under these headings in the reader's language: states, reasons and other words that
    /// carnet wrote itself. A column that may hold anybody's text is never among them.
    pub fn words(mut self, headings: &[&str]) -> Self {
        self.words = self.places(headings);
        self
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<Cell>>) {
        let inert = |cell: Cell| match inert(&cell.text) {
            Cow::Borrowed(_) => cell,
            Cow::Owned(escaped) => Cell { text: escaped, tone: cell.tone },
        };
        self.rows.push(cells.into_iter().map(|cell| inert(cell.into())).collect());
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text; `width` is the terminal's, or `None` for no limit. Empty columns are left out.
    pub fn render(&self, width: Option<usize>) -> String {
        self.render_in(Lang::En, width)
    }

    /// [`Table::render`] with the headings, and the columns of [`Table::words`], in a language.
    pub fn render_in(&self, lang: Lang, width: Option<usize>) -> String {
        self.paint(lang, width, false)
    }

    /// [`Table::render_in`], in colours where they are wanted.
    pub fn paint(&self, lang: Lang, width: Option<usize>, colours: bool) -> String {
        if lang == Lang::En || self.words.is_empty() {
            return self.laid_out(&self.rows, (lang, colours), width);
        }
        let mut rows = self.rows.clone();
        for row in &mut rows {
            for column in &self.words {
                let Some(cell) = row.get_mut(*column) else { continue };
                if let Cow::Owned(said) = lang.say(&cell.text) {
                    cell.text = said;
                }
            }
        }
        self.laid_out(&rows, (lang, colours), width)
    }

    fn laid_out(&self, rows: &[Vec<Cell>], (lang, colours): (Lang, bool), width: Option<usize>) -> String {
        let said: Vec<Cow<'_, str>> = self.headings.iter().map(|h| lang.say(h)).collect();
        let mut used: Vec<usize> = (0..self.headings.len())
            .filter(|i| rows.iter().any(|r| r.get(*i).is_some_and(|c| !c.text.is_empty())))
            .collect();
        let mut widths: Vec<usize> = used
            .iter()
            .map(|i| {
                let widest =
                    rows.iter().filter_map(|r| r.get(*i)).map(|c| columns(&c.text)).max().unwrap_or(0);
                widest.max(said.get(*i).map_or(0, |h| h.width()))
            })
            .collect();
        if let Some(width) = width {
            let needed = |used: &[usize], widths: &[usize]| {
                let least =
                    |(i, w): (&usize, &usize)| if self.whole.contains(i) { *w } else { READABLE.min(*w) };
                used.iter().zip(widths).map(least).sum::<usize>() + GAP * widths.len().saturating_sub(1)
            };
            for spare in &self.spare {
                if needed(&used, &widths) <= width {
                    break;
                }
                if let Some(at) = used.iter().position(|i| i == spare) {
                    used.remove(at);
                    widths.remove(at);
                }
            }
            let whole: Vec<bool> = used.iter().map(|i| self.whole.contains(i)).collect();
            shrink(&mut widths, &whole, width);
        }
        let mut out = String::new();
        let headings: Vec<(&str, Tone)> =
            used.iter().map(|i| (said.get(*i).map_or("", |h| h.as_ref()), Tone::Heading)).collect();
        line(&mut out, &headings, &widths, colours);
        for row in rows {
            let cells: Vec<(&str, Tone)> = used
                .iter()
                .map(|i| row.get(*i).map_or(("", Tone::Plain), |cell| (cell.text.as_str(), cell.tone)))
                .collect();
            line(&mut out, &cells, &widths, colours);
        }
        out
    }
}

/// Takes from the widest column that may be cut, one at a time, until the row fits.
fn shrink(widths: &mut [usize], whole: &[bool], width: usize) {
    let total = |w: &[usize]| w.iter().sum::<usize>() + GAP * w.len().saturating_sub(1);
    while total(widths) > width {
        let may_be_cut = widths.iter_mut().zip(whole).filter(|(_, whole)| !**whole).map(|(w, _)| w);
        match may_be_cut.rev().max_by_key(|w| **w) {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => break,
        }
    }
}

fn line(out: &mut String, cells: &[(&str, Tone)], widths: &[usize], colours: bool) {
    // Blanks are owed until something follows them: no line ends in any.
    let mut owed = 0;
    for ((cell, tone), width) in cells.iter().zip(widths) {
        let cut = cut(cell, *width);
        if !cut.trim().is_empty() {
            out.extend(std::iter::repeat_n(' ', owed));
            out.push_str(&tone.paint(cut.trim_end(), colours));
            owed = columns(&cut) - columns(cut.trim_end());
        } else {
            owed += columns(&cut);
        }
        owed += width.saturating_sub(columns(&cut)) + GAP;
    }
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

    #[test]
    fn amounts_are_never_cut_and_a_narrow_terminal_does_without_what_is_spare() {
        let mut table =
            Table::new(&["ID", "NAME", "TAGS", "PHONE", "SUM"]).whole(&["SUM"]).spare(&["TAGS", "PHONE"]);
        let sum = "1 200.00 CHF + 300.00 EUR";
        table.row(
            ["3f9a2c1b", "Imprimerie Müller & Fils", "vip season prospect", "+33611223344", sum]
                .map(str::to_owned),
        );
        let heads = |width| table.render(Some(width)).lines().next().unwrap_or_default().to_owned();
        for width in [60, 80, 100] {
            assert!(table.render(Some(width)).contains(sum), "{width}");
        }
        assert!(heads(100).contains("TAGS"));
        assert!(heads(75).contains("PHONE") && !heads(75).contains("TAGS"), "{}", heads(75));
        assert!(!heads(60).contains("PHONE"), "{}", heads(60));
        // What was asked for in full is there in full.
        assert!(table.render(None).contains("vip season prospect"));
    }

    #[test]
    fn only_columns_of_words_are_said_and_data_never() {
        let mut table = Table::new(&["NAME", "STATE"]).words(&["STATE"]);
        table.row(["never".to_owned(), "never".to_owned()]);
        table.row(["3 days ago".to_owned(), "3 days ago".to_owned()]);
        let french = "NOM         ÉTAT\nnever       jamais\n3 days ago  il y a 3 jours\n";
        assert_eq!(table.render_in(Lang::Fr, None), french);
        assert!(table.render(None).contains("never       never"));
    }

    #[test]
    fn colours_change_no_width_and_cannot_be_forged() {
        let mut table = Table::new(&["ID", "", "NAME"]);
        table.row([
            Cell::from("1".to_owned()),
            Cell::default(),
            Cell::new("Éloïse 東京 of Tours", Tone::Late),
        ]);
        table.row([
            Cell::from("22".to_owned()),
            Cell::new("x ", Tone::Today),
            Cell::new("\u{1b}[32mBob", Tone::Plain),
        ]);
        for width in [None, Some(16), Some(40)] {
            let painted = table.paint(Lang::En, width, true);
            assert_eq!(anstream::adapter::strip_str(&painted).to_string(), table.render(width), "{width:?}");
            assert_eq!(painted.matches("\u{1b}[31m").count(), 1, "{painted:?}");
            assert!(
                !painted.contains("\u{1b}[32m") && painted.lines().all(|l| l == l.trim_end()),
                "{painted:?}"
            );
        }
        assert!(table.render(Some(16)).lines().all(|l| l.width() <= 16));
    }
}
