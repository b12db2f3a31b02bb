//! One processing activity: its record (Art. 30(1)), who processes for it, and what became of it.

use std::sync::Arc;

use serde::Serialize;

use super::consent::{ChannelRow, Counts};
use super::processing::{self, Record};
use super::processors::{Place, place};
use super::{Facts, PurposeName, retention};
use crate::domain::ids::Slug;
use crate::domain::registers::purpose::CRITERIA;
use crate::reports::cites::Cite;
use crate::reports::small::Count;
use crate::reports::trails::{Step, Told};

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub name: PurposeName,
    #[serde(flatten)]
    pub record: processing::Row,
    /// Contacts on each legal basis.
    pub held: Vec<Held>,
    /// What holds now, by channel.
    pub now: Vec<ChannelRow>,
    /// Wordings of the register that its consents name.
    pub wordings: Vec<Wording>,
    pub processors: Vec<Processor>,
    pub transfer: Vec<Transfer>,
    pub schedule: Vec<retention::Row>,
    pub dpia: Option<Dpia>,
    /// Commits that changed the record, newest first.
    pub history: Vec<Change>,
    /// The commit that made the repository, where no other wrote the record.
    pub made: Option<Cite>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Held {
    pub basis: String,
    pub contacts: Count,
    pub ended: Count,
    /// Whether the record lists the basis.
    pub declared: bool,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Wording {
    pub slug: String,
    pub number: u32,
    pub lang: &'static str,
    pub sha256: String,
    pub events: Count,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Processor {
    pub slug: String,
    /// None where the register of processors has no such entry.
    pub name: Option<String>,
    pub country: Option<Place>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Transfer {
    pub to: String,
    pub country: Place,
    pub safeguard: Option<&'static str>,
}

/// The impact assessment (Art. 35).
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Dpia {
    /// Criteria of WP 248 that are met, as codes of `criterion`; two of them call for an assessment.
    pub criteria: Vec<&'static str>,
    pub needed: Option<bool>,
    pub reason: String,
    pub date: Option<i64>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Change {
    pub action: String,
    pub cite: Cite,
}

/// The file of a purpose's page.
pub fn file_of(slug: &Slug) -> String {
    format!("purpose-{slug}.html")
}

pub fn view(facts: &Facts, record: &Record) -> View {
    let (slug, purpose, figures) = (&record.slug, &record.purpose, &facts.figures);
    let held = figures.held.iter().filter(|((of, _), _)| of.as_ref() == Some(slug));
    let held = held.map(|((_, basis), held)| Held {
        basis: basis.to_string(),
        contacts: facts.small.count(held.contacts),
        ended: facts.small.count(held.ended),
        declared: purpose.bases.contains(basis),
    });
    let now = figures.now.iter().filter(|((of, _), _)| of.as_ref() == Some(slug));
    let now = now.map(|((_, channel), tally)| {
        let tally = Counts::of(tally, facts.small);
        ChannelRow { purpose: facts.purpose(Some(slug)), channel: *channel, total: tally.total(), tally }
    });
    let processor = |name: &Slug| {
        let entry = facts.registers.processors.iter().find(|p| p.name == name.as_str());
        Processor {
            slug: name.to_string(),
            name: entry.map(|p| p.record.name.clone()),
            country: entry.and_then(|p| p.record.country).map(place),
        }
    };
    let criteria = |dpia: &crate::domain::registers::purpose::Dpia| {
        CRITERIA.into_iter().filter(|code| dpia.criteria.iter().any(|c| c == code)).collect()
    };
    let changed = |entry: &&Step| {
        let of = |e: &Arc<Told>| e.action.starts_with("purpose-") && e.purposes.contains(slug);
        entry.entry.as_ref().is_some_and(of)
    };
    View {
        name: facts.purpose(Some(slug)),
        held: held.collect(),
        now: now.collect(),
        wordings: wordings(facts, slug),
        processors: purpose.processors.iter().map(processor).collect(),
        transfer: purpose
            .transfer
            .iter()
            .map(|t| Transfer {
                to: t.to.clone(),
                country: place(t.country),
                safeguard: t.safeguard.map(|s| s.as_str()),
            })
            .collect(),
        schedule: facts
            .retention
            .iter()
            .filter(|line| line.purpose == *slug)
            .map(|line| retention::row(facts, line))
            .collect(),
        dpia: purpose.dpia.as_ref().map(|d| Dpia {
            criteria: criteria(d),
            needed: d.needed,
            reason: d.reason.clone(),
            date: super::date(d.date.as_ref()),
        }),
        history: facts
            .trails
            .changes
            .iter()
            .filter(changed)
            .filter_map(|step| {
                let cite = facts.cites.commit(&facts.trails, step.commit)?;
                Some(Change { action: super::action(step), cite })
            })
            .collect(),
        made: facts.cites.first(&facts.trails),
        record: processing::row(facts, record),
    }
}

fn wordings(facts: &Facts, slug: &Slug) -> Vec<Wording> {
    use crate::reports::figures::Worded;
    let events = |sha256: &str| -> Count {
        let worded = facts.figures.worded.iter();
        let of = worded.filter(|((purpose, _, worded), _)| {
            purpose.as_ref() == Some(slug) && matches!(worded, Worded::Known(hash) if hash == sha256)
        });
        Count::sum(of.map(|(_, tally)| Counts::of(tally, facts.small).total()))
    };
    let held = facts.registers.wordings.iter().map(|held| Wording {
        slug: held.slug.to_string(),
        number: held.number,
        lang: held.wording.lang.as_str(),
        events: events(&held.wording.sha256),
        sha256: held.wording.sha256.clone(),
    });
    held.filter(|w| w.events != Count::Exact(0)).collect()
}
