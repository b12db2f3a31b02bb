//! Taking objects out of a repository for good: loose ones are deleted, packs that hold one are written again
//! without it, and what git remembers of old heads goes.
//!
//! Exactly the objects that are named go. `git gc` would also take what a push on its way has just brought, and what
//! another command has written and not referred to yet.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::bulk::{ids_in, pack_files, remove_loose};
use super::remote::{FOREIGN, last_words};
use super::{Oid, Repo};
use crate::error::{Error, Result};

/// Names under which git keeps heads of before (gitrevisions(7)).
const OLD_HEADS: [&str; 3] = ["ORIG_HEAD", "FETCH_HEAD", "AUTO_MERGE"];

/// Everything that `tips` lead to; with `all`, what every ref, every work tree's HEAD and git's index lead to.
fn reachable(git_dir: &Path, tips: &[Oid], all: bool) -> Result<HashSet<Oid>> {
    let mut args = vec!["rev-list".to_owned(), "--objects".into(), "--no-object-names".into()];
    match all {
        true => args.extend(["--all".to_owned(), "--indexed-objects".into()]),
        // A tip may have been destroyed a moment ago.
        false => args.push("--ignore-missing".into()),
    }
    args.extend(tips.iter().map(Oid::to_string));
    ids(&git(git_dir, &args, Stdio::null())?)
}

/// Every object that the object store holds.
fn everything(git_dir: &Path) -> Result<HashSet<Oid>> {
    let args = ["cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered"];
    ids(&git(git_dir, &args.map(str::to_owned), Stdio::null())?)
}

fn ids(said: &[u8]) -> Result<HashSet<Oid>> {
    let text = String::from_utf8_lossy(said);
    text.lines().map(|line| Ok(Oid::from_str(line)?)).collect()
}

fn git(git_dir: &Path, args: &[String], stdin: Stdio) -> Result<Vec<u8>> {
    let mut command = Command::new("git");
    for name in FOREIGN {
        command.env_remove(name);
    }
    let output = command
        .arg("--git-dir")
        .arg(git_dir)
        .args(args)
        .env("LC_ALL", "C")
        .stdin(stdin)
        .output()
        .map_err(|e| Error::from(e).at("git").hint("install git, or put it on the PATH"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let what = args.first().map(String::as_str).unwrap_or_default();
    Err(Error::failed(format!("`git {what}` failed, so nothing was deleted"))
        .cause(last_words(&String::from_utf8_lossy(&output.stderr)))
        .hint("`git fsck` says whether the repository is damaged"))
}

impl Repo {
    fn git_dir(&self) -> &Path {
        self.git.commondir()
    }

    /// Objects that `old` leads to and no ref, HEAD or index does.
    pub fn only_from(&self, old: &[Oid]) -> Result<HashSet<Oid>> {
        let old: Vec<Oid> =
            old.iter().copied().filter(|id| self.git.odb().is_ok_and(|o| o.exists(*id))).collect();
        if old.is_empty() {
            return Ok(HashSet::new());
        }
        let needed = reachable(self.git_dir(), &[], true)?;
        Ok(reachable(self.git_dir(), &old, false)?.difference(&needed).copied().collect())
    }

    /// Objects that no ref, HEAD or index leads to.
    pub fn unreachable(&self) -> Result<HashSet<Oid>> {
        let needed = reachable(self.git_dir(), &[], true)?;
        let mut doomed: HashSet<Oid> = everything(self.git_dir())?.difference(&needed).copied().collect();
        // Everybody's, and written again and again.
        doomed.remove(&Repo::empty_tree()?);
        Ok(doomed)
    }

    /// Empties every reflog and drops the heads of before: each would keep old objects.
    pub fn forget_old_heads(&self) -> Result<()> {
        let args = ["reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"];
        git(self.git_dir(), &args.map(str::to_owned), Stdio::null())?;
        for name in OLD_HEADS {
            match std::fs::remove_file(self.git.path().join(name)) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Deletes these objects, which are named in a file first: killed in between, [`Repo::finish_deleting`] goes on.
    pub fn delete_for_good(&self, list: &Path, doomed: &HashSet<Oid>) -> Result<()> {
        if doomed.is_empty() {
            return Ok(());
        }
        self.name_doomed(list, doomed)?;
        self.delete_objects(doomed)?;
        Ok(std::fs::remove_file(list)?)
    }

    /// Names in a file what [`Repo::finish_deleting`] is to delete.
    pub(super) fn name_doomed(&self, list: &Path, doomed: &HashSet<Oid>) -> Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(list.parent().unwrap_or(Path::new(".")))?;
        for id in doomed {
            writeln!(file, "{id}")?;
        }
        file.persist(list).map_err(|e| e.error)?;
        Ok(())
    }

    /// Everything that commits lead to, whatever else does.
    pub(super) fn objects_of(&self, commits: &[Oid]) -> Result<HashSet<Oid>> {
        match commits.is_empty() {
            true => Ok(HashSet::new()),
            false => reachable(self.git_dir(), commits, false),
        }
    }

    /// Deletes what a killed process had begun to delete, unless something leads to it by now; how many there were.
    pub fn finish_deleting(&self, list: &Path) -> Result<usize> {
        let text = match std::fs::read(list) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            Err(e) => return Err(e.into()),
        };
        let needed = reachable(self.git_dir(), &[], true)?;
        let doomed: HashSet<Oid> = ids(&text)?.difference(&needed).copied().collect();
        self.delete_objects(&doomed)?;
        std::fs::remove_file(list)?;
        Ok(doomed.len())
    }

    /// Deletes these objects. Killed in between, it can be called again.
    fn delete_objects(&self, doomed: &HashSet<Oid>) -> Result<()> {
        if doomed.is_empty() {
            return Ok(());
        }
        let objects = self.git_dir().join("objects");
        // Caches of what is where, which git makes anew (git-commit-graph(1), git-multi-pack-index(1)).
        for cache in ["info/commit-graph", "pack/multi-pack-index"] {
            let _ = std::fs::remove_file(objects.join(cache));
        }
        let _ = std::fs::remove_dir_all(objects.join("info/commit-graphs"));
        let files = pack_files(&objects);
        for index in files.iter().filter(|path| path.extension().is_some_and(|e| e == "idx")) {
            let Some(ids) = ids_in(index) else {
                return Err(Error::failed("a pack's index cannot be read")
                    .at(index.display().to_string())
                    .hint("`git repack -a -d` writes it anew"));
            };
            if !ids.iter().any(|id| doomed.contains(id)) {
                continue;
            }
            let mut kept = tempfile::tempfile()?;
            let mut some = false;
            for id in ids.iter().filter(|id| !doomed.contains(*id)) {
                writeln!(kept, "{id}")?;
                some = true;
            }
            if some {
                std::io::Seek::rewind(&mut kept)?;
                let base = objects.join("pack").join("pack");
                let args = ["pack-objects".to_owned(), "--quiet".into(), base.display().to_string()];
                git(self.git_dir(), &args, kept.into())?;
            }
            // The index first: a pack without one is nothing to git.
            std::fs::remove_file(index)?;
            for path in files.iter().filter(|p| p.file_stem() == index.file_stem() && *p != index) {
                std::fs::remove_file(path)?;
            }
        }
        doomed.iter().try_for_each(|id| remove_loose(self.git_dir(), *id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::repo::Author;

    #[test]
    fn what_nothing_leads_to_goes_from_packs_and_loose_files_and_the_rest_stays() {
        let dir = tempfile::tempdir().unwrap();
        let repo = Repo::init(dir.path()).unwrap();
        let by = Author { name: "A".into(), email: "a@x".into(), time: 1 };
        let commit = |n: u8, parents: &[Oid]| {
            let blob = repo.write_blob(&[n; 100]).unwrap();
            let tree = repo.edit_tree(None, &[("f".into(), Some(blob))]).unwrap();
            let none =
                |_: &[u8]| Ok("-----BEGIN PGP SIGNATURE-----\n\n=\n-----END PGP SIGNATURE-----".into());
            (blob, repo.write_commit(tree, parents, &by, "m", &none).unwrap())
        };
        let (old_blob, old) = commit(1, &[]);
        let (kept, new) = commit(2, &[]);
        repo.move_ref("refs/heads/main", None, old, "x").unwrap();
        git(repo.git_dir(), &["repack", "-a", "-d", "-q"].map(str::to_owned), Stdio::null()).unwrap();
        repo.move_ref("refs/heads/main", Some(old), new, "x").unwrap();
        git(repo.git_dir(), &["read-tree", "main"].map(str::to_owned), Stdio::null()).unwrap();
        repo.forget_old_heads().unwrap();
        let doomed = repo.only_from(&[old]).unwrap();
        assert_eq!(doomed.len(), 3);
        assert_eq!(repo.unreachable().unwrap(), doomed);
        repo.delete_objects(&doomed).unwrap();
        let fresh = Repo::open(dir.path()).unwrap();
        assert!(fresh.blob(old_blob).is_err() && fresh.blob(kept).is_ok());
        git(repo.git_dir(), &["fsck", "--full", "--strict"].map(str::to_owned), Stdio::null()).unwrap();
        assert!(repo.only_from(&[old]).unwrap().is_empty());
    }
}
