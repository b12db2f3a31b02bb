//! The opposition list (Art. 21(3)): who must not be taken in or written to again, by keyed fingerprint only.
//!
//! One file an address or number, `registers/objections/<key>/<fingerprint>.toml`: two clones that add to the list
//! at the same time never conflict. `<key>` names the secret that the fingerprint was made with
//! (docs/format.md, "Opposition list"); the secret itself is in the key store.

use serde::{Deserialize, Serialize};

/// Where the list is in the main tree.
pub const DIR: &str = "registers/objections";

/// One entry. What it is about cannot be read from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// `email` or `phone`.
    pub kind: String,
    /// `all`, or one of `email`, `phone`, `sms`, `post`.
    pub channel: String,
    /// `YYYY-MM-DD`.
    pub since: String,
    /// `YYYY-MM-DD`: from this day on the entry no longer counts.
    pub until: String,
    /// Reference of the rights request, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

impl Objection {
    /// Every channel.
    pub const ALL: &'static str = "all";

    /// Where the entry of a fingerprint is.
    pub fn path(key: &str, fingerprint: &str) -> String {
        format!("{DIR}/{key}/{fingerprint}.toml")
    }

    /// Whether it counts on `today` (`YYYY-MM-DD`).
    pub fn counts_on(&self, today: &str) -> bool {
        today < self.until.as_str()
    }
}

/// Whether `<dir>/<name>.toml` is where an entry may be.
pub fn is_place(dir: &str, name: &str) -> bool {
    let key = dir.strip_prefix(DIR).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
    is_hex(key, 16) && is_hex(name, 64)
}

/// Whether `text` is `digits` lower-case hex digits.
pub fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_its_place_and_its_time() {
        let (key, fingerprint) = ("0123456789abcdef", "a".repeat(64));
        let path = Objection::path(key, &fingerprint);
        let (dir, name) = path.strip_suffix(".toml").unwrap().rsplit_once('/').unwrap();
        assert!(is_place(dir, name) && !is_place(DIR, name) && !is_place(dir, "jeanne"));
        let entry = Objection {
            kind: "email".into(),
            channel: Objection::ALL.into(),
            since: "2026-11-23".into(),
            until: "2029-11-23".into(),
            request: None,
        };
        assert!(entry.counts_on("2029-11-22") && !entry.counts_on("2029-11-23"));
    }
}
