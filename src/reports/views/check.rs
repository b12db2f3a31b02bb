//! The signed manifest and how to check it: the commands, with this site's own commit.

use serde::Serialize;

use super::Facts;
use crate::reports::audience::Audience;
use crate::reports::since::Start;
use crate::reports::small::Protection;
use crate::reports::templates::Own;
use crate::reports::texts::iso;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    /// Members whose keys may sign, with the full fingerprints that a signature has to show.
    pub signers: Vec<Signer>,
    /// Templates of the firm's own that the pages were made with.
    pub own: Vec<Own>,
    /// Whether these are files of the work tree that no commit may hold: the pages cannot be made again from the commit.
    pub unsaved: bool,
    /// Options of the command that makes the same pages again, beside directory and language; begins with a space.
    pub options: String,
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
        options: options(facts),
    }
}

fn options(facts: &Facts) -> String {
    let mut options = String::new();
    if facts.audience != Audience::default() {
        options.push_str(&format!(" --for {}", facts.audience.as_str()));
    }
    if facts.small == Protection::NONE {
        options.push_str(" --exact");
    }
    match facts.period.start {
        Start::Commit { id, .. } => options.push_str(&format!(" --since {id}")),
        Start::Day(day) => options.push_str(&format!(" --since {}", day_of(day))),
        Start::Review(_) | Start::Beginning => {}
    }
    options
}

/// `YYYY-MM-DD`
fn day_of(seconds: i64) -> String {
    iso(seconds).chars().take(10).collect()
}
