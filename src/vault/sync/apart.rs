//! Contacts that lie apart: moved to a book by one member while another, who cannot open that book, changed them. The other's
//! sync leaves both versions, each in its book (`files`); the first sync of somebody who can open both makes one of them.

use std::collections::BTreeMap;

use super::Synced;
use crate::crypto::{Secret, symmetric};
use crate::domain::edit;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::merge::{self, Side};
use crate::domain::retention::view::View;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;
use crate::store::repo::CommitInfo;
use crate::vault::snapshot::{check_place, open_text_with};
use crate::vault::write::Staged;
use crate::vault::{Snapshot, Vault};

/// The action of the commit that brings them together.
pub const ACTION: &str = "merge-moved";

/// One version of a contact, opened.
struct Version {
    book: Slug,
    blob: Oid,
    keys: Vec<Secret>,
    text: String,
    archived: bool,
    /// The commit that wrote it.
    from: CommitInfo,
}

impl Vault {
    /// Makes one contact of each that lies in two books of this member: one commit.
    pub(super) fn unite_apart(&self, done: &mut Synced) -> Result<()> {
        if self.apart(self.snapshot()?)?.is_empty() {
            return Ok(());
        }
        let (_, (united, noted)) = self.write(|at, staged| {
            let (mut united, mut noted) = (Vec::new(), Vec::new());
            let mut entry = Entry::new("contact: bring together after a move", ACTION);
            for (id, places) in self.apart(at)? {
                let (fields, has_notes) = self.stage_united(at, staged, &id, &places)?;
                entry.fields.extend(fields);
                entry.books.extend(places.into_iter().map(|(book, _)| book));
                noted.extend(has_notes.then(|| id.clone()));
                united.push(id);
            }
            entry.contacts.clone_from(&united);
            entry.books.sort();
            entry.books.dedup();
            entry.fields.sort();
            entry.fields.dedup();
            Ok((entry, (united, noted)))
        })?;
        done.united.extend(united);
        done.conflicts.extend(noted);
        Ok(())
    }

    /// Contacts with a file in more than one book of this member, which opens; with the files.
    fn apart(&self, at: Snapshot) -> Result<Vec<(ContactId, Vec<(Slug, Oid)>)>> {
        let mut places: BTreeMap<ContactId, Vec<(Slug, Oid)>> = BTreeMap::new();
        for (book, _) in self.my_books(at)? {
            for (id, blob) in self.contacts_of(at, &book)? {
                places.entry(id).or_default().push((book.clone(), blob));
            }
        }
        let mut apart = Vec::new();
        for (id, files) in places.into_iter().filter(|(_, files)| files.len() > 1) {
            let mut all = true;
            for (book, _) in &files {
                all &= self.keys_of(None, book, &id)?.is_some();
            }
            // What is damaged is for `verify` to name, and no reason to fail.
            if all && !self.is_erased(at, &id)? {
                apart.push((id, files));
            }
        }
        Ok(apart)
    }

    /// Stages one file instead of several. Returns the names of the fields that changed, and whether there are new notes.
    fn stage_united(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        id: &ContactId,
        places: &[(Slug, Oid)],
    ) -> Result<(Vec<String>, bool)> {
        let mut versions = Vec::new();
        for place in places {
            versions.push(self.version(at, id, place)?);
        }
        let missing = || Error::failed("a contact is missing from the merge").at(id.short().to_owned());
        let stays = destination(&versions).ok_or_else(missing)?;
        let into = versions.swap_remove(stays);
        let mut keys = into.keys.clone();
        let current = into.keys.first().cloned().ok_or_else(missing)?;
        let (mut text, mut noted) = (into.text.clone(), false);
        for other in &versions {
            let other_text = placed(&other.text, &into.book)?;
            let base = self.common_text(id, [&into, other])?;
            let sides = [(&text, &into), (&other_text, other)].map(|(text, of)| Side {
                text: text.as_str(),
                time: of.from.time,
                who: of.from.author.as_str(),
            });
            let merged =
                merge::merge(base.as_deref(), &sides[0], &sides[1]).map_err(|e| e.at(id.path(&into.book)))?;
            noted |= !merged.notes.is_empty();
            text = merged.text;
            staged.remove(id.path(&other.book));
            staged.destroy.push(id.key_path(&other.book));
            keys.extend(other.keys.iter().filter(|key| !keys.contains(key)).cloned().collect::<Vec<_>>());
        }
        let text = self.without_erased(&text, &[at.tree])?;
        check_place(&text, &into.book, id)?;
        staged.put(id.path(&into.book), symmetric::seal(&current, text.as_bytes())?);
        // The archive must not open what it does not keep; elsewhere what the other versions were sealed under follows.
        if !into.archived && keys.len() > into.keys.len() {
            let message = symmetric::seal(&*self.book_key(&into.book)?, &Secret::to_message_of(&keys))?;
            staged.replace.push((id.key_path(&into.book), message));
        }
        let keep = |hash: &str| !into.archived || text.contains(hash);
        self.stage_evidence_under(at, staged, (&into.book, id), (&keys, &current), &keep)?;
        Ok((edit::changed_fields(&into.text, &text), noted))
    }

    fn version(&self, at: Snapshot, id: &ContactId, (book, blob): &(Slug, Oid)) -> Result<Version> {
        let path = id.path(book);
        let keys = self.contact_keys(book, id)?;
        let text =
            open_text_with(&keys, &self.repo.blob(*blob)?).map_err(|e| e.at(path.clone()))?.to_string();
        let archived = View::parse(&text)?.archive.is_some();
        let from = self.repo.origins(&path, &[*blob], &[at.commit])?.remove(blob);
        let from = match from {
            Some(from) => from,
            None => self.repo.commit(at.commit)?,
        };
        Ok(Version { book: book.clone(), blob: *blob, keys, text, archived, from })
    }

    /// What both versions come from, as a text of the first one's book; none where there is none that opens.
    fn common_text(&self, id: &ContactId, [into, other]: [&Version; 2]) -> Result<Option<String>> {
        let Some(base) = self.repo.common_ancestor(&[into.from.id, other.from.id])? else { return Ok(None) };
        let keys: Vec<Secret> = into.keys.iter().chain(&other.keys).cloned().collect();
        for (_, blob) in
            self.repo.contact_files(self.repo.tree_of(base)?, id.fan(), &format!("{id}.toml.pgp"))?
        {
            // Each is a version of the past of both, but one that is the very version is none of the other's.
            if blob != into.blob
                && let Ok(text) = open_text_with(&keys, &self.repo.blob(blob)?)
            {
                return placed(&text, &into.book).map(Some);
            }
        }
        Ok(None)
    }
}

/// Which of the versions is in the book that the contact was moved to. A move gives it a new key and takes the earlier ones
/// along; an archive takes none along and says that it is one. Of two moves the later one counts.
fn destination(versions: &[Version]) -> Option<usize> {
    let follows = |one: &Version, other: &Version| {
        let current = other.keys.first();
        one.keys.iter().skip(1).any(|key| Some(key) == current)
    };
    let came_from_another = |one: &Version| {
        one.archived || versions.iter().any(|other| other.book != one.book && follows(one, other))
    };
    let rank = |one: &Version| (one.archived, came_from_another(one), one.from.time, one.book.clone());
    versions.iter().enumerate().max_by_key(|(_, one)| rank(one)).map(|(n, _)| n)
}

/// A contact's text as one of this book.
fn placed(text: &str, book: &Slug) -> Result<String> {
    let mut doc = edit::document(text)?;
    edit::put_into(&mut doc, book);
    Ok(doc.to_string())
}
