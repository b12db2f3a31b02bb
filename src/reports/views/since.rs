//! What changed since the registers were last reviewed, in counts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::processing::Record;
use super::{Facts, Registers, date};
use crate::reports::pages::table::file_of;
use crate::reports::since::{DAY, Start};
use crate::reports::trails::Step;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Since {
    /// The last review of a purpose or a processor; midnight UTC in seconds since 1970.
    pub day: i64,
    /// Registers that changed, with how many changes.
    pub changes: Vec<Changed>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Changed {
    /// Code of the page that shows the register.
    pub page: &'static str,
    pub file: &'static str,
    pub changes: usize,
}

/// The page that shows what a step changed.
pub fn page_of(step: &Step) -> &'static str {
    let Some(entry) = &step.entry else { return "changes" };
    match entry.action.split('-').next().unwrap_or_default() {
        "purpose" => "processing",
        "processor" => "processors",
        "consent" | "object" => "consent",
        "wording" => "wordings",
        "request" => "requests",
        "breach" => "breaches",
        "erase" => "erasures",
        "retention" => "retention",
        "training" | "agreement" => "trainings",
        "member" | "book" | "add" | "edit" | "import" | "merge" | "link" | "log" | "todo" | "deal" => "books",
        "organisation" => "home",
        _ => "changes",
    }
}

/// The last review that the registers record by now.
pub fn last_review(records: &[Record], registers: &Registers, now: i64) -> Start {
    let purposes = records.iter().map(|r| r.purpose.reviewed.as_ref());
    let processors = registers.processors.iter().map(|p| p.record.reviewed.as_ref());
    let day = purposes.chain(processors).filter_map(date).filter(|day| *day <= now).max();
    day.map_or(Start::Beginning, Start::Review)
}

/// What was changed after the day of the last review.
pub fn since(facts: &Facts) -> Option<Since> {
    let Start::Review(day) = last_review(&facts.records, &facts.registers, facts.now) else { return None };
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for step in facts.trails.changes.iter().filter(|step| step.time >= day + DAY) {
        *counts.entry(page_of(step)).or_default() += 1;
    }
    let mut changes: Vec<Changed> =
        counts.into_iter().map(|(page, changes)| Changed { page, file: file_of(page), changes }).collect();
    changes.sort_by_key(|c| std::cmp::Reverse(c.changes));
    Some(Since { day, changes })
}
