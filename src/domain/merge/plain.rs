//! Merging plain registers: settings, books, purposes, members, as TOML, key by key.
//!
//! Lists are sets of which either side may add and remove; where both sides changed one value the later wins, and
//! its name is given back for the people to look at. A signing policy has stricter rules of its own
//! (`vault::verify::policy_merge`).

use toml::{Table, Value};

use super::value::same;
use super::{Notes, Side, Three, text, value};
use crate::error::{Error, Result};

/// What a merge of two plain files came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plain {
    pub text: String,
    /// Names of fields that both sides changed; the later side's value stands.
    pub twice: Vec<String>,
}

/// Merges two versions of a plain TOML file. It does not matter which side is called ours.
///
/// # Errors
/// When a side is no TOML.
pub fn plain(base: Option<&str>, ours: &Side<'_>, theirs: &Side<'_>) -> Result<Plain> {
    let as_it_is = |side: &Side<'_>| Ok(Plain { text: side.text.to_owned(), twice: Vec::new() });
    if ours.text == theirs.text || base == Some(theirs.text) {
        return as_it_is(ours);
    }
    if base == Some(ours.text) {
        return as_it_is(theirs);
    }
    let rank = |side: &Side<'_>| (side.time, side.text.to_owned());
    let (late, early) = if rank(ours) >= rank(theirs) { (ours, theirs) } else { (theirs, ours) };
    let table = |text: &str| {
        text.parse::<Table>()
            .map_err(|e| Error::failed("one side of the merge is no TOML").cause(e.message()))
    };
    let (late_table, early_table) = (Value::Table(table(late.text)?), Value::Table(table(early.text)?));
    let base_table = base.map(table).transpose()?.map(Value::Table);
    let mut notes = Notes { late, early, list: Vec::new() };
    let three = Three { base: base_table.as_ref(), late: Some(&late_table), early: Some(&early_table) };
    let mut merged = match value::any("", three, &mut notes) {
        Some(Value::Table(merged)) => merged,
        _ => Table::new(),
    };
    if let (Value::Table(late), Value::Table(early)) = (&late_table, &early_table) {
        put_in_order(&mut merged, late, early);
    }
    let text = text::write(base, late.text, early.text, &merged)?;
    let mut twice: Vec<String> =
        notes.list.iter().map(|note| note.field.trim_start_matches('.').to_owned()).collect();
    twice.sort();
    twice.dedup();
    Ok(Plain { text, twice })
}

/// Puts what only the earlier side has of a list behind what it stands behind there: the order of a list may say
/// something, as that of the stages of the pipeline does.
fn put_in_order(merged: &mut Table, late: &Table, early: &Table) {
    for (key, value) in merged {
        match (value, late.get(key), early.get(key)) {
            (Value::Table(merged), Some(Value::Table(late)), Some(Value::Table(early))) => {
                put_in_order(merged, late, early);
            }
            (Value::Array(merged), Some(Value::Array(late)), Some(Value::Array(early))) => {
                let is_in = |list: &[Value], entry: &Value| list.iter().any(|e| same(Some(e), Some(entry)));
                let (mut ordered, rest): (Vec<Value>, Vec<Value>) =
                    merged.drain(..).partition(|entry| is_in(late, entry) || !is_in(early, entry));
                let mut at = 0;
                for entry in early.iter() {
                    match ordered.iter().position(|e| same(Some(e), Some(entry))) {
                        Some(before) => at = before + 1,
                        None if is_in(&rest, entry) => {
                            ordered.insert(at, entry.clone());
                            at += 1;
                        }
                        None => {}
                    }
                }
                *merged = ordered;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(text: &str, time: i64) -> Side<'_> {
        Side { text, time, who: "" }
    }

    #[test]
    fn both_sides_changes_stand_and_comments_stay() {
        let base = "# the firm\nname = \"A\"\nmembers = [\"ana\", \"bob\"]\n";
        let ours = "# the firm\nname = \"A\"\nmembers = [\"ana\", \"bob\", \"eve\"]\n";
        let theirs = "# the firm\nname = \"B\"\nmembers = [\"ana\"]\n";
        let merged = plain(Some(base), &side(ours, 1), &side(theirs, 2)).unwrap();
        assert_eq!(merged, plain(Some(base), &side(theirs, 2), &side(ours, 1)).unwrap());
        assert!(merged.text.contains("# the firm") && merged.text.contains("name = \"B\""));
        let table: Table = merged.text.parse().unwrap();
        let members: Vec<&str> =
            table["members"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(members, ["ana", "eve"]);
        assert_eq!(merged.twice, [""; 0]);
    }

    #[test]
    fn what_each_put_into_a_list_stays_where_they_put_it() {
        let stages = |list: &str| format!("[pipeline]\n# in this order\nstages = [{list}]\n");
        let base = stages("\"lead\", \"offer\", \"signing\"");
        let ours = stages("\"call\", \"lead\", \"demo\", \"visit\", \"offer\", \"signing\"");
        let theirs = stages("\"lead\", \"proposal\", \"signing\", \"start\"");
        for (time, expected) in [
            (9, "\"call\", \"lead\", \"proposal\", \"demo\", \"visit\", \"signing\", \"start\""),
            (1, "\"call\", \"lead\", \"demo\", \"visit\", \"proposal\", \"signing\", \"start\""),
        ] {
            let (ours, theirs) = (side(&ours, time), side(&theirs, 5));
            let merged = plain(Some(&base), &ours, &theirs).unwrap();
            assert_eq!(merged, plain(Some(&base), &theirs, &ours).unwrap());
            assert_eq!(merged.text, stages(expected));
        }
    }

    #[test]
    fn the_later_value_wins_and_is_named() {
        let merged = plain(Some("a.b = 1\n"), &side("a.b = 2\n", 5), &side("a.b = 3\n", 4)).unwrap();
        assert_eq!((merged.text.as_str(), &merged.twice[..]), ("a.b = 2\n", &["a.b".to_owned()][..]));
        assert!(plain(Some(""), &side("a = ", 1), &side("b = 1", 1)).is_err());
    }
}
