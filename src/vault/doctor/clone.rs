//! What a clone needs beside the branch: git's drivers, what is fetched, a member, a key store; and what it has too much of.

use super::Findings;
use crate::error::Result;
use crate::store::keystore::KEYS_REF;
use crate::store::remote::{shown, tracking};
use crate::store::{KeyStore, Repo, lock};
use crate::vault::Me;
use crate::vault::init::drivers;

/// From how many loose objects on git is slow enough to say so.
const MANY_LOOSE: usize = 20_000;

/// How old a temporary file must be to be nobody's any more.
const FORGOTTEN: std::time::Duration = std::time::Duration::from_secs(3600);

/// Checks git's configuration, which `git clone` does not bring along.
pub(super) fn settings(repo: &Repo, program: &str, found: &mut Findings) -> Result<()> {
    for (key, value) in drivers(program) {
        if repo.config(key)?.as_deref() != Some(value.as_str()) {
            if found.repair {
                repo.set_config(key, &value)?;
            }
            found.mendable(format!("git's `{key}` is not carnet's"), "`carnet doctor --repair` sets it");
        }
    }
    for remote in repo.remote_names()? {
        let key = format!("remote.{remote}.fetch");
        let mut there = repo.all_config(&key)?;
        for spec in there.iter().filter(|spec| brings_keys(spec)) {
            found.found(
                format!("`git fetch {remote}` brings the key store into git's own objects: git's `{key}` says {spec}"),
                &format!("`git config --fixed-value --unset {key} '{spec}'`; `carnet sync` fetches keys where they belong"),
            );
        }
        let missing: Vec<String> =
            tracking(&remote).into_iter().filter(|spec| !there.contains(spec)).collect();
        // Only branches that somebody chose are fetched, or all of them: that is left as it is.
        let missing: Vec<String> = missing.into_iter().filter(|spec| spec.contains("/access/")).collect();
        if missing.is_empty() {
            continue;
        }
        if found.repair {
            there.extend(missing);
            repo.set_all_config(&key, &there)?;
        }
        // A sync fetches it all the same, so that nothing is wrong with a remote that was added by hand.
        found.say(
            format!("`git fetch {remote}` does not fetch the access trail: git's `{key}` does not name it"),
            "`carnet doctor --repair` adds it",
            found.repair,
            !found.repair,
        );
    }
    Ok(())
}

/// Whether a refspec (git-fetch(1)) takes the key store in.
fn brings_keys(spec: &str) -> bool {
    let source = spec.trim_start_matches('+').split(':').next().unwrap_or_default();
    match source.split_once('*') {
        Some((before, after)) => KEYS_REF.starts_with(before) && KEYS_REF.ends_with(after),
        None => source == KEYS_REF,
    }
}

/// Checks that the clone has a member and a key store; false when carnet cannot open it.
pub(super) fn can_be_opened(repo: &Repo, found: &mut Findings) -> Result<bool> {
    if repo.config("carnet.keys")?.as_deref() == Some("none") {
        found.advice(
            "this clone was made without keys, so what needs a key was not looked at",
            "`carnet clone URL` makes one for a member",
        );
        return Ok(false);
    }
    let url = repo.config("remote.origin.url")?;
    let again = match &url {
        Some(url) => format!("`carnet clone {} DIR` makes a clone that has it all", shown(url)),
        None => "`carnet clone URL` makes a clone that has it all".to_owned(),
    };
    let member = Me::of(repo);
    if let Err(e) = &member {
        let own = e.hint.as_deref().unwrap_or_default();
        found.found(e.to_string(), &format!("{again}; or {own}"));
    }
    let path = KeyStore::path_in(&repo.private_dir());
    if let Err(e) = KeyStore::open(&path) {
        let absent = !path.exists();
        if absent && url.is_some() && found.repair && member.is_ok() {
            KeyStore::init(&path)?;
            found.mendable("this clone has no key store".into(), "");
        } else if absent && url.is_some() && member.is_ok() {
            let how = "`carnet doctor --repair` makes an empty one, and `carnet sync` then fetches the keys";
            found.found(e.message, how);
            return Ok(false);
        } else {
            found.found(e.message, "copy .git/carnet/keys.git from a backup or another clone");
            return Ok(false);
        }
    }
    Ok(member.is_ok())
}

/// Looks for what killed commands left and no later one takes away. The lock is held.
pub(super) fn leftovers(repo: &Repo, found: &mut Findings) -> Result<()> {
    let private = repo.private_dir();
    let sync = private.join("sync");
    let fetched = sync.join("keys.git");
    if fetched.exists()
        && let Some(_alone) = lock::try_acquire(&sync)
    {
        if found.repair {
            std::fs::remove_dir_all(&fetched)?;
        }
        found.mendable(
            "a sync that was interrupted left the key store that it had fetched".into(),
            "the next `carnet sync`, or `carnet doctor --repair`, takes it away",
        );
    }
    let mut forgotten = Vec::new();
    for entry in walkdir::WalkDir::new(&private).max_depth(2).into_iter().flatten() {
        let temporary = entry.file_name().to_string_lossy().starts_with(".tmp");
        let age = entry.metadata().ok().and_then(|m| m.modified().ok()).and_then(|t| t.elapsed().ok());
        if temporary && entry.file_type().is_file() && age.is_some_and(|age| age > FORGOTTEN) {
            forgotten.push(entry.into_path());
        }
    }
    if !forgotten.is_empty() {
        if found.repair {
            forgotten.iter().try_for_each(std::fs::remove_file)?;
        }
        found.mendable(
            format!("{} temporary file(s) of commands that were interrupted", forgotten.len()),
            "`carnet doctor --repair` takes them away",
        );
    }
    Ok(())
}

/// Names what makes git and libgit2 see another history than the one that was signed. `verify` reads the true one; a
/// merge, an undo and a sync would go by the other.
pub(super) fn pretences(repo: &Repo, found: &mut Findings) {
    for pretence in repo.pretences() {
        let remedy = match pretence.starts_with("refs/") {
            true => "`git update-ref -d REF` drops it",
            false => "remove the file, unless you know what it is for",
        };
        found
            .found(format!("git takes another history from {pretence} than the one that was signed"), remedy);
    }
    if repo.is_shallow() {
        found.found(
            "this clone has the newest commits alone, so that nothing before them can be verified".into(),
            "`git fetch --unshallow`",
        );
    }
}

/// Says when git has to look through too many files. The key store is a repository of its own: `git gc` here does not
/// touch it, and no git command should tidy it, for what is destroyed there must not be kept in a pack.
pub(super) fn loose_objects(repo: &Repo, found: &mut Findings) {
    let loose = repo.loose_objects();
    if loose > MANY_LOOSE {
        found.advice(
            &format!("{loose} loose objects slow git down"),
            "`git gc` packs them; it leaves the key store alone, which carnet keeps tidy itself",
        );
    }
}
