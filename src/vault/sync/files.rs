//! Merging two commits of the branch: which version of each file the merge has (docs/format.md, "Merging").
//!
//! Nothing is written but blobs that no ref knows yet. Contacts are merged by id, so that a move to another book and
//! an edit meet; the erasure ledger of either side outranks every version.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::crypto::{Secret, symmetric};
use crate::domain::ids::{ContactId, Sealed, Slug, parse_contact_path, parse_sealed_path};
use crate::domain::merge::{self, Side};
use crate::domain::register::Erasure;
use crate::domain::{edit, evidence};
use crate::error::{Error, Result};
use crate::store::trees::{Changed, TreeEdit};
use crate::store::{KeyStore, Oid};
use crate::vault::snapshot::{check_place, open_text_with};
use crate::vault::{Snapshot, Vault};

/// The two commits, and the one that both come from.
#[derive(Clone, Copy)]
pub(super) struct Sides {
    pub base: Snapshot,
    pub ours: Snapshot,
    pub theirs: Snapshot,
}

/// What a merge changes in our tree.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub edits: Vec<TreeEdit>,
    /// Contacts that have new conflict notes.
    pub conflicts: Vec<ContactId>,
    /// Contacts that one side moved to a book that this member cannot open while the other changed them: both versions
    /// stay, each in its book, for who can open both.
    pub apart: Vec<ContactId>,
    /// Plain files and fields that both sides changed; the later one's value stands.
    pub twice: Vec<String>,
    /// Plain files that one side removed and the other changed; they stay.
    pub kept: Vec<String>,
    /// Members whose rights both sides changed; what one side took away stays away.
    pub stricter: Vec<String>,
    /// Wordings of ours that have another number now, because theirs has that one: the old name and the new.
    pub renumbered: Vec<(String, String)>,
}

/// A contact's file at one commit: its book and its blob.
type Place = Option<(Slug, Oid)>;

/// Where a contact was and is.
#[derive(Clone, Debug, Default)]
struct Places {
    base: Place,
    ours: Place,
    theirs: Place,
}

/// A contact's file in each book that had it: the common version, ours and theirs.
type InBooks = BTreeMap<Slug, [Option<Oid>; 3]>;

impl Places {
    /// Of a contact that each commit has once; of one that lies apart, those of each book by themselves.
    fn of(books: &InBooks) -> Vec<Places> {
        let once =
            |side: usize| books.values().filter(|of| of.get(side).is_some_and(Option::is_some)).count() < 2;
        let at = |side: usize| books.iter().find_map(|(book, of)| Some((book.clone(), (*of.get(side)?)?)));
        if (0..3).all(once) {
            return vec![Places { base: at(0), ours: at(1), theirs: at(2) }];
        }
        let alone = |book: &Slug, blob: Option<Oid>| blob.map(|blob| (book.clone(), blob));
        let each = books.iter().map(|(book, [base, ours, theirs])| Places {
            base: alone(book, *base),
            ours: alone(book, *ours),
            theirs: alone(book, *theirs),
        });
        each.collect()
    }
}

impl Vault {
    /// Merges `theirs` into ours. `incoming`: their key store, where it differs from this clone's.
    pub(super) fn merge_files(&self, sides: Sides, incoming: Option<&KeyStore>) -> Result<Merged> {
        let ours = self.repo.changes(Some(sides.base.tree), Some(sides.ours.tree), "")?;
        let theirs = self.repo.changes(Some(sides.base.tree), Some(sides.theirs.tree), "")?;
        let mut merged = Merged::default();
        for (id, books) in places(&ours, &theirs) {
            for places in Places::of(&books) {
                self.merge_contact(sides, incoming, &id, places, &mut merged)?;
            }
        }
        let ours: HashMap<&str, &Changed> = ours.iter().map(|c| (c.0.as_str(), c)).collect();
        let decided = self.merge_wordings(sides, &ours, &theirs, &mut merged)?;
        for (path, base, theirs) in &theirs {
            let sealed = parse_sealed_path(path);
            let is_contact = matches!(sealed, Some((Sealed::Contact, ..)));
            if is_contact || evidence::parse_path(path).is_some() || decided.contains(path) {
                continue;
            }
            let our = ours.get(path.as_str()).map_or(*base, |(_, _, new)| *new);
            if our == *theirs {
                continue;
            }
            let versions = [*base, our, *theirs];
            let result = match sealed {
                Some((_, book, id)) => {
                    self.merge_record(sides, incoming, (&book, &id), versions, &mut merged)?
                }
                None if our == *base => *theirs,
                None => self.merge_plain(sides, path, versions, &mut merged)?,
            };
            if result != our {
                merged.edits.push((path.clone(), result));
            }
        }
        self.merge_evidence(sides, incoming, &theirs, &mut merged)?;
        Ok(merged)
    }

    fn merge_contact(
        &self,
        sides: Sides,
        incoming: Option<&KeyStore>,
        id: &ContactId,
        places: Places,
        merged: &mut Merged,
    ) -> Result<()> {
        let erased = [sides.ours.tree, sides.theirs.tree]
            .into_iter()
            .map(|tree| self.repo.entry(tree, &Erasure::path(id)))
            .collect::<Result<Vec<_>>>()?
            .iter()
            .any(Option::is_some);
        let result: Place =
            match merge::fate(erased, places.base.clone(), places.ours.clone(), places.theirs.clone()) {
                merge::Fate::Erased | merge::Fate::Absent => None,
                merge::Fate::Ours => places.ours.clone(),
                merge::Fate::Theirs => places.theirs.clone(),
                merge::Fate::Merge => match self.merge_texts(sides, incoming, id, &places)? {
                    Some((place, noted)) => {
                        if noted {
                            merged.conflicts.push(id.clone());
                        }
                        Some(place)
                    }
                    None => {
                        let theirs = places.theirs.map(|(book, blob)| (id.path(&book), Some(blob)));
                        merged.edits.extend(theirs);
                        merged.apart.push(id.clone());
                        return Ok(());
                    }
                },
            };
        if result == places.ours {
            return Ok(());
        }
        if let Some((book, _)) = &places.ours
            && result.as_ref().is_none_or(|(to, _)| to != book)
        {
            merged.edits.push((id.path(book), None));
        }
        if let Some((book, blob)) = result {
            merged.edits.push((id.path(&book), Some(blob)));
        }
        Ok(())
    }

    /// Merges the texts of two versions of a contact; tells whether it got conflict notes. None where they lie in two
    /// books and this member can open but one.
    fn merge_texts(
        &self,
        sides: Sides,
        incoming: Option<&KeyStore>,
        id: &ContactId,
        places: &Places,
    ) -> Result<Option<((Slug, Oid), bool)>> {
        let (Some(ours), Some(theirs)) = (&places.ours, &places.theirs) else {
            return Err(Error::failed("a contact is missing from the merge").at(id.short().to_owned()));
        };
        // Who moved it decides; where both did, the one whose version the remote has already.
        let we_moved = places.base.as_ref().is_some_and(|(book, _)| *book != ours.0 && *book == theirs.0);
        let stays = if we_moved { &ours.0 } else { &theirs.0 };
        let first = |one: Option<&KeyStore>, other: Option<&KeyStore>, book: &Slug| match self
            .keys_of(one, book, id)?
        {
            Some(keys) => Ok::<_, Error>(Some(keys)),
            None => self.keys_of(other, book, id),
        };
        let our_keys = first(None, incoming, &ours.0)?;
        let their_keys = first(incoming, None, &theirs.0)?;
        let locked = || {
            Error::no_key(format!("contact {} was changed on both sides and you cannot open it", id.short()))
                .hint("a member of its book has to sync first")
        };
        if ours.0 != theirs.0 && our_keys.is_some() != their_keys.is_some() {
            return Ok(None);
        }
        let (our_keys, their_keys) = (our_keys.ok_or_else(locked)?, their_keys.ok_or_else(locked)?);
        let keys: Vec<Secret> = our_keys.iter().chain(&their_keys).cloned().collect();
        let text = |place: &(Slug, Oid)| -> Result<String> {
            let text =
                open_text_with(&keys, &self.repo.blob(place.1)?).map_err(|e| e.at(id.path(&place.0)))?;
            // What an erasure took out is no change that the other side's version could undo.
            let text = self.without_erased(&text, &[sides.ours.tree, sides.theirs.tree])?;
            let mut doc = edit::document(&text)?;
            if place.0 != *stays {
                edit::put_into(&mut doc, stays);
                return Ok(doc.to_string());
            }
            Ok(text)
        };
        // A common version that does not open counts as none: then nothing counts as removed.
        let base = places.base.as_ref().and_then(|place| text(place).ok());
        let (our_text, their_text) = (text(ours)?, text(theirs)?);
        let at = |snapshot: Snapshot, place: &(Slug, Oid)| -> Result<(i64, String)> {
            let found = self.repo.origins(&id.path(&place.0), &[place.1], &[snapshot.commit])?;
            Ok(found.get(&place.1).map(|c| (c.time, c.author.clone())).unwrap_or_default())
        };
        let ((our_time, our_name), (their_time, their_name)) =
            (at(sides.ours, ours)?, at(sides.theirs, theirs)?);
        let merged = merge::merge(
            base.as_deref(),
            &Side { text: &our_text, time: our_time, who: &our_name },
            &Side { text: &their_text, time: their_time, who: &their_name },
        )
        .map_err(|e| e.at(id.path(stays)))?;
        check_place(&merged.text, stays, id)?;
        let mut current = if *stays == ours.0 { our_keys.first() } else { their_keys.first() };
        if ours.0 == theirs.0
            && let (Some((_, base)), Some(our), Some(their)) =
                (&places.base, our_keys.first(), their_keys.first())
        {
            // An erasure has given it another key on one side: the old one, which the common version opens with, goes.
            let base = self.repo.blob(*base)?;
            let is_new = |key: &Secret| symmetric::open(key, &base).is_err();
            current = if is_new(our) && !is_new(their) { Some(our) } else { Some(their) };
        }
        let sealed = symmetric::seal(current.ok_or_else(locked)?, merged.text.as_bytes())?;
        Ok(Some(((stays.clone(), self.repo.write_blob(&sealed)?), !merged.notes.is_empty())))
    }

    /// All keys of a contact in one of the two key stores, the current one first; none where there is none to open.
    pub(super) fn keys_of(
        &self,
        incoming: Option<&KeyStore>,
        book: &Slug,
        id: &ContactId,
    ) -> Result<Option<Vec<Secret>>> {
        let store = incoming.unwrap_or(&self.keys);
        let Some(message) = store.get(&id.key_path(book))? else { return Ok(None) };
        let key = match incoming {
            None => self.book_key(book).ok().map(|key| (*key).clone()),
            Some(store) => self.book_key_in(store, book)?,
        };
        let Some(key) = key else { return Ok(None) };
        symmetric::open(&key, &message).ok().map(|text| Secret::all_from_message(&text)).transpose()
    }
}

/// The versions of each contact that they changed, and where we changed it, too. A side that left a file alone has the
/// common version.
fn places(ours: &[Changed], theirs: &[Changed]) -> BTreeMap<ContactId, InBooks> {
    let touched: BTreeSet<ContactId> =
        theirs.iter().filter_map(|(path, ..)| parse_contact_path(path)).map(|(_, id)| id).collect();
    let mut all: BTreeMap<ContactId, InBooks> = BTreeMap::new();
    for (mine, changes) in [(true, ours), (false, theirs)] {
        for (path, old, new) in changes {
            let Some((book, id)) = parse_contact_path(path).filter(|(_, id)| touched.contains(id)) else {
                continue;
            };
            let [base, ours, theirs] = all.entry(id).or_default().entry(book).or_insert([*old; 3]);
            *base = *old;
            *(if mine { ours } else { theirs }) = *new;
        }
    }
    all
}
