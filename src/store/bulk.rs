//! Many objects at once, written as one pack; and taking objects out of an object store for good.
//!
//! Packs are written without deltas: ciphertext has none, and libgit2's search for them would cost more
//! than all the rest of an import (gitformat-pack(5)).

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use git2::{ObjectType, Repository};
use sha1::{Digest, Sha1};

use super::Oid;
use crate::error::Result;

/// Writes `blobs` as one pack and returns their ids, in order.
pub fn write_blobs<'b>(git: &Repository, blobs: impl ExactSizeIterator<Item = &'b [u8]>) -> Result<Vec<Oid>> {
    let odb = git.odb()?;
    let mut pack = PackStream::begin(&odb, blobs.len())?;
    let mut ids = Vec::with_capacity(blobs.len());
    for blob in blobs {
        ids.push(Oid::hash_object(ObjectType::Blob, blob)?);
        pack.object(ObjectType::Blob, blob)?;
    }
    pack.finish()?;
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
        let mut deflated = ZlibEncoder::new(head, Compression::fast());
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

/// Everything in the pack directory.
fn pack_files(git_dir: &Path) -> Vec<PathBuf> {
    let dir = git_dir.join("objects").join("pack");
    walkdir::WalkDir::new(dir)
        .min_depth(1)
        .max_depth(1)
        .into_iter()
        .flatten()
        .map(walkdir::DirEntry::into_path)
        .collect()
}

/// Writes one pack of exactly `needed` and removes every other pack, if there are packs at all.
pub fn repack_without(git_dir: &Path, needed: &HashSet<Oid>) -> Result<()> {
    let old = pack_files(git_dir);
    if old.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<&Oid> = needed.iter().collect();
    ids.sort();
    // A pack with the same objects gets the same name, so one that is right already must stay, and only it.
    if let Some(right) = old.iter().find(|path| is_index_of(path, &ids)) {
        for path in old.iter().filter(|path| path.file_stem() != right.file_stem()) {
            std::fs::remove_file(path)?;
        }
        return Ok(());
    }
    let git = Repository::open_bare(git_dir)?;
    let odb = git.odb()?;
    let mut pack = PackStream::begin(&odb, needed.len())?;
    for id in ids {
        let object = odb.read(*id)?;
        pack.object(object.kind(), object.data())?;
    }
    pack.finish()?;
    let new: HashSet<PathBuf> = pack_files(git_dir).into_iter().filter(|p| !old.contains(p)).collect();
    if new.iter().any(|p| p.extension().is_some_and(|e| e == "idx")) {
        for path in old {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Whether a file is the index of a pack of exactly these objects (gitformat-pack(5), version 2).
fn is_index_of(path: &Path, sorted: &[&Oid]) -> bool {
    const NAMES: usize = 8 + 256 * 4;
    if path.extension().is_none_or(|e| e != "idx") || !path.with_extension("pack").exists() {
        return false;
    }
    let Ok(bytes) = std::fs::read(path) else { return false };
    let count =
        bytes.get(NAMES - 4..NAMES).map(|n| n.iter().fold(0usize, |sum, b| sum << 8 | usize::from(*b)));
    let names = bytes.get(NAMES..).unwrap_or_default().chunks_exact(20);
    bytes.starts_with(b"\xfftOc\0\0\0\x02")
        && count == Some(sorted.len())
        && sorted.iter().zip(names).all(|(id, name)| id.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_is_read_back_by_git_and_forgets_what_it_must() {
        let dir = tempfile::tempdir().unwrap();
        let git = Repository::init_bare(dir.path()).unwrap();
        let blobs: Vec<Vec<u8>> = (0..200u32).map(|i| vec![i as u8; (i * 37) as usize]).collect();
        let ids = write_blobs(&git, blobs.iter().map(Vec::as_slice)).unwrap();
        let fresh = Repository::open_bare(dir.path()).unwrap();
        for (id, blob) in ids.iter().zip(&blobs) {
            assert_eq!(fresh.find_blob(*id).unwrap().content(), &blob[..]);
        }
        let needed: HashSet<Oid> = ids[1..].iter().copied().collect();
        repack_without(dir.path(), &needed).unwrap();
        let fresh = Repository::open_bare(dir.path()).unwrap();
        assert!(fresh.find_blob(ids[0]).is_err());
        assert!(fresh.find_blob(ids[199]).is_ok());
        // The pack of exactly these is there already when another one comes and has to go again.
        write_blobs(&git, [&b"destroyed"[..]].into_iter()).unwrap();
        repack_without(dir.path(), &needed).unwrap();
        let fresh = Repository::open_bare(dir.path()).unwrap();
        assert!(fresh.find_blob(Oid::hash_object(ObjectType::Blob, b"destroyed").unwrap()).is_err());
        assert!(fresh.find_blob(ids[199]).is_ok());
        let check =
            std::process::Command::new("git").args(["fsck", "--strict"]).current_dir(dir.path()).output();
        assert!(check.unwrap().status.success());
    }
}
