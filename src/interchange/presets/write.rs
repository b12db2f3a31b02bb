//! CSV for another program: the columns that its preset names.

use std::io;

use super::super::guard::guarded;
use super::super::slots::draft_of;
use super::Export;
use crate::domain::contact::{Address, Contact, Typed};
use crate::domain::draft::Draft;
use crate::error::{Error, Result};

/// The contacts with the columns of a preset, UTF-8 with the byte order mark that spreadsheets need to see it is; and
/// how many contacts hold an e-mail or a number that no column had room for.
pub fn write_preset(contacts: &[Contact], export: &Export, mut out: impl io::Write) -> Result<usize> {
    out.write_all("\u{feff}".as_bytes())?;
    let delimiter = u8::try_from(export.delimiter).unwrap_or(b',');
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(out);
    let failed = |error: csv::Error| Error::from(io::Error::from(error));
    writer.write_record(export.columns.iter().map(|(header, _)| header)).map_err(failed)?;
    let mut short = 0;
    for contact in contacts {
        let draft = draft_of(contact);
        let cells: Vec<String> = export.columns.iter().map(|(_, field)| cell(&draft, field)).collect();
        let is_there = |typed: &Typed| cells.contains(&typed.value);
        short += usize::from(!draft.emails.iter().chain(&draft.phones).all(is_there));
        writer.write_record(cells.iter().map(|cell| guarded(cell).into_owned())).map_err(failed)?;
    }
    writer.flush()?;
    Ok(short)
}

/// What a contact says to a field of a preset; empty where it says nothing.
fn cell(draft: &Draft, field: &str) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    match field {
        "name" => return draft.name.clone(),
        "given" => return text(&draft.given),
        // A program that has no column for the whole name gets it as the family name, or the row is nameless.
        "family" if draft.given.is_none() && draft.family.is_none() => return draft.name.clone(),
        "family" => return text(&draft.family),
        "additional" => return text(&draft.additional),
        "prefix" => return text(&draft.prefix),
        "suffix" => return text(&draft.suffix),
        "nickname" => return text(&draft.nickname),
        "organisation" => return text(&draft.org),
        "title" => return text(&draft.title),
        "role" => return text(&draft.role),
        "birthday" => return text(&draft.birthday),
        "language" => return text(&draft.lang),
        "note" => return text(&draft.note),
        "tags" => return draft.tags.join(";"),
        "tags :::" => return draft.tags.join(" ::: "),
        _ => {}
    }
    if let Some(key) = field.strip_prefix("custom.") {
        let found = draft.custom.iter().find(|(known, _)| known == key);
        return found.map(|(_, text)| text.clone()).unwrap_or_default();
    }
    let words: Vec<&str> = field.split(' ').collect();
    let number = |text: &str| text.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    match words.as_slice() {
        ["address", n, part] => number(n).and_then(|n| draft.addresses.get(n)).map(|a| address_part(a, part)),
        [name @ ("email" | "phone" | "url"), n, rest @ ..] => {
            let typed = number(n).and_then(|n| list(draft, name).get(n));
            typed.map(|typed| if rest.is_empty() { typed.value.clone() } else { text(&typed.kind) })
        }
        [kind, "phone"] => phone(draft, kind),
        [kind, part] => address(draft, kind).map(|a| address_part(a, part)),
        _ => None,
    }
    .unwrap_or_default()
}

fn list<'a>(draft: &'a Draft, name: &str) -> &'a [Typed] {
    match name {
        "email" => &draft.emails,
        "phone" => &draft.phones,
        _ => &draft.urls,
    }
}

/// The first number of this kind; a number of no kind counts as one at work, a fax as nothing else.
fn phone(draft: &Draft, wanted: &str) -> Option<String> {
    let has = |typed: &Typed, word: &str| {
        typed.kind.as_deref().is_some_and(|kind| kind.to_lowercase().contains(word))
    };
    let is = |typed: &&Typed| match wanted {
        "fax" => has(typed, "fax"),
        _ => has(typed, wanted) && !has(typed, "fax"),
    };
    let plain = |typed: &&Typed| wanted == "work" && typed.kind.is_none();
    let found = draft.phones.iter().find(is).or_else(|| draft.phones.iter().find(plain));
    found.map(|typed| typed.value.clone())
}

fn address<'a>(draft: &'a Draft, wanted: &str) -> Option<&'a Address> {
    let is =
        |address: &&Address| address.kind.as_deref().is_some_and(|kind| kind.to_lowercase().contains(wanted));
    let plain = |address: &&Address| wanted == "work" && address.kind.is_none();
    draft.addresses.iter().find(is).or_else(|| draft.addresses.iter().find(plain))
}

fn address_part(address: &Address, part: &str) -> String {
    match part {
        "street" => address.street.clone(),
        "extra" => address.extended.clone(),
        "postcode" => address.postcode.clone(),
        "city" => address.locality.clone(),
        "region" => address.region.clone(),
        "country" => address.country.clone(),
        "type" => address.kind.clone().unwrap_or_default(),
        _ => String::new(),
    }
}
