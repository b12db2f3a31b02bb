//! What the columns of a CSV file mean, whatever their order, case and accents.

use std::collections::BTreeSet;

use super::guard::unguarded;
use super::names::{
    BASES, EMAILS, FILLERS, KIND_WORDS, KINDS, OPT_OUTS, PARTS, PHONES, SECOND, SOURCES, TAGS, TEXTS, URLS,
    is_one,
};
use super::presets::LEFT_OUT;
use crate::domain::fold::fold;

/// What a cell of a column is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// The contact's kind; a value that is none becomes a custom field of this name.
    Kind(String),
    Text(Text),
    /// The n-th e-mail, phone or web address.
    Value(List, Nth),
    /// The kind of the n-th.
    ValueKind(List, u32),
    Address(Nth, Part),
    AddressKind(u32),
    Tags,
    Source,
    Basis,
    /// Whether the person wants no more e-mail; a value that says neither becomes a custom field of this name.
    OptOut(String),
    Custom(String),
    /// Not taken.
    Skip,
}

/// Fields of one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Name,
    Given,
    Family,
    Additional,
    Prefix,
    Suffix,
    Nickname,
    Org,
    Title,
    Role,
    Birthday,
    Lang,
    Note,
}

/// Fields of several values with kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Emails,
    Phones,
    Urls,
}

/// One of several of a sort.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Nth {
    pub number: u32,
    /// The kind that the header itself says: `Business Phone`.
    pub kind: Option<String>,
}

/// Parts of a postal address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Street,
    Extended,
    Postcode,
    Locality,
    Region,
    Country,
}

/// What stands before a custom field's name where the name alone would be taken for something else.
pub(super) const CUSTOM: &str = "custom.";

impl Text {
    /// The contact's key.
    pub(super) fn key(self) -> &'static str {
        match self {
            Text::Name => "name",
            Text::Given => "given",
            Text::Family => "family",
            Text::Additional => "additional",
            Text::Prefix => "prefix",
            Text::Suffix => "suffix",
            Text::Nickname => "nickname",
            Text::Org => "org",
            Text::Title => "title",
            Text::Role => "role",
            Text::Birthday => "birthday",
            Text::Lang => "lang",
            Text::Note => "note",
        }
    }
}

/// What each column of a header means; every column has a meaning, and unknown ones are custom fields.
pub(super) fn columns<'a>(headers: impl Iterator<Item = &'a str>) -> Vec<Column> {
    let headers: Vec<&str> = headers.collect();
    let mut columns: Vec<Column> = headers.iter().enumerate().map(|(i, header)| column(i, header)).collect();
    let has = |columns: &[Column], wanted: Text| columns.contains(&Column::Text(wanted));
    // "Nom" alone is the whole name; beside "Prénom" it is the family name. "Name" beside "First name" likewise.
    if !has(&columns, Text::Given) && !has(&columns, Text::Name) {
        replace(&mut columns, Text::Family, Text::Name);
    } else if has(&columns, Text::Given) && has(&columns, Text::Name) && !has(&columns, Text::Family) {
        replace(&mut columns, Text::Name, Text::Family);
    }
    // Outlook's "Title" is "Mr" and its "Job Title" the title.
    let named = |wanted: &str| headers.iter().position(|header| squeezed(header) == wanted);
    if let (Some(title), Some(_)) = (named("title"), named("jobtitle")) {
        columns[title] = Column::Text(Text::Prefix);
    }
    second_lines(&headers, &mut columns);
    distinct(&mut columns);
    columns
}

/// Whether any column is more than a custom field.
pub(super) fn is_recognised(columns: &[Column]) -> bool {
    columns.iter().any(|column| !matches!(column, Column::Custom(_) | Column::Skip))
}

/// Whether a custom field's name alone would not be read as that custom field.
pub(super) fn is_taken(key: &str) -> bool {
    column(0, key) != Column::Custom(key.to_owned()) || key.to_lowercase().starts_with(CUSTOM)
}

fn replace(columns: &mut [Column], old: Text, new: Text) {
    if let Some(column) = columns.iter_mut().find(|column| **column == Column::Text(old)) {
        *column = Column::Text(new);
    }
}

/// "Address 2" and "Street 2" are second lines of one address, unless a second address has other parts.
fn second_lines(headers: &[&str], columns: &mut [Column]) {
    let with_parts: BTreeSet<u32> = columns
        .iter()
        .filter_map(|column| match column {
            Column::Address(_, Part::Street) => None,
            Column::Address(nth, _) => Some(nth.number),
            _ => None,
        })
        .collect();
    for (header, column) in headers.iter().zip(columns) {
        let name = squeezed(header);
        let said = name.starts_with("address") && name.ends_with("street");
        match column {
            Column::Address(nth, part @ Part::Street)
                if nth.number > 1 && !said && !with_parts.contains(&nth.number) =>
            {
                nth.number = 1;
                *part = Part::Extended;
            }
            _ => {}
        }
    }
}

/// Gives columns that would fill the same place places of their own; what can be joined is left.
fn distinct(columns: &mut [Column]) {
    let mut seen: Vec<Column> = Vec::new();
    for column in columns {
        let first = column.clone();
        for again in 2.. {
            if !seen.contains(column) {
                break;
            }
            *column = match &first {
                Column::Value(list, nth) => {
                    Column::Value(*list, Nth { number: nth.number + 100 * again, kind: nth.kind.clone() })
                }
                Column::Text(text) => Column::Custom(format!("{} {again}", text.key())),
                Column::Custom(key) => Column::Custom(format!("{key} {again}")),
                _ => break,
            };
        }
        seen.push(column.clone());
    }
}

/// Letters and digits of a header, folded.
pub(super) fn squeezed(header: &str) -> String {
    fold(unguarded(header)).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn column(index: usize, header: &str) -> Column {
    let header = unguarded(header);
    let nameless = || Column::Custom(format!("column {}", index + 1));
    match header.split_at_checked(CUSTOM.len()) {
        Some((start, "")) if start.eq_ignore_ascii_case(CUSTOM) => return nameless(),
        Some((start, name)) if start.eq_ignore_ascii_case(CUSTOM) => return Column::Custom(name.to_owned()),
        _ => {}
    }
    let header = header.trim();
    if header == LEFT_OUT {
        return Column::Skip;
    }
    let custom = || if header.is_empty() { nameless() } else { Column::Custom(header.to_owned()) };
    known(header).or_else(|| several(header)).unwrap_or_else(custom)
}

/// Columns of which there is one.
fn known(header: &str) -> Option<Column> {
    let name = squeezed(header);
    if let Some((text, _)) = TEXTS.iter().find(|(_, names)| is_one(names, &name)) {
        return Some(Column::Text(*text));
    }
    match name {
        name if is_one(KINDS, &name) => Some(Column::Kind(header.to_owned())),
        name if is_one(TAGS, &name) => Some(Column::Tags),
        name if is_one(SOURCES, &name) => Some(Column::Source),
        name if is_one(BASES, &name) => Some(Column::Basis),
        name if is_one(OPT_OUTS, &name) => Some(Column::OptOut(header.to_owned())),
        _ => None,
    }
}

/// Columns of which there may be several: a number, words for the kind, and what it is.
fn several(header: &str) -> Option<Column> {
    let (mut number, mut kinds, mut is_kind, mut base) = (None, Vec::new(), false, String::new());
    let folded = fold(header);
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        if letters.len() < word.len() {
            let n = word[letters.len()..].parse::<u32>().ok().filter(|n| (1..100).contains(n))?;
            if number.replace(n).is_some() {
                return None;
            }
        }
        match KIND_WORDS.iter().find(|(_, words)| is_one(words, letters)) {
            _ if letters.is_empty() || is_one(FILLERS, letters) => {}
            _ if is_one(SECOND, letters) => number = number.or(Some(2)),
            _ if !base.is_empty() && (letters == "type" || letters == "label") => is_kind = true,
            Some((kind, _)) => kinds.push(*kind),
            None => base.push_str(letters),
        }
    }
    let of = |names: &str| is_one(names, &base);
    let number = number.unwrap_or(1);
    let device = kinds.iter().any(|kind| ["mobile", "fax", "pager"].contains(kind));
    let nth = Nth { number, kind: (!kinds.is_empty()).then(|| kinds.join(", ")) };
    let list = match () {
        _ if of(EMAILS) => Some(List::Emails),
        // "Mobile" and "Fax number" are phones, but "Home" alone says too little.
        _ if of(PHONES) || (device && (base.is_empty() || base == "number")) => Some(List::Phones),
        _ if of(URLS) => Some(List::Urls),
        _ => None,
    };
    match (list, is_kind) {
        (Some(list), true) => return Some(Column::ValueKind(list, number)),
        (Some(list), false) => return Some(Column::Value(list, nth)),
        (None, true) => return of("address adresse").then_some(Column::AddressKind(number)),
        (None, false) => {}
    }
    if let Some((part, _)) = PARTS.iter().find(|(_, names)| of(names)) {
        return Some(Column::Address(nth, *part));
    }
    // "Company 2" continues a field as a further vCard property does.
    let (text, _) = TEXTS.iter().find(|(_, names)| of(names))?;
    (number > 1 && kinds.is_empty()).then(|| Column::Custom(format!("{} {number}", text.key())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[&str]) -> Vec<Column> {
        columns(headers.iter().copied())
    }

    fn value(list: List, number: u32, kind: Option<&str>) -> Column {
        Column::Value(list, Nth { number, kind: kind.map(str::to_owned) })
    }

    fn address(number: u32, kind: Option<&str>, part: Part) -> Column {
        Column::Address(Nth { number, kind: kind.map(str::to_owned) }, part)
    }

    #[test]
    fn english_and_french_names_are_known_in_any_spelling() {
        for (headers, expected) in [
            (&["Name", "NOM COMPLET", "full_name"][..], Column::Text(Text::Name)),
            (&["Prénom", "First Name", "given"], Column::Text(Text::Given)),
            (&["Société", "raison sociale", "Company", "Organization 1 - Name"], Column::Text(Text::Org)),
            (&["Fonction", "Job Title"], Column::Text(Text::Title)),
            (&["Étiquettes", "Tags", "Group Membership"], Column::Tags),
            (
                &["E-mail", "courriel", "Mail", "E-mail 1 - Value", "Adresse e-mail"],
                value(List::Emails, 1, None),
            ),
            (&["email2", "Email 2", "E-mail 2 Address", "Secondary Email"], value(List::Emails, 2, None)),
            (
                &["Mobile", "Téléphone portable", "mobile_phone", "GSM"],
                value(List::Phones, 1, Some("mobile")),
            ),
            (&["Business Fax"], value(List::Phones, 1, Some("work, fax"))),
            (&["Site web", "Website 1 - Value"], value(List::Urls, 1, None)),
            (&["email 2 type", "E-mail 2 - Label"], Column::ValueKind(List::Emails, 2)),
            (&["Code postal", "Zip", "Address 1 - Postal Code"], address(1, None, Part::Postcode)),
            (&["Business City"], address(1, Some("work"), Part::Locality)),
            (&["company 2"], Column::Custom("org 2".into())),
        ] {
            for header in headers {
                assert_eq!(column(0, header), expected, "{header}");
            }
        }
    }

    #[test]
    fn unknown_columns_are_custom_fields_of_their_name() {
        for header in ["Pointure", "Nom du chien", "home", "3 4", "email 2 3", "Numéro"] {
            assert_eq!(column(0, header), Column::Custom(header.into()));
        }
        assert_eq!(column(4, " "), Column::Custom("column 5".into()));
        assert_eq!(column(0, "custom.email"), Column::Custom("email".into()));
        assert!(is_taken("email") && is_taken("custom.x") && is_taken(" x") && !is_taken("size"));
    }

    #[test]
    fn columns_are_understood_beside_each_other() {
        assert_eq!(of(&["Nom", "Email"])[0], Column::Text(Text::Name));
        assert_eq!(of(&["Nom", "Prénom"])[0], Column::Text(Text::Family));
        assert_eq!(of(&["First name", "Name"])[1], Column::Text(Text::Family));
        assert_eq!(of(&["Title", "Job Title"]), [Column::Text(Text::Prefix), Column::Text(Text::Title)]);
        assert_eq!(of(&["Adresse 1", "Adresse 2", "CP"])[1], address(1, None, Part::Extended));
        assert_eq!(of(&["Address 1", "Address 2", "City", "City 2"])[1], address(2, None, Part::Street));
        assert_eq!(of(&["address 2 street"])[0], address(2, None, Part::Street));
        assert_eq!(of(&["Email", "E-mail"])[1], value(List::Emails, 201, None));
        assert_eq!(
            of(&["note", "Notes", "x", "x"])[1..],
            [Column::Custom("note 2".into()), Column::Custom("x".into()), Column::Custom("x 2".into())]
        );
    }
}
