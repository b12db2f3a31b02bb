//! What plain git brought into the branch's own object store, where nothing would ever destroy it, so that none may stay:
//! key stores (`git fetch origin refs/carnet/keys`, or a refspec that fetches every ref), and the texts of contacts, where
//! somebody has told git to keep what textconv says (gitattributes(5), `cachetextconv`).

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use git2::ObjectType;

use super::keystore::{KEYS_AUTHOR, KEYS_REF};
use super::{Oid, Repo};
use crate::error::Result;

/// Where git keeps what carnet's textconv said.
const TEXTS: &str = "refs/notes/textconv/carnet";

/// What names them in the branch's own repository.
#[derive(Debug, Default)]
struct Named {
    refs: Vec<String>,
    /// Files such as FETCH_HEAD, and what is left of each.
    heads: Vec<(PathBuf, String)>,
    commits: Vec<Oid>,
}

impl Repo {
    /// Whether there is such a thing at its name, or among what git fetched last. It costs three small reads.
    pub fn has_strayed(&self) -> Result<bool> {
        for name in [KEYS_REF, TEXTS] {
            if self.ref_target(name)?.is_some_and(|id| self.is_astray(id)) {
                return Ok(true);
            }
        }
        Ok(!self.fetched_keys()?.commits.is_empty())
    }

    /// Destroys all of it that a ref or git's FETCH_HEAD leads to, with what names it, and `also` as far as nothing
    /// leads to it; how many objects there were. `list` names them first: [`Repo::finish_deleting`] goes on after a kill.
    /// With `all`, those that nothing leads to any more go, too.
    pub fn destroy_strayed(&self, list: &Path, also: &HashSet<Oid>, all: bool) -> Result<usize> {
        let mut named = self.fetched_keys()?;
        for reference in self.git.references()?.flatten() {
            let commit = reference.peel_to_commit().ok().map(|commit| commit.id());
            if let (Ok(name), Some(id)) = (reference.name(), commit.filter(|id| self.is_astray(*id))) {
                named.refs.push(name.to_owned());
                named.commits.push(id);
            }
        }
        let mut doomed = self.present(also)?;
        // A key that nothing names came with others: what git fetched before it fetched again.
        if all || !doomed.is_empty() {
            named.commits.extend(self.strayed_and_forgotten()?);
        }
        if named.commits.is_empty() && doomed.is_empty() {
            return Ok(0);
        }
        doomed.extend(self.objects_of(&named.commits)?);
        self.name_doomed(list, &doomed)?;
        named.refs.iter().try_for_each(|name| self.drop_ref(name))?;
        for (path, rest) in &named.heads {
            match rest.is_empty() {
                true => std::fs::remove_file(path)?,
                false => std::fs::write(path, rest)?,
            }
        }
        self.finish_deleting(list)
    }

    /// Those of these objects that the branch's own object store holds.
    pub fn present(&self, ids: &HashSet<Oid>) -> Result<HashSet<Oid>> {
        // A fresh handle: a pack that was replaced must not be seen through an old one.
        let odb = git2::Repository::open(self.git.path())?;
        let odb = odb.odb()?;
        Ok(ids.iter().copied().filter(|id| odb.exists_ext(*id, git2::OdbLookupFlags::NO_REFRESH)).collect())
    }

    /// Commits of such that nothing leads to any more, and git has not cleared up. It reads all of history.
    pub fn strayed_and_forgotten(&self) -> Result<Vec<Oid>> {
        let odb = self.git.odb()?;
        let commit = |id: &Oid| matches!(odb.read_header(*id), Ok((_, ObjectType::Commit)));
        let loose = self.unreachable()?.into_iter();
        Ok(loose.filter(|id| commit(id) && self.is_astray(*id)).collect())
    }

    /// Key stores that git's FETCH_HEAD names, of this work tree and of the main one.
    fn fetched_keys(&self) -> Result<Named> {
        let mut named = Named::default();
        let dirs = HashSet::from([self.git.path(), self.git.commondir()]);
        for path in dirs.into_iter().map(|dir| dir.join("FETCH_HEAD")) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let id = |line: &str| Oid::from_str(line.split('\t').next()?).ok();
            let (keys, rest): (Vec<&str>, Vec<&str>) =
                text.split_inclusive('\n').partition(|line| id(line).is_some_and(|id| self.is_astray(id)));
            if !keys.is_empty() {
                named.commits.extend(keys.into_iter().filter_map(id));
                named.heads.push((path, rest.concat()));
            }
        }
        Ok(named)
    }

    fn is_astray(&self, id: Oid) -> bool {
        self.git.find_commit(id).is_ok_and(|commit| {
            let keys = commit.author().email() == Ok(KEYS_AUTHOR);
            // git's cache says what it is of: the command (notes-cache.c).
            let texts = commit.message().is_ok_and(|text| text.trim_end().ends_with(" textconv"));
            // Nothing that holds a data repository is taken for one of these, whoever names it so.
            let data = || commit.tree().is_ok_and(|tree| tree.get_name("carnet.toml").is_some());
            commit.parent_count() == 0 && (keys || texts) && !data()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::KeyStore;
    use crate::store::repo::Author;

    #[test]
    fn a_fetched_key_store_goes_with_what_names_it_and_nothing_else_does() {
        let dir = tempfile::tempdir().unwrap();
        let repo = Repo::init(dir.path()).unwrap();
        let by = Author { name: "A".into(), email: "a@x".into(), time: 1 };
        let shared = repo.write_blob(b"in both").unwrap();
        let tree = repo.edit_tree(None, &[("f".into(), Some(shared))]).unwrap();
        let none = |_: &[u8]| Ok("-----BEGIN PGP SIGNATURE-----\n\n=\n-----END PGP SIGNATURE-----".into());
        let main = repo.write_commit(tree, &[], &by, "m", &none).unwrap();
        repo.move_ref("refs/heads/main", None, main, "x").unwrap();
        let keys = KeyStore::init(&dir.path().join("keys.git")).unwrap();
        let message = |text: &str| Some(text.as_bytes().to_vec());
        keys.change(
            &[("a/x.pgp".into(), message("key")), ("a/y.pgp".into(), message("in both"))],
            &by,
            false,
        )
        .unwrap();
        let key = keys.id("a/x.pgp").unwrap().unwrap();
        let git = |args: &[&str]| {
            let run = std::process::Command::new("git").current_dir(dir.path()).args(args).output().unwrap();
            assert!(run.status.success(), "{run:?}");
        };
        let list = dir.path().join("doomed");
        let fetch = |spec: &str| git(&["fetch", "-q", "./keys.git", spec]);
        for spec in ["refs/carnet/keys", "+refs/*:refs/*", "refs/carnet/keys:refs/tags/k"] {
            let repo = Repo::open(dir.path()).unwrap();
            assert!(!repo.has_strayed().unwrap());
            fetch(spec);
            let repo = Repo::open(dir.path()).unwrap();
            assert!(repo.has_strayed().unwrap() && repo.blob(key).is_ok(), "{spec}");
            assert!(repo.destroy_strayed(&list, &HashSet::new(), false).unwrap() >= 3);
            let repo = Repo::open(dir.path()).unwrap();
            assert!(repo.blob(key).is_err() && repo.blob(shared).is_ok(), "{spec}");
            assert!(repo.refs("refs/").unwrap().iter().all(|(name, _)| name == "refs/heads/main"));
        }
        // What nothing names any more is found by the key itself, and then all that came with it goes.
        fetch("refs/carnet/keys");
        git(&["fetch", "-q", ".", "main"]);
        let repo = Repo::open(dir.path()).unwrap();
        assert!(!repo.has_strayed().unwrap() && repo.strayed_and_forgotten().unwrap().len() == 1);
        let destroyed = HashSet::from([key, shared]);
        assert!(repo.destroy_strayed(&list, &destroyed, false).unwrap() >= 3);
        let repo = Repo::open(dir.path()).unwrap();
        assert!(repo.blob(key).is_err() && repo.blob(shared).is_ok() && !list.exists());
        assert!(repo.strayed_and_forgotten().unwrap().is_empty());
    }
}
