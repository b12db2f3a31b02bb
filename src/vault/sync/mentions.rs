//! What was said elsewhere of a contact while somebody erased it: the erasure could not see it, so a sync takes it out.

use std::collections::BTreeMap;

use crate::domain::ids::{ContactId, Slug};
use crate::domain::register::{self, Erasure};
use crate::domain::trailer::Entry;
use crate::error::Result;
use crate::vault::Vault;
use crate::vault::ledger::LEDGER;

/// The action of the commit that takes late mentions out.
pub const ACTION: &str = "erase-mentions";

/// What a sync took out.
#[derive(Debug, Default)]
pub(super) struct Late {
    /// Contacts that mentioned an erased one; each has a new key, so that its earlier versions open no more.
    pub mentions: Vec<ContactId>,
    /// Books of this member that could not be searched.
    pub unsearched: Vec<Slug>,
    /// Contacts that hold what an erased one brought, and that cannot be parted from it.
    pub whole: Vec<ContactId>,
}

impl Vault {
    /// Takes every mention of an erased contact out of the books that this member can open: one commit.
    pub(super) fn forget_late_mentions(&self) -> Result<Late> {
        let at = self.snapshot()?;
        let names = self.repo.names(at.tree, LEDGER)?;
        let erased: Vec<ContactId> =
            names.iter().filter_map(|name| name.strip_suffix(".toml")?.parse().ok()).collect();
        if erased.is_empty() {
            return Ok(Late::default());
        }
        let ids: Vec<&ContactId> = erased.iter().collect();
        let seen = self.mentions(at, &ids)?;
        let mut late = Late { mentions: Vec::new(), unsearched: seen.unsearched, whole: seen.whole };
        if seen.found.is_empty() {
            return Ok(late);
        }
        let (_, found) = self.write(|at, staged| {
            // Looked for again under the lock: somebody may have edited one meanwhile.
            let found = self.mentions(at, &ids)?.found;
            let at_remote = self.synced_by_owner()?;
            let mut lines: BTreeMap<&ContactId, Erasure> = BTreeMap::new();
            for mention in &found {
                self.stage_mention(staged, mention)?;
                for id in mention.of.iter().filter_map(|n| erased.get(*n)) {
                    if !lines.contains_key(id) {
                        let path = Erasure::path(id);
                        let text = self.repo.file(at.tree, &path)?.unwrap_or_default();
                        lines.insert(id, register::parse(&path, &String::from_utf8_lossy(&text))?);
                    }
                    if let Some(line) = lines.get_mut(id) {
                        line.mentions += 1;
                        let keys = mention.key.into_iter();
                        let keys = keys.chain(at_remote.get(&mention.id).into_iter().flatten().copied());
                        for key in keys.map(|key| key.to_string()) {
                            if !line.destroyed.contains(&key) {
                                line.destroyed.push(key);
                            }
                        }
                    }
                }
            }
            for (id, line) in &lines {
                staged.put(Erasure::path(id), register::to_toml(line)?);
            }
            let mut entry = Entry::new(format!("contact: forget mentions in {}", found.len()), ACTION);
            entry.mentions = found.iter().map(|mention| mention.id.clone()).collect();
            entry.books = found.iter().map(|mention| mention.book.clone()).collect();
            entry.books.sort();
            entry.books.dedup();
            Ok((entry, found))
        })?;
        late.mentions = found.into_iter().map(|mention| mention.id).collect();
        Ok(late)
    }
}
