//! Contacts that lie apart: moved to a book by one member while another, who cannot open that book, changed them. The other's
//! sync leaves both versions, each in its book (`files`); the first sync of somebody who can open both makes one of them.

use std::collections::{BTreeMap, BTreeSet};

use super::Synced;
use crate::crypto::{Secret, symmetric};
use crate::domain::edit;
use crate::domain::ids::{ContactId, Slug, parse_contact_path};
use crate::domain::merge::{self, Side};
use crate::domain::retention::view::View;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;
use crate::store::repo::CommitInfo;
use crate::vault::snapshot::{check_place, open_text_with};
use crate::vault::write::{Staged, seal_fresh};
use crate::vault::{Snapshot, Vault};

/// The action of the commit that brings them together.
pub const ACTION: &str = "merge-moved";

/// A contact's files: book and blob of each.
type Files = Vec<(Slug, Oid)>;

/// One version of a contact, opened.
struct Version {
    book: Slug,
    keys: Vec<Secret>,
    text: String,
    archived: bool,
    /// The commit that wrote it.
    from: CommitInfo,
}

impl Version {
    /// Whether its key message opens what the other version is sealed under, as after a move.
    fn follows(&self, other: &Version) -> bool {
        let current = other.keys.first();
        self.keys.iter().any(|key| Some(key) == current)
    }
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
    fn apart(&self, at: Snapshot) -> Result<Vec<(ContactId, Files)>> {
        let mut places: BTreeMap<ContactId, Files> = BTreeMap::new();
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
    ///
    /// It keeps the key that its version in that book has, and with it what opened earlier versions. Where that is not what
    /// the others are sealed under, an erasure has taken a key away on one side for what it opens: then all get a new one.
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
        let base = self.before_parting(at, id, places)?;
        let stays =
            self.destination(at, &versions, base.as_deref().unwrap_or_default())?.ok_or_else(missing)?;
        let into = versions.swap_remove(stays);
        let opened: Vec<Secret> = versions.iter().chain([&into]).flat_map(|one| one.keys.clone()).collect();
        let common = base.iter().flatten().find_map(|(_, blob)| {
            let text = open_text_with(&opened, &self.repo.blob(*blob).ok()?).ok()?;
            placed(&text, &into.book).ok()
        });
        let (mut text, mut noted) = (into.text.clone(), false);
        for other in &versions {
            let other_text = placed(&other.text, &into.book)?;
            let [ours, theirs] = [(&text, &into), (&other_text, other)].map(|(text, of)| Side {
                text: text.as_str(),
                time: of.from.time,
                who: of.from.author.as_str(),
            });
            let merged =
                merge::merge(common.as_deref(), &ours, &theirs).map_err(|e| e.at(id.path(&into.book)))?;
            noted |= !merged.notes.is_empty();
            text = merged.text;
            staged.remove(id.path(&other.book));
            staged.destroy.push(id.key_path(&other.book));
        }
        check_place(&text, &into.book, id)?;
        let mut current = into.keys.first().cloned().ok_or_else(missing)?;
        if !into.archived && !versions.iter().all(|other| into.follows(other)) {
            let (fresh, file, message) = seal_fresh(&*self.book_key(&into.book)?, &text)?;
            staged.put(id.path(&into.book), file);
            staged.replace.push((id.key_path(&into.book), message));
            current = fresh;
        } else {
            staged.put(id.path(&into.book), symmetric::seal(&current, text.as_bytes())?);
        }
        let keep = |hash: &str| !into.archived || text.contains(hash);
        self.stage_evidence_under(at, staged, (&into.book, id), (&opened, &current), &keep)?;
        // The same file may lie with both.
        let mut seen = BTreeSet::new();
        staged.files.retain(|(path, _)| seen.insert(path.clone()));
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
        Ok(Version { book: book.clone(), keys, text, archived, from })
    }

    /// The contact's files in the commit that both lines come from which left it in these books; none where no such merge is
    /// found.
    fn before_parting(&self, at: Snapshot, id: &ContactId, places: &[(Slug, Oid)]) -> Result<Option<Files>> {
        let apart = |tree: Oid| -> Result<bool> {
            let mut all = true;
            for (book, _) in places {
                all &= self.repo.entry(tree, &id.path(book))?.is_some();
            }
            Ok(all)
        };
        for (node, _) in self.repo.newest_first(&[at.commit]) {
            if !apart(node.tree)? {
                continue;
            }
            let mut before = false;
            for parent in &node.parents {
                before |= apart(self.repo.tree_of(*parent)?)?;
            }
            if before {
                continue;
            }
            let Some(base) = self.repo.common_ancestor(&node.parents)? else { return Ok(None) };
            let files =
                self.repo.contact_files(self.repo.tree_of(base)?, id.fan(), &format!("{id}.toml.pgp"))?;
            let files =
                files.into_iter().filter_map(|(path, blob)| Some((parse_contact_path(&path)?.0, blob)));
            return Ok(Some(files.collect()));
        }
        Ok(None)
    }

    /// Which of the versions is in the book that the contact was moved to: the one that it was not in before.
    ///
    /// But nobody moves a contact out of a book that they have lost: where everybody of the old book has the new one too, it
    /// was parted by somebody who has not the old one any more, and stays there. Of several moves, and where nothing
    /// tells, the one that shows it to the fewest who could not read it.
    fn destination(&self, at: Snapshot, versions: &[Version], base: &[(Slug, Oid)]) -> Result<Option<usize>> {
        let was = |one: &Version| base.iter().any(|(book, _)| *book == one.book);
        let mut ranks = Vec::new();
        for (n, one) in versions.iter().enumerate() {
            let others: Vec<&Version> = versions.iter().filter(|other| other.book != one.book).collect();
            let (mut shown, mut hidden) = (0, 0);
            for other in &others {
                shown += self.new_readers(at, &one.book, &[&other.book])?.len();
                hidden += self.new_readers(at, &other.book, &[&one.book])?.len();
            }
            let right = match (was(one), others.iter().all(|other| was(other))) {
                (false, true) => shown == 0 || hidden > 0,
                (true, false) => shown == 0 && hidden > 0,
                _ => false,
            };
            ranks.push((!one.archived, !right, shown, &one.book, n));
        }
        Ok(ranks.into_iter().min().map(|(.., n)| n))
    }
}

/// A contact's text as one of this book.
fn placed(text: &str, book: &Slug) -> Result<String> {
    let mut doc = edit::document(text)?;
    edit::put_into(&mut doc, book);
    Ok(doc.to_string())
}
