//! Erasure (Art. 17): ledger entry and removal in one commit, then the key destroyed, then the proof.

use super::Vault;
use super::prove::Proof;
use super::select::Match;
use crate::domain::register::{self, Erasure, Trigger};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::{Oid, lock};

/// What an erasure did.
#[derive(Clone, Debug)]
pub struct Erased {
    pub commit: Oid,
    pub entries: Vec<(Erasure, Proof)>,
}

impl Vault {
    /// Erases contacts: one commit, one prune, and a proof for each.
    pub fn erase(&self, contacts: &[Match], trigger: Trigger, request: Option<&str>) -> Result<Erased> {
        let mut ledger = Vec::new();
        let (commit, versions) = self.write(|at, staged| {
            let versions = self.versions(&contacts.iter().map(|c| &c.id).collect::<Vec<_>>())?;
            let mut entry = match contacts {
                [one] => Entry::new(format!("contact: erase {}", one.id.short()), "erase"),
                many => Entry::new(format!("contact: erase {}", many.len()), "erase"),
            };
            entry.request = request.map(str::to_owned);
            for (contact, versions) in contacts.iter().zip(&versions) {
                let path = contact.id.path(&contact.book);
                if self.repo.entry(at.tree, &path)?.is_none() {
                    return Err(Error::not_found("the contact is gone since it was looked up")
                        .hint("run the command again"));
                }
                let line = Erasure {
                    contact: contact.id.clone(),
                    book: contact.book.clone(),
                    time: self.now_text(),
                    trigger,
                    request: request.map(str::to_owned),
                    scope: "contact file, its key and every earlier version".into(),
                    versions: versions.len(),
                };
                staged.put(Erasure::path(&contact.id), register::to_toml(&line)?);
                staged.remove(path);
                staged.destroy.push(contact.id.key_path(&contact.book));
                entry.contacts.push(contact.id.clone());
                if !entry.books.contains(&contact.book) {
                    entry.books.push(contact.book.clone());
                }
                ledger.push(line);
            }
            Ok((entry, versions))
        })?;
        let commit = commit.ok_or_else(|| Error::usage("nothing to erase"))?;
        // Nobody writes until the proof is over: what another command has half done would disprove it.
        let _lock = lock::acquire(&self.private_dir())?;
        self.recover()?;
        let at = self.snapshot()?;
        self.drop_index_parts()?;
        for line in &ledger {
            self.rewrite_index(at, &line.book)?;
        }
        let proven: Vec<_> = ledger.iter().zip(&versions).map(|(l, v)| (&l.contact, v.as_slice())).collect();
        let proofs = self.prove_erased(&proven)?;
        let entries = ledger.into_iter().zip(proofs).collect();
        Ok(Erased { commit, entries })
    }
}
