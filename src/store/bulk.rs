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
use super::own::Own;
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

    /// Ends the pack and returns its name, which libgit2 makes of the trailer.
    fn finish(mut self) -> Result<String> {
        let trailer = std::mem::take(&mut self.hash).finalize();
        self.writer.write_all(&trailer)?;
        self.writer.commit()?;
        let hex: String = trailer.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(format!("pack-{hex}"))
    }
}

pub(super) fn loose_path(objects: &Path, id: Oid) -> PathBuf {
    let hex = id.to_string();
    objects.join(&hex[..2]).join(&hex[2..])
}

/// Writes an object as a loose one although a pack has it, which libgit2 would not do (gitrepository-layout(5)).
fn write_loose(git_dir: &Path, id: Oid, kind: ObjectType, data: &[u8]) -> Result<()> {
    let path = loose_path(&git_dir.join("objects"), id);
    if path.exists() {
        return Ok(());
    }
    let mut deflated = ZlibEncoder::new(Vec::new(), Compression::fast());
    write!(deflated, "{} {}\0", kind.str(), data.len())?;
    deflated.write_all(data)?;
    let mut file = tempfile::NamedTempFile::new_in(git_dir.join("objects"))?;
    file.write_all(&deflated.finish()?)?;
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    file.persist(&path).map_err(|e| e.error)?;
    Ok(())
}

/// Deletes a loose object if it is there.
pub fn remove_loose(git_dir: &Path, id: Oid) -> Result<()> {
    match std::fs::remove_file(loose_path(&git_dir.join("objects"), id)) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e.into()),
    }
}

/// Ends the borrowing of objects from another store (gitrepository-layout(5), `objects/info/alternates`): what is `needed`
/// is copied first. What was destroyed here could be read there.
pub fn borrow_nothing(git_dir: &Path, needed: &HashSet<Oid>) -> Result<()> {
    let list = git_dir.join("objects/info/alternates");
    if !list.exists() {
        return Ok(());
    }
    let (git, own) = (Repository::open_bare(git_dir)?, Own::read(git_dir)?);
    let odb = git.odb()?;
    for id in needed.iter().filter(|id| !own.has(**id)) {
        let object = odb.read(*id)?;
        write_loose(git_dir, *id, object.kind(), object.data())?;
    }
    Ok(std::fs::remove_file(list)?)
}

/// Everything in the pack directory of an object directory, in order of name.
pub(super) fn pack_files(objects: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(objects.join("pack")).min_depth(1).max_depth(1).sort_by_file_name();
    files.into_iter().flatten().map(walkdir::DirEntry::into_path).collect()
}

/// Removes what a killed process left in an object store: unfinished objects and packs without their index.
///
/// The caller sees to it that nobody is writing there. Unfinished files hold ciphertext as finished ones do, but no
/// git command lists them, and none would ever delete those of the key store.
pub fn remove_unfinished(git_dir: &Path) -> Result<()> {
    let objects = walkdir::WalkDir::new(git_dir.join("objects")).min_depth(1).max_depth(1);
    let mut unfinished: Vec<PathBuf> = objects
        .into_iter()
        .flatten()
        .filter(|e| e.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    let whole = |path: &PathBuf| {
        let pack = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("pack-"));
        pack && path.with_extension("pack").exists() && path.with_extension("idx").exists()
    };
    unfinished.extend(pack_files(&git_dir.join("objects")).into_iter().filter(|path| !whole(path)));
    for path in unfinished {
        std::fs::remove_file(path)?;
    }
    Ok(())
}

/// Ids of the objects in a pack, from its index of version 2 (gitformat-pack(5)); `None` for any other index.
pub(super) fn ids_in(index: &Path) -> Option<Vec<Oid>> {
    const FIRST: usize = 8 + 256 * 4;
    let index = std::fs::read(index).ok()?;
    if index.get(..8)? != b"\xfftOc\0\0\0\x02" {
        return None;
    }
    let count = u32::from_be_bytes(index.get(FIRST - 4..FIRST)?.try_into().ok()?) as usize;
    let names = index.get(FIRST..count.checked_mul(20)?.checked_add(FIRST)?)?;
    names.chunks_exact(20).map(|id| Oid::from_bytes(id).ok()).collect()
}

/// Writes every pack that holds an object that is not `needed` anew without it.
///
/// Commits and trees become loose objects: the next change replaces them, and only loose ones can be deleted alone.
pub fn repack_without(git_dir: &Path, needed: &HashSet<Oid>) -> Result<()> {
    let git = Repository::open_bare(git_dir)?;
    let odb = git.odb()?;
    let mut blobs = Vec::new();
    let mut old = Vec::new();
    for index in
        pack_files(&git_dir.join("objects")).into_iter().filter(|p| p.extension().is_some_and(|e| e == "idx"))
    {
        let ids = ids_in(&index).unwrap_or_else(|| needed.iter().copied().collect());
        let mut right = ids.iter().all(|id| needed.contains(id));
        let mut kept = Vec::new();
        for id in ids.into_iter().filter(|id| needed.contains(id)) {
            match odb.read_header(id)? {
                (_, ObjectType::Blob) => kept.push(id),
                (_, kind) => {
                    write_loose(git_dir, id, kind, odb.read(id)?.data())?;
                    right = false;
                }
            }
        }
        if !right {
            blobs.extend(kept);
            old.push(index);
        }
    }
    blobs.sort();
    blobs.dedup();
    let mut names = Vec::new();
    for some in blobs.chunks(SMALL_PACK) {
        let mut pack = PackStream::begin(&odb, some.len())?;
        for id in some {
            pack.object(ObjectType::Blob, odb.read(*id)?.data())?;
        }
        names.push(pack.finish()?);
    }
    let written = |path: &Path| names.iter().any(|name| path.file_stem().is_some_and(|stem| *stem == **name));
    // Written again, the right pack keeps its name; the others go, each index before its pack.
    for index in old.iter().filter(|path| !written(path)) {
        let of_it = |path: &PathBuf| path.file_stem() == index.file_stem();
        for path in pack_files(&git_dir.join("objects")).into_iter().filter(of_it) {
            std::fs::remove_file(path)?;
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
        let before = pack_files(&dir.path().join("objects"));
        repack_without(dir.path(), &needed).unwrap();
        // The pack of the one that goes is written anew, and no other.
        assert_eq!(pack_files(&dir.path().join("objects")).iter().filter(|p| !before.contains(p)).count(), 2);
        assert_eq!(pack_files(&dir.path().join("objects")).len(), 8);
        let fresh = Repository::open_bare(dir.path()).unwrap();
        assert!(fresh.find_blob(ids[0]).is_err());
        assert!(fresh.find_blob(ids[199]).is_ok());
        // Another pack goes although the right one is there already and is written with the same name.
        write_blobs(&git, &[b"stray"], 1).unwrap();
        assert_eq!(pack_files(&dir.path().join("objects")).len(), 10);
        repack_without(dir.path(), &needed).unwrap();
        assert_eq!(pack_files(&dir.path().join("objects")).len(), 8);
        let check =
            std::process::Command::new("git").args(["fsck", "--strict"]).current_dir(dir.path()).output();
        assert!(check.unwrap().status.success());
    }

    #[test]
    fn trees_and_commits_leave_the_packs() {
        let dir = tempfile::tempdir().unwrap();
        let git = Repository::init_bare(dir.path()).unwrap();
        let odb = git.odb().unwrap();
        let mut pack = PackStream::begin(&odb, 2).unwrap();
        pack.object(ObjectType::Blob, b"x").unwrap();
        let blob = Oid::hash_object(ObjectType::Blob, b"x").unwrap();
        let entry = [b"100644 x\0", blob.as_bytes()].concat();
        let tree = Oid::hash_object(ObjectType::Tree, &entry).unwrap();
        pack.object(ObjectType::Tree, &entry).unwrap();
        pack.finish().unwrap();
        repack_without(dir.path(), &[blob, tree].into_iter().collect()).unwrap();
        let there = |id| Repository::open_bare(dir.path()).unwrap().find_object(id, None).is_ok();
        assert!(there(blob) && there(tree));
        remove_loose(dir.path(), tree).unwrap();
        assert!(there(blob) && !there(tree));
    }

    #[test]
    fn what_a_killed_process_left_goes() {
        let dir = tempfile::tempdir().unwrap();
        let git = Repository::init_bare(dir.path()).unwrap();
        let ids = write_blobs(&git, &[b"kept"], 1).unwrap();
        let loose = git.blob(b"loose").unwrap();
        let objects = dir.path().join("objects");
        for name in ["tmp_object_git2_1", "pack/pack_git2_1", "pack/pack-12.pack", "pack/pack-13.idx"] {
            std::fs::write(objects.join(name), "ciphertext").unwrap();
        }
        remove_unfinished(dir.path()).unwrap();
        assert_eq!(
            (pack_files(&dir.path().join("objects")).len(), objects.join("tmp_object_git2_1").exists()),
            (2, false)
        );
        let fresh = Repository::open_bare(dir.path()).unwrap();
        assert!(fresh.find_blob(ids[0]).is_ok() && fresh.find_blob(loose).is_ok());
    }
}
