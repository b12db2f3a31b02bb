//! What the pages make of the contacts while the audit has each of them open: figures, and what the rules of retention
//! come to. Neither keeps who somebody is.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::{Against, Counted, Figures};
use crate::domain::facet::Facet;
use crate::domain::ids::Slug;
use crate::domain::lawful::LegalBasis;
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
    /// When the time begins that «what changed» tells of.
    pub since: i64,
    /// Called after each contact that was opened.
    pub step: &'a (dyn Fn() + Sync),
}

impl Pass for Reading<'_> {
    // Of ten thousand contacts at once, only what is counted stays in memory.
    type Found = (Counted, Judged);

    fn look(&self, facet: Facet) -> (Counted, Judged) {
        (self.step)();
        let judged = self.retention.judge(&facet.view);
        (facet.into(), judged)
    }

    fn may_remember(&self) -> bool {
        true
    }

    /// A contact that does not open ends it: figures with some left out would be wrong.
    fn take(&mut self, book: &Slug, found: Result<(Counted, Judged)>) -> Result<()> {
        let (counted, judged) = found?;
        let (now, since) = (self.now, self.since);
        let against = Against { purposes: &self.purposes, wordings: &self.wordings, now, since };
        self.figures.count(&counted, book, &against);
        self.retention.take(&judged);
        Ok(())
    }
}
