//! Other git commands at work in this repository: carnet leaves alone what they hold.

use std::path::Path;
use std::time::{Duration, Instant};

use super::Repo;
use crate::error::{Error, Result};

/// How long a git command may take to let go of a lock.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// The error for a lock file of git's that does not go away.
pub fn in_use(lock: &Path) -> Error {
    Error::failed("another git command is using the repository, or was killed in it")
        .at(lock.display().to_string())
        .hint("wait for it to finish; when no git command is running, remove that file")
}

impl Repo {
    /// Waits a moment for a lock file that a running git command may hold; an error when it stays.
    ///
    /// Returns at once when no git command is at work here.
    pub fn wait_for_git(&self, lock: &Path) -> Result<()> {
        let start = Instant::now();
        while lock.exists() && self.git_is_running() {
            if start.elapsed() > PATIENCE {
                return Err(in_use(lock));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Whether a `git` works in this work tree or git directory, as far as `/proc` tells (proc(5)).
    ///
    /// A git command stays in the directory that it changed to while its editor or its hooks run.
    fn git_is_running(&self) -> bool {
        let dirs = [self.root().canonicalize(), self.git.commondir().canonicalize()];
        let here = |cwd: &Path| dirs.iter().flatten().any(|dir| cwd.starts_with(dir));
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        processes.filter(|p| p.file_name().to_string_lossy().parse::<u32>().is_ok()).any(|process| {
            let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            name.starts_with("git")
                && std::fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| here(&cwd))
        })
    }
}
