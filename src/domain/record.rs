//! Sealed records: TOML files that are no contacts and name persons all the same (docs/format.md, "Sealed records").
//!
//! Each begins with the same three keys, which must agree with the file's place; what else it holds is for its kind.

use serde::{Deserialize, Serialize};

use super::ids::{RecordId, Slug};
use crate::error::{Error, Result};

/// What every sealed record begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub id: RecordId,
    pub book: Slug,
    /// What it is: `request`, `breach`, `deal`, …
    pub kind: Slug,
}

impl Head {
    /// A new record of this kind.
    pub fn new(book: &Slug, kind: &Slug) -> Head {
        Head { id: RecordId::random(), book: book.clone(), kind: kind.clone() }
    }

    /// Reads the head of a record's text.
    ///
    /// # Errors
    /// When the text is no TOML or lacks one of the keys; the message names the line and nothing that stands in it.
    pub fn parse(text: &str) -> Result<Head> {
        parse(text)
    }

    /// The text of a record with this head: `body` as TOML behind it. Keys of the head in `body` are left out.
    pub fn text<T: Serialize>(&self, body: &T) -> Result<String> {
        let unwritable = |e| Error::failed("a sealed record cannot be written").cause(e);
        let mut table = toml::Table::try_from(body).map_err(unwritable)?;
        table.retain(|key, _| !["id", "book", "kind"].contains(&key));
        let head = toml::to_string(self).map_err(unwritable)?;
        Ok(head + &toml::to_string_pretty(&table).map_err(unwritable)?)
    }
}

/// Reads a record's text as whatever its kind says it is.
///
/// # Errors
/// As [`Head::parse`]: the line, and never its content.
pub fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T> {
    toml::from_str(text).map_err(|e| {
        let line =
            e.span().and_then(|span| text.get(..span.start)).map_or(1, |t| t.matches('\n').count() + 1);
        Error::failed("a sealed record cannot be read").at(format!("line {line}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Note {
        text: String,
        #[serde(default)]
        more: Vec<String>,
    }

    #[test]
    fn a_record_reads_back_with_its_head() {
        let head = Head::new(&"main".parse().unwrap(), &"request".parse().unwrap());
        let note = Note { text: "a\n\"b\" = [é]".into(), more: vec!["x".into()] };
        let text = head.text(&note).unwrap();
        assert_eq!(Head::parse(&text).unwrap(), head);
        assert_eq!(parse::<Note>(&text).unwrap(), note);
    }

    #[test]
    fn an_error_names_the_line_and_not_its_content() {
        let error = Head::parse("id = \"Secret\"\n").unwrap_err().to_string();
        assert!(error.contains("line 1") && !error.contains("Secret"), "{error}");
        assert!(Head::parse("book = \"main\"\nSecret = [").is_err());
    }

    #[test]
    fn a_body_cannot_change_the_head() {
        let head = Head::new(&"main".parse().unwrap(), &"deal".parse().unwrap());
        let body: toml::Table = "id = \"other\"\nkind = \"x\"\na = 1\n".parse().unwrap();
        let text = head.text(&body).unwrap();
        assert_eq!(Head::parse(&text).unwrap(), head);
    }
}
