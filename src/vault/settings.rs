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
}
