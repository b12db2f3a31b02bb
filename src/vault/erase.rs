//! Erasure (Art. 17): ledger entries and removals in one commit, then the keys destroyed, then the proof.

use std::collections::{BTreeSet, HashMap};

use super::erase_beside::Beside;
use super::erase_mentions::Mentions;
use super::prove::{Proof, Subject};
use super::select::Match;
use super::write::Staged;
use super::{Snapshot, Vault};
use crate::domain::ids::{ContactId, Slug, parse_contact_path};
use crate::domain::register::{self, Erasure, Trigger};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::{Oid, lock};

/// What is to be erased, and why.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    pub contacts: &'a [Match],
    pub trigger: Trigger,
    /// Reference of the rights request.
    pub request: Option<&'a str>,
    /// Put the persons on the opposition list.
    pub keep_opposition: bool,
}

/// What an erasure did.
#[derive(Clone, Debug)]
pub struct Erased {
    pub commit: Oid,
    pub entries: Vec<(Erasure, Proof)>,
    /// Contacts that mentioned an erased one: the mentions went, and their keys were replaced.
    pub mentions: Vec<ContactId>,
    /// Books of this member that could not be searched for mentions.
    pub unsearched: Vec<Slug>,
}

/// What an erasure would do.
#[derive(Clone, Debug)]
pub struct Foreseen {
    /// Versions in history, for each contact in order.
    pub versions: Vec<usize>,
    /// Other contacts that mention one of them.
    pub mentions: Vec<ContactId>,
}

impl Vault {
    /// What [`Vault::erase`] would do; nothing is changed.
    pub fn foresee_erasure(&self, contacts: &[Match]) -> Result<Foreseen> {
        let at = self.snapshot()?;
        let ids: Vec<&ContactId> = contacts.iter().map(|c| &c.id).collect();
        let versions = self.versions(&ids)?.iter().map(Vec::len).collect();
        let mentions = self.mentions(at, &ids)?.found.into_iter().map(|m| m.id).collect();
        Ok(Foreseen { versions, mentions })
    }

    /// Erases contacts: one commit, one prune, and a proof for each. `progress` is told how many more are proven.
    ///
    /// This clone's confirmation goes into the access chain after the proof.
    pub fn erase(&self, order: &Order<'_>, progress: &dyn Fn(u64)) -> Result<Erased> {
        self.erase_beside(order, &[], progress)
    }

    /// The same, with what is done with other contacts in the same commit.
    pub(super) fn erase_beside(
        &self,
        order: &Order<'_>,
        beside: &[Beside],
        progress: &dyn Fn(u64),
    ) -> Result<Erased> {
        let mut ledger = Vec::new();
        let (commit, (versions, mentions)) = self.write(|at, staged| {
            let ids: Vec<&ContactId> = order.contacts.iter().map(|c| &c.id).collect();
            let versions = self.versions(&ids)?;
            for contact in order.contacts {
                if self.repo.entry(at.tree, &contact.id.path(&contact.book))?.is_none() {
                    return Err(Error::not_found("the contact is gone since it was looked up")
                        .hint("run the command again"));
                }
            }
            let mut mentions = self.mentions(at, &ids)?;
            let mut kept = Vec::new();
            if order.keep_opposition {
                let those: Vec<_> = order.contacts.iter().map(|c| (&c.book, &c.id)).collect();
                kept = self.stage_opposition(at, staged, &those, order.request)?;
            }
            let at_remote = self.synced_by_owner()?;
            let archived = self.stage_beside(at, staged, beside, &mut mentions, &ids)?;
            for mention in mentions.found.iter().filter(|m| !archived.contains(&m.id)) {
                self.stage_mention(staged, mention)?;
            }
            for (n, (contact, versions)) in order.contacts.iter().zip(&versions).enumerate() {
                let places = self.places_of(at, &contact.id)?;
                let of_mine = mentions.found.iter().filter(|m| m.of.contains(&n));
                let mut own = Vec::new();
                for book in &places {
                    own.extend(self.keys.id(&contact.id.key_path(book))?);
                }
                let concerned = std::iter::once(&contact.id).chain(of_mine.clone().map(|m| &m.id));
                let mut destroyed: Vec<String> = own
                    .into_iter()
                    .chain(of_mine.clone().filter_map(|m| m.key))
                    .chain(concerned.filter_map(|id| at_remote.get(id)).flatten().copied())
                    .map(|id| id.to_string())
                    .collect();
                let mut seen = BTreeSet::new();
                destroyed.retain(|id| seen.insert(id.clone()));
                let mut line = Erasure {
                    contact: contact.id.clone(),
                    book: contact.book.clone(),
                    time: self.now_text(),
                    trigger: order.trigger,
                    request: order.request.map(str::to_owned),
                    scope: "contact file, its key and every earlier version".into(),
                    versions: versions.len(),
                    mentions: of_mine.count(),
                    destroyed,
                    kept: kept.get(n).cloned(),
                };
                // One that came back is erased again: what was written first stays, for the person was told of that.
                let path = Erasure::path(&contact.id);
                if let Some(first) = self.repo.file(at.tree, &path)? {
                    line.add_to(register::parse(&path, &String::from_utf8_lossy(&first))?);
                }
                staged.put(path, register::to_toml(&line)?);
                self.stage_merged(at, staged, contact, &line, &at_remote)?;
                for book in &places {
                    staged.remove(contact.id.path(book));
                    staged.destroy.push(contact.id.key_path(book));
                }
                for file in self.evidence_of(at.tree, &contact.id)? {
                    staged.remove(file.path);
                }
                ledger.push(line);
            }
            let mut entry = entry(order, &mentions);
            super::erase_beside::name_in(&mut entry, beside);
            Ok((entry, (versions, mentions)))
        })?;
        let commit = commit.ok_or_else(|| Error::usage("nothing to erase"))?;
        let proofs = {
            // Nobody writes until the proof is over: what another command has half done would disprove it.
            let _lock = lock::acquire(&self.private_dir())?;
            self.recover()?;
            let at = self.snapshot()?;
            self.drop_index_parts()?;
            let books = ledger.iter().map(|l| &l.book).chain(mentions.found.iter().map(|m| &m.book));
            for book in books.collect::<BTreeSet<_>>() {
                self.rewrite_index(at, book)?;
            }
            let subjects: Vec<_> = ledger
                .iter()
                .zip(versions)
                .enumerate()
                .map(|(n, (line, versions))| Subject {
                    id: line.contact.clone(),
                    versions,
                    derived: mentions
                        .found
                        .iter()
                        .filter(|m| m.of.contains(&n))
                        .flat_map(|m| m.versions.iter().copied())
                        .collect(),
                })
                .collect();
            self.prove_erased(&subjects, progress)?
        };
        if let (Err(e), Some(tell)) = (self.confirm_erasures(), &self.tell) {
            tell(&format!("This clone's confirmation is not written yet, the next sync writes it: {e}"));
        }
        let entries = ledger.into_iter().zip(proofs).collect();
        let unsearched = mentions.unsearched;
        let mentions = mentions.found.into_iter().map(|m| m.id).collect();
        Ok(Erased { commit, entries, mentions, unsearched })
    }
}

impl Vault {
    /// The books that have a file of this contact: one, but for a contact that lies apart (`sync::apart`).
    fn places_of(&self, at: Snapshot, id: &ContactId) -> Result<Vec<Slug>> {
        let files = self.repo.contact_files(at.tree, id.fan(), &format!("{id}.toml.pgp"))?;
        Ok(files.iter().filter_map(|(path, _)| parse_contact_path(path)).map(|(book, _)| book).collect())
    }

    /// Ledger lines for the contacts that had become part of an erased one: a key of theirs that comes back through
    /// a stale clone is destroyed as well. A contact that cannot be read names none.
    fn stage_merged(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        contact: &Match,
        line: &Erasure,
        at_remote: &HashMap<ContactId, Vec<Oid>>,
    ) -> Result<()> {
        let merged = match self.open_contact(at, &contact.book, &contact.id) {
            Ok(Some(opened)) => opened.contact.merged,
            _ => Vec::new(),
        };
        let books = self.all_books(at)?;
        for id in merged {
            let path = Erasure::path(&id);
            // Somebody who changed it elsewhere while it was merged has brought it back: it is a contact again.
            let mut lives = self.repo.file(at.tree, &path)?.is_some();
            for (book, _) in &books {
                lives |= self.repo.entry(at.tree, &id.path(book))?.is_some();
            }
            if lives {
                continue;
            }
            let part = Erasure {
                destroyed: at_remote.get(&id).into_iter().flatten().map(Oid::to_string).collect(),
                contact: id,
                scope: "what had become part of another contact, erased with it".into(),
                versions: 0,
                mentions: 0,
                kept: None,
                ..line.clone()
            };
            staged.put(path, register::to_toml(&part)?);
        }
        Ok(())
    }
}

/// The commit's words.
fn entry(order: &Order<'_>, mentions: &Mentions) -> Entry {
    let mut entry = match order.contacts {
        [one] => Entry::new(format!("contact: erase {}", one.id.short()), "erase"),
        many => Entry::new(format!("contact: erase {}", many.len()), "erase"),
    };
    entry.request = order.request.map(str::to_owned);
    entry.contacts = order.contacts.iter().map(|c| c.id.clone()).collect();
    entry.mentions = mentions.found.iter().map(|m| m.id.clone()).collect();
    let books = order.contacts.iter().map(|c| &c.book).chain(mentions.found.iter().map(|m| &m.book));
    entry.books = books.collect::<BTreeSet<_>>().into_iter().cloned().collect();
    entry
}
