//! Making the bare repository that a firm serves to its members.

use std::path::Path;

use super::init::shell_quoted;
use crate::error::{Error, Result};
use crate::store::Repo;
use crate::store::beside::Beside;
use crate::store::remote::tracking;
use crate::store::served::Served;

/// Makes the repository at `dir`, which must be empty or not there; its hooks call `program`.
///
/// On failure nothing is left: it is made beside its place and moved there when it is complete.
pub fn make(dir: &Path, program: &str) -> Result<()> {
    let empty = match std::fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_none(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => true,
        Err(e) => return Err(Error::from(e).at(dir.display().to_string())),
    };
    if !empty {
        return Err(Error::failed("the directory is not empty")
            .at(dir.display().to_string())
            .hint("choose a new directory: an existing repository's objects would not be kept apart"));
    }
    let parent = dir.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = Beside::new(parent, ".carnet-remote-")?;
    let hooks = ["pre-receive", "post-receive"].map(|name| (name, script(name, program)));
    Served::init(&beside.path(), &hooks)?;
    beside.move_to(dir)
}

/// A hook: the program that made the repository, or the one on the PATH where that has moved.
fn script(name: &str, program: &str) -> String {
    let program = shell_quoted(program);
    format!(
        "#!/bin/sh\n# Made by `carnet remote init`. Without carnet a push is refused.\n\
         if [ -x {program} ]; then exec {program} hook {name}; fi\nexec carnet hook {name}\n"
    )
}

/// Adds `url` as remote `origin`, with what a clone fetches; false when there is an `origin` already.
pub fn add_origin(repo: &Repo, url: &str) -> Result<bool> {
    if repo.config("remote.origin.url")?.is_some() {
        return Ok(false);
    }
    set_origin(repo, url)?;
    Ok(true)
}

/// Sets remote `origin`, what is fetched from it, and that `main` follows its main.
pub(super) fn set_origin(repo: &Repo, url: &str) -> Result<()> {
    repo.set_config("remote.origin.url", url)?;
    repo.set_all_config("remote.origin.fetch", &tracking("origin"))?;
    repo.set_config("branch.main.remote", "origin")?;
    repo.set_config("branch.main.merge", "refs/heads/main")
}
