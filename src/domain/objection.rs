//! The opposition list (Art. 21(3)): who must not be taken in or written to again, by keyed fingerprint only.
//!
//! One file an address or number and scope, `registers/objections/<key>/<fingerprint>[.<purpose>.<channel>].toml`:
//! two clones that add to the list at the same time never conflict. `<key>` names the secret that the fingerprint
//! was made with (docs/format.md, "Opposition list"); the secret itself is in the key store.

use serde::{Deserialize, Serialize};

use super::channel::Channel;
use super::ids::Slug;

/// Where the list is in the main tree.
pub const DIR: &str = "registers/objections";

/// One entry. What it is about cannot be read from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// `email` or `phone`.
    pub kind: String,
    /// `all`, or one of `email`, `phone`, `sms`, `post`.
    pub channel: String,
    /// The purpose objected to; every purpose when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Slug>,
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

    /// Where the entry of a fingerprint is, of this scope: what it objects to is in the name, so that one address
    /// may object to several purposes.
    pub fn path(key: &str, fingerprint: &str, scope: &Scope) -> String {
        format!("{DIR}/{key}/{fingerprint}{}.toml", scope.suffix())
    }

    pub fn scope(&self) -> Scope {
        Scope { purpose: self.purpose.clone(), channel: Channel::of(&self.channel) }
    }

    /// Whether it counts on `today` (`YYYY-MM-DD`).
    pub fn counts_on(&self, today: &str) -> bool {
        today < self.until.as_str()
    }
}

/// What somebody objects to: one purpose or all, on one channel or all.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Scope {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Slug>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
}

impl Scope {
    /// Everything.
    pub const ALL: Scope = Scope { purpose: None, channel: None };

    pub fn covers(&self, purpose: &Slug, channel: Channel) -> bool {
        self.purpose.as_ref().is_none_or(|p| p == purpose) && self.channel.is_none_or(|c| c == channel)
    }

    /// Whether it objects to everything that `other` objects to.
    pub fn includes(&self, other: &Scope) -> bool {
        (self.purpose.is_none() || self.purpose == other.purpose)
            && (self.channel.is_none() || self.channel == other.channel)
    }

    /// Whether whoever objects to this may not be taken in for these purposes: an objection to one channel alone
    /// still leaves the others.
    pub fn forbids_holding(&self, purposes: &[&Slug]) -> bool {
        self.channel.is_none() && self.purpose.as_ref().is_none_or(|p| purposes.contains(&p))
    }

    /// What a file's name says of it: nothing for everything, else `.<purpose>.<channel>` with `_` for all of them.
    fn suffix(&self) -> String {
        if *self == Scope::ALL {
            return String::new();
        }
        let purpose = self.purpose.as_ref().map_or("_", Slug::as_str);
        format!(".{purpose}.{}", self.channel.map_or("_", Channel::as_str))
    }

    /// The scope in the name of an entry's file without `.toml`, with the fingerprint; none when it is no such name.
    pub fn of_name(name: &str) -> Option<(&str, Scope)> {
        let mut parts = name.split('.');
        let fingerprint = parts.next().filter(|text| is_hex(text, 64))?;
        let scope = match (parts.next(), parts.next()) {
            (None, _) => Scope::ALL,
            (Some(purpose), Some(channel)) => Scope {
                purpose: (purpose != "_").then(|| purpose.parse()).transpose().ok()?,
                channel: match channel {
                    "_" => None,
                    text => Some(Channel::of(text)?),
                },
            },
            _ => return None,
        };
        (parts.next().is_none() && format!("{fingerprint}{}", scope.suffix()) == name)
            .then_some((fingerprint, scope))
    }
}

/// Whether `<dir>/<name>.toml` is where an entry may be.
pub fn is_place(dir: &str, name: &str) -> bool {
    let key = dir.strip_prefix(DIR).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
    is_hex(key, 16) && Scope::of_name(name).is_some()
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
        let path = Objection::path(key, &fingerprint, &Scope::ALL);
        let (dir, name) = path.strip_suffix(".toml").unwrap().rsplit_once('/').unwrap();
        assert!(is_place(dir, name) && !is_place(DIR, name) && !is_place(dir, "jeanne"));
        let entry = Objection {
            kind: "email".into(),
            channel: Objection::ALL.into(),
            purpose: None,
            since: "2026-11-23".into(),
            until: "2029-11-23".into(),
            request: None,
        };
        assert!(entry.counts_on("2029-11-22") && !entry.counts_on("2029-11-23"));
    }

    #[test]
    fn a_scope_is_in_the_name_and_reads_back() {
        let (hash, news) = ("b".repeat(64), "news".parse::<Slug>().unwrap());
        let (email, all) = (Some(Channel::Email), Scope::ALL);
        for scope in [
            all.clone(),
            Scope { purpose: Some(news.clone()), channel: None },
            Scope { purpose: None, channel: email },
            Scope { purpose: Some(news.clone()), channel: email },
        ] {
            let path = Objection::path("0123456789abcdef", &hash, &scope);
            let (dir, name) = path.strip_suffix(".toml").unwrap().rsplit_once('/').unwrap();
            assert!(is_place(dir, name), "{path}");
            assert_eq!(Scope::of_name(name), Some((hash.as_str(), scope)));
        }
        for bad in ["._._", ".news", ".news.fax", ".News._", ".news._.x"] {
            assert_eq!(Scope::of_name(&format!("{hash}{bad}")), None, "{bad}");
        }
        let other = "other".parse::<Slug>().unwrap();
        let narrow = Scope { purpose: Some(news.clone()), channel: None };
        assert!(narrow.forbids_holding(&[&news]) && !narrow.forbids_holding(&[&other]));
        assert!(
            all.forbids_holding(&[]) && !Scope { purpose: None, channel: email }.forbids_holding(&[&news])
        );
    }
}
