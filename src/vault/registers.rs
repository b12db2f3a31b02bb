//! Registers of plain records: reading all or one, and writing one with one signed commit.

use chrono::NaiveDate;
use serde::Serialize;

use super::{Snapshot, Vault};
use crate::domain::register;
use crate::domain::registers::{self, Record, set::Setting};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;

/// One entry as it is committed.
#[derive(Clone, Debug, Serialize)]
pub struct Stored<R> {
    /// The file's name without its ending.
    #[serde(rename = "slug")]
    pub name: String,
    #[serde(skip)]
    pub path: String,
    #[serde(skip)]
    pub text: String,
    #[serde(skip)]
    pub blob: Option<Oid>,
    #[serde(flatten)]
    pub record: R,
}

/// A change of one entry, ready to be committed.
pub struct Draft<R> {
    pub name: String,
    pub path: String,
    /// The version that it was made from; none for a new entry.
    pub from: Option<Oid>,
    pub text: String,
    pub record: R,
    /// Names of the keys that differ.
    pub fields: Vec<String>,
}

impl Vault {
    /// The day it is, UTC.
    pub fn day(&self) -> NaiveDate {
        self.now.date_naive()
    }

    /// All entries of a register, in order of name.
    pub fn entries<R: Record>(&self, at: Snapshot) -> Result<Vec<Stored<R>>> {
        let mut all = Vec::new();
        for file in self.repo.list(at.tree, R::DIR)? {
            let Some(name) = file.path.strip_suffix(".toml") else { continue };
            let path = format!("{}/{}", R::DIR, file.path);
            let text = String::from_utf8_lossy(&self.repo.blob(file.id)?).into_owned();
            let record = register::parse(&path, &text)?;
            all.push(Stored { name: name.to_owned(), path, text, blob: Some(file.id), record });
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// One entry.
    ///
    /// # Errors
    /// Not found, with the names that there are.
    pub fn entry<R: Record>(&self, at: Snapshot, name: &str) -> Result<Stored<R>> {
        let (path, text, blob) = self.entry_text::<R>(at, name)?;
        let record = register::parse(&path, &text)?;
        Ok(Stored { name: name.to_owned(), path, text, blob: Some(blob), record })
    }

    /// Path, text and version of one entry, whatever it says: an entry that does not read is repaired in an editor.
    pub fn entry_text<R: Record>(&self, at: Snapshot, name: &str) -> Result<(String, String, Oid)> {
        let path = registers::path::<R>(name)?;
        let Some(blob) = self.repo.entry(at.tree, &path)? else {
            let names = self.repo.names(at.tree, R::DIR)?;
            let names: Vec<&str> = names.iter().filter_map(|n| n.strip_suffix(".toml")).collect();
            let hint = match names.is_empty() {
                true => format!("`carnet {} add` makes the first", R::NOUN),
                false => format!("there are: {}", names.join(", ")),
            };
            return Err(Error::not_found(format!("there is no such {} in the register", R::NOUN)).hint(hint));
        };
        Ok((path, String::from_utf8_lossy(&self.repo.blob(blob)?).into_owned(), blob))
    }

    /// A new entry with this text, checked.
    ///
    /// # Errors
    /// What [`registers::accept`] refuses, and a name that is taken.
    pub fn new_entry<R: Record>(&self, at: Snapshot, name: &str, text: &str) -> Result<Draft<R>> {
        let path = registers::path::<R>(name)?;
        self.check_free::<R>(at, name, &path)?;
        let record = registers::accept(&path, text, self.day())?;
        let fields = registers::changed::<R>("", text);
        Ok(Draft { name: name.to_owned(), path, from: None, text: text.to_owned(), record, fields })
    }

    fn check_free<R: Record>(&self, at: Snapshot, name: &str, path: &str) -> Result<()> {
        if self.repo.entry(at.tree, path)?.is_none() {
            return Ok(());
        }
        Err(Error::refused(format!("there is a {} `{name}` already", R::NOUN))
            .at(path.to_owned())
            .hint(format!("`carnet {} show {name}` shows it, `edit` changes it", R::NOUN)))
    }

    /// A new version of an entry, checked; none when nothing differs.
    pub fn new_version<R: Record>(
        &self,
        name: &str,
        (path, old, blob): &(String, String, Oid),
        text: &str,
    ) -> Result<Option<Draft<R>>> {
        if text == old {
            return Ok(None);
        }
        let record = registers::accept(path, text, self.day())?;
        let fields = registers::changed::<R>(old, text);
        let from = Some(*blob);
        Ok(Some(Draft {
            name: name.to_owned(),
            path: path.clone(),
            from,
            text: text.to_owned(),
            record,
            fields,
        }))
    }

    /// A new version of an entry with some keys set.
    pub fn set_entry<R: Record>(
        &self,
        at: Snapshot,
        name: &str,
        settings: &[Setting],
    ) -> Result<Option<Draft<R>>> {
        let old = self.entry_text::<R>(at, name)?;
        let text = registers::set::apply(R::FIELDS, &old.1, settings).map_err(|e| e.at(old.0.clone()))?;
        self.new_version(name, &old, &text)
    }

    /// Commits drafts of one register together.
    ///
    /// # Errors
    /// When somebody else changed one of the entries in the meantime.
    pub fn commit_entries<R: Record>(&self, drafts: &[Draft<R>], entry: Entry) -> Result<Option<Oid>> {
        let (commit, ()) = self.write(|at, staged| {
            for draft in drafts {
                match draft.from {
                    None => self.check_free::<R>(at, &draft.name, &draft.path)?,
                    from if self.repo.entry(at.tree, &draft.path)? != from => {
                        return Err(changed(&draft.path));
                    }
                    _ => {}
                }
                staged.put(draft.path.clone(), draft.text.clone());
            }
            Ok((entry, ()))
        })?;
        Ok(commit)
    }

    /// Removes an entry; git keeps its earlier versions. `unused` says by what it is still used.
    pub fn remove_entry<R: Record>(
        &self,
        name: &str,
        entry: Entry,
        unused: impl FnOnce(Snapshot) -> Result<()>,
    ) -> Result<Option<Oid>> {
        let (commit, ()) = self.write(|at, staged| {
            let (path, ..) = self.entry_text::<R>(at, name)?;
            unused(at)?;
            staged.remove(path);
            Ok((entry, ()))
        })?;
        Ok(commit)
    }
}

fn changed(path: &str) -> Error {
    Error::failed("somebody else changed this entry in the meantime")
        .at(path.to_owned())
        .hint("run the command again on the new version")
}
