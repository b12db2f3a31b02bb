//! git's index, read and changed as the run of records that it is.
//!
//! libgit2 makes ten thousand allocations to read the index of ten thousand contacts and hashes it twice with a slow
//! SHA-1, which costs more than all the rest of adding one. The layout is public (gitformat-index(5)); whatever
//! is not the plain kind of index that git and libgit2 write here (split, sparse, version 4, conflicts) is
//! left to libgit2: [`RawIndex::parse`] then answers `None`. Nothing here touches the disk.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};

use sha1::{Digest, Sha1};

use super::Oid;
use super::cache_tree::CacheTree;

/// Bytes of an entry before its extended flags and path.
const FIXED: usize = 62;
const EXTENDED: u16 = 0x4000;
const STAGE: u16 = 0x3000;
const LENGTH: u16 = 0x0fff;
const HASH: usize = 20;

/// A parsed index: its bytes, and where each entry begins.
pub struct RawIndex {
    bytes: Vec<u8>,
    starts: Vec<usize>,
    /// Where the entries end and the extensions begin.
    end: usize,
    tree: Option<CacheTree>,
    /// Whether the index closes with a hash; git may be told to leave it out (`index.skipHash`).
    hashed: bool,
}

/// New content by path, or none for a file that goes.
pub type Changes = BTreeMap<Vec<u8>, Option<(Stat, Oid)>>;

/// A changed index as far as it is known before the changes are: what stays before the first of them.
pub struct Begun {
    changes: BTreeMap<Vec<u8>, bool>,
    count: usize,
    /// Up to here the bytes stay.
    upto: usize,
    /// Of what stays, header included.
    hash: Sha1,
}

/// What the index knows of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// Seconds and nanoseconds of the last status change.
    pub ctime: (u32, u32),
    /// Seconds and nanoseconds of the last change of the content.
    pub mtime: (u32, u32),
    pub dev: u32,
    pub ino: u32,
    pub uid: u32,
    pub gid: u32,
    /// Bytes, modulo 2^32.
    pub size: u32,
    /// Whether its owner may execute it: all that git keeps of a file's mode.
    pub executable: bool,
}

impl Stat {
    /// The mode that the index keeps of a file.
    pub fn mode(&self) -> u32 {
        if self.executable { 0o100_755 } else { 0o100_644 }
    }
}

/// One tracked file.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub path: &'a [u8],
    pub stat: Stat,
    pub id: Oid,
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn flags(bytes: &[u8], start: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(start + 60..start + FIXED)?.try_into().ok()?))
}

/// The path of the entry at `start`.
fn path(bytes: &[u8], start: usize) -> Option<&[u8]> {
    let flags = flags(bytes, start)?;
    let from = start + FIXED + if flags & EXTENDED == 0 { 0 } else { 2 };
    match flags & LENGTH {
        // Longer paths than the field can say end at their NUL.
        LENGTH => {
            let rest = bytes.get(from..)?;
            rest.get(..rest.iter().position(|b| *b == 0)?)
        }
        length => bytes.get(from..from + usize::from(length)),
    }
}

/// Entries are padded with one to eight NULs to a multiple of eight bytes.
fn padded(length: usize) -> usize {
    (length + 8) & !7
}

impl RawIndex {
    /// Reads an index of the plain kind; `None` for any other, and for one that is damaged.
    pub fn parse(bytes: Vec<u8>) -> Option<RawIndex> {
        let (body, hash) = bytes.split_at_checked(bytes.len().checked_sub(HASH)?)?;
        if hash != [0; HASH] && Sha1::digest(body).as_slice() != hash {
            return None;
        }
        RawIndex::parse_known(bytes)
    }

    /// Reads an index whose hash was checked a moment ago.
    pub fn parse_known(bytes: Vec<u8>) -> Option<RawIndex> {
        let version = word(&bytes, 4)?;
        if bytes.get(..4)? != b"DIRC" || !(2..=3).contains(&version) {
            return None;
        }
        let body = bytes.len().checked_sub(HASH)?;
        let hashed = bytes.get(body..)?.iter().any(|b| *b != 0);
        let count = word(&bytes, 8)? as usize;
        let mut starts = Vec::with_capacity(count.min(bytes.len() / FIXED));
        let mut at = 12;
        let mut last: &[u8] = b"";
        for _ in 0..count {
            let flags = flags(&bytes, at)?;
            let path = path(&bytes, at)?;
            if flags & STAGE != 0 || path <= last {
                return None;
            }
            starts.push(at);
            let extended = if flags & EXTENDED == 0 { 0 } else { 2 };
            at += padded(FIXED + extended + path.len());
            last = path;
        }
        let end = at;
        let mut tree = None;
        while at < body {
            let size = word(&bytes, at + 4)? as usize;
            let data = bytes.get(at + 8..(at + 8).checked_add(size)?)?;
            match bytes.get(at..at + 4)? {
                b"TREE" => tree = CacheTree::parse(data),
                // Where the entries end and how they divide into blocks: only hints, which a change makes wrong.
                b"EOIE" | b"IEOT" => {}
                _ => return None,
            }
            at += 8 + size;
        }
        (at == body).then_some(RawIndex { bytes, starts, end, tree, hashed })
    }

    /// The tree that the index as a whole is known to be equal to.
    pub fn tree(&self) -> Option<Oid> {
        self.tree.as_ref()?.id()
    }

    /// What is known of each directory.
    #[cfg(test)]
    pub fn cached(&self) -> Option<CacheTree> {
        self.tree.clone().map(CacheTree::sorted)
    }

    /// All entries, in order of path.
    #[cfg(test)]
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.starts.iter().filter_map(|start| self.entry(*start))
    }

    /// The entries that do not lie in the directory, in order of path.
    pub fn entries_outside(&self, directory: &str) -> impl Iterator<Item = Entry<'_>> {
        let place = |wanted: String| self.find(wanted.as_bytes()).unwrap_or_else(|n| n);
        // `0` is the byte after `/`.
        let (first, last) = (place(format!("{directory}/")), place(format!("{directory}0")));
        let before = self.starts.get(..first).unwrap_or_default();
        let after = self.starts.get(last..).unwrap_or_default();
        before.iter().chain(after).filter_map(|start| self.entry(*start))
    }

    /// The entry of a path.
    pub fn get(&self, path: &[u8]) -> Option<Entry<'_>> {
        self.entry(*self.starts.get(self.find(path).ok()?)?)
    }

    fn find(&self, wanted: &[u8]) -> Result<usize, usize> {
        self.starts.binary_search_by(|start| path(&self.bytes, *start).unwrap_or_default().cmp(wanted))
    }

    fn entry(&self, start: usize) -> Option<Entry<'_>> {
        let at = |n: usize| word(&self.bytes, start + 4 * n);
        Some(Entry {
            path: path(&self.bytes, start)?,
            stat: Stat {
                ctime: (at(0)?, at(1)?),
                mtime: (at(2)?, at(3)?),
                dev: at(4)?,
                ino: at(5)?,
                uid: at(7)?,
                gid: at(8)?,
                size: at(9)?,
                executable: at(6)? & 0o100 != 0,
            },
            id: Oid::from_bytes(self.bytes.get(start + 40..start + 60)?).ok()?,
        })
    }

    /// Hashes what of this index stays before the first of `changes` (a path, and whether it is there afterwards).
    ///
    /// This is most of the work of changing an index, and can be done before the new content is known.
    pub fn begin(&self, changes: BTreeMap<Vec<u8>, bool>) -> Begun {
        let (mut count, mut upto) = (self.starts.len(), self.end);
        for (path, there) in &changes {
            let place = self.find(path);
            upto = upto.min(self.start(place.unwrap_or_else(|n| n)));
            count = count + usize::from(*there) - usize::from(place.is_ok());
        }
        let mut begun = Begun { changes, count, upto, hash: Sha1::new() };
        if self.hashed {
            begun.hash.update(self.header(begun.count));
            begun.hash.update(self.bytes.get(12..begun.upto).unwrap_or_default());
        }
        begun
    }

    /// The first bytes of an index with so many entries.
    fn header(&self, count: usize) -> [u8; 12] {
        let mut header = [0; 12];
        header[..8].copy_from_slice(self.bytes.get(..8).unwrap_or(b"DIRC\0\0\0\x02"));
        header[8..].copy_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
        header
    }

    /// Writes this index with `changes` made: a path with its new content, or none to remove it.
    ///
    /// `begun`: of this index; used if it is of the same changes. `directory` tells the tree id of a directory afterwards (`""` for
    /// the whole), none when it is gone.
    pub fn write_with<E: From<std::io::Error>>(
        &self,
        out: impl Write,
        changes: &Changes,
        begun: Option<Begun>,
        mut directory: impl FnMut(&str) -> Result<Option<Oid>, E>,
    ) -> Result<(), E> {
        let now: BTreeMap<_, _> = changes.iter().map(|(path, new)| (path.clone(), new.is_some())).collect();
        let begun = begun.filter(|begun| begun.changes == now).unwrap_or_else(|| self.begin(now));
        let mut out = Hashing { out: BufWriter::new(out), hash: self.hashed.then_some(begun.hash) };
        out.out.write_all(&self.header(begun.count))?;
        out.out.write_all(self.bytes.get(12..begun.upto).unwrap_or_default())?;
        let mut copied = begun.upto;
        for (path, change) in changes {
            let (from, to) = match self.find(path) {
                Ok(n) => (self.start(n), self.start(n + 1)),
                Err(n) => (self.start(n), self.start(n)),
            };
            out.put(self.bytes.get(copied..from).unwrap_or_default())?;
            copied = to;
            if let Some((stat, id)) = change {
                out.put(&entry_bytes(path, stat, id))?;
            }
        }
        out.put(self.bytes.get(copied..self.end).unwrap_or_default())?;
        if let Some(mut tree) = self.tree.clone() {
            let paths: Vec<&[u8]> = changes.keys().map(Vec::as_slice).collect();
            tree.update(&paths, |path| {
                Ok::<_, E>(
                    directory(path)?.map(|id| (self.files_below(path) + self.gained(changes, path), id)),
                )
            })?;
            let data = tree.to_bytes();
            out.put(b"TREE")?;
            out.put(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes())?;
            out.put(&data)?;
        }
        Ok(out.finish()?)
    }

    /// How many files lie in a directory (`""`: everywhere).
    fn files_below(&self, directory: &str) -> i64 {
        let Some(first) = below(directory) else { return self.starts.len() as i64 };
        let place = |wanted: &[u8]| self.find(wanted).unwrap_or_else(|n| n);
        // `0` is the byte after `/`.
        place(format!("{directory}0").as_bytes()).saturating_sub(place(&first)) as i64
    }

    /// How many files more a directory has after `changes`.
    fn gained(&self, changes: &Changes, directory: &str) -> i64 {
        let first = below(directory).unwrap_or_default();
        let within = changes.iter().filter(|(path, _)| path.starts_with(&first));
        within.map(|(path, change)| i64::from(change.is_some()) - i64::from(self.find(path).is_ok())).sum()
    }

    fn start(&self, n: usize) -> usize {
        self.starts.get(n).copied().unwrap_or(self.end)
    }
}

/// What the paths in a directory begin with.
fn below(directory: &str) -> Option<Vec<u8>> {
    (!directory.is_empty()).then(|| format!("{directory}/").into_bytes())
}

fn entry_bytes(path: &[u8], stat: &Stat, id: &Oid) -> Vec<u8> {
    let mut out = Vec::with_capacity(padded(FIXED + path.len()));
    let (c, m) = (stat.ctime, stat.mtime);
    for word in [c.0, c.1, m.0, m.1, stat.dev, stat.ino, stat.mode(), stat.uid, stat.gid, stat.size] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    out.extend_from_slice(id.as_bytes());
    let length = u16::try_from(path.len()).unwrap_or(LENGTH).min(LENGTH);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(path);
    out.resize(padded(out.len()), 0);
    out
}

/// Writes and hashes, if the index closes with a hash.
struct Hashing<W: Write> {
    out: BufWriter<W>,
    hash: Option<Sha1>,
}

impl<W: Write> Hashing<W> {
    fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        if let Some(hash) = &mut self.hash {
            hash.update(bytes);
        }
        self.out.write_all(bytes)
    }

    fn finish(mut self) -> std::io::Result<()> {
        let hash = self.hash.map(|hash| hash.finalize().into()).unwrap_or([0; HASH]);
        self.out.write_all(&hash)?;
        self.out.flush()
    }
}
