//! Many objects at once, written as one pack; and taking objects out of an object store for good.
//!
//! Packs are written without deltas and without compression: ciphertext yields to neither, and libgit2's search
//! for deltas would cost more than all the rest of an import (gitformat-pack(5)).

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use git2::{ObjectType, Repository};
use sha1::{Digest, Sha1};

use super::Oid;
use crate::error::Result;

/// How many keys go into a pack. Erasure rewrites the pack of the key that it destroys.
pub const SMALL_PACK: usize = 1024;

/// Writes `blobs` as packs of up to `size` and returns their ids, in order.
pub fn write_blobs(git: &Repository, blobs: &[&[u8]], size: usize) -> Result<Vec<Oid>> {
    let odb = git.odb()?;
    let mut ids = Vec::with_capacity(blobs.len());
    for some in blobs.chunks(size) {
        let mut pack = PackStream::begin(&odb, some.len())?;
        for blob in some {
            ids.push(Oid::hash_object(ObjectType::Blob, blob)?);
            pack.object(ObjectType::Blob, blob)?;
        }
        pack.finish()?;
    }
    Ok(ids)
}

/// A pack on its way into an object store.
struct PackStream<'a> {
    writer: git2::OdbPackwriter<'a>,
    hash: Sha1,
}

impl<'a> PackStream<'a> {
    fn begin(odb: &'a git2::Odb<'a>, count: usize) -> Result<Self> {
        let mut stream = PackStream { writer: odb.packwriter()?, hash: Sha1::new() };
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        stream.put(b"PACK")?;
        stream.put(&2u32.to_be_bytes())?;
        stream.put(&count.to_be_bytes())?;
        Ok(stream)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.hash.update(bytes);
        Ok(self.writer.write_all(bytes)?)
    }

    fn object(&mut self, kind: ObjectType, data: &[u8]) -> Result<()> {
        let number: u8 = match kind {
            ObjectType::Commit => 1,
            ObjectType::Tree => 2,
            ObjectType::Tag => 4,
            _ => 3,
        };
        let mut size = data.len();
        let mut head = vec![(number << 4) | (size & 15) as u8];
        size >>= 4;
        while size > 0 {
            if let Some(last) = head.last_mut() {
                *last |= 0x80;
            }
            head.push((size & 127) as u8);
            size >>= 7;
        }
        let mut deflated = ZlibEncoder::new(head, Compression::none());
        deflated.write_all(data)?;
        let bytes = deflated.finish()?;
        self.put(&bytes)
    }

    fn finish(mut self) -> Result<()> {
        let trailer = std::mem::take(&mut self.hash).finalize();
        self.writer.write_all(&trailer)?;
        self.writer.commit()?;
        Ok(())
    }
}

/// Deletes a loose object if it is there.
pub fn remove_loose(git_dir: &Path, id: Oid) -> Result<()> {
    let hex = id.to_string();
    let path = git_dir.join("objects").join(&hex[..2]).join(&hex[2..]);
    match std::fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e.into()),
    }
}

/// Deletes what is neither an object nor a pack: parts that a killed process left while it wrote one.
///
/// Only for an object store that nobody else writes to at this moment.
pub fn remove_parts(git_dir: &Path) -> Result<()> {
    let objects = git_dir.join("objects");
    for file in walkdir::WalkDir::new(&objects).min_depth(1).into_iter().flatten() {
        let name = file.file_name().to_string_lossy();
        let dir = file.path().parent().and_then(Path::file_name).map(|d| d.to_string_lossy().into_owned());
        let whole = match dir.as_deref() {
            Some("pack") => name.starts_with("pack-") || name.starts_with("multi-pack-index"),
            Some("info") => true,
            Some(fan) => fan.len() == 2 && name.len() == 38 && name.bytes().all(|b| b.is_ascii_hexdigit()),
            None => true,
        };
        if file.file_type().is_file() && !whole {
            std::fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

/// The packs of an object store: their files without the ending.
fn packs(git_dir: &Path) -> Vec<PathBuf> {
    let dir = git_dir.join("objects").join("pack");
    let files = walkdir::WalkDir::new(dir).min_depth(1).max_depth(1).into_iter().flatten();
    let files = files.map(walkdir::DirEntry::into_path);
    files.filter(|p| p.extension().is_some_and(|e| e == "pack")).map(|p| p.with_extension("")).collect()
}

/// Ids of the objects in a pack, from its index of version 2 (gitformat-pack(5)); `None` for any other index.
fn ids_in(pack: &Path) -> Option<Vec<Oid>> {
    const FIRST: usize = 8 + 256 * 4;
    let index = std::fs::read(pack.with_extension("idx")).ok()?;
    if index.get(..8)? != b"\xfftOc\0\0\0\x02" {
        return None;
    }
    let count = u32::from_be_bytes(index.get(FIRST - 4..FIRST)?.try_into().ok()?) as usize;
    let names = index.get(FIRST..count.checked_mul(20)?.checked_add(FIRST)?)?;
    names.chunks_exact(20).map(|id| Oid::from_bytes(id).ok()).collect()
}

/// Writes every pack that holds an object that is not `needed` anew without it.
pub fn repack_without(git_dir: &Path, needed: &HashSet<Oid>) -> Result<()> {
    let mut kept = Vec::new();
    let mut old = Vec::new();
    for pack in packs(git_dir) {
        match ids_in(&pack) {
            Some(ids) if ids.iter().all(|id| needed.contains(id)) => continue,
            Some(ids) => kept.extend(ids.into_iter().filter(|id| needed.contains(id))),
            None => kept.extend(needed),
        }
        old.push(pack);
    }
    kept.sort();
    kept.dedup();
    let git = Repository::open_bare(git_dir)?;
    let odb = git.odb()?;
    for some in kept.chunks(SMALL_PACK) {
        let mut pack = PackStream::begin(&odb, some.len())?;
        for id in some {
            let object = odb.read(*id)?;
            pack.object(object.kind(), object.data())?;
        }
        pack.finish()?;
    }
    drop(odb);
    for pack in old {
        // The index last: without it, git would not see that the pack is there.
        for ending in ["pack", "rev", "bitmap", "mtimes", "keep", "idx"] {
            match std::fs::remove_file(pack.with_extension(ending)) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
                _ => {}
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_is_read_back_by_git_and_forgets_what_it_must() {
        let dir = tempfile::tempdir().unwrap();
        let git = Repository::init_bare(dir.path()).unwrap();
        let blobs: Vec<Vec<u8>> = (0..200u32).map(|i| vec![i as u8; (i * 37) as usize]).collect();
        let ids = write_blobs(&git, &blobs.iter().map(Vec::as_slice).collect::<Vec<_>>(), 64).unwrap();
        let fresh = Repository::open_bare(dir.path()).unwrap();
        for (id, blob) in ids.iter().zip(&blobs) {
            assert_eq!(fresh.find_blob(*id).unwrap().content(), &blob[..]);
        }
        let needed: HashSet<Oid> = ids[1..].iter().copied().collect();
        let untouched = packs(dir.path()).len() - 1;
        let before: HashSet<PathBuf> = packs(dir.path()).into_iter().collect();
        repack_without(dir.path(), &needed).unwrap();
        assert_eq!(packs(dir.path()).iter().filter(|p| before.contains(*p)).count(), untouched);
        let fresh = Repository::open_bare(dir.path()).unwrap();
        assert!(fresh.find_blob(ids[0]).is_err());
        assert!(fresh.find_blob(ids[199]).is_ok());
        let check =
            std::process::Command::new("git").args(["fsck", "--strict"]).current_dir(dir.path()).output();
        assert!(check.unwrap().status.success());
    }

    #[test]
    fn parts_go_and_objects_stay() {
        let dir = tempfile::tempdir().unwrap();
        let git = Repository::init_bare(dir.path()).unwrap();
        let loose = git.blob(b"loose").unwrap();
        let packed = write_blobs(&git, &[b"packed"], 1).unwrap()[0];
        let parts =
            ["objects/pack/pack_git2_a1", "objects/ab/tmp_object_git2_x", "objects/tmp_object_git2_y"];
        std::fs::create_dir_all(dir.path().join("objects/ab")).unwrap();
        for part in parts {
            std::fs::write(dir.path().join(part), b"half").unwrap();
        }
        remove_parts(dir.path()).unwrap();
        assert!(parts.iter().all(|part| !dir.path().join(part).exists()));
        let fresh = Repository::open_bare(dir.path()).unwrap();
        assert!(fresh.find_blob(loose).is_ok() && fresh.find_blob(packed).is_ok());
    }
}
