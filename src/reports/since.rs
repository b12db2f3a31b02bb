//! From when on the page «what changed» tells it: as asked for, else since the last review that the registers record.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::templates::{DIR, is_shown};
use super::trails::Step;
use crate::error::{Error, Result};
use crate::store::Oid;
use crate::vault::{Snapshot, Vault};

/// Seconds.
pub const DAY: i64 = 86_400;

/// Where the time begins that is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// After a commit of the branch: what it does not have.
    Commit {
        id: Oid,
        /// Seconds since 1970.
        time: i64,
    },
    /// With a day: its midnight UTC in seconds since 1970.
    Day(i64),
    /// The day after a review; the review's own, as above.
    Review(i64),
    /// There was no review.
    Beginning,
}

impl Start {
    /// The first second that is told of.
    pub fn first(self) -> i64 {
        match self {
            Start::Commit { time, .. } => time.saturating_add(1),
            Start::Day(day) => day,
            Start::Review(day) => day.saturating_add(DAY),
            Start::Beginning => i64::MIN,
        }
    }

    /// What `--since` names: a day (`YYYY-MM-DD`), or a commit of the branch in any way that git understands.
    ///
    /// # Errors
    /// Not found, where it is neither; usage, for a day that is still to come.
    pub fn named(vault: &Vault, at: Snapshot, text: &str) -> Result<Start> {
        if let Ok(day) = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d") {
            let start = day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
            if start > vault.now.timestamp() {
                return Err(Error::usage("that day is still to come")
                    .at("--since")
                    .hint("give a day of the past, such as the day of the last review"));
            }
            return Ok(Start::Day(start));
        }
        let unknown = || {
            Error::not_found("there is no such day and no such commit on the branch")
                .at("--since")
                .hint("give a day such as 2026-01-31, or a commit that `git log --oneline` shows")
        };
        let id = vault.repo.commit_named(text)?.ok_or_else(unknown)?;
        if !vault.repo.contains(at.commit, id)? {
            return Err(unknown());
        }
        Ok(Start::Commit { id, time: vault.repo.commit(id)?.time })
    }
}

/// The time that is told of, with what only git's trees know of it.
#[derive(Debug)]
pub struct Period {
    pub start: Start,
    /// Commits of the period, where it begins with one.
    commits: Option<HashSet<Oid>>,
    /// Templates of the firm's own that came, changed or went.
    pub templates: Vec<Template>,
}

/// What became of one template.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Template {
    pub name: String,
    /// `added`, `changed` or `removed`.
    pub change: &'static str,
}

impl Period {
    pub fn read(vault: &Vault, at: Snapshot, start: Start) -> Result<Period> {
        let (commits, before) = match start {
            Start::Commit { id, .. } => {
                (Some(vault.repo.newer_than(id, at.commit)?), Some(vault.repo.tree_of(id)?))
            }
            Start::Day(day) => (None, vault.snapshot_at(at, day - 1)?.map(|at| at.tree)),
            Start::Review(day) => (None, vault.snapshot_at(at, day + DAY - 1)?.map(|at| at.tree)),
            Start::Beginning => (None, None),
        };
        let changed = vault.repo.changes(before, Some(at.tree), DIR)?.into_iter();
        let templates = changed.filter(|(path, ..)| is_shown(path)).map(|(path, old, new)| Template {
            name: path,
            change: match (old, new) {
                (None, _) => "added",
                (_, None) => "removed",
                _ => "changed",
            },
        });
        Ok(Period { start, commits, templates: templates.collect() })
    }

    /// Whether a change was made in it.
    pub fn holds(&self, step: &Step) -> bool {
        match &self.commits {
            Some(commits) => commits.contains(&step.commit),
            None => step.time >= self.start.first(),
        }
    }
}
