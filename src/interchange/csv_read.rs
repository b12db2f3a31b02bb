//! CSV in: each row of a file to a draft, or to the reason why not.

use std::collections::BTreeMap;

use csv::StringRecord;

use super::answers::opted_out;
use super::cells::{
    SEVERAL, day, emails, is_generic, is_no_date, is_rounded, kind, kind_name, numbers, says_nothing, tags,
    without_controls,
};
use super::charset::Undecodable;
use super::guard::unguarded;
use super::header::{self, Column, List, Nth, Part, Text};
use super::meaning::single_line;
use super::{About, Options, Row, charset, headings, presets, table};
use crate::domain::contact::{Address, ContactKind, Typed};
use crate::domain::draft::Draft;
use crate::domain::phone;
use crate::error::{Error, Result};

/// The rows of a file whose bytes are ASCII-compatible (UTF-16 already decoded), and what was found out about it.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<(Vec<Row>, About)> {
    let (text, legacy) = charset::text(bytes).map_err(|problem: Undecodable| {
        Error::failed(format!("the file holds {}", problem.reason()))
            .hint("save it again as UTF-8: in a spreadsheet, \"CSV UTF-8\"")
    })?;
    let table = table::read(&text)?;
    let headers: Vec<&str> = table.header.iter().collect();
    let preset = match &options.preset {
        Some(name) => Some(presets::named(name)?),
        None => presets::recognised(&headers)?,
    };
    let names = match &options.columns {
        Some(columns) => headings::by_place(&headers, columns)?,
        None => presets::renamed(&headers, preset.as_ref(), &options.mapping),
    };
    check_mapping(&headers, options)?;
    let columns = header::columns(names.iter().map(String::as_str));
    if !header::is_recognised(&columns) {
        return Err(Error::failed("no column of this CSV file is recognised").at("row 1").hint(
            "the first row must name the columns, such as name,email,phone,organisation,tags,note; \
             or say what they are: --map 'Column=name,Other=email'",
        ));
    }
    if table.rows.is_empty() {
        return Err(Error::failed("the file has a header and no rows").at("row 1"));
    }
    let holds = |n: usize, is: &dyn Fn(&str) -> bool| {
        let cells = table.rows.iter().filter_map(|row| row.cells.as_ref().ok()?.get(n)).map(str::trim);
        cells.filter(|cell| !cell.is_empty()).any(is)
    };
    let unknown =
        headers.iter().zip(&names).zip(&columns).enumerate().filter_map(|(n, ((header, name), column))| {
            match column {
                // A column that nobody filled in makes no field.
                Column::Custom(_) if header == name && holds(n, &|cell| !is_no_date(cell)) => {
                    Some((*header).to_owned())
                }
                _ => None,
            }
        });
    let about = About {
        encoding: if legacy { "Windows-1252" } else { "UTF-8" },
        delimiter: Some(table.delimiter),
        preset: preset.as_ref().map(|preset| preset.title.clone()),
        unknown: unknown.collect(),
        left_out: Vec::new(),
    };
    let kind = preset.and_then(|preset| preset.kind);
    // A file in which one birthday can only be month and day is one of months and days.
    let american = |cell: &str| day(cell, &options.country).is_none() && day(cell, "US").is_some();
    let birthdays = (0..columns.len()).filter(|n| columns.get(*n) == Some(&Column::Text(Text::Birthday)));
    let dates_of = match birthdays.into_iter().any(|n| holds(n, &american)) {
        true => "US",
        false => options.country.as_str(),
    };
    let rows = table.rows.into_iter().map(|row| {
        let mut notes = Vec::new();
        let draft =
            row.cells.and_then(|cells| draft(&columns, &cells, (kind, dates_of), options, &mut notes));
        Row { place: row.place, draft, notes }
    });
    Ok((rows.collect(), about))
}

/// A mapping that names a column or a field that is not there is a mistake, not a wish.
fn check_mapping(headers: &[&str], options: &Options) -> Result<()> {
    let bad = |what: String| {
        Err(Error::usage(what).at("--map").hint("--map 'Column=field', such as --map 'Mél=email'"))
    };
    for (header, field) in &options.mapping {
        let name = header.rsplit_once(" #").map_or(header.as_str(), |(name, _)| name);
        if !headers.iter().any(|have| header::squeezed(have) == header::squeezed(name)) {
            return bad("the file has no such column".to_owned());
        }
        let is_custom =
            field.get(..header::CUSTOM.len()).is_some_and(|s| s.eq_ignore_ascii_case(header::CUSTOM));
        let means = header::columns(std::iter::once(field.as_str()));
        if !is_custom && matches!(means.first(), Some(Column::Custom(_)) | None) {
            return bad("there is no such field; custom.NAME makes one".to_owned());
        }
    }
    Ok(())
}

/// Whether the first row names columns that are known.
pub(super) fn has_header(bytes: &[u8]) -> bool {
    // LinkedIn writes notes above the header, a few hundred bytes.
    let start = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let notes =
        start.trim_ascii_start().get(..7).is_some_and(|s| s.to_ascii_lowercase().ends_with(b"notes:"));
    let notes = notes || start.to_ascii_lowercase().starts_with(b"notes:");
    let first = start.iter().position(|b| *b == b'\n').unwrap_or(start.len());
    let end = if notes { start.len() } else { first };
    let header = charset::text(&bytes[..end]).ok().and_then(|(text, _)| table::read(&text).ok());
    header.is_some_and(|table| {
        let headers: Vec<&str> = table.header.iter().collect();
        header::is_recognised(&header::columns(headers.iter().copied()))
            || presets::recognised(&headers).is_ok_and(|preset| preset.is_some())
    })
}

/// What the cells of a row say before it is a draft.
#[derive(Default)]
struct Cells {
    /// The country whose dates they are.
    dates_of: String,
    draft: Draft,
    kind: Option<ContactKind>,
    values: Vec<(List, Nth, String)>,
    value_kinds: Vec<(List, u32, String)>,
    addresses: BTreeMap<Nth, Address>,
    address_kinds: BTreeMap<u32, String>,
}

fn draft(
    columns: &[Column],
    record: &StringRecord,
    (kind, dates_of): (Option<ContactKind>, &str),
    options: &Options,
    notes: &mut Vec<String>,
) -> std::result::Result<Draft, String> {
    let mut cells = Cells { dates_of: dates_of.to_owned(), ..Cells::default() };
    if record.len() < columns.len() {
        notes.push(format!(
            "the row has {} cells and the header {}: the rest is empty",
            record.len(),
            columns.len()
        ));
    }
    for (column, cell) in columns.iter().zip(record) {
        let cell = without_controls(unguarded(cell));
        if !cell.trim().is_empty() {
            // A note keeps its white space.
            let cell = if *column == Column::Text(Text::Note) { &cell } else { cell.trim() };
            cells.take(column, cell, notes)?;
        }
    }
    cells.kind = cells.kind.or(kind);
    cells.finish(options, notes)
}

impl Cells {
    fn take(
        &mut self,
        column: &Column,
        cell: &str,
        notes: &mut Vec<String>,
    ) -> std::result::Result<(), String> {
        match column {
            Column::Text(Text::Birthday) | Column::Custom(_) if is_no_date(cell) => {}
            Column::Text(Text::Birthday) => match day(cell, &self.dates_of) {
                Some(date) => self.draft.birthday = Some(date),
                None => {
                    notes.push("the birthday is no date and was kept as a custom field".to_owned());
                    self.custom("birthday", cell);
                }
            },
            Column::Text(Text::Name) => self.draft.name = single_line(cell),
            // Lines end as they do in every other file of the book.
            Column::Text(Text::Note) => self.draft.note = Some(cell.replace("\r\n", "\n")),
            Column::Text(text) => *self.text(*text) = Some(single_line(cell)),
            Column::Kind(header) => match kind(cell) {
                Some(kind) => self.kind = Some(kind),
                None => self.custom(header, cell),
            },
            Column::Value(list, nth) => self.values.push((*list, nth.clone(), cell.to_owned())),
            Column::ValueKind(list, number) => self.value_kinds.push((*list, *number, kind_name(cell))),
            Column::Address(nth, part) => {
                part_of(self.addresses.entry(nth.clone()).or_default(), *part, cell)
            }
            Column::AddressKind(number) => {
                self.address_kinds.insert(*number, kind_name(cell));
            }
            Column::Tags => tags(cell).into_iter().for_each(|tag| push_new(&mut self.draft.tags, tag)),
            Column::Source => {
                let source = &mut self.draft.source;
                *source = if source.is_empty() { cell.to_owned() } else { format!("{source}; {cell}") };
            }
            Column::Basis => {
                for text in cell.split([';', ',']).map(str::trim).filter(|text| !text.is_empty()) {
                    let basis =
                        text.parse().map_err(|_| "a basis is not written PURPOSE:BASIS".to_owned())?;
                    push_new(&mut self.draft.bases, basis);
                }
            }
            Column::OptOut(header) => match opted_out(cell) {
                Some(said) => self.draft.opted_out |= said,
                None => self.custom(header, cell),
            },
            Column::Custom(key) => self.custom(key, cell),
            Column::Skip => {}
        }
        Ok(())
    }

    /// A custom field; a second of its name gets a number.
    fn custom(&mut self, key: &str, text: &str) {
        let custom = &mut self.draft.custom;
        let is_free = |key: &String| !custom.iter().any(|(known, _)| known == key);
        let names = std::iter::once(key.to_owned()).chain((2..).map(|number| format!("{key} {number}")));
        let key = names.into_iter().find(is_free).unwrap_or_default();
        custom.push((key, text.to_owned()));
    }

    fn text(&mut self, text: Text) -> &mut Option<String> {
        let draft = &mut self.draft;
        match text {
            Text::Given => &mut draft.given,
            Text::Family => &mut draft.family,
            Text::Additional => &mut draft.additional,
            Text::Prefix => &mut draft.prefix,
            Text::Suffix => &mut draft.suffix,
            Text::Nickname => &mut draft.nickname,
            Text::Org => &mut draft.org,
            Text::Title => &mut draft.title,
            Text::Role => &mut draft.role,
            Text::Lang => &mut draft.lang,
            // The name is no option and a birthday is checked first: `take` sees to both.
            Text::Name | Text::Birthday | Text::Note => &mut draft.note,
        }
    }

    fn finish(mut self, options: &Options, notes: &mut Vec<String>) -> std::result::Result<Draft, String> {
        for (list, nth, cell) in std::mem::take(&mut self.values) {
            let said = self.value_kinds.iter().find(|(l, n, _)| *l == list && *n == nth.number);
            let kind = said.map(|(.., kind)| kind.clone()).filter(|kind| !kind.is_empty()).or(nth.kind);
            let typed = |value: String| Typed { value, kind: kind.clone() };
            match list {
                // `néant`, `-`, `NC`: somebody filled a form in.
                List::Emails | List::Phones if says_nothing(&cell) => {}
                List::Emails => match emails(&cell) {
                    Some(found) => {
                        found.into_iter().for_each(|e| push_new(&mut self.draft.emails, typed(e)));
                    }
                    None => {
                        notes.push("the e-mail address is not one and was kept as a custom field".to_owned());
                        self.custom("email", &cell);
                    }
                },
                List::Phones if is_rounded(&cell) => {
                    notes.push(
                        "a spreadsheet has rounded the phone number; it was kept as a custom field"
                            .to_owned(),
                    );
                    self.custom("phone", &cell);
                }
                List::Phones => {
                    let numbers = numbers(&cell, &options.country).into_iter();
                    let written = numbers.map(|number| phone::written(number, &options.country));
                    written.for_each(|number| push_new(&mut self.draft.phones, typed(number)));
                }
                List::Urls => {
                    let urls = cell.split(SEVERAL).map(str::trim).filter(|url| !url.is_empty());
                    urls.for_each(|url| push_new(&mut self.draft.urls, typed(url.to_owned())));
                }
            }
        }
        for (nth, address) in std::mem::take(&mut self.addresses) {
            let kind =
                self.address_kinds.get(&nth.number).cloned().filter(|kind| !kind.is_empty()).or(nth.kind);
            push_new(&mut self.draft.addresses, Address { kind, ..address });
        }
        self.labelled();
        self.name()
    }

    /// `Relation 1 - Label` and `Relation 1 - Value` (Google) are one field, called as the label says.
    fn labelled(&mut self) {
        let custom = std::mem::take(&mut self.draft.custom);
        let label_of = |key: &str| {
            let base = key.strip_suffix(" - Value")?;
            let labels = [format!("{base} - Label"), format!("{base} - Type")];
            custom
                .iter()
                .find(|(key, _)| labels.contains(key))
                .map(|(key, label)| (key.clone(), kind_name(label)))
        };
        let named: Vec<Option<(String, String)>> = custom.iter().map(|(key, _)| label_of(key)).collect();
        let used: Vec<&String> = named.iter().flatten().map(|(key, _)| key).collect();
        for ((key, text), label) in custom.iter().zip(&named) {
            match label {
                Some((_, label)) if !label.is_empty() => self.custom(label, text),
                _ if used.contains(&key) => {}
                _ => self.custom(key, text),
            }
        }
    }

    /// Finds the name and the kind, or says that there is neither.
    fn name(self) -> std::result::Result<Draft, String> {
        let mut draft = self.draft;
        // Lists are read by name: `Mme` stands before it only where nothing else does.
        let prefix = draft.prefix.as_ref().filter(|_| draft.given.is_none());
        let parts = [prefix, draft.given.as_ref(), draft.additional.as_ref()];
        let parts = parts.into_iter().chain([draft.family.as_ref(), draft.suffix.as_ref()]);
        let whole = parts.flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
        let has_parts = draft.given.is_some() || draft.family.is_some();
        let mut guess = ContactKind::Person;
        if draft.name.is_empty() {
            let email = draft.emails.first().map(|e| e.value.clone());
            let is_org =
                self.kind == Some(ContactKind::Organisation) || email.as_deref().is_none_or(is_generic);
            draft.name = match (has_parts, draft.org.clone().filter(|_| is_org), email) {
                (true, ..) => whole,
                (false, Some(org), _) => {
                    guess = ContactKind::Organisation;
                    org
                }
                (false, None, Some(email)) => email,
                (false, None, None) => {
                    return Err("the row has no name, e-mail address or organisation".to_owned());
                }
            };
        }
        draft.kind = self.kind.unwrap_or(guess);
        Ok(draft)
    }
}

fn part_of(address: &mut Address, part: Part, cell: &str) {
    let held = match part {
        Part::Street => &mut address.street,
        Part::Extended => &mut address.extended,
        Part::Postcode => &mut address.postcode,
        Part::Locality => &mut address.locality,
        Part::Region => &mut address.region,
        Part::Country => &mut address.country,
    };
    *held = if held.is_empty() { cell.to_owned() } else { format!("{held}, {cell}") };
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
