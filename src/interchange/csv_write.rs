//! CSV out: one row a contact, one column for whatever any of them holds.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::guard::guarded;
use super::header::{CUSTOM, is_taken};
use super::slots::draft_of;
use crate::domain::contact::{Contact, Typed};
use crate::domain::draft::Draft;
use crate::error::{Error, Result};

/// A column; columns stand in the order of the first three.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    field: u8,
    /// Of several e-mails, phones, addresses.
    number: usize,
    part: u8,
    header: String,
}

impl Key {
    fn new(field: u8, header: &str) -> Self {
        Key { field, number: 0, part: 0, header: header.to_owned() }
    }
}

/// Columns that are there even when no contact fills them.
const ALWAYS: [(u8, &str); 6] = [
    (NAME, "name"),
    (ORG, "organisation"),
    (EMAIL, "email"),
    (PHONE, "phone"),
    (TAGS, "tags"),
    (NOTE, "note"),
];

const NAME: u8 = 0;
const ORG: u8 = 7;
const EMAIL: u8 = 10;
const PHONE: u8 = 11;
const ADDRESS: u8 = 12;
const URL: u8 = 13;
const TAGS: u8 = 16;
const NOTE: u8 = 17;
const CUSTOM_FIELDS: u8 = 21;

/// The contacts as UTF-8 CSV with a header row, which [`read`](super::read) turns into the same drafts.
///
/// Cells that a spreadsheet would run as a formula are guarded with an apostrophe. Kept vCard lines, consents
/// and activities have no place in a table and are left out.
pub fn write_csv(contacts: &[Contact], out: impl io::Write) -> Result<()> {
    let mut columns: BTreeSet<Key> = ALWAYS.iter().map(|(field, header)| Key::new(*field, header)).collect();
    // Twice over the contacts rather than all their cells in memory at once.
    contacts.iter().for_each(|contact| columns.extend(cells(&draft_of(contact)).into_keys()));
    // "name" beside "given" without "family" would be read as the family name.
    if columns.contains(&Key::new(1, "given")) {
        columns.insert(Key::new(2, "family"));
    }
    let mut writer = csv::Writer::from_writer(out);
    let failed = |error: csv::Error| Error::from(io::Error::from(error));
    writer.write_record(columns.iter().map(|column| guarded(&column.header).into_owned())).map_err(failed)?;
    for contact in contacts {
        let cells = cells(&draft_of(contact));
        let row =
            columns.iter().map(|column| cells.get(column).map(|cell| guarded(cell)).unwrap_or_default());
        writer.write_record(row.map(|cell| cell.into_owned())).map_err(failed)?;
    }
    writer.flush()?;
    Ok(())
}

/// What of a contact stands in which column; nothing empty.
fn cells(draft: &Draft) -> BTreeMap<Key, String> {
    let mut cells = BTreeMap::new();
    let bases: Vec<String> = draft.bases.iter().map(ToString::to_string).collect();
    let tags: Vec<String> = draft.tags.iter().map(|tag| quoted(tag)).collect();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    for (field, header, cell) in [
        (NAME, "name", draft.name.clone()),
        (1, "given", text(&draft.given)),
        (2, "family", text(&draft.family)),
        (3, "additional", text(&draft.additional)),
        (4, "prefix", text(&draft.prefix)),
        (5, "suffix", text(&draft.suffix)),
        (6, "nickname", text(&draft.nickname)),
        (ORG, "organisation", text(&draft.org)),
        (8, "title", text(&draft.title)),
        (9, "role", text(&draft.role)),
        (14, "birthday", text(&draft.birthday)),
        (15, "language", text(&draft.lang)),
        (TAGS, "tags", tags.join(";")),
        (NOTE, "note", text(&draft.note)),
        (18, "kind", draft.kind.as_str().to_owned()),
        (19, "source", draft.source.clone()),
        (20, "basis", bases.join("; ")),
    ] {
        cells.insert(Key::new(field, header), cell);
    }
    typed(&mut cells, EMAIL, "email", &draft.emails);
    typed(&mut cells, PHONE, "phone", &draft.phones);
    typed(&mut cells, URL, "url", &draft.urls);
    addresses(&mut cells, draft);
    for (key, text) in &draft.custom {
        let header = if is_taken(key) { format!("{CUSTOM}{key}") } else { key.clone() };
        cells.insert(Key::new(CUSTOM_FIELDS, &header), text.clone());
    }
    cells.retain(|_, cell| !cell.is_empty());
    cells
}

fn typed(cells: &mut BTreeMap<Key, String>, field: u8, name: &str, list: &[Typed]) {
    for (number, typed) in list.iter().enumerate() {
        let header = if number == 0 { name.to_owned() } else { format!("{name} {}", number + 1) };
        let kind = Key { field, number, part: 1, header: format!("{header} type") };
        cells.insert(Key { field, number, part: 0, header }, typed.value.clone());
        cells.insert(kind, typed.kind.clone().unwrap_or_default());
    }
}

fn addresses(cells: &mut BTreeMap<Key, String>, draft: &Draft) {
    for (number, address) in draft.addresses.iter().enumerate() {
        let kind = address.kind.clone().unwrap_or_default();
        let parts = [
            ("street", &address.street),
            ("extra", &address.extended),
            ("postcode", &address.postcode),
            ("city", &address.locality),
            ("region", &address.region),
            ("country", &address.country),
            ("type", &kind),
        ];
        for (part, (name, text)) in (0..).zip(parts) {
            let header = match (number, name) {
                (0, "extra" | "type") => format!("address {name}"),
                (0, _) => name.to_owned(),
                _ => format!("address {} {name}", number + 1),
            };
            cells.insert(Key { field: ADDRESS, number, part, header }, text.clone());
        }
    }
}

/// A tag within a cell of tags, in quotes where it would be taken for several.
fn quoted(tag: &str) -> String {
    match tag.contains([';', ',', '"', '\n', '\r']) {
        true => format!("\"{}\"", tag.replace('"', "\"\"")),
        false => tag.to_owned(),
    }
}
