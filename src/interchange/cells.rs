//! What single cells of a table say, as people and other programs write them.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::names::is_one;
use super::value;
use crate::domain::contact::ContactKind;
use crate::domain::email;
use crate::domain::fold::fold;
use crate::domain::phone;

/// What Google puts between several values of one cell.
pub(super) const SEVERAL: &str = " ::: ";

/// The cell without the control characters that no text needs.
pub(super) fn without_controls(cell: &str) -> Cow<'_, str> {
    let unwanted = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if cell.contains(unwanted) { Cow::Owned(cell.replace(unwanted, "")) } else { Cow::Borrowed(cell) }
}

/// What stands before the @ of an address that belongs to an organisation rather than to a person in it.
const GENERIC: &str = "accueil admin bonjour commercial compta contact hello info infos mairie office sales \
                       secretariat service support";

/// Whether an address belongs to an organisation.
pub(super) fn is_generic(email: &str) -> bool {
    is_one(GENERIC, &email.split('@').next().unwrap_or_default().to_lowercase())
}

/// Words by which people say that there is nothing to say.
const NOTHING: &str = "aucun aucune inconnu n/a na nc neant nil none non null unknown x";

/// Whether a cell for an address or a number says that there is none.
pub(super) fn says_nothing(cell: &str) -> bool {
    let said = fold(cell);
    !said.chars().any(char::is_alphanumeric)
        || is_one(NOTHING, &said.replace('.', ""))
        || said.starts_with("pas d")
}

/// Whether a spreadsheet took a phone number for an amount (`6,12E+08`): its digits are lost.
pub(super) fn is_rounded(cell: &str) -> bool {
    let Some((digits, power)) = cell.trim().split_once(['E', 'e']) else { return false };
    let is_number = |text: &str, marks: &str| {
        text.contains(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_digit() || marks.contains(c))
    };
    is_number(digits, ".,") && power.starts_with('+') && is_number(power, "+")
}

/// The addresses of a cell, if it holds nothing else; `Jean <j@example.org>` is understood too.
pub(super) fn emails(cell: &str) -> Option<Vec<String>> {
    let one = |text: &str| {
        // Several in one cell leave a bracket between them, which no address holds.
        let text = match text.strip_suffix('>').and_then(|text| text.split_once('<')) {
            Some((_, address)) => address,
            None => text,
        };
        email::normalise(text).map(|_| email::bare(text).to_owned())
    };
    // A name may hold a comma, an address none: only where the whole is not one address is it several.
    let whole = one(cell).map(|email| vec![email]);
    let several = |separators: &[char]| {
        let parts = cell.replace(SEVERAL, ";").replace(" / ", ";");
        let parts = parts.split(separators).map(str::trim).filter(|part| !part.is_empty());
        parts.map(one).collect::<Option<Vec<String>>>()
    };
    let found = whole.or_else(|| several(&[';', ',', '\n'])).or_else(|| several(&[';', ',', '\n', ' ']));
    found.filter(|emails| !emails.is_empty())
}

/// A contact's kind in the words of either language.
pub(super) fn kind(cell: &str) -> Option<ContactKind> {
    match fold(cell).as_str() {
        "person" | "personne" | "individual" | "particulier" | "te_private" => Some(ContactKind::Person),
        "organisation" | "organization" | "org" | "company" | "societe" | "entreprise" => {
            Some(ContactKind::Organisation)
        }
        _ => None,
    }
}

/// Kinds as other programs write them: `* Work` (Google), `Home`.
pub(super) fn kind_name(cell: &str) -> String {
    let cell = cell.strip_prefix('*').unwrap_or(cell).trim();
    let known = ["home", "work", "mobile", "other", "main", "fax", "pager", "work fax", "home fax"];
    let lower = cell.to_lowercase();
    if known.contains(&lower.as_str()) { lower } else { cell.to_owned() }
}

/// Tags, separated by semicolons, else by commas; one with a separator in it stands in quotes.
pub(super) fn tags(cell: &str) -> Vec<String> {
    // Google marks its own labels with a star.
    let google = cell.contains(SEVERAL) || ["* myContacts", "* starred"].contains(&cell);
    let cell = cell.replace(SEVERAL, ";");
    let separator = if cell.contains(';') || cell.starts_with('"') { ';' } else { ',' };
    let clean = |tag: &str| {
        let tag = tag.trim();
        tag.strip_prefix("* ").filter(|_| google).unwrap_or(tag).to_owned()
    };
    // The group that everybody is in.
    let is_everybody = |tag: &String| google && tag == "myContacts";
    let tags: Vec<String> = match cell.contains('"') {
        false => cell.split(separator).map(clean).collect(),
        true => quoted(&cell, separator).iter().map(|tag| clean(tag)).collect(),
    };
    tags.into_iter().filter(|tag| !tag.is_empty() && !is_everybody(tag)).collect()
}

/// The parts of a cell that is a small table itself.
fn quoted(cell: &str, separator: char) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).delimiter(u8::try_from(separator).unwrap_or(b';'));
    let mut reader = reader.from_reader(cell.as_bytes());
    let records = reader.records().filter_map(Result::ok);
    records.flat_map(|record| record.iter().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Whether a cell says that there is no date: Outlook writes `0/0/00`, others `0000-00-00`. An amount of `0.00` is no such cell.
pub(super) fn is_no_date(cell: &str) -> bool {
    let parts: Vec<&str> = cell.split(['/', '.', '-']).collect();
    let zeros = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b == b'0'));
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    zeros && matches!(lengths[..], [1 | 2, 1 | 2, 2 | 4] | [4, 1 | 2, 1 | 2])
}

/// The numbers of a cell: several where each of its parts is one (`06 12 34 56 78 / 02 38 00 00 00`), else one as it stands.
pub(super) fn numbers<'a>(cell: &'a str, country: &str) -> Vec<&'a str> {
    let parts = |text: &'a str, separators: &[&str]| -> Vec<&'a str> {
        let mut parts = vec![text];
        for separator in separators {
            parts = parts.into_iter().flat_map(|part| part.split(separator)).collect();
        }
        parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
    };
    let sure = parts(cell, &[SEVERAL, "\n"]);
    let several = |part: &&'a str| {
        let found = parts(part, &["/", ";", ",", " ou ", " or ", " et "]);
        let all = found.iter().all(|one| phone::normalise(one, country).is_some());
        if all { found } else { vec![*part] }
    };
    sure.iter().flat_map(several).collect()
}

/// A date as people write it; day before month unless the country is the United States.
pub(super) fn day(cell: &str, country: &str) -> Option<String> {
    if let Some(date) = value::date(cell) {
        return Some(date);
    }
    let formats: &[&str] = match country.eq_ignore_ascii_case("US") {
        true => &["%m/%d/%Y", "%m-%d-%Y"],
        false => &["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"],
    };
    let year = cell.rsplit(['/', '.', '-']).next().unwrap_or_default();
    let date = formats.iter().find_map(|format| NaiveDate::parse_from_str(cell, format).ok());
    date.filter(|_| year.len() == 4).map(|date| date.format("%Y-%m-%d").to_string())
}
