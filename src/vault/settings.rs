//! Changing `carnet.toml` with one signed commit.

use super::{Snapshot, Vault};
use crate::domain::organisation::Settings;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;

/// Where the settings are.
pub const SETTINGS: &str = "carnet.toml";

impl Vault {
    /// The text of `carnet.toml` as it is committed.
    pub fn settings_text(&self, at: Snapshot) -> Result<String> {
        let bytes = self.repo.file(at.tree, SETTINGS)?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Commits a new text of `carnet.toml` that was made from `old`.
    ///
    /// # Errors
    /// When it cannot be read, or somebody else changed it in the meantime.
    pub fn commit_settings(&self, old: &str, new: &str, entry: Entry) -> Result<Option<Oid>> {
        Settings::parse(new)?;
        let (commit, ()) = self.write(|at, staged| {
            if self.settings_text(at)? != old {
                return Err(Error::failed("somebody else changed the settings in the meantime")
                    .at(SETTINGS)
                    .hint("run the command again"));
            }
            staged.put(SETTINGS, new);
            Ok((entry, ()))
        })?;
        Ok(commit)
    }

    /// Commits `carnet.toml` with a key of one of its tables set or removed; everything else stays as written.
    pub fn commit_setting(
        &self,
        table: &str,
        key: &str,
        value: Option<&str>,
        entry: Entry,
    ) -> Result<Option<Oid>> {
        let old = self.settings_text(self.snapshot()?)?;
        let new = with(&old, table, key, value)?;
        if new == old { Ok(None) } else { self.commit_settings(&old, &new, entry) }
    }
}

/// The text with a key of one of its tables set or removed.
pub(super) fn with(text: &str, table: &str, key: &str, value: Option<&str>) -> Result<String> {
    let broken =
        || Error::failed("carnet.toml cannot be changed").at(SETTINGS).hint("correct it and commit it");
    let mut doc: toml_edit::DocumentMut = text.parse().map_err(|_| broken())?;
    let entry = doc.entry(table).or_insert(toml_edit::Item::Table(toml_edit::Table::new()));
    let entry = entry.as_table_like_mut().ok_or_else(broken)?;
    match value {
        Some(value) => drop(entry.insert(key, toml_edit::value(value))),
        None => drop(entry.remove(key)),
    }
    if entry.is_empty() {
        doc.remove(table);
    }
    Ok(doc.to_string())
}
