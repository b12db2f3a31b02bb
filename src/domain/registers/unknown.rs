//! Keys that no field has: found with their line, and the nearest known one named.

use toml_edit::{Document, Item, TableLike};

use super::field::{Field, Shape};
use crate::error::{Error, Result};

/// A key that carnet does not know.
struct Unknown {
    key: String,
    /// Where it begins in the text, in bytes.
    start: Option<usize>,
    /// The keys that could stand there.
    known: Vec<&'static str>,
}

/// Refuses the first key that is in no field; the firm's own go under `[custom]`.
pub fn check(fields: &[Field], path: &str, text: &str) -> Result<()> {
    let doc = Document::parse(text)
        .map_err(|_| Error::usage("a register entry cannot be read").at(path.to_owned()))?;
    let Some(unknown) = walk(fields, doc.as_table(), "") else { return Ok(()) };
    let place = match unknown.start.map(|start| line_at(text, start)) {
        Some(line) => format!("{path}, line {line}"),
        None => path.to_owned(),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let shown = unknown.key.len() <= 40 && unknown.key.chars().all(plain);
    let message = match shown {
        true => format!("unknown key `{}`", unknown.key),
        false => "unknown key".to_owned(),
    };
    let hint = match nearest(&unknown.key, &unknown.known) {
        Some(near) => format!("did you mean `{near}`? Keys of your own go under [custom]"),
        None => format!("known: {}; keys of your own go under [custom]", unknown.known.join(", ")),
    };
    Err(Error::usage(message).at(place).hint(hint))
}

fn walk(fields: &[Field], table: &dyn TableLike, prefix: &str) -> Option<Unknown> {
    for (key, item) in table.iter() {
        let path = if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
        if path == "custom" {
            continue;
        }
        if let Some(field) = fields.iter().find(|f| f.key == path) {
            let Shape::Tables(inner) = field.shape else { continue };
            let found = tables(item).into_iter().find_map(|t| {
                let (key, _) = t.iter().find(|(k, _)| !inner.contains(k))?;
                Some(unknown(t, key, inner.to_vec()))
            });
            if found.is_some() {
                return found;
            }
            continue;
        }
        let below = format!("{path}.");
        let is_table = fields.iter().any(|f| f.key.starts_with(&below));
        match item.as_table_like() {
            Some(inner) if is_table => {
                if let found @ Some(_) = walk(fields, inner, &path) {
                    return found;
                }
            }
            // What is no table where one should be has been refused by the type.
            _ if is_table => {}
            _ => return Some(unknown(table, key, names_in(fields, prefix))),
        }
    }
    None
}

fn unknown(table: &dyn TableLike, key: &str, known: Vec<&'static str>) -> Unknown {
    let start = table.key(key).and_then(|k| k.span()).map(|span| span.start);
    Unknown { key: key.to_owned(), start, known }
}

/// The keys that may stand in the table `prefix`.
fn names_in(fields: &[Field], prefix: &str) -> Vec<&'static str> {
    let below = if prefix.is_empty() { String::new() } else { format!("{prefix}.") };
    let rest = fields.iter().filter_map(|f| f.key.strip_prefix(below.as_str()));
    let mut names: Vec<&str> = rest.map(|rest| rest.split('.').next().unwrap_or(rest)).collect();
    names.dedup();
    names
}

fn tables(item: &Item) -> Vec<&dyn TableLike> {
    if let Some(list) = item.as_array_of_tables() {
        return list.iter().map(|t| t as &dyn TableLike).collect();
    }
    let list = item.as_array().into_iter().flat_map(|list| list.iter());
    list.filter_map(|v| v.as_inline_table().map(|t| t as &dyn TableLike)).collect()
}

/// The known key that is most like `key`, if any is like it.
pub fn nearest<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    let key = key.to_lowercase().replace('-', "_");
    let like = |name: &&&str| strsim::normalized_damerau_levenshtein(&key, name);
    let best = known.iter().max_by(|a, b| like(a).total_cmp(&like(b)))?;
    (like(&best) >= 0.5).then_some(*best)
}

/// The line of a dotted key, counted from 1.
pub fn line_of(text: &str, key: &str) -> Option<usize> {
    let doc = Document::parse(text).ok()?;
    let mut table: &dyn TableLike = doc.as_table();
    let mut parts = key.split('.').peekable();
    let mut start = None;
    while let Some(part) = parts.next() {
        start = table.key(part).and_then(|k| k.span()).map(|span| span.start).or(start);
        match table.get(part).and_then(Item::as_table_like) {
            Some(inner) if parts.peek().is_some() => table = inner,
            _ => break,
        }
    }
    start.map(|start| line_at(text, start))
}

fn line_at(text: &str, start: usize) -> usize {
    text.get(..start).map_or(1, |before| before.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        Field::new("title", Shape::Text, "", ""),
        Field::new("contract.expires", Shape::Date, "", ""),
        Field::new("retain", Shape::Tables(&["category", "months"]), "", ""),
    ];

    #[track_caller]
    fn refused(text: &str) -> (String, String) {
        let e = check(FIELDS, "f.toml", text).unwrap_err();
        (format!("{} {}", e.message, e.place.unwrap()), e.hint.unwrap())
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest() {
        let (what, hint) = refused("# c\n\ntitel = \"x\"\n");
        assert_eq!(what, "unknown key `titel` f.toml, line 3");
        assert!(hint.contains("did you mean `title`?"), "{hint}");
        let (what, hint) = refused("title = \"x\"\n[contract]\nexpiry = 2026-01-01\n");
        assert_eq!(what, "unknown key `expiry` f.toml, line 3");
        assert!(hint.contains("`expires`"), "{hint}");
        let (what, hint) = refused("[[retain]]\ncategory = \"x\"\n[[retain]]\nmonth = 3\n");
        assert_eq!(what, "unknown key `month` f.toml, line 4");
        assert!(hint.contains("`months`"), "{hint}");
        let (what, hint) = refused("\"Jeanne Dupont, 3 rue X\" = 1\n");
        assert!(
            !what.contains("Jeanne") && hint.starts_with("known: title, contract, retain;"),
            "{what} {hint}"
        );
    }

    #[test]
    fn known_keys_and_the_firms_own_pass() {
        check(FIELDS, "f", "title = 1\ncontract.expires = 2\n[custom]\nanything = { at = \"all\" }\n")
            .unwrap();
        check(FIELDS, "f", "retain = [{ category = \"x\", months = 3 }]\n").unwrap();
    }

    #[test]
    fn the_line_of_a_key_is_found() {
        let text = "title = 1\n[contract]\na = 1\nexpires = 2026-01-01\n";
        assert_eq!(line_of(text, "contract.expires"), Some(4));
        assert_eq!(line_of(text, "contract.gone"), Some(2));
        assert_eq!(line_of(text, "gone"), None);
    }
}
