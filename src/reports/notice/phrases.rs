//! The catalogue of phrases in one language.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::organisation::Lang;
use crate::error::{Error, Result};
use crate::reports::texts::typeset;

const CATALOGUE: &str = include_str!("../../../templates/notice.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrase {
    en: String,
    fr: String,
}

/// Phrases by key, with places in braces.
pub struct Phrases {
    pub lang: Lang,
    all: BTreeMap<String, Phrase>,
}

impl Phrases {
    pub fn load(lang: Lang) -> Result<Phrases> {
        let all = toml::from_str(CATALOGUE)
            .map_err(|e| Error::failed("the phrases of notices cannot be read").cause(e.message()))?;
        Ok(Phrases { lang, all })
    }

    /// A phrase with its places filled, set as the language has it.
    ///
    /// # Errors
    /// When the catalogue has no such phrase; a test holds that all are there.
    pub fn say(&self, key: &str, places: &[(&str, &str)]) -> Result<String> {
        let phrase = self.all.get(key).ok_or_else(|| Error::failed(format!("there is no phrase `{key}`")))?;
        let mut out = self.lang.pick(&phrase.en, &phrase.fr).to_owned();
        for (name, text) in places {
            // What ends a text and what ends the phrase would be two full stops.
            let text = text.trim().trim_end_matches('.');
            out = out.replace(&format!("{{{name}}}"), text);
        }
        Ok(self.set(&out))
    }

    /// A text of the register, set as the language has it.
    pub fn set(&self, text: &str) -> String {
        typeset(self.lang, text.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_places() {
        let phrases = Phrases::load(Lang::En).unwrap();
        let places = |text: &str| -> Vec<String> {
            let mut all: Vec<String> =
                text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect();
            all.sort();
            all
        };
        assert!(phrases.all.len() > 70);
        for (key, phrase) in &phrases.all {
            assert_eq!(places(&phrase.en), places(&phrase.fr), "{key}");
            assert!(!phrase.en.is_empty() && phrase.en != phrase.fr, "{key}");
        }
    }
}
