//! What becomes of the text of a contact that stays: its bases end, or it is cut down to what an archive keeps.

use chrono::NaiveDate;
use toml::{Table, Value};
use toml_edit::Item;

use super::Archive;
use crate::domain::edit::document;
use crate::domain::ids::Slug;
use crate::error::{Error, Result};

/// What identifies a person, says where the data is from, or protects them. Everything else goes unless the rule
/// names it.
const KEPT: [&str; 21] = [
    "id",
    "kind",
    "name",
    "given",
    "family",
    "additional",
    "prefix",
    "suffix",
    "org",
    "emails",
    "phones",
    "addresses",
    "lang",
    "source",
    "created",
    "objection",
    "objections",
    "objected",
    "restriction",
    "restrictions",
    "restricted",
];

/// The text with the open bases of some purposes ended on `today`; everything else stays as it is written.
pub fn end_bases(text: &str, purposes: &[&Slug], today: NaiveDate) -> Result<String> {
    let mut doc = document(text)?;
    let until = toml_date(today)?;
    let ends = |purpose: Option<&str>, known: Option<&toml_edit::Value>| {
        let known = known.and_then(toml_edit::Value::as_datetime).map(ToString::to_string);
        // A day that is written stays where it has come already.
        let later = known.is_none_or(|known| known.get(..10).is_none_or(|day| *day > *today.to_string()));
        purposes.iter().any(|p| Some(p.as_str()) == purpose) && later
    };
    match doc.get_mut("basis") {
        Some(Item::ArrayOfTables(bases)) => {
            for basis in bases.iter_mut() {
                let known = basis.get("until").and_then(Item::as_value);
                if ends(basis.get("purpose").and_then(Item::as_str), known) {
                    basis["until"] = toml_edit::value(until);
                }
            }
        }
        Some(Item::Value(toml_edit::Value::Array(bases))) => {
            for basis in bases.iter_mut().filter_map(toml_edit::Value::as_inline_table_mut) {
                if ends(basis.get("purpose").and_then(toml_edit::Value::as_str), basis.get("until")) {
                    basis.insert("until", until.into());
                }
            }
        }
        _ => return Err(Error::failed("the contact has no bases").at("basis")),
    }
    Ok(doc.to_string())
}

/// The text that goes into the archive: written anew, for a comment could hold what must not be kept.
pub fn archived(
    text: &str,
    archive: &Archive,
    purpose: &Slug,
    today: NaiveDate,
    until: NaiveDate,
) -> Result<String> {
    let old: Table =
        document(text)?.to_string().parse().map_err(|_| Error::failed("a contact cannot be read"))?;
    let wanted = |key: &str| KEPT.contains(&key) || archive.fields.iter().any(|field| field == key);
    let mut new: Table = old.into_iter().filter(|(key, _)| wanted(key)).collect();
    new.insert("book".into(), archive.book.as_str().into());
    let (since, until) = (date_value(today)?, date_value(until)?);
    let mut basis = Table::new();
    basis.insert("purpose".into(), purpose.as_str().into());
    basis.insert("basis".into(), archive.basis.as_str().into());
    basis.insert("since".into(), since.clone());
    basis.insert("until".into(), until.clone());
    basis.insert("source".into(), archive.ground.as_str().into());
    new.insert("basis".into(), Value::Array(vec![Value::Table(basis)]));
    let mut table = Table::new();
    table.insert("purpose".into(), purpose.as_str().into());
    table.insert("since".into(), since);
    table.insert("until".into(), until);
    table.insert("ground".into(), archive.ground.as_str().into());
    new.insert("archive".into(), Value::Table(table));
    toml::to_string(&new).map_err(|_| Error::failed("the archived contact cannot be written"))
}

fn toml_date(day: NaiveDate) -> Result<toml_edit::Datetime> {
    day.to_string().parse().map_err(|_| Error::failed("a date is out of range"))
}

fn date_value(day: NaiveDate) -> Result<Value> {
    let at: toml::value::Datetime =
        day.to_string().parse().map_err(|_| Error::failed("a date is out of range"))?;
    Ok(Value::Datetime(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::contact::Contact;
    use crate::domain::retention::view::View;

    const TEXT: &str = "# Jeanne owes us lunch\nid = \"3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77\"\nbook = \"main\"\n\
        name = \"Jeanne\" # the elder\nnote = \"likes tea\"\nemails = [\"j@example.org\"]\nsource = \"fair\"\n\
        objected = 2025-01-01\n[custom]\ninvoice = \"F-1\"\n[[basis]]\npurpose = \"customers\"\nbasis = \"contract\"\n\
        until = 2020-01-01\n[[basis]]\npurpose = \"prospects\"\nbasis = \"legitimate-interests\" # ours\n";

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_basis_ends_and_nothing_else_changes() {
        let (prospects, customers): (Slug, Slug) =
            ("prospects".parse().unwrap(), "customers".parse().unwrap());
        let new = end_bases(TEXT, &[&prospects, &customers], day("2026-11-23")).unwrap();
        assert_eq!(new, format!("{TEXT}until = 2026-11-23\n"));
        assert_eq!(end_bases(&new, &[&prospects], day("2027-11-23")).unwrap(), new);
        let inline = "basis = [{ purpose = \"prospects\", basis = \"consent\" }]\n";
        let ended = end_bases(inline, &[&prospects], day("2026-11-23")).unwrap();
        assert!(ended.contains("until = 2026-11-23"), "{ended}");
    }

    #[test]
    fn an_archive_keeps_what_its_rule_names_and_no_comment() {
        let archive = |fields: &[&str]| Archive {
            book: "archive".parse().unwrap(),
            months: 120,
            ground: "L123-22".into(),
            basis: crate::domain::lawful::LegalBasis::LegalObligation,
            fields: fields.iter().map(|f| (*f).to_owned()).collect(),
        };
        let customers = "customers".parse().unwrap();
        let cut = |fields: &[&str]| {
            archived(TEXT, &archive(fields), &customers, day("2026-11-23"), day("2030-01-01")).unwrap()
        };
        let text = cut(&["custom"]);
        let contact = Contact::parse(&text).unwrap();
        assert_eq!((contact.book.as_str(), contact.name.as_str()), ("archive", "Jeanne"));
        assert_eq!(contact.bases.len(), 1);
        assert!(
            text.contains("F-1") && !text.contains("tea") && !text.contains("lunch") && !text.contains('#')
        );
        assert!(!cut(&[]).contains("F-1"));
        let view = View::parse(&text).unwrap();
        assert!(view.is_objected(day("2026-11-23")));
        assert_eq!(view.archive.unwrap().until.to_string(), "2030-01-01");
    }
}
