//! Countries as transfers need them: where they stand under Chapter V, and their names.
//!
//! Adequacy decisions of the Commission (Art. 45) as of 2025. A country that is not here is a third country without a
//! decision; a firm names the safeguard, and the country in its own words.

use serde::{Deserialize, Serialize};

use crate::domain::organisation::Lang;
use crate::error::Error;

/// An ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// Where a country stands under Chapter V of the GDPR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In the European Economic Area: no transfer at all.
    Eea,
    /// An adequacy decision covers it (Art. 45).
    Adequate,
    /// A decision covers some recipients only (the Data Privacy Framework; Canada's commercial organisations).
    Partly,
    /// Appropriate safeguards are needed (Art. 46), or a derogation (Art. 49).
    Third,
}

/// What a transfer rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Safeguard {
    /// Art. 45.
    Adequacy,
    /// Art. 46(2)(c) and (d).
    StandardClauses,
    /// Art. 47.
    BindingRules,
    /// Art. 49.
    Derogation,
}

impl Safeguard {
    pub const WORDS: &'static [&'static str] =
        &["adequacy", "standard-clauses", "binding-rules", "derogation"];

    pub fn as_str(self) -> &'static str {
        match self {
            Safeguard::Adequacy => "adequacy",
            Safeguard::StandardClauses => "standard-clauses",
            Safeguard::BindingRules => "binding-rules",
            Safeguard::Derogation => "derogation",
        }
    }
}

impl Country {
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn known(self) -> Option<&'static (&'static str, Standing, &'static str, &'static str)> {
        COUNTRIES.iter().find(|(code, ..)| *code == self.as_str())
    }

    pub fn standing(self) -> Standing {
        self.known().map_or(Standing::Third, |(_, standing, ..)| *standing)
    }

    /// The name in a language, for the countries of the table.
    pub fn name(self, lang: Lang) -> Option<&'static str> {
        self.known().map(|(_, _, en, fr)| lang.pick(en, fr))
    }
}

impl TryFrom<String> for Country {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Country([*a, *b])),
            _ => Err(Error::usage("not a country: its two-letter code is wanted (ISO 3166-1), such as FR")),
        }
    }
}

impl std::str::FromStr for Country {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        text.to_ascii_uppercase().try_into()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> String {
        country.as_str().to_owned()
    }
}

use Standing::{Adequate, Eea, Partly, Third};

const COUNTRIES: &[(&str, Standing, &str, &str)] = &[
    ("AT", Eea, "Austria", "Autriche"),
    ("BE", Eea, "Belgium", "Belgique"),
    ("BG", Eea, "Bulgaria", "Bulgarie"),
    ("CY", Eea, "Cyprus", "Chypre"),
    ("CZ", Eea, "Czechia", "Tchéquie"),
    ("DE", Eea, "Germany", "Allemagne"),
    ("DK", Eea, "Denmark", "Danemark"),
    ("EE", Eea, "Estonia", "Estonie"),
    ("ES", Eea, "Spain", "Espagne"),
    ("FI", Eea, "Finland", "Finlande"),
    ("FR", Eea, "France", "France"),
    ("GR", Eea, "Greece", "Grèce"),
    ("HR", Eea, "Croatia", "Croatie"),
    ("HU", Eea, "Hungary", "Hongrie"),
    ("IE", Eea, "Ireland", "Irlande"),
    ("IS", Eea, "Iceland", "Islande"),
    ("IT", Eea, "Italy", "Italie"),
    ("LI", Eea, "Liechtenstein", "Liechtenstein"),
    ("LT", Eea, "Lithuania", "Lituanie"),
    ("LU", Eea, "Luxembourg", "Luxembourg"),
    ("LV", Eea, "Latvia", "Lettonie"),
    ("MT", Eea, "Malta", "Malte"),
    ("NL", Eea, "the Netherlands", "Pays-Bas"),
    ("NO", Eea, "Norway", "Norvège"),
    ("PL", Eea, "Poland", "Pologne"),
    ("PT", Eea, "Portugal", "Portugal"),
    ("RO", Eea, "Romania", "Roumanie"),
    ("SE", Eea, "Sweden", "Suède"),
    ("SI", Eea, "Slovenia", "Slovénie"),
    ("SK", Eea, "Slovakia", "Slovaquie"),
    ("AD", Adequate, "Andorra", "Andorre"),
    ("AR", Adequate, "Argentina", "Argentine"),
    ("CH", Adequate, "Switzerland", "Suisse"),
    ("FO", Adequate, "the Faroe Islands", "Îles Féroé"),
    ("GB", Adequate, "the United Kingdom", "Royaume-Uni"),
    ("GG", Adequate, "Guernsey", "Guernesey"),
    ("IL", Adequate, "Israel", "Israël"),
    ("IM", Adequate, "the Isle of Man", "Île de Man"),
    ("JE", Adequate, "Jersey", "Jersey"),
    ("JP", Adequate, "Japan", "Japon"),
    ("KR", Adequate, "the Republic of Korea", "République de Corée"),
    ("NZ", Adequate, "New Zealand", "Nouvelle-Zélande"),
    ("UY", Adequate, "Uruguay", "Uruguay"),
    ("CA", Partly, "Canada", "Canada"),
    ("US", Partly, "the United States", "États-Unis"),
    ("AU", Third, "Australia", "Australie"),
    ("BR", Third, "Brazil", "Brésil"),
    ("CN", Third, "China", "Chine"),
    ("HK", Third, "Hong Kong", "Hong Kong"),
    ("IN", Third, "India", "Inde"),
    ("MA", Third, "Morocco", "Maroc"),
    ("MG", Third, "Madagascar", "Madagascar"),
    ("MU", Third, "Mauritius", "Maurice"),
    ("MX", Third, "Mexico", "Mexique"),
    ("PH", Third, "the Philippines", "Philippines"),
    ("RS", Third, "Serbia", "Serbie"),
    ("SG", Third, "Singapore", "Singapour"),
    ("SN", Third, "Senegal", "Sénégal"),
    ("TN", Third, "Tunisia", "Tunisie"),
    ("TR", Third, "Türkiye", "Turquie"),
    ("TW", Third, "Taiwan", "Taïwan"),
    ("UA", Third, "Ukraine", "Ukraine"),
    ("VN", Third, "Viet Nam", "Viêt Nam"),
    ("ZA", Third, "South Africa", "Afrique du Sud"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_and_stand_where_the_law_has_them() {
        let of = |code: &str| code.parse::<Country>().map(|c| c.standing());
        assert_eq!(of("fr").unwrap(), Eea);
        assert_eq!(
            (of("CH").unwrap(), of("US").unwrap(), of("CN").unwrap(), of("ZZ").unwrap()),
            (Adequate, Partly, Third, Third)
        );
        for bad in ["", "F", "FRA", "1A", "É"] {
            assert!(bad.parse::<Country>().is_err(), "{bad}");
        }
        assert_eq!(COUNTRIES.iter().filter(|c| c.1 == Eea).count(), 30);
        assert_eq!("DE".parse::<Country>().unwrap().name(Lang::Fr), Some("Allemagne"));
        let mut codes: Vec<&str> = COUNTRIES.iter().map(|c| c.0).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), COUNTRIES.len());
    }
}
