//! The objects of one object directory alone, without those that it borrows from another (gitrepository-layout(5),
//! `objects/info/alternates`), which neither git nor libgit2 tells apart.

use std::path::{Path, PathBuf};

use super::Oid;
use super::bulk::{loose_path, pack_files};
use crate::error::{Error, Result};

/// Bytes before the first name in a pack's index of version 2 (gitformat-pack(5)).
const FIRST: usize = 8 + 256 * 4;

/// What one object directory itself has.
pub struct Own {
    objects: PathBuf,
    /// Sorted object names of each pack.
    packs: Vec<Vec<u8>>,
}

impl Own {
    /// Reads the packs' indexes of the repository at `git_dir`.
    pub fn read(git_dir: &Path) -> Result<Own> {
        Own::read_objects(&git_dir.join("objects"))
    }

    /// The same for an object directory, such as a push's quarantine.
    pub fn read_objects(objects: &Path) -> Result<Own> {
        let mut packs = Vec::new();
        for file in pack_files(objects).iter().filter(|p| p.extension().is_some_and(|e| e == "idx")) {
            let unreadable = || Error::failed("a pack's index cannot be read").at(file.display().to_string());
            let index = std::fs::read(file)?;
            if index.get(..8) != Some(b"\xfftOc\0\0\0\x02") {
                return Err(unreadable());
            }
            let count = index.get(FIRST - 4..FIRST).and_then(|bytes| bytes.try_into().ok());
            let count = count.map(u32::from_be_bytes).ok_or_else(unreadable)? as usize;
            let names = count.checked_mul(20).and_then(|length| index.get(FIRST..FIRST.checked_add(length)?));
            packs.push(names.ok_or_else(unreadable)?.to_vec());
        }
        Ok(Own { objects: objects.to_path_buf(), packs })
    }

    pub fn has(&self, id: Oid) -> bool {
        let packed = self.packs.iter().any(|names| {
            let (names, _) = names.as_chunks::<20>();
            names.binary_search_by(|name| name[..].cmp(id.as_bytes())).is_ok()
        });
        packed || loose_path(&self.objects, id).exists()
    }
}
