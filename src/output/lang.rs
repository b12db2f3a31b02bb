//! Messages in the reader's language: English stands in the code, French in one catalogue, and only here they meet.
//!
//! A message is looked up by its pattern, which is the English text with `{}` where a value stood. So no lower layer
//! knows of languages, and what has no translation yet stays English. JSON, ids, what goes into commits and what people
//! wrote never come here: a value that may be anybody's text is put in by [`Lang::fill`] after the message was said.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::domain::organisation::Lang;

/// `[messages]`: patterns; `[words]`: headings, states and other words that stand alone or in a hole; `[filled]`: patterns
/// for [`Lang::fill`] alone; `[places]`: where something is wrong. One catalogue, in a file for each part of the tool; no
/// key stands in two of them.
const FRENCH: [&str; 10] = [
    include_str!("../../templates/terminal/fr/common.toml"),
    include_str!("../../templates/terminal/fr/records.toml"),
    include_str!("../../templates/terminal/fr/duties.toml"),
    include_str!("../../templates/terminal/fr/sharing.toml"),
    include_str!("../../templates/terminal/fr/comfort.toml"),
    include_str!("../../templates/terminal/fr/friends.toml"),
    include_str!("../../templates/terminal/fr/links.toml"),
    include_str!("../../templates/terminal/fr/site.toml"),
    include_str!("../../templates/terminal/fr/stories.toml"),
    include_str!("../../templates/terminal/fr/daily.toml"),
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
    ///
    /// For what carnet itself says. Text of a person's goes into [`Lang::fill`]: here it might be taken for a message.
    pub fn say<'a>(self, text: &'a str) -> Cow<'a, str> {
        let french = (self == Lang::Fr).then(catalogue).flatten();
        match french.and_then(|catalogue| catalogue.translate(text)) {
            Some(said) => Cow::Owned(said),
            None => Cow::Borrowed(text),
        }
    }

    /// A message with another behind a colon, as a cause is, each said by itself.
    pub fn say_with_cause(self, text: &str) -> String {
        match (self.say(text), text.split_once(": ")) {
            (Cow::Borrowed(_), Some((message, cause))) if self == Lang::Fr => {
                let message = match self.say(message) {
                    Cow::Borrowed(_) => self.place(message),
                    said => said,
                };
                format!("{message}{} {}", self.colon(), self.say_with_cause(cause))
            }
            (said, _) => said.into_owned(),
        }
    }

    /// The place of an error: `row 3`, `standard input`. Most places are paths, and stay as they are.
    pub fn place<'a>(self, text: &'a str) -> Cow<'a, str> {
        let french = (self == Lang::Fr).then(catalogue).flatten();
        match french.and_then(|catalogue| catalogue.places.translate(text, catalogue)) {
            Some(said) => Cow::Owned(said),
            None => Cow::Borrowed(text),
        }
    }

    /// A message whose values are put in after it was said: `pattern` has a `{}` for each, and no value is ever taken for
    /// part of a message, whatever it holds.
    pub fn fill(self, pattern: &str, values: &[&dyn std::fmt::Display]) -> String {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        let catalogue = (self == Lang::Fr).then(catalogue).flatten();
        if let Some((catalogue, french)) = catalogue.and_then(|c| Some((c, c.to_fill(pattern)?))) {
            return catalogue.fill(french, &values.iter().map(String::as_str).collect::<Vec<_>>());
        }
        let mut pieces = pattern.split("{}");
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for (piece, value) in pieces.zip(values.iter().map(String::as_str).chain(std::iter::repeat(""))) {
            out.push_str(value);
            out.push_str(piece);
        }
        out
    }

    /// [`Lang::say`] for layers that know of no catalogue.
    pub fn speaker(self) -> impl Fn(&str) -> String {
        move |text| self.say(text).into_owned()
    }

    /// Figures with the language's decimal sign: `1 200.50 EUR` is `1 200,50 EUR` in French.
    pub fn number(self, figures: &str) -> String {
        figures.replace('.', self.pick(".", ","))
    }

    /// The colon after a title, with the space that French has before it.
    pub fn colon(self) -> &'static str {
        self.pick(":", "\u{a0}:")
    }

    /// The semicolon between parts of a line, likewise.
    pub fn semicolon(self) -> &'static str {
        self.pick(";", "\u{202f};")
    }

    /// Whether an answer to a yes-or-no question is yes: `y` and `yes` everywhere, `o` and `oui` where one asks in French.
    pub fn is_yes(self, answer: &str) -> bool {
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" => true,
            "o" | "oui" => self == Lang::Fr,
            _ => false,
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
    messages: HashMap<String, String>,
    words: HashMap<String, String>,
    #[serde(default)]
    places: HashMap<String, String>,
    #[serde(default)]
    filled: HashMap<String, String>,
}

struct Catalogue {
    /// What finished texts are looked up in.
    said: Patterns,
    /// What places are looked up in: few, for most places are paths.
    places: Patterns,
    /// Messages whose values are put in after; no text is ever matched against those of `[filled]`.
    filled: HashMap<String, String>,
}

/// Messages and words by their English.
#[derive(Default)]
struct Patterns {
    /// The French of each message, pattern and word.
    french: HashMap<String, String>,
    /// Messages with holes, those with most text first.
    patterns: Vec<Pattern>,
    /// Where in `patterns` those are that begin and end with these bytes; `None` is a hole there.
    ends: HashMap<(Option<u8>, Option<u8>), Vec<usize>>,
}

/// A message with holes: what stands around them.
struct Pattern {
    english: String,
    around: Vec<String>,
    /// Holes in which only figures can stand: `late, 5 days ago` is not so many days.
    figures: Vec<usize>,
    /// Bytes of what stands around the holes: of two patterns that fit, the one with more is meant.
    weight: usize,
}

impl Catalogue {
    fn read(texts: &[&str]) -> Result<Catalogue, toml::de::Error> {
        let mut said = HashMap::new();
        let mut places = HashMap::new();
        let mut filled = HashMap::new();
        for text in texts {
            let file: File = toml::from_str(text)?;
            said.extend(file.messages.into_iter().chain(file.words));
            places.extend(file.places);
            filled.extend(file.filled);
        }
        Ok(Catalogue { said: Patterns::of(said), places: Patterns::of(places), filled })
    }

    /// A message that is to be filled.
    fn to_fill(&self, pattern: &str) -> Option<&String> {
        let sections = [&self.filled, &self.said.french, &self.places.french];
        sections.into_iter().find_map(|section| section.get(pattern))
    }

    fn translate(&self, text: &str) -> Option<String> {
        self.said.translate(text, self)
    }

    /// Puts values into a French text: `{0}` as it is, `{0:n}` too, which fits figures only, `{0:w}` said in French,
    /// `{0?one|many}` by number.
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
                    let said = self.translate(value).or_else(|| self.places.translate(value, self));
                    out.push_str(said.as_deref().unwrap_or(value));
                }
                None => out.push_str(value),
            }
        }
        out.push_str(rest);
        out
    }
}

impl Patterns {
    fn of(french: HashMap<String, String>) -> Patterns {
        let mut patterns = Vec::new();
        for (english, said) in french.iter().filter(|(english, _)| english.contains("{}")) {
            let around: Vec<String> = english.split("{}").map(str::to_owned).collect();
            let weight = around.iter().map(String::len).sum();
            let figures = (0..around.len()).filter(|n| said.contains(&format!("{{{n}:n}}"))).collect();
            patterns.push(Pattern { english: english.clone(), around, figures, weight });
        }
        // Those of one weight in one order, so that a text is said the same way each time.
        patterns.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.english.cmp(&b.english)));
        let mut ends: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, pattern) in patterns.iter().enumerate() {
            let first = pattern.around.first().and_then(|text| text.bytes().next());
            let last = pattern.around.last().and_then(|text| text.bytes().last());
            ends.entry((first, last)).or_default().push(at);
        }
        Patterns { french, patterns, ends }
    }

    fn translate(&self, text: &str, all: &Catalogue) -> Option<String> {
        if let Some(said) = self.french.get(text).filter(|_| !text.contains("{}")) {
            return Some(said.clone());
        }
        // Each list is in order of weight, and the heaviest of their first is meant.
        let first = |ends: (Option<u8>, Option<u8>)| {
            let mut patterns = self.ends.get(&ends)?.iter().filter_map(|at| self.patterns.get(*at));
            patterns.find_map(|pattern| Some((pattern, pattern.holes(text)?)))
        };
        let (begin, end) = (text.bytes().next(), text.bytes().last());
        let found = [(begin, end), (begin, None), (None, end), (None, None)].map(first);
        let (pattern, values) = found.into_iter().flatten().max_by_key(|(pattern, _)| pattern.weight)?;
        Some(all.fill(self.french.get(&pattern.english)?, &values))
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
        let figures = |n: &usize| values.get(*n).is_some_and(|v| v.bytes().all(|b| b.is_ascii_digit()));
        self.figures.iter().all(figures).then_some(values)
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
        // A name or a title is no number of days.
        for text in ["some days ago", "late, 3 days ago", "in good days", "Bob day"] {
            assert_eq!(catalogue.translate(text), None, "{text}");
        }
    }

    #[test]
    fn a_value_that_looks_like_a_message_stays_as_it_is() {
        let hostile = "3 days ago; `carnet show x --file` prints the file";
        for lang in [Lang::En, Lang::Fr] {
            for value in [hostile, "never", "{0}", "{}", "", "Nothing is due."] {
                assert!(lang.fill("tags: {}", &[&value]).ends_with(value), "{value}");
                assert_eq!(lang.fill("no such pattern {}!", &[&value]), format!("no such pattern {value}!"));
            }
        }
        assert_eq!(Lang::Fr.fill("source: {}", &[&"never"]), "source\u{a0}: never");
    }

    #[test]
    fn oui_is_yes_only_where_one_asks_in_french() {
        for answer in ["y", "YES\n", " yes "] {
            assert!(Lang::En.is_yes(answer) && Lang::Fr.is_yes(answer));
        }
        assert!(
            Lang::Fr.is_yes("o\n")
                && Lang::Fr.is_yes("Oui")
                && !Lang::En.is_yes("o")
                && !Lang::En.is_yes("oui")
        );
        for answer in ["", "n", "non", "no", "ou", "yess"] {
            assert!(!Lang::En.is_yes(answer) && !Lang::Fr.is_yes(answer), "{answer}");
        }
    }

    #[test]
    fn the_catalogue_is_whole_and_its_typography_right() {
        let files: Vec<File> = FRENCH.iter().map(|text| toml::from_str(text).unwrap()).collect();
        let mut seen = std::collections::BTreeSet::new();
        for (english, french) in files
            .iter()
            .flat_map(|file| file.messages.iter().chain(&file.words).chain(&file.filled).chain(&file.places))
        {
            assert!(seen.insert(english), "{english} stands twice");
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
