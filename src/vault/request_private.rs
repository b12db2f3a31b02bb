//! The sealed companion of a rights request: made with the first text that names somebody, changed, destroyed alone.

use super::write::Staged;
use super::{Snapshot, Vault};
use crate::domain::ids::Slug;
use crate::domain::record::Head;
use crate::domain::request::private::{KIND, Note, Private};
use crate::domain::request::{Companion, Request};
use crate::domain::zone::Day;
use crate::error::{Error, Result};

/// What a step adds to the companion.
#[derive(Clone, Debug, Default)]
pub struct Words {
    pub requester: Option<String>,
    pub mandate: Option<String>,
    pub identifiers: Vec<String>,
    pub note: Option<String>,
}

impl Words {
    /// A note alone.
    pub fn note(text: Option<&str>) -> Words {
        Words { note: text.map(str::to_owned), ..Words::default() }
    }

    fn is_empty(&self) -> bool {
        self.requester.is_none()
            && self.mandate.is_none()
            && self.identifiers.is_empty()
            && self.note.is_none()
    }
}

impl Vault {
    /// The companion of a request; none where there is none, or no more.
    ///
    /// # Errors
    /// When it is in a book that this member cannot open.
    pub fn private_of(&self, at: Snapshot, request: &Request) -> Result<Option<Private>> {
        Ok(self.open_private(at, request)?.map(|(_, private)| private))
    }

    fn open_private(&self, at: Snapshot, request: &Request) -> Result<Option<(Head, Private)>> {
        let Some(companion) = request.companion.as_ref().filter(|c| c.destroyed.is_none()) else {
            return Ok(None);
        };
        let Some(record) = self.open_record(at, &companion.book, &companion.id)? else {
            return Err(Error::failed("the sealed companion of the request is missing")
                .at(format!("request {}", request.reference))
                .hint("`carnet verify` says what became of it"));
        };
        let mut private: Private = record.body()?;
        private.rest.retain(|key, _| !["id", "book", "kind"].contains(&key));
        if private.request != request.reference {
            return Err(Error::failed("the sealed companion belongs to another request: it was swapped")
                .at(format!("request {}", request.reference))
                .hint("`carnet verify`, and `git log -- PATH`, show who moved it"));
        }
        Ok(Some((record.head, private)))
    }

    /// Stages what a step adds to the companion, and makes it if there is none yet: in the book `named`, the contact's,
    /// or the one for new contacts.
    pub fn stage_words(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        request: &mut Request,
        named: Option<&Slug>,
        step: &str,
        words: &Words,
    ) -> Result<()> {
        if words.is_empty() {
            return Ok(());
        }
        let known = self.open_private(at, request)?;
        let mut private = known.as_ref().map_or_else(|| Private::new(&request.reference), |(_, p)| p.clone());
        private.requester = words.requester.clone().or(private.requester);
        private.mandate = words.mandate.clone().or(private.mandate);
        private.identifiers.extend(words.identifiers.iter().cloned());
        if let Some(text) = &words.note {
            private.notes.push(Note {
                id: uuid::Uuid::new_v4().to_string(),
                time: self.now_text(),
                step: step.to_owned(),
                text: text.clone(),
            });
        }
        match known {
            Some((head, _)) => self.stage_record(staged, &head, &private),
            None => {
                let book = self.book_for_words(at, request, named)?;
                let head = Head::new(&book, &KIND.parse()?);
                self.stage_new_record(staged, &head, &private)?;
                request.companion = Some(Companion { book, id: head.id, destroyed: None });
                Ok(())
            }
        }
    }

    /// Stages the destruction of the companion; what it was about stays in the plain entry.
    ///
    /// # Errors
    /// When there is none.
    pub fn stage_private_destruction(
        &self,
        staged: &mut Staged,
        request: &mut Request,
        on: Day,
    ) -> Result<()> {
        let place = format!("request {}", request.reference);
        let Some(companion) = request.companion.as_mut().filter(|c| c.destroyed.is_none()) else {
            return Err(Error::not_found("the request has no sealed companion to destroy").at(place));
        };
        self.stage_record_destruction(staged, &companion.book, &companion.id);
        companion.destroyed = Some(on);
        request.kept.retain(|kept| kept.what != "companion");
        Ok(())
    }

    /// The book for a request's companion.
    fn book_for_words(&self, at: Snapshot, request: &Request, named: Option<&Slug>) -> Result<Slug> {
        if let (Some(id), None) = (&request.contact, named)
            && let Some(held) = self.in_my_books(at, id)?
        {
            return Ok(held.book);
        }
        Ok(self.book_for_new(at, named, &self.settings(at)?)?.0)
    }
}
