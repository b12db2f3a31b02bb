//! Taking back an import: the contacts that it made go with their keys, in one commit, but for those that somebody has
//! changed since.

use super::history::Wanted;
use super::undo::Changed;
use super::{Snapshot, Vault};
use crate::domain::ids::{ContactId, Slug, parse_contact_path};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;

/// How far back an import is looked for, and the most ids that a trail entry names.
const FAR: usize = 1000;

/// An import, and what is left of it.
pub struct Imported {
    pub commit: Oid,
    /// Seconds since 1970.
    pub time: i64,
    /// Contacts as the import left them.
    pub untouched: Vec<(Slug, ContactId)>,
    /// Contacts that were changed since.
    pub edited: Vec<(Slug, ContactId)>,
    /// Contacts that were there before, changed by the import (the cards of a vdir) and not since.
    pub changed: Vec<(Slug, ContactId)>,
    /// What these were before.
    before: Vec<Changed>,
}

impl Vault {
    /// This member's last import that is not undone, or the one of this commit.
    pub fn imported(&self, at: Snapshot, commit: Option<&str>) -> Result<Imported> {
        let wanted = Wanted { contact: None, changes: true, accesses: false, limit: Some(FAR) };
        let trail = self.trail(at, &wanted)?;
        let named = match commit {
            Some(text) => Some(self.repo.commit_named(text)?.ok_or_else(|| {
                Error::not_found("there is no such commit").hint("`carnet history` lists all commits")
            })?),
            None => None,
        };
        let is_undone =
            |id: Oid| trail.lines.iter().any(|l| l.entry.undoes.as_deref() == Some(id.to_string().as_str()));
        let found = trail.lines.iter().find(|line| match named {
            Some(commit) => line.commit == commit,
            None => {
                line.entry.action == "import"
                    && line.member.as_deref() == Some(self.me.handle.as_str())
                    && !is_undone(line.commit)
            }
        });
        let none =
            || Error::not_found("there is no import to undo").hint("`carnet history` lists all commits");
        let line = found.ok_or_else(none)?;
        if line.entry.action != "import" {
            return Err(Error::usage("this commit is no import").hint("`carnet history` lists all commits"));
        }
        let before = line.parent().map(|parent| self.repo.tree_of(parent)).transpose()?;
        let after = self.repo.tree_of(line.commit)?;
        let (mut untouched, mut edited, mut changed) = (Vec::new(), Vec::new(), Vec::new());
        let mut earlier = Vec::new();
        for (path, before, after) in self.repo.changes(before, Some(after), "")? {
            let Some(contact) = parse_contact_path(&path) else { continue };
            if self.repo.entry(at.tree, &path)?.is_none() {
                continue;
            }
            let change = Changed { contact: Some(contact.clone()), path, before, after };
            // An erasure elsewhere may have left a contact that opens no more; it is not ours to remove.
            match (self.is_as_left(at, &change).unwrap_or(false), before) {
                (true, None) => untouched.push(contact),
                (false, None) => edited.push(contact),
                (true, Some(_)) => {
                    changed.push(contact);
                    earlier.push(change);
                }
                // Somebody has gone on from what the import said: what was before it is no longer asked for.
                (false, Some(_)) => {}
            }
        }
        Ok(Imported { commit: line.commit, time: line.time, untouched, edited, changed, before: earlier })
    }

    /// Removes what the import made, with its keys, and puts back what it changed; what was made and changed since goes only
    /// if `all`.
    pub fn undo_import(&self, imported: &Imported, all: bool) -> Result<Option<Oid>> {
        let (commit, ()) = self.write(|at, staged| {
            let mut entry = Entry::new("undo: import", "undo");
            entry.undoes = Some(imported.commit.to_string());
            let edited: &[_] = if all { &imported.edited } else { &[] };
            for (book, id) in imported.untouched.iter().chain(edited) {
                if self.repo.entry(at.tree, &id.path(book))?.is_none() {
                    continue;
                }
                staged.remove(id.path(book));
                staged.destroy.push(id.key_path(book));
                entry.contacts.push(id.clone());
                entry.books.push(book.clone());
            }
            for change in &imported.before {
                if let Some((book, id)) = &change.contact
                    && self.is_as_left(at, change)?
                {
                    self.put_version_back(staged, change, (book, id), false)?;
                    entry.contacts.push(id.clone());
                    entry.books.push(book.clone());
                }
            }
            entry.books.sort();
            entry.books.dedup();
            if entry.contacts.len() > FAR {
                entry.count = Some(entry.contacts.len());
                entry.contacts.clear();
            }
            Ok((entry, ()))
        })?;
        Ok(commit)
    }
}
