//! What every command gets: built once from flags and environment, never a global.

use std::path::PathBuf;
use std::rc::Rc;

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};
use crate::hooks::Waiting;
use crate::output::Ui;
use crate::vault::{Surroundings, Vault};

/// Flags and environment, understood.
pub struct Context {
    pub ui: Ui,
    /// Where the data repository is looked for.
    pub dir: PathBuf,
    pub around: Surroundings,
    pub dry_run: bool,
    /// Git runs carnet's drivers by this program.
    pub program: String,
    /// The hooks that wait for the end of the command.
    pub hooks: Rc<Waiting>,
}

impl Context {
    /// Opens the data repository.
    pub fn vault(&self) -> Result<Vault> {
        Ok(self.telling(Vault::open(&self.dir, &self.around)?))
    }

    /// Opens the data repository to change it right away, a moment faster.
    pub fn vault_to_change(&self) -> Result<Vault> {
        Ok(self.telling(Vault::open_to_change(&self.dir, &self.around)?))
    }

    fn telling(&self, mut vault: Vault) -> Vault {
        vault.take_came_back().iter().for_each(|text| self.ui.warn(text));
        let hooks = Rc::clone(&self.hooks);
        vault.took = Some(Box::new(move |vault, entry, commit| hooks.committed(vault, entry, commit)));
        let ui = self.ui.clone();
        vault.tell = Some(Box::new(move |text| ui.note(text)));
        vault
    }
}

/// The moment that counts as now: the clock's, or `CARNET_NOW` (RFC 3339) where a test or a demo fixes it.
pub fn now() -> Result<DateTime<Utc>> {
    match std::env::var("CARNET_NOW") {
        Ok(text) => DateTime::parse_from_rfc3339(&text).map(|t| t.with_timezone(&Utc)).map_err(|e| {
            Error::usage("CARNET_NOW is not a moment").cause(e).hint("for example 2026-11-23T10:00:00Z")
        }),
        Err(_) => Ok(Utc::now()),
    }
}

/// `$XDG_DATA_HOME`, or `~/.local/share` (XDG Base Directory Specification).
pub fn data_home() -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|d| d.is_absolute()) {
        return Ok(dir);
    }
    std::env::home_dir()
        .filter(|home| home.is_absolute())
        .map(|home| home.join(".local").join("share"))
        .ok_or_else(|| {
            Error::failed("there is no home directory to keep keys in").hint("set HOME or XDG_DATA_HOME")
        })
}
