//! Merging values key by key: tables, single values, and which rule a key follows.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::note::KEY as CONFLICT;
use super::{Notes, Three, Whose, Why, list, privacy};

/// Merges two whole contacts.
pub(super) fn contact(base: Option<&Table>, late: &Table, early: &Table, notes: &mut Notes<'_>) -> Table {
    let mut merged = Table::new();
    for key in keys(late, early) {
        let three = three(base, late, early, key);
        let value = match key.as_str() {
            "consent" => privacy::consents(three, notes),
            "basis" => privacy::bases(three, notes),
            "activity" => list::merge(key, three, list::Rule::APPEND_ONLY, notes),
            "emails" | "phones" | "urls" => list::merge(key, three, list::Rule::TYPED, notes),
            crate::domain::link::KEY => list::keyed(key, three, notes),
            "tags" | "addresses" | CONFLICT => list::merge(key, three, list::Rule::PLAIN, notes),
            key if privacy::is_protective(key) => privacy::protect(key, three, notes),
            key => any(key, three, notes),
        };
        merged.extend(value.map(|value| (key.clone(), value)));
    }
    merged
}

/// Keys of both tables, each once, in order.
pub(super) fn keys<'a>(late: &'a Table, early: &'a Table) -> BTreeSet<&'a String> {
    late.keys().chain(early.keys()).collect()
}

/// The three versions of one key.
pub(super) fn three<'a>(base: Option<&'a Table>, late: &'a Table, early: &'a Table, key: &str) -> Three<'a> {
    Three { base: base.and_then(|b| b.get(key)), late: late.get(key), early: early.get(key) }
}

/// A value of whatever kind: tables by key, lists as sets where their order says nothing, the rest as one.
pub(super) fn any(field: &str, three: Three<'_>, notes: &mut Notes<'_>) -> Option<Value> {
    let Three { base, late, early } = three;
    if same(late, early) {
        return late.cloned();
    }
    let empty = Table::new();
    let as_table = |value: Option<&'_ Value>| value.is_none_or(Value::is_table);
    if as_table(late) && as_table(early) {
        let (base, [late_table, early_table]) =
            (base.and_then(Value::as_table), [late, early].map(|v| v.and_then(Value::as_table)));
        let (l, e) = (late_table.unwrap_or(&empty), early_table.unwrap_or(&empty));
        let mut merged = Table::new();
        for key in keys(l, e) {
            let value = any(&format!("{field}.{key}"), self::three(base, l, e, key), notes);
            merged.extend(value.map(|value| (key.clone(), value)));
        }
        let nothing = merged.is_empty() && (late.is_none() || early.is_none());
        return (!nothing).then_some(Value::Table(merged));
    }
    if [base, late, early].into_iter().flatten().all(list::is_set) {
        return list::merge(field, three, list::Rule::PLAIN, notes);
    }
    one(field, three, notes)
}

/// A value that is kept or replaced as a whole.
pub(super) fn one(field: &str, three: Three<'_>, notes: &mut Notes<'_>) -> Option<Value> {
    let Three { base, late, early } = three;
    if same(late, early) || same(early, base) {
        return late.cloned();
    }
    if same(late, base) {
        return early.cloned();
    }
    match (late, early) {
        (Some(_), Some(_)) => notes.add(field, Why::ChangedTwice, late, early, Whose::Early),
        (Some(_), None) => notes.add(field, Why::Removed, late, None, Whose::Early),
        _ => notes.add(field, Why::Removed, early, None, Whose::Late),
    }
    late.or(early).cloned()
}

/// Whether two values say the same; keys' order and spelling do not count, and NaN equals itself.
pub(super) fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b || canonical(a) == canonical(b),
        (None, None) => true,
        _ => false,
    }
}

/// A value as one text, the same for all values that say the same (tables are kept in the order of their keys).
pub(super) fn canonical(value: &Value) -> String {
    value.to_string()
}
