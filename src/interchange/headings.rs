//! The columns of a CSV file that no preset knows, for somebody who is asked what they mean: header, first values, a guess.
//!
//! What they say is kept by place, under a fingerprint of the header (`imports` in `carnet.toml`), never by the header's
//! words: in a file without headings these are the first person's data.

use super::header::{self, Column, List, Nth, Part};
use super::names::PARTS;
use super::presets::{self, LEFT_OUT};
use super::{charset, table};
use crate::crypto::digest::sha256;
use crate::domain::{email, phone};
use crate::error::{Error, Result};

/// A field of one's own, called as the column is.
pub const OWN: &str = "custom";

/// How many values are looked at.
const LOOKED_AT: usize = 50;

/// How many are shown.
const SHOWN: usize = 3;

/// Fields that a column may be, with a word on each; a header of these words would mean them, too.
pub const FIELDS: [(&str, &str); 38] = [
    ("name", "the whole name"),
    ("given", "first name"),
    ("family", "family name"),
    ("prefix", "Dr, Mme"),
    ("suffix", "Jr"),
    ("nickname", ""),
    ("organisation", "firm, employer"),
    ("title", "job"),
    ("role", "profession"),
    ("kind", "person or organisation"),
    ("email", "e-mail address"),
    ("email 2", "second e-mail address"),
    ("work email", ""),
    ("home email", ""),
    ("phone", "telephone number"),
    ("phone 2", "second telephone number"),
    ("mobile phone", ""),
    ("work phone", ""),
    ("home phone", ""),
    ("fax", ""),
    ("url", "web address"),
    ("street", "street and number"),
    ("address extra", "building, post-office box"),
    ("postcode", ""),
    ("city", ""),
    ("region", "state, département"),
    ("country", ""),
    ("home street", ""),
    ("home postcode", ""),
    ("home city", ""),
    ("home country", ""),
    ("birthday", "date of birth"),
    ("tags", "groups, labels, categories"),
    ("lang", "language"),
    ("note", "remarks"),
    ("source", "where the data comes from"),
    ("basis", "PURPOSE:BASIS"),
    ("opt-out", "who wants no more e-mail"),
];

/// A column that somebody can be asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    pub header: String,
    /// Its first values.
    pub samples: Vec<String>,
    /// What it probably is: a field, [`OWN`], or `-` to leave it out.
    pub guess: String,
}

/// The columns of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headings {
    pub columns: Vec<Heading>,
    /// By which what is said of them is found again.
    pub fingerprint: String,
    /// Whether a preset knows the file, or carnet every column by its name.
    pub is_known: bool,
    /// Whether the first row looks like a person rather than like headings.
    pub is_data: bool,
}

/// Looks at the columns of a CSV file; `country` is whose numbers have no prefix.
pub fn headings(bytes: &[u8], country: &str) -> Result<Headings> {
    let bytes = super::decoded(bytes)?;
    let (text, _) = charset::text(&bytes)
        .map_err(|problem| Error::failed(format!("the file holds {}", problem.reason())))?;
    let table = table::read(&text)?;
    let headers: Vec<&str> = table.header.iter().collect();
    let understood = header::columns(headers.iter().copied());
    let preset = presets::recognised(&headers)?.is_some();
    let columns = headers.iter().zip(&understood).enumerate().map(|(i, (header, column))| {
        let values: Vec<&str> = table
            .rows
            .iter()
            .filter_map(|row| row.cells.as_ref().ok()?.get(i))
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .take(LOOKED_AT)
            .collect();
        Heading {
            header: header.trim().to_owned(),
            samples: values.iter().take(SHOWN).map(|value| (*value).to_owned()).collect(),
            guess: field(column).unwrap_or_else(|| by_values(&values, country)),
        }
    });
    let is_known =
        preset || understood.iter().all(|column| !matches!(column, Column::Custom(_) | Column::Skip));
    Ok(Headings {
        columns: columns.collect(),
        fingerprint: fingerprint(&headers),
        is_known,
        is_data: headers.iter().any(|header| is_data(header)),
    })
}

fn fingerprint(headers: &[&str]) -> String {
    let plain: Vec<String> = headers.iter().map(|header| header::squeezed(header)).collect();
    sha256(plain.join("\n").as_bytes()).chars().take(16).collect()
}

/// An address, a number or a date is no heading.
fn is_data(header: &str) -> bool {
    header.contains('@') || header.chars().filter(char::is_ascii_digit).count() >= 6
}

/// The columns' names by place.
pub(super) fn by_place(headers: &[&str], columns: &[String]) -> Result<Vec<String>> {
    if headers.len() != columns.len() {
        return Err(Error::failed("what is known of these columns does not fit them").hint("add --remap"));
    }
    let name = |(header, field): (&&str, &String)| match field.as_str() {
        OWN => format!("{}{}", header::CUSTOM, header.trim()),
        field => field.to_owned(),
    };
    Ok(headers.iter().zip(columns).map(name).collect())
}

/// Whether a text is something that a column can be.
pub fn is_field(text: &str) -> bool {
    let column = header::columns(std::iter::once(text)).into_iter().next();
    text == OWN || text == LEFT_OUT || column.is_some_and(|column| field(&column).is_some())
}

/// The field that a column is, as its header would say it.
fn field(column: &Column) -> Option<String> {
    let nth = |what: &str, nth: &Nth| {
        let kind = nth.kind.as_deref().unwrap_or_default().replace(", ", " ");
        let number = if nth.number > 1 { nth.number.to_string() } else { String::new() };
        format!("{kind} {what} {number}").trim().to_owned()
    };
    let list = |list: &List| match list {
        List::Emails => "email",
        List::Phones => "phone",
        List::Urls => "url",
    };
    Some(match column {
        Column::Kind(_) => "kind".to_owned(),
        Column::Text(text) => text.key().to_owned(),
        Column::Value(of, n) => nth(list(of), n),
        Column::ValueKind(of, n) => format!("{} {n} type", list(of)),
        Column::Address(n, part) => nth(part_name(*part), n),
        Column::AddressKind(n) => format!("address {n} type"),
        Column::Tags => "tags".to_owned(),
        Column::Source => "source".to_owned(),
        Column::Basis => "basis".to_owned(),
        Column::OptOut(_) => "opt-out".to_owned(),
        Column::Custom(_) | Column::Skip => return None,
    })
}

fn part_name(part: Part) -> &'static str {
    let names = PARTS.iter().find(|(known, _)| *known == part).map(|(_, names)| *names);
    names.and_then(|names| names.split(' ').next()).unwrap_or("street")
}

/// What values say of a column whose header says nothing.
fn by_values(values: &[&str], country: &str) -> String {
    let most = |is: &dyn Fn(&str) -> bool| {
        !values.is_empty() && values.iter().filter(|value| is(value)).count() * 2 > values.len()
    };
    let guess = match () {
        () if values.is_empty() => LEFT_OUT,
        () if most(&|value| email::normalise(value).is_some()) => "email",
        () if most(&|value| value.starts_with("http") || value.starts_with("www.")) => "url",
        () if most(&|value| value.len() >= 8 && phone::normalise(value, country).is_some()) => "phone",
        () => OWN,
    };
    guess.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "Qui;Joindre;Appeler;Prénom;Pointure;Vide\nDupont;a@example.org;06 12 34 56 78;Ana;38;\nPetit;b@example.org;0238000000;Bob;39;\n";

    #[test]
    fn headers_and_values_both_give_a_guess() {
        let found = headings(CSV.as_bytes(), "FR").unwrap();
        let guesses: Vec<&str> = found.columns.iter().map(|c| c.guess.as_str()).collect();
        assert_eq!(guesses, ["custom", "email", "phone", "given", "custom", "-"]);
        assert_eq!(found.columns[0].samples, ["Dupont", "Petit"]);
        assert!(!found.is_known && !found.is_data);
        assert!(headings(b"name,email\nA,a@example.org\n", "FR").unwrap().is_known);
        assert!(headings(b"Ana,a@example.org\nBob,b@example.org\n", "FR").unwrap().is_data);
    }

    #[test]
    fn a_header_is_known_again_however_it_is_spelled_and_no_other_is() {
        let of = |text: &str| headings(text.as_bytes(), "FR").unwrap().fingerprint;
        assert_eq!(of("Qui;Joindre\nx;y\n"), of("qui,JOINDRE\nz,w\n"));
        assert_ne!(of("Qui;Joindre\nx;y\n"), of("Joindre;Qui\nx;y\n"));
    }

    #[test]
    fn every_field_that_is_offered_is_understood_and_is_itself() {
        for (name, _) in FIELDS {
            assert!(is_field(name), "{name}");
            let column = header::columns(std::iter::once(name)).remove(0);
            let again = header::columns(std::iter::once(field(&column).unwrap().as_str())).remove(0);
            assert_eq!(column, again, "{name}");
        }
        assert!(is_field("custom") && is_field("-") && !is_field("shoe size"));
    }
}
