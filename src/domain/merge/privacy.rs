//! Where privacy beats convenience: consents, bases, objections and restrictions.
//!
//! A person's no is never lost to a merge, whichever side is later; lifting it takes an edit that knows of it.

use std::collections::BTreeMap;

use chrono::DateTime;
use toml::{Table, Value};

use super::list::{self, Rule};
use super::value::{keys, one, same, three};
use super::{Notes, Three, Whose, Why};
use crate::domain::moment;

/// Keys, of a contact or of a basis, that record an objection (Art. 21) or a restriction (Art. 18).
const PROTECTIVE: [&str; 6] =
    ["objected", "objection", "objections", "restricted", "restriction", "restrictions"];

pub(super) fn is_protective(key: &str) -> bool {
    PROTECTIVE.contains(&key)
}

/// An objection or a restriction: what either side still has stays.
pub(super) fn protect(field: &str, three: Three<'_>, notes: &mut Notes<'_>) -> Option<Value> {
    let Three { base, late, early } = three;
    if same(late, early) {
        return late.cloned();
    }
    let set = |value: Option<&Value>| value.is_some_and(|v| *v != Value::Boolean(false));
    match (late, early) {
        (Some(Value::Array(_)) | None, Some(Value::Array(_)) | None) => {
            list::merge(field, three, Rule::APPEND_ONLY, notes)
        }
        (Some(Value::Table(l)), Some(Value::Table(e))) => {
            let base = base.and_then(Value::as_table);
            let mut merged = Table::new();
            for key in keys(l, e) {
                let value = protect(&format!("{field}.{key}"), self::three(base, l, e, key), notes);
                merged.extend(value.map(|value| (key.clone(), value)));
            }
            Some(Value::Table(merged))
        }
        _ if set(late) && set(early) => one(field, three, notes),
        _ => {
            let (kept, other, whose) =
                if set(late) { (late, early, Whose::Early) } else { (early, late, Whose::Late) };
            if set(base) {
                notes.add(field, Why::Protected, kept, other, whose);
            }
            kept.cloned()
        }
    }
}

/// How strongly an action says no: of two versions of one event the stronger is kept.
fn caution(event: &Value) -> u8 {
    match text(event, "action") {
        "withdrawn" => 4,
        "refused" => 3,
        "expired" => 2,
        "granted" => 1,
        _ => 0,
    }
}

fn text<'a>(event: &'a Value, key: &str) -> &'a str {
    event.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// `[[consent]]`: every event of either side, and a no that the other side's yes did not know of put after it.
pub(super) fn consents(three: Three<'_>, notes: &mut Notes<'_>) -> Option<Value> {
    if same(three.late, three.early) {
        return three.late.cloned();
    }
    let decide = |versions: Three<'_>| match versions {
        Three { late: Some(l), early: Some(e), base } if caution(l) != caution(e) => {
            let (kept, other, whose) =
                if caution(l) > caution(e) { (l, e, Whose::Early) } else { (e, l, Whose::Late) };
            if !same(Some(other), base) {
                notes.add("consent", Why::Protected, Some(kept), Some(other), whose);
            }
            Some(kept.clone())
        }
        versions => list::entry("consent", versions, Rule::APPEND_ONLY, notes),
    };
    let mut merged = list::by_ident(three, list::plain_ident, decide);
    for event in unheard(three) {
        if !merged.iter().any(|known| text(known, "id") == text(&event, "id")) {
            merged.push(event);
        }
    }
    list::listed(merged, three)
}

/// For each no of one side and each later yes of the other, for the same purpose and channel and neither known
/// on both sides: the no again, at the moment of the yes, where it counts (of two events at one moment the no does).
fn unheard(three: Three<'_>) -> Vec<Value> {
    let events = |list: Option<&Value>| -> BTreeMap<String, Value> {
        let list = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().map(|event| (list::plain_ident(event), event.clone())).collect()
    };
    let (late, early) = (events(three.late), events(three.early));
    let only = |ours: &BTreeMap<String, Value>, theirs: &BTreeMap<String, Value>| -> Vec<Value> {
        ours.iter().filter(|(id, _)| !theirs.contains_key(*id)).map(|(_, event)| event.clone()).collect()
    };
    let (late, early) = (only(&late, &early), only(&early, &late));
    let mut found = Vec::new();
    for (noes, yeses) in [(&late, &early), (&early, &late)] {
        for no in noes.iter().filter(|event| caution(event) >= 3) {
            found.extend(yeses.iter().filter(|event| caution(event) == 1).filter_map(|yes| again(no, yes)));
        }
    }
    found.sort_by(|a, b| text(a, "id").cmp(text(b, "id")));
    found
}

fn again(no: &Value, yes: &Value) -> Option<Value> {
    let start = |event: &Value| event.get("time").and_then(Value::as_datetime).and_then(moment::start);
    let channel = |event: &Value| event.get("channel").cloned();
    let touch = match (channel(no), channel(yes)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    if text(no, "purpose") != text(yes, "purpose") || !touch || start(no) >= start(yes) {
        return None;
    }
    let mut event = Table::new();
    let id = format!("merge-{}-{}", text(no, "id"), text(yes, "id"));
    event.insert("id".into(), Value::from(id));
    for (key, from) in [("purpose", no), ("action", no), ("time", yes)] {
        event.insert(key.into(), from.get(key)?.clone());
    }
    if let Some(channel) = channel(no).or_else(|| channel(yes)) {
        event.insert("channel".into(), channel);
    }
    event.insert("method".into(), Value::from("merge"));
    event.insert("source".into(), Value::from(format!("event {}", text(no, "id"))));
    Some(Value::Table(event))
}

/// `[[basis]]`, by purpose: what one side ended stays ended, and a contact never comes to have none.
pub(super) fn bases(three: Three<'_>, notes: &mut Notes<'_>) -> Option<Value> {
    if same(three.late, three.early) {
        return three.late.cloned();
    }
    let single = [three.base, three.late, three.early].into_iter().all(one_a_purpose);
    let ident = |basis: &Value| match single {
        true => text(basis, "purpose").to_owned(),
        false => format!("{} {}", text(basis, "purpose"), text(basis, "basis")),
    };
    let merged = list::by_ident(three, ident, |versions| basis(versions, false, notes));
    let merged = match merged.is_empty() {
        // Each side removed what the other kept. A contact needs a basis, so all of them stay, ended.
        true => list::by_ident(three, ident, |versions| basis(versions, true, notes)),
        false => merged,
    };
    Some(Value::Array(merged))
}

fn one_a_purpose(list: Option<&Value>) -> bool {
    let list = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let purposes: std::collections::BTreeSet<&str> = list.iter().map(|b| text(b, "purpose")).collect();
    purposes.len() == list.len()
}

/// One basis; `keep` keeps, ended, even what one side removed and the other did not touch.
fn basis(three: Three<'_>, keep: bool, notes: &mut Notes<'_>) -> Option<Value> {
    let Three { base, late, early } = three;
    let (kept, remover) = match (late, early) {
        (Some(Value::Table(l)), Some(Value::Table(e))) => return Some(both(base, l, e, notes)),
        (late, None) => (late?, Whose::Early),
        (None, early) => (early?, Whose::Late),
        _ => return late.cloned(),
    };
    if base.is_none() {
        return Some(kept.clone());
    }
    if same(Some(kept), base) && !keep {
        return None;
    }
    let mut ended = kept.clone();
    if let Some(table) = ended.as_table_mut().filter(|t| !t.contains_key("until")) {
        let day = notes.side(remover).time;
        let day = DateTime::from_timestamp(day, 0).unwrap_or_default().format("%Y-%m-%d").to_string();
        table.extend(day.parse().ok().map(|day| ("until".to_owned(), Value::Datetime(day))));
    }
    notes.add("basis", Why::Removed, Some(&ended), None, remover);
    Some(ended)
}

fn both(base: Option<&Value>, late: &Table, early: &Table, notes: &mut Notes<'_>) -> Value {
    let base = base.and_then(Value::as_table);
    let mut merged = Table::new();
    for key in keys(late, early) {
        let three = three(base, late, early, key);
        let field = format!("basis.{key}");
        let value = match key.as_str() {
            "until" => until(&field, three, notes),
            key if is_protective(key) => protect(&field, three, notes),
            _ => super::value::any(&field, three, notes),
        };
        merged.extend(value.map(|value| (key.clone(), value)));
    }
    Value::Table(merged)
}

/// The end of a basis: the earlier of two, and never none again once a side has it.
fn until(field: &str, three: Three<'_>, notes: &mut Notes<'_>) -> Option<Value> {
    let Three { base, late, early } = three;
    let end = |value: Option<&Value>| value.and_then(Value::as_datetime).and_then(moment::end);
    let late_wins = match (late, early) {
        _ if same(late, early) => return late.cloned(),
        (Some(_), Some(_)) => end(late).unwrap_or(i64::MAX) <= end(early).unwrap_or(i64::MAX),
        (late, _) => late.is_some(),
    };
    let (kept, other, whose) =
        if late_wins { (late, early, Whose::Early) } else { (early, late, Whose::Late) };
    // One side that ended it, or ended it earlier, is no conflict; one that undid an end is.
    if !same(other, base) {
        notes.add(field, Why::Protected, kept, other, whose);
    }
    kept.cloned()
}
