//! The audit: what the registers declare against what is. Reads everything that this member can open and changes
//! nothing; what it shows of contacts is ids and counts, so it is no read of named data.

mod contacts;
mod deadlines;
mod look;
mod people;
mod records;

use chrono::{Days, NaiveDate};

use super::{Snapshot, Vault};
use crate::domain::audit::{Audit, Duty, Finding};
use crate::domain::facet::Facet;
use crate::domain::ids::Slug;
use crate::error::Result;

/// Days ahead from which something that will be due is a warning.
const SOON: u64 = 30;

/// Audit and agenda come from one reading.
pub struct Surveyed {
    pub audit: Audit,
    /// By day, what is late first.
    pub duties: Vec<Duty>,
}

/// What else is made of the contacts while the audit has them open.
pub trait Pass: Sync {
    /// What comes out of one contact; nothing that says who it is.
    type Found: Send;

    /// Looks at one contact, on whichever core.
    fn look(&self, facet: Facet) -> Self::Found;

    /// Whether contacts that are what they were need not be opened again (`vault::facets`); an audit opens each.
    fn may_remember(&self) -> bool {
        false
    }

    /// Takes what came out, or why the contact does not open, in order of book and id; an error ends the pass.
    fn take(&mut self, book: &Slug, found: Result<Self::Found>) -> Result<()>;
}

/// Nothing else.
struct AuditOnly;

impl Pass for AuditOnly {
    type Found = ();

    fn look(&self, _: Facet) {}

    fn take(&mut self, _: &Slug, _: Result<()>) -> Result<()> {
        Ok(())
    }
}

/// What both parts of the reading write to.
struct Notes {
    today: NaiveDate,
    /// The last day that is asked about.
    horizon: NaiveDate,
    audit: Audit,
    duties: Vec<Duty>,
}

impl Notes {
    /// A duty, where it is due within the time that is asked about.
    fn duty(
        &mut self,
        due: NaiveDate,
        of: (&'static str, &'static str),
        place: impl Into<String>,
        what: impl Into<String>,
        command: impl Into<String>,
    ) {
        if due <= self.horizon {
            self.duties.push(Duty::new(self.today, due, of, place, what, command));
        }
    }

    /// An entry that can be read; another one is a finding, and the audit goes on.
    fn readable<T>(&mut self, path: &str, entry: Result<T>) -> Option<T> {
        entry
            .map_err(|e| {
                let found = Finding::error("unreadable-record", "Art. 5(2)", path, e.to_string());
                self.audit.findings.push(found.mend(format!("git log -p -- {path}")));
            })
            .ok()
    }

    /// Whether a day is near.
    fn is_soon(&self, day: NaiveDate) -> bool {
        self.today.checked_add_days(Days::new(SOON)).is_some_and(|soon| day <= soon)
    }
}

impl Vault {
    /// Compares registers and reality, and collects what is due within `days`.
    pub fn survey(&self, at: Snapshot, days: u32) -> Result<Surveyed> {
        self.survey_with(at, days, &mut AuditOnly)
    }

    /// The same, while `also` makes its own of each contact: all are opened once for both.
    pub fn survey_with<P: Pass>(&self, at: Snapshot, days: u32, also: &mut P) -> Result<Surveyed> {
        let today = self.day();
        let horizon = today.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX);
        let mut notes = Notes { today, horizon, audit: Audit::default(), duties: Vec::new() };
        let purposes = self.audit_records(at, &mut notes)?;
        self.audit_people(at, &mut notes)?;
        self.audit_requests(at, &mut notes)?;
        self.audit_breaches(at, &mut notes)?;
        self.audit_contacts(at, &purposes, &mut notes, also)?;
        let audit = &mut notes.audit;
        for (what, why) in [
            ("signatures and history", "`carnet verify` checks them"),
            ("whether what the registers say is true", "a person has to"),
            ("data outside this repository", "exports, e-mail, paper"),
        ] {
            audit.not_checked.push(format!("{what} ({why})"));
        }
        audit.findings.sort();
        notes.duties.sort();
        Ok(Surveyed { audit: notes.audit, duties: notes.duties })
    }
}
