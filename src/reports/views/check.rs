//! The signed manifest and how to check it: the commands, with this site's own commit.

use serde::Serialize;

use super::Facts;
use crate::reports::templates::Own;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    /// Members whose keys may sign, with the full fingerprints that a signature has to show.
    pub signers: Vec<Signer>,
    /// Templates of the firm's own that the pages were made with.
    pub own: Vec<Own>,
    /// Whether these are files of the work tree that no commit may hold: the pages cannot be made again from the commit.
    pub unsaved: bool,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Signer {
    pub handle: String,
    pub fingerprint: String,
}

pub fn view(facts: &Facts) -> View {
    let signers = facts.registers.members.iter().filter(|m| m.signs);
    View {
        signers: signers
            .map(|m| Signer { handle: m.member.to_string(), fingerprint: m.key.clone() })
            .collect(),
        own: facts.templates.own(),
        unsaved: facts.templates.unsaved && facts.templates.any(),
    }
}
