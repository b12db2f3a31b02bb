//! The words of the site in one language, and how that language writes numbers, dates and punctuation.
//!
//! All messages are in `templates/messages.toml`; a message without one of the languages cannot be read.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Timelike};
use serde::Deserialize;

use crate::domain::organisation::Lang;
use crate::error::{Error, Result};

const CATALOGUE: &str = include_str!("../../templates/messages.toml");

/// The messages of the registers' pages, in files of their own.
const GROUPS: [&str; 5] = [
    include_str!("../../templates/messages/overview.toml"),
    include_str!("../../templates/messages/registers.toml"),
    include_str!("../../templates/messages/audit.toml"),
    // Heads and codes of the registers as tables.
    include_str!("../../templates/messages/tables.toml"),
    // What changed, named pages, templates of the firm's own.
    include_str!("../../templates/messages/review.toml"),
];

/// A value in both languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Both<T> {
    en: T,
    fr: T,
}

impl<T> Both<T> {
    fn pick(self, lang: Lang) -> T {
        match lang {
            Lang::En => self.en,
            Lang::Fr => self.fr,
        }
    }
}

type Sections<T> = BTreeMap<String, BTreeMap<String, T>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    months: Both<[String; 12]>,
    text: Sections<Both<String>>,
    count: BTreeMap<String, Both<[String; 2]>>,
    label: Sections<Both<String>>,
}

/// What another set of pages adds.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct More {
    text: Sections<Both<String>>,
    count: BTreeMap<String, Both<[String; 2]>>,
    label: Sections<Both<String>>,
}

/// All messages in one language.
#[derive(Clone, Debug)]
pub struct Texts {
    pub lang: Lang,
    /// What templates see as `t`: section, then key.
    pub text: Sections<String>,
    count: BTreeMap<String, [String; 2]>,
    label: Sections<String>,
    months: [String; 12],
}

impl Texts {
    /// Reads the catalogue.
    pub fn load(lang: Lang) -> Result<Texts> {
        Texts::load_with(lang, "")
    }

    /// Reads the catalogue and `more` sections in the same form, which a set of pages of its own brings along.
    pub fn load_with(lang: Lang, more: &str) -> Result<Texts> {
        let read =
            |e: toml::de::Error| Error::failed("the messages of the pages cannot be read").cause(e.message());
        let mut all: Catalogue = toml::from_str(CATALOGUE).map_err(read)?;
        for more in GROUPS.into_iter().chain([more]) {
            let more: More = toml::from_str(more).map_err(read)?;
            for (section, keys) in more.text {
                all.text.entry(section).or_default().extend(keys);
            }
            all.count.extend(more.count);
            for (kind, words) in more.label {
                all.label.entry(kind).or_default().extend(words);
            }
        }
        let set = |both: Both<String>| typeset(lang, &both.pick(lang));
        let sections = |sections: Sections<Both<String>>| -> Sections<String> {
            let keys =
                |keys: BTreeMap<String, Both<String>>| keys.into_iter().map(|(k, b)| (k, set(b))).collect();
            sections.into_iter().map(|(name, k)| (name, keys(k))).collect()
        };
        let counts = all.count.into_iter().map(|(k, b)| (k, b.pick(lang).map(|text| typeset(lang, &text))));
        Ok(Texts {
            lang,
            text: sections(all.text),
            count: counts.collect(),
            label: sections(all.label),
            months: all.months.pick(lang),
        })
    }

    /// A whole number with its thousands apart: `10 000`, `10,000`.
    pub fn number(&self, n: i64) -> String {
        let digits = n.unsigned_abs().to_string();
        let apart = self.lang.pick(",", "\u{202f}");
        let mut out = String::new();
        if n < 0 {
            out.push('\u{2212}');
        }
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push_str(apart);
            }
            out.push(digit);
        }
        out
    }

    /// A counted message; French counts 0 as one, English as many. `None` for an unknown key.
    pub fn counted(&self, n: i64, key: &str) -> Option<String> {
        let [one, many] = self.count.get(key)?;
        let single = match self.lang {
            Lang::En => n == 1,
            Lang::Fr => (0..2).contains(&n),
        };
        Some(if single { one } else { many }.replace("{n}", &self.number(n)))
    }

    /// A period of so many months: whole years from two on are said in years, as the law and the CNIL say them.
    pub fn duration(&self, months: u32) -> String {
        let (n, key) = match months {
            24.. if months.is_multiple_of(12) => (months / 12, "years"),
            months => (months, "months"),
        };
        self.counted(i64::from(n), key).unwrap_or_default()
    }

    /// A counted message with a text that says how many, and means more than one.
    pub fn counted_text(&self, n: &str, key: &str) -> Option<String> {
        let [_, many] = self.count.get(key)?;
        Some(many.replace("{n}", n))
    }

    /// The word for a code of one kind; a code without one stands for itself. `None` for an unknown kind.
    pub fn label(&self, kind: &str, code: &str) -> Option<String> {
        let words = self.label.get(kind)?;
        Some(words.get(code).cloned().unwrap_or_else(|| code.to_owned()))
    }

    /// An article as each language cites it: `Art. 5(1)(e), 30(1)` is `art. 5, § 1, e), art. 30, § 1` in French.
    pub fn article(&self, rule: &str) -> String {
        if self.lang == Lang::En {
            return rule.to_owned();
        }
        let one = |article: &str| {
            let mut parts = article.trim().trim_start_matches("Art. ").split('(');
            let mut out = format!("art.\u{a0}{}", parts.next().unwrap_or_default());
            for part in parts.map(|p| p.trim_end_matches(')')) {
                match part.parse::<u32>() {
                    Ok(n) => out.push_str(&format!(",\u{a0}§\u{a0}{n}")),
                    Err(_) => out.push_str(&format!(",\u{a0}{part})")),
                }
            }
            out
        };
        rule.split(", ").map(one).collect::<Vec<_>>().join("\u{a0}; ")
    }

    /// Whether there is a word for a code.
    pub fn has_label(&self, kind: &str, code: &str) -> bool {
        self.label.get(kind).is_some_and(|words| words.contains_key(code))
    }

    /// `23 novembre 2026`, from seconds since 1970.
    pub fn day(&self, seconds: i64) -> String {
        let Some(at) = DateTime::from_timestamp(seconds, 0) else { return String::new() };
        let day = match (self.lang, at.day()) {
            (Lang::Fr, 1) => "1er".to_owned(),
            (_, day) => day.to_string(),
        };
        format!("{day}\u{a0}{}\u{a0}{}", self.month_name(at.month()), at.year())
    }

    /// `23 novembre 2026 à 10 h 05`, from seconds since 1970.
    pub fn moment(&self, seconds: i64) -> String {
        let Some(at) = DateTime::from_timestamp(seconds, 0) else { return String::new() };
        let (day, hour, minute) = (self.day(seconds), at.hour(), at.minute());
        match self.lang {
            Lang::En => format!("{day}, {hour:02}:{minute:02}"),
            Lang::Fr => format!("{day} à\u{a0}{hour}\u{a0}h\u{a0}{minute:02}"),
        }
    }

    /// `novembre 2026`, from `2026-11`.
    pub fn month(&self, text: &str) -> String {
        match NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d") {
            Ok(date) => format!("{}\u{a0}{}", self.month_name(date.month()), date.year()),
            Err(_) => text.to_owned(),
        }
    }

    fn month_name(&self, month: u32) -> &str {
        let name = usize::try_from(month).ok().and_then(|m| self.months.get(m.checked_sub(1)?));
        name.map_or("", String::as_str)
    }
}

/// RFC 3339, for the `datetime` attribute.
pub fn iso(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0)
        .map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
        .unwrap_or_default()
}

/// Sets apostrophes and the spaces that must not break (French: Imprimerie nationale, «Lexique», 2002).
pub fn typeset(lang: Lang, text: &str) -> String {
    let text = text.replace('\'', "\u{2019}").replace("Art. ", "Art.\u{a0}").replace("art. ", "art.\u{a0}");
    match lang {
        Lang::En => text,
        Lang::Fr => text
            .replace(" :", "\u{a0}:")
            .replace(" ;", "\u{202f};")
            .replace(" ?", "\u{202f}?")
            .replace(" !", "\u{202f}!")
            .replace("« ", "«\u{a0}")
            .replace(" »", "\u{a0}»")
            .replace("§ 1, ", "§ 1,\u{a0}")
            .replace(" § ", "\u{a0}§\u{a0}")
            .replace("{n} ", "{n}\u{a0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_793_522_700;

    #[test]
    fn numbers_and_dates_are_written_as_each_language_has_them() {
        let (en, fr) = (Texts::load(Lang::En).unwrap(), Texts::load(Lang::Fr).unwrap());
        assert_eq!((en.number(1_234_567), fr.number(10_000)), ("1,234,567".into(), "10\u{202f}000".into()));
        assert_eq!((en.number(999), en.number(-1000)), ("999".into(), "\u{2212}1,000".into()));
        assert_eq!(iso(AT), "2026-11-01T08:45:00Z");
        assert_eq!(en.moment(AT), "1\u{a0}November\u{a0}2026, 08:45");
        assert_eq!(fr.moment(AT), "1er\u{a0}novembre\u{a0}2026 à\u{a0}8\u{a0}h\u{a0}45");
        assert_eq!(fr.month("2026-08"), "août\u{a0}2026");
        assert_eq!(en.counted(0, "books").as_deref(), Some("0 contacts"));
        assert_eq!(fr.counted(0, "books").as_deref(), Some("0\u{a0}contact"));
        assert_eq!((fr.duration(36), fr.duration(12)), ("3\u{a0}ans".into(), "12\u{a0}mois".into()));
        assert_eq!((en.duration(30), en.duration(0)), ("30 months".into(), "0 months".into()));
        assert_eq!((iso(i64::MAX), en.day(i64::MIN)), (String::new(), String::new()));
    }

    /// What writes an entry asserts that its action is one of these (`Entry::assert_known`).
    #[test]
    fn every_action_that_carnet_writes_has_a_word_and_every_word_an_action() {
        use crate::domain::trailer::ACTIONS;
        assert!(ACTIONS.is_sorted());
        for lang in [Lang::En, Lang::Fr] {
            let texts = Texts::load(lang).unwrap();
            for action in ACTIONS {
                assert!(texts.has_label("action", action), "{action} has no word");
            }
            // What an entry of another hand is called.
            let others = ["git", "other"];
            let spare = texts.label["action"]
                .keys()
                .find(|a| !ACTIONS.contains(&a.as_str()) && !others.contains(&a.as_str()));
            assert_eq!(spare, None, "no entry has this action");
        }
    }

    #[test]
    fn both_languages_have_every_message_and_their_own_typography() {
        let (en, fr) = (Texts::load(Lang::En).unwrap(), Texts::load(Lang::Fr).unwrap());
        let all = |t: &Texts| -> BTreeMap<String, String> {
            let sections = [("text", &t.text), ("label", &t.label)];
            let texts = sections.iter().flat_map(|(kind, sections)| {
                sections.iter().flat_map(move |(s, keys)| {
                    keys.iter().map(move |(k, v)| (format!("{kind}.{s}.{k}"), v.clone()))
                })
            });
            let counts = t.count.iter().flat_map(|(k, v)| {
                v.iter().enumerate().map(move |(i, v)| (format!("count.{k}.{i}"), v.clone()))
            });
            texts.chain(counts).collect()
        };
        let (en, fr) = (all(&en), all(&fr));
        assert!(en.keys().eq(fr.keys()) && en.len() > 150);
        for (key, text) in en.iter().chain(&fr) {
            assert!(!text.trim().is_empty() && !text.contains(['\'', '<', '>']), "{key}: {text}");
        }
        for (key, text) in &fr {
            for bad in [" :", " ;", " ?", " !", "« ", " »"] {
                assert!(!text.contains(bad), "{key}: {text}");
            }
        }
        let same = en.iter().filter(|(k, v)| fr.get(*k) == Some(v)).count();
        assert!(same * 10 < en.len(), "{same} messages are the same in both languages");
    }
}
