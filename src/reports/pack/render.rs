//! Letters and the data page from their templates, which a firm may replace by its own.
//!
//! A firm's own template is a committed file `templates/<name>` in its data repository, such as
//! `templates/pack/fr/access.html`; its name and what it may use are those of the embedded one (docs/format.md,
//! "Templates of letters"). Every text gets through the same escaping.

use serde::Serialize;

use super::data::Data;
use super::letter::{Letter, Which};
use crate::domain::organisation::Lang;
use crate::error::{Error, Result};
use crate::reports::render::Renderer;
use crate::reports::texts::{Texts, typeset};
use crate::vault::{Snapshot, Vault};

const MESSAGES: &str = include_str!("../../../templates/pack/messages.toml");

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../templates/", $name)))),*]
    };
}

/// Templates by name.
const TEMPLATES: [(&str, &str); 26] = embedded![
    "pack/sheet.html",
    "pack/letter.html",
    "pack/data.html",
    "pack/pack.css",
    "pack/en/access.html",
    "pack/en/portability.html",
    "pack/en/rectification.html",
    "pack/en/erasure.html",
    "pack/en/restriction.html",
    "pack/en/objection.html",
    "pack/en/refusal.html",
    "pack/en/nothing.html",
    "pack/en/receipt.html",
    "pack/en/question.html",
    "pack/en/extension.html",
    "pack/fr/access.html",
    "pack/fr/portability.html",
    "pack/fr/rectification.html",
    "pack/fr/erasure.html",
    "pack/fr/restriction.html",
    "pack/fr/objection.html",
    "pack/fr/refusal.html",
    "pack/fr/nothing.html",
    "pack/fr/receipt.html",
    "pack/fr/question.html",
    "pack/fr/extension.html",
];

/// Name and text of each of carnet's own.
pub fn embedded() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEMPLATES.into_iter()
}

/// Templates ready to render in one language.
pub struct Pages {
    renderer: Renderer,
    lang: Lang,
}

#[derive(Serialize)]
struct Site {
    lang: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct LetterPage<'a> {
    /// Its name, for the subject line.
    which: &'static str,
    #[serde(flatten)]
    letter: &'a Letter,
}

impl Pages {
    /// Reads the templates, the firm's own where there are some.
    pub fn new(vault: &Vault, at: Snapshot, lang: Lang) -> Result<Pages> {
        let mut templates = Vec::with_capacity(TEMPLATES.len());
        for (name, text) in TEMPLATES {
            let path = format!("templates/{name}");
            let own = match vault.repo.file(at.tree, &path)? {
                None => None,
                Some(bytes) => Some(String::from_utf8(bytes).map_err(|_| {
                    Error::failed("the firm's own template is not UTF-8 text")
                        .at(path)
                        .hint("save it as UTF-8")
                })?),
            };
            let text = own.as_deref().unwrap_or(text);
            let set = if name.ends_with(".html") { typeset_words(lang, text) } else { text.to_owned() };
            templates.push((name.to_owned(), set));
        }
        let renderer = Renderer::with(Texts::load_with(lang, MESSAGES)?, templates).map_err(|e| {
            e.hint("correct the files under templates/pack, or remove them to use carnet's own")
        })?;
        Ok(Pages { renderer, lang })
    }

    fn site(&self) -> Site {
        Site { lang: self.lang.as_str(), version: env!("CARGO_PKG_VERSION") }
    }

    /// One letter.
    pub fn letter(&self, which: Which, letter: &Letter) -> Result<Vec<u8>> {
        let name = format!("pack/{}/{}.html", self.lang.as_str(), which.as_str());
        let letter = LetterPage { which: which.as_str(), letter };
        Ok(self.renderer.page(&name, &self.site(), &letter)?.into_bytes())
    }

    /// The page of the person's data.
    pub fn data(&self, data: &Data) -> Result<Vec<u8>> {
        Ok(self.renderer.page("pack/data.html", &self.site(), data)?.into_bytes())
    }
}

/// Sets the typography of a template's words, and leaves its tags, of HTML and of Tera, as they are.
fn typeset_words(lang: Lang, template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find(['<', '{']) {
        let (words, tag) = rest.split_at(start);
        out.push_str(&typeset(lang, words));
        let end = match tag.get(..2) {
            Some("{{") => tag.find("}}").map(|at| at + 2),
            Some("{%") => tag.find("%}").map(|at| at + 2),
            Some("{#") => tag.find("#}").map(|at| at + 2),
            _ if tag.starts_with('<') => tag.find('>').map(|at| at + 1),
            _ => Some(1),
        };
        let (tag, after) = tag.split_at(end.unwrap_or(tag.len()));
        out.push_str(tag);
        rest = after;
    }
    out.push_str(&typeset(lang, rest));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_typeset_and_tags_are_not() {
        let text = "<p class='a'>L'accès : {{ v.a | label(of='x') }} ; {% if a == 'b' %}oui !{% endif %}</p>";
        let set = typeset_words(Lang::Fr, text);
        assert_eq!(
            set,
            "<p class='a'>L\u{2019}accès\u{a0}: {{ v.a | label(of='x') }}\u{202f}; {% if a == 'b' %}oui\u{202f}!{% endif %}</p>"
        );
        assert_eq!(typeset_words(Lang::En, "a { b < c"), "a { b < c");
    }

    #[test]
    fn every_letter_is_there_in_both_languages_and_carries_nothing_active() {
        for which in Which::ALL {
            for lang in ["en", "fr"] {
                let name = format!("pack/{lang}/{}.html", which.as_str());
                assert!(TEMPLATES.iter().any(|(known, _)| *known == name), "{name}");
            }
        }
        for (name, text) in TEMPLATES {
            for bad in [
                "| safe",
                "<script",
                "style=",
                "onclick",
                "http:",
                "https:",
                "javascript:",
                "@import",
                "url(",
            ] {
                assert!(!text.contains(bad), "{name}: {bad}");
            }
        }
    }
}
