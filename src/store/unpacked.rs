//! The entries of access chains once more, not deflated: what a whole trail is read from.
//!
//! Inflating 100,000 small commits takes git seconds. `.git/carnet/trail/<month>.<member>` has the same objects as they
//! are, one after the other. It is a cache that nothing has to trust: an entry is looked up by its hash, from the
//! chain's ref on and by its parents' ids, and the hash is computed of the bytes in the file. What was changed or
//! removed there is not found, and is read from git's objects.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use git2::ObjectType;
use rayon::prelude::*;

use super::chain::{ACCESS_REFS, named};
use super::repo::CommitInfo;
use super::{Oid, Repo};
use crate::error::Result;

/// How the file begins; what begins otherwise is of another version, or no such file.
const MAGIC: &[u8] = b"carnet trail 1\n";

/// So many entries of a chain are read from git's objects each time before the file is written anew.
const TOLERATED: usize = 64;

/// What reading a chain showed.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Objects that could not be read.
    pub unreadable: usize,
    /// What the file should be written anew with; none where it is good as it is.
    pub fresh: Option<Vec<u8>>,
}

/// Puts an object behind the others.
fn append(out: &mut Vec<u8>, raw: &[u8]) {
    let Ok(length) = u32::try_from(raw.len()) else { return };
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(raw);
}

/// Each object's length (four bytes, big-endian) and its bytes, as far as the file is whole.
fn objects(file: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut rest = file.strip_prefix(MAGIC).unwrap_or_default();
    while let Some((length, more)) = rest.split_first_chunk::<4>() {
        let Some((raw, more)) = more.split_at_checked(u32::from_be_bytes(*length) as usize) else { break };
        found.push(raw);
        rest = more;
    }
    found
}

/// A commit's facts from its bytes (gitformat-commit: git-hash-object(1)), exactly as libgit2 gives them; none where
/// it is written in a way that carnet does not write, which libgit2 then reads.
fn parse(id: Oid, raw: &[u8]) -> Option<CommitInfo> {
    let text = std::str::from_utf8(raw).ok().filter(|text| !text.contains('\0'))?;
    let (head, message) = text.split_once("\n\n")?;
    let object = |hex: &str| (hex.len() == 40).then(|| Oid::from_str(hex).ok()).flatten();
    let (mut tree, mut author, mut time, mut parents) = (None, None, None, Vec::new());
    for line in head.split('\n') {
        match line.split_once(' ')? {
            ("tree", hex) if tree.is_none() => tree = Some(object(hex)?),
            ("parent", hex) => parents.push(object(hex)?),
            ("author", who) if author.is_none() => author = Some(person(who)?),
            ("committer", who) if time.is_none() => time = Some(person(who)?.2),
            // A signature, and the lines that it goes on in.
            ("gpgsig" | "", _) => {}
            _ => return None,
        }
    }
    let (name, email, _) = author?;
    Some(CommitInfo {
        id,
        tree: tree?,
        parents,
        author: name.to_owned(),
        email: email.to_owned(),
        time: time?,
        message: message.trim_start_matches('\n').to_owned(),
    })
}

/// Name, address and seconds since 1970; none where libgit2 would take something off the name.
fn person(text: &str) -> Option<(&str, &str, i64)> {
    let (name, rest) = text.split_once(" <")?;
    let (email, when) = rest.split_once("> ")?;
    let (seconds, zone) = when.split_once(' ')?;
    let plain = |text: &str| {
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || !c.is_ascii());
        edge(text.chars().next()) && edge(text.chars().next_back()) && !text.contains(['<', '>'])
    };
    let digits = seconds.len() <= 12 && seconds.bytes().all(|b| b.is_ascii_digit());
    (plain(name) && plain(email) && digits && zone.len() == 5)
        .then(|| Some((name, email, seconds.parse().ok()?)))?
}

/// Where the files are, below carnet's own directory.
fn directory(private: &Path) -> PathBuf {
    private.join("trail")
}

fn file_name(refname: &str) -> Option<String> {
    let (month, member) = refname.strip_prefix(ACCESS_REFS).and_then(named)?;
    Some(format!("{month}.{member}"))
}

/// Writes a chain's file anew in carnet's own directory, with carnet's lock held.
pub fn write(private: &Path, refname: &str, content: &[u8]) -> Result<()> {
    let Some(name) = file_name(refname) else { return Ok(()) };
    let dir = directory(private);
    std::fs::create_dir_all(&dir)?;
    let mut file = tempfile::NamedTempFile::new_in(&dir)?;
    file.write_all(content)?;
    file.persist(dir.join(name)).map_err(|e| e.error)?;
    Ok(())
}

impl Repo {
    fn unpacked_dir(&self) -> PathBuf {
        directory(&self.private_dir())
    }

    fn unpacked_path(&self, refname: &str) -> Option<PathBuf> {
        Some(self.unpacked_dir().join(file_name(refname)?))
    }

    /// Reads a chain's entries once each, the last one first, from its file as far as that has them.
    pub fn each_entry(&self, refname: &str, tip: Oid, mut visit: impl FnMut(CommitInfo)) -> Seen {
        let path = self.unpacked_path(refname);
        let file = path.and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
        let known = objects(&file);
        let hash = |raw: &&[u8]| Oid::hash_object(ObjectType::Commit, raw);
        let ids: Vec<_> = known.par_iter().with_min_len(512).map(hash).collect();
        let known: HashMap<Oid, &[u8]> =
            ids.into_iter().zip(known).filter_map(|(id, raw)| Some((id.ok()?, raw))).collect();
        // libgit2 keeps what it has read as long as the handle lives, and nothing of a chain is read twice.
        let own = if known.is_empty() { self.another().ok() } else { None };
        let odb = own.as_ref().unwrap_or(self).git.odb();
        let (mut seen, mut unreadable, mut read) = (HashSet::with_capacity(known.len()), 0, 0);
        // What git's objects had to give, inflated once for the reader and for the file.
        let mut fresh = MAGIC.to_vec();
        let mut waiting = vec![tip];
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            let found = match known.get(&id) {
                Some(raw) => parse(id, raw),
                None => {
                    read += 1;
                    let object = odb.as_ref().ok().and_then(|odb| odb.read(id).ok());
                    object.filter(|object| object.kind() == ObjectType::Commit).and_then(|object| {
                        append(&mut fresh, object.data());
                        parse(id, object.data())
                    })
                }
            };
            match found.map_or_else(|| self.commit(id), Ok) {
                Ok(commit) => {
                    waiting.extend(&commit.parents);
                    visit(commit);
                }
                Err(_) => unreadable += 1,
            }
        }
        // What the chain does not have any more should not be kept either.
        let is_stale = read > TOLERATED + unreadable || seen.len() - read < known.len();
        let fresh = is_stale.then(|| {
            known.iter().filter(|(id, _)| seen.contains(id)).for_each(|(_, raw)| append(&mut fresh, raw));
            fresh
        });
        Seen { unreadable, fresh }
    }

    /// Writes the files of chains that are not what they were `before`, with carnet's lock held: what was received
    /// is inflated then, and not by the first who asks for the trail.
    pub fn unpack_moved(&self, before: &[(String, Oid)]) {
        let Ok(mut moved) = self.refs(ACCESS_REFS) else { return };
        moved.retain(|chain| !before.contains(chain));
        let dir = self.private_dir();
        let _ = self.dealt_out(&moved, |repo, (refname, tip)| {
            let fresh = repo.each_entry(refname, *tip, |_| {}).fresh;
            fresh.map(|content| write(&dir, refname, &content))
        });
    }

    /// Puts a chain's new entry behind the others of its file, with carnet's lock held, so that the file of a chain
    /// which grows here is never out of date. A file begins with its chain. Nothing depends on it: what a killed
    /// command or a full disk left half-written is found by no hash.
    pub fn unpack_entry(&self, refname: &str, old: Option<Oid>, new: Oid) {
        let Some(path) = self.unpacked_path(refname) else { return };
        let Ok(raw) = self.raw_commit(new) else { return };
        let begins = old.is_none();
        let mut out = if begins { MAGIC.to_vec() } else { Vec::new() };
        append(&mut out, &raw);
        if begins {
            let _ = std::fs::create_dir_all(self.unpacked_dir()).and_then(|()| std::fs::write(path, out));
        } else if let Ok(mut file) = std::fs::OpenOptions::new().append(true).open(path) {
            let _ = file.write_all(&out);
        }
    }

    /// Files of chains that are no more, and what a killed command left of one.
    pub fn unpacked_of_no_chain(&self, chains: &[(String, Oid)]) -> Vec<PathBuf> {
        let wanted: HashSet<PathBuf> =
            chains.iter().filter_map(|(refname, _)| self.unpacked_path(refname)).collect();
        let files = std::fs::read_dir(self.unpacked_dir()).into_iter().flatten().flatten();
        files.map(|file| file.path()).filter(|path| !wanted.contains(path)).collect()
    }

    /// Removes a chain's file, with carnet's lock held.
    pub(super) fn drop_unpacked(&self, refname: &str) -> Result<()> {
        match self.unpacked_path(refname).map(std::fs::remove_file) {
            Some(Err(e)) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n";

    /// Whatever is read from bytes is what libgit2 reads from the object; the rest is left to libgit2.
    #[test]
    fn a_commit_reads_as_libgit2_reads_it() {
        let world = tempfile::tempdir().unwrap();
        let repo = Repo::init(world.path()).unwrap();
        let odb = repo.git.odb().unwrap();
        odb.write(ObjectType::Tree, b"").unwrap();
        let parent = "parent 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n";
        let who = "Zoé Ana <a@example.org> 1700000000 +0100\n";
        let ends = format!("author {who}committer Bob <b@x> 1700000001 -0230\n");
        let sig = "gpgsig -----BEGIN\n \n x y\n -----END\n";
        let plain = [
            format!("{TREE}{ends}\nsubject\n"),
            format!("{TREE}{parent}{parent}{ends}{sig}\nsubject\n\nCarnet-Action: show\n"),
            format!("{TREE}{ends}\n\n\n  led by empty lines"),
            format!("{TREE}{ends}\n"),
        ];
        let odd = [
            format!("{TREE}author Ana M. <a@x> 1 +0000\ncommitter Bob <b@x> 2 +0000\n\nx\n"),
            format!("{TREE}{ends}encoding latin1\n\nx\n"),
            format!("{TREE}{ends}\nx\0y\n"),
            format!("{TREE}author  <> 1 +0000\ncommitter Bob <b@x> 2 +0000\n\nx\n"),
        ];
        for (text, read) in plain.iter().map(|t| (t, true)).chain(odd.iter().map(|t| (t, false))) {
            let id = odb.write(ObjectType::Commit, text.as_bytes()).unwrap();
            let parsed = parse(id, text.as_bytes());
            assert_eq!(parsed.is_some(), read, "{text}");
            if let Some(parsed) = parsed {
                assert_eq!(format!("{parsed:?}"), format!("{:?}", repo.commit(id).unwrap()), "{text}");
            }
        }
    }

    #[test]
    fn a_file_is_read_as_far_as_it_is_whole() {
        let whole = [MAGIC, &[0, 0, 0, 2], b"ab", &[0, 0, 0, 0], &[0, 0, 0, 1], b"c"].concat();
        assert_eq!(objects(&whole), [&b"ab"[..], b"", b"c"]);
        assert_eq!(objects(&whole[..whole.len() - 1]), [&b"ab"[..], b""]);
        assert_eq!(objects(&[MAGIC, &[255; 9]].concat()), Vec::<&[u8]>::new());
        assert_eq!(objects(b"other"), Vec::<&[u8]>::new());
    }
}
