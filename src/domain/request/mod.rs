//! The register of rights requests (Art. 12 and 15 to 21 GDPR): one plain file a request, and what may happen to it.
//!
//! `registers/requests/<ref>.toml` holds codes, days and pseudonymous ids only (docs/format.md, "Rights requests"). Who
//! wrote, for whom, and every free text is in a sealed companion. Each change is checked here: nothing in the future,
//! nothing before the receipt, one answer.

pub mod codes;
pub mod deadline;
pub mod ground;
pub mod private;

mod steps;

use serde::{Deserialize, Serialize};

use super::ids::{ContactId, RecordId, Slug};
use super::zone::{Day, Zone};
use crate::error::{Error, Result};

pub use super::reference::Reference;
pub use codes::{
    Channel, Check, Closing, Decision, Doubt, ExtensionReason, Kind, PauseReason, RestrictionCase,
};
pub use deadline::Standing;
pub use ground::Ground;

/// Where the register is in the main tree.
pub const DIR: &str = "registers/requests";

/// Where the sealed companion is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Companion {
    pub book: Slug,
    pub id: RecordId,
    /// The day that it was destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destroyed: Option<Day>,
}

/// A check of the person's identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub doubt: Doubt,
    pub asked: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Check>,
}

/// A time in which the firm waited for the person: from the day of the question to that of the reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub from: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
    pub reason: PauseReason,
}

/// The two further months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    pub notified: Day,
    pub reason: ExtensionReason,
}

/// A recipient who was told of a rectification, erasure or restriction (Art. 19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub recipient: Slug,
    pub on: Day,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub on: Day,
    /// RFC 3339, UTC: when it was made.
    pub time: String,
    pub decision: Decision,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<Ground>,
    /// Names of fields that were left out of a pack.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// SHA-256 of the pack's list of files (`SHA256SUMS`), as 64 hex digits.
    pub sha256: String,
    /// Handle of the member who made it.
    pub by: Slug,
}

/// What is kept after the answer, on which ground and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// `companion`, `opposition`, `contact`.
    pub what: String,
    pub ground: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

/// The end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    pub on: Day,
    pub why: Closing,
}

/// `registers/requests/<ref>.toml`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    #[serde(rename = "ref")]
    pub reference: Reference,
    pub kind: Kind,
    /// The person's contact; none when the firm has none, or does not know which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    pub channel: Channel,
    /// The time zone that its days are in.
    pub zone: String,
    /// The day that it came in.
    pub received: Day,
    /// RFC 3339, UTC: when it was entered here.
    pub opened: String,
    /// The commit that it was entered on: what the contact was like before.
    pub base: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Day>,
    /// What an objection or a restriction is about; everything when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<Slug>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<RestrictionCase>,
    /// Keys that this version does not know stay as they are.
    #[serde(flatten)]
    pub rest: toml::Table,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub companion: Option<Companion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
    #[serde(default, rename = "pause", skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Told>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Kept>,
}

/// Where a request is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Open,
    /// The firm waits for the person.
    Paused,
    Answered,
    Closed,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Paused => "paused",
            State::Answered => "answered",
            State::Closed => "closed",
        }
    }
}

impl Request {
    /// An entry with nothing but what every one has.
    pub fn new(reference: Reference, kind: Kind, channel: Channel, zone: Zone, received: Day) -> Request {
        Request {
            reference,
            kind,
            contact: None,
            channel,
            zone: zone.name().to_owned(),
            received,
            opened: String::new(),
            base: String::new(),
            acknowledged: None,
            purposes: Vec::new(),
            case: None,
            rest: toml::Table::new(),
            companion: None,
            identity: None,
            extension: None,
            answer: None,
            closed: None,
            pauses: Vec::new(),
            told: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// Where it is in the main tree.
    pub fn path(&self) -> String {
        self.reference.path_in(DIR)
    }

    /// The time zone of its days.
    pub fn zone(&self) -> Result<Zone> {
        self.zone.parse::<Zone>().map_err(|e| e.at(self.path()))
    }

    pub fn state(&self) -> State {
        match () {
            () if self.closed.is_some() => State::Closed,
            () if self.answer.is_some() => State::Answered,
            () if self.pauses.last().is_some_and(|pause| pause.to.is_none()) => State::Paused,
            () => State::Open,
        }
    }

    /// Reads an entry and checks that it belongs where it is.
    pub fn parse(path: &str, text: &str) -> Result<Request> {
        let request: Request = super::register::parse(path, text)?;
        if request.path() != path {
            return Err(Error::failed("the entry names another request than its file")
                .at(path)
                .hint("`git log -- PATH` shows who changed it"));
        }
        Ok(request)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An access request that was received on 1 January 2026.
    pub fn request() -> Request {
        let reference = Reference::new(2026, 1, "4f7c").unwrap();
        let received = "2026-01-01".parse().unwrap();
        Request {
            contact: Some(ContactId::random()),
            ..Request::new(reference, Kind::Access, Channel::Email, Zone::default(), received)
        }
    }

    #[test]
    fn an_entry_reads_back_with_keys_that_nobody_knows() {
        let mut one = request();
        one.rest.insert("x-file-number".into(), toml::Value::Integer(7));
        one.pauses.push(Pause {
            from: "2026-01-02".parse().unwrap(),
            to: None,
            reason: PauseReason::Identity,
        });
        one.kept.push(Kept { what: "companion".into(), ground: "Art. 5(2)".into(), until: None });
        let text = crate::domain::register::to_toml(&one).unwrap();
        assert_eq!(Request::parse(&one.path(), &text).unwrap(), one);
        assert!(Request::parse("registers/requests/2026-002-4f7c.toml", &text).is_err());
    }
}
