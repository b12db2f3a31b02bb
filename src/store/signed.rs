//! Commits as signed objects, and trees that may be damaged: what checks and the trail read.
//!
//! Nothing here stops at the first damaged object: what cannot be read is returned beside what can.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use git2::{ObjectType, TreeEntry};

use super::{Oid, Repo};
use crate::error::{Error, Result};

/// A commit taken apart: its signature, and the bytes that were signed (gitformat-signature(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The `gpgsig` header's armoured text, if there is one.
    pub signature: Option<Vec<u8>>,
    /// The commit object without that header.
    pub payload: Vec<u8>,
}

impl Signed {
    /// Takes raw commit bytes apart. libgit2's own function ends at a NUL byte, so that bytes behind it would
    /// pass unsigned; this one signs for every byte. A second `gpgsig` header stays among what was signed.
    pub fn split(raw: &[u8]) -> Signed {
        let mut signed = Signed { signature: None, payload: Vec::with_capacity(raw.len()) };
        let mut rest = raw;
        while let Some(line) = first_line(rest).filter(|line| *line != b"\n") {
            rest = rest.get(line.len()..).unwrap_or_default();
            match line.strip_prefix(b"gpgsig ") {
                Some(first) if signed.signature.is_none() => {
                    let mut text = first.to_vec();
                    while let Some(more) = first_line(rest).filter(|l| l.starts_with(b" ")) {
                        text.extend_from_slice(more.strip_prefix(b" ").unwrap_or(more));
                        rest = rest.get(more.len()..).unwrap_or_default();
                    }
                    signed.signature = Some(text);
                }
                _ => signed.payload.extend_from_slice(line),
            }
        }
        signed.payload.extend_from_slice(rest);
        signed
    }

    /// The commit message.
    pub fn message(&self) -> String {
        let end = self.payload.windows(2).position(|w| w == b"\n\n").map(|at| at + 2);
        let message = end.and_then(|at| self.payload.get(at..)).unwrap_or_default();
        String::from_utf8_lossy(message).into_owned()
    }
}

fn first_line(bytes: &[u8]) -> Option<&[u8]> {
    memchr::memchr(b'\n', bytes).and_then(|end| bytes.get(..=end))
}

/// A commit's place in history.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: Oid,
    pub tree: Oid,
    pub parents: Vec<Oid>,
    /// Committer's time, seconds since 1970.
    pub time: i64,
}

/// Everything reachable, and what should be but cannot be read.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Children before their parents where history is a line; newest branches first.
    pub nodes: Vec<Node>,
    pub unreadable: Vec<(Oid, String)>,
}

/// Commits of several lines of history as one, newest first, read only as far as they are taken.
pub struct NewestFirst<'r> {
    repo: &'r Repo,
    /// Commits whose children have been given: time, order of arrival, number of the line.
    ready: BinaryHeap<(i64, Reverse<usize>)>,
    nodes: HashMap<usize, (Node, usize)>,
    seen: HashSet<Oid>,
    arrived: usize,
    pub unreadable: usize,
}

impl NewestFirst<'_> {
    fn arrive(&mut self, id: Oid, line: usize) {
        if !self.seen.insert(id) {
            return;
        }
        match self.repo.node(id) {
            Ok(node) => {
                self.ready.push((node.time, Reverse(self.arrived)));
                self.nodes.insert(self.arrived, (node, line));
                self.arrived += 1;
            }
            Err(_) => self.unreadable += 1,
        }
    }
}

impl Iterator for NewestFirst<'_> {
    /// A commit and the number of the tip that it was reached from.
    type Item = (Node, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let (_, Reverse(arrival)) = self.ready.pop()?;
        let (node, line) = self.nodes.remove(&arrival)?;
        for parent in &node.parents {
            self.arrive(*parent, line);
        }
        Some((node, line))
    }
}

/// A file found in a tree that may be damaged.
#[derive(Clone, Debug)]
pub struct Found {
    /// Path from the root of the commit's tree.
    pub path: String,
    pub id: Oid,
    /// A regular file, not executable; links, submodules and the like are not.
    pub plain: bool,
}

impl Repo {
    /// A commit's signature and what it signs.
    pub fn signed(&self, id: Oid) -> Result<Signed> {
        Ok(Signed::split(&self.raw_commit(id)?))
    }

    /// The tree without files that access entries have.
    pub fn empty_tree() -> Result<Oid> {
        Ok(Oid::hash_object(ObjectType::Tree, b"")?)
    }

    /// The commit's place as its own bytes have it. libgit2's list of parents is what `.git/info/grafts` and
    /// `.git/shallow` say (gitrepository-layout(5)), which nobody signed.
    fn node(&self, id: Oid) -> Result<Node, git2::Error> {
        let commit = self.git.find_commit(id)?;
        let lines = commit.raw_header_bytes().split(|byte| *byte == b'\n').skip(1);
        let parents = lines.map_while(|line| line.strip_prefix(b"parent "));
        let parents: Result<Vec<Oid>, git2::Error> =
            parents.map(|hex| Oid::from_str(std::str::from_utf8(hex).unwrap_or_default())).collect();
        Ok(Node { id, tree: commit.tree_id(), parents: parents?, time: commit.time().seconds() })
    }

    /// Files and refs by which git is told another history than the one that was signed: grafts, and objects that stand
    /// for others (git-replace(1)).
    pub fn pretences(&self) -> Vec<String> {
        let grafts = self.git.commondir().join("info/grafts");
        let grafts = grafts.exists().then(|| ".git/info/grafts".to_owned());
        let replaced = self.refs("refs/replace/").unwrap_or_default();
        grafts.into_iter().chain(replaced.into_iter().map(|(name, _)| name)).collect()
    }

    /// Whether this is a clone of the newest commits alone (`git clone --depth`).
    pub fn is_shallow(&self) -> bool {
        self.git.is_shallow()
    }

    /// The commits reachable from `tips`, newest first, children before their parents on each line.
    pub fn newest_first(&self, tips: &[Oid]) -> NewestFirst<'_> {
        let mut walk = NewestFirst {
            repo: self,
            ready: BinaryHeap::new(),
            nodes: HashMap::new(),
            seen: HashSet::new(),
            arrived: 0,
            unreadable: 0,
        };
        for (line, tip) in tips.iter().enumerate() {
            walk.arrive(*tip, line);
        }
        walk
    }

    /// The commits reachable from `tip` and from none of `known`, parents after children.
    pub fn since(&self, tip: Oid, known: &[Oid]) -> Result<Vec<Node>> {
        let mut walk = self.git.revwalk()?;
        walk.set_sorting(git2::Sort::TOPOLOGICAL)?;
        walk.push(tip)?;
        for id in known {
            walk.hide(*id)?;
        }
        walk.map(|id| Ok(self.node(id?)?)).collect()
    }

    /// All commits reachable from `tips`, as far as they can be read.
    pub fn history(&self, tips: &[Oid]) -> History {
        let mut history = History::default();
        let mut seen: HashSet<Oid> = HashSet::new();
        let mut waiting: Vec<Oid> = tips.iter().rev().copied().collect();
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.node(id) {
                Ok(node) => {
                    waiting.extend(node.parents.iter().rev());
                    history.nodes.push(node);
                }
                Err(e) => history.unreadable.push((id, e.message().to_owned())),
            }
        }
        history
    }

    /// The best common ancestor of some commits, if they have one.
    pub fn common_ancestor(&self, commits: &[Oid]) -> Result<Option<Oid>> {
        match self.git.merge_base_octopus(commits) {
            Ok(id) => Ok(Some(id)),
            Err(e) if e.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// The id of the file that stands directly in the root of `tree` under `name`.
    pub fn root_entry(&self, tree: Oid, name: &str) -> Result<Option<Oid>> {
        Ok(self.git.find_tree(tree)?.get_name(name).map(|e| e.id()))
    }

    /// Files named `<name>` in any `contacts/<book>/<fan>` of `tree`: path and blob.
    pub fn contact_files(&self, tree: Oid, fan: &str, name: &str) -> Result<Vec<(String, Oid)>> {
        let mut found = Vec::new();
        for book in self.names(tree, "contacts")? {
            let path = format!("contacts/{book}/{fan}/{name}");
            found.extend(self.entry(tree, &path)?.map(|id| (path, id)));
        }
        Ok(found)
    }

    /// All files at and below `path` in `tree`, and the directories that could not be read.
    pub fn list_readable(&self, tree: Oid, path: &str) -> (Vec<Found>, Vec<(String, Error)>) {
        let (mut found, mut damaged) = (Vec::new(), Vec::new());
        let start = if path.is_empty() { Ok(Some(tree)) } else { self.entry(tree, path) };
        let mut waiting: Vec<(String, Oid)> = match start {
            Ok(id) => id.into_iter().map(|id| (path.to_owned(), id)).collect(),
            Err(e) => {
                damaged.push((path.to_owned(), e));
                Vec::new()
            }
        };
        while let Some((dir, id)) = waiting.pop() {
            let tree = match self.git.find_tree(id) {
                Ok(tree) => tree,
                Err(e) => {
                    damaged.push((dir, e.into()));
                    continue;
                }
            };
            for entry in &tree {
                let name = String::from_utf8_lossy(entry.name_bytes());
                let path = if dir.is_empty() { name.into_owned() } else { format!("{dir}/{name}") };
                match entry.kind() {
                    Some(ObjectType::Tree) => waiting.push((path, entry.id())),
                    _ => found.push(Found { path, id: entry.id(), plain: is_plain(&entry) }),
                }
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        (found, damaged)
    }
}

fn is_plain(entry: &TreeEntry<'_>) -> bool {
    entry.kind() == Some(ObjectType::Blob) && entry.filemode() == i32::from(git2::FileMode::Blob)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a> 1 +0000\n";

    #[test]
    fn every_byte_but_the_signature_counts_as_signed() {
        let raw =
            format!("{HEAD}gpgsig -----BEGIN\n \n x\n -----END\nmergetag a\n gpgsig b\n\nhello\n\0 more\n");
        let signed = Signed::split(raw.as_bytes());
        assert_eq!(signed.signature.as_deref(), Some("-----BEGIN\n\nx\n-----END\n".as_bytes()));
        assert_eq!(signed.payload, format!("{HEAD}mergetag a\n gpgsig b\n\nhello\n\0 more\n").into_bytes());
        assert_eq!(signed.message(), "hello\n\0 more\n");
    }

    #[test]
    fn a_signature_in_the_message_is_none_and_a_second_one_stays() {
        let unsigned = format!("{HEAD}\ngpgsig x\n");
        assert_eq!(Signed::split(unsigned.as_bytes()).signature, None);
        let twice = Signed::split(b"gpgsig a\ngpgsig b\n\nm\n");
        assert_eq!(twice.payload, b"gpgsig b\n\nm\n");
        for odd in [&b""[..], b"gpgsig", b"gpgsig \n", b"\n\n", b"gpgsig a\n b"] {
            Signed::split(odd).message();
        }
    }
}
