//! Wordings: the exact texts that persons are shown when they are asked or informed.
//!
//! `registers/wordings/<slug>/<n>.md` is the text, byte for byte; `<n>.toml` beside it says its language, version
//! and SHA-256. An event names a text by that hash, so that nobody can later have agreed to something else.

use serde::{Deserialize, Serialize};

use super::ids::Slug;
use super::objection::is_hex;
use super::organisation::Lang;

/// Where wordings are in the main tree.
pub const DIR: &str = "registers/wordings";

/// `registers/wordings/<slug>/<n>.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    pub lang: Lang,
    /// The firm's own name of this version, such as `2026-01`; the number where none was given.
    pub version: String,
    /// SHA-256 of the text file's bytes, 64 lower-case hex digits.
    pub sha256: String,
    /// `YYYY-MM-DD`.
    pub added: String,
}

/// The path of a text or of what is said of it, without its ending.
pub fn stem(slug: &Slug, n: u32) -> String {
    format!("{DIR}/{slug}/{n}")
}

/// The slug, number and ending (`md`, `toml`) that a path names, if it is one of a wording's.
pub fn parse_path(path: &str) -> Option<(Slug, u32, &str)> {
    let (slug, name) = path.strip_prefix(DIR)?.strip_prefix('/')?.split_once('/')?;
    let (number, ending) = name.split_once('.')?;
    let n: u32 = number.parse().ok().filter(|n| *n > 0)?;
    (n.to_string() == number && ["md", "toml"].contains(&ending)).then_some((slug.parse().ok()?, n, ending))
}

/// What a person types to mean a wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The beginning of its hash, eight digits or more.
    Hash(String),
    /// `<slug>/<n>`
    Exact(Slug, u32),
    /// `<slug>`: its newest number.
    Newest(Slug),
}

impl Wanted {
    pub fn parse(text: &str) -> Option<Wanted> {
        let text = text.trim();
        let hash = text.strip_prefix("sha256:").unwrap_or(text).to_ascii_lowercase();
        if (8..=64).contains(&hash.len()) && is_hex(&hash, hash.len()) {
            return Some(Wanted::Hash(hash));
        }
        match text.split_once('/') {
            Some((slug, n)) => Some(Wanted::Exact(slug.parse().ok()?, n.parse().ok()?)),
            None => Some(Wanted::Newest(text.parse().ok()?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_what_people_type() {
        let slug: Slug = "newsletter".parse().unwrap();
        assert_eq!(parse_path("registers/wordings/newsletter/2.md"), Some((slug.clone(), 2, "md")));
        for bad in
            ["newsletter/02.md", "newsletter/0.md", "newsletter/x.md", "newsletter/1.txt", "1.md", "N/1.md"]
        {
            assert_eq!(parse_path(&format!("{DIR}/{bad}")), None, "{bad}");
        }
        assert_eq!(Wanted::parse("newsletter"), Some(Wanted::Newest(slug.clone())));
        assert_eq!(Wanted::parse("newsletter/3"), Some(Wanted::Exact(slug, 3)));
        assert_eq!(Wanted::parse("SHA256:ABCDEF01"), None);
        assert_eq!(Wanted::parse("abcdef01"), Some(Wanted::Hash("abcdef01".into())));
        assert_eq!(Wanted::parse("../x"), None);
    }
}
