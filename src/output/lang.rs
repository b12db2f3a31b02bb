//! Messages in the reader's language: English stands in the code, French in one catalogue, and only here they meet.
//!
//! A message is looked up by its pattern, which is the English text with `{}` where a value stood. So no lower layer
//! knows of languages, and what has no translation yet stays English. JSON, ids and what goes into commits never
//! come here.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::domain::organisation::Lang;

/// `[messages]`: patterns; `[words]`: headings, states and other words that stand alone or in a hole. One catalogue, in
/// a file for each part of the tool; no key stands in two of them.
const FRENCH: [&str; 6] = [
    include_str!("../../templates/terminal/fr/common.toml"),
    include_str!("../../templates/terminal/fr/comfort.toml"),
    include_str!("../../templates/terminal/fr/friends.toml"),
    include_str!("../../templates/terminal/fr/links.toml"),
    include_str!("../../templates/terminal/fr/site.toml"),
    include_str!("../../templates/terminal/fr/stories.toml"),
];

/// The language of the terminal, from the environment as gettext has it: `CARNET_LANG`, then (unless the locale is C)
/// `LANGUAGE`, and `LC_ALL`, `LC_MESSAGES` or `LANG`, whichever is first set.
pub fn from_environment() -> Lang {
    choose(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

fn choose(get: impl Fn(&str) -> Option<String>) -> Lang {
    if let Some(lang) = get("CARNET_LANG").as_deref().and_then(of_locale) {
        return lang;
    }
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(&get).unwrap_or_default();
    if locale.is_empty() || locale == "C" || locale.starts_with("C.") || locale == "POSIX" {
        return Lang::En;
    }
    let wished = get("LANGUAGE").unwrap_or_default();
    wished.split(':').find_map(of_locale).or_else(|| of_locale(&locale)).unwrap_or(Lang::En)
}

/// `fr_FR.UTF-8`, `fr`, `en_GB`; others are unknown.
fn of_locale(locale: &str) -> Option<Lang> {
    match locale.split(['_', '.', '@', '-']).next().unwrap_or_default() {
        "fr" => Some(Lang::Fr),
        "en" => Some(Lang::En),
        _ => None,
    }
}

impl Lang {
    /// A message, word or heading in this language; as it is where there is no translation.
    pub fn say<'a>(self, text: &'a str) -> Cow<'a, str> {
        let french = (self == Lang::Fr).then(catalogue).flatten();
        match french.and_then(|catalogue| catalogue.translate(text)) {
            Some(said) => Cow::Owned(said),
            None => Cow::Borrowed(text),
        }
    }

    /// Text of several lines, each said by itself unless the whole is one message.
    pub fn say_lines<'a>(self, text: &'a str) -> Cow<'a, str> {
        match self.say(text) {
            Cow::Borrowed(_) if text.contains('\n') => {
                let lines: Vec<Cow<'_, str>> = text.split('\n').map(|line| self.say(line)).collect();
                Cow::Owned(lines.join("\n"))
            }
            said => said,
        }
    }
}

/// The embedded catalogue, read once and only where somebody reads French; the build's own test parses it.
fn catalogue() -> Option<&'static Catalogue> {
    static READ: OnceLock<Option<Catalogue>> = OnceLock::new();
    READ.get_or_init(|| Catalogue::read(&FRENCH).ok()).as_ref()
}

#[derive(Deserialize)]
struct File {
    messages: toml::Table,
    words: toml::Table,
}

struct Catalogue {
    words: toml::Table,
    exact: toml::Table,
    patterns: Vec<Pattern>,
}

/// A message with holes: what stands around them, and how it is said.
struct Pattern {
    around: Vec<String>,
    french: String,
    /// Bytes of what stands around the holes: of two patterns that fit, the one with more is meant.
    weight: usize,
}

impl Catalogue {
    fn read(texts: &[&str]) -> Result<Catalogue, toml::de::Error> {
        let files: Vec<File> = texts.iter().map(|text| toml::from_str(text)).collect::<Result<_, _>>()?;
        let mut words = toml::Table::new();
        let mut exact = toml::Table::new();
        let mut patterns = Vec::new();
        let mut messages = Vec::new();
        for file in files {
            words.extend(file.words);
            messages.extend(file.messages);
        }
        for (english, french) in messages {
            if english.contains("{}") {
                let around: Vec<String> = english.split("{}").map(str::to_owned).collect();
                let weight = around.iter().map(String::len).sum();
                let french = french.as_str().unwrap_or_default().to_owned();
                patterns.push(Pattern { around, french, weight });
            } else {
                exact.insert(english, french);
            }
        }
        patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.weight));
        Ok(Catalogue { words, exact, patterns })
    }

    fn translate(&self, text: &str) -> Option<String> {
        if let Some(said) = self.exact.get(text).or_else(|| self.words.get(text)) {
            return said.as_str().map(str::to_owned);
        }
        self.patterns.iter().find_map(|pattern| Some(self.fill(&pattern.french, &pattern.holes(text)?)))
    }

    /// Puts values into a French text: `{0}` as it is, `{0:w}` as a word of the catalogue, `{0?one|many}` by number.
    fn fill(&self, french: &str, values: &[&str]) -> String {
        let mut out = String::new();
        let mut rest = french;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((hole, after)) = after.split_once('}') else { break };
            rest = after;
            let digits = hole.len() - hole.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, how) = hole.split_at(digits);
            let value = number.parse().ok().and_then(|n: usize| values.get(n)).copied().unwrap_or_default();
            match how.strip_prefix('?').and_then(|forms| forms.split_once('|')) {
                // In French nothing and one are both singular.
                Some((one, many)) => out.push_str(if matches!(value, "0" | "1") { one } else { many }),
                None if how == ":w" => {
                    out.push_str(&self.translate(value).unwrap_or_else(|| value.to_owned()))
                }
                None => out.push_str(value),
            }
        }
        out.push_str(rest);
        out
    }
}

impl Pattern {
    /// What stands in the holes, where `text` fits.
    fn holes<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let (first, more) = self.around.split_first()?;
        let (last, between) = more.split_last()?;
        let mut rest = text.strip_prefix(first.as_str())?.strip_suffix(last.as_str())?;
        let mut values = Vec::with_capacity(more.len());
        for piece in between {
            let (value, after) = rest.split_once(piece.as_str())?;
            values.push(value);
            rest = after;
        }
        values.push(rest);
        values.iter().all(|value| !value.is_empty()).then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_chooses_as_gettext_does() {
        let with = |vars: &[(&str, &str)]| {
            choose(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(with(&[]), Lang::En);
        assert_eq!(with(&[("LANG", "fr_FR.UTF-8")]), Lang::Fr);
        assert_eq!(with(&[("LANG", "fr_FR.UTF-8"), ("LC_ALL", "C.UTF-8"), ("LANGUAGE", "fr")]), Lang::En);
        assert_eq!(with(&[("LANG", "de_DE.UTF-8"), ("LANGUAGE", "de:fr:en")]), Lang::Fr);
        assert_eq!(with(&[("LANG", "fr_CA"), ("CARNET_LANG", "en")]), Lang::En);
    }

    #[test]
    fn holes_numbers_and_words_come_out_in_french() {
        let catalogue = Catalogue::read(&FRENCH).unwrap();
        let fr = |text: &str| catalogue.translate(text).unwrap_or_default();
        assert_eq!(fr("Changed 2 contacts."), "2 contacts modifiés.");
        assert_eq!(fr("3 days ago"), "il y a 3 jours");
        assert_eq!(
            fr("1 commit(s) could not be read and are left out; `carnet verify` says more").split(' ').nth(1),
            Some("commit")
        );
        assert_eq!(catalogue.translate("no such message"), None);
    }

    #[test]
    fn the_catalogue_is_whole_and_its_typography_right() {
        let files: Vec<File> = FRENCH.iter().map(|text| toml::from_str(text).unwrap()).collect();
        let mut seen = std::collections::BTreeSet::new();
        for (english, french) in files.iter().flat_map(|file| file.messages.iter().chain(&file.words)) {
            assert!(seen.insert(english), "{english} stands twice");
            let french = french.as_str().unwrap_or_default();
            assert!(!french.is_empty(), "{english}");
            // Commands, in backquotes, keep their own spaces; so do plural forms in braces.
            let prose: String = french.split('`').step_by(2).collect();
            for wrong in [" ;", " !", " :", "« ", " »", "'"] {
                assert!(!prose.contains(wrong), "{wrong:?} in {french}");
            }
            let holes = english.matches("{}").count();
            for n in 0..holes {
                assert!(french.contains(&format!("{{{n}")), "hole {n} of {english}");
            }
            assert!(!french.contains(&format!("{{{holes}")), "{english}");
            // Commands are the same in both.
            for command in english
                .split('`')
                .skip(1)
                .step_by(2)
                .filter(|c| c.starts_with("carnet ") && !c.contains("{}"))
            {
                assert!(french.contains(command), "{command} in {french}");
            }
        }
    }
}
