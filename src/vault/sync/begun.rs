//! That a sync is at work, for whoever comes after it was killed: it moves refs outside any journal.

use std::path::PathBuf;

use crate::error::Result;
use crate::store::lock::{self, Lock};
use crate::vault::Vault;

/// One sync at work in this clone; its mark goes when it ends, and stays when it is killed.
pub(super) struct Begun {
    mark: PathBuf,
    _alone: Lock,
}

impl Drop for Begun {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.mark);
    }
}

impl Vault {
    fn sync_dir(&self) -> PathBuf {
        self.private_dir().join("sync")
    }

    fn mark_of_sync(&self) -> PathBuf {
        self.sync_dir().join("begun")
    }

    /// Waits until no other sync is at work here.
    pub(super) fn begin_sync(&self) -> Result<Begun> {
        let dir = self.sync_dir();
        std::fs::create_dir_all(&dir)?;
        let alone = lock::acquire(&dir)?;
        self.clear_up()?;
        let mark = self.mark_of_sync();
        std::fs::write(&mark, "")?;
        Ok(Begun { mark, _alone: alone })
    }

    /// Clears up after a sync that was killed: the remote's keys that it had fetched, which an erasure must reach
    /// too, and locks of git's that it held.
    pub(in crate::vault) fn clear_killed_sync(&self) -> Result<()> {
        let dir = self.sync_dir();
        if (self.mark_of_sync().exists() || dir.join("keys.git").exists())
            && let Some(_alone) = lock::try_acquire(&dir)
        {
            self.clear_up()?;
        }
        Ok(())
    }

    fn clear_up(&self) -> Result<()> {
        self.drop_fetched()?;
        let mark = self.mark_of_sync();
        if mark.exists() {
            let _lock = lock::acquire(&self.private_dir())?;
            // A git that the killed one had started may be at work still: then the next command does it.
            if self.repo.break_stale_locks(&mark).is_ok() {
                std::fs::remove_file(&mark)?;
            }
        }
        Ok(())
    }
}
