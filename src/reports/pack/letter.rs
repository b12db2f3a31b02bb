//! What a letter says, as facts; the words are in the templates `pack/<lang>/<name>.html`.

use serde::Serialize;

use super::reads::{Line, row};
use crate::domain::contact::Contact;
use crate::domain::organisation::Settings;
use crate::domain::register::Erasure;
use crate::domain::request::{Ground, Kept, Request};
use crate::domain::zone::{Day, Zone};

/// Which letter; the name of its template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Access,
    Portability,
    Rectification,
    Erasure,
    Restriction,
    Objection,
    /// A refusal with its ground and the remedies (Art. 12(4)).
    Refusal,
    /// Nothing is held, or no longer.
    Nothing,
    /// The receipt is confirmed.
    Receipt,
    /// The firm has to ask back (Art. 12(6), recital 63).
    Question,
    /// Two further months (Art. 12(3)).
    Extension,
}

impl Which {
    pub const ALL: [Which; 11] = [
        Which::Access,
        Which::Portability,
        Which::Rectification,
        Which::Erasure,
        Which::Restriction,
        Which::Objection,
        Which::Refusal,
        Which::Nothing,
        Which::Receipt,
        Which::Question,
        Which::Extension,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Which::Access => "access",
            Which::Portability => "portability",
            Which::Rectification => "rectification",
            Which::Erasure => "erasure",
            Which::Restriction => "restriction",
            Which::Objection => "objection",
            Which::Refusal => "refusal",
            Which::Nothing => "nothing",
            Which::Receipt => "receipt",
            Which::Question => "question",
            Which::Extension => "extension",
        }
    }
}

/// The sender.
#[derive(Clone, Debug, Serialize)]
pub struct Firm {
    pub name: String,
    pub address: Vec<String>,
    pub siren: String,
    pub representative: String,
    pub dpo: String,
    pub authority: String,
    /// Whether the authority is the CNIL, whose address letters know.
    pub cnil: bool,
}

impl Firm {
    pub fn of(settings: &Settings) -> Firm {
        let org = &settings.organisation;
        let lines = org.address.split(['\n', ',']).map(str::trim).filter(|line| !line.is_empty());
        Firm {
            name: org.name.clone(),
            address: lines.map(str::to_owned).collect(),
            siren: org.siren.clone(),
            representative: org.representative.clone(),
            dpo: if org.dpo.trim().is_empty() { org.privacy_contact.clone() } else { org.dpo.clone() },
            authority: if org.authority.is_empty() { "CNIL".into() } else { org.authority.clone() },
            cnil: org.authority.is_empty() || org.authority.to_uppercase().contains("CNIL"),
        }
    }
}

/// One field before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    pub field: String,
    pub before: Vec<Line>,
    pub after: Vec<Line>,
}

/// A file that comes with the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Enclosed {
    pub name: String,
    /// Code of what it is.
    pub what: String,
}

impl Enclosed {
    pub fn new(name: &str) -> Enclosed {
        let what = match name {
            name if name.starts_with("evidence-") => "evidence",
            name if name.starts_with("erasure-") && name.ends_with(".asc") => "signature",
            name if name.starts_with("erasure-") => "certificate",
            name => name,
        };
        Enclosed { name: name.to_owned(), what: what.to_owned() }
    }
}

/// Something that is kept.
#[derive(Clone, Debug, Serialize)]
pub struct Keep {
    pub what: String,
    pub ground: String,
    pub until: Option<i64>,
}

/// An erasure, as the ledger has it.
#[derive(Clone, Debug, Serialize)]
pub struct Gone {
    pub id: String,
    pub day: i64,
    pub trigger: &'static str,
    pub versions: usize,
    pub mentions: usize,
}

/// Everything that a letter may say.
#[derive(Clone, Debug, Serialize)]
pub struct Letter {
    pub lang: &'static str,
    pub firm: Firm,
    /// The addressee's lines.
    pub to: Vec<String>,
    /// How the person is addressed; empty where no name is known.
    pub name: String,
    pub day: i64,
    pub reference: String,
    pub kind: &'static str,
    pub article: &'static str,
    pub received: i64,
    pub due: i64,
    pub ground: Option<&'static str>,
    pub reasons: String,
    /// Files that come with the letter.
    pub files: Vec<Enclosed>,
    pub changes: Vec<Changed>,
    pub case: Option<&'static str>,
    /// Titles of the purposes that it is about; all when empty.
    pub purposes: Vec<String>,
    pub left_out: Vec<String>,
    pub kept: Vec<Keep>,
    pub gone: Option<Gone>,
    /// Recipients who were told (Art. 19).
    pub told: Vec<String>,
    /// Codes: why the clock stands still, and why it takes longer.
    pub pause: Option<&'static str>,
    pub extension: Option<&'static str>,
}

impl Letter {
    /// A letter about a request on a day, with nothing more to say yet.
    pub fn new(settings: &Settings, request: &Request, lang: &'static str, day: Day) -> Letter {
        Letter {
            lang,
            firm: Firm::of(settings),
            to: Vec::new(),
            name: String::new(),
            day: day.seconds(),
            reference: request.reference.to_string(),
            kind: request.kind.as_str(),
            article: request.kind.article(),
            received: request.received.seconds(),
            due: request.standing(day).due.seconds(),
            ground: None,
            reasons: String::new(),
            files: Vec::new(),
            changes: Vec::new(),
            case: request.case.map(|case| case.as_str()),
            purposes: Vec::new(),
            left_out: Vec::new(),
            kept: Vec::new(),
            gone: None,
            told: request.told.iter().map(|told| told.recipient.to_string()).collect(),
            pause: None,
            extension: None,
        }
    }

    /// Addresses it to a contact.
    pub fn to_contact(&mut self, contact: &Contact) {
        self.name.clone_from(&contact.name);
        self.to = vec![contact.name.clone()];
        self.to.extend(contact.org.iter().filter(|org| **org != contact.name).cloned());
        let Some(address) = contact.addresses.first() else {
            self.to.extend(contact.first_email().map(str::to_owned));
            return;
        };
        let place = [address.postcode.as_str(), address.locality.as_str()].join(" ");
        for line in [&address.extended, &address.street, &place.trim().to_owned(), &address.country] {
            if !line.is_empty() {
                self.to.push(line.clone());
            }
        }
    }

    /// Addresses it to whoever asked, where the contact says nothing, or somebody else asked.
    pub fn to_requester(&mut self, requester: &str) {
        let lines = requester.lines().map(str::trim).filter(|line| !line.is_empty());
        self.to = lines.map(str::to_owned).collect();
        self.name = self.to.first().cloned().unwrap_or_default();
    }

    pub fn refuse(&mut self, ground: Ground, reasons: Option<&str>) {
        self.ground = Some(ground.as_str());
        self.reasons = reasons.unwrap_or_default().trim().to_owned();
    }

    pub fn keep(&mut self, kept: &[Kept]) {
        self.kept.extend(kept.iter().map(|kept| Keep {
            what: kept.what.clone(),
            ground: kept.ground.clone(),
            until: kept.until.map(Day::seconds),
        }));
    }

    /// States an erasure of the ledger, in the days of `zone`.
    pub fn state_erasure(&mut self, line: &Erasure, zone: Zone) {
        let at = chrono::DateTime::parse_from_rfc3339(&line.time).map(|t| t.with_timezone(&chrono::Utc));
        self.gone = Some(Gone {
            id: line.contact.to_string(),
            day: at.map_or(self.day, |at| zone.day_of(at).seconds()),
            trigger: line.trigger.as_str(),
            versions: line.versions,
            mentions: line.mentions,
        });
        if let Some(kept) = &line.kept {
            self.kept.push(Keep {
                what: kept.what.clone(),
                ground: kept.ground.clone(),
                until: kept.until.parse::<Day>().ok().map(Day::seconds),
            });
        }
    }
}

/// What changed in a contact between two texts, field by field; fields of the firm's book-keeping aside.
pub fn changes(before: &str, after: &str) -> Vec<Changed> {
    let parse = |text: &str| text.parse::<toml::Table>().unwrap_or_default();
    let (before, after) = (parse(before), parse(after));
    let mut found = Vec::new();
    compare("", &before, &after, &mut found);
    found
}

/// Keys that are the firm's own record of what happened, and no data that a rectification is about.
const OWN: [&str; 9] =
    ["id", "book", "created", "conflict", "consent", "activity", "objection", "restriction", "link"];

fn compare(outer: &str, before: &toml::Table, after: &toml::Table, found: &mut Vec<Changed>) {
    let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let (old, new) = (before.get(key), after.get(key));
        if old == new || (outer.is_empty() && OWN.contains(&key.as_str())) {
            continue;
        }
        let empty = toml::Table::new();
        if outer.is_empty() && key == "custom" {
            let table = |v: Option<&toml::Value>| v.and_then(toml::Value::as_table).cloned();
            compare(key, &table(old).unwrap_or_default(), &table(new).unwrap_or(empty), found);
            continue;
        }
        let lines = |value: Option<&toml::Value>| value.map(|v| row(key, v).values).unwrap_or_default();
        found.push(Changed { field: key.clone(), before: lines(old), after: lines(new) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rectification_is_told_field_by_field() {
        let before =
            "id = \"1\"\nname = \"Jeane\"\nemails = [\"a@b.org\"]\n[custom]\nsize = \"37\"\ndog = \"Rex\"\n";
        let after = "id = \"1\"\nname = \"Jeanne\"\nemails = [\"a@b.org\"]\ntitle = \"Chef\"\n[custom]\nsize = \"38\"\ndog = \"Rex\"\n[[activity]]\nid = \"x\"\n";
        let found = changes(before, after);
        let line = |text: &str| vec![Line { text: text.into(), note: String::new(), at: None }];
        assert_eq!(
            found,
            [
                Changed { field: "size".into(), before: line("37"), after: line("38") },
                Changed { field: "name".into(), before: line("Jeane"), after: line("Jeanne") },
                Changed { field: "title".into(), before: Vec::new(), after: line("Chef") },
            ]
        );
        assert!(changes(before, before).is_empty());
    }
}
