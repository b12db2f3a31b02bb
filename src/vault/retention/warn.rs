//! The warning: a plain record of ids and days, in one signed commit, from which the grace period runs.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::super::Vault;
use super::{Item, Survey};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::register;
use crate::domain::retention::warning::{DIR, Warning};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;

/// A warning that was recorded.
#[derive(Clone, Debug)]
pub struct Warned {
    pub commit: Oid,
    pub path: String,
    /// The last day on which nothing is done.
    pub grace: NaiveDate,
}

impl Survey {
    /// The last day of grace of a warning that is given now.
    pub fn grace(&self) -> NaiveDate {
        self.today.checked_add_days(Days::new(self.notice.grace_days.into())).unwrap_or(NaiveDate::MAX)
    }
}

impl Vault {
    /// Records that a warning about these contacts was given.
    pub fn warn_of_retention(&self, survey: &Survey, items: &[&Item]) -> Result<Warned> {
        let about: Vec<_> = items
            .iter()
            .flat_map(|item| item.action.matters().into_iter().map(|matter| (item.id.clone(), matter)))
            .collect();
        let purposes: BTreeSet<Slug> = about.iter().map(|(_, matter)| matter.purpose.clone()).collect();
        let contacts: BTreeSet<ContactId> = items.iter().map(|item| item.id.clone()).collect();
        let books: BTreeSet<Slug> = items.iter().map(|item| item.book.clone()).collect();
        let grace = survey.grace();
        let warning = Warning::new(self.now_text(), self.me.handle.clone(), grace, about);
        let text = register::to_toml(&warning)?;
        let path = format!("{DIR}/{}-{}.toml", self.today(), ContactId::random().short());
        let mut entry = Entry::new(format!("retention: warn of {}", contacts.len()), "retention-warn");
        entry.contacts = contacts.into_iter().collect();
        entry.books = books.into_iter().collect();
        entry.purposes = purposes.into_iter().collect();
        let (commit, ()) = self.write(|at, staged| {
            super::survey::still(survey, at)?;
            staged.put(path.clone(), text);
            Ok((entry, ()))
        })?;
        let commit = commit.ok_or_else(|| Error::usage("there is nothing to warn of"))?;
        Ok(Warned { commit, path, grace })
    }
}
