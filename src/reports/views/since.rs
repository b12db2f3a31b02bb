//! What changed since the registers were last reviewed, in counts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Facts, date};
use crate::reports::pages::table::file_of;

#[derive(Debug, Serialize)]
pub struct Since {
    /// The last review of a purpose or a processor; midnight UTC in seconds since 1970.
    pub day: i64,
    /// Registers that changed, with how many changes.
    pub changes: Vec<Changed>,
}

#[derive(Debug, Serialize)]
pub struct Changed {
    /// Code of the page that shows the register.
    pub page: &'static str,
    pub file: &'static str,
    pub changes: usize,
}

/// The page that shows what an action changed.
pub fn page_of(action: &str) -> &'static str {
    match action.split('-').next().unwrap_or_default() {
        "purpose" => "processing",
        "processor" => "processors",
        "consent" | "object" => "consent",
        "wording" => "wordings",
        "request" => "requests",
        "breach" => "breaches",
        "erase" => "erasures",
        "retention" => "retention",
        "training" | "agreement" => "trainings",
        "member" | "book" | "add" | "edit" | "import" | "merge" | "tag" | "log" | "todo" => "books",
        "organisation" => "home",
        _ => "changes",
    }
}

/// The last review that the registers record, and what was changed after that day.
pub fn since(facts: &Facts) -> Option<Since> {
    let purposes = facts.records.iter().map(|r| r.purpose.reviewed.as_ref());
    let processors = facts.registers.processors.iter().map(|p| p.record.reviewed.as_ref());
    let day = purposes.chain(processors).filter_map(date).filter(|day| *day <= facts.now).max()?;
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for step in facts.trails.changes.iter().filter(|step| step.time >= day + 86_400) {
        let page = step.entry.as_ref().map_or("changes", |entry| page_of(&entry.action));
        *counts.entry(page).or_default() += 1;
    }
    let mut changes: Vec<Changed> =
        counts.into_iter().map(|(page, changes)| Changed { page, file: file_of(page), changes }).collect();
    changes.sort_by_key(|c| std::cmp::Reverse(c.changes));
    Some(Since { day, changes })
}
