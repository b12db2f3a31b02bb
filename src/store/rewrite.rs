//! Commits written again with other trees and parents, and trees of which some files are gone, computed in memory.

use std::collections::{BTreeMap, HashMap};

use git2::{FileMode, ObjectType, Repository};

use super::repo::Author;
use super::signed::Signed;
use super::{Oid, Repo};
use crate::error::{Error, Result};

/// Files that a tree lacks: path from the tree, and blob.
pub type Missing = BTreeMap<String, Oid>;

/// The lines of a raw commit before its message (gitformat-commit), each with its end.
pub fn header_of(raw: &[u8]) -> &[u8] {
    let end = raw.windows(2).position(|w| w == b"\n\n").map_or(raw.len(), |at| at + 1);
    raw.get(..end).unwrap_or(raw)
}

/// A raw commit made of a header and the message of another.
pub fn with_header(header: &str, raw: &[u8]) -> Vec<u8> {
    let message = raw.get(header_of(raw).len()..).unwrap_or_default();
    [header.as_bytes(), message].concat()
}

/// What a commit's header says first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub tree: Oid,
    pub parents: Vec<Oid>,
    /// The author's line, as it is written.
    pub author: Vec<u8>,
}

impl Header {
    /// Reads a raw commit.
    pub fn parse(raw: &[u8]) -> Option<Header> {
        let mut header = Header { tree: Oid::ZERO_SHA1, parents: Vec::new(), author: Vec::new() };
        let mut tree = None;
        for line in header_of(raw).split(|byte| *byte == b'\n') {
            let id = |rest: &[u8]| Oid::from_str(std::str::from_utf8(rest).ok()?).ok();
            if let Some(rest) = line.strip_prefix(b"tree ") {
                tree = tree.or(Some(id(rest)?));
            } else if let Some(rest) = line.strip_prefix(b"parent ") {
                header.parents.push(id(rest)?);
            } else if let Some(rest) = line.strip_prefix(b"author ") {
                header.author = rest.to_vec();
                break;
            }
        }
        header.tree = tree?;
        Some(header)
    }
}

/// The id that git gives a raw commit.
pub fn commit_id(raw: &[u8]) -> Result<Oid> {
    Ok(Oid::hash_object(ObjectType::Commit, raw)?)
}

impl Repo {
    /// Writes a commit like `raw` with another tree and other parents; author, message and both dates stay, the
    /// committer is `by`, and the signature is new.
    pub fn write_again(
        &self,
        raw: &[u8],
        tree: Oid,
        parents: &[Oid],
        by: &Author,
        sign: &dyn Fn(&[u8]) -> Result<String>,
    ) -> Result<Oid> {
        let who = git2::Signature::new(&by.name, &by.email, &git2::Time::new(by.time, 0))?;
        let payload = Signed::split(raw).payload;
        let header = header_of(&payload);
        let mut new = format!("tree {tree}\n").into_bytes();
        for parent in parents {
            new.extend_from_slice(format!("parent {parent}\n").as_bytes());
        }
        let mut changed = true;
        for line in header.split_inclusive(|byte| *byte == b'\n') {
            let old = changed && (line.starts_with(b"tree ") || line.starts_with(b"parent "));
            match line.strip_prefix(b"committer ").filter(|_| changed) {
                _ if old => {}
                Some(rest) => {
                    let at = rest.iter().rposition(|byte| *byte == b'>').map_or(0, |at| at + 1);
                    new.extend_from_slice(b"committer ");
                    new.extend_from_slice(who.name_bytes());
                    new.extend_from_slice(b" <");
                    new.extend_from_slice(who.email_bytes());
                    new.push(b'>');
                    new.extend_from_slice(rest.get(at..).unwrap_or_default());
                    // Behind it only git's optional headers come.
                    changed = false;
                }
                None => new.extend_from_slice(line),
            }
        }
        let message = payload.get(header.len()..).unwrap_or_default();
        let signature = sign(&[&new, message].concat())?;
        new.extend_from_slice(format!("gpgsig {}\n", signature.trim_end().replace('\n', "\n ")).as_bytes());
        new.extend_from_slice(message);
        Ok(self.git.odb()?.write(ObjectType::Commit, &new)?)
    }
}

/// Trees computed in memory: nothing is written to the repository.
pub struct Scratch {
    git: Repository,
    /// Directories that hold such files, by what they are without and what is missing.
    known: HashMap<(Oid, Missing), Oid>,
}

impl Scratch {
    pub fn of(repo: &Repo) -> Result<Scratch> {
        let git = repo.another()?.git;
        git.odb()?.add_new_mempack_backend(1000)?;
        Ok(Scratch { git, known: HashMap::new() })
    }

    /// The tree that `tree` would be with the missing files in it; an error where it has one of them.
    pub fn with(&mut self, tree: Oid, missing: &Missing) -> Result<Oid> {
        if missing.is_empty() {
            return Ok(tree);
        }
        let last = missing.keys().all(|path| !path.contains('/'));
        let key = (tree, missing.clone());
        if let Some(known) = self.known.get(&key).filter(|_| last) {
            return Ok(*known);
        }
        let mut below: BTreeMap<&str, Missing> = BTreeMap::new();
        let mut here: Vec<(&str, Oid, FileMode)> = Vec::new();
        for (path, blob) in missing {
            match path.split_once('/') {
                Some((dir, rest)) => drop(below.entry(dir).or_default().insert(rest.to_owned(), *blob)),
                None => here.push((path, *blob, FileMode::Blob)),
            }
        }
        let entry = |name: &str| -> Result<Option<Oid>> {
            Ok(self.git.find_tree(tree)?.get_name(name).map(|entry| entry.id()))
        };
        if here.iter().any(|(name, ..)| !matches!(entry(name), Ok(None))) {
            return Err(Error::failed("a file that was taken out is there"));
        }
        let dirs = below.keys().map(|dir| entry(dir)).collect::<Result<Vec<_>>>()?;
        for ((dir, missing), old) in below.iter().zip(dirs) {
            let old = match old {
                Some(id) => id,
                None => self.git.treebuilder(None)?.write()?,
            };
            here.push((dir, self.with(old, missing)?, FileMode::Tree));
        }
        let base = self.git.find_tree(tree)?;
        let mut builder = self.git.treebuilder(Some(&base))?;
        for (name, id, mode) in here {
            builder.insert(name, id, mode.into())?;
        }
        let new = builder.write()?;
        if last {
            self.known.insert(key, new);
        }
        Ok(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_taken_apart_and_put_together_again() {
        let raw = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nparent 1111111111111111111111111111111111111111\n\
            author A <a> 1 +0000\ncommitter B <b> 2 +0000\ngpgsig x\n y\n\nsubject\n\nbody\n";
        let header = std::str::from_utf8(header_of(raw)).unwrap();
        assert_eq!(with_header(header, b"tree x\n\nsubject\n\nbody\n"), raw);
        let parsed = Header::parse(raw).unwrap();
        assert_eq!((parsed.parents.len(), &parsed.author[..]), (1, &b"A <a> 1 +0000"[..]));
        for odd in [&b""[..], b"tree\n", b"tree x\n", b"\n\n"] {
            assert_eq!(Header::parse(odd), None);
        }
    }

    #[test]
    fn a_commit_written_again_keeps_author_dates_and_message() {
        let dir = tempfile::tempdir().unwrap();
        let repo = Repo::init(dir.path()).unwrap();
        let tree = repo.edit_tree(None, &[]).unwrap();
        let raw = format!(
            "tree {tree}\nauthor A <a@x> 1 +0100\ncommitter A <a@x> 2 +0100\nencoding UTF-8\ngpgsig s\n\n\
             hello\n\ncommitter nobody\n"
        );
        let by = Author { name: "Op".into(), email: "op@x".into(), time: 9 };
        let id = repo.write_again(raw.as_bytes(), tree, &[], &by, &|_| Ok("SIG\n\nEND\n".into())).unwrap();
        let new = String::from_utf8(repo.raw_commit(id).unwrap()).unwrap();
        assert_eq!(
            new,
            format!(
                "tree {tree}\nauthor A <a@x> 1 +0100\ncommitter Op <op@x> 2 +0100\nencoding UTF-8\n\
                 gpgsig SIG\n \n END\n\nhello\n\ncommitter nobody\n"
            )
        );
    }

    #[test]
    fn a_tree_with_its_missing_files_has_the_id_that_it_had() {
        let dir = tempfile::tempdir().unwrap();
        let repo = Repo::init(dir.path()).unwrap();
        let blob = repo.write_blob(b"x").unwrap();
        let put = |path: &str| (path.to_owned(), Some(blob));
        let full = repo.edit_tree(None, &[put("a/b/1"), put("a/b/2"), put("a/c/3"), put("z")]).unwrap();
        let less = repo.edit_tree(Some(full), &[("a/b/1".into(), None), ("a/c/3".into(), None)]).unwrap();
        let missing: Missing = [("a/b/1".to_owned(), blob), ("a/c/3".to_owned(), blob)].into();
        let mut scratch = Scratch::of(&repo).unwrap();
        for _ in 0..2 {
            assert_eq!(scratch.with(less, &missing).unwrap(), full);
        }
        assert!(scratch.with(full, &missing).is_err(), "what is there was not taken out");
        // Nothing of it is written, and a blob that is gone is no hindrance.
        let gone: Missing = [("a/d/4".to_owned(), Oid::from_bytes(&[7; 20]).unwrap())].into();
        let odd = scratch.with(less, &gone).unwrap();
        assert!(Repo::open(dir.path()).unwrap().git.find_tree(odd).is_err());
    }
}
