//! The codes of a request: which right, how it came in, why it waits, what was decided.

use serde::{Deserialize, Serialize};

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

impl PauseReason {
    pub fn as_str(self) -> &'static str {
        match self {
            PauseReason::Identity => "identity",
            PauseReason::Clarification => "clarification",
        }
    }
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

impl ExtensionReason {
    pub fn as_str(self) -> &'static str {
        match self {
            ExtensionReason::Complexity => "complexity",
            ExtensionReason::Number => "number",
        }
    }
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
