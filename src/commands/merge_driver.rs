//! `carnet merge-driver`: what git runs to merge two versions of a contact file (gitattributes(5), "merge").
//!
//! Whatever goes wrong, the file that git put before us stays as it was: git then keeps our version and reports
//! a conflict, and nothing is lost.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::context::Context;
use crate::crypto::{Secret, symmetric};
use crate::domain::ids::{ContactId, Sealed, parse_sealed_path};
use crate::domain::merge::{self, Side};
use crate::domain::register::Erasure;
use crate::error::{At, Error, Result};
use crate::store::repo::CommitInfo;
use crate::store::{Oid, Repo, journal};
use crate::vault::snapshot::{check_place, open_text};
use crate::vault::{Vault, open_data_repository, records};

/// Merge two versions of a contact file (used by git's merge driver).
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The common version; empty when there is none (%O).
    base: PathBuf,
    /// Our version, which the result replaces (%A).
    ours: PathBuf,
    /// Their version (%B).
    theirs: PathBuf,
    /// Where the file is in the data repository (%P).
    path: String,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let Some((kind, book, id)) = parse_sealed_path(&args.path) else {
        return Err(
            Error::usage("not a contact file by its path").hint("git runs this command; you need not")
        );
    };
    let vault = open(context)?;
    let tips = sides();
    refuse_erased(&vault, &id, &tips)?;
    let read = |path: &Path| std::fs::read(path).at("a file that git made for the merge");
    let (base, ours, theirs) = (read(&args.base)?, read(&args.ours)?, read(&args.theirs)?);
    let key = vault.contact_key(&book, &id)?;
    let open = |bytes: &[u8]| open_text(&key, bytes).map_err(|e| e.at(args.path.clone()));
    let (our_text, their_text) = (open(&ours)?, open(&theirs)?);
    let base_text = common(context, &key, &base, &id);

    let repo = &vault.repo;
    let blobs = [repo.blob_id(&ours)?, repo.blob_id(&theirs)?];
    let origins = repo.origins(&args.path, &blobs, &tips)?;
    let merge = match kind {
        Sealed::Contact => merge::merge,
        Sealed::Record => merge::merge_record,
    };
    let merged = merge(
        base_text.as_ref().map(|text| text.as_str()),
        &side(&our_text, &blobs[0], &origins),
        &side(&their_text, &blobs[1], &origins),
    )
    .map_err(|e| {
        e.at(args.path.clone()).hint("`git merge --abort`, and repair the contact with `carnet edit`")
    })?;
    let text = Zeroizing::new(merged.text);
    match kind {
        Sealed::Contact => check_place(&text, &book, &id).map(|_| ())?,
        Sealed::Record => records::check_place(&text, &book, &id).map(|_| ())?,
    }
    replace(&args.ours, &symmetric::seal(&key, text.as_bytes())?)?;
    let ui = &context.ui;
    match merged.notes.len() {
        0 => ui.note(&format!("merged contact {}", id.short())),
        n => ui.note(&format!(
            "merged contact {0}; it has {n} new conflict note(s): `carnet edit {0}`",
            id.short()
        )),
    }
    Ok(0)
}

/// Opens the data repository that git works in: git starts drivers at its top, whatever `CARNET_DIR` says.
///
/// An interrupted command is not finished here: that takes git's index, which the merge holds.
fn open(context: &Context) -> Result<Vault> {
    let dir = std::env::current_dir()?;
    let repo = open_data_repository(&dir)?;
    if journal::pending(&repo.private_dir())?.is_some() {
        return Err(Error::failed("an interrupted carnet command must be finished before a merge")
            .hint("`git merge --abort`, then `carnet doctor`, then merge again"));
    }
    Vault::open(repo.root(), &context.around)
}

/// The commits that `git merge` says it merges: it names each in a variable `GITHEAD_<id>`.
fn sides() -> Vec<Oid> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter_map(|name| Oid::from_str(name.strip_prefix("GITHEAD_")?).ok()).collect()
}

/// An erasure beats any edit, whichever side knows of it.
fn refuse_erased(vault: &Vault, id: &ContactId, tips: &[Oid]) -> Result<()> {
    let ledger = |repo: &Repo, commit: Oid| repo.entry(repo.tree_of(commit)?, &Erasure::path(id));
    let here = vault.repo.head()?;
    for commit in tips.iter().chain([&here]) {
        if matches!(ledger(&vault.repo, *commit), Ok(Some(_))) {
            return Err(Error::refused(format!(
                "contact {} was erased: its versions are not merged",
                id.short()
            ))
            .hint("remove the file with `git rm`, then `git commit`"));
        }
    }
    Ok(())
}

/// The common version. One that does not open counts as none: then nothing counts as removed.
fn common(context: &Context, key: &Secret, bytes: &[u8], id: &ContactId) -> Option<Zeroizing<String>> {
    if bytes.is_empty() {
        return None;
    }
    let text = open_text(key, bytes).ok();
    if text.is_none() {
        let short = id.short();
        context
            .ui
            .warn(&format!("the common version of contact {short} does not open; nothing counts as removed"));
    }
    text
}

/// A version with its commit's time and author; one that no commit has (a merge of merges) counts as the oldest.
fn side<'a>(text: &'a str, blob: &Oid, origins: &'a HashMap<Oid, CommitInfo>) -> Side<'a> {
    match origins.get(blob) {
        Some(commit) => Side { text, time: commit.time, who: &commit.author },
        None => Side { text, time: 0, who: "" },
    }
}

/// Replaces the file in one step, so that git never reads half of it.
fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.persist(path).map_err(|e| Error::from(e.error))?;
    Ok(())
}
