//! The `TREE` extension of git's index: which tree each directory of the index is equal to (gitformat-index(5)).
//!
//! It is why git sees at once that nothing is staged. A directory that was changed by `git add` has no tree there.

use super::Oid;

/// A directory and the directories in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheTree {
    name: Vec<u8>,
    /// How many files lie below, and the tree that they make; none where the index was changed since.
    known: Option<(i64, Oid)>,
    children: Vec<CacheTree>,
}

/// Deeper trees than this are left to libgit2.
const DEPTH: usize = 64;

impl CacheTree {
    /// Reads the extension; `None` when it is not well formed.
    pub fn parse(data: &[u8]) -> Option<CacheTree> {
        let mut rest = data;
        let root = node(&mut rest, DEPTH)?;
        rest.is_empty().then_some(root)
    }

    /// The tree of this directory.
    pub fn id(&self) -> Option<Oid> {
        self.known.map(|(_, id)| id)
    }

    /// Brings the directories above changed files up to date. The index as a whole is equal to a tree, before and after.
    ///
    /// `changes`: paths in order. `directory`: how many files a directory has afterwards, and its tree; none when it
    /// is gone. `""` is the whole.
    pub fn update<E>(
        &mut self,
        changes: &[&[u8]],
        mut directory: impl FnMut(&str) -> Result<Option<(i64, Oid)>, E>,
    ) -> Result<(), E> {
        self.known = directory("")?;
        self.descend("", changes, &mut directory)
    }

    fn descend<E>(
        &mut self,
        at: &str,
        changes: &[&[u8]],
        directory: &mut impl FnMut(&str) -> Result<Option<(i64, Oid)>, E>,
    ) -> Result<(), E> {
        // Changes come in order of path, so those of one directory stand together.
        for group in changes.chunk_by(|a, b| first_directory(a) == first_directory(b)) {
            let Some(name) = group.first().and_then(|path| first_directory(path)) else { continue };
            let path = format!("{at}{}", String::from_utf8_lossy(name));
            let place = self.children.iter().position(|c| c.name == name);
            let Some(known) = directory(&path)? else {
                place.map(|n| self.children.remove(n));
                continue;
            };
            let place = place.unwrap_or_else(|| {
                // git keeps shorter names first.
                let place =
                    self.children.partition_point(|c| (c.name.len(), &c.name[..]) < (name.len(), name));
                self.children.insert(place, CacheTree { name: name.to_vec(), ..CacheTree::default() });
                place
            });
            let Some(child) = self.children.get_mut(place) else { continue };
            child.known = Some(known);
            let below: Vec<&[u8]> = group.iter().filter_map(|path| path.get(name.len() + 1..)).collect();
            child.descend(&format!("{path}/"), &below, directory)?;
        }
        Ok(())
    }

    /// The same with the directories in order of name: git and libgit2 each have an order of their own.
    #[cfg(test)]
    pub fn sorted(mut self) -> CacheTree {
        self.children = self.children.into_iter().map(CacheTree::sorted).collect();
        self.children.sort_by(|a, b| a.name.cmp(&b.name));
        self
    }

    /// The extension's content.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.name);
        let count = self.known.map_or(-1, |(count, _)| count);
        out.extend_from_slice(format!("\0{count} {}\n", self.children.len()).as_bytes());
        if let Some((_, id)) = self.known {
            out.extend_from_slice(id.as_bytes());
        }
        for child in &self.children {
            child.write(out);
        }
    }
}

/// The first directory of a path, if the file is not right here.
fn first_directory(path: &[u8]) -> Option<&[u8]> {
    path.get(..path.iter().position(|b| *b == b'/')?)
}

/// Takes the bytes up to `end` off `rest`.
fn until<'a>(rest: &mut &'a [u8], end: u8) -> Option<&'a [u8]> {
    let at = rest.iter().position(|b| *b == end)?;
    let (found, after) = (rest.get(..at)?, rest.get(at + 1..)?);
    *rest = after;
    Some(found)
}

fn number(rest: &mut &[u8], end: u8) -> Option<i64> {
    std::str::from_utf8(until(rest, end)?).ok()?.parse().ok()
}

fn node(rest: &mut &[u8], depth: usize) -> Option<CacheTree> {
    let depth = depth.checked_sub(1)?;
    let name = until(rest, 0)?.to_vec();
    let count = number(rest, b' ')?;
    let children = usize::try_from(number(rest, b'\n')?).ok()?;
    let known = if count >= 0 {
        let id = Oid::from_bytes(rest.get(..20)?).ok()?;
        *rest = rest.get(20..)?;
        Some((count, id))
    } else {
        None
    };
    let children = (0..children).map(|_| node(rest, depth)).collect::<Option<Vec<_>>>()?;
    Some(CacheTree { name, known, children })
}
