//! Where named pages may go: not where git would track them, for what git has once it keeps, and no erasure reaches it.

use std::path::Path;

use crate::error::{Error, Result};
use crate::reports::site::{Target, resolved};
use crate::store::{Repo, around};

/// Checks a place for named pages: a new or empty directory, or one that carnet made.
///
/// The data repository's own work tree is refused, and every other one where git does not ignore the place; `force`
/// permits both. Git's own directory of the data repository never is.
pub fn target(dir: &Path, repo: &Repo, force: bool) -> Result<Target> {
    let real = resolved(dir)?;
    let inside = |ours: &Path| {
        let ours = ours.canonicalize().unwrap_or_else(|_| ours.to_path_buf());
        real.starts_with(ours)
    };
    let private = repo.private_dir();
    let refused = |what: String| {
        Err(Error::refused(what).at(dir.display().to_string()).hint(
            "give a directory outside every repository, such as --out ../named, or --force if you must",
        ))
    };
    if inside(private.parent().unwrap_or(&private)) {
        return Err(Error::refused("named pages are not written into git's own directory")
            .at(dir.display().to_string())
            .hint("give a directory outside the repository, such as --out ../named"));
    }
    if !force {
        if inside(repo.root()) {
            return refused("named pages are not written into the data repository".to_owned());
        }
        if let Some(root) = around::tracking(&real.join("index.html"))? {
            return refused(format!(
                "git would track named pages there, in the work tree {}",
                root.display()
            ));
        }
    }
    Target::at(real, dir)
}
