//! The basis that a consent is: it begins with the first yes, and ends where the last one is taken back.

use toml_edit::{ArrayOfTables, DocumentMut, Item};

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

/// Ends the consent as a basis where no channel has a yes any more (Art. 7(3)): from the day after, the person is not held
/// for the purpose. What was said stays, as its proof. A basis that somebody wrote otherwise is left to them.
pub(super) fn rest_no_more(doc: &mut DocumentMut, purpose: &Slug, now: i64) -> Result<()> {
    let contact = Contact::parse(&doc.to_string())?;
    let says = |channel| state(&contact.consents, purpose, channel, now);
    if Channel::ALL.into_iter().filter_map(says).any(|s| s.action == ConsentAction::Granted) {
        return Ok(());
    }
    let last = contact.consents.iter().rfind(|event| event.purpose == *purpose);
    let Some(day) = last.map(|event| event.time.to_string().chars().take(10).collect::<String>()) else {
        return Ok(());
    };
    let day: toml_edit::Datetime =
        day.parse().map_err(|e| Error::failed("the day of a withdrawal cannot be written").cause(e))?;
    let Some(list) = doc.get_mut("basis").and_then(Item::as_array_of_tables_mut) else { return Ok(()) };
    for table in list.iter_mut().filter(|table| !table.contains_key("until")) {
        let is = |key: &str, text: &str| table.get(key).and_then(Item::as_str) == Some(text);
        if is("purpose", purpose.as_str()) && is("basis", LegalBasis::Consent.as_str()) {
            table.insert("until", toml_edit::value(day));
        }
    }
    Ok(())
}
