//! One writer at a time: an advisory lock on `.git/carnet/lock`, released by the system if the process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long a command waits for another one to finish.
const PATIENCE: Duration = Duration::from_secs(60);

/// Held while it lives.
pub struct Lock {
    _file: File,
}

fn open(private_dir: &Path) -> Result<File> {
    let path = private_dir.join("lock");
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|e| Error::from(e).at(path.display().to_string()))
}

/// The lock if nobody has it.
pub fn try_acquire(private_dir: &Path) -> Option<Lock> {
    let file = open(private_dir).ok()?;
    file.try_lock().ok().map(|()| Lock { _file: file })
}

/// Waits for the lock of the repository whose private directory this is.
pub fn acquire(private_dir: &Path) -> Result<Lock> {
    let file = open(private_dir)?;
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(2));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Error::failed("another carnet command has been working here for a minute")
                    .hint("wait for it to finish, then run the command again"));
            }
            Err(TryLockError::Error(e)) => return Err(e.into()),
        }
    }
}
