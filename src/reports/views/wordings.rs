//! Wordings: each text that persons were shown, word for word, with its hash and how many consents name it.

use serde::Serialize;

use super::Facts;
use super::consent::{self, Counts};
use crate::domain::moment;
use crate::reports::cites::Cite;
use crate::reports::figures::Worded;
use crate::reports::small::Count;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub rows: Vec<Row>,
    /// Events whose wording the register does not have, and granted consents that name none.
    pub other: Count,
    pub none: Count,
}

/// One text at one version.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    pub slug: String,
    pub number: u32,
    pub version: String,
    pub lang: &'static str,
    pub sha256: String,
    /// Valid from: the day that it was added, in seconds since 1970.
    pub added: Option<i64>,
    /// Whether it is the newest text under its slug and in its language.
    pub newest: bool,
    pub unaltered: bool,
    pub paragraphs: Vec<String>,
    /// Consent events that name it.
    #[serde(flatten)]
    pub tally: Counts,
    pub events: Count,
    /// Its last change.
    pub changed: Option<Cite>,
}

pub fn view(facts: &Facts) -> View {
    let held = &facts.registers.wordings;
    let row = |one: &crate::vault::wordings::Held| {
        let tally = sum(facts, &Worded::Known(one.wording.sha256.clone()));
        let later = |other: &&crate::vault::wordings::Held| {
            other.slug == one.slug && other.wording.lang == one.wording.lang && other.number > one.number
        };
        Row {
            slug: one.slug.to_string(),
            number: one.number,
            version: one.wording.version.clone(),
            lang: one.wording.lang.as_str(),
            sha256: one.wording.sha256.clone(),
            added: moment::start_of_text(&one.wording.added),
            newest: held.iter().find(later).is_none(),
            unaltered: one.unaltered,
            paragraphs: one
                .text
                .split("\n\n")
                .map(str::trim)
                .filter(|p| !p.is_empty())
                .map(str::to_owned)
                .collect(),
            tally,
            events: tally.total(),
            changed: facts.cites.register(&facts.trails, &format!("wordings/{}/{}", one.slug, one.number)),
        }
    };
    View { rows: held.iter().map(row).collect(), other: other(facts), none: consent::without_wording(facts) }
}

/// Events whose wording the register does not have.
pub fn other(facts: &Facts) -> Count {
    sum(facts, &Worded::Other).total()
}

fn sum(facts: &Facts, wanted: &Worded) -> Counts {
    let of = facts.figures.worded.iter().filter(|((.., worded), _)| worded == wanted);
    Counts::sum(of.map(|(_, tally)| Counts::of(tally, facts.small)))
}
