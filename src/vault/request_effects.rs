//! What an answer does to the person's contact: a restriction or an objection is written into it, in the same commit
//! as the register's entry.

use toml_edit::{ArrayOfTables, Item, Table, value};

use super::write::Staged;
use super::{Snapshot, Vault};
use crate::domain::edit;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::request::Request;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;
use crate::vault::snapshot::Opened;

impl Vault {
    /// Stages a `[[restriction]]` (Art. 18) for each purpose of the request, or one for all.
    pub fn stage_restriction(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        request: &Request,
        opened: &Opened,
        entry: &mut Entry,
    ) -> Result<()> {
        let case = request.case.map(|case| case.as_str());
        self.stage_mark(at, staged, request, opened, entry, "restriction", &[("case", case)])
    }

    /// Stages an `[[objection]]` (Art. 21) for each purpose of the request, or one for all.
    pub fn stage_objection_of(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        request: &Request,
        opened: &Opened,
        entry: &mut Entry,
    ) -> Result<()> {
        self.stage_mark(at, staged, request, opened, entry, "objection", &[("method", Some("request"))])
    }

    #[allow(clippy::too_many_arguments, reason = "what is written where, and why")]
    fn stage_mark(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        request: &Request,
        opened: &Opened,
        entry: &mut Entry,
        key: &str,
        more: &[(&str, Option<&str>)],
    ) -> Result<()> {
        let (book, id) = (&opened.book, &opened.contact.id);
        self.check_unchanged(at, book, id, opened.blob)?;
        let mut doc = edit::document(&opened.text)?;
        let list = doc
            .entry(key)
            .or_insert(Item::ArrayOfTables(ArrayOfTables::new()))
            .as_array_of_tables_mut()
            .ok_or_else(|| {
                Error::failed(format!("`{key}` is not a list of tables in this contact"))
                    .at(format!("contact {}", id.short()))
                    .hint("`carnet edit ID` without flags opens it for repair")
            })?;
        let purposes: Vec<Option<&Slug>> = match request.purposes.is_empty() {
            true => vec![None],
            false => request.purposes.iter().map(Some).collect(),
        };
        for purpose in purposes {
            let mut table = Table::new();
            table["id"] = value(uuid::Uuid::new_v4().to_string());
            if let Ok(now) = self.now_text().parse::<toml_edit::Datetime>() {
                table["time"] = value(now);
            }
            if let Some(purpose) = purpose {
                table["purpose"] = value(purpose.as_str());
            }
            for (name, text) in more {
                if let Some(text) = text {
                    table[name] = value(*text);
                }
            }
            table["request"] = value(request.reference.as_str());
            list.push(table);
        }
        self.stage_version(staged, book, id, &doc.to_string())?;
        entry.books.push(book.clone());
        entry.fields.push(key.to_owned());
        Ok(())
    }

    /// Refuses when somebody changed the contact since it was read.
    pub fn check_unchanged(&self, at: Snapshot, book: &Slug, id: &ContactId, blob: Oid) -> Result<()> {
        if self.repo.entry(at.tree, &id.path(book))? == Some(blob) {
            return Ok(());
        }
        Err(Error::failed("somebody else changed this contact in the meantime")
            .hint("run the command again on the new version"))
    }

    /// The contact's text as it was at a commit, sealed under whichever of its keys.
    ///
    /// `None` where the contact was not there yet, or that version opens no more.
    pub fn text_at(&self, at: Snapshot, commit: &str, id: &ContactId) -> Result<Option<zeroize::Zeroizing<String>>> {
        let Ok(commit) = Oid::from_str(commit) else { return Ok(None) };
        let Ok(tree) = self.repo.tree_of(commit) else { return Ok(None) };
        let files = self.repo.contact_files(tree, id.fan(), &format!("{id}.toml.pgp"))?;
        let (Some((_, blob)), Some(keys)) = (files.first(), self.keys_wherever(at, id)?) else { return Ok(None) };
        Ok(super::snapshot::open_text_with(&keys, &self.repo.blob(*blob)?).ok())
    }
}
