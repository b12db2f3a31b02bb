//! Finding half-done states and missing settings of this clone, and mending what can be mended safely.

use std::collections::BTreeSet;
use std::path::Path;

use super::init::drivers;
use super::recover::owner_of_key;
use super::{Vault, open_data_repository};
use crate::domain::ids::{Sealed, Slug};
use crate::error::Result;
use crate::store::{KeyStore, journal, lock};
use crate::vault::{Me, Surroundings};

/// From how many loose objects on a repository deserves `git gc`.
const MANY_LOOSE: usize = 20_000;

/// One thing that is not as it should be.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Finding {
    pub what: String,
    /// What to do, or what was done.
    pub remedy: String,
    pub mended: bool,
}

/// What the doctor found before anything could be opened, and after.
pub fn examine(dir: &Path, around: &Surroundings, program: &str, repair: bool) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut say = |what: String, remedy: &str, mended: bool| {
        findings.push(Finding { what, remedy: remedy.to_owned(), mended });
    };
    let repo = open_data_repository(dir)?;
    let private = repo.private_dir();
    let interrupted = journal::pending(&private)?;
    for (key, value) in drivers(program) {
        if repo.config(key)?.as_deref() != Some(value.as_str()) {
            if repair {
                repo.set_config(key, &value)?;
            }
            say(format!("git's `{key}` is not carnet's"), "`carnet doctor --repair` sets it", repair);
        }
    }
    if let Err(e) = Me::of(&repo) {
        say(e.to_string(), e.hint.as_deref().unwrap_or("set it with `git config`"), false);
        return Ok(findings);
    }
    if let Err(e) = KeyStore::open(&KeyStore::path_in(&private)) {
        say(e.to_string(), "copy .git/carnet/keys.git from a backup or another clone", false);
        return Ok(findings);
    }
    let opened = Vault::open(dir, around);
    if let Some(plan) = interrupted {
        let remedy = "the next carnet command finishes or undoes it, when nothing is in its way";
        let what = match plan.forget {
            None => "an operation was interrupted",
            Some(old) if repo.contains(repo.head()?, old)? => {
                "a purge of history was interrupted before it happened: history is as it was"
            }
            Some(_) => {
                "a purge of history was interrupted after it happened: what it replaced is still being destroyed"
            }
        };
        say(what.into(), remedy, opened.is_ok());
    }
    let vault = match opened {
        Ok(vault) => vault,
        Err(e) => {
            say(e.to_string(), e.hint.as_deref().unwrap_or("`carnet verify` may say more"), false);
            return Ok(findings);
        }
    };
    let _lock = lock::acquire(&private)?;
    vault.examine_keys(repair, &mut say)?;
    let at = vault.snapshot()?;
    for (slug, book) in vault.all_books(at)? {
        for member in &book.members {
            let cert = match super::member::member_cert(&vault.repo, at.tree, member) {
                Ok(cert) => cert,
                Err(_) => {
                    let remedy = format!("`carnet book revoke {slug} {member}`, or commit their certificate");
                    say(format!("member {member} of book {slug} has no certificate"), &remedy, false);
                    continue;
                }
            };
            let usability = cert.usability(around.now.into());
            if let Err(e) = usability.refuse(&format!("member {member} of book {slug}")) {
                say(e.message, e.hint.as_deref().unwrap_or_default(), false);
            }
            let soon = around.now + chrono::Duration::days(60);
            if cert.expires().is_some_and(|t| t < soon.into()) {
                say(format!("the key of member {member} expires within 60 days"), "extend it", false);
            }
            if cert.advertises_ocb() {
                say(
                    format!("the key of member {member} advertises OCB, which carnet never writes"),
                    "nothing needed; `gpg --edit-key` with `setpref` takes it out",
                    false,
                );
            }
        }
    }
    let changed = vault.repo.changed_paths()?;
    let mine = vault.mine(at)?;
    let mut elsewhere: BTreeSet<Slug> = BTreeSet::new();
    for path in changed {
        // Neither the contacts of other books nor how many they are is anything to be listed.
        let sealed = Sealed::ALL.iter().find_map(|kind| path.strip_prefix(kind.dir())?.strip_prefix('/'));
        let of = sealed.and_then(|p| p.split('/').next()?.parse::<Slug>().ok());
        if let Some(book) = of.filter(|book| !mine.has(book)) {
            if repair {
                vault.repo.sync_paths(None, at.tree, std::slice::from_ref(&path))?;
            }
            if elsewhere.insert(book.clone()) {
                say(
                    format!("contact files of book {book} differ from what was committed"),
                    "`git restore -- contacts/BOOK` takes them back",
                    repair,
                );
            }
            continue;
        }
        let contact = sealed.is_some();
        if repair && contact {
            vault.repo.sync_paths(None, at.tree, std::slice::from_ref(&path))?;
        }
        say(
            format!("{path} differs from what was committed"),
            "`git diff` shows how; `git restore` takes it back",
            repair && contact,
        );
    }
    let loose = vault.repo.loose_objects();
    if loose > MANY_LOOSE {
        say(format!("{loose} loose objects slow git down"), "`git gc`", false);
    }
    Ok(findings)
}

impl Vault {
    fn examine_keys(&self, repair: bool, say: &mut dyn FnMut(String, &str, bool)) -> Result<()> {
        let at = self.snapshot()?;
        let mut orphans = Vec::new();
        for entry in self.keys.list()? {
            if owner_of_key(&entry.path).is_none() || !self.repo.has_owner_of_key(at.tree, &entry.path)? {
                orphans.push((entry.path, None));
            }
        }
        if !orphans.is_empty() {
            if repair {
                self.keys.change(&orphans, &self.author(), false)?;
                self.keys.prune()?;
            }
            say(
                format!("{} key(s) belong to no contact or record", orphans.len()),
                "`carnet doctor --repair` destroys them",
                repair,
            );
        }
        for (book, _) in self.my_books(at)? {
            let missing = self
                .contacts_of(at, &book)?
                .into_iter()
                .filter(|(id, _)| !matches!(self.keys.has(&id.key_path(&book)), Ok(true)))
                .count();
            if missing > 0 {
                say(
                    format!("{missing} contact(s) of book {book} have no key in this clone"),
                    "copy .git/carnet/keys.git from a backup or another clone",
                    false,
                );
            }
        }
        let needed = self.keys.reachable()?;
        let stray = self.keys.objects()?.iter().filter(|o| !needed.contains(o)).count();
        if stray > 0 {
            if repair {
                self.keys.prune()?;
            }
            say(
                format!("the key store holds {stray} object(s) that nothing needs"),
                "`carnet doctor --repair` destroys them",
                repair,
            );
        }
        Ok(())
    }
}
