//! Conflict notes: how a merge says, in the contact itself, what it could not keep in its place.

use chrono::DateTime;
use toml::{Table, Value};
use toml_edit::DocumentMut;

use super::value::same;
use crate::error::{Error, Result};

/// The key of the notes in a contact: `[[conflict]]`.
pub const KEY: &str = "conflict";

/// Why a merge left a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Both sides changed the value; the later one was kept.
    ChangedTwice,
    /// One side removed the value and the other changed it; it stays.
    Removed,
    /// The choice that protects the person was kept: a withdrawal, an objection, a restriction, an end.
    Protected,
}

impl Why {
    pub fn as_str(self) -> &'static str {
        match self {
            Why::ChangedTwice => "changed-twice",
            Why::Removed => "removed",
            Why::Protected => "protected",
        }
    }
}

/// One conflict note.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// The field, with dots where it is in a table: `title`, `custom.size`, `basis.until`.
    pub field: String,
    pub why: Why,
    /// What stands in the contact now.
    pub kept: Option<Value>,
    /// What the other side had, unless it had removed the value.
    pub other: Option<Value>,
    /// When the other side was written, in seconds since 1970 UTC.
    pub time: i64,
    /// Who wrote the other side; may be empty.
    pub who: String,
}

impl Note {
    /// The note as it stands in a contact.
    pub fn to_table(&self) -> Table {
        let mut table = Table::new();
        table.insert("field".into(), Value::from(self.field.as_str()));
        table.insert("why".into(), Value::from(self.why.as_str()));
        if let Some(kept) = &self.kept {
            table.insert("kept".into(), kept.clone());
        }
        if let Some(other) = &self.other {
            table.insert("other".into(), other.clone());
        }
        if let Some(when) = moment(self.time) {
            table.insert("when".into(), Value::Datetime(when));
        }
        if !self.who.is_empty() {
            table.insert("who".into(), Value::from(self.who.as_str()));
        }
        table
    }
}

/// RFC 3339 in UTC.
fn moment(time: i64) -> Option<toml::value::Datetime> {
    DateTime::from_timestamp(time, 0)?.format("%Y-%m-%dT%H:%M:%SZ").to_string().parse().ok()
}

/// Adds the notes to a merged contact, each once.
pub(super) fn put(contact: &mut Table, notes: &[Note]) {
    if notes.is_empty() {
        return;
    }
    let list = contact.entry(KEY).or_insert_with(|| Value::Array(Vec::new()));
    // A valid contact has nothing but a list of tables here.
    let Some(list) = list.as_array_mut() else { return };
    for note in notes {
        let note = Value::Table(note.to_table());
        if !list.iter().any(|known| same(Some(known), Some(&note))) {
            list.push(note);
        }
    }
}

/// Removes the notes on `field` from a contact; what stands in the field stays.
pub fn resolve(doc: &mut DocumentMut, field: &str) -> Result<()> {
    let none = || {
        Error::usage("the contact has no conflict note on that field")
            .at(KEY)
            .hint("`carnet show` prints the notes under [[conflict]]")
    };
    let names = |item: Option<&str>| item == Some(field);
    let (before, after) = match doc.get_mut(KEY).ok_or_else(none)? {
        toml_edit::Item::ArrayOfTables(list) => {
            let before = list.len();
            list.retain(|note| !names(note.get("field").and_then(toml_edit::Item::as_str)));
            (before, list.len())
        }
        item => {
            let list = item.as_array_mut().ok_or_else(none)?;
            let before = list.len();
            let field_of = |note: &toml_edit::Value| {
                names(note.as_inline_table().and_then(|t| t.get("field")).and_then(toml_edit::Value::as_str))
            };
            list.retain(|note| !field_of(note));
            (before, list.len())
        }
    };
    if before == after {
        return Err(none());
    }
    if after == 0 {
        doc.remove(KEY);
    }
    Ok(())
}
