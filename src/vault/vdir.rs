//! The vdirs that this clone writes cards into, and what it remembers of each: `.git/carnet/vdirs/<name>.toml`.
//!
//! A vdir (vdirsyncer's "vdir" storage, khard's address books) is a directory with one vCard a file. It lies outside the
//! repository and others write into it, so that carnet must know which file is whose, and whether it is as carnet last saw
//! it. An erasure takes the person's cards along: in every vdir that this clone remembers.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Snapshot, Vault};
use crate::crypto::digest::sha256;
use crate::domain::ids::{ContactId, Slug, event_id};
use crate::error::{At, Error, Result};
use crate::interchange::Version;

/// What a card's file is called.
pub const EXTENSION: &str = ".vcf";

/// What is remembered of one vdir.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Vdir {
    /// The directory, absolute.
    pub path: PathBuf,
    /// Stands before a card's bytes where they are summed, so that equal cards have other sums in another vdir.
    salt: String,
    /// Which vCard is written there; said once, and kept.
    #[serde(default, skip_serializing_if = "Version::is_default")]
    pub vcard: Version,
    #[serde(default)]
    pub cards: BTreeMap<ContactId, Known>,
}

/// A card as it and its contact last agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    pub book: Slug,
    /// The version of the contact file (a git blob) that the card says.
    pub version: String,
    /// SHA-256 of the salt and the file; empty from before a new card is written until it is there.
    sum: String,
    /// The file's name where it came from a program that named it; else it is the contact's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The UID of such a card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// Which vCard that directory was to have when they agreed.
    #[serde(default, skip_serializing_if = "Version::is_default")]
    pub vcard: Version,
}

impl Vdir {
    /// What the file of a contact is called.
    pub fn file_of(&self, id: &ContactId) -> String {
        let own = || format!("{id}{EXTENSION}");
        self.cards.get(id).and_then(|known| known.file.clone()).unwrap_or_else(own)
    }

    /// The UID of a contact's card.
    pub fn uid_of(&self, id: &ContactId) -> String {
        self.cards.get(id).and_then(|known| known.uid.clone()).unwrap_or_else(|| id.to_string())
    }

    /// Whether a file holds what was last seen of this contact's card.
    pub fn is_as_left(&self, id: &ContactId, bytes: &[u8]) -> bool {
        self.cards.get(id).is_some_and(|known| known.sum == self.sum(bytes))
    }

    /// What is known of a contact's card, once it was there.
    pub fn seen(&self, id: &ContactId) -> Option<&Known> {
        self.cards.get(id).filter(|known| !known.sum.is_empty())
    }

    /// Remembers that a new card is about to be written: an erasure reaches it even if this command is killed over it.
    pub fn expect(&mut self, id: &ContactId, book: &Slug, version: impl ToString) {
        if !self.cards.contains_key(id) {
            self.agree(id, book, version, String::new());
        }
    }

    /// Remembers that the card with this [`Vdir::sum`] says `version` of a contact; what it is called stays.
    pub fn agree(&mut self, id: &ContactId, book: &Slug, version: impl ToString, sum: String) {
        let (file, uid) = self.cards.remove(id).map(|known| (known.file, known.uid)).unwrap_or_default();
        let known =
            Known { book: book.clone(), version: version.to_string(), sum, file, uid, vcard: self.vcard };
        self.cards.insert(id.clone(), known);
    }

    /// Remembers what a program called the card of a contact.
    pub fn call(&mut self, id: &ContactId, file: &str, uid: Option<&str>) {
        if let Some(known) = self.cards.get_mut(id)
            && file != format!("{id}{EXTENSION}")
        {
            known.file = Some(file.to_owned());
            known.uid = uid.map(str::to_owned);
        }
    }

    /// SHA-256 of the salt and a file, by which it is known again.
    pub fn sum(&self, bytes: &[u8]) -> String {
        sha256(&[self.salt.as_bytes(), bytes].concat())
    }

    /// The names of its cards' files, in order.
    pub fn files(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path).at(self.path.display())? {
            let entry = entry.at(self.path.display())?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(EXTENSION) && !name.starts_with('.') && entry.path().is_file() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// What a file holds; nothing when it is not there.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let path = self.path.join(name);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::from(e).at(path.display().to_string())),
        }
    }

    /// Replaces a file whole (0600).
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        replace(&self.path, &self.prefix(), name, bytes)
    }

    /// What names of files that are being written begin with: this clone's alone in this vdir.
    fn prefix(&self) -> String {
        format!(".carnet-{}-", self.sum(b"prefix").get(..16).unwrap_or_default())
    }

    /// Removes what a command left that was killed while it wrote a card. The lock is held, so that nobody else writes.
    fn sweep(&self) -> Result<()> {
        let prefix = self.prefix();
        for entry in std::fs::read_dir(&self.path).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&prefix) {
                self.remove(&name)?;
            }
        }
        Ok(())
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::from(e).at(path.display().to_string()))
            }
            _ => Ok(()),
        }
    }
}

/// Writes a file beside its place and renames it; half of one would be taken for the whole by who syncs meanwhile.
fn replace(dir: &Path, prefix: &str, name: &str, bytes: &[u8]) -> Result<()> {
    let path = dir.join(name);
    let mut file = tempfile::Builder::new().prefix(prefix).tempfile_in(dir).at(dir.display())?;
    file.write_all(bytes).at(path.display())?;
    file.persist(&path).map_err(|e| e.error).at(path.display())?;
    Ok(())
}

impl Vault {
    fn vdirs_dir(&self) -> PathBuf {
        self.private_dir().join("vdirs")
    }

    fn vdir_file(path: &Path) -> String {
        let name = sha256(path.to_string_lossy().as_bytes());
        format!("{}.toml", name.get(..16).unwrap_or_default())
    }

    /// What is remembered of the vdir at this absolute path; nothing yet of a new one.
    pub fn vdir(&self, path: &Path) -> Result<Vdir> {
        let file = self.vdirs_dir().join(Vault::vdir_file(path));
        match std::fs::read_to_string(&file) {
            Ok(text) => read(&file, &text),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let salt = format!("{}{}", event_id(), event_id());
                let (path, vcard) = (path.to_owned(), Version::default());
                Ok(Vdir { path, salt, vcard, cards: BTreeMap::new() })
            }
            Err(e) => Err(Error::from(e).at(file.display().to_string())),
        }
    }

    /// Remembers it. The lock is held.
    pub fn remember_vdir(&self, vdir: &Vdir) -> Result<()> {
        vdir.sweep()?;
        let dir = self.vdirs_dir();
        std::fs::create_dir_all(&dir)?;
        let text = toml::to_string(vdir)
            .map_err(|e| Error::failed("what is known of the vdir could not be written").cause(e))?;
        replace(&dir, ".new-", &Vault::vdir_file(&vdir.path), text.as_bytes())
    }

    /// Removes the cards of erased contacts from every vdir that this clone remembers, and what it remembers of them.
    /// Returns how many contacts that were. A vdir that is not there now (a stick, another disk) is looked at when it is used next.
    pub fn forget_in_vdirs(&self, at: Snapshot) -> Result<usize> {
        let mut gone = 0;
        let Ok(entries) = std::fs::read_dir(self.vdirs_dir()) else { return Ok(0) };
        for entry in entries.flatten() {
            // One that somebody was killed over, and it may name a card of an erased contact. The lock is held.
            if entry.path().extension().is_none_or(|e| e != "toml") {
                let _ = std::fs::remove_file(entry.path());
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).at(entry.path().display())?;
            let mut vdir = read(&entry.path(), &text)?;
            let erased = self.erased_of_vdir(at, &vdir)?;
            // It may be half of an erased contact's card.
            vdir.sweep()?;
            for id in erased.iter().filter(|_| vdir.path.is_dir()) {
                vdir.remove(&vdir.file_of(id))?;
                vdir.cards.remove(id);
                gone += 1;
            }
            if !erased.is_empty() && vdir.path.is_dir() {
                self.remember_vdir(&vdir)?;
            }
        }
        Ok(gone)
    }

    /// Those of a vdir's contacts that the ledger names.
    fn erased_of_vdir(&self, at: Snapshot, vdir: &Vdir) -> Result<Vec<ContactId>> {
        let mut erased = Vec::new();
        for id in vdir.cards.keys() {
            if self.is_erased(at, id)? {
                erased.push(id.clone());
            }
        }
        Ok(erased)
    }
}

fn read(file: &Path, text: &str) -> Result<Vdir> {
    toml::from_str(text).map_err(|_| {
        Error::failed("what carnet remembers of a vdir cannot be read")
            .at(file.display().to_string())
            .hint("remove that file; the next import and export of the vdir compare it anew")
    })
}
