//! Where each erasure stands: which clones have confirmed it, and which are known and have not.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::{DateTime, Months};
use serde::Serialize;

use super::confirm::ACTION;
use super::{Snapshot, Vault};
use crate::domain::ids::ContactId;
use crate::domain::moment;
use crate::domain::register::{self, Departure, Erasure};
use crate::domain::trailer;
use crate::error::Result;

/// A clone that confirmed, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confirmation {
    pub clone: String,
    pub member: String,
    /// RFC 3339, UTC.
    pub time: String,
}

/// A clone that is known from the chains and has not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pending {
    pub clone: String,
    pub member: String,
    /// The moment of the erasure, or when the clone was first seen, where that is later.
    pub since: String,
    pub last_seen: String,
}

/// A clone of a member who is out of the repository: it gets no new keys and no news, so it will never confirm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removed {
    pub clone: String,
    pub member: String,
    /// When the member was removed.
    pub removed: String,
    pub last_seen: String,
}

/// Members who were removed and are not back: handle, and when (RFC 3339, UTC).
pub type Leavers = BTreeMap<String, String>;

/// One erasure.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    #[serde(flatten)]
    pub line: Erasure,
    pub confirmed: Vec<Confirmation>,
    pub pending: Vec<Pending>,
    /// Clones of members who are gone and had not confirmed: what they hold is out of reach.
    pub removed: Vec<Removed>,
    /// The chains of that time may have been dropped, so that who confirmed is not known any more.
    pub beyond_trail: bool,
}

/// What the chains say of each clone, entry by entry.
#[derive(Clone, Debug, Default)]
pub struct Clones(BTreeMap<String, Seen>);

impl Clones {
    /// Takes an entry of a member's chain into account; entries may come in any order.
    pub fn note(&mut self, member: &str, time: i64, entry: &trailer::Entry) {
        let Some(clone) = &entry.clone else { return };
        let seen = self.0.entry(clone.clone()).or_insert_with(|| Seen {
            member: member.to_owned(),
            first: time,
            last: time,
            confirmed: BTreeMap::new(),
        });
        seen.first = seen.first.min(time);
        if time >= seen.last {
            seen.last = time;
            member.clone_into(&mut seen.member);
        }
        if entry.action == ACTION {
            for id in &entry.contacts {
                let at = seen.confirmed.entry(id.clone()).or_insert(time);
                *at = (*at).min(time);
            }
        }
    }

    /// Takes what other chains say into account.
    pub fn add(&mut self, other: Clones) {
        for (clone, more) in other.0 {
            match self.0.entry(clone) {
                Entry::Vacant(free) => drop(free.insert(more)),
                Entry::Occupied(mut known) => known.get_mut().add(more),
            }
        }
    }

    /// How erasures stand, in their order; what is older than `oldest` (seconds since 1970) may have left the chains.
    pub fn standings(
        &self,
        lines: impl IntoIterator<Item = Erasure>,
        oldest: i64,
        leavers: &Leavers,
    ) -> Vec<Standing> {
        lines.into_iter().map(|line| standing(line, &self.0, oldest, leavers)).collect()
    }
}

/// What the chains say of one clone.
#[derive(Clone, Debug)]
struct Seen {
    member: String,
    first: i64,
    last: i64,
    confirmed: BTreeMap<ContactId, i64>,
}

impl Seen {
    fn add(&mut self, other: Seen) {
        self.first = self.first.min(other.first);
        if other.last >= self.last {
            self.last = other.last;
            self.member = other.member;
        }
        for (id, time) in other.confirmed {
            let at = self.confirmed.entry(id).or_insert(time);
            *at = (*at).min(time);
        }
    }
}

/// What the chains tell of other clones.
pub(super) struct ClonesBehind {
    pub known: usize,
    pub behind: Vec<(String, String, String)>,
    pub unseen: Vec<String>,
}

impl Vault {
    /// How the erasures in this member's books stand, oldest first; or one of them.
    ///
    /// Only clones that have written an entry which this clone has are known.
    pub fn erasures(&self, at: Snapshot, only: Option<&ContactId>) -> Result<Vec<Standing>> {
        let mine = self.mine(at)?;
        let clones = self.clones_seen()?;
        let oldest = self.oldest_access(at)?;
        let lines = self.ledger(at)?.into_iter();
        let lines = lines.filter(|line| mine.has(&line.book) && only.is_none_or(|id| *id == line.contact));
        Ok(clones.standings(lines, oldest, &self.leavers(at)?))
    }

    /// Who was removed and is not back.
    pub fn leavers(&self, at: Snapshot) -> Result<Leavers> {
        const DEPARTURES: &str = "registers/departures";
        let members = self.policy(at.tree)?.authorization;
        let mut leavers = Leavers::new();
        for file in self.repo.list(at.tree, DEPARTURES)? {
            let path = format!("{DEPARTURES}/{}", file.path);
            let text = String::from_utf8_lossy(&self.repo.blob(file.id)?).into_owned();
            // One that cannot be read takes nobody's confirmation for impossible; `verify` names it.
            let Ok(one) = register::parse::<Departure>(&path, &text) else { continue };
            if one.left && !members.contains_key(one.member.as_str()) {
                let until = leavers.entry(one.member.to_string()).or_default();
                *until = std::mem::take(until).max(one.until);
            }
        }
        Ok(leavers)
    }

    /// The moment before which the rule lets access chains go (seconds since 1970).
    pub fn oldest_access(&self, at: Snapshot) -> Result<i64> {
        let kept = self.settings(at)?.retention.access_months;
        Ok(self.now.checked_sub_months(Months::new(kept)).map_or(i64::MIN, |t| t.timestamp()))
    }

    /// How many other clones are known, those that have not confirmed every erasure of the ledger (clone, member, and
    /// when it was last seen), and the members of whom no clone is known.
    pub(super) fn clones_behind(&self, at: Snapshot) -> Result<ClonesBehind> {
        let own = self.clone_id()?;
        let clones = self.clones_seen()?.0;
        let ledger = self.ledger(at)?;
        let others: Vec<_> = clones.iter().filter(|(clone, _)| **clone != own).collect();
        let lags = |seen: &Seen| ledger.iter().any(|line| !seen.confirmed.contains_key(&line.contact));
        // Who is out of the repository syncs no more: their clone is waited for in vain.
        let leavers = self.leavers(at)?;
        let behind = others.iter().filter(|(_, seen)| lags(seen) && !leavers.contains_key(&seen.member));
        let behind = behind.map(|(clone, seen)| ((*clone).clone(), seen.member.clone(), text(seen.last)));
        let policy = self.policy(at.tree)?;
        let seen = |member: &str| clones.values().any(|seen| seen.member == member);
        let unseen = policy.authorization.keys().filter(|m| **m != *self.me.handle.as_str() && !seen(m));
        Ok(ClonesBehind { known: others.len(), behind: behind.collect(), unseen: unseen.cloned().collect() })
    }

    fn clones_seen(&self) -> Result<Clones> {
        let mut clones = Clones::default();
        self.each_access(|member, time, entry| clones.note(member, time, &entry))?;
        Ok(clones)
    }
}

fn standing(line: Erasure, clones: &BTreeMap<String, Seen>, oldest: i64, leavers: &Leavers) -> Standing {
    let erased = moment::start_of_text(&line.time).unwrap_or_default();
    let (confirmed, pending, removed) = (vec![], vec![], vec![]);
    let mut standing = Standing { line, confirmed, pending, removed, beyond_trail: erased < oldest };
    for (clone, seen) in clones {
        let (clone, member) = (clone.clone(), seen.member.clone());
        match seen.confirmed.get(&standing.line.contact) {
            Some(time) => standing.confirmed.push(Confirmation { clone, member, time: text(*time) }),
            None if standing.beyond_trail => {}
            None if leavers.contains_key(&member) => {
                let removed = leavers.get(&member).cloned().unwrap_or_default();
                standing.removed.push(Removed { clone, member, removed, last_seen: text(seen.last) });
            }
            None => standing.pending.push(Pending {
                clone,
                member,
                since: text(erased.max(seen.first)),
                last_seen: text(seen.last),
            }),
        }
    }
    standing
}

fn text(time: i64) -> String {
    DateTime::from_timestamp(time, 0).map(|t| t.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}
