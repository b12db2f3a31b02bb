//! The access trail: who read, when, what for. Never what.

use serde::Serialize;

use super::{Bar, Facts, PurposeName, action, bars, by_size, month, short_commit};
use crate::reports::pictures::Calendar;
use crate::reports::trails::Step;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub total: usize,
    pub calendar: Calendar,
    pub by_month: Vec<Bar>,
    pub by_member: Vec<Bar>,
    pub by_action: Vec<Bar>,
    pub by_purpose: Vec<Bar>,
    /// Months that the firm keeps access chains.
    pub retention: u32,
}

/// One read.
#[derive(Debug)]
pub struct Row {
    pub time: i64,
    pub member: Option<String>,
    pub action: String,
    /// How many contacts, where the entry says so.
    pub count: Option<usize>,
    /// The first contact's short id, where the entry names contacts.
    pub contact: Option<String>,
    pub purposes: Vec<PurposeName>,
    pub commit: String,
}

/// One line of the trail.
pub fn row(facts: &Facts, step: &Step) -> Row {
    let named = step.contacts.len();
    Row {
        time: step.time,
        member: step.member.as_ref().map(ToString::to_string),
        action: action(step),
        count: step.count.or((named > 0).then_some(named)),
        contact: step.contacts.first().map(|id| id.short().to_owned()),
        purposes: step.entry.iter().flat_map(|e| &e.purposes).map(|p| facts.purpose(Some(p))).collect(),
        commit: short_commit(step.commit),
    }
}

pub fn view(facts: &Facts) -> View {
    let steps = &facts.trails.accesses;
    let plain = |key: &Option<String>| (key.clone(), None);
    let mut by_month = bars(steps.iter(), |s| vec![Some(month(s.time))], plain);
    by_month.reverse();
    View {
        total: steps.len(),
        calendar: Calendar::of(steps.iter().map(|s| s.time), facts.now),
        by_month,
        by_member: by_size(bars(steps.iter(), |s| vec![s.member.as_ref().map(ToString::to_string)], plain)),
        by_action: by_size(bars(steps.iter(), |s| vec![Some(action(s))], plain)),
        by_purpose: by_size(bars(
            steps.iter(),
            |s| match s.entry.as_ref().map(|e| &e.purposes[..]) {
                None | Some([]) => vec![None],
                Some(purposes) => purposes.iter().map(Some).collect(),
            },
            |slug| (None, Some(facts.purpose(*slug))),
        )),
        retention: facts.settings.retention.access_months,
    }
}
