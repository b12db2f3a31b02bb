//! The register of rights requests: reading it, opening an entry, and changing one, each in one signed commit.

use super::select::Match;
use super::snapshot::Opened;
use super::write::Staged;
use super::{Snapshot, Vault};
use crate::domain::ids::{ContactId, Sealed, Slug};
use crate::domain::register::{self, Erasure};
use crate::domain::request::{Channel, DIR, Kind, Reference, Request, RestrictionCase};
use crate::domain::trailer::Entry;
use crate::domain::zone::{Day, Zone};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::store::Oid;

/// What is known of a request when it comes in.
#[derive(Clone, Debug)]
pub struct NewRequest {
    pub kind: Kind,
    pub contact: Option<ContactId>,
    pub channel: Channel,
    pub received: Day,
    pub acknowledged: Option<Day>,
    pub purposes: Vec<Slug>,
    pub case: Option<RestrictionCase>,
}

/// Whom a request is about, as far as this member can tell.
pub enum Subject {
    /// A contact that this member can open.
    Held(Box<Opened>),
    /// A contact that was erased: its line of the ledger.
    Erased(Box<Erasure>),
    /// Nobody that the firm knows, as far as the request says.
    Unknown,
}

impl Vault {
    /// All requests, in order of their references.
    pub fn requests(&self, at: Snapshot) -> Result<Vec<Request>> {
        let mut all =
            self.each_request(at)?.into_iter().map(|(_, request)| request).collect::<Result<Vec<_>>>()?;
        all.sort_by(|a, b| {
            let key = |r: &Request| (r.reference.year_and_number(), r.reference.clone());
            key(a).cmp(&key(b))
        });
        Ok(all)
    }

    /// Every entry with its path, also one that cannot be read.
    pub fn each_request(&self, at: Snapshot) -> Result<Vec<(String, Result<Request>)>> {
        let mut all = Vec::new();
        for file in self.repo.list(at.tree, DIR)? {
            let path = format!("{DIR}/{}", file.path);
            if path.ends_with(".toml") {
                let request = Request::parse(&path, &String::from_utf8_lossy(&self.repo.blob(file.id)?));
                all.push((path, request));
            }
        }
        Ok(all)
    }

    /// The one request that `text` means: a reference, or its beginning such as `2026-001`.
    pub fn request(&self, at: Snapshot, text: &str) -> Result<Request> {
        if let Ok(whole) = text.trim().parse::<Reference>()
            && let Some(request) = self.request_entry(at, &whole)?
        {
            return Ok(request);
        }
        let mut meant: Vec<Reference> = self.references(at)?;
        meant.retain(|reference| reference.is_meant_by(text));
        match &meant[..] {
            [one] => self.request_entry(at, one)?.ok_or_else(no_such_request),
            [] => Err(no_such_request()),
            several => {
                let names: Vec<&str> = several.iter().map(Reference::as_str).collect();
                Err(Error::new(ErrorKind::Ambiguous, "several requests have such a reference")
                    .hint(format!("give one of {}", names.join(", "))))
            }
        }
    }

    fn references(&self, at: Snapshot) -> Result<Vec<Reference>> {
        let names = self.repo.names(at.tree, DIR)?;
        Ok(names.iter().filter_map(|name| name.strip_suffix(".toml")?.parse().ok()).collect())
    }

    fn request_entry(&self, at: Snapshot, reference: &Reference) -> Result<Option<Request>> {
        let path = reference.path_in(DIR);
        let Some(bytes) = self.repo.file(at.tree, &path)? else { return Ok(None) };
        Request::parse(&path, &String::from_utf8_lossy(&bytes)).map(Some)
    }

    /// The firm's time zone, and the day that it is there.
    pub fn zone_and_today(&self, at: Snapshot) -> Result<(Zone, Day)> {
        let zone = self.settings(at)?.zone()?;
        Ok((zone, zone.day_of(self.now)))
    }

    /// The day that it is for a request, in the time zone that it was entered in.
    pub fn today_for(&self, request: &Request) -> Result<Day> {
        Ok(request.zone()?.day_of(self.now))
    }

    /// What a new request would be, on the branch as it is; nothing is written.
    pub fn draft_request(&self, at: Snapshot, new: &NewRequest) -> Result<Request> {
        let (zone, today) = self.zone_and_today(at)?;
        for purpose in &new.purposes {
            self.check_purpose(at, purpose)?;
        }
        let year = chrono::Datelike::year(&new.received.0);
        let number = Reference::next_number(&self.references(at)?, year);
        let reference = Reference::new(year, number, ContactId::random().short())?;
        let mut request = Request::new(reference, new.kind, new.channel, zone, new.received);
        request.contact.clone_from(&new.contact);
        request.opened = self.now_text();
        request.base = at.commit.to_string();
        request.acknowledged = new.acknowledged;
        request.purposes.clone_from(&new.purposes);
        request.case = new.case;
        request.check_received(today)?;
        Ok(request)
    }

    /// Enters a request; `more` may stage what belongs to it, such as its companion.
    pub fn open_request(
        &self,
        new: &NewRequest,
        more: impl FnOnce(Snapshot, &mut Staged, &mut Request) -> Result<()>,
    ) -> Result<(Option<Oid>, Request)> {
        self.write(|at, staged| {
            let mut request = self.draft_request(at, new)?;
            more(at, staged, &mut request)?;
            staged.put(request.path(), register::to_toml(&request)?);
            let mut entry = request_entry_of(&request, "request-open", "open");
            name_record(staged, &request, &mut entry);
            Ok((entry, request))
        })
    }

    /// Changes a request as it is on the branch now; `change` may stage more and add to the commit's words.
    pub fn change_request(
        &self,
        reference: &Reference,
        step: &str,
        change: impl FnOnce(Snapshot, &mut Staged, &mut Request, &mut Entry) -> Result<()>,
    ) -> Result<(Option<Oid>, Request)> {
        self.write(|at, staged| {
            let mut request = self.request_entry(at, reference)?.ok_or_else(no_such_request)?;
            let mut entry = request_entry_of(&request, &format!("request-{step}"), step);
            change(at, staged, &mut request, &mut entry)?;
            name_record(staged, &request, &mut entry);
            staged.put(request.path(), register::to_toml(&request)?);
            Ok((entry, request))
        })
    }

    /// Whom a request is about.
    ///
    /// # Errors
    /// When the contact is in a book that this member cannot open, or is gone without an erasure.
    pub fn subject_of(&self, at: Snapshot, request: &Request) -> Result<Subject> {
        let Some(id) = &request.contact else { return Ok(Subject::Unknown) };
        if let Some(one) = self.in_my_books(at, id)? {
            let opened = self.open_contact(at, &one.book, id)?;
            return opened.map(|o| Subject::Held(Box::new(o))).ok_or_else(|| gone(id));
        }
        let path = Erasure::path(id);
        if let Some(bytes) = self.repo.file(at.tree, &path)? {
            let line = register::parse(&path, &String::from_utf8_lossy(&bytes))?;
            return Ok(Subject::Erased(Box::new(line)));
        }
        match self.repo.contact_files(at.tree, id.fan(), &format!("{id}.toml.pgp"))?.is_empty() {
            true => Err(gone(id)),
            false => Err(Error::no_key("the contact is in a book that you cannot open")
                .at(format!("contact {}", id.short()))
                .hint("a member of that book can answer this request")),
        }
    }

    /// The contact with this id in this member's books.
    pub fn in_my_books(&self, at: Snapshot, id: &ContactId) -> Result<Option<Match>> {
        Ok(self.by_id_prefix(at, id.as_str())?.into_iter().next())
    }

    /// Books that this member cannot open, so that nobody says that a person is in none.
    pub fn books_out_of_reach(&self, at: Snapshot) -> Result<Vec<Slug>> {
        let all = self.all_books(at)?.into_iter();
        Ok(all.filter(|(_, book)| !book.members.contains(&self.me.handle)).map(|(slug, _)| slug).collect())
    }
}

/// The commit's words: the reference and ids only.
fn request_entry_of(request: &Request, action: &str, step: &str) -> Entry {
    let mut entry = Entry::new(format!("request: {step} {}", request.reference), action);
    entry.contacts = request.contact.iter().cloned().collect();
    entry.purposes.clone_from(&request.purposes);
    entry.request = Some(request.reference.to_string());
    entry
}

/// Names the companion where the commit writes or destroys it.
fn name_record(staged: &Staged, request: &Request, entry: &mut Entry) {
    let Some(companion) = &request.companion else { return };
    let path = Sealed::Record.path(&companion.book, &companion.id);
    if staged.files.iter().any(|(staged, _)| *staged == path) {
        entry.records.push(companion.id.clone());
        if !entry.books.contains(&companion.book) {
            entry.books.push(companion.book.clone());
        }
    }
}

fn no_such_request() -> Error {
    Error::not_found("there is no such request").hint("`carnet request list --all` lists them")
}

fn gone(id: &ContactId) -> Error {
    Error::not_found("the request's contact is in no book and in no line of the erasure ledger")
        .at(format!("contact {}", id.short()))
        .hint("`carnet verify` says more; `carnet history ID` shows what became of it")
}
