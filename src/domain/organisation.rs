//! `carnet.toml`: the firm, its languages, defaults and rules (docs/format.md, "carnet.toml").

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::Slug;
use super::lawful::prospecting::ConsentTerm;
use super::lawful::{Prospecting, PurposeBasis};
use super::zone::Zone;
use crate::error::{Error, Result};

/// The format of data repositories that this version reads and writes.
pub const FORMAT: u32 = 1;

/// The language of what people outside the firm read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    En,
    Fr,
}

impl Lang {
    pub fn as_str(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Fr => "fr",
        }
    }
    /// Picks the text in this language.
    pub fn pick<'a>(self, en: &'a str, fr: &'a str) -> &'a str {
        match self {
            Lang::En => en,
            Lang::Fr => fr,
        }
    }
}

/// `carnet.toml` as a whole.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    pub format: u32,
    #[serde(default)]
    pub lang: Lang,
    /// IANA name of the time zone that the firm's days are counted in [default: Europe/Paris].
    #[serde(default)]
    pub time_zone: Option<String>,
    pub organisation: Organisation,
    #[serde(default)]
    pub defaults: Defaults,
    #[serde(default)]
    pub retention: Retention,
    /// Saved filters by name ([`super::filter`]); none holds anything about a person.
    #[serde(default)]
    pub searches: BTreeMap<Slug, String>,
    /// How often one wants to be in touch with contacts of a tag: `tag = "3m"`.
    #[serde(default)]
    pub every: BTreeMap<String, String>,
    #[serde(default)]
    pub prospecting: Prospecting,
    #[serde(default)]
    pub consent: ConsentTerm,
    #[serde(default)]
    pub report: Report,
    /// What the columns of CSV files mean that somebody was asked about: the fingerprint of the header, and a field for each
    /// column with commas between. No header stands here: that of a file without headings is somebody's data.
    #[serde(default)]
    pub imports: BTreeMap<String, String>,
    /// Stages of deals.
    #[serde(default)]
    pub pipeline: super::stages::Pipeline,
}

/// `[report]` of `carnet.toml`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Counts of persons below this are protected; 0 and 1 protect none [default: 5].
    pub small: usize,
}

impl Default for Report {
    fn default() -> Report {
        Report { small: 5 }
    }
}

/// The controller (Art. 4(7)) and whom to write to about data; its rules are in [`super::registers::controller`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Organisation {
    pub name: String,
    /// French company number, nine digits.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub siren: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Who acts for the firm.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub representative: String,
    /// Data protection officer (Art. 37), and how to reach them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub dpo: String,
    /// Whom to write to about data, where there is no such officer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub privacy_contact: String,
    /// Supervisory authority (Art. 51).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub authority: String,
}

/// What commands use when a flag is not given.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Defaults {
    pub book: Option<Slug>,
    pub source: Option<String>,
    /// `PURPOSE:BASIS`, as with `--basis`.
    pub basis: Vec<String>,
    /// ISO 3166-1 code of the country whose phone numbers are written without a prefix.
    pub country: Option<String>,
}

/// How long the firm's own trails are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Retention {
    /// Months that access chains are kept (CNIL: 6 to 12).
    pub access_months: u32,
    /// Months that an entry of the opposition list is kept (Art. 21; CNIL: 3 years).
    pub objection_months: u32,
    /// Months after the answer that the sealed companion of a rights request is kept as proof (Art. 5(2); five years,
    /// as civil actions become time-barred: art. 2224 of the French Code civil).
    pub request_months: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Retention { access_months: 12, objection_months: 36, request_months: 60 }
    }
}

impl Settings {
    /// Reads `carnet.toml`; a newer format is refused rather than misread.
    pub fn parse(text: &str) -> Result<Settings> {
        let settings: Settings = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(0, |s| text[..s.start].matches('\n').count() + 1);
            Error::failed("carnet.toml cannot be read")
                .at(format!("carnet.toml, line {line}"))
                .cause(e.message())
                .hint("correct the line and commit it")
        })?;
        if settings.format != FORMAT {
            return Err(Error::failed(format!(
                "format {} of this data repository is not known",
                settings.format
            ))
            .at("carnet.toml")
            .hint("use a carnet that knows this format"));
        }
        Ok(settings)
    }

    /// The default bases, parsed.
    pub fn default_bases(&self) -> Result<Vec<PurposeBasis>> {
        self.defaults
            .basis
            .iter()
            .map(|text| text.parse::<PurposeBasis>().map_err(|e| e.at("carnet.toml, defaults.basis")))
            .collect()
    }

    /// The time zone of the firm's days: the setting, else Paris.
    pub fn zone(&self) -> Result<Zone> {
        match &self.time_zone {
            None => Ok(Zone::default()),
            Some(name) => name.parse().map_err(|e: Error| e.at("carnet.toml, time_zone")),
        }
    }

    /// The country of phone numbers without a prefix: the setting, else France.
    pub fn country(&self) -> &str {
        self.defaults.country.as_deref().unwrap_or("FR")
    }

    /// The text of a new `carnet.toml`.
    pub fn starter(name: &str, lang: Lang, book: &Slug) -> String {
        let quote = |text: &str| toml_edit::Value::from(text).to_string();
        let (who, later) = match lang {
            Lang::En => {
                ("The controller (Art. 4(7) GDPR); fill in what applies", "Used when a flag is not given")
            }
            Lang::Fr => (
                "Le responsable de traitement (art. 4, 7) du RGPD) ; à compléter",
                "Valeurs quand l'option n'est pas donnée",
            ),
        };
        format!(
            "format = {FORMAT}\nlang = {lang}\n\n# {who}\n[organisation]\nname = {name}\nsiren = \"\"\n\
             address = \"\"\nrepresentative = \"\"\ndpo = \"\"\nprivacy_contact = \"\"\nauthority = \"CNIL\"\n\n# {later}\n[defaults]\n\
             book = {book}\ncountry = \"FR\"\n# source = \"website form\"\n\
             # basis = [\"prospects:legitimate-interests\"]\n\n[retention]\naccess_months = 12\n",
            lang = quote(lang.as_str()),
            name = quote(name),
            book = quote(book.as_str()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starter_reads_back_whatever_the_name() {
        let book = "main".parse().unwrap();
        for (name, lang) in [("Acme \"& Fils\"\n[x]", Lang::Fr), ("Ünï", Lang::En)] {
            let settings = Settings::parse(&Settings::starter(name, lang, &book)).unwrap();
            assert_eq!(settings.organisation.name, name);
            assert_eq!(settings.lang, lang);
            assert_eq!(settings.retention.access_months, 12);
        }
    }

    #[test]
    fn a_newer_format_is_refused() {
        let text =
            Settings::starter("A", Lang::En, &"main".parse().unwrap()).replace("format = 1", "format = 2");
        assert!(Settings::parse(&text).is_err());
    }
}
