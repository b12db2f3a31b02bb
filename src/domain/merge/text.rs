//! Writing a merged contact: the later side's text, changed in place where the result says something else.
//!
//! What is new comes from the earlier side as it is written there. Should a text be so unusual that this does
//! not say exactly the merged values, the values are written plainly instead: content goes before spelling.

use serde::Serialize;
use toml::{Table, Value};
use toml_edit::{Array, ArrayOfTables, Decor, DocumentMut, Item, TableLike};

use super::value::same;
use crate::domain::edit;
use crate::error::{Error, Result};

/// The text that says `merged`.
pub(super) fn write(base: Option<&str>, late: &str, early: &str, merged: &Table) -> Result<String> {
    if let Some(text) = in_place(base, late, early, merged) {
        return Ok(text);
    }
    toml::to_string(merged).map_err(|e| Error::failed("the merged contact cannot be written").cause(e))
}

/// The same in place only; `None` where that does not come to the merged values.
pub(super) fn in_place(base: Option<&str>, late: &str, early: &str, merged: &Table) -> Option<String> {
    let values = |text: &str| text.parse::<Table>().ok();
    let mut doc = edit::document(late).ok()?;
    let early_doc = edit::document(early).ok()?;
    let base_doc = base.and_then(|text| text.parse::<DocumentMut>().ok()).unwrap_or_default();
    let (late_values, early_values) = (values(late)?, values(early)?);
    let other = Other { from: early_doc.as_table(), values: &early_values, base: Some(base_doc.as_table()) };
    table(doc.as_table_mut(), &late_values, Some(other), merged, false);
    let trailing = |doc: &DocumentMut| doc.trailing().as_str().unwrap_or_default().to_owned();
    if trailing(&doc) == trailing(&base_doc) && base.is_some() {
        doc.set_trailing(trailing(&early_doc));
    }
    let text = doc.to_string();
    let said = values(&text)?;
    same(Some(&Value::Table(said)), Some(&Value::Table(merged.clone()))).then_some(text)
}

/// The earlier side's table, what it says, and the common version's for comparing how things are written.
#[derive(Clone, Copy)]
struct Other<'a> {
    from: &'a dyn TableLike,
    values: &'a Table,
    base: Option<&'a dyn TableLike>,
}

/// Makes `into` (which says `says`) say `merged`. In an inline table nothing may be a table with a header.
fn table(into: &mut dyn TableLike, says: &Table, other: Option<Other<'_>>, merged: &Table, inline: bool) {
    let gone: Vec<String> = into.iter().map(|(key, _)| key.to_owned()).collect();
    for key in gone.iter().filter(|key| !merged.contains_key(*key)) {
        into.remove(key);
    }
    for (key, value) in merged {
        if let Some(said) = says.get(key) {
            let theirs = other.and_then(|o| Some((o, o.values.get(key)?)));
            change(into, key, said, theirs, value, inline);
        }
    }
    let order: Vec<&str> = other.map(|o| o.from.iter().map(|(key, _)| key).collect()).unwrap_or_default();
    let rest = merged.keys().map(String::as_str).filter(|key| !order.contains(key));
    for key in order.iter().copied().chain(rest) {
        if let (Some(value), false) = (merged.get(key), says.contains_key(key)) {
            insert(into, key, other, value, inline);
        }
    }
}

fn change(
    into: &mut dyn TableLike,
    key: &str,
    said: &Value,
    theirs: Option<(Other<'_>, &Value)>,
    value: &Value,
    inline: bool,
) {
    let unchanged = same(Some(said), Some(value));
    if let Some((other, theirs)) = theirs {
        let (ours, base) = (written(into, key), other.base.and_then(|base| written(base, key)));
        // What the later side left as it was comes over with its comments.
        if same(Some(theirs), Some(value)) && ours.is_some() && ours == base && !inline {
            replace_entry(into, key, other.from);
            return;
        }
        if let (false, Some(item), Some(from)) = (unchanged, into.get_mut(key), other.from.get(key)) {
            change_item(item, said, Some((from, theirs, other.base.and_then(|b| b.get(key)))), value);
        }
    } else if let (false, Some(item)) = (unchanged, into.get_mut(key)) {
        change_item(item, said, None, value);
    }
}

/// How a single value is written, with the comments above and behind it; tables have none of their own here.
fn written(table: &dyn TableLike, key: &str) -> Option<String> {
    let item = table.get(key)?.as_value()?;
    let above = table.key(key)?.leaf_decor().prefix().and_then(|p| p.as_str()).unwrap_or_default();
    let behind = item.decor().suffix().and_then(|s| s.as_str()).unwrap_or_default();
    Some(format!("{above}{key}={item}{behind}"))
}

fn replace_entry(into: &mut dyn TableLike, key: &str, from: &dyn TableLike) {
    let (Some(their_key), Some(theirs)) = (from.key(key), from.get(key)) else { return };
    let decor = their_key.leaf_decor().clone();
    if let Some(item) = into.get_mut(key) {
        *item = unplaced(theirs.clone());
    }
    if let Some(mut key) = into.key_mut(key) {
        *key.leaf_decor_mut() = decor;
    }
}

/// The earlier side's item, what it says, and the common version's item.
type Theirs<'a> = (&'a Item, &'a Value, Option<&'a Item>);

fn change_item(item: &mut Item, said: &Value, theirs: Option<Theirs<'_>>, value: &Value) {
    let inline = item.is_inline_table();
    match (said, value) {
        (Value::Table(said), Value::Table(merged)) => {
            let other = theirs.and_then(|(from, values, base)| {
                let base = base.and_then(Item::as_table_like);
                Some(Other { from: from.as_table_like()?, values: values.as_table()?, base })
            });
            if let Some(into) = item.as_table_like_mut() {
                table(into, said, other, merged, inline);
            }
        }
        (Value::Array(said), Value::Array(merged)) => {
            let mut pool = raws(item, said, true);
            if let Some((from, Value::Array(values), _)) = theirs {
                pool.extend(raws(from, values, false));
            }
            list(item, pool, merged);
        }
        _ => {
            let new = match theirs {
                Some((from, theirs, _)) if same(Some(theirs), Some(value)) => unplaced(from.clone()),
                _ => build(value),
            };
            put(item, new);
        }
    }
}

/// Puts `new` in the place of a value, whose comments stay.
fn put(item: &mut Item, new: Item) {
    match (item.as_value_mut(), new.into_value()) {
        (Some(old), Ok(mut new)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        (_, Ok(new)) => *item = Item::Value(new),
        (_, Err(new)) => *item = new,
    }
}

fn insert(into: &mut dyn TableLike, key: &str, other: Option<Other<'_>>, value: &Value, inline: bool) {
    let theirs = other.and_then(|o| Some((o.from.get(key)?, o.values.get(key)?, o.from.key(key)?)));
    let (item, their_key) = match theirs {
        Some((from, values, their_key)) => {
            let mut item = unplaced(from.clone());
            if !same(Some(values), Some(value)) {
                change_item(&mut item, values, None, value);
            }
            (item, Some(their_key))
        }
        None => (headed(build(value)), None),
    };
    match (inline, their_key) {
        (false, Some(their_key)) => {
            into.entry_format(their_key).or_insert(item);
        }
        (false, None) => {
            into.insert(key, item);
        }
        (true, _) => {
            if let Ok(mut value) = item.into_value() {
                *value.decor_mut() = Decor::default();
                into.insert(key, Item::Value(value));
            }
        }
    }
}

/// One entry of a list as it is written, and what it says.
struct Raw {
    says: Value,
    item: Item,
    /// From the list that is being changed: it keeps its place and its white space.
    own: bool,
}

fn raws(item: &Item, says: &[Value], own: bool) -> Vec<Raw> {
    let items: Vec<Item> = match item {
        Item::ArrayOfTables(tables) => tables.iter().cloned().map(Item::Table).collect(),
        Item::Value(toml_edit::Value::Array(array)) => array.iter().cloned().map(Item::Value).collect(),
        _ => Vec::new(),
    };
    let place = |item: Item| if own { item } else { unplaced(item) };
    items
        .into_iter()
        .zip(says)
        .map(|(item, says)| Raw { says: says.clone(), item: place(item), own })
        .collect()
}

/// Makes a list of the entries that `merged` names, each as it is written on one side.
fn list(item: &mut Item, mut pool: Vec<Raw>, merged: &[Value]) {
    let picked: Vec<Raw> = merged
        .iter()
        .map(|value| match pool.iter().position(|raw| same(Some(&raw.says), Some(value))) {
            Some(at) => pool.remove(at),
            None => Raw { says: value.clone(), item: build(value), own: false },
        })
        .collect();
    match item {
        Item::ArrayOfTables(tables) => {
            let mut new = ArrayOfTables::new();
            // A table that comes in goes where the one before it is, the first where the next one is.
            let place = |raw: &Raw| raw.item.as_table().and_then(toml_edit::Table::position);
            let mut last = picked.iter().find_map(place);
            for mut table in picked.into_iter().filter_map(|raw| raw.item.into_table().ok()) {
                if table.position().is_none() {
                    table.set_position(last);
                }
                last = table.position();
                new.push(table);
            }
            *tables = new;
        }
        Item::Value(toml_edit::Value::Array(array)) => fill(array, picked),
        _ => {}
    }
}

fn fill(array: &mut Array, picked: Vec<Raw>) {
    // One entry a line stays one entry a line.
    let prefix_of = |v: &toml_edit::Value| v.decor().prefix().and_then(|p| p.as_str()).map(str::to_owned);
    let lines = array.iter().last().and_then(prefix_of);
    let lines = lines.filter(|p| p.contains('\n') && p.trim().is_empty());
    let first = array.iter().next().map(toml_edit::Value::to_string);
    let mut new = Array::new();
    for raw in picked {
        let Ok(mut value) = raw.item.into_value() else { continue };
        // What was the first has no white space before it, and what comes to be it needs none.
        let leads = new.is_empty() && prefix_of(&value).as_deref() == Some(" ");
        let led =
            !new.is_empty() && prefix_of(&value).as_deref() == Some("") && first == Some(value.to_string());
        if !raw.own || leads || led {
            let prefix = lines.clone().unwrap_or_else(|| if new.is_empty() { "" } else { " " }.to_owned());
            *value.decor_mut() = Decor::new(prefix, "");
        }
        new.push_formatted(value);
    }
    new.set_trailing(array.trailing().as_str().unwrap_or_default().to_owned());
    new.set_trailing_comma(array.trailing_comma());
    *new.decor_mut() = array.decor().clone();
    *array = new;
}

/// A value that nobody has written yet.
fn build(value: &Value) -> Item {
    match value.serialize(toml_edit::ser::ValueSerializer::new()) {
        Ok(value) => Item::Value(value),
        Err(_) => Item::None,
    }
}

/// With headers where the value is a table or a list of tables.
fn headed(item: Item) -> Item {
    match item {
        Item::Value(toml_edit::Value::InlineTable(table)) => Item::Table(table.into_table()),
        Item::Value(toml_edit::Value::Array(array))
            if !array.is_empty() && array.iter().all(toml_edit::Value::is_inline_table) =>
        {
            let item = Item::Value(toml_edit::Value::Array(array));
            item.into_array_of_tables().map_or_else(|item| item, Item::ArrayOfTables)
        }
        other => other,
    }
}

/// Without the places in the file that its tables had where it comes from.
fn unplaced(mut item: Item) -> Item {
    fn clear(item: &mut Item) {
        match item {
            Item::Table(table) => clear_table(table),
            Item::ArrayOfTables(tables) => tables.iter_mut().for_each(clear_table),
            _ => {}
        }
    }
    fn clear_table(table: &mut toml_edit::Table) {
        table.set_position(None);
        table.iter_mut().for_each(|(_, item)| clear(item));
    }
    clear(&mut item);
    item
}
