//! Whom deals concern, by name, and their firms: as far as this member can open the books of these contacts.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::deals::Held;
use super::links::{End, Links, end};
use super::{Snapshot, Vault};
use crate::domain::filter::Pairs;
use crate::domain::stages::Stages;
use crate::error::Result;

/// Contacts of deals.
pub struct People {
    known: HashMap<String, End>,
    links: Links,
    now: DateTime<Utc>,
}

impl People {
    /// Those whom a deal concerns, in its order.
    pub fn of<'a>(&'a self, held: &'a Held) -> impl Iterator<Item = &'a End> {
        held.deal.contacts.iter().filter_map(|id| self.known.get(id.as_str()))
    }

    /// The firm that a deal is with: an organisation among its contacts, else the one that its first contact with a firm
    /// is linked with now.
    pub fn firm(&self, held: &Held) -> Option<End> {
        let own = self.of(held).find(|one| one.organisation).cloned();
        own.or_else(|| {
            self.of(held).find_map(|one| self.links.firms(one.id.as_str(), self.now).into_iter().next())
        })
    }

    /// What a filter over deals asks for.
    pub fn facts(&self, held: &Held, stages: &Stages) -> Pairs {
        let named = |end: &End| format!("{}|{}", end.id, end.name);
        let people: Vec<String> = self.of(held).map(named).collect();
        let firm = self.firm(held).as_ref().map(named);
        held.deal.facts([held.id.as_str(), held.book.as_str()], stages, &people, firm.as_deref())
    }
}

impl Vault {
    /// The contacts of these deals.
    pub fn people_of_deals(&self, at: Snapshot, deals: &[Held]) -> Result<People> {
        let wanted: HashSet<&str> =
            deals.iter().flat_map(|held| &held.deal.contacts).map(|id| id.as_str()).collect();
        let indexes = match wanted.is_empty() {
            true => Vec::new(),
            false => self.indexes(at)?,
        };
        let mut known = HashMap::new();
        for (book, index) in &indexes {
            known.extend(
                index.rows().iter().filter(|row| wanted.contains(row.id)).filter_map(|row| end(book, row)),
            );
        }
        Ok(People { known, links: Links::of(&indexes), now: self.now })
    }
}
