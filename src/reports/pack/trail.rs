//! The history of changes and accesses to one person's data, as the person may read it.
//!
//! When, what and for which purpose: but not which of the firm's people, who are no recipients and have rights of their
//! own (CJEU, 22 June 2023, C-579/21, Pankki S, points 75 and 83).

use std::collections::BTreeMap;

use serde::Serialize;

use super::purposes;
use crate::domain::ids::ContactId;
use crate::domain::organisation::Lang;
use crate::domain::zone::Zone;
use crate::error::Result;
use crate::vault::history::Wanted;
use crate::vault::{Snapshot, Vault};

/// One line.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// RFC 3339, UTC.
    pub time: String,
    /// The firm's wall clock, as the pages' filters take it.
    pub at: i64,
    /// Whether it is a read.
    pub access: bool,
    /// Whether it is a step of a rights request, which changes no data by itself.
    pub request: bool,
    /// Code of what was done.
    pub action: String,
    /// Codes of the fields that changed.
    pub fields: Vec<String>,
    /// Titles of the purposes of a read.
    pub purposes: Vec<String>,
}

impl Line {
    /// `access`, `request` or `change`.
    pub fn kind(&self) -> &'static str {
        match () {
            () if self.access => "access",
            () if self.request => "request",
            () => "change",
        }
    }

    /// The line for machines, without what is for the pages only.
    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "time": self.time,
            "kind": self.kind(),
            "action": self.action,
            "fields": self.fields,
            "purposes": self.purposes,
        })
    }
}

/// The lines, newest first, and how many entries of the trail could not be read; purposes in the language `lang`, or the
/// firm's.
pub fn of(
    vault: &Vault,
    at: Snapshot,
    id: &ContactId,
    zone: Zone,
    (lang, firm): (Lang, Lang),
) -> Result<(Vec<Line>, usize)> {
    let wanted = Wanted { contact: Some(id.clone()), changes: true, accesses: true, limit: None };
    let trail = vault.trail(at, &wanted)?;
    let mut titles: BTreeMap<String, String> = BTreeMap::new();
    let mut lines = Vec::with_capacity(trail.lines.len());
    for line in trail.lines {
        let Some(time) = chrono::DateTime::from_timestamp(line.time, 0) else { continue };
        let mut names = Vec::new();
        for slug in &line.entry.purposes {
            let slug = slug.as_str();
            if !titles.contains_key(slug) {
                titles.insert(slug.to_owned(), purposes::title(vault, at, slug, lang, firm)?);
            }
            names.extend(titles.get(slug).cloned());
        }
        lines.push(Line {
            time: time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            at: zone.wall_seconds(time),
            access: line.is_access,
            request: !line.is_access
                && line.entry.action.starts_with("request-")
                && line.entry.fields.is_empty(),
            action: match line.entry.action.as_str() {
                "" => "git".to_owned(),
                action => action.to_owned(),
            },
            fields: line.entry.fields,
            purposes: names,
        });
    }
    // Chains and the branch are walked together; what was said later stands first whatever chain it is on.
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    Ok((lines, trail.unreadable))
}
