//! Retention (Art. 5(1)(e)): what the purposes' rules come to, the warning, and what is done after it.
//!
//! `survey` reads and decides, and changes nothing; `warn` and `apply` are one signed commit each. What the survey
//! shows of contacts is ids and days, so it is no read of named data.

mod apply;
mod survey;
mod warn;

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::Snapshot;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::retention::judge::{Action, Rules};
use crate::domain::retention::{Notice, Rule};
use crate::store::Oid;

pub use apply::{Applied, Foreseen};
pub use survey::{Counting, Judged};
pub use warn::Warned;

/// Why nothing is done with a contact although its time is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Art. 18(2): restricted data may be stored and nothing else.
    Restricted,
    /// Art. 21: an address or number of it is not on the opposition list, so that the objection would be lost.
    Objection,
    /// A rights request of the person is open.
    Request(String),
    /// The book of the archive is not there, or not this member's.
    NoArchive(Slug),
}

impl Block {
    /// One sentence for people.
    pub fn why(&self) -> String {
        match self {
            Block::Restricted => "its processing is restricted (Art. 18)".into(),
            Block::Objection => "its objection (Art. 21) would be lost with it".into(),
            Block::Request(reference) => format!("request {reference} is open"),
            Block::NoArchive(book) => format!("there is no book `{book}` that you can open"),
        }
    }
    /// The command that mends it.
    pub fn hint(&self) -> String {
        match self {
            Block::Restricted => "lift the restriction first: `carnet edit ID`".into(),
            Block::Objection => "`carnet erase ID --reason retention --keep-opposition`".into(),
            Block::Request(reference) => format!("answer it first: `carnet request show {reference}`"),
            Block::NoArchive(book) => format!("`carnet book add {book} --title Archive`"),
        }
    }
}

/// One contact that something is to be done with.
#[derive(Clone, Debug)]
pub struct Item {
    pub id: ContactId,
    pub book: Slug,
    pub blob: Oid,
    pub action: Action,
    /// False where the period only ends within the time of warning.
    pub is_over: bool,
    pub block: Option<Block>,
    /// The last day of grace, where a warning was given.
    pub grace: Option<NaiveDate>,
}

impl Item {
    /// Whether it may be done on `today`.
    pub fn is_ready(&self, today: NaiveDate) -> bool {
        self.is_over && self.block.is_none() && self.grace.is_some_and(|grace| grace < today)
    }
    /// Whether a warning is still to be given.
    pub fn wants_warning(&self) -> bool {
        self.block.is_none() && self.grace.is_none()
    }
    /// The purposes that the action takes the contact out of.
    pub fn purposes(&self) -> Vec<&Slug> {
        match &self.action {
            Action::Nothing => Vec::new(),
            Action::End { purposes } => purposes.iter().map(|(purpose, ..)| purpose).collect(),
            Action::Erase { purpose, .. }
            | Action::Archive { purpose, .. }
            | Action::EraseArchived { purpose, .. } => vec![purpose],
        }
    }
}

/// One rule, and how many contacts stand where.
#[derive(Clone, Debug)]
pub struct RuleLine {
    pub purpose: Slug,
    /// Its place in the record, from 0.
    pub number: usize,
    pub rule: Rule,
    /// Contacts that it applies to.
    pub applies: usize,
    /// The relationship or the consent goes on.
    pub lasting: usize,
    /// No date is known that it could count from.
    pub undated: usize,
    /// Contacts whose period is over by this rule.
    pub over: usize,
}

/// Everything that was found on one day.
#[derive(Debug)]
pub struct Survey {
    pub at: Snapshot,
    pub today: NaiveDate,
    pub notice: Notice,
    pub rules: Rules,
    pub lines: Vec<RuleLine>,
    pub items: Vec<Item>,
    /// Contacts that were judged.
    pub contacts: usize,
    /// Purposes that contacts have an open basis for and that have no rule for them, with how many.
    pub unruled: Vec<(Slug, usize)>,
    /// Purposes of which every contact would go.
    pub everything: BTreeSet<Slug>,
    /// Contacts without any date that a rule could count from.
    pub undated: Vec<ContactId>,
    /// Contacts that cannot be read, with the reason.
    pub unreadable: Vec<(ContactId, String)>,
    /// Books that this member cannot open.
    pub not_opened: Vec<Slug>,
}

/// Which contacts a command is about; all when empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Only<'a> {
    pub purposes: &'a [Slug],
    /// Purposes that may lose every contact.
    pub everything: &'a [Slug],
}

impl Only<'_> {
    /// Whether an item is meant.
    pub fn means(&self, item: &Item) -> bool {
        self.purposes.is_empty() || item.purposes().iter().any(|p| self.purposes.contains(p))
    }
}
