//! The site's directory: which one may be written, and how it is replaced whole.
//!
//! A site is written into a temporary directory beside its place and renamed into it, so that its place never
//! holds half a site. What is there already is replaced only when carnet wrote all of it.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::manifest::{SIGNATURE, SUMS};
use super::out::Out;
use super::pages::Pages;
use super::templates::Own;
use crate::error::{At, Error, Result};
use crate::store::Repo;
use crate::store::beside::Beside;

/// The file by which carnet knows its own sites.
pub const MARKER: &str = "carnet-site.json";
const SCHEMA: &str = "carnet.site/1";

/// What the marker says: the commit that the site was built from and every file of it.
#[derive(Serialize, Deserialize)]
pub(super) struct Marker {
    schema: String,
    carnet: String,
    pub commit: String,
    /// RFC 3339, UTC.
    built: String,
    files: Vec<String>,
    /// Templates of the firm's own that the pages were made with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<Own>,
}

/// A directory that a site may be written to.
#[derive(Debug)]
pub struct Target {
    dir: PathBuf,
}

impl Target {
    /// Checks a place for a site: outside the data repository; new, empty, or wholly a site of carnet's.
    ///
    /// The repository's work tree is refused even where git ignores the path: a site there would be one
    /// `git add -f` or one edit of `.gitignore` away from being committed. Nothing is written.
    pub fn check(dir: &Path, repo: &Repo) -> Result<Target> {
        Target::at(outside(dir, repo, "a site", "../site")?, dir)
    }

    /// A place that was looked at already: `dir` is the real path of what was `given`.
    pub(super) fn at(dir: PathBuf, given: &Path) -> Result<Target> {
        if dir.parent().is_none() || dir.file_name().is_none() {
            return Err(Error::usage("that is not a place for a site")
                .at(given.display().to_string())
                .hint("give a directory"));
        }
        check_content(&dir)?;
        Ok(Target { dir })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Has `make` write the site beside its place; dropping what comes back removes it again.
    ///
    /// `sign` makes the detached, armoured signature over the list of sums, which names every other file.
    pub fn stage(
        &self,
        built: &str,
        make: impl FnOnce(&Out) -> Result<Pages>,
        sign: impl FnOnce(&[u8]) -> Result<String>,
    ) -> Result<Staged<'_>> {
        let holder = Beside::place(&self.dir)?;
        // The holder is private to this user; the site inside it gets the permissions that any new file has.
        let site = holder.path();
        std::fs::create_dir(&site).at(site.display())?;
        let out = Out::new(&site);
        let pages = make(&out)?;
        let marker = Marker {
            schema: SCHEMA.to_owned(),
            carnet: env!("CARGO_PKG_VERSION").to_owned(),
            commit: pages.commit.clone(),
            built: built.to_owned(),
            files: pages.files.iter().cloned().chain([SUMS, SIGNATURE].map(str::to_owned)).collect(),
            templates: pages.own.clone(),
        };
        let marker = serde_json::to_string_pretty(&marker)
            .map_err(|e| Error::failed("the site's list of files could not be written").cause(e))?;
        out.put(MARKER, &format!("{marker}\n"))?;
        let sums: String = out.sums().into_iter().map(|(path, sum)| format!("{sum}  {path}\n")).collect();
        out.put(SUMS, &sums)?;
        out.put(SIGNATURE, &sign(sums.as_bytes())?)?;
        Ok(Staged { target: self, holder, pages })
    }
}

/// The real path of a directory, refused where it is in the data repository or its git directory; `what` is to be written,
/// and `example` is where it could go.
pub fn outside(dir: &Path, repo: &Repo, what: &str, example: &str) -> Result<PathBuf> {
    let place = || dir.display().to_string();
    let dir = resolved(dir)?;
    let git = repo.private_dir();
    for ours in [repo.root(), git.parent().unwrap_or(&git)] {
        let ours = ours.to_path_buf();
        if dir.starts_with(ours.canonicalize().unwrap_or(ours)) {
            return Err(Error::refused(format!("{what} is not written into the data repository"))
                .at(place())
                .hint(format!("give a directory outside it, such as --out {example}")));
        }
    }
    Ok(dir)
}

/// The real path of a directory that need not be there: what is compared and replaced is the directory itself, so that
/// links are followed.
pub(super) fn resolved(dir: &Path) -> Result<PathBuf> {
    let place = || dir.display().to_string();
    let absolute = std::path::absolute(dir).at(place())?;
    let real = absolute.canonicalize().unwrap_or_else(|_| real_parent(&absolute));
    if real.components().any(|part| part == Component::ParentDir) {
        return Err(Error::usage("that path goes through a directory that does not exist")
            .at(place())
            .hint("write it without `..`"));
    }
    Ok(real)
}

/// A complete site that waits beside its place.
pub struct Staged<'a> {
    target: &'a Target,
    holder: Beside,
    pub pages: Pages,
}

impl Staged<'_> {
    /// Closes it to everybody but its owner.
    pub fn private(self) -> Result<Self> {
        use std::os::unix::fs::PermissionsExt;
        let site = self.holder.path();
        std::fs::set_permissions(&site, PermissionsExt::from_mode(0o700)).at(site.display())?;
        Ok(self)
    }

    /// Puts the site in its place: there is the old one or the new one.
    pub fn publish(self) -> Result<Pages> {
        // Somebody may have written there since the first look.
        check_content(&self.target.dir)?;
        self.holder.replace(&self.target.dir)?;
        Ok(self.pages)
    }
}

/// `dir` with the links of its nearest existing ancestor resolved.
fn real_parent(dir: &Path) -> PathBuf {
    for ancestor in dir.ancestors().skip(1) {
        if let (Ok(real), Ok(rest)) = (ancestor.canonicalize(), dir.strip_prefix(ancestor)) {
            return real.join(rest);
        }
    }
    dir.to_path_buf()
}

/// Refuses a directory that holds anything but a site of carnet's.
fn check_content(dir: &Path) -> Result<()> {
    let foreign = |place: &Path, what: &str| {
        Err(Error::refused(format!("{what}; nothing was changed"))
            .at(place.display().to_string())
            .hint("give a new or empty directory, or one that `carnet report` made"))
    };
    match std::fs::symlink_metadata(dir) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(Error::from(e).at(dir.display().to_string())),
        Ok(meta) if !meta.is_dir() => return foreign(dir, "the site's place is not a directory"),
        Ok(_) => {}
    }
    if std::fs::read_dir(dir).at(dir.display())?.next().is_none() {
        return Ok(());
    }
    let marker = std::fs::read(dir.join(MARKER)).ok().and_then(|b| serde_json::from_slice::<Marker>(&b).ok());
    let Some(marker) = marker.filter(|m| m.schema == SCHEMA) else {
        return foreign(dir, "the directory holds something else than a site made by carnet");
    };
    let ours: BTreeSet<&str> = marker.files.iter().map(String::as_str).chain([MARKER]).collect();
    for entry in walkdir::WalkDir::new(dir).min_depth(1) {
        let entry = entry.map_err(|e| Error::failed("the old site cannot be read").cause(e))?;
        let path = entry.path().strip_prefix(dir).unwrap_or(entry.path());
        let listed = entry.file_type().is_file() && path.to_str().is_some_and(|p| ours.contains(p));
        if !listed && !entry.file_type().is_dir() {
            return foreign(entry.path(), "there is a file in the old site that carnet did not write");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(out: &Out, files: &[&str]) -> Result<Pages> {
        files.iter().try_for_each(|path| out.put(path, "x"))?;
        Ok(Pages {
            files: out.sums().into_keys().collect(),
            commit: "c".into(),
            langs: vec!["en"],
            own: Vec::new(),
            counts: super::super::pages::Counts {
                books: 0,
                contacts: 0,
                read: 0,
                purposes: 0,
                consents: super::super::small::Count::Exact(0),
                accesses: 0,
                changes: 0,
                erasures: 0,
            },
        })
    }

    fn names(dir: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = entries.collect();
        names.sort();
        names
    }

    #[test]
    fn a_site_replaces_a_site_and_leaves_nothing_beside_it() {
        let outer = tempfile::tempdir().unwrap();
        let sign = |_: &[u8]| Ok("signature".to_owned());
        let target = || {
            let dir = outer.path().join("site");
            check_content(&dir).map(|()| Target { dir })
        };
        target()
            .unwrap()
            .stage("t", |out| pages(out, &["index.html", "fr/a.html"]), sign)
            .unwrap()
            .publish()
            .unwrap();
        assert_eq!(names(&outer.path().join("site")), [SUMS, SIGNATURE, MARKER, "fr", "index.html"]);
        let again = target().unwrap();
        drop(again.stage("t", |out| pages(out, &["other.html"]), sign).unwrap());
        assert_eq!(names(&outer.path().join("site")), [SUMS, SIGNATURE, MARKER, "fr", "index.html"]);
        again.stage("t", |out| pages(out, &["index.html"]), sign).unwrap().publish().unwrap();
        assert_eq!(names(&outer.path().join("site")), [SUMS, SIGNATURE, MARKER, "index.html"]);
        assert_eq!(names(outer.path()), ["site"]);
        std::fs::write(outer.path().join("site/mine.txt"), "m").unwrap();
        assert!(target().unwrap_err().place.unwrap().ends_with("mine.txt"));
    }
}
