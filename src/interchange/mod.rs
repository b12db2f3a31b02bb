//! Contacts in and out: vCard 2.1, 3.0 and 4.0, and CSV.
//!
//! Pure: bytes in, values out. What a file says is here; which commits, bases and duplicates follow from it is
//! the commands' affair. Nothing that a reason or a note says holds personal content.

mod charset;
mod keep;
mod lex;
mod line;
mod meaning;
mod said;
mod slots;
mod upgrade;
mod value;
mod vcard_read;
mod vcard_write;

pub use keep::reconcile;
pub use vcard_write::write_vcards;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// ISO 3166-1 alpha-2 code of the country whose phone numbers are written without a prefix.
    pub country: String,
}

/// What a file of contacts is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Vcard,
    Csv,
}

/// Reads every contact of a file.
pub fn read(bytes: &[u8], format: Format, options: &Options) -> Result<Vec<Row>> {
    let bytes = charset::file(bytes).map_err(|problem| {
        Error::failed(format!("the file holds {}", problem.reason())).hint("save it again as UTF-8")
    })?;
    let rows = match format {
        Format::Vcard => vcard_read::read(&bytes, options),
        Format::Csv => todo!(),
    };
    if rows.is_empty() {
        return Err(Error::failed("there is no contact in this file"));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests;
