//! Confirmations: each clone says in its member's access chain that it has destroyed the keys of an erasure.
//!
//! A clone has a random id, made on first need, in `.git/carnet/clone`; its entries carry it (`Carnet-Clone`), so
//! that the others know which clones there are. A copy of a clone, or a backup of it, has the same id.

use std::collections::{BTreeSet, HashSet};
use std::io::Write;

use super::recover::owner_of_key;
use super::{Snapshot, Vault};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::objection::is_hex;
use crate::domain::register::Erasure;
use crate::domain::trailer::Entry;
use crate::error::Result;
use crate::store::chain::ACCESS_REFS;
use crate::store::{Oid, lock};

/// The action of a confirmation.
pub const ACTION: &str = "erase-confirm";

/// How many erasures one entry confirms.
const BATCH: usize = 500;

impl Vault {
    /// The id of this clone: 16 hex digits.
    pub fn clone_id(&self) -> Result<String> {
        let path = self.private_dir().join("clone");
        let read = || {
            let text = std::fs::read_to_string(&path).ok()?;
            Some(text.trim().to_owned()).filter(|id| is_hex(id, 16))
        };
        if let Some(id) = read() {
            return Ok(id);
        }
        let id: String = uuid::Uuid::new_v4().simple().to_string().chars().rev().take(16).collect();
        let mut file = tempfile::NamedTempFile::new_in(self.private_dir())?;
        writeln!(file, "{id}")?;
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(id),
            // Another process was first, or what lies there is no id.
            Err(e) => match read() {
                Some(theirs) => Ok(theirs),
                None => {
                    e.file.persist(&path).map_err(|e| e.error)?;
                    Ok(id)
                }
            },
        }
    }

    /// Confirms the erasures whose keys are gone from this clone and that it has not confirmed before; how many.
    ///
    /// What is still here is destroyed first. An erasure of which something is left all the same is not confirmed:
    /// `tell` hears of it, and the next call tries again.
    pub fn confirm_erasures(&self) -> Result<usize> {
        let at = self.snapshot()?;
        let Some(ledger) = self.repo.entry(at.tree, super::ledger::LEDGER)? else { return Ok(0) };
        let (known, confirmed) = self.confirmed_before()?;
        if known == ledger.to_string() {
            return Ok(0);
        }
        let _lock = lock::acquire(&self.private_dir())?;
        self.recover()?;
        let at = self.snapshot()?;
        let ledger = self.repo.entry(at.tree, super::ledger::LEDGER)?.unwrap_or(ledger);
        let mut confirmed = match known.is_empty() {
            // The note is lost, or this is the first time: the chain knows.
            true => self.confirmed_in_chains()?,
            false => confirmed,
        };
        let missing: Vec<Erasure> =
            self.ledger(at)?.into_iter().filter(|line| !confirmed.contains(&line.contact)).collect();
        let (gone, left) = self.without_keys(missing)?;
        for batch in gone.chunks(BATCH) {
            self.append_access(confirmation(batch))?;
            confirmed.extend(batch.iter().map(|line| line.contact.clone()));
            self.note_confirmed("", &confirmed)?;
        }
        if left == 0 {
            self.note_confirmed(&ledger.to_string(), &confirmed)?;
        } else if let Some(tell) = &self.tell {
            tell(&format!(
                "{left} erasure(s) are not confirmed: a key that they destroyed is in this clone's key store again. \
                 `carnet verify` says which."
            ));
        }
        Ok(gone.len())
    }

    /// Those erasures of which this clone holds nothing any more, and how many others there are.
    fn without_keys(&self, missing: Vec<Erasure>) -> Result<(Vec<Erasure>, usize)> {
        if missing.is_empty() {
            return Ok((missing, 0));
        }
        self.settle_ledger()?;
        self.keys.prune()?;
        let owners: HashSet<ContactId> =
            self.keys.list()?.iter().filter_map(|entry| owner_of_key(&entry.path)?.1).collect();
        let objects: HashSet<Oid> = self.keys.objects()?.into_iter().collect();
        let destroyed = missing.iter().flat_map(|line| line.destroyed_ids().collect::<Vec<_>>()).collect();
        let fetched = self.repo.present(&destroyed)?;
        let all = missing.len();
        let gone: Vec<Erasure> = missing
            .into_iter()
            .filter(|line| {
                let held = |id| objects.contains(&id) || fetched.contains(&id);
                !owners.contains(&line.contact) && !line.destroyed_ids().any(held)
            })
            .collect();
        let left = all - gone.len();
        Ok((gone, left))
    }

    /// The ledger's tree when everything in it was confirmed, and what was confirmed.
    fn confirmed_before(&self) -> Result<(String, BTreeSet<ContactId>)> {
        let text = std::fs::read_to_string(self.private_dir().join("confirmed")).unwrap_or_default();
        let mut lines = text.lines();
        let (ledger, clone) = lines.next().and_then(|line| line.split_once(' ')).unwrap_or_default();
        if clone != self.clone_id()? {
            return Ok(Default::default());
        }
        Ok((ledger.to_owned(), lines.filter_map(|line| line.parse().ok()).collect()))
    }

    /// Chains are dropped after a year, and an erasure is confirmed once: so it is noted beside them.
    fn note_confirmed(&self, ledger: &str, confirmed: &BTreeSet<ContactId>) -> Result<()> {
        let ledger = if ledger.is_empty() { "unfinished" } else { ledger };
        let mut file = tempfile::NamedTempFile::new_in(self.private_dir())?;
        writeln!(file, "{ledger} {}", self.clone_id()?)?;
        for id in confirmed {
            writeln!(file, "{id}")?;
        }
        file.persist(self.private_dir().join("confirmed")).map_err(|e| e.error)?;
        Ok(())
    }

    fn confirmed_in_chains(&self) -> Result<BTreeSet<ContactId>> {
        let clone = self.clone_id()?;
        let mut found = BTreeSet::new();
        self.each_access(|_, _, entry| {
            if entry.action == ACTION && entry.clone.as_deref() == Some(&clone) {
                found.extend(entry.contacts);
            }
        })?;
        Ok(found)
    }

    /// Every entry of every chain, with its member and time (seconds since 1970). `verify` checks who signed them.
    pub(super) fn each_access(&self, mut visit: impl FnMut(&str, i64, Entry)) -> Result<()> {
        for (refname, tip) in self.repo.refs(ACCESS_REFS)? {
            let member = refname.rsplit('/').next().unwrap_or_default();
            for node in self.repo.history(&[tip]).nodes {
                let message = self.repo.signed(node.id)?.message();
                if let Some(entry) = Entry::parse(&message) {
                    visit(member, node.time, entry);
                }
            }
        }
        Ok(())
    }

    /// Git's ids of all key messages that erasures have destroyed: none of them belongs into a key store, under
    /// whatever path it comes.
    pub fn destroyed_keys(&self, at: Snapshot) -> Result<HashSet<Oid>> {
        Ok(self.ledger(at)?.iter().flat_map(|line| line.destroyed_ids().collect::<Vec<_>>()).collect())
    }
}

impl Erasure {
    /// The ids in `destroyed`, as git's.
    pub fn destroyed_ids(&self) -> impl Iterator<Item = Oid> + '_ {
        self.destroyed.iter().filter_map(|id| Oid::from_str(id).ok())
    }
}

fn confirmation(batch: &[Erasure]) -> Entry {
    let subject = match batch {
        [one] => format!("access: {ACTION} {}", one.contact.short()),
        many => format!("access: {ACTION} of {}", many.len()),
    };
    let mut entry = Entry::new(subject, ACTION);
    let mut books: BTreeSet<&Slug> = BTreeSet::new();
    for line in batch {
        entry.contacts.push(line.contact.clone());
        books.insert(&line.book);
    }
    entry.books = books.into_iter().cloned().collect();
    entry
}
