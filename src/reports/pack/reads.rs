//! How the fields of a contact read that are handed out to the person: one row each, in an order that people expect.

use serde::Serialize;
use toml::{Table, Value};

use crate::domain::link::KEY as LINK;
use crate::domain::moment;

/// The order in which a person reads their data; what is not here comes behind.
const ORDER: [&str; 22] = [
    "name",
    "prefix",
    "given",
    "additional",
    "family",
    "suffix",
    "nickname",
    "kind",
    "org",
    "title",
    "role",
    "emails",
    "phones",
    "addresses",
    "urls",
    "birthday",
    "lang",
    "tags",
    "note",
    "source",
    "created",
    "custom",
];

/// Keys that have a table of their own in the pages, or say nothing to a person.
const APART: [&str; 8] =
    ["id", "book", "basis", "consent", "activity", "objection", "restriction", "conflict"];

/// One field as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Code of the field; its label is the catalogue's, or the code itself for fields of the firm's own.
    pub field: String,
    pub values: Vec<Line>,
}

/// One value, and what it is for (`work`, `home`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    pub text: String,
    pub note: String,
    /// Seconds since 1970, where it is a date: pages write it in their language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
}

impl Line {
    pub(super) fn new(text: impl Into<String>, note: impl Into<String>) -> Line {
        Line { text: text.into(), note: note.into(), at: None }
    }
}

/// The fields as a person reads them, without those that have tables of their own.
pub fn rows(table: &Table) -> Vec<Row> {
    let mut rows = Vec::new();
    let rest = table.keys().map(String::as_str).filter(|key| !ORDER.contains(key) && !APART.contains(key));
    for key in ORDER.into_iter().chain(rest) {
        match table.get(key) {
            Some(Value::Table(inner)) if key == "custom" => {
                rows.extend(inner.iter().map(|(name, value)| row(name, value)));
            }
            Some(value) => rows.push(row(key, value)),
            None => {}
        }
    }
    rows.retain(|row| !row.values.is_empty());
    rows
}

/// One field as a person reads it.
pub fn row(field: &str, value: &Value) -> Row {
    let mut values = Vec::new();
    match value {
        Value::Array(all) if field == LINK => values.extend(all.iter().map(relation)),
        value => lines(value, &mut values),
    }
    Row { field: field.to_owned(), values }
}

/// A relation in words: the organisation, the role, the days; what it is as the note.
fn relation(value: &Value) -> Line {
    let text = |key: &str| value.get(key).map(plain).filter(|text| !text.is_empty());
    let days = match (text("since"), text("until")) {
        (None, None) => None,
        (since, until) => {
            Some(format!("{} \u{2013} {}", since.unwrap_or_default(), until.unwrap_or_default()))
        }
    };
    let parts = [text("organisation"), text("role"), days.map(|days| days.trim().to_owned())];
    let said = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let kind = text("kind").unwrap_or_default();
    if said.is_empty() { Line::new(kind, "") } else { Line::new(said, kind) }
}

fn lines(value: &Value, out: &mut Vec<Line>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| lines(item, out)),
        Value::Table(table) => {
            let text = |key: &str| table.get(key).and_then(Value::as_str).unwrap_or_default();
            let note = text("type").to_owned();
            let place = [text("postcode"), text("locality")].join(" ");
            let parts = [text("street"), text("extended"), place.trim(), text("region"), text("country")];
            let address = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
            match () {
                () if table.contains_key("value") => out.push(Line::new(text("value"), note)),
                () if !address.is_empty() => out.push(Line::new(address, note)),
                () => out.push(Line::new(pairs(table), "")),
            }
        }
        Value::Datetime(at) => {
            out.push(Line { at: moment::start(at), ..Line::new(at.to_string(), "") });
        }
        other => {
            let text = plain(other);
            if !text.is_empty() {
                out.push(Line::new(text, ""));
            }
        }
    }
}

/// A table as `key: value, …`.
fn pairs(table: &Table) -> String {
    let parts: Vec<String> = table.iter().map(|(key, value)| format!("{key}: {}", plain(value))).collect();
    parts.join(", ")
}

/// Any value in one line of text.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Table(table) => pairs(table),
        other => other.to_string(),
    }
}

/// TOML as JSON: dates become texts as they are written.
pub fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::String(text) => text.as_str().into(),
        Value::Integer(n) => (*n).into(),
        Value::Float(n) => (*n).into(),
        Value::Boolean(yes) => (*yes).into(),
        Value::Datetime(at) => at.to_string().into(),
        Value::Array(items) => items.iter().map(json).collect(),
        Value::Table(table) => table
            .iter()
            .map(|(key, value)| (key.clone(), json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}
