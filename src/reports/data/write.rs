//! A table as CSV, JSON and Markdown.

use std::borrow::Cow;
use std::io::Write;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use serde_json::{Value, json};

use super::{Cell, Table, Words};
use crate::domain::organisation::Lang;
use crate::error::{Error, Result};
use crate::interchange::inert_cell as guarded;
use crate::reports::audience::Audience;
use crate::reports::small::Count;
use crate::reports::texts::{Texts, iso};

/// Schema of a register as JSON.
pub const SCHEMA: &str = "carnet.register/1";

/// Which commit a table is of, and for whom it was made.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    pub commit: &'a str,
    /// Seconds since 1970.
    pub built: i64,
    pub audience: Audience,
}

/// CSV for spreadsheets: UTF-8 with its mark, so that Excel takes it for UTF-8; lines end as RFC 4180 has them; `;`
/// between cells in French, where the comma is the decimal mark, `,` in English. Cells that a spreadsheet would run
/// as a formula are guarded by an apostrophe. Several values in a cell stand on lines of their own.
pub fn csv(table: &Table<'_>, texts: &Texts, to: &mut dyn Write) -> Result<()> {
    to.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::WriterBuilder::new()
        .delimiter(match texts.lang {
            Lang::En => b',',
            Lang::Fr => b';',
        })
        .terminator(csv::Terminator::CRLF)
        .from_writer(to);
    let failed = |e: &dyn std::fmt::Display| Error::failed("a register could not be written as CSV").cause(e);
    let heads = table.heads.iter().map(|key| guarded(&head(texts, key)).into_owned());
    writer.write_record(heads).map_err(|e| failed(&e))?;
    for row in table.rows.iter() {
        for cell in row.iter() {
            let field = match cell {
                Cell::Text(text) => Cow::Borrowed(text.as_str()),
                cell => Cow::Owned(lines(cell, texts).join("\n")),
            };
            writer.write_field(guarded(&field).as_bytes()).map_err(|e| failed(&e))?;
        }
        writer.write_record(None::<&[u8]>).map_err(|e| failed(&e))?;
    }
    writer.flush().map_err(|e| failed(&e))
}

/// What JSON says of a table: keys and codes, in no language; absent cells are `null`. Keys are in order of the alphabet.
#[derive(Serialize)]
pub struct Data<'a> {
    audience: &'static str,
    built: String,
    columns: &'a [&'static str],
    commit: &'a str,
    register: &'static str,
    rows: JsonRows<'a>,
}

/// Rows on their way into JSON, one after the other.
struct JsonRows<'a>(&'a Table<'a>);

/// One of them: the columns in order of the alphabet, and the cells in order of the columns.
struct JsonRow<'a>(&'a [(usize, &'static str)], &'a [Cell]);

impl Serialize for JsonRows<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        let mut columns: Vec<(usize, &'static str)> = self.0.heads.iter().copied().enumerate().collect();
        columns.sort_by_key(|(_, key)| *key);
        let mut rows = to.serialize_seq(None)?;
        for row in self.0.rows.iter() {
            rows.serialize_element(&JsonRow(&columns, &row))?;
        }
        rows.end()
    }
}

impl Serialize for JsonRow<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(n, key)| (key, self.1.get(*n).map(value))))
    }
}

/// See [`Data`].
pub fn json<'a>(table: &'a Table<'a>, stamp: Stamp<'a>) -> Data<'a> {
    Data {
        audience: stamp.audience.as_str(),
        built: iso(stamp.built),
        columns: &table.heads,
        commit: stamp.commit,
        register: table.register.as_str(),
        rows: JsonRows(table),
    }
}

/// The same in its envelope, as a file.
pub fn json_file(table: &Table<'_>, stamp: Stamp<'_>, to: &mut dyn Write) -> Result<()> {
    #[derive(Serialize)]
    struct Envelope<'a> {
        data: Data<'a>,
        schema: &'static str,
    }
    serde_json::to_writer_pretty(&mut *to, &Envelope { data: json(table, stamp), schema: SCHEMA })
        .map_err(|e| Error::failed("a register could not be written as JSON").cause(e))?;
    Ok(to.write_all(b"\n")?)
}

/// A Markdown table (GitHub Flavored Markdown, section 4.10) under a heading, with what it is of.
pub fn markdown(table: &Table<'_>, texts: &Texts, stamp: Stamp<'_>) -> String {
    let title = texts.label("register", table.register.as_str()).unwrap_or_default();
    let said = |key: &str| texts.label("stamp", key).unwrap_or_default();
    let mut out = format!(
        "# {}\n\n{} {} ({} `{}`). {}\n\n",
        escaped(&title),
        said("built"),
        texts.moment(stamp.built),
        said("commit"),
        stamp.commit,
        texts.label("audience", stamp.audience.as_str()).unwrap_or_default(),
    );
    let mut line = |cells: Vec<String>| out.push_str(&format!("| {} |\n", cells.join(" | ")));
    line(table.heads.iter().map(|key| escaped(&head(texts, key))).collect());
    line(table.heads.iter().map(|_| "---".to_owned()).collect());
    for row in table.rows.iter() {
        line(
            row.iter()
                .map(|cell| lines(cell, texts).iter().map(|t| escaped(t)).collect::<Vec<_>>().join("<br>"))
                .collect(),
        );
    }
    if table.rows.is_empty() {
        out.push_str(&format!("\n{}\n", said("none")));
    }
    out
}

fn head(texts: &Texts, key: &str) -> String {
    texts.label("column", key).unwrap_or_else(|| key.to_owned())
}

/// The lines of a cell, in words.
fn lines(cell: &Cell, texts: &Texts) -> Vec<String> {
    match cell {
        Cell::None => Vec::new(),
        Cell::Text(text) => vec![text.clone()],
        Cell::Texts(all) => all.clone(),
        Cell::Named(kind, all) => all.iter().map(|text| word(text, Words::Label(kind), texts)).collect(),
        Cell::Number(n) => vec![n.to_string()],
        Cell::Flag(yes) => {
            let code = if *yes { "yes" } else { "no" };
            vec![texts.label("flag", code).unwrap_or_else(|| code.to_owned())]
        }
        Cell::Moment(at) => vec![iso(*at)],
        Cell::Codes(codes) => codes.iter().map(|(code, words)| word(code, *words, texts)).collect(),
        Cell::Count(count) => vec![count.to_string()],
    }
}

fn word(code: &str, words: Words, texts: &Texts) -> String {
    match (words, texts.lang) {
        (Words::Both(en, _), Lang::En) => en.to_owned(),
        (Words::Both(_, fr), Lang::Fr) => fr.to_owned(),
        (Words::Label(kind), _) => texts.label(kind, code).unwrap_or_else(|| code.to_owned()),
    }
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::None => Value::Null,
        Cell::Text(text) => json!(text),
        Cell::Texts(all) | Cell::Named(_, all) => json!(all),
        Cell::Number(n) => json!(n),
        Cell::Flag(yes) => json!(yes),
        Cell::Moment(at) => json!(iso(*at)),
        Cell::Codes(codes) => match &codes[..] {
            [(code, _)] => json!(code),
            _ => json!(codes.iter().map(|(code, _)| code).collect::<Vec<_>>()),
        },
        Cell::Count(Count::Exact(n)) => json!(n),
        Cell::Count(Count::Between { low, high }) => json!({ "min": low, "max": high }),
    }
}

/// Text that Markdown takes for itself and nothing else: every mark of ASCII that could mean something is escaped
/// (CommonMark 2.4), and controls and characters that reorder text are U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' | '&' => {
                out.push('\\');
                out.push(c);
            }
            // No address in a text becomes a link by itself (GFM 6.9).
            '@' => out.push_str("\\@"),
            ':' if rest.peek() == Some(&'/') => out.push_str("\\:"),
            '.' if is_www(&out) => out.push_str("\\."),
            c => out.push(c),
        }
    }
    out
}

/// Whether a text ends in the `www` of an address.
fn is_www(text: &str) -> bool {
    let end = text.len().checked_sub(3).and_then(|from| text.get(from..));
    end.is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

#[cfg(test)]
mod tests {
    use super::super::{Register, Rows};
    use super::*;

    fn csv(table: &Table<'_>, texts: &Texts) -> Result<String> {
        let mut text = Vec::new();
        super::csv(table, texts, &mut text)?;
        Ok(String::from_utf8(text).unwrap())
    }

    fn table() -> Table<'static> {
        let hostile = "=1+1|<b>\u{202e}a_b\nc";
        Table {
            register: Register::Retention,
            heads: vec!["purpose", "contacts"],
            rows: Rows::Made(vec![
                vec![Cell::text(hostile), Cell::Count(Count::Between { low: 1, high: 4 })],
                vec![Cell::texts(["@SUM(A1)", "é"]), Cell::Count(Count::Exact(12))],
            ]),
        }
    }

    fn texts(lang: Lang) -> Texts {
        Texts::load(lang).unwrap()
    }

    const STAMP: Stamp<'_> = Stamp { commit: "c", built: 0, audience: Audience::Dpo };

    #[test]
    fn csv_is_inert_and_has_the_separator_of_its_language() {
        let (en, fr) = (csv(&table(), &texts(Lang::En)).unwrap(), csv(&table(), &texts(Lang::Fr)).unwrap());
        assert!(en.starts_with("\u{feff}") && fr.starts_with("\u{feff}"));
        assert!(en.contains("'=1+1|<b>") && en.contains("\"'@SUM(A1)\né\",12\r\n"), "{en}");
        assert!(fr.contains(";1–4\r\n") && fr.contains(";12\r\n"), "{fr}");
    }

    #[test]
    fn markdown_has_as_many_cells_in_each_line_whatever_a_text_holds() {
        let text = markdown(&table(), &texts(Lang::En), STAMP);
        for line in text.lines().filter(|l| l.starts_with('|')) {
            assert_eq!(line.replace("\\|", "").matches('|').count(), 3, "{line}");
        }
        assert!(text.contains("=1+1\\|\\<b\\>\u{fffd}a\\_b c") && text.contains("\\@SUM(A1)<br>é"), "{text}");
    }

    #[test]
    fn json_has_keys_and_a_protected_count_as_its_bounds() {
        let table = table();
        let data = serde_json::to_value(json(&table, STAMP)).unwrap();
        assert_eq!(data["rows"][0]["contacts"], json!({"min": 1, "max": 4}));
        assert_eq!(data["rows"][1]["contacts"], json!(12));
        assert_eq!(data["columns"], json!(["purpose", "contacts"]));
    }

    #[test]
    fn every_register_has_a_title_in_both_languages() {
        for lang in [Lang::En, Lang::Fr] {
            let texts = texts(lang);
            assert!(Register::ALL.iter().all(|r| texts.has_label("register", r.as_str())));
        }
    }
}
