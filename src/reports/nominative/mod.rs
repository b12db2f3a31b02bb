//! Named pages: every contact under one purpose, with what it is held on. Never part of the site.
//!
//! This is the one part of the reports that shows who somebody is, so it has a template of its own, marks each page as
//! confidential, and goes only where git would not track it (`place`).

mod gather;
mod pages;
mod place;

use serde::Serialize;

pub use gather::{Listed, gather};
pub use pages::{View, write};
pub use place::target;

/// One contact, as the template sees it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Person {
    pub name: String,
    /// Where a person works; none for an organisation.
    pub org: Option<String>,
    /// Beginning of its id.
    pub id: String,
    pub book: String,
    /// `person` or `organisation`.
    pub kind: &'static str,
    pub bases: Vec<Held>,
    pub consents: Vec<Said>,
    pub objections: Vec<Objection>,
    /// Whether what may be done with its data is restricted (Art. 18).
    pub restricted: bool,
    /// Channels on which it may be reached for this purpose today.
    pub reach: Vec<&'static str>,
}

/// A legal basis that it is held on for this purpose.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Held {
    /// Code; its word is `label(of="basis")`.
    pub basis: String,
    /// Midnight UTC or the moment, in seconds since 1970; none where the contact does not say.
    pub since: Option<i64>,
    pub until: Option<i64>,
    pub ended: bool,
}

/// Where it stands on a channel.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Said {
    /// `any` where one event decides for all four.
    pub channel: &'static str,
    /// `asked`, `granted`, `refused`, `withdrawn` or `expired`.
    pub state: &'static str,
    pub since: Option<i64>,
    pub expires: Option<i64>,
    /// Id of the event: `carnet consent prove` writes its proof.
    pub proof: String,
    /// Beginning of the SHA-256 of the evidence that is kept with it.
    pub evidence: Option<String>,
}

/// An objection that stands (Art. 21).
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Objection {
    /// `any` for every channel.
    pub channel: &'static str,
    pub since: Option<i64>,
    /// `contact`: its own entry; `list`: an address or number is on the opposition list; `key`: another key says no.
    pub by: &'static str,
    /// Id of its own entry.
    pub id: Option<String>,
}
