//! Git configuration: which member this clone belongs to, and what `init` sets for git itself.

use std::path::Path;

use super::Repo;
use crate::error::Result;

/// A configuration value as git sees it from a directory: its repository's, else the user's; none where it cannot be read.
pub fn config_at(dir: &Path, key: &str) -> Option<String> {
    let config = match git2::Repository::discover(dir) {
        Ok(repo) => repo.config(),
        Err(_) => git2::Config::open_default(),
    };
    config.and_then(|mut config| config.snapshot()?.get_string(key)).ok()
}

impl Repo {
    /// A configuration value (repository, then user, then system), if it is set.
    pub fn config(&self, key: &str) -> Result<Option<String>> {
        match self.git.config()?.snapshot()?.get_string(key) {
            Ok(value) => Ok(Some(value)),
            Err(e) if e.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// All values of a key that may have several.
    pub fn all_config(&self, key: &str) -> Result<Vec<String>> {
        let config = self.git.config()?.snapshot()?;
        let mut found = Vec::new();
        match config.multivar(key, None) {
            Ok(entries) => entries.for_each(|entry| found.extend(entry.value().map(str::to_owned).ok()))?,
            Err(e) if e.code() == git2::ErrorCode::NotFound => {}
            Err(e) => return Err(e.into()),
        }
        Ok(found)
    }

    /// Names of the git remotes.
    pub fn remote_names(&self) -> Result<Vec<String>> {
        let names = self.git.remotes()?;
        Ok(names.iter().filter_map(|name| name.ok().flatten().map(str::to_owned)).collect())
    }

    /// Sets a value in this repository's own configuration.
    pub fn set_config(&self, key: &str, value: &str) -> Result<()> {
        let mut local = self.git.config()?.open_level(git2::ConfigLevel::Local)?;
        Ok(local.set_str(key, value)?)
    }

    /// Sets a key that has several values in this repository's own configuration.
    pub fn set_all_config(&self, key: &str, values: &[String]) -> Result<()> {
        let mut local = self.git.config()?.open_level(git2::ConfigLevel::Local)?;
        let there = local.get_string(key).is_ok();
        if there {
            local.remove_multivar(key, ".*")?;
        }
        for value in values {
            // A pattern that fits no value adds one.
            local.set_multivar(key, "^$", value)?;
        }
        Ok(())
    }
}
