//! A directory that is made beside its place and moved there when it is complete.
//!
//! Its maker holds a lock in it, so that the next one tells what a killed maker left from what is being made: a
//! half-made clone holds keys, which an erasure could not reach.

use std::path::{Path, PathBuf};

use super::lock::{self, Lock};
use crate::error::{At, Error, Result};

/// Removed, with all in it, when it is dropped.
pub struct Beside {
    dir: tempfile::TempDir,
    _lock: Lock,
}

impl Beside {
    /// Makes a directory in `parent`, which is made too, and removes those of its name that nobody makes any more.
    pub fn new(parent: &Path, prefix: &str) -> Result<Beside> {
        std::fs::create_dir_all(parent).at(parent.display())?;
        sweep(parent, prefix);
        let dir = tempfile::Builder::new().prefix(prefix).tempdir_in(parent).at(parent.display())?;
        let busy =
            || Error::failed("another carnet command is clearing up there").hint("run the command again");
        let lock = lock::try_acquire(dir.path()).ok_or_else(busy)?;
        Ok(Beside { dir, _lock: lock })
    }

    /// Where the thing itself is made.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("made")
    }

    /// Moves it to its place.
    pub fn move_to(&self, place: &Path) -> Result<()> {
        std::fs::rename(self.path(), place).at(place.display())
    }
}

/// What cannot be removed is left: it is nobody's reason to fail.
fn sweep(parent: &Path, prefix: &str) {
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let ours = name.to_string_lossy().starts_with(prefix) && entry.file_type().is_ok_and(|t| t.is_dir());
        if ours
            && path.join("lock").is_file()
            && let Some(_abandoned) = lock::try_acquire(&path)
        {
            let _ = std::fs::remove_dir_all(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_maker_left_goes_and_what_is_being_made_stays() {
        let world = tempfile::tempdir().unwrap();
        let first = Beside::new(world.path(), ".x-").unwrap();
        std::fs::create_dir(first.path()).unwrap();
        let abandoned = world.path().join(".x-dead");
        for other in [&abandoned, &world.path().join(".y-dead"), &world.path().join(".x-lockless")] {
            std::fs::create_dir(other).unwrap();
            if !other.ends_with(".x-lockless") {
                std::fs::write(other.join("lock"), "").unwrap();
            }
        }
        let second = Beside::new(world.path(), ".x-").unwrap();
        assert!(first.path().is_dir() && !abandoned.exists() && world.path().join(".y-dead").exists());
        assert!(world.path().join(".x-lockless").exists());
        std::fs::write(second.path(), "done").unwrap();
        second.move_to(&world.path().join("place")).unwrap();
        drop((first, second));
        assert_eq!(std::fs::read_to_string(world.path().join("place")).unwrap(), "done");
        assert_eq!(std::fs::read_dir(world.path()).unwrap().count(), 3);
    }
}
