//! Contacts in and out: vCard (2.1, 3.0 and 4.0 in, 3.0 and 4.0 out) and CSV.
//!
//! Pure: bytes in, values out. What a file says is here; which commits, bases and duplicates follow from it is
//! the commands' affair. Nothing that a reason or a note says holds personal content.

mod answers;
pub mod calendar;
mod cells;
mod charset;
mod csv_read;
mod csv_write;
mod downgrade;
mod guard;
mod header;
pub mod headings;
mod keep;
mod lex;
mod line;
pub mod mail;
mod meaning;
pub mod monica;
mod monica_links;
mod names;
mod plain;
pub mod presets;
mod related;
mod said;
mod slots;
mod table;
mod upgrade;
mod value;
mod vcard_read;
mod vcard_write;
pub mod vdir;

pub use csv_write::write_csv;
pub use downgrade::Version;
pub use guard::guarded as inert_cell;
pub use keep::reconcile;
pub use plain::{Opting, read_optings, write_rows};
pub use related::{related, uid};
pub use vcard_write::{write_card_as, write_linked_vcards, write_vcards};

use crate::domain::draft::Draft;
use crate::error::{Error, Result};

/// One contact of a file, or why it is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// `row 3`, or `card 2 (line 17)`.
    pub place: String,
    /// The contact, or the reason why there is none, without personal content.
    pub draft: std::result::Result<Draft, String>,
    /// What a person should know about how it was read, without personal content.
    pub notes: Vec<String>,
}

/// How to read a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// ISO 3166-1 alpha-2 code of the country whose phone numbers are written without a prefix.
    pub country: String,
    /// The preset to read a CSV file by; else the one whose headers it has.
    pub preset: Option<String>,
    /// Headers of a CSV file and what they mean: a column name of carnet's, `custom.NAME`, or `-` to leave it out.
    pub mapping: Vec<(String, String)>,
    /// What each column of a CSV file means by its place; `custom` is a field of the header's name.
    pub columns: Option<Vec<String>>,
}

/// What was found out about a file; headers, no content.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct About {
    pub encoding: &'static str,
    /// What stands between the cells of a CSV file.
    pub delimiter: Option<char>,
    /// The program whose export it is.
    pub preset: Option<String>,
    /// Headers that mean nothing to carnet; these columns become custom fields of their names.
    pub unknown: Vec<String>,
    /// What the file has that is not taken: numbers and kinds.
    pub left_out: Vec<String>,
}

/// What a file of contacts is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Vcard,
    Csv,
    /// Monica's account export.
    Monica,
}

/// What `bytes` are: vCard if a card begins in them, else what the file's name or its header row says.
///
/// Files of other programs that are often taken for CSV (spreadsheets, JSON, PDF) are refused by name.
pub fn detect(bytes: &[u8], file_name: Option<&str>) -> Result<Format> {
    let unknown = |what: &str| {
        Err(Error::usage(format!("{what} cannot be imported"))
            .hint("export the contacts as vCard (.vcf) or CSV (.csv), or say which it is with --format"))
    };
    let bytes = decoded(bytes)?;
    let begins = |line: &[u8]| line.trim_ascii().to_ascii_uppercase().starts_with(b"BEGIN:VCARD");
    if bytes.split(|b| *b == b'\n' || *b == b'\r').any(begins) {
        return Ok(Format::Vcard);
    }
    match bytes.trim_ascii_start() {
        [] => return Err(Error::failed("the file is empty")),
        [b'P', b'K', 3, 4, ..] | [0xD0, 0xCF, 0x11, 0xE0, ..] => return unknown("a spreadsheet file"),
        [b'%', b'P', b'D', b'F', ..] => return unknown("a PDF file"),
        json @ [b'{', ..] if monica::is_export(json) => return Ok(Format::Monica),
        [b'{' | b'[', ..] => return unknown("a JSON file"),
        [b'<', ..] => return unknown("an HTML or XML file"),
        [b'#', ..] if memchr::memmem::find(&bytes, b"INSERT IGNORE INTO").is_some() => {
            return Err(Error::usage("an SQL dump cannot be imported")
                .hint("of Monica, export JSON (version 4) or take the contacts as vCard over CardDAV"));
        }
        [0x89, b'P', b'N', b'G', ..] | [0xFF, 0xD8, 0xFF, ..] => return unknown("a picture"),
        [b'F', b'r', b'o', b'm', b' ', ..] => return unknown("a mailbox"),
        start if start.get(..15).is_some_and(|s| s.eq_ignore_ascii_case(b"BEGIN:VCALENDAR")) => {
            return unknown("a calendar");
        }
        _ => {}
    }
    let extension = file_name.and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_ascii_lowercase());
    match extension.as_deref() {
        Some("vcf" | "vcard") => Ok(Format::Vcard),
        Some("csv" | "tsv" | "txt") => Ok(Format::Csv),
        _ if csv_read::has_header(&bytes) => Ok(Format::Csv),
        _ => unknown("a file of this kind"),
    }
}

/// Reads every contact of a file; an error is about the file as a whole, never about one contact.
pub fn read(bytes: &[u8], format: Format, options: &Options) -> Result<Vec<Row>> {
    Ok(read_about(bytes, format, options)?.0)
}

/// Reads every contact of a file, and says what it was read as.
pub fn read_about(bytes: &[u8], format: Format, options: &Options) -> Result<(Vec<Row>, About)> {
    let wide = charset::is_wide(bytes);
    let bytes = decoded(bytes)?;
    match format {
        Format::Csv => {
            let (rows, about) = csv_read::read(&bytes, options)?;
            Ok((rows, if wide { About { encoding: "UTF-16", ..about } } else { about }))
        }
        Format::Monica => monica::read(&bytes, options),
        Format::Vcard => {
            let rows = vcard_read::read(&bytes, options);
            if rows.is_empty() {
                return Err(Error::failed("there is no vCard in this file")
                    .hint("a card begins with the line BEGIN:VCARD; for a table, use --format csv"));
            }
            Ok((rows, About::default()))
        }
    }
}

fn decoded(bytes: &[u8]) -> Result<std::borrow::Cow<'_, [u8]>> {
    charset::file(bytes).map_err(|problem| {
        Error::failed(format!("the file holds {}", problem.reason())).hint("save it again as UTF-8")
    })
}

#[cfg(test)]
mod tests;
