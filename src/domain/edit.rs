//! Changes to a contact file's text that keep comments, order and unknown keys.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::DateTime;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value, value};

use super::contact::{Contact, Typed};
use super::draft::{basis_table, typed_value};
use super::filter::{until_birthday, written_day};
use super::ids::Slug;
use super::lawful::PurposeBasis;
use crate::error::{Error, Result};

/// One change that a flag of `edit` asks for.
#[derive(Clone, Debug)]
pub enum Change {
    /// `--set key=value`; a dotted key reaches into a table, and an empty value removes the key.
    Set(String, String),
    /// Adds to a list of typed values: `emails`, `phones` or `urls`.
    Add(&'static str, Typed),
    /// Removes from a list of typed values by value.
    Remove(&'static str, String),
    AddTag(String),
    RemoveTag(String),
    AddBasis(PurposeBasis),
    /// Removes every basis for this purpose.
    RemoveBasis(String),
    /// Removes the conflict notes on a field; what the field says stays.
    Resolve(String),
}

/// Keys that hold one text and may be set from a flag.
const TEXT_KEYS: [&str; 17] = [
    "name",
    "given",
    "family",
    "additional",
    "prefix",
    "suffix",
    "nickname",
    "org",
    "title",
    "role",
    "birthday",
    "lang",
    "note",
    "source",
    "kind",
    "every",
    "audience",
];

/// Keys with a structure of their own, which `--set` must not flatten.
const OTHER_KEYS: [&str; 16] = [
    "id",
    "book",
    "created",
    "emails",
    "phones",
    "addresses",
    "urls",
    "tags",
    "basis",
    "consent",
    "objection",
    "activity",
    "todo",
    "link",
    "merged",
    "conflict",
];

/// Applies `change` to `doc`; `today` is `YYYY-MM-DD`.
pub fn apply(doc: &mut DocumentMut, change: &Change, today: &str) -> Result<()> {
    match change {
        Change::Set(key, text) => set(doc, key, text),
        Change::Add(list, typed) => add(array(doc, list)?, typed_value(typed), &typed.value),
        Change::Remove(list, text) => remove(array(doc, list)?, list, text),
        Change::AddTag(tag) => add(array(doc, "tags")?, Value::from(tag), tag),
        Change::RemoveTag(tag) => remove(array(doc, "tags")?, "tags", tag),
        Change::AddBasis(basis) => {
            bases(doc)?.push(basis_table(basis, today));
            Ok(())
        }
        Change::RemoveBasis(purpose) => {
            let list = bases(doc)?;
            let before = list.len();
            list.retain(|t| t.get("purpose").and_then(Item::as_str) != Some(purpose));
            if list.len() == before {
                return Err(Error::usage("the contact has no basis for that purpose").at("basis"));
            }
            Ok(())
        }
        Change::Resolve(field) => super::merge::resolve(doc, field),
    }
}

/// The entry of a list of tables that has this `id`.
pub fn entry_of<'a>(
    doc: &'a mut DocumentMut,
    key: &str,
    id: &str,
) -> Option<&'a mut dyn toml_edit::TableLike> {
    match doc.get_mut(key)? {
        Item::ArrayOfTables(list) => list
            .iter_mut()
            .find(|t| t.get("id").and_then(Item::as_str) == Some(id))
            .map(|t| t as &mut dyn toml_edit::TableLike),
        other => other
            .as_array_mut()?
            .iter_mut()
            .filter_map(Value::as_inline_table_mut)
            .find(|t| t.get("id").and_then(Value::as_str) == Some(id))
            .map(|t| t as &mut dyn toml_edit::TableLike),
    }
}

/// Names another book in the text; a comment beside it stays.
pub fn put_into(doc: &mut DocumentMut, book: &Slug) {
    match doc.get_mut("book").and_then(Item::as_value_mut) {
        Some(old) => {
            let decor = old.decor().clone();
            *old = Value::from(book.as_str());
            *old.decor_mut() = decor;
        }
        None => doc["book"] = value(book.as_str()),
    }
}

fn set(doc: &mut DocumentMut, key: &str, text: &str) -> Result<()> {
    if let Some(name) = key.strip_prefix("custom.") {
        if name.is_empty() {
            return Err(Error::usage("a custom field needs a name").hint("--set custom.size=38"));
        }
        let custom = doc.entry("custom").or_insert(Item::Table(Table::new()));
        let table = custom
            .as_table_like_mut()
            .ok_or_else(|| Error::usage("`custom` is not a table in this contact").at("custom"))?;
        return put(table, name, text);
    }
    refuse_structure(key)?;
    let known = TEXT_KEYS.contains(&key);
    if !known && doc.get(key).is_none() {
        return Err(Error::usage(format!("a contact has no key `{}`", key.escape_default()))
            .hint(format!("known keys: {}; your own: custom.NAME", TEXT_KEYS.join(", "))));
    }
    put(doc.as_table_mut(), key, &said(key, text)?)
}

/// What a person typed for a field, as the file has it: a birthday as `1980-02-03`, or `--02-03` where the year is not known.
pub fn said<'a>(key: &str, text: &'a str) -> Result<Cow<'a, str>> {
    if key != "birthday" || text.trim().is_empty() {
        return Ok(text.into());
    }
    let text = text.trim();
    match written_day(text) {
        Some(day) => Ok(day.to_string().into()),
        None if text.starts_with("--") && until_birthday(text, DateTime::UNIX_EPOCH).is_some() => {
            Ok(text.into())
        }
        None => Err(Error::usage("that is no birthday")
            .at("birthday")
            .hint("1980-02-03, 3/2/1980, or --02-03 without a year")),
    }
}

/// Refuses a key with a structure of its own, which one text must not flatten.
pub fn refuse_structure(key: &str) -> Result<()> {
    match OTHER_KEYS.contains(&key) || key == "vcard" || key == "custom" {
        true => Err(Error::usage(format!("`{key}` cannot be changed with --set"))
            .hint("use the flags for lists, such as --add-email, or edit without flags")),
        false => Ok(()),
    }
}

fn put(table: &mut dyn toml_edit::TableLike, key: &str, text: &str) -> Result<()> {
    put_value(table, key, (!text.is_empty()).then(|| Value::from(text)));
    Ok(())
}

/// Sets a key, or removes it; its own decoration (a comment above it, one behind it) stays.
pub fn put_value(table: &mut dyn toml_edit::TableLike, key: &str, new: Option<Value>) {
    let Some(new) = new else {
        table.remove(key);
        return;
    };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            let decor = old.decor().clone();
            *old = new;
            *old.decor_mut() = decor;
        }
        None => {
            table.insert(key, value(new));
        }
    }
}

fn array<'a>(doc: &'a mut DocumentMut, key: &str) -> Result<&'a mut Array> {
    doc.entry(key)
        .or_insert(value(Array::new()))
        .as_array_mut()
        .ok_or_else(|| Error::usage(format!("`{key}` is not a list in this contact")).at(key.to_owned()))
}

fn bases(doc: &mut DocumentMut) -> Result<&mut ArrayOfTables> {
    doc.entry("basis")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()))
        .as_array_of_tables_mut()
        .ok_or_else(|| Error::usage("`basis` is not a list of tables in this contact").at("basis"))
}

/// The text of a list entry, bare or `{ value = … }`.
pub fn text_of(item: &Value) -> Option<&str> {
    item.as_str().or_else(|| item.as_inline_table()?.get("value")?.as_str())
}

fn add(list: &mut Array, item: Value, text: &str) -> Result<()> {
    if !list.iter().any(|old| text_of(old) == Some(text)) {
        list.push(item);
    }
    Ok(())
}

fn remove(list: &mut Array, key: &str, text: &str) -> Result<()> {
    let before = list.len();
    list.retain(|old| text_of(old) != Some(text));
    if list.len() == before {
        return Err(Error::usage("the contact has no such value")
            .at(key.to_owned())
            .hint("`carnet show` lists what it has"));
    }
    Ok(())
}

/// Rewrites the phone numbers that `normalise` understands, and leaves the others and all decoration as they are.
pub fn rewrite_phones(doc: &mut DocumentMut, normalise: impl Fn(&str) -> Option<String>) {
    let Some(list) = doc.get_mut("phones").and_then(Item::as_array_mut) else { return };
    for item in list.iter_mut() {
        let Some(number) = text_of(item).and_then(&normalise) else { continue };
        if text_of(item) == Some(number.as_str()) {
            continue;
        }
        let target = match item.as_inline_table_mut() {
            Some(table) => table.get_mut("value"),
            None => Some(item),
        };
        if let Some(target) = target {
            let decor = target.decor().clone();
            *target = Value::from(number);
            *target.decor_mut() = decor;
        }
    }
}

/// Parses a contact's text for editing in place.
pub fn document(text: &str) -> Result<DocumentMut> {
    text.parse().map_err(|_| {
        Contact::parse(text).err().unwrap_or_else(|| Error::usage("the contact's text is not valid TOML"))
    })
}

/// Names of the top-level fields that differ between two texts; values never appear.
pub fn changed_fields(old: &str, new: &str) -> Vec<String> {
    let parse = |text: &str| text.parse::<toml::Table>().unwrap_or_default();
    let (old, new) = (parse(old), parse(new));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    keys.into_iter().filter(|k| old.get(*k) != new.get(*k)).map(|k| field_name(k)).collect()
}

/// A field's name as a trailer may show it: known names as they are, others as `other`.
///
/// A person may have written anything as a key, so an unknown key could itself be personal data.
pub fn field_name(key: &str) -> String {
    let known = TEXT_KEYS.contains(&key) || OTHER_KEYS.contains(&key) || ["custom", "vcard"].contains(&key);
    if known { key.to_owned() } else { "other".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# our first customer\nname = \"A\" # as she writes it\nshoe = 38\n\ntags = [\"x\"]\n";

    #[test]
    fn comments_order_and_unknown_keys_stay() {
        let mut doc = document(TEXT).unwrap();
        apply(&mut doc, &Change::Set("name".into(), "B".into()), "2026-01-01").unwrap();
        apply(&mut doc, &Change::AddTag("y".into()), "2026-01-01").unwrap();
        let expected = TEXT.replace("\"A\"", "\"B\"").replace("[\"x\"]", "[\"x\", \"y\"]");
        assert_eq!(doc.to_string(), expected);
        assert_eq!(changed_fields(TEXT, &doc.to_string()), ["name", "tags"]);
    }

    #[test]
    fn structure_and_identity_cannot_be_set() {
        let mut doc = document(TEXT).unwrap();
        for key in ["id", "book", "emails", "basis", "nonsense", "vcard"] {
            assert!(apply(&mut doc, &Change::Set(key.into(), "z".into()), "2026-01-01").is_err(), "{key}");
        }
        assert_eq!(doc.to_string(), TEXT);
    }

    #[test]
    fn removing_what_is_not_there_is_said() {
        let mut doc = document(TEXT).unwrap();
        assert!(apply(&mut doc, &Change::RemoveTag("z".into()), "2026-01-01").is_err());
        apply(&mut doc, &Change::RemoveTag("x".into()), "2026-01-01").unwrap();
        assert!(doc.to_string().contains("tags = []"));
    }

    #[test]
    fn an_unknown_key_is_not_named_in_a_trailer() {
        assert_eq!(changed_fields("\"Jeanne Dupont\" = 1", ""), ["other"]);
    }
}
