//! What the pages make of the contacts while the audit has each of them open: figures, and what the rules of retention
//! come to. Neither keeps who somebody is.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::{Against, Facet, Figures};
use crate::domain::contact::Contact;
use crate::domain::ids::Slug;
use crate::domain::lawful::LegalBasis;
use crate::domain::retention::view::View;
use crate::error::Result;
use crate::vault::audit::Pass;
use crate::vault::retention::{Counting, Judged};

/// The pages' part of the one pass over all contacts.
pub struct Reading<'a> {
    pub figures: Figures,
    pub purposes: BTreeMap<Slug, Vec<LegalBasis>>,
    pub wordings: BTreeSet<String>,
    pub retention: Counting,
    /// Seconds since 1970.
    pub now: i64,
    /// Called after each contact that was opened.
    pub step: &'a (dyn Fn() + Sync),
}

impl Pass for Reading<'_> {
    // Of ten thousand contacts at once, only what is counted stays in memory.
    type Found = (Facet, Judged);

    fn look(&self, contact: Contact, view: &View) -> (Facet, Judged) {
        (self.step)();
        (contact.into(), self.retention.judge(view))
    }

    /// A contact that does not open ends it: figures with some left out would be wrong.
    fn take(&mut self, book: &Slug, found: Result<(Facet, Judged)>) -> Result<()> {
        let (facet, judged) = found?;
        let against = Against { purposes: &self.purposes, wordings: &self.wordings, now: self.now };
        self.figures.count(&facet, book, &against);
        self.retention.take(&judged);
        Ok(())
    }
}
