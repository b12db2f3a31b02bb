//! Writing contacts into a vdir: planned without touching it, then carried out under the lock.
//!
//! A card that is as carnet left it follows its contact. One that was changed there since is left for `import` to take
//! in, so that neither side is lost. Files of others are not touched.

use std::collections::{BTreeSet, HashSet};

use super::vdir::{EXTENSION, Vdir};
use super::{Snapshot, Vault};
use crate::domain::contact::Contact;
use crate::domain::ids::{ContactId, Slug};
use crate::error::Result;
use crate::interchange::write_card_as;
use crate::store::{Oid, lock};

/// What is to become of a vdir.
#[derive(Default)]
pub struct Plan {
    /// Cards to write, new or changed.
    pub write: Vec<Planned>,
    /// Cards that say already what their contact says.
    pub same: Vec<Planned>,
    /// Contacts whose cards go: erased, moved away, or no longer wanted there.
    pub remove: Vec<ContactId>,
    /// Files of contacts that were erased before carnet knew this directory.
    pub stray: Vec<String>,
    /// Contacts whose cards were changed there since; they stay as they are.
    pub theirs: Vec<ContactId>,
    /// Cards that are no contact's.
    pub foreign: usize,
    /// Of those to write, how many were deleted there.
    pub deleted: usize,
    pub unchanged: usize,
}

/// One card and the version of the contact that it says.
pub struct Planned {
    pub book: Slug,
    pub id: ContactId,
    version: Oid,
    text: String,
    /// The sum of the file that was there.
    there: Option<String>,
}

impl Plan {
    /// Whether anything would be done to the files there.
    pub fn is_empty(&self) -> bool {
        self.write.is_empty() && self.remove.is_empty() && self.stray.is_empty()
    }

    /// These stayed as they are there.
    pub fn leave(&mut self, theirs: Vec<ContactId>) {
        self.write.retain(|card| !theirs.contains(&card.id));
        self.remove.retain(|id| !theirs.contains(id));
        self.theirs.extend(theirs);
    }
}

impl Vault {
    /// Compares a vdir with the contacts that belong into it (book, id and version).
    pub fn plan_vdir(&self, at: Snapshot, vdir: &Vdir, wanted: &[(Slug, ContactId, Oid)]) -> Result<Plan> {
        let mut plan = Plan::default();
        let files: HashSet<String> =
            if vdir.path.is_dir() { vdir.files()? } else { Vec::new() }.into_iter().collect();
        let mut of_contacts: HashSet<String> = HashSet::new();
        let mut open: Vec<(Slug, ContactId, Oid, Option<Vec<u8>>)> = Vec::new();
        for (book, id, version) in wanted {
            let name = vdir.file_of(id);
            let there = if files.contains(&name) { vdir.read(&name)? } else { None };
            of_contacts.insert(name);
            match (vdir.seen(id), there) {
                (Some(_), Some(bytes)) if !vdir.is_as_left(id, &bytes) => plan.theirs.push(id.clone()),
                (Some(known), Some(_))
                    if known.version == version.to_string() && known.vcard == vdir.vcard =>
                {
                    plan.unchanged += 1;
                }
                (known, there) => {
                    plan.deleted += usize::from(known.is_some() && there.is_none());
                    open.push((book.clone(), id.clone(), *version, there));
                }
            }
        }
        self.render(vdir, open, &mut plan)?;
        let mine: HashSet<&ContactId> = wanted.iter().map(|(_, id, _)| id).collect();
        for (id, known) in vdir.cards.iter().filter(|(id, _)| !mine.contains(id)) {
            let name = vdir.file_of(id);
            let erased = self.is_erased(at, id)?;
            let changed = match vdir.read(&name)? {
                Some(bytes) if !erased => !vdir.is_as_left(id, &bytes),
                _ => false,
            };
            of_contacts.insert(name);
            // What somebody made there and carnet gave back (`import undo`) is theirs.
            let given_back = known.file.is_some() && !erased && !self.lives(at, id)?;
            match () {
                _ if changed => plan.theirs.push(id.clone()),
                _ if given_back => plan.foreign += 1,
                _ => plan.remove.push(id.clone()),
            }
        }
        for name in files.iter().filter(|name| !of_contacts.contains(*name)) {
            let id = name.strip_suffix(EXTENSION).and_then(|stem| stem.parse::<ContactId>().ok());
            match id {
                Some(id) if self.is_erased(at, &id)? => plan.stray.push(name.clone()),
                _ => plan.foreign += 1,
            }
        }
        plan.stray.sort();
        Ok(plan)
    }

    /// Opens contacts and sorts them by whether their file there says the same already.
    fn render(
        &self,
        vdir: &Vdir,
        open: Vec<(Slug, ContactId, Oid, Option<Vec<u8>>)>,
        plan: &mut Plan,
    ) -> Result<()> {
        let books: BTreeSet<Slug> = open.iter().map(|(book, ..)| book.clone()).collect();
        for book in books {
            let of_book: Vec<_> = open.iter().filter(|(b, ..)| *b == book).collect();
            let ids: Vec<(ContactId, Oid)> =
                of_book.iter().map(|(_, id, version, _)| (id.clone(), *version)).collect();
            let mut each = of_book.iter();
            self.open_many(&book, &ids, &mut |_, contact: Contact| {
                let Some((book, id, version, there)) = each.next() else { return };
                let text = write_card_as(&contact, &vdir.uid_of(id), vdir.vcard);
                let is_there = there.as_deref() == Some(text.as_bytes());
                // A file of this name that carnet does not remember is somebody's work until `import` has seen it.
                let unknown = there.is_some() && vdir.seen(id).is_none();
                let there = there.as_deref().map(|bytes| vdir.sum(bytes));
                let (book, id, version) = (book.clone(), id.clone(), *version);
                let planned = Planned { book, id, version, text, there };
                match () {
                    _ if is_there => plan.same.push(planned),
                    _ if unknown => plan.theirs.push(planned.id),
                    _ => plan.write.push(planned),
                }
            })?;
        }
        plan.unchanged += plan.same.len();
        Ok(())
    }

    /// Whether there is such a contact in any book, or one that it became part of.
    pub(super) fn lives(&self, at: Snapshot, id: &ContactId) -> Result<bool> {
        for (book, _) in self.all_books(at)? {
            if self.repo.entry(at.tree, &id.path(&book))?.is_some() {
                return Ok(true);
            }
        }
        Ok(!self.by_merged_id(at, id.as_str())?.is_empty())
    }

    /// Does what was planned. A contact that somebody erased in the meantime is not written any more, and a card that another
    /// program changed in the meantime stays; returns whose these are.
    pub fn carry_out_vdir(&self, vdir: &mut Vdir, plan: &Plan) -> Result<Vec<ContactId>> {
        let _lock = lock::acquire(&self.private_dir())?;
        self.recover()?;
        let now = self.snapshot()?;
        plan.write.iter().for_each(|card| vdir.expect(&card.id, &card.book, card.version));
        self.remember_vdir(vdir)?;
        let done = self.write_cards(now, vdir, plan);
        // What was written before a failure is remembered, too: carnet would take it for somebody's work.
        self.remember_vdir(vdir)?;
        done
    }

    fn write_cards(&self, now: Snapshot, vdir: &mut Vdir, plan: &Plan) -> Result<Vec<ContactId>> {
        let mut theirs = Vec::new();
        let sum = |vdir: &Vdir, id: &ContactId| -> Result<Option<String>> {
            Ok(vdir.read(&vdir.file_of(id))?.map(|bytes| vdir.sum(&bytes)))
        };
        for card in &plan.write {
            if self.repo.entry(now.tree, &card.id.path(&card.book))?.is_none() {
                if vdir.seen(&card.id).is_none() {
                    vdir.cards.remove(&card.id);
                }
                continue;
            }
            if sum(vdir, &card.id)? != card.there {
                theirs.push(card.id.clone());
                continue;
            }
            vdir.write(&vdir.file_of(&card.id), card.text.as_bytes())?;
            vdir.agree(&card.id, &card.book, card.version, vdir.sum(card.text.as_bytes()));
        }
        for card in &plan.same {
            vdir.agree(&card.id, &card.book, card.version, vdir.sum(card.text.as_bytes()));
        }
        for id in &plan.remove {
            let bytes = vdir.read(&vdir.file_of(id))?;
            if bytes.is_some_and(|bytes| !vdir.is_as_left(id, &bytes)) && !self.is_erased(now, id)? {
                theirs.push(id.clone());
                continue;
            }
            vdir.remove(&vdir.file_of(id))?;
            vdir.cards.remove(id);
        }
        plan.stray.iter().try_for_each(|name| vdir.remove(name))?;
        Ok(theirs)
    }
}
