//! A directory that is made beside its place and moved there when it is complete.
//!
//! Its maker holds a lock in it, so that the next one tells what a killed maker left from what is being made: a
//! half-made clone holds keys, and a half-made answer names people, which an erasure could not reach. Nobody but its maker's
//! account can look into it meanwhile.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::lock::{self, Lock};
use crate::error::{At, Error, Result};

/// Removed, with all in it, when it is dropped.
pub struct Beside {
    dir: tempfile::TempDir,
    /// It holds what could not be put back.
    kept: bool,
    _lock: Lock,
}

impl Beside {
    /// Makes a directory in `parent`, which is made too, and removes those of its name that nobody makes any more.
    pub fn new(parent: &Path, prefix: &str) -> Result<Beside> {
        std::fs::create_dir_all(parent).at(parent.display())?;
        sweep(parent, prefix, None);
        Beside::begin(parent, prefix)
    }

    /// The same for a place that has a name already, which may be replaced: `.NAME.carnet-…` beside it.
    pub fn place(place: &Path) -> Result<Beside> {
        let parent = place.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = place.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let prefix = format!(".{name}.carnet-");
        std::fs::create_dir_all(parent).at(parent.display())?;
        sweep(parent, &prefix, Some(place));
        Beside::begin(parent, &prefix)
    }

    fn begin(parent: &Path, prefix: &str) -> Result<Beside> {
        let mut builder = tempfile::Builder::new();
        let own = Permissions::from_mode(0o700);
        builder.prefix(prefix).permissions(own);
        // Another maker may take one that has no lock yet for one that nobody makes.
        for _ in 0..3 {
            let dir = builder.tempdir_in(parent).at(parent.display())?;
            if let Some(lock) = lock::try_acquire(dir.path()) {
                return Ok(Beside { dir, kept: false, _lock: lock });
            }
        }
        Err(Error::failed("another carnet command is clearing up there").hint("run the command again"))
    }

    /// Where the thing itself is made.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join(MADE)
    }

    /// Moves it to its place.
    pub fn move_to(&self, place: &Path) -> Result<()> {
        std::fs::rename(self.path(), place).at(place.display())
    }

    /// Puts it in the place of what is there, which goes. Where the system can exchange two names (renameat2(2)), there
    /// is always one of the two in the place.
    pub fn replace(mut self, place: &Path) -> Result<()> {
        let made = self.path();
        if place.symlink_metadata().is_err() {
            return self.move_to(place);
        }
        if exchange(&made, place).is_ok() {
            return Ok(());
        }
        let old = self.dir.path().join(OLD);
        std::fs::rename(place, &old).at(place.display())?;
        let Err(e) = std::fs::rename(&made, place) else { return Ok(()) };
        if std::fs::rename(&old, place).is_err() {
            // Never lose what was there: leave it beside its place and say where.
            self.kept = true;
            return Err(Error::from(e).at(format!("the old one is in {}", old.display())));
        }
        Err(Error::from(e).at(place.display().to_string()))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if self.kept {
            self.dir.disable_cleanup(true);
        } else {
            clear(self.dir.path());
        }
    }
}

/// What is made, in the directory beside its place.
const MADE: &str = "made";

/// Where what is replaced is meanwhile, on systems that cannot exchange two names.
const OLD: &str = "old";

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(one: &Path, other: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// Removes what nobody makes any more. What was taken from `place` by one that was killed goes back there first.
///
/// What cannot be removed is left: it is nobody's reason to fail.
fn sweep(parent: &Path, prefix: &str, place: Option<&Path>) {
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        // In a directory such as /tmp anybody can make one of such a name.
        let mine =
            |meta: std::fs::Metadata| meta.is_dir() && meta.uid() == rustix::process::geteuid().as_raw();
        let ours = name.to_string_lossy().starts_with(prefix) && entry.metadata().is_ok_and(mine);
        if ours
            && path.join("lock").is_file()
            && let Some(_abandoned) = lock::try_acquire(&path)
        {
            let old = path.join(OLD);
            if let Some(place) = place.filter(|place| old.is_dir() && place.symlink_metadata().is_err())
                && std::fs::rename(&old, place).is_err()
            {
                continue;
            }
            clear(&path);
        } else if ours {
            // One that was killed while it cleared up left an empty one.
            let _ = std::fs::remove_dir(&path);
        }
    }
}

/// Removes what is in a holder, and its lock last: without it nobody would know later what the rest is.
fn clear(holder: &Path) {
    for part in [MADE, OLD].map(|part| holder.join(part)) {
        let _ = match part.is_dir() {
            true => std::fs::remove_dir_all(&part),
            false => std::fs::remove_file(&part),
        };
    }
    let _ = std::fs::remove_dir_all(holder);
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
            let lockless = other.ends_with(".x-lockless");
            std::fs::write(other.join(if lockless { "somebody's" } else { "lock" }), "").unwrap();
        }
        std::fs::create_dir(world.path().join(".x-empty")).unwrap();
        let second = Beside::new(world.path(), ".x-").unwrap();
        assert!(!world.path().join(".x-empty").exists());
        assert!(first.path().is_dir() && !abandoned.exists() && world.path().join(".y-dead").exists());
        assert!(world.path().join(".x-lockless").exists());
        std::fs::write(second.path(), "done").unwrap();
        second.move_to(&world.path().join("place")).unwrap();
        drop((first, second));
        assert_eq!(std::fs::read_to_string(world.path().join("place")).unwrap(), "done");
        assert_eq!(std::fs::read_dir(world.path()).unwrap().count(), 3);
    }

    #[test]
    fn what_is_there_is_replaced_at_once_and_what_a_killed_maker_took_away_comes_back() {
        let world = tempfile::tempdir().unwrap();
        let place = world.path().join("place");
        let file = |dir: &Path| std::fs::read_to_string(dir.join("f")).unwrap();
        for text in ["first", "second"] {
            let beside = Beside::place(&place).unwrap();
            let holder = beside.path().parent().unwrap().to_path_buf();
            assert_eq!(std::fs::metadata(&holder).unwrap().mode() & 0o777, 0o700);
            std::fs::create_dir(beside.path()).unwrap();
            std::fs::write(beside.path().join("f"), text).unwrap();
            beside.replace(&place).unwrap();
            assert_eq!(file(&place), text);
            assert!(!holder.exists());
        }
        // Killed between two renames.
        let dead = world.path().join(".place.carnet-dead");
        std::fs::create_dir(&dead).unwrap();
        std::fs::write(dead.join("lock"), "").unwrap();
        std::fs::rename(&place, dead.join(OLD)).unwrap();
        drop(Beside::place(&place).unwrap());
        assert_eq!(file(&place), "second");
        assert_eq!(std::fs::read_dir(world.path()).unwrap().count(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn two_names_are_exchanged() {
        let world = tempfile::tempdir().unwrap();
        let (a, b) = (world.path().join("a"), world.path().join("b"));
        std::fs::create_dir(&a).unwrap();
        std::fs::write(&b, "b").unwrap();
        // Some file systems cannot; then `replace` goes the long way.
        if exchange(&a, &b).is_ok() {
            assert!(a.is_file() && b.is_dir());
        }
    }
}
