//! What an operation is about to touch, written down first, so that the next command can finish or undo it.
//!
//! The journal lies in `.git/carnet/pending` from before the first write until after the last. It holds
//! paths only, and paths never hold personal data.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::Oid;
use crate::error::{Error, Result};

/// An operation's plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Paths in the work tree that will change with HEAD.
    pub paths: Vec<String>,
    /// Paths in the key store that will be written before HEAD moves.
    pub keys: Vec<String>,
    /// The key store must be pruned before this is over.
    pub prune: bool,
    /// When the branch has this commit, this commit of the key store is to be in force.
    pub switch: Option<(Oid, Oid)>,
    /// Access chains that move together: name, commit before and after.
    pub chains: Vec<(String, Option<Oid>, Oid)>,
    /// When the branch no longer has this commit, what only it led to is to be destroyed.
    pub forget: Option<Oid>,
}

fn path(private_dir: &Path) -> PathBuf {
    private_dir.join("pending")
}

/// Writes the plan down; it is on disk when this returns.
///
/// A plan that replaces one keeps its time: it belongs to the operation that began then, and so do the locks that the
/// operation took since (`Repo::break_stale_locks`).
pub fn begin(private_dir: &Path, plan: &Plan) -> Result<()> {
    let mut text = String::new();
    for path in &plan.paths {
        text.push_str(&format!("path {path}\n"));
    }
    for key in &plan.keys {
        text.push_str(&format!("key {key}\n"));
    }
    if plan.prune {
        text.push_str("prune\n");
    }
    if let Some((commit, keys)) = plan.switch {
        text.push_str(&format!("switch {commit} {keys}\n"));
    }
    for (name, old, new) in &plan.chains {
        text.push_str(&format!("chain {} {new} {name}\n", old.unwrap_or(Oid::ZERO_SHA1)));
    }
    if let Some(old) = plan.forget {
        text.push_str(&format!("forget {old}\n"));
    }
    text.push_str("end\n");
    let began = std::fs::metadata(path(private_dir)).and_then(|meta| meta.modified()).ok();
    let mut file = tempfile::NamedTempFile::new_in(private_dir)?;
    file.write_all(text.as_bytes())?;
    if let Some(began) = began {
        file.as_file().set_modified(began)?;
    }
    file.persist(path(private_dir)).map_err(|e| e.error)?;
    Ok(())
}

/// The plan of an operation that did not finish.
///
/// Of one that a failing disk has damaged, what can be read counts, and the key store is pruned whatever it says: HEAD and
/// the ledger decide about the rest, and `doctor` finds what is left over.
pub fn pending(private_dir: &Path) -> Result<Option<Plan>> {
    let path = path(private_dir);
    let text = match std::fs::read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::from(e).at(path.display().to_string())),
    };
    let mut plan = Plan { prune: !text.ends_with("end\n"), ..Plan::default() };
    for line in text.lines() {
        match line.split_once(' ') {
            Some(("path", path)) => plan.paths.push(path.to_owned()),
            Some(("key", key)) => plan.keys.push(key.to_owned()),
            Some(("switch", pair)) => {
                plan.switch = pair
                    .split_once(' ')
                    .and_then(|(a, b)| Some((Oid::from_str(a).ok()?, Oid::from_str(b).ok()?)));
            }
            Some(("chain", rest)) => plan.chains.extend(chain(rest)),
            Some(("forget", old)) => plan.forget = Oid::from_str(old).ok(),
            _ if line == "prune" => plan.prune = true,
            _ => {}
        }
    }
    Ok(Some(plan))
}

fn chain(line: &str) -> Option<(String, Option<Oid>, Oid)> {
    let mut words = line.splitn(3, ' ');
    let mut id = || Oid::from_str(words.next()?).ok();
    let (old, new) = (id()?, id()?);
    Some((words.next()?.to_owned(), (!old.is_zero()).then_some(old), new))
}

/// The operation is over, done or undone.
pub fn end(private_dir: &Path) -> Result<()> {
    match std::fs::remove_file(path(private_dir)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_reads_back_until_it_ends() {
        let dir = tempfile::tempdir().unwrap();
        let plan = Plan {
            paths: vec!["a b".into()],
            keys: vec!["main/book.pgp".into()],
            prune: true,
            switch: Some((Oid::from_bytes(&[7; 20]).unwrap(), Oid::from_bytes(&[9; 20]).unwrap())),
            chains: vec![
                ("refs/carnet/access/2026-11/ana".into(), None, Oid::from_bytes(&[5; 20]).unwrap()),
                ("refs/x".into(), Oid::from_bytes(&[4; 20]).ok(), Oid::from_bytes(&[3; 20]).unwrap()),
            ],
            forget: Some(Oid::from_bytes(&[8; 20]).unwrap()),
        };
        begin(dir.path(), &plan).unwrap();
        assert_eq!(pending(dir.path()).unwrap(), Some(plan));
        end(dir.path()).unwrap();
        end(dir.path()).unwrap();
        assert_eq!(pending(dir.path()).unwrap(), None);
    }

    #[test]
    fn a_damaged_plan_is_one_that_prunes() {
        let dir = tempfile::tempdir().unwrap();
        for damaged in [&b""[..], b"\xff\x00", b"key main/book.pgp\npath conta"] {
            std::fs::write(path(dir.path()), damaged).unwrap();
            assert!(pending(dir.path()).unwrap().unwrap().prune, "{damaged:?}");
        }
        assert_eq!(pending(dir.path()).unwrap().unwrap().keys, ["main/book.pgp"]);
    }

    #[test]
    fn a_plan_that_replaces_another_is_as_old_as_that() {
        let dir = tempfile::tempdir().unwrap();
        let made = || std::fs::metadata(path(dir.path())).unwrap().modified().unwrap();
        begin(dir.path(), &Plan::default()).unwrap();
        let first = made();
        std::thread::sleep(std::time::Duration::from_millis(30));
        begin(dir.path(), &Plan { prune: true, ..Plan::default() }).unwrap();
        assert_eq!(made(), first);
        assert!(pending(dir.path()).unwrap().unwrap().prune);
    }
}
