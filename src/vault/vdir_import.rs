//! What a vdir says that the contacts do not: cards that were changed there, new ones, and those that are gone.

use std::collections::{BTreeSet, HashMap};
use std::time::{SystemTime, UNIX_EPOCH};

use super::index_file::Row as IndexRow;
use super::select::Match;
use super::snapshot::open_text_with;
use super::vdir::{EXTENSION, Known, Vdir};
use super::{Snapshot, Vault};
use crate::domain::contact::Contact;
use crate::domain::draft::Draft;
use crate::domain::edit;
use crate::domain::fold::fold;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::merge::{Side, merge};
use crate::error::Result;
use crate::interchange::vdir::{Card, read_card, take_over};
use crate::interchange::{Options, Row, Version};
use crate::store::{Oid, lock};

/// The largest card that is read, in bytes.
const LARGEST: u64 = 32 << 20;

/// What a vdir says.
#[derive(Default)]
pub struct Said {
    /// Cards of contacts that say something else than they did.
    pub edits: Vec<CardEdit>,
    /// Cards of contacts that were written anew and say the same.
    pub same: Vec<Of>,
    /// Cards that are no contact's yet, each with its file and that one's sum.
    pub new: Vec<(String, String, Row)>,
    /// Places and reasons.
    pub refused: Vec<(String, String)>,
    /// Contacts whose cards are gone there.
    pub deleted: Vec<ContactId>,
    pub unchanged: usize,
    /// Contacts whose cards were read.
    seen: BTreeSet<ContactId>,
}

/// A contact and the file that has its card.
#[derive(Clone, Debug)]
pub struct Of {
    pub book: Slug,
    pub id: ContactId,
    pub file: String,
    /// The card's UID.
    pub uid: Option<String>,
    /// The sum of what was read: what is written there later was not taken in.
    pub sum: String,
}

/// A contact's new text, as its card has it.
pub struct CardEdit {
    pub of: Of,
    /// The contact's text as it was when the two were compared.
    pub old: String,
    pub new: String,
    /// Whether contact and card had both changed, so that the card does not say all that the contact says.
    pub merged: bool,
    /// The version that the card was written from, where it is known.
    base: Option<Oid>,
}

impl CardEdit {
    /// A contact's new text as an import has it that is no card's.
    pub fn of_contact(book: &Slug, id: &ContactId, old: String, new: String) -> CardEdit {
        let of =
            Of { book: book.clone(), id: id.clone(), file: String::new(), uid: None, sum: String::new() };
        CardEdit { of, old, new, merged: false, base: None }
    }
}

impl Vault {
    /// Reads a vdir and compares it with the contacts; nothing is changed.
    pub fn read_vdir(&self, at: Snapshot, vdir: &Vdir, options: &Options) -> Result<Said> {
        let mut said = Said::default();
        let mut unknown = Vec::new();
        let named: HashMap<String, ContactId> =
            vdir.cards.keys().map(|id| (vdir.file_of(id), id.clone())).collect();
        // The cards that are known come first: of two with one UID the other is the second.
        let mut files: Vec<(usize, String)> = vdir.files()?.into_iter().enumerate().collect();
        files.sort_by_key(|(_, name)| !named.contains_key(name));
        for (n, name) in files {
            let stem = name.strip_suffix(EXTENSION).and_then(|stem| stem.parse::<ContactId>().ok());
            let known = named.get(&name).cloned();
            // A file's name may be somebody's.
            let place = match &known {
                Some(id) => format!("contact {}", id.short()),
                None => format!("file {}", n + 1),
            };
            if vdir.path.join(&name).metadata().is_ok_and(|m| m.len() > LARGEST) {
                said.refused.push((place, "the card is larger than 32 MB".into()));
                continue;
            }
            let Some(bytes) = vdir.read(&name)? else { continue };
            if let Some(id) = known.as_ref().filter(|id| vdir.is_as_left(id, &bytes))
                && self.lives(at, id)?
            {
                said.unchanged += 1;
                said.seen.insert(id.clone());
                continue;
            }
            let sum = vdir.sum(&bytes);
            let card = match read_card(&bytes, options) {
                Ok(card) => card,
                Err(reason) => {
                    said.refused.push((place, reason));
                    continue;
                }
            };
            let id = known.or_else(|| uid(&card)).or(stem);
            if let Some(id) = &id
                && self.is_erased(at, id)?
            {
                said.refused.push((place, "this contact was erased".into()));
                continue;
            }
            let found = match &id {
                Some(id) => self.wherever(at, id)?,
                None => None,
            };
            match found {
                Some(found) if Some(&found.id) == id.as_ref() => {
                    let uid = card.uid.clone();
                    let of = Of { book: found.book, id: found.id, file: name, uid, sum };
                    self.compare(at, vdir, of, card, options, &mut said)?;
                }
                Some(found) => {
                    let short = found.id.short().to_owned();
                    said.refused.push((place, format!("this contact became part of contact {short}")));
                }
                None => unknown.push((name, sum, place, card)),
            }
        }
        self.by_own_uid(at, vdir, unknown, options, &mut said)?;
        for id in vdir.cards.keys().filter(|id| vdir.seen(id).is_some()) {
            if vdir.read(&vdir.file_of(id))?.is_none() && self.wherever(at, id)?.is_some() {
                said.deleted.push(id.clone());
            }
        }
        Ok(said)
    }

    /// The book and id of a contact, or of the one that it became part of.
    fn wherever(&self, at: Snapshot, id: &ContactId) -> Result<Option<Match>> {
        let mut found = self.by_id_prefix(at, id.as_str())?;
        if found.is_empty() {
            found = self.by_merged_id(at, id.as_str())?;
        }
        Ok(found.into_iter().next())
    }

    /// Cards that came with a UID of their own: contacts that were imported from them keep it.
    fn by_own_uid(
        &self,
        at: Snapshot,
        vdir: &Vdir,
        unknown: Vec<(String, String, String, Card)>,
        options: &Options,
        said: &mut Said,
    ) -> Result<()> {
        if unknown.is_empty() {
            return Ok(());
        }
        let indexes = self
            .my_books(at)?
            .into_iter()
            .map(|(book, _)| Ok((self.whole_index(at, &book)?, book)))
            .collect::<Result<Vec<_>>>()?;
        let rows: Vec<(&Slug, Vec<IndexRow<'_>>)> =
            indexes.iter().map(|(index, book)| (book, index.rows())).collect();
        for (name, sum, place, card) in unknown {
            let line = card.uid.as_ref().filter(|uid| !uid.is_empty()).map(|uid| fold(&format!("UID:{uid}")));
            let mut found = None;
            for (book, row) in rows.iter().flat_map(|(book, rows)| rows.iter().map(move |row| (*book, row))) {
                let text = row.text()?;
                let near = line.as_ref().is_some_and(|line| text.lines().any(|text| text == line));
                if near && !vdir.cards.contains_key(&row.id.parse()?) {
                    found = Some((book.clone(), row.id.parse()?));
                    break;
                }
            }
            match found {
                Some((book, id)) => {
                    let of = Of { book, id, file: name, uid: card.uid.clone(), sum };
                    self.compare(at, vdir, of, card, options, said)?;
                }
                None => {
                    let row = Row { place, ..card.row };
                    said.new.push((name, sum, row));
                }
            }
        }
        Ok(())
    }

    fn compare(
        &self,
        at: Snapshot,
        vdir: &Vdir,
        of: Of,
        card: Card,
        options: &Options,
        said: &mut Said,
    ) -> Result<()> {
        let place = format!("contact {}", of.id.short());
        if !said.seen.insert(of.id.clone()) {
            said.refused.push((place, "there is a second card of this contact".into()));
            return Ok(());
        }
        let draft = match card.row.draft {
            Ok(draft) => draft,
            Err(reason) => {
                said.refused.push((place, reason));
                return Ok(());
            }
        };
        let Some((old, _)) = self.contact_text(at, &of.book, &of.id)? else { return Ok(()) };
        let base = vdir.cards.get(&of.id).and_then(|known| self.base(&of.book, &of.id, known));
        let from = base.as_ref().map(|(text, _)| text.as_str());
        let written = vdir.path.join(&of.file).metadata().and_then(|m| m.modified()).ok();
        let version = vdir.cards.get(&of.id).map_or(vdir.vcard, |known| known.vcard);
        match self.taken_over(&old, from, (&draft, version), written, options) {
            Ok((new, _)) if new == *old => said.same.push(of),
            Ok((new, merged)) => {
                let base = base.map(|(_, blob)| blob);
                said.edits.push(CardEdit { of, old: old.to_string(), new, merged, base });
            }
            Err(e) => said.refused.push((place, e.message)),
        }
        Ok(())
    }

    /// The version that a card was written from; none where it does not open any more.
    fn base(&self, book: &Slug, id: &ContactId, known: &Known) -> Option<(String, Oid)> {
        let blob = Oid::from_str(&known.version).ok()?;
        let keys = self.contact_keys(book, id).ok()?;
        let text = open_text_with(&keys, &self.repo.blob(blob).ok()?).ok()?;
        Some((text.to_string(), blob))
    }

    /// The contact's text with what the card says, and whether both had changed since the card was written.
    ///
    /// Where both changed the same field, the contact's value stays and the card's is kept in a conflict note.
    fn taken_over(
        &self,
        current: &str,
        base: Option<&str>,
        (draft, version): (&Draft, Version),
        written: Option<SystemTime>,
        options: &Options,
    ) -> Result<(String, bool)> {
        let from = base.unwrap_or(current);
        let mut doc = edit::document(from)?;
        take_over(&mut doc, &Contact::parse(from)?, draft, options, version);
        let theirs = doc.to_string();
        if from == current || theirs == from {
            let new = if from == current { theirs } else { current.to_owned() };
            return Ok((new, false));
        }
        let time = written.and_then(|t| t.duration_since(UNIX_EPOCH).ok()).map_or(0, |d| d.as_secs());
        // The contact is what the firm works with: it counts as the later side.
        let now = self.now.timestamp();
        let ours = Side { text: current, time: now, who: self.me.handle.as_str() };
        let time = i64::try_from(time).unwrap_or(0).min(now - 1);
        let merged = merge(from.into(), &ours, &Side { text: &theirs, time, who: "vdir" })?;
        Ok((merged.text, true))
    }

    /// Remembers that contacts and cards agree after an import: the cards as they were read, for whoever writes there does not
    /// wait for an answer to the question before it.
    pub fn agree_with_vdir(&self, vdir: &mut Vdir, edits: &[CardEdit], others: &[Of]) -> Result<()> {
        let _lock = lock::acquire(&self.private_dir())?;
        let now = self.snapshot()?;
        // A card that does not say all that the contact says is written anew by the next export.
        let edits = edits.iter().map(|edit| (&edit.of, edit.base.filter(|_| edit.merged)));
        for (of, base) in edits.chain(others.iter().map(|of| (of, None))) {
            let Some(version) = self.repo.entry(now.tree, &of.id.path(&of.book))? else { continue };
            // What this file was before: a contact whose import was taken back.
            let stale: Vec<ContactId> = vdir
                .cards
                .keys()
                .filter(|id| vdir.file_of(id) == of.file && **id != of.id)
                .cloned()
                .collect();
            stale.iter().for_each(|id| drop(vdir.cards.remove(id)));
            vdir.agree(&of.id, &of.book, base.unwrap_or(version), of.sum.clone());
            vdir.call(&of.id, &of.file, of.uid.as_deref());
        }
        self.remember_vdir(vdir)
    }
}

/// The id that a card's UID is.
fn uid(card: &Card) -> Option<ContactId> {
    let uid = card.uid.as_deref()?.trim();
    uid.strip_prefix("urn:uuid:").unwrap_or(uid).to_ascii_lowercase().parse().ok()
}
