//! Git configuration: which member this clone belongs to, and what `init` sets for git itself.

use super::Repo;
use crate::error::Result;

impl Repo {
    /// A configuration value (repository, then user, then system), if it is set.
    pub fn config(&self, key: &str) -> Result<Option<String>> {
        match self.git.config()?.snapshot()?.get_string(key) {
            Ok(value) => Ok(Some(value)),
            Err(e) if e.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Sets a value in this repository's own configuration.
    pub fn set_config(&self, key: &str, value: &str) -> Result<()> {
        let mut local = self.git.config()?.open_level(git2::ConfigLevel::Local)?;
        Ok(local.set_str(key, value)?)
    }
}
