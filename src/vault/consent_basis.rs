//! The basis that a consent is: it begins with the first yes, and ends where the last one is taken back.

use toml_edit::{ArrayOfTables, DocumentMut, Item, TableLike, Value};

use crate::domain::channel::Channel;
use crate::domain::contact::{ConsentAction, Contact};
use crate::domain::draft;
use crate::domain::ids::Slug;
use crate::domain::lawful::consent::state;
use crate::domain::lawful::{LegalBasis, PurposeBasis};
use crate::error::{Error, Result};

/// Gives the contact a basis for the purpose where it has none that holds: the consent itself.
pub(super) fn rest_on_consent(
    doc: &mut DocumentMut,
    contact: &Contact,
    purpose: &Slug,
    since: &toml::value::Datetime,
) -> Result<()> {
    if contact.bases.iter().any(|basis| basis.purpose == *purpose && basis.until.is_none()) {
        return Ok(());
    }
    let pair = PurposeBasis { purpose: purpose.clone(), basis: LegalBasis::Consent };
    let day = since.to_string().chars().take(10).collect::<String>();
    let list = doc
        .entry("basis")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()))
        .as_array_of_tables_mut()
        .ok_or_else(|| Error::failed("`basis` is not a list of tables in this contact").at("basis"))?;
    list.push(draft::basis_table(&pair, &day));
    Ok(())
}

/// Ends the consent as a basis where no channel has a yes any more (Art. 7(3)): `day` is the last one on which the person is
/// held for the purpose. What was said stays, as its proof; a basis of another kind, and those of other purposes, go on.
pub(super) fn rest_no_more(
    doc: &mut DocumentMut,
    purpose: &Slug,
    day: &toml::value::Datetime,
    now: i64,
) -> Result<()> {
    let contact = Contact::parse(&doc.to_string())?;
    let says = |channel| state(&contact.consents, purpose, channel, now);
    if Channel::ALL.into_iter().filter_map(says).any(|s| s.action == ConsentAction::Granted) {
        return Ok(());
    }
    let day: String = day.to_string().chars().take(10).collect();
    let until: toml_edit::Datetime =
        day.parse().map_err(|e| Error::failed("the day of a withdrawal cannot be written").cause(e))?;
    let end = |table: &mut dyn TableLike| {
        let is = |key: &str, text: &str| table.get(key).and_then(Item::as_str) == Some(text);
        let known = table.get("until").and_then(Item::as_datetime).map(ToString::to_string);
        let later = known.is_none_or(|known| known.get(..10).is_none_or(|known| *known > *day));
        if is("purpose", purpose.as_str()) && is("basis", LegalBasis::Consent.as_str()) && later {
            table.insert("until", toml_edit::value(until));
        }
    };
    match doc.get_mut("basis") {
        Some(Item::ArrayOfTables(list)) => list.iter_mut().for_each(|table| end(table)),
        Some(Item::Value(Value::Array(list))) => {
            list.iter_mut().filter_map(Value::as_inline_table_mut).for_each(|table| end(table));
        }
        _ => {}
    }
    Ok(())
}
