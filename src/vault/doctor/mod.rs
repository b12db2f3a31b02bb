//! Finding half-done states and missing settings of this clone, and mending what can be mended safely.

mod clone;
mod people;
mod trails;

use std::collections::BTreeSet;
use std::path::Path;

use super::recover::owner_of_key;
use super::{Snapshot, Vault, open_data_repository};
use crate::domain::ids::{Sealed, Slug};
use crate::error::Result;
use crate::store::{KeyStore, journal, lock};
use crate::vault::Surroundings;

/// One thing that is not as it should be.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Finding {
    pub what: String,
    /// What to do, or what was done.
    pub remedy: String,
    pub mended: bool,
    /// Good to know, and no fault of this clone.
    pub advice: bool,
}

const FETCH: &str = "`carnet sync` fetches what the remote has; else copy .git/carnet/keys.git from a backup or another clone";

/// What was found so far.
struct Findings {
    repair: bool,
    all: Vec<Finding>,
}

impl Findings {
    fn say(&mut self, what: String, remedy: &str, mended: bool, advice: bool) {
        self.all.push(Finding { what, remedy: remedy.to_owned(), mended, advice });
    }
    /// What only a person can mend.
    fn found(&mut self, what: String, remedy: &str) {
        self.say(what, remedy, false, false);
    }
    /// What is mended by now if this is a repair.
    fn mendable(&mut self, what: String, remedy: &str) {
        self.say(what, remedy, self.repair, false);
    }
    fn advice(&mut self, what: &str, remedy: &str) {
        self.say(what.to_owned(), remedy, false, true);
    }
}

/// What the doctor found before anything could be opened, and after; with `repair`, what it mended.
pub fn examine(dir: &Path, around: &Surroundings, program: &str, repair: bool) -> Result<Vec<Finding>> {
    let mut found = Findings { repair, all: Vec::new() };
    let repo = open_data_repository(dir)?;
    let private = repo.private_dir();
    let interrupted = journal::pending(&private)?;
    clone::settings(&repo, program, &mut found)?;
    clone::loose_objects(&repo, &mut found);
    clone::pretences(&repo, &mut found);
    if !clone::can_be_opened(&repo, &mut found)? {
        return Ok(found.all);
    }
    let back = erased_keys(&repo, &private)?;
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
        found.say(what.into(), remedy, opened.is_ok(), false);
    } else if back > 0 {
        // Opening destroys them.
        let what = format!("the key store held {back} key(s) of erased contacts");
        let gone = opened.is_ok() && erased_keys(&repo, &private)? == 0;
        found.say(
            what,
            "the next carnet command destroys them, where an authorised member erased them",
            gone,
            false,
        );
    }
    let vault = match opened {
        Ok(vault) => vault,
        Err(e) => {
            found.found(e.to_string(), e.hint.as_deref().unwrap_or("`carnet verify` may say more"));
            return Ok(found.all);
        }
    };
    let _lock = lock::acquire(&private)?;
    let at = vault.snapshot()?;
    clone::leftovers(&vault.repo, &mut found)?;
    vault.examine_strayed(&mut found)?;
    vault.examine_keys(at, &mut found)?;
    people::examine(&vault, at, &mut found)?;
    vault.examine_work_tree(at, &mut found)?;
    trails::examine(&vault, &mut found)?;
    Ok(found.all)
}

/// How many keys of erased contacts are in the key store.
fn erased_keys(repo: &crate::store::Repo, private: &Path) -> Result<usize> {
    let tree = repo.tree_of(repo.head()?)?;
    let names: BTreeSet<String> = repo.names(tree, super::ledger::LEDGER)?.into_iter().collect();
    if names.is_empty() {
        return Ok(0);
    }
    let keys = KeyStore::open(&KeyStore::path_in(private))?.list()?;
    let owners = keys.iter().filter_map(|entry| owner_of_key(&entry.path)?.1);
    Ok(owners.filter(|id| names.contains(&format!("{id}.toml"))).count())
}

impl Vault {
    /// Opening has destroyed what git fetched last; this finds what it fetched before that and nothing leads to.
    fn examine_strayed(&self, found: &mut Findings) -> Result<()> {
        match self.repo.strayed_and_forgotten() {
            Ok(none) if none.is_empty() => return Ok(()),
            Ok(_) => {}
            // git cannot say what leads where: that is for a person to mend, and no reason to look at nothing else.
            Err(e) => {
                found.found(e.to_string(), e.hint.as_deref().unwrap_or_default());
                return Ok(());
            }
        }
        if found.repair {
            self.destroy_strayed(&Default::default(), true)?;
        }
        found.mendable(
            "git's own object store holds keys or texts of contacts, where no erasure reaches them".into(),
            "`carnet doctor --repair` destroys them",
        );
        Ok(())
    }

    fn examine_keys(&self, at: Snapshot, found: &mut Findings) -> Result<()> {
        let needed = self.keys.reachable()?;
        let stray = self.keys.objects()?.iter().filter(|o| !needed.contains(o)).count();
        let borrows = self.keys.borrows();
        let mut orphans = Vec::new();
        for entry in self.keys.list()? {
            if owner_of_key(&entry.path).is_none() || !self.repo.has_owner_of_key(at.tree, &entry.path)? {
                orphans.push((entry.path, None));
            }
        }
        if !orphans.is_empty() {
            if found.repair {
                self.keys.change(&orphans, &self.author(), false)?;
                self.keys.prune()?;
            }
            found.mendable(
                format!("{} key(s) belong to no contact or record", orphans.len()),
                "`carnet doctor --repair` destroys them",
            );
        }
        let left = self.left_on().map(|day| super::sync::leave::removed(&day));
        let books = if left.is_none() { self.my_books(at)? } else { Vec::new() };
        if let Some(error) = left {
            found.found(error.message, &error.hint.unwrap_or_default());
        }
        for (book, _) in books {
            let missing = self
                .contacts_of(at, &book)?
                .into_iter()
                .filter(|(id, _)| !matches!(self.keys.has(&id.key_path(&book)), Ok(true)))
                .count();
            if missing > 0 {
                found.found(format!("{missing} contact(s) of book {book} have no key in this clone"), FETCH);
            }
            if !self.keys.has(&format!("{book}/book.pgp"))? {
                found.found(
                    format!("book {book} has no key in this clone, so nothing in it can be opened"),
                    FETCH,
                );
            }
        }
        if found.repair && (stray > 0 || borrows) {
            self.keys.prune()?;
        }
        if borrows {
            found.mendable(
                "the key store reads objects of another store too (objects/info/alternates)".into(),
                "`carnet doctor --repair` ends that",
            );
        }
        if stray > 0 {
            found.mendable(
                format!("the key store holds {stray} object(s) that nothing needs"),
                "`carnet doctor --repair` destroys them",
            );
        }
        Ok(())
    }

    fn examine_work_tree(&self, at: Snapshot, found: &mut Findings) -> Result<()> {
        let mine = self.mine(at)?;
        let mut elsewhere: BTreeSet<Slug> = BTreeSet::new();
        for path in self.repo.changed_paths()? {
            // Neither the contacts of other books nor how many they are is anything to be listed.
            let sealed = Sealed::ALL.iter().find_map(|kind| path.strip_prefix(kind.dir())?.strip_prefix('/'));
            let of = sealed.and_then(|p| p.split('/').next()?.parse::<Slug>().ok());
            let contact = sealed.is_some();
            if found.repair && contact {
                self.repo.sync_paths(None, at.tree, std::slice::from_ref(&path))?;
            }
            if let Some(book) = of.filter(|book| !mine.has(book)) {
                if elsewhere.insert(book.clone()) {
                    found.mendable(
                        format!("contact files of book {book} differ from what was committed"),
                        "`git restore -- contacts/BOOK` takes them back",
                    );
                }
                continue;
            }
            found.say(
                format!("{path} differs from what was committed"),
                "`git diff` shows how; `git restore` takes it back",
                found.repair && contact,
                false,
            );
        }
        Ok(())
    }
}
