//! What the rows of an import become: new contacts, of declared purposes and of persons who did not object, or more of those
//! that are there already. A row that says that somebody wants no more e-mail counts for who is there, too.

use std::collections::BTreeMap;

use super::add::accept;
use super::import::{Lot, Remark};
use super::import_known::{Everybody, Known};
use crate::domain::channel::Channel;
use crate::domain::contact::Contact;
use crate::domain::draft::Draft;
use crate::domain::ids::{ContactId, Slug, event_id};
use crate::domain::objected::Objected;
use crate::domain::organisation::Settings;
use crate::domain::{edit, events, supplement::supplement};
use crate::error::{Error, Result};
use crate::interchange::Row;
use crate::vault::vdir_import::CardEdit;
use crate::vault::{Snapshot, Vault};

/// What an import is to do.
pub(super) struct Taken {
    /// New contacts, each with the number of its row.
    pub drafts: Vec<(usize, Draft)>,
    /// Changes to contacts that are there.
    pub edits: Vec<CardEdit>,
    /// How many rows are of contacts that are there.
    pub there: usize,
}

/// How rows are taken.
pub(super) struct Way<'a> {
    pub lot: &'a Lot,
    pub tags: &'a [String],
    /// Whether contacts that are there get what the rows say more.
    pub merge: bool,
}

/// The drafts to import, complete, declared and not there yet; and what changes for those who are.
pub(super) fn taken(
    vault: &Vault,
    at: Snapshot,
    settings: &Settings,
    rows: Vec<Row>,
    way: &Way<'_>,
    remarks: &mut Vec<Remark>,
) -> Result<Taken> {
    let mut known = Everybody::of(vault, at)?;
    let purposes = vault.purposes(at)?;
    let opposition = vault.opposition(at)?;
    if opposition.unchecked > 0 {
        remarks.push(Remark {
            place: "registers/objections".into(),
            kind: "note",
            reason: format!(
                "{} entries are of books that you cannot open and were not compared",
                opposition.unchecked
            ),
        });
    }
    let (mut drafts, mut there) = (Vec::<(usize, Draft)>::with_capacity(rows.len()), 0);
    let mut places = Vec::with_capacity(rows.len());
    let mut more = More { vault, at, settings, merge: way.merge, edits: BTreeMap::new() };
    for (n, Row { place, draft, notes }) in rows.into_iter().enumerate() {
        remarks.extend(notes.into_iter().map(|reason| Remark { place: place.clone(), kind: "note", reason }));
        let mut remark = |kind, reason: String| remarks.push(Remark { place: place.clone(), kind, reason });
        let mut draft = match draft {
            Ok(draft) => draft,
            Err(reason) => {
                remark("skipped", reason);
                continue;
            }
        };
        complete(&mut draft, way).map_err(|e| e.at(place.clone()))?;
        if let Some(basis) = draft.bases.iter().find(|b| !purposes.contains(&b.purpose)) {
            remark("skipped", format!("the purpose `{}` is not declared", basis.purpose));
            continue;
        }
        let wanted: Vec<&Slug> = draft.bases.iter().map(|basis| &basis.purpose).collect();
        if vault.opposed(at, &opposition, &draft.emails, &draft.phones, &wanted)?.is_some() {
            remark("skipped", "this person is on the opposition list (Art. 21 GDPR)".into());
            continue;
        }
        if draft.opted_out {
            draft.objections.push(no_email(vault)?);
        }
        match known.who(&draft) {
            None => {
                if draft.opted_out {
                    remark("note", "wants no e-mail: an objection is recorded with the contact".into());
                }
                known.add(&draft, &place);
                drafts.push((n, draft));
                places.push(place);
            }
            Some((Known::Row(earlier), by)) => {
                remark("duplicate", by.said_of(earlier));
                let first = places.iter().position(|place| place == earlier).and_then(|n| drafts.get_mut(n));
                // One no counts, in whichever row of a person it stands.
                if let Some((_, first)) = first.filter(|(_, first)| draft.opted_out && !first.opted_out) {
                    remark("note", "wants no e-mail: an objection is recorded with the contact".into());
                    first.opted_out = true;
                    first.objections.append(&mut draft.objections);
                }
            }
            Some((Known::Contact(book, id), by)) => {
                there += 1;
                let said = more.of((book, id), &draft)?;
                let short = id.short();
                if said.opted_out {
                    remark("note", format!("wants no e-mail: an objection is recorded with contact {short}"));
                }
                if let Some(reason) = said.refused {
                    remark("skipped", reason);
                } else if said.added {
                    remark("merged", by.said_of(&format!("contact {short}")));
                } else {
                    remark("duplicate", by.said_of(&format!("contact {short}")));
                }
                if !said.differ.is_empty() {
                    remark(
                        "note",
                        format!(
                            "says something else than the contact, which stays: {}",
                            said.differ.join(", ")
                        ),
                    );
                }
            }
        }
    }
    Ok(Taken { drafts, edits: more.edits.into_values().collect(), there })
}

/// What the lot brings where a row says nothing.
fn complete(draft: &mut Draft, way: &Way<'_>) -> Result<()> {
    if draft.source.trim().is_empty() {
        draft.source = way.lot.source.clone();
    }
    if draft.bases.is_empty() {
        draft.bases = way.lot.bases.clone();
    }
    for tag in way.tags {
        if !draft.tags.contains(tag) {
            draft.tags.push(tag.clone());
        }
    }
    if draft.source.trim().is_empty() || draft.bases.is_empty() {
        return Err(Error::refused("an import needs a source and at least one legal basis")
            .hint("give --source and --basis, for example --source 'trade fair' --basis prospects:legitimate-interests"));
    }
    Ok(())
}

/// The objection that a file's opt-out is: to e-mail, for every purpose.
fn no_email(vault: &Vault) -> Result<Objected> {
    let time = vault.now_text().parse();
    let time = time.map_err(|e| Error::failed("the clock is no moment").cause(e))?;
    Ok(Objected {
        id: event_id(),
        time,
        purpose: None,
        channel: Channel::Email.as_str().to_owned(),
        method: Some("import".to_owned()),
        request: None,
        lifted: None,
    })
}

/// More of contacts that are there.
struct More<'a> {
    vault: &'a Vault,
    at: Snapshot,
    settings: &'a Settings,
    merge: bool,
    /// By contact: two rows may be of one.
    edits: BTreeMap<ContactId, CardEdit>,
}

/// What a row said of one.
#[derive(Default)]
struct Said {
    added: bool,
    opted_out: bool,
    differ: Vec<&'static str>,
    refused: Option<String>,
}

impl More<'_> {
    fn of(&mut self, (book, id): (&Slug, &ContactId), draft: &Draft) -> Result<Said> {
        let mut said = Said::default();
        if !self.merge && draft.objections.is_empty() {
            return Ok(said);
        }
        let old = match self.edits.get(id) {
            Some(edit) => edit.new.clone(),
            None => match self.vault.contact_text(self.at, book, id)? {
                Some((text, _)) => text.to_string(),
                None => return Ok(said),
            },
        };
        let contact = Contact::parse(&old)?;
        let mut doc = edit::document(&old)?;
        if self.merge {
            said.differ = supplement(&mut doc, &contact, draft);
            said.added = doc.to_string() != old;
        }
        let now = self.vault.now.timestamp();
        for new in &draft.objections {
            let stands = |one: &Objected| {
                one.stands_at(now)
                    && one.purpose.is_none()
                    && [Objected::ALL, &new.channel].contains(&one.channel.as_str())
            };
            if !contact.objections.iter().any(stands) {
                events::append(&mut doc, "objection", new)?;
                said.opted_out = true;
            }
        }
        match accept(self.vault, self.at, self.settings, &doc.to_string(), id, book) {
            Ok(new) if new == old => {}
            Ok(new) => match self.edits.get_mut(id) {
                Some(edit) => edit.new = new,
                None => {
                    self.edits.insert(id.clone(), CardEdit::of_contact(book, id, old, new));
                }
            },
            Err(e) => said = Said { refused: Some(e.message), ..Said::default() },
        }
        Ok(said)
    }
}
