//! The erasure ledger (Art. 17): pseudonymous, never the name.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Bar, Facts};
use crate::reports::cites::Cite;
use crate::reports::moment;

/// The scope that `carnet erase` writes, which the site says in its own language.
const WHOLE: &str = "contact file, its key and every earlier version";

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub total: usize,
    /// Erasures that some known clone has not confirmed.
    pub waiting: usize,
    pub by_trigger: Vec<Bar>,
    pub by_year: Vec<Bar>,
    /// Newest first.
    pub rows: Vec<Row>,
}

/// One erasure.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    pub time: i64,
    pub contact: String,
    pub book: String,
    pub trigger: String,
    pub request: Option<String>,
    /// The code `whole`, or what the ledger says.
    pub scope: String,
    pub versions: usize,
    /// The erasure commit, where history has it.
    pub commit: Option<Cite>,
    /// Whether the contact's file is in a book all the same: a merge brought it back.
    pub still_there: bool,
    /// Clones that destroyed the keys, and those that are known and have not said so.
    pub confirmed: Vec<Clone>,
    pub pending: Vec<Clone>,
    /// The chains of that time may be gone, so that who confirmed is not known any more.
    pub beyond_trail: bool,
    /// Whether every known clone has confirmed, so that a certificate leaves nothing open.
    pub everywhere: bool,
    /// What is kept, on which ground, until when.
    pub kept: Option<Kept>,
}

/// A clone by its id, whose it is, and since when it has confirmed or is waited for.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Clone {
    pub clone: String,
    pub member: String,
    pub time: i64,
}

/// An entry of the opposition list that outlives the erasure.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Kept {
    pub entries: usize,
    pub ground: String,
    pub until: Option<i64>,
}

pub fn view(facts: &Facts) -> View {
    let at = |text: &str| moment::start_of_text(text).unwrap_or_default();
    let mut rows: Vec<Row> = facts
        .erasures
        .iter()
        .map(|standing| (standing, &standing.line))
        .map(|(standing, line)| Row {
            confirmed: standing
                .confirmed
                .iter()
                .map(|c| Clone { clone: c.clone.clone(), member: c.member.clone(), time: at(&c.time) })
                .collect(),
            pending: standing
                .pending
                .iter()
                .map(|p| Clone { clone: p.clone.clone(), member: p.member.clone(), time: at(&p.since) })
                .collect(),
            beyond_trail: standing.beyond_trail,
            everywhere: standing.pending.is_empty()
                && standing.removed.is_empty()
                && !standing.beyond_trail
                && !standing.confirmed.is_empty(),
            kept: line.kept.as_ref().map(|kept| Kept {
                entries: kept.entries,
                ground: kept.ground.clone(),
                until: moment::start_of_text(&kept.until),
            }),
            time: moment::start_of_text(&line.time).unwrap_or_default(),
            contact: line.contact.short().to_owned(),
            book: line.book.to_string(),
            trigger: line.trigger.as_str().to_owned(),
            request: line.request.clone(),
            scope: if line.scope == WHOLE { "whole".to_owned() } else { line.scope.clone() },
            versions: line.versions,
            commit: facts.cites.erasure(&facts.trails, &line.contact),
            still_there: facts.figures.erased_but_there.contains(&line.contact),
        })
        .collect();
    rows.reverse();
    let mut by_year = count(&rows, |row| super::month(row.time).chars().take(4).collect());
    by_year.reverse();
    View {
        waiting: rows.iter().filter(|r| !r.pending.is_empty()).count(),
        total: rows.len(),
        by_trigger: count(&rows, |row| row.trigger.clone()),
        by_year,
        rows,
    }
}

fn count(rows: &[Row], key: impl Fn(&Row) -> String) -> Vec<Bar> {
    let mut counts: BTreeMap<String, (usize, i64)> = BTreeMap::new();
    for row in rows {
        let (entries, last) = counts.entry(key(row)).or_insert((0, i64::MIN));
        *entries += 1;
        *last = (*last).max(row.time);
    }
    let most = counts.values().map(|c| c.0).max().unwrap_or(0).max(1);
    let bar = |(key, (entries, last)): (String, (usize, i64))| Bar {
        key: Some(key),
        purpose: None,
        entries,
        length: (entries * 100).div_ceil(most),
        last,
    };
    counts.into_iter().map(bar).collect()
}
