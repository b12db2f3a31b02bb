//! Files of a site on their way to disk: each is written and summed as it is made, on whichever core, and none is kept.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::manifest::hex;
use crate::error::{At, Result};

/// A directory that is being filled.
pub struct Out {
    dir: PathBuf,
    /// Sums by path below `dir`.
    sums: Mutex<BTreeMap<String, String>>,
}

impl Out {
    /// Fills `dir`, which is there and empty.
    pub(super) fn new(dir: &Path) -> Out {
        Out { dir: dir.to_path_buf(), sums: Mutex::default() }
    }

    /// Writes a whole file.
    pub fn put(&self, path: &str, content: &str) -> Result<()> {
        self.file(path, |to| Ok(to.write_all(content.as_bytes())?))
    }

    /// Writes a file piece by piece.
    pub fn file(&self, path: &str, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
        let place = self.dir.join(path);
        if let Some(dir) = place.parent() {
            std::fs::create_dir_all(dir).at(dir.display())?;
        }
        let file = File::create(&place).at(place.display())?;
        let mut to = BufWriter::with_capacity(1 << 16, Summed { file, digest: Sha256::new() });
        write(&mut to)?;
        let summed = to.into_inner().map_err(std::io::IntoInnerError::into_error).at(place.display())?;
        self.note(path, hex(&summed.digest.finalize()));
        Ok(())
    }

    /// Writes a file that has the content of one that is written already.
    pub fn again(&self, from: &str, path: &str) -> Result<()> {
        let place = self.dir.join(path);
        if let Some(dir) = place.parent() {
            std::fs::create_dir_all(dir).at(dir.display())?;
        }
        std::fs::copy(self.dir.join(from), &place).at(place.display())?;
        let sum = self.sums().get(from).cloned().unwrap_or_default();
        self.note(path, sum);
        Ok(())
    }

    /// Paths and sums of what was written so far, by path.
    pub(super) fn sums(&self) -> BTreeMap<String, String> {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, path: &str, sum: String) {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), sum);
    }
}

/// A file whose content is summed on its way.
struct Summed {
    file: File,
    digest: Sha256,
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::manifest::sum;

    #[test]
    fn what_is_summed_is_what_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let out = Out::new(dir.path());
        let long = "é".repeat(100_000);
        out.put("fr/long.html", &long).unwrap();
        out.file("data/pieces", |to| {
            long.as_bytes().chunks(999).try_for_each(|piece| Ok(to.write_all(piece)?))
        })
        .unwrap();
        out.again("data/pieces", "en/data/pieces").unwrap();
        assert_eq!(out.sums().keys().collect::<Vec<_>>(), ["data/pieces", "en/data/pieces", "fr/long.html"]);
        for (path, known) in out.sums() {
            assert_eq!(std::fs::read_to_string(dir.path().join(&path)).unwrap(), long);
            assert_eq!(known, sum(long.as_bytes()), "{path}");
        }
    }
}
