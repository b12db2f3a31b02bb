//! Checking a site that somebody has: every file as it was signed, none more, by a member who could.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use serde::Serialize;

use super::manifest::{SIGNATURE, SUMS, parse, sum};
use super::site::{MARKER, Marker};
use crate::domain::policy::Policy;
use crate::error::{At, Error, Result};
use crate::store::{Oid, Repo};
use crate::vault::verify::rules::Rules;

/// What was found.
#[derive(Debug, Default, Serialize)]
pub struct Found {
    /// Commit that the site says it was built from.
    pub commit: Option<String>,
    /// Handles of the member whose key signed, at that commit.
    pub signed_by: Vec<String>,
    /// Fingerprint of that key's certificate.
    pub key: Option<String>,
    pub files: usize,
    /// Templates of the firm's own that the pages say they were made with.
    pub templates: Vec<String>,
    pub problems: Vec<Wrong>,
}

/// One thing that is wrong, and the file that it is about.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Wrong {
    pub file: String,
    pub message: String,
}

impl Found {
    fn wrong(&mut self, file: &str, message: impl Into<String>) {
        self.problems.push(Wrong { file: file.to_owned(), message: message.into() });
    }
}

/// Checks the site in `dir` against its own list and against the members of `repo` at the commit that it names.
///
/// # Errors
/// When there is no site of carnet's; whatever is wrong with one is in the answer.
pub fn check(dir: &Path, repo: &Repo, now: SystemTime) -> Result<Found> {
    let marker = std::fs::read(dir.join(MARKER)).ok().and_then(|b| serde_json::from_slice::<Marker>(&b).ok());
    let marker = marker.ok_or_else(|| {
        Error::not_found("there is no site made by carnet")
            .at(dir.display().to_string())
            .hint("give the directory that `carnet report --out DIR` wrote")
    })?;
    let templates = marker.templates.iter().map(|own| own.name.clone()).collect();
    let mut found = Found { commit: Some(marker.commit.clone()), templates, ..Found::default() };
    let list = std::fs::read(dir.join(SUMS)).unwrap_or_default();
    check_files(dir, &String::from_utf8_lossy(&list), &mut found)?;
    check_signature(dir, &list, &marker.commit, repo, now, &mut found)?;
    found.problems.sort();
    Ok(found)
}

fn check_files(dir: &Path, list: &str, found: &mut Found) -> Result<()> {
    let Some(sums) = parse(list).filter(|sums| !sums.is_empty()) else {
        found.wrong(SUMS, "the list of sums is missing or not one");
        return Ok(());
    };
    let sums: BTreeMap<&str, &str> = sums.into_iter().collect();
    found.files = sums.len();
    for (path, expected) in &sums {
        match std::fs::read(dir.join(path)) {
            Ok(bytes) if sum(&bytes).eq_ignore_ascii_case(expected) => {}
            Ok(_) => found.wrong(path, "it is not what was signed"),
            Err(_) => found.wrong(path, "it is missing"),
        }
    }
    let known: BTreeSet<&str> = sums.keys().copied().chain([SUMS, SIGNATURE]).collect();
    for entry in walkdir::WalkDir::new(dir).min_depth(1) {
        let entry = entry.map_err(|e| Error::failed("the site cannot be read").cause(e))?;
        let path = entry.path().strip_prefix(dir).unwrap_or(entry.path()).to_string_lossy().into_owned();
        if !entry.file_type().is_dir() && !known.contains(path.as_str()) {
            found.wrong(&path, "it is no part of the site that was signed");
        }
    }
    Ok(())
}

fn check_signature(
    dir: &Path,
    list: &[u8],
    commit: &str,
    repo: &Repo,
    now: SystemTime,
    found: &mut Found,
) -> Result<()> {
    let Ok(signature) = std::fs::read(dir.join(SIGNATURE)) else {
        found.wrong(SIGNATURE, "the signature is missing");
        return Ok(());
    };
    let tree = Oid::from_str(commit).ok().and_then(|id| repo.tree_of(id).ok());
    let Some(tree) = tree else {
        found.wrong(MARKER, "this repository does not have the commit that the site was built from");
        return Ok(());
    };
    let policy = repo.file(tree, Policy::PATH).at(Policy::PATH)?.unwrap_or_default();
    let rules = Rules::parse(&String::from_utf8_lossy(&policy), now)?;
    match rules.verifier.check(&signature, list) {
        Ok(key) if rules.may_commit(&key) => {
            found.signed_by = rules.handles_of(&key).to_vec();
            found.key = Some(key);
        }
        Ok(key) => {
            found.wrong(SIGNATURE, "it is by a key that may not sign here");
            found.key = Some(key);
        }
        Err(why) => found.wrong(SIGNATURE, why.to_string()),
    }
    Ok(())
}
