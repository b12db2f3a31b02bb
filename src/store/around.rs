//! Git repositories around a path that is not one's own: would git track what is written there?

use std::path::{Path, PathBuf};

use git2::{ErrorCode, Repository, RepositoryOpenFlags};

use crate::error::Result;

/// The work tree that a file at `path` (absolute, without links) would be tracked in; none where there is no work tree
/// around it, or where it is ignored there (gitignore(5)). A repository that cannot be read counts as tracking.
pub fn tracking(path: &Path) -> Result<Option<PathBuf>> {
    let Some(there) = path.ancestors().find(|dir| dir.is_dir()) else { return Ok(None) };
    let none: [&str; 0] = [];
    let git = match Repository::open_ext(there, RepositoryOpenFlags::empty(), none) {
        Ok(git) => git,
        Err(e) if e.code() == ErrorCode::NotFound => return Ok(None),
        Err(_) => return Ok(Some(there.to_path_buf())),
    };
    let Some(root) = git.workdir() else { return Ok(None) };
    let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let Ok(inside) = path.strip_prefix(&root) else { return Ok(None) };
    // Git itself never tracks its own directory.
    let own = inside.components().any(|part| part.as_os_str() == ".git");
    Ok((!own && !git.is_path_ignored(inside)?).then_some(root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_git_would_add_is_tracked() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().canonicalize().unwrap();
        assert_eq!(tracking(&dir.join("a/b/c.html")).unwrap(), None);
        let root = dir.join("work");
        Repository::init(&root).unwrap();
        std::fs::write(root.join(".gitignore"), "out/\n").unwrap();
        assert_eq!(tracking(&root.join("new/c.html")).unwrap(), Some(root.clone()));
        assert_eq!(tracking(&root.join("out/c.html")).unwrap(), None);
        assert_eq!(tracking(&root.join(".git/c.html")).unwrap(), None);
        assert_eq!(tracking(&dir.join("c.html")).unwrap(), None);
    }
}
