//! The information that persons get when their data is collected (Art. 13), or was collected elsewhere (Art. 14).
//!
//! Everything in it comes from the registers and the catalogue of phrases. What the registers do not say is named, and
//! then there is no text at all: a notice with a hole in it would be one that breaks the law.

mod build;
mod check;
pub(super) mod phrases;
mod render;
pub(super) mod retention;

use serde::Serialize;

use crate::domain::organisation::{Lang, Organisation};
use crate::domain::registers::processor::Processor;
use crate::domain::registers::purpose::Purpose;

pub use build::build;
pub use check::{findings, of_purpose};
pub use render::{Format, render};

/// What a notice is made from.
pub struct Facts<'a> {
    pub organisation: &'a Organisation,
    /// The language that the registers are written in.
    pub firm_lang: Lang,
    pub slug: &'a str,
    pub purpose: &'a Purpose,
    /// The processors that the purpose names; none where the register has no such entry.
    pub processors: Vec<(String, Option<Processor>)>,
    /// Seconds since 1970.
    pub now: i64,
}

/// A notice, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// `en` or `fr`.
    pub lang: &'static str,
    pub title: String,
    pub sections: Vec<Section>,
    pub version: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    pub heading: String,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Block {
    Text(String),
    List(Vec<String>),
}

/// Something that the registers do not say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Missing {
    /// The file.
    pub place: String,
    /// The key.
    pub key: String,
    /// A command that says it.
    pub command: String,
}
