//! Undoing this member's last operation by a new commit. History keeps both.
//!
//! What an operation changed is put back where nobody has changed it since. An erasure cannot be undone, for no key
//! is left; nor is what concerns members, keys and consents, where undoing would hide what was done.

use std::collections::BTreeSet;

use super::history::{Line, Wanted};
use super::snapshot::{check_place, open_text, open_text_with};
use super::write::Staged;
use super::{Snapshot, Vault};
use crate::crypto::{Secret, symmetric};
use crate::domain::ids::{ContactId, Sealed, Slug, parse_contact_path, parse_sealed_path};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;

/// How far back operations are looked for.
const FAR: usize = 1000;

/// Operations that can be put back.
const CAN: [&str; 20] = [
    "add",
    "edit",
    "import",
    "log",
    "link-add",
    "link-remove",
    "deal-add",
    "deal-edit",
    "deal-move",
    "deal-won",
    "deal-lost",
    "todo-add",
    "todo-done",
    "todo-snooze",
    "todo-every",
    "search-save",
    "search-remove",
    "import-map",
    "purpose-add",
    "merge",
];

/// Keys that say what a person said (Art. 7(1), 18, 21): every event stays.
const SAID: [&str; 7] =
    ["consent", "objection", "objections", "objected", "restriction", "restrictions", "restricted"];

/// What will be undone.
pub struct Undoing {
    pub commit: Oid,
    /// The operation's word in the trail.
    pub action: String,
    /// Seconds since 1970.
    pub time: i64,
    /// Contacts and sealed records whose earlier version comes back.
    pub back: usize,
    /// Contacts and sealed records that it had added, which go with their keys.
    pub gone: usize,
    changes: Vec<Changed>,
}

/// One file, before and after the operation.
pub(super) struct Changed {
    pub(super) path: String,
    pub(super) contact: Option<(Slug, ContactId)>,
    pub(super) before: Option<Oid>,
    pub(super) after: Option<Oid>,
}

impl Vault {
    /// This member's last operation that is not undone yet, if it can be.
    pub fn last_operation(&self, at: Snapshot) -> Result<Undoing> {
        let wanted = Wanted { contact: None, changes: true, accesses: false, limit: Some(FAR) };
        let trail = self.trail(at, &wanted)?;
        let mine: Vec<&Line> = trail
            .lines
            .iter()
            .filter(|line| line.member.as_deref() == Some(self.me.handle.as_str()))
            .collect();
        let undone: BTreeSet<&str> = mine.iter().filter_map(|line| line.entry.undoes.as_deref()).collect();
        let last = mine.into_iter().find(|line| {
            let entry = &line.entry;
            !entry.action.is_empty()
                && entry.action != "undo"
                && !undone.contains(line.commit.to_string().as_str())
        });
        let last = last.ok_or_else(|| Error::not_found("you have done nothing that could be undone"))?;
        check(&last.entry)?;
        let parent = last.parent().ok_or_else(|| Error::refused("the first commit cannot be undone"))?;
        let (before, after) = (self.repo.tree_of(parent)?, self.repo.tree_of(last.commit)?);
        let changes: Vec<Changed> = self
            .repo
            .changes(Some(before), Some(after), "")?
            .into_iter()
            .map(|(path, before, after)| Changed { contact: parse_contact_path(&path), path, before, after })
            .collect();
        let contacts = || changes.iter().filter(|change| parse_sealed_path(&change.path).is_some());
        Ok(Undoing {
            commit: last.commit,
            action: last.entry.action.clone(),
            time: last.time,
            back: contacts().filter(|change| change.before.is_some()).count(),
            gone: contacts().filter(|change| change.before.is_none()).count(),
            changes,
        })
    }

    /// Puts everything back, in one commit.
    pub fn undo(&self, undoing: &Undoing) -> Result<Option<Oid>> {
        let (commit, ()) = self.write(|at, staged| {
            let mut entry = Entry::new(format!("undo: {}", undoing.action), "undo");
            entry.undoes = Some(undoing.commit.to_string());
            self.part_again(staged, undoing)?;
            for change in &undoing.changes {
                if !self.is_as_left(at, change)? {
                    return Err(Error::failed("this was changed again since, so it cannot be undone alone")
                        .hint("`carnet history` shows by whom; `carnet edit` changes it further"));
                }
                match &change.contact {
                    Some((book, id)) => {
                        self.put_back(staged, undoing, change, book, id)?;
                        entry.contacts.push(id.clone());
                        entry.books.push(book.clone());
                    }
                    // Its key is destroyed.
                    None if change.after.is_none() && parse_sealed_path(&change.path).is_some() => {
                        return Err(
                            Error::refused("a removal cannot be undone").hint("`carnet history` shows it")
                        );
                    }
                    None => match change.before {
                        Some(before) => staged.put(change.path.clone(), self.repo.blob(before)?),
                        None => {
                            staged.remove(change.path.clone());
                            if let Some((Sealed::Record, book, id)) = parse_sealed_path(&change.path) {
                                staged.destroy.push(id.key_path(&book));
                                entry.books.push(book);
                                entry.records.push(id);
                            }
                        }
                    },
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

    /// Whether a file says what the operation left: what was undone in between says the same in another seal.
    pub(super) fn is_as_left(&self, at: Snapshot, change: &Changed) -> Result<bool> {
        let current = self.repo.entry(at.tree, &change.path)?;
        let (Some(now), Some(left), Some((book, id))) = (current, change.after, &change.contact) else {
            return Ok(current == change.after);
        };
        if now == left {
            return Ok(true);
        }
        let keys = self.contact_keys(book, id)?;
        let text = |blob: Oid| open_text_with(&keys, &self.repo.blob(blob)?);
        Ok(text(now).is_ok_and(|now| text(left).is_ok_and(|left| *now == *left)))
    }

    fn put_back(
        &self,
        staged: &mut Staged,
        undoing: &Undoing,
        change: &Changed,
        book: &Slug,
        id: &ContactId,
    ) -> Result<()> {
        if change.before.is_none() {
            staged.remove(change.path.clone());
            staged.destroy.push(id.key_path(book));
            return Ok(());
        }
        if change.after.is_none() {
            // It comes back with its own keys, see `part_again`.
            return Ok(());
        }
        self.put_version_back(staged, change, (book, id), undoing.action == "merge")
    }

    /// The version before a change, sealed under the key that the contact has now.
    pub(super) fn put_version_back(
        &self,
        staged: &mut Staged,
        change: &Changed,
        (book, id): (&Slug, &ContactId),
        merge: bool,
    ) -> Result<()> {
        let Some(before) = change.before else { return Ok(()) };
        let blob = self.repo.blob(before)?;
        let text = open_text_with(&self.contact_keys(book, id)?, &blob).map_err(|_| {
            Error::no_key("the version before it does not open any more, so it cannot be put back")
                .hint("an erasure gave this contact a new key; `carnet edit` changes it")
        })?;
        check_place(&text, book, id)?;
        // A merge gives back to the other contact what it takes from this one.
        if !merge && let Some(after) = change.after {
            let left = open_text_with(&self.contact_keys(book, id)?, &self.repo.blob(after)?)?;
            if said(&left) != said(&text) {
                return Err(Error::refused(
                    "a change of consents, objections or restrictions cannot be undone",
                )
                .hint("what a person said stays on record; write down what they say now"));
            }
        }
        self.stage_version(staged, book, id, &text)
    }

    /// Contacts that had become part of another come back with their own keys, which the other's message loses: an
    /// erasure of any must reach them.
    ///
    /// Behind the keys of the one that stays come those of each that went, its current one first. Other contacts whose
    /// links were led to it have none of these.
    fn part_again(&self, staged: &mut Staged, undoing: &Undoing) -> Result<()> {
        let with_contact = |change: &Changed| change.contact.clone().zip(change.before);
        let mut went = Vec::new();
        for ((book, id), before) in
            undoing.changes.iter().filter(|change| change.after.is_none()).filter_map(with_contact)
        {
            went.push((book, id, self.repo.blob(before)?));
        }
        if went.is_empty() {
            return Ok(());
        }
        let stays: Vec<&(Slug, ContactId)> = undoing
            .changes
            .iter()
            .filter(|other| other.after.is_some())
            .filter_map(|other| other.contact.as_ref())
            .collect();
        if stays.is_empty() {
            return Err(Error::refused("a removal cannot be undone").hint("`carnet history` shows it"));
        }
        let message = |book: &Slug, keys: &[Secret]| {
            symmetric::seal(&*self.book_key(book)?, &Secret::to_message_of(keys))
        };
        for (into_book, into) in stays {
            let mut keys = self.contact_keys(into_book, into)?;
            // Where the keys of each begin; the last ones are cut off first.
            let begins =
                |blob: &[u8]| keys.iter().position(|key| open_text(key, blob).is_ok()).filter(|n| *n > 0);
            let mut theirs: Vec<(usize, usize)> =
                went.iter().enumerate().filter_map(|(n, (.., blob))| Some((begins(blob)?, n))).collect();
            theirs.sort_unstable();
            if theirs.is_empty() {
                continue;
            }
            let mut gone: Vec<usize> = Vec::new();
            for (begin, n) in theirs.into_iter().rev() {
                let own = keys.split_off(begin);
                let (book, id, blob) = went.get(n).ok_or_else(|| Error::failed("a contact has no key"))?;
                let current = own.first().ok_or_else(|| Error::failed("a contact has no key"))?;
                let text = open_text(current, blob)?;
                check_place(&text, book, id)?;
                staged.put(id.path(book), symmetric::seal(current, text.as_bytes())?);
                staged.keys.push((id.key_path(book), message(book, &own)?));
                gone.push(n);
            }
            staged.replace.push((into.key_path(into_book), message(into_book, &keys)?));
            // From the last to the first, so that places stay what they are.
            gone.sort_unstable();
            gone.into_iter().rev().for_each(|n| drop(went.remove(n)));
        }
        match went.is_empty() {
            true => Ok(()),
            false => Err(Error::no_key("the merged contact's keys are gone, so the merge cannot be undone")
                .hint("an erasure gave the contact a new key; `carnet edit` changes it")),
        }
    }
}

/// Refuses what cannot be undone, with the reason.
fn check(entry: &Entry) -> Result<()> {
    let action = entry.action.as_str();
    if action == "erase" {
        return Err(Error::refused("an erasure cannot be undone")
            .hint("its keys are destroyed, here and wherever this is synced; that is what it is for"));
    }
    if action == "deal-remove" {
        return Err(Error::refused("the removal of a deal cannot be undone")
            .hint("its key is destroyed; `carnet deal add` makes a new one"));
    }
    if !CAN.contains(&action) {
        return Err(Error::refused("your last operation cannot be undone").hint(format!(
            "it was `{}`; `carnet history` shows it, and its own command takes it back",
            action.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>()
        )));
    }
    if action == "edit" && entry.books.len() > 1 && entry.contacts.len() == 1 {
        return Err(Error::refused("a move between books cannot be undone")
            .hint("`carnet edit ID --book BOOK` moves it back"));
    }
    Ok(())
}

/// What a contact's text says of consents, objections and restrictions.
fn said(text: &str) -> Vec<Option<toml::Value>> {
    let table: toml::Table = text.parse().unwrap_or_default();
    SAID.iter().map(|key| table.get(*key).cloned()).collect()
}
