//! The register of rights requests (Art. 12 and 15 to 21 GDPR): one plain file a request, and what may happen to it.
//!
//! `registers/requests/<ref>.toml` holds codes, days and pseudonymous ids only (docs/format.md, "Rights requests"). Who
//! wrote, for whom, and every free text is in a sealed companion. Each change is checked here: nothing in the future,
//! nothing before the receipt, one answer.

pub mod deadline;
pub mod ground;
pub mod private;
pub mod reference;

mod steps;

use serde::{Deserialize, Serialize};

use super::ids::{ContactId, RecordId, Slug};
use super::zone::{Day, Zone};
use crate::error::{Error, Result};

pub use deadline::Standing;
pub use ground::Ground;
pub use reference::Reference;

/// Where the register is in the main tree.
pub const DIR: &str = "registers/requests";

/// Which right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Art. 15
    Access,
    /// Art. 16
    Rectification,
    /// Art. 17
    Erasure,
    /// Art. 18
    Restriction,
    /// Art. 20
    Portability,
    /// Art. 21
    Objection,
}

impl Kind {
    pub const ALL: [Kind; 6] = [
        Kind::Access,
        Kind::Rectification,
        Kind::Erasure,
        Kind::Restriction,
        Kind::Portability,
        Kind::Objection,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Access => "access",
            Kind::Rectification => "rectification",
            Kind::Erasure => "erasure",
            Kind::Restriction => "restriction",
            Kind::Portability => "portability",
            Kind::Objection => "objection",
        }
    }

    /// The article of the right.
    pub fn article(self) -> &'static str {
        match self {
            Kind::Access => "15",
            Kind::Rectification => "16",
            Kind::Erasure => "17",
            Kind::Restriction => "18",
            Kind::Portability => "20",
            Kind::Objection => "21",
        }
    }
}

/// The way that a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    Email,
    Post,
    Phone,
    /// A form on a web site.
    Form,
    /// By word of mouth, face to face.
    InPerson,
    Other,
}

/// Why the firm had to ask back, which stops the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum PauseReason {
    /// Reasonable doubt about who asks (Art. 12(6)).
    Identity,
    /// What is asked for is not clear, and the firm holds much about the person (recital 63).
    Clarification,
}

/// Why there is reasonable doubt about who asks (Art. 12(6)); without one, nobody's identity is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// Written from an address or a number that the contact does not have.
    UnknownAddress,
    /// Several contacts could be meant.
    SeveralPersons,
    /// Somebody asks for another person, and the mandate is missing or unclear.
    Mandate,
    /// What the request says contradicts what is known.
    Contradiction,
}

/// What came of the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    Confirmed,
    NotConfirmed,
}

/// Why two further months are needed (Art. 12(3)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ExtensionReason {
    /// The request is complex.
    Complexity,
    /// The number of requests.
    Number,
}

/// The four cases of restriction (Art. 18(1)(a) to (d)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum RestrictionCase {
    /// (a) The person contests that the data is accurate.
    Accuracy,
    /// (b) The processing is unlawful, and the person wants no erasure.
    Unlawful,
    /// (c) The person needs the data for legal claims.
    Claims,
    /// (d) The person has objected, and it is not decided yet.
    Objection,
}

impl RestrictionCase {
    pub fn as_str(self) -> &'static str {
        match self {
            RestrictionCase::Accuracy => "accuracy",
            RestrictionCase::Unlawful => "unlawful",
            RestrictionCase::Claims => "claims",
            RestrictionCase::Objection => "objection",
        }
    }
}

/// What the firm decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    Granted,
    /// Granted, with something left out.
    Partly,
    Refused,
    /// Nothing is held about the person.
    NoData,
    /// The person's contact was erased before the request was answered.
    AlreadyErased,
}

impl Decision {
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Granted => "granted",
            Decision::Partly => "partly",
            Decision::Refused => "refused",
            Decision::NoData => "no-data",
            Decision::AlreadyErased => "already-erased",
        }
    }
}

/// Why a request was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Closing {
    Answered,
    /// The person took the request back.
    Withdrawn,
    /// It was entered by mistake, or twice.
    Mistake,
}

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
    /// The time zone of its days.
    pub fn zone(&self) -> Result<Zone> {
        self.zone.parse::<Zone>().map_err(|e| e.at(self.reference.path()))
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
        if request.reference.path() != path {
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
        Request {
            reference: Reference::new(2026, 1, &[1, 2, 3, 4]),
            kind: Kind::Access,
            contact: Some(ContactId::random()),
            channel: Channel::Email,
            zone: "Europe/Paris".into(),
            received: "2026-01-01".parse().unwrap(),
            opened: "2026-01-01T10:00:00Z".into(),
            base: "0".repeat(40),
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
        assert_eq!(Request::parse(&one.reference.path(), &text).unwrap(), one);
        assert!(Request::parse("registers/requests/2026-002-k7mq.toml", &text).is_err());
    }
}
