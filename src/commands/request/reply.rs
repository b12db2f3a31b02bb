//! What goes out to the person: an addressed letter, its pack, and the order in which it is recorded, written and entered.

use std::path::Path;

use crate::context::Context;
use crate::domain::organisation::{Lang, Settings};
use crate::domain::request::Request;
use crate::domain::request::private::Private;
use crate::domain::zone::Day;
use crate::error::Result;
use crate::reports::pack::files::{Pack, Place};
use crate::reports::pack::lang_of;
use crate::reports::pack::letter::{Enclosed, Letter, Which};
use crate::reports::pack::purposes::title;
use crate::reports::pack::render::Pages;
use crate::vault::access::Access;
use crate::vault::requests::Subject;
use crate::vault::{Snapshot, Vault};

/// A request with everything that a reply to it is made from.
pub(super) struct Reply<'a> {
    pub vault: &'a Vault,
    pub at: Snapshot,
    pub settings: Settings,
    pub subject: Subject,
    pub private: Option<Private>,
    pub lang: Lang,
}

impl<'a> Reply<'a> {
    pub fn new(vault: &'a Vault, at: Snapshot, request: &Request, lang: Option<Lang>) -> Result<Reply<'a>> {
        let settings = vault.settings(at)?;
        let subject = vault.subject_of(at, request)?;
        let private = vault.private_of(at, request)?;
        let own = match &subject {
            Subject::Held(opened) => opened.contact.lang.as_deref(),
            _ => None,
        };
        let lang = lang.unwrap_or_else(|| lang_of(own, &settings));
        Ok(Reply { vault, at, settings, subject, private, lang })
    }

    /// A letter to whoever asked: named in the companion, else the contact.
    pub fn letter(&self, request: &Request, day: Day) -> Result<Letter> {
        let mut letter = Letter::new(&self.settings, request, self.lang.as_str(), day);
        if let Subject::Held(opened) = &self.subject {
            letter.to_contact(&opened.contact);
        }
        if let Some(requester) = self.private.as_ref().and_then(|p| p.requester.as_deref()) {
            letter.to_requester(requester);
        }
        for purpose in &request.purposes {
            letter.purposes.push(title(
                self.vault,
                self.at,
                purpose.as_str(),
                self.lang,
                self.settings.lang,
            )?);
        }
        Ok(letter)
    }

    /// The pack: the letter, naming what comes with it, and these files.
    pub fn pack(&self, which: Which, mut letter: Letter, mut files: Vec<(String, Vec<u8>)>) -> Result<Pack> {
        letter.files = files.iter().map(|(name, _)| Enclosed::new(name)).collect();
        files.push(("letter.html".to_owned(), self.pages()?.letter(which, &letter)?));
        Ok(Pack::new(files))
    }

    pub fn pages(&self) -> Result<Pages> {
        Pages::new(self.vault, self.at, self.lang)
    }

    /// Records the export, writes the pack and then enters the step with `commit`; the pack goes again if that fails.
    pub fn hand_out<T>(
        &self,
        request: &Request,
        place: &Place,
        pack: &Pack,
        commit: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let companion = request.companion.as_ref().filter(|c| c.destroyed.is_none());
        let mut books: Vec<_> = companion.iter().map(|c| c.book.clone()).collect();
        if let Subject::Held(opened) = &self.subject {
            books.push(opened.book.clone());
        }
        books.sort();
        books.dedup();
        let access = Access {
            action: "export",
            contacts: request.contact.iter().cloned().collect(),
            records: companion.iter().map(|c| c.id.clone()).collect(),
            books,
            count: Some(1),
            purpose: None,
        };
        self.vault.record_for(self.at, access, Some(request.reference.as_str()))?;
        place.write(pack)?;
        commit().inspect_err(|_| place.take_back())
    }
}

/// The letter of a step before the answer: which, of what day, in which language, and where it goes if one is wanted.
pub(super) struct Note<'a> {
    pub which: Which,
    pub day: Day,
    pub lang: Option<Lang>,
    pub place: Option<&'a Place>,
}

/// Enters a step with `enter`, and writes its letter, which `fill` completes.
pub(super) fn step<T>(
    context: &Context,
    (vault, at): (&Vault, Snapshot),
    request: &Request,
    note: &Note<'_>,
    fill: impl FnOnce(&mut Letter),
    enter: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let Some(place) = note.place else { return enter() };
    let reply = Reply::new(vault, at, request, note.lang)?;
    let mut letter = reply.letter(request, note.day)?;
    fill(&mut letter);
    let pack = reply.pack(note.which, letter, Vec::new())?;
    let done = reply.hand_out(request, place, &pack, enter)?;
    tell(context, place, &pack);
    Ok(done)
}

/// Opens the repository to change the request that `reference` means; with the day that it is for it.
pub(super) fn begin(context: &Context, reference: &str) -> Result<(Vault, Snapshot, Request, Day)> {
    let vault = context.vault_to_change()?;
    let at = vault.snapshot()?;
    let request = vault.request(at, reference)?;
    let today = vault.today_for(&request)?;
    Ok((vault, at, request, today))
}

/// Where a letter goes, if one is wanted.
pub(super) fn place(context: &Context, vault: &Vault, out: Option<&Path>) -> Result<Option<Place>> {
    out.map(|dir| Place::check(&context.dir.join(dir), &vault.repo)).transpose()
}

/// Says where the pack is.
pub(super) fn tell(context: &Context, place: &Place, pack: &Pack) {
    context.ui.note(&format!(
        "Wrote {} into {}: plain text about a person; send it safely and delete it when it has served.",
        pack.names().join(", "),
        place.dir().display()
    ));
}
