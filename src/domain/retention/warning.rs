//! The record of a warning: `registers/retention/<day>-<random>.toml` (docs/format.md, "Retention").
//!
//! One file a warning, so that two clones that warn at the same time never conflict. Ids and days only.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::judge::Action;
use crate::domain::ids::{ContactId, Slug};

/// Where warnings are in the main tree.
pub const DIR: &str = "registers/retention";

/// What was warned of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The purpose's basis ends; the contact stays.
    End,
    Erase,
    Archive,
}

impl What {
    pub fn as_str(self) -> &'static str {
        match self {
            What::End => "end",
            What::Erase => "erase",
            What::Archive => "archive",
        }
    }
}

/// One thing that a warning is about. Another day, because something happened meanwhile, is another thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Matter {
    pub purpose: Slug,
    pub what: What,
    /// The last day of the period.
    pub ends: NaiveDate,
}

impl Action {
    /// What is to be warned of; several where several bases end.
    pub fn matters(&self) -> Vec<Matter> {
        let one = |purpose: &Slug, what, ends: &NaiveDate| {
            vec![Matter { purpose: purpose.clone(), what, ends: *ends }]
        };
        match self {
            Action::Nothing => Vec::new(),
            Action::End { purposes } => purposes
                .iter()
                .map(|(purpose, _, ends)| Matter { purpose: purpose.clone(), what: What::End, ends: *ends })
                .collect(),
            Action::Erase { purpose, ends, .. } | Action::EraseArchived { purpose, ends } => {
                one(purpose, What::Erase, ends)
            }
            Action::Archive { purpose, ends, .. } => one(purpose, What::Archive, ends),
        }
    }
}

/// One warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// RFC 3339, UTC.
    pub time: String,
    /// Handle of the member who gave it.
    pub by: Slug,
    /// The last day of the grace period: nothing is done on it or before it.
    pub grace: NaiveDate,
    #[serde(default)]
    pub warned: Vec<Group>,
}

/// Contacts with one and the same thing ahead of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub purpose: Slug,
    pub what: What,
    pub ends: NaiveDate,
    pub contacts: Vec<ContactId>,
}

impl Warning {
    /// A warning about contacts, grouped and in order.
    pub fn new(time: String, by: Slug, grace: NaiveDate, about: Vec<(ContactId, Matter)>) -> Warning {
        let mut groups: BTreeMap<Matter, Vec<ContactId>> = BTreeMap::new();
        for (id, matter) in about {
            groups.entry(matter).or_default().push(id);
        }
        let warned = groups.into_iter().map(|(matter, mut contacts)| {
            contacts.sort();
            Group { purpose: matter.purpose, what: matter.what, ends: matter.ends, contacts }
        });
        Warning { time, by, grace, warned: warned.collect() }
    }
}

/// All warnings that were given: of each contact and matter, the last day of the earliest grace period.
#[derive(Clone, Debug, Default)]
pub struct Warnings(HashMap<(ContactId, Matter), NaiveDate>);

impl Warnings {
    pub fn add(&mut self, warning: Warning) {
        for group in warning.warned {
            let matter = Matter { purpose: group.purpose, what: group.what, ends: group.ends };
            for id in group.contacts {
                let grace = self.0.entry((id, matter.clone())).or_insert(warning.grace);
                *grace = (*grace).min(warning.grace);
            }
        }
    }

    /// The last day of grace for everything that an action is about; none while some of it was never warned of.
    pub fn grace(&self, id: &ContactId, action: &Action) -> Option<NaiveDate> {
        let matters = action.matters();
        let graces: Option<Vec<NaiveDate>> =
            matters.into_iter().map(|matter| self.0.get(&(id.clone(), matter)).copied()).collect();
        graces?.into_iter().max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::register;

    #[test]
    fn a_warning_reads_back_and_counts_for_its_own_day_alone() {
        let (id, purpose): (ContactId, Slug) = (ContactId::random(), "prospects".parse().unwrap());
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let erase = |ends: &str| Action::Erase { purpose: purpose.clone(), rule: 0, ends: day(ends) };
        let about = erase("2026-10-31").matters().into_iter().map(|m| (id.clone(), m)).collect();
        let warning =
            Warning::new("2026-11-23T10:00:00Z".into(), "ana".parse().unwrap(), day("2026-12-23"), about);
        let text = register::to_toml(&warning).unwrap();
        assert_eq!(register::parse::<Warning>("x", &text).unwrap(), warning);
        let mut all = Warnings::default();
        all.add(Warning { grace: day("2027-01-31"), ..warning.clone() });
        all.add(warning);
        assert_eq!(all.grace(&id, &erase("2026-10-31")), Some(day("2026-12-23")));
        assert_eq!(all.grace(&id, &erase("2026-11-30")), None);
        let archive = Action::Archive {
            purpose: purpose.clone(),
            rule: 0,
            ends: day("2026-10-31"),
            until: day("2030-01-01"),
        };
        assert_eq!(all.grace(&id, &archive), None);
        assert_eq!(all.grace(&ContactId::random(), &erase("2026-10-31")), None);
    }
}
