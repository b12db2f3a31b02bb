//! Reading: everything that one command shows comes from one commit.

use zeroize::Zeroizing;

use super::Vault;
use crate::crypto::{Secret, symmetric};
use crate::domain::contact::Contact;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::organisation::Settings;
use crate::domain::register::{self, Book};
use crate::error::{Error, Kind, Result};
use crate::store::{Oid, lock};

/// One commit of the branch, and its tree.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot {
    pub commit: Oid,
    pub tree: Oid,
}

/// A contact file, opened and checked.
pub struct Opened {
    pub book: Slug,
    pub contact: Contact,
    /// The file's text as it is written.
    pub text: Zeroizing<String>,
    pub blob: Oid,
}

impl Vault {
    /// The branch as it is now.
    pub fn snapshot(&self) -> Result<Snapshot> {
        let commit = self.repo.head()?;
        Ok(Snapshot { commit, tree: self.repo.tree_of(commit)? })
    }

    /// Runs a read on the branch as it is; again when it failed and branch or keys have changed meanwhile.
    ///
    /// Readers hold no lock. A contact that another process erased between two steps is no failure of the
    /// read: on the newer commit it is simply not there. Nor is a book whose keys were replaced between two.
    pub fn reading<T>(&self, read: impl Fn(Snapshot) -> Result<T>) -> Result<T> {
        let mut at = self.snapshot()?;
        let mut keys = self.keys.tip()?;
        loop {
            let result = read(at);
            let now = (self.snapshot()?, self.keys.tip()?);
            if result.is_ok() || (now.0.commit == at.commit && now.1 == keys) {
                return result;
            }
            (at, keys) = now;
        }
    }

    /// Refuses when the work tree's copy of a contact is not the blob that is shown of it.
    ///
    /// A writer moves the branch first and the file next, so a file that differs is looked at again after it.
    pub fn check_file(&self, path: &str, blob: Oid) -> Result<()> {
        self.repo.check_blob(path, blob).or_else(|_| {
            let _lock = lock::acquire(&self.private_dir())?;
            self.repo.check_blob(path, blob)
        })
    }

    /// `carnet.toml`.
    pub fn settings(&self, at: Snapshot) -> Result<Settings> {
        let bytes = self.repo.file(at.tree, "carnet.toml")?.unwrap_or_default();
        Settings::parse(&String::from_utf8_lossy(&bytes))
    }

    /// All books, whoever can open them.
    pub fn all_books(&self, at: Snapshot) -> Result<Vec<(Slug, Book)>> {
        let mut books = Vec::new();
        for file in self.repo.list(at.tree, "books")? {
            if let Some(slug) = file.path.strip_suffix(".toml") {
                let path = format!("books/{}", file.path);
                let text = String::from_utf8_lossy(&self.repo.blob(file.id)?).into_owned();
                books.push((
                    slug.parse().map_err(|e: Error| e.at(path.clone()))?,
                    register::parse(&path, &text)?,
                ));
            }
        }
        Ok(books)
    }

    /// The books that this member can open.
    pub fn my_books(&self, at: Snapshot) -> Result<Vec<(Slug, Book)>> {
        let mut books = self.all_books(at)?;
        books.retain(|(_, book)| book.members.contains(&self.me.handle));
        Ok(books)
    }

    /// The book that a new contact goes into: the one named, the default, or the only one.
    pub fn book_for_new(
        &self,
        at: Snapshot,
        named: Option<&Slug>,
        settings: &Settings,
    ) -> Result<(Slug, Book)> {
        let mine = self.my_books(at)?;
        let wanted = named.or(settings.defaults.book.as_ref());
        let found = match wanted {
            Some(slug) => mine.iter().find(|(s, _)| s == slug),
            None if mine.len() == 1 => mine.first(),
            None => None,
        };
        found.cloned().ok_or_else(|| {
            let names: Vec<&str> = mine.iter().map(|(s, _)| s.as_str()).collect();
            Error::not_found(match wanted {
                Some(slug) => format!("you have no book `{slug}`"),
                None => "which book is this contact for?".to_owned(),
            })
            .hint(format!("--book with one of: {}", names.join(", ")))
        })
    }

    /// Slugs of the declared purposes.
    pub fn purposes(&self, at: Snapshot) -> Result<Vec<Slug>> {
        let names = self.repo.names(at.tree, "registers/purposes")?;
        Ok(names.iter().filter_map(|n| n.strip_suffix(".toml")?.parse().ok()).collect())
    }

    /// Refuses a purpose that nobody declared.
    pub fn check_purpose(&self, at: Snapshot, purpose: &Slug) -> Result<()> {
        let declared = self.purposes(at)?;
        if declared.contains(purpose) {
            return Ok(());
        }
        let names: Vec<&str> = declared.iter().map(Slug::as_str).collect();
        Err(Error::refused(format!("the purpose `{purpose}` is not declared in the register"))
            .hint(format!("declared: {}; `carnet purpose add {purpose}` declares it", names.join(", "))))
    }

    /// The key of one contact.
    pub fn contact_key(&self, book: &Slug, id: &ContactId) -> Result<Secret> {
        let message = self.contact_key_message(book, id)?;
        self.open_contact_key(book, &message)
    }

    pub(super) fn contact_key_message(&self, book: &Slug, id: &ContactId) -> Result<Vec<u8>> {
        self.keys.get(&id.key_path(book))?.ok_or_else(|| match self.left_on() {
            Some(day) => super::sync::leave::removed(&day),
            None => {
                Error::no_key(format!("the key of contact {} is not in this clone's key store", id.short()))
                    .hint("`carnet doctor` says whether it was erased or lost")
            }
        })
    }

    /// Opens a contact key's message with its book's key.
    pub fn open_contact_key(&self, book: &Slug, message: &[u8]) -> Result<Secret> {
        let plaintext = symmetric::open(&*self.book_key(book)?, message)?;
        Secret::from_message(&plaintext)
    }

    /// Opens one contact at `at`; `None` when the book has no such contact.
    pub fn open_contact(&self, at: Snapshot, book: &Slug, id: &ContactId) -> Result<Option<Opened>> {
        let Some((text, blob)) = self.contact_text(at, book, id)? else { return Ok(None) };
        let contact = check_place(&text, book, id).map_err(|e| e.at(id.path(book)))?;
        Ok(Some(Opened { book: book.clone(), contact, text, blob }))
    }

    /// The text of one contact at `at`, whatever it says, and its blob.
    pub fn contact_text(
        &self,
        at: Snapshot,
        book: &Slug,
        id: &ContactId,
    ) -> Result<Option<(Zeroizing<String>, Oid)>> {
        let path = id.path(book);
        let Some(blob) = self.repo.entry(at.tree, &path)? else { return Ok(None) };
        let key = self.contact_key(book, id)?;
        let text = open_text(&key, &self.repo.blob(blob)?).map_err(|e| e.at(path))?;
        Ok(Some((text, blob)))
    }
}

/// Decrypts a contact file to its text.
pub fn open_text(key: &Secret, message: &[u8]) -> Result<Zeroizing<String>> {
    let plaintext = symmetric::open(key, message).map_err(|e| {
        Error::new(Kind::Failed, "the contact file is damaged, or was encrypted by somebody else")
            .cause(e)
            .hint("`carnet verify` lists every such file; `git log -- PATH` shows who last changed it")
    })?;
    match std::str::from_utf8(&plaintext) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(Error::failed("the contact file does not hold text")),
    }
}

/// The same with whichever of the contact's keys the version was sealed under.
pub fn open_text_with(keys: &[Secret], message: &[u8]) -> Result<Zeroizing<String>> {
    let mut last = Err(Error::no_key("there is no key for this contact"));
    for key in keys {
        last = open_text(key, message);
        if last.is_ok() {
            break;
        }
    }
    last
}

/// Reads a contact and refuses it when it belongs elsewhere.
pub fn check_place(text: &str, book: &Slug, id: &ContactId) -> Result<Contact> {
    let contact: Contact = Contact::parse(text).map_err(|mut e| {
        e.kind = Kind::Failed;
        let path = id.path(book);
        e.place = Some(e.place.map_or_else(|| path.clone(), |line| format!("{path}, {line}")));
        e.hint = Some(
            "`carnet edit ID` without flags opens it for repair; `git log -- PATH` shows who changed it"
                .into(),
        );
        e
    })?;
    if contact.id != *id || contact.book != *book {
        return Err(Error::failed("the contact file is another contact's: it was swapped")
            .hint("`carnet verify` lists every such file; `git log -- PATH` shows who moved it"));
    }
    Ok(contact)
}
