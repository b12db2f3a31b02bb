//! Merging lists as sets: by what identifies an entry, with removal respected.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::value::{any, canonical, one, same};
use super::{Notes, Three, Whose, Why};
use crate::domain::email;

/// How a list is merged.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    /// Entries are texts or `{ value, type }`, and the value identifies them.
    typed: bool,
    /// What only one side removed stays.
    append_only: bool,
}

impl Rule {
    pub const PLAIN: Rule = Rule { typed: false, append_only: false };
    pub const TYPED: Rule = Rule { typed: true, append_only: false };
    pub const APPEND_ONLY: Rule = Rule { typed: false, append_only: true };
}

/// Whether a list of an unknown key can be merged as a set: texts and tables can, numbers may be coordinates.
pub(super) fn is_set(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(|v| v.is_str() || v.is_table()))
}

/// Merges a list entry by entry: the later side's order, then what only the earlier side has.
pub(super) fn merge(field: &str, three: Three<'_>, rule: Rule, notes: &mut Notes<'_>) -> Option<Value> {
    let Three { late, early, .. } = three;
    if same(late, early) {
        return late.cloned();
    }
    if ![late, early].into_iter().flatten().all(Value::is_array) {
        return one(field, three, notes);
    }
    let ident = |value: &Value| if rule.typed { typed_ident(field, value) } else { plain_ident(value) };
    let merged = by_ident(three, ident, |versions| entry(field, versions, rule, notes));
    listed(merged, three)
}

/// The same for entries that have an `id` and keys of their own: where both sides changed one, key by key.
pub(super) fn keyed(field: &str, three: Three<'_>, notes: &mut Notes<'_>) -> Option<Value> {
    let Three { late, early, .. } = three;
    if same(late, early) {
        return late.cloned();
    }
    if ![late, early].into_iter().flatten().all(Value::is_array) {
        return one(field, three, notes);
    }
    let merged = by_ident(three, plain_ident, |versions| match (versions.late, versions.early) {
        (Some(_), Some(_)) => any(field, versions, notes),
        _ => entry(field, versions, Rule::PLAIN, notes),
    });
    listed(merged, three)
}

/// A list that came to nothing stays only where both sides have one and somebody wrote it empty.
pub(super) fn listed(merged: Vec<Value>, three: Three<'_>) -> Option<Value> {
    let empty = |list: Option<&Value>| list.and_then(Value::as_array).is_some_and(Vec::is_empty);
    let both = three.late.is_some() && three.early.is_some();
    let stays = !merged.is_empty() || both && (empty(three.late) || empty(three.early));
    stays.then_some(Value::Array(merged))
}

/// What identifies an entry, and which one it is of several that are alike.
type Ident = (String, usize);

/// Brings the three versions of each entry together; an entry that is there twice is two entries. A side that has
/// none left of what the base had removed it, however often the other side repeats it.
pub(super) fn by_ident<'a>(
    three: Three<'a>,
    ident: impl Fn(&Value) -> String,
    mut decide: impl FnMut(Three<'a>) -> Option<Value>,
) -> Vec<Value> {
    let [base, late, early] = [three.base, three.late, three.early].map(|list| index(list, &ident));
    let map = |list: &[(Ident, &'a Value)]| -> BTreeMap<Ident, &'a Value> { list.iter().cloned().collect() };
    let [base, in_late, in_early] = [map(&base), map(&late), map(&early)];
    let mut seen = BTreeSet::new();
    let mut merged = Vec::new();
    for (key, _) in late.iter().chain(&early) {
        if seen.insert(key) {
            let at = |side: &BTreeMap<Ident, &'a Value>| side.get(key).copied();
            let first = (key.0.clone(), 1);
            let removed = !in_late.contains_key(&first) || !in_early.contains_key(&first);
            let base = at(&base).or_else(|| base.get(&first).copied().filter(|_| removed));
            merged.extend(decide(Three { base, late: at(&in_late), early: at(&in_early) }));
        }
    }
    merged
}

fn index<'a>(list: Option<&'a Value>, ident: &impl Fn(&Value) -> String) -> Vec<(Ident, &'a Value)> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    let entries = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    entries
        .iter()
        .map(|value| {
            let name = ident(value);
            let nth = count.entry(name.clone()).or_default();
            *nth += 1;
            ((name, *nth), value)
        })
        .collect()
}

/// Decides on one entry.
pub(super) fn entry(field: &str, three: Three<'_>, rule: Rule, notes: &mut Notes<'_>) -> Option<Value> {
    let Three { base, late, early } = three;
    let alike = |a: Option<&Value>, b: Option<&Value>| match (rule.typed, a, b) {
        (true, Some(a), Some(b)) => same(Some(&spelt_out(a)), Some(&spelt_out(b))),
        _ => same(a, b),
    };
    let (kept, gone_from) = match (late, early) {
        (Some(late), Some(early)) => {
            let (late, early) = (Some(late), Some(early));
            if alike(late, early) || alike(early, base) {
                return late.cloned();
            }
            if alike(late, base) {
                return early.cloned();
            }
            // Two who wrote the same address down each for themselves differ in its spelling only.
            let spelling = rule.typed && base.is_none() && same_but_for_spelling(field, late, early);
            if !spelling {
                notes.add(field, Why::ChangedTwice, late, early, Whose::Early);
            }
            return late.cloned();
        }
        (late, None) => (late, Whose::Early),
        (None, early) => (early, Whose::Late),
    };
    if base.is_none() {
        return kept.cloned();
    }
    if rule.append_only {
        notes.add(field, Why::Protected, kept, None, gone_from);
        return kept.cloned();
    }
    if alike(kept, base) {
        return None;
    }
    notes.add(field, Why::Removed, kept, None, gone_from);
    kept.cloned()
}

/// `"x"` and `{ value = "x" }` say the same.
fn spelt_out(value: &Value) -> Value {
    match value {
        Value::String(_) => Value::Table(Table::from_iter([("value".to_owned(), value.clone())])),
        other => other.clone(),
    }
}

fn same_but_for_spelling(field: &str, a: Option<&Value>, b: Option<&Value>) -> bool {
    let kind = |value: &Value| value.get("type").cloned();
    a.zip(b).is_some_and(|(a, b)| typed_ident(field, a) == typed_ident(field, b) && kind(a) == kind(b))
}

fn typed_ident(field: &str, value: &Value) -> String {
    let text = value.as_str().or_else(|| value.get("value")?.as_str());
    let address = |text: &str| (field == "emails").then(|| email::normalise(text)).flatten();
    match text {
        Some(text) => address(text).unwrap_or_else(|| text.trim().to_owned()),
        None => canonical(value),
    }
}

/// The `id` of an event, or else the whole entry.
pub(super) fn plain_ident(value: &Value) -> String {
    match value.get("id").and_then(Value::as_str) {
        Some(id) => format!("id {id}"),
        None => canonical(value),
    }
}
