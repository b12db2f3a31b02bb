//! The files of a reply, their fingerprint, and the directory that they are written to.

use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{At, Error, Result};
use crate::reports::site::outside;
use crate::store::Repo;
use crate::store::beside::Beside;

/// The list of the files with their SHA-256, in the format of sha256sum(1); its own SHA-256 stands for the whole reply.
pub const LIST: &str = "SHA256SUMS";

/// A complete reply in memory.
#[derive(Debug)]
pub struct Pack {
    files: Vec<(String, Vec<u8>)>,
    sha256: String,
}

impl Pack {
    /// Adds the list of the files, in order of their names.
    pub fn new(mut files: Vec<(String, Vec<u8>)>) -> Pack {
        files.sort();
        let lines = files.iter().map(|(name, content)| format!("{}  {name}\n", hex(content)));
        let list: String = lines.collect();
        let sha256 = hex(list.as_bytes());
        files.push((LIST.to_owned(), list.into_bytes()));
        Pack { files, sha256 }
    }

    /// SHA-256 of the list of files, as 64 hex digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    pub fn names(&self) -> Vec<&str> {
        self.files.iter().map(|(name, _)| name.as_str()).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// A directory that a reply may be written to: outside the data repository, new or empty.
#[derive(Debug)]
pub struct Place(PathBuf);

impl Place {
    /// Checks it; nothing is written.
    pub fn check(dir: &Path, repo: &Repo) -> Result<Place> {
        let dir = outside(dir, repo, "a reply", "../reply")?;
        let place = dir.display().to_string();
        match std::fs::read_dir(&dir) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(Error::from(e).at(place).hint("give a new directory")),
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Err(Error::refused("the directory is not empty; nothing was written")
                        .at(place)
                        .hint("give a new directory, so that nothing else is sent along"));
                }
            }
        }
        Ok(Place(dir))
    }

    pub fn dir(&self) -> &Path {
        &self.0
    }

    /// Writes all files, readable to this user only; the directory appears whole.
    pub fn write(&self, pack: &Pack) -> Result<()> {
        let dir = &self.0;
        let place = dir.display();
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        let beside = Beside::place(dir)?;
        let part = beside.path();
        std::fs::DirBuilder::new().mode(0o700).create(&part).at(place)?;
        for (name, content) in &pack.files {
            let path = part.join(name);
            let mut options = std::fs::OpenOptions::new();
            let mut file = options.write(true).create_new(true).mode(0o600).open(&path).at(path.display())?;
            file.write_all(content).at(path.display())?;
        }
        // An empty directory is replaced by the full one.
        beside.move_to(dir)
    }

    /// Takes back what [`Place::write`] wrote, when the register could not be changed.
    pub fn take_back(&self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fingerprint_stands_for_all_files() {
        let files = |text: &str| vec![("b.html".to_owned(), b"b".to_vec()), ("a.html".into(), text.into())];
        let (one, same, other) = (Pack::new(files("a")), Pack::new(files("a")), Pack::new(files("A")));
        assert_eq!(one.names(), ["a.html", "b.html", LIST]);
        assert_eq!(one.sha256(), same.sha256());
        assert_ne!(one.sha256(), other.sha256());
        let list = String::from_utf8(one.files[2].1.clone()).unwrap();
        // sha256sum of "a" and of "b".
        assert_eq!(
            list,
            "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  a.html\n\
             3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d  b.html\n"
        );
    }
}
