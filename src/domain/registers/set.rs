//! `--set KEY=VALUE` on a record's text; comments, order and all other keys stay.

use std::collections::BTreeSet;
use std::str::FromStr;

use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value};

use super::field::{Field, Shape};
use super::unknown::nearest;
use crate::domain::edit::put_value;
use crate::error::{Error, Result};

/// `KEY=VALUE`, or `KEY+=VALUE` and `KEY-=VALUE` for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    key: String,
    how: How,
    value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Set,
    Add,
    Remove,
}

impl FromStr for Setting {
    type Err = Error;
    fn from_str(text: &str) -> Result<Setting> {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| Error::usage("--set wants KEY=VALUE").hint("--set title=Customers"))?;
        let (key, how) = match (key.strip_suffix('+'), key.strip_suffix('-')) {
            (Some(key), _) => (key, How::Add),
            (_, Some(key)) => (key, How::Remove),
            _ => (key, How::Set),
        };
        Ok(Setting { key: key.trim().to_owned(), how, value: value.trim().to_owned() })
    }
}

impl Setting {
    /// Sets `key` to `value`.
    pub fn new(key: &str, value: impl Into<String>) -> Setting {
        Setting { key: key.to_owned(), how: How::Set, value: value.into() }
    }
    /// Adds `value` to the list `key`.
    pub fn add(key: &str, value: impl Into<String>) -> Setting {
        Setting { key: key.to_owned(), how: How::Add, value: value.into() }
    }
}

/// The text with the settings made, in their order. An empty value removes the key; a list that is set more than once
/// gets all of these values.
///
/// # Errors
/// An unknown key with the nearest known one, and a value that is not of the key's shape.
pub fn apply(fields: &[Field], text: &str, settings: &[Setting]) -> Result<String> {
    let mut doc: DocumentMut = text
        .parse()
        .map_err(|_| Error::failed("a register entry cannot be read").hint("correct it and commit it"))?;
    let mut begun = BTreeSet::new();
    for setting in settings {
        let first = begun.insert(setting.key.as_str());
        one(fields, &mut doc, setting, first)?;
    }
    Ok(doc.to_string())
}

fn one(fields: &[Field], doc: &mut DocumentMut, setting: &Setting, first: bool) -> Result<()> {
    let key = setting.key.as_str();
    let own = key.strip_prefix("custom.").filter(|name| !name.is_empty() && !name.contains('.'));
    let shape = match fields.iter().find(|f| f.key == key) {
        Some(field) => field.shape,
        None if own.is_some() => Shape::Text,
        None => return Err(no_key(fields, key)),
    };
    let (path, name) = key.rsplit_once('.').map_or((None, key), |(path, name)| (Some(path), name));
    let table = table_at(doc, path)?;
    let place = |e: Error| e.at(format!("--set {key}"));
    if shape == Shape::List {
        if setting.how == How::Set && (first || setting.value.is_empty()) {
            put_value(table, name, None);
        }
        if setting.value.is_empty() {
            return Ok(());
        }
        return list(table, name, setting).map_err(place);
    }
    if setting.how != How::Set {
        return Err(place(Error::usage("only lists take += and -=").hint("use KEY=VALUE")));
    }
    let new = match setting.value.as_str() {
        "" => None,
        text => Some(value(shape, text).map_err(place)?),
    };
    put_value(table, name, new);
    Ok(())
}

fn no_key(fields: &[Field], key: &str) -> Error {
    let known: Vec<&str> = fields.iter().map(|f| f.key).collect();
    let hint = match nearest(key, &known) {
        Some(near) => format!("did you mean `{near}`? Keys of your own: custom.NAME=VALUE"),
        None => "`--help` says where the keys are; keys of your own: custom.NAME=VALUE".to_owned(),
    };
    Error::usage("there is no such key to set").at("--set").hint(hint)
}

fn table_at<'a>(doc: &'a mut DocumentMut, path: Option<&str>) -> Result<&'a mut dyn TableLike> {
    let mut table: &mut dyn TableLike = doc.as_table_mut();
    for part in path.into_iter().flat_map(|path| path.split('.')) {
        table = table
            .entry(part)
            .or_insert(Item::Table(Table::new()))
            .as_table_like_mut()
            .ok_or_else(|| Error::usage("the key is no table in this entry").at(part.to_owned()))?;
    }
    Ok(table)
}

fn list(table: &mut dyn TableLike, name: &str, setting: &Setting) -> Result<()> {
    let list = table
        .entry(name)
        .or_insert(Item::Value(Value::Array(Array::new())))
        .as_array_mut()
        .ok_or_else(|| Error::usage("the key is no list in this entry"))?;
    let there = list.iter().any(|v| v.as_str() == Some(&setting.value));
    match setting.how {
        How::Remove if !there => {
            return Err(Error::usage("the list has no such value").hint("`show` lists what it has"));
        }
        How::Remove => list.retain(|v| v.as_str() != Some(&setting.value)),
        _ if there => {}
        _ => list.push(setting.value.as_str()),
    }
    Ok(())
}

fn value(shape: Shape, text: &str) -> Result<Value> {
    Ok(match shape {
        Shape::Text | Shape::List => Value::from(text),
        Shape::Word(words) if words.contains(&text) => Value::from(text),
        Shape::Word(words) => {
            return Err(Error::usage("not one of the words for this key")
                .hint(format!("one of: {}", words.join(", "))));
        }
        Shape::Date => Value::from(text.parse::<toml_edit::Datetime>().map_err(|_| {
            Error::usage("not a date").hint("write it as 2026-11-25, or with a time as 2026-11-25T10:00:00Z")
        })?),
        Shape::Flag => match text {
            "true" | "yes" | "oui" => Value::from(true),
            "false" | "no" | "non" => Value::from(false),
            _ => return Err(Error::usage("neither true nor false")),
        },
        Shape::Number => Value::from(text.parse::<i64>().map_err(|_| Error::usage("not a whole number"))?),
        Shape::Tables(_) => {
            return Err(Error::usage("a list of tables is not changed by --set")
                .hint("run the command without --set: it opens your editor"));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        Field::new("title", Shape::Text, "", ""),
        Field::new("data", Shape::List, "", ""),
        Field::new("contract.expires", Shape::Date, "", ""),
        Field::new("dpia.needed", Shape::Flag, "", ""),
        Field::new("kind", Shape::Word(&["a", "b"]), "", ""),
        Field::new("retain", Shape::Tables(&[]), "", ""),
    ];

    fn set(text: &str, all: &[&str]) -> Result<String> {
        let settings: Result<Vec<Setting>> = all.iter().map(|s| s.parse()).collect();
        apply(FIELDS, text, &settings?)
    }

    #[test]
    fn comments_stay_and_lists_are_set_and_changed() {
        let text = "# ours\ntitle = \"A\" # t\ndata = [\"x\"]\n";
        assert_eq!(set(text, &["title=B"]).unwrap(), text.replace("\"A\"", "\"B\""));
        assert_eq!(set(text, &["data=y", "data=z"]).unwrap(), text.replace("[\"x\"]", "[\"y\", \"z\"]"));
        assert_eq!(
            set(text, &["data+=y", "data-=x"]).unwrap(),
            text.replace("\"x\"", "\"y\"").replace("[ ", "[")
        );
        assert_eq!(set(text, &["data="]).unwrap(), "# ours\ntitle = \"A\" # t\n");
        let made = set(text, &["contract.expires=2027-01-01", "dpia.needed=yes", "custom.mine=1"]).unwrap();
        assert!(made.contains("[contract]\nexpires = 2027-01-01\n"), "{made}");
        assert!(
            made.contains("[dpia]\nneeded = true\n") && made.contains("[custom]\nmine = \"1\"\n"),
            "{made}"
        );
    }

    #[test]
    fn what_has_no_place_or_another_shape_is_refused() {
        for (bad, hint) in [
            ("titel=x", "`title`"),
            ("contract.expires=soon", "2026-11-25"),
            ("kind=c", "a, b"),
            ("retain=x", "editor"),
            ("title+=x", "KEY=VALUE"),
            ("data-=gone", "show"),
        ] {
            let e = set("", &[bad]).unwrap_err();
            assert!(e.hint.as_ref().is_some_and(|h| h.contains(hint)), "{bad}: {e} {:?}", e.hint);
        }
        assert!(set("", &["no"]).is_err() && set("contract = 1", &["contract.expires=2027-01-01"]).is_err());
    }
}
