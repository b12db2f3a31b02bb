//! The erasure ledger outranks every key: no id that it names has a key in this clone.

use std::collections::HashSet;

use super::{Snapshot, Vault};
use crate::domain::ids::ContactId;
use crate::domain::register::{self, Erasure};
use crate::error::Result;
use crate::store::{Oid, Repo};

/// Where the ledger is in the main tree.
pub const LEDGER: &str = "registers/erasures";

/// The entries in a tree, each as far as it can be read.
pub(super) fn read(repo: &Repo, tree: Oid) -> Result<Vec<Result<Erasure>>> {
    let mut entries = Vec::new();
    for file in repo.list(tree, LEDGER)? {
        let path = format!("{LEDGER}/{}", file.path);
        if path.ends_with(".toml") {
            let text = repo.blob(file.id)?;
            entries.push(register::parse::<Erasure>(&path, &String::from_utf8_lossy(&text)));
        }
    }
    Ok(entries)
}

impl Vault {
    /// All entries, oldest first.
    pub fn ledger(&self, at: Snapshot) -> Result<Vec<Erasure>> {
        let mut entries = read(&self.repo, at.tree)?.into_iter().collect::<Result<Vec<Erasure>>>()?;
        entries.sort_by(|a, b| (&a.time, &a.contact).cmp(&(&b.time, &b.contact)));
        Ok(entries)
    }

    /// Whether a contact id is in the ledger.
    pub fn is_erased(&self, at: Snapshot, id: &ContactId) -> Result<bool> {
        Ok(self.repo.entry(at.tree, &Erasure::path(id))?.is_some())
    }

    /// What the ledger and the key store were when they were last found in agreement.
    fn state(&self) -> Result<Option<String>> {
        let at = self.snapshot()?;
        let Some(ledger) = self.repo.entry(at.tree, LEDGER)? else { return Ok(None) };
        let tip = self.keys.tip()?.map(|t| t.to_string()).unwrap_or_default();
        Ok(Some(format!("{ledger} {tip}")))
    }

    /// Whether the ledger itself did, in ways that were no erasure of this clone and no sync.
    pub(super) fn ledger_is_another(&self) -> Result<bool> {
        let ledger = self.repo.entry(self.snapshot()?.tree, LEDGER)?.map(|id| id.to_string());
        let known = std::fs::read_to_string(self.private_dir().join("ledger")).unwrap_or_default();
        Ok(known.split(' ').next() != ledger.as_deref())
    }

    /// Whether ledger or key store changed since they were last found in agreement.
    pub fn ledger_unsettled(&self) -> Result<bool> {
        let Some(state) = self.state()? else { return Ok(false) };
        let known = std::fs::read_to_string(self.private_dir().join("ledger")).unwrap_or_default();
        Ok(known != state)
    }

    /// Destroys whatever key an erased contact still has, and every other key that an erasure destroyed before; but not for an
    /// entry that no authorised member wrote. Returns how many there were.
    pub fn settle_ledger(&self) -> Result<usize> {
        let at = self.snapshot()?;
        let books = self.keys.books()?;
        let mut found: Vec<(ContactId, String)> = Vec::new();
        for name in self.repo.names(at.tree, LEDGER)? {
            let Some(id) = name.strip_suffix(".toml").and_then(|n| n.parse::<ContactId>().ok()) else {
                continue;
            };
            for book in &books {
                let path = id.key_path(book);
                if self.keys.has(&path)? {
                    found.push((id.clone(), path));
                }
            }
        }
        // An entry that cannot be read says by its name alone whom it erased; `verify` names it.
        let lines: Vec<Erasure> = read(&self.repo, at.tree)?.into_iter().flatten().collect();
        let ids = |line: &Erasure| line.destroyed_ids().collect::<Vec<_>>();
        self.destroy_strayed(&lines.iter().flat_map(ids).collect(), false)?;
        let mut destroyed: HashSet<Oid> = HashSet::new();
        let there = |line: &Erasure| ids(line).into_iter().any(|id| self.keys.has_object(id));
        let back: Vec<&Erasure> = lines.iter().filter(|line| there(line)).collect();
        if !found.is_empty() || !back.is_empty() {
            let concerned = found.iter().map(|(id, _)| id).chain(back.iter().map(|line| &line.contact));
            let forged = self.forged_entries(at, &concerned.cloned().collect())?;
            self.say_forged(forged.touched.len());
            found.retain(|(id, _)| !forged.whole.contains(id));
            let real = back.into_iter().filter(|line| !forged.touched.contains(&line.contact));
            destroyed.extend(real.flat_map(ids).filter(|id| self.keys.has_object(*id)));
        }
        let mut found: Vec<(String, Option<Vec<u8>>)> =
            found.into_iter().map(|(_, path)| (path, None)).collect();
        if !destroyed.is_empty() {
            let back = self.keys.list()?.into_iter().filter(|entry| destroyed.contains(&entry.id));
            found.extend(back.map(|entry| (entry.path, None)));
            found.sort();
            found.dedup();
        }
        if !found.is_empty() || !destroyed.is_empty() {
            self.keys.change(&found, &self.author(), false)?;
            self.keys.prune()?;
        }
        // A card that cannot be removed now is no reason to fail whatever runs: exporting into that vdir tries it again.
        match (self.forget_in_vdirs(at), &self.tell) {
            (Ok(n), Some(tell)) if n > 0 => {
                tell(&format!(
                    "The cards of {n} erased contact(s) went from the vdirs of this clone; the next sync takes them off the phones."
                ));
            }
            (Err(e), Some(tell)) => {
                tell(&format!("A card of an erased contact is still in a vdir of this clone: {e}"))
            }
            _ => {}
        }
        self.note_settled()?;
        Ok(found.len())
    }

    /// Remembers that ledger and key store agree as they are now.
    pub fn note_settled(&self) -> Result<()> {
        if let Some(state) = self.state()? {
            std::fs::write(self.private_dir().join("ledger"), state)?;
        }
        Ok(())
    }
}
