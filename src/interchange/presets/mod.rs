//! The exports of other programs, as data: one TOML file a source says how its headers are recognised, what they mean
//! in carnet's own column names, and which columns an export for it has. Columns that a preset does not name are
//! understood by their headers like any other.
//!
//! The headers are those that the programs write; see each file's first lines.

mod write;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::header::squeezed;
use crate::domain::contact::ContactKind;
use crate::error::{Error, Result};

pub use write::write_preset;

/// What is left out.
pub(super) const LEFT_OUT: &str = "-";

/// Name and text of each preset; where two would recognise a file, the first does.
const FILES: [(&str, &str); 8] = [
    ("google", include_str!("google.toml")),
    ("outlook", include_str!("outlook.toml")),
    ("outlook-fr", include_str!("outlook-fr.toml")),
    ("hubspot", include_str!("hubspot.toml")),
    ("pipedrive", include_str!("pipedrive.toml")),
    ("linkedin", include_str!("linkedin.toml")),
    ("dolibarr-contacts", include_str!("dolibarr-contacts.toml")),
    ("dolibarr", include_str!("dolibarr.toml")),
];

/// One source of CSV files.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    #[serde(skip)]
    pub name: &'static str,
    /// What people call it.
    pub title: String,
    /// What a row is that does not say so.
    pub kind: Option<ContactKind>,
    /// Sets of headers; a file that has all of one set is such an export.
    signature: Vec<Vec<String>>,
    /// Headers and what they mean: a column name of carnet's, or `-`. `Titre #2` is the second column `Titre`.
    #[serde(default)]
    columns: BTreeMap<String, String>,
    pub export: Option<Export>,
}

/// How a file for this program is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    pub delimiter: char,
    /// Header and field; an empty field leaves the column empty.
    pub columns: Vec<(String, String)>,
}

/// All presets, in the order in which they are tried.
pub fn all() -> Result<Vec<Preset>> {
    FILES
        .iter()
        .map(|(name, text)| {
            let preset: Preset = toml::from_str(text)
                .map_err(|e| Error::failed(format!("the preset {name} cannot be read")).cause(e))?;
            Ok(Preset { name, ..preset })
        })
        .collect()
}

/// The preset of this name.
pub fn named(name: &str) -> Result<Preset> {
    all()?.into_iter().find(|preset| preset.name == name).ok_or_else(|| {
        let names: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        Error::usage("there is no such preset").at("--preset").hint(format!("one of {}", names.join(", ")))
    })
}

/// The preset whose headers these are.
pub(super) fn recognised(headers: &[&str]) -> Result<Option<Preset>> {
    let have: Vec<String> = headers.iter().map(|header| squeezed(header)).collect();
    let is_there = |header: &String| have.contains(&squeezed(header));
    Ok(all()?.into_iter().find(|preset| preset.signature.iter().any(|set| set.iter().all(is_there))))
}

/// The headers as carnet would have written them: what `mapping` says, then what the preset says, then as they are.
pub(super) fn renamed(
    headers: &[&str],
    preset: Option<&Preset>,
    mapping: &[(String, String)],
) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    let mut names = Vec::with_capacity(headers.len());
    for header in headers {
        let plain = squeezed(header);
        let before = seen.iter().filter(|known| **known == plain).count();
        seen.push(plain.clone());
        // Signs are no letters: "Titre #2" keeps its number apart from a header that is "Titre 2" itself.
        let is = |key: &str| match key.rsplit_once(" #") {
            Some((name, number)) => {
                before > 0 && squeezed(name) == plain && number == (before + 1).to_string()
            }
            None => before == 0 && squeezed(key) == plain,
        };
        let said = mapping.iter().find(|(key, _)| is(key)).map(|(_, field)| field.clone());
        let known =
            || preset.and_then(|p| p.columns.iter().find(|(key, _)| is(key)).map(|(_, field)| field.clone()));
        names.push(said.or_else(known).unwrap_or_else(|| (*header).to_owned()));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::header::{Column, columns};
    use super::*;

    #[test]
    fn every_preset_reads_names_fields_that_there_are_and_recognises_itself() {
        for preset in all().unwrap() {
            for (header, field) in &preset.columns {
                let means = columns([field.as_str()].into_iter()).remove(0);
                let custom = matches!(means, Column::Custom(_)) && !field.starts_with("custom.");
                assert!(!custom, "{}: {header} = {field}", preset.name);
            }
            for set in &preset.signature {
                let headers: Vec<&str> = set.iter().map(String::as_str).collect();
                assert_eq!(recognised(&headers).unwrap().unwrap().name, preset.name, "{headers:?}");
            }
        }
    }

    #[test]
    fn a_mapping_goes_before_a_preset_and_both_before_the_header_itself() {
        let preset = named("outlook-fr").unwrap();
        let map = [("Nom".to_owned(), "nickname".to_owned())];
        let names = renamed(&["Titre", "Nom", "Titre", "Ville (bureau)", "Chien"], Some(&preset), &map);
        assert_eq!(names, ["prefix", "nickname", "title", "work city", "Chien"]);
        assert!(named("nothing").is_err());
    }
}
