//! Objections as a contact's own file holds them (Art. 21), and every other key that says no.
//!
//! What cannot be read still says no: a person's objection is never lost to a typing error.

use serde::{Deserialize, Deserializer, Serialize};
use toml::{Table, Value};

use super::channel::Channel;
use super::ids::Slug;
use super::moment;

/// One `[[objection]]` entry; the entries are append-only, lifting one adds `lifted` to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objected {
    pub id: String,
    pub time: toml::value::Datetime,
    /// The purpose objected to; every purpose when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Slug>,
    /// `all`, or one of `email`, `sms`, `phone`, `post`. Anything else counts as `all`.
    #[serde(default = "all")]
    pub channel: String,
    /// How the person objected: a letter, an unsubscribe link, a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Reference of the rights request, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// When the person took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<toml::value::Datetime>,
}

fn all() -> String {
    Objected::ALL.to_owned()
}

impl Objected {
    /// Every channel.
    pub const ALL: &'static str = "all";

    /// Whether it is about this purpose and channel.
    pub fn covers(&self, purpose: &Slug, channel: Channel) -> bool {
        self.purpose.as_ref().is_none_or(|p| p == purpose)
            && Channel::of(&self.channel).is_none_or(|c| c == channel)
    }

    /// Whether it is made and not yet lifted at a moment (seconds since 1970).
    pub fn stands_at(&self, at: i64) -> bool {
        let lifted = self.lifted.as_ref().and_then(moment::start).is_some_and(|lifted| lifted <= at);
        // A moment that cannot be read is no reason to take it for later.
        moment::start(&self.time).is_none_or(|time| time <= at) && !lifted
    }

    /// What stands for an entry that cannot be read: it says no to everything, always.
    fn unreadable() -> Objected {
        let time = toml::value::Date { year: 1970, month: 1, day: 1 };
        Objected {
            id: "unreadable".to_owned(),
            time: toml::value::Datetime { date: Some(time), time: None, offset: None },
            purpose: None,
            channel: all(),
            method: None,
            request: None,
            lifted: None,
        }
    }
}

/// Reads the key `objection` of a contact, whatever a person wrote there.
pub(super) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Objected>, D::Error> {
    let entry = |value: Value| value.try_into::<Objected>().unwrap_or_else(|_| Objected::unreadable());
    Ok(match Value::deserialize(from)? {
        Value::Array(entries) => entries.into_iter().map(entry).collect(),
        Value::Boolean(false) => Vec::new(),
        other => vec![entry(other)],
    })
}

/// What keys without a fixed form say: `objected`, `objections`, `restricted`, `restriction`, `restrictions`, of a
/// contact or of one of its bases (docs/format.md, "Contact").
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Protections {
    contact: Table,
    /// Each basis that has such a key.
    bases: Vec<Table>,
}

const OBJECTIONS: [&str; 2] = ["objected", "objections"];
const RESTRICTIONS: [&str; 3] = ["restricted", "restriction", "restrictions"];

impl Protections {
    /// Reads them from a contact's text. Most contacts have none, which is seen without parsing.
    pub fn read(text: &str) -> Protections {
        if !text.contains("object") && !text.contains("restrict") {
            return Protections::default();
        }
        let table: Table = text.parse().unwrap_or_default();
        let bases = table.get("basis").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Protections { bases: bases.iter().filter_map(Value::as_table).cloned().collect(), contact: table }
    }

    /// Whether one of them restricts what may be done for this purpose (Art. 18).
    pub fn restricts(&self, purpose: &Slug, at: i64) -> bool {
        self.says(&RESTRICTIONS, purpose, at)
    }

    /// Whether one of them, or a basis's own `objection`, objects to this purpose (Art. 21).
    pub fn objects(&self, purpose: &Slug, at: i64) -> bool {
        let own = |basis: &&Table| is_of(basis, purpose);
        self.says(&OBJECTIONS, purpose, at)
            || self.bases.iter().filter(own).any(|basis| says(basis, &["objection"], at))
    }

    fn says(&self, keys: &[&str], purpose: &Slug, at: i64) -> bool {
        says(&self.contact, keys, at)
            || self.bases.iter().any(|basis| is_of(basis, purpose) && says(basis, keys, at))
    }
}

/// A basis whose purpose cannot be read is of every purpose.
fn is_of(basis: &Table, purpose: &Slug) -> bool {
    basis.get("purpose").and_then(Value::as_str).is_none_or(|text| text == purpose.as_str())
}

fn says(table: &Table, keys: &[&str], at: i64) -> bool {
    keys.iter().filter_map(|key| table.get(*key)).any(|value| holds(value, at))
}

/// Whether a value says no at a moment: `false` and an empty list do not, an entry that has ended does not.
fn holds(value: &Value, at: i64) -> bool {
    match value {
        Value::Boolean(yes) => *yes,
        Value::Array(entries) => entries.iter().any(|entry| holds(entry, at)),
        Value::Table(entry) => {
            let moment = |keys: &[&str]| {
                keys.iter().find_map(|key| entry.get(*key)?.as_datetime()).and_then(moment::start)
            };
            moment(&["lifted", "until"]).is_none_or(|end| end > at)
                && moment(&["time", "since"]).is_none_or(|start| start <= at)
        }
        Value::Datetime(since) => moment::start(since).is_none_or(|since| since <= at),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_795_428_000; // 2026-11-23T10:00:00Z

    fn objections(text: &str) -> Vec<Objected> {
        #[derive(Deserialize)]
        struct Only {
            #[serde(default, rename = "objection", deserialize_with = "read")]
            objections: Vec<Objected>,
        }
        toml::from_str::<Only>(text).unwrap().objections
    }

    #[test]
    fn an_entry_covers_its_purpose_and_channel_until_it_is_lifted() {
        let one = &objections(
            "[[objection]]\nid = \"a\"\ntime = 2026-11-01\npurpose = \"news\"\nchannel = \"email\"\nlifted = 2026-12-01",
        )[0];
        let (news, other) = ("news".parse().unwrap(), "other".parse().unwrap());
        assert!(one.covers(&news, Channel::Email) && !one.covers(&news, Channel::Post));
        assert!(!one.covers(&other, Channel::Email));
        assert!(one.stands_at(AT) && !one.stands_at(AT + 10 * 86_400) && !one.stands_at(AT - 30 * 86_400));
    }

    #[test]
    fn what_cannot_be_read_says_no() {
        let news = "news".parse().unwrap();
        for text in
            ["objection = true", "objection = \"by phone\"", "[[objection]]\nid = 3", "[objection]\nx = 1"]
        {
            let all = objections(text);
            assert!(all.len() == 1 && all[0].covers(&news, Channel::Post) && all[0].stands_at(AT), "{text}");
        }
        assert!(objections("objection = false").is_empty() && objections("").is_empty());
        let odd = &objections("[[objection]]\nid = \"a\"\ntime = 2026-11-01\nchannel = \"pigeon\"")[0];
        assert!(odd.covers(&news, Channel::Sms));
    }

    #[test]
    fn loose_keys_count_for_their_basis_and_their_time() {
        let news: Slug = "news".parse().unwrap();
        let other: Slug = "other".parse().unwrap();
        for (text, restricts, objects) in [
            ("restricted = true", true, false),
            ("restricted = false", false, false),
            ("[[restriction]]\nsince = 2026-01-01\nlifted = 2026-02-01", false, false),
            ("[[restriction]]\nsince = 2026-01-01", true, false),
            ("objected = 2026-01-01", false, true),
            ("note = \"restricted?\"", false, false),
            ("[[basis]]\npurpose = \"news\"\nrestricted = true\nobjection = true", true, true),
        ] {
            let all = Protections::read(text);
            assert_eq!((all.restricts(&news, AT), all.objects(&news, AT)), (restricts, objects), "{text}");
        }
        let own = Protections::read("[[basis]]\npurpose = \"news\"\nrestricted = true");
        assert!(!own.restricts(&other, AT));
    }
}
