//! What a data repository has names for, for the shell to complete: looked at and nothing more.
//!
//! Nothing is finished, recorded, asked or complained about here, for somebody is typing. What cannot be read at once
//! (a key that is locked, a damaged file, a repository that is none) is left out.

use std::collections::BTreeSet;
use std::path::Path;

use super::index_file::{Row, items};
use super::{Snapshot, Surroundings, Vault, open_data_repository};
use crate::domain::organisation::Settings;
use crate::error::Result;
use crate::store::{Oid, Repo};

/// How many contacts may have to be opened before somebody is told what there is.
const SOON: usize = 200;

/// A repository that is looked at.
pub struct Known {
    repo: Repo,
    tree: Oid,
}

impl Known {
    /// The data repository that `dir` lies in, if it lies in one.
    pub fn at(dir: &Path) -> Option<Known> {
        let repo = open_data_repository(dir).ok()?;
        let tree = repo.tree_of(repo.head().ok()?).ok()?;
        Some(Known { repo, tree })
    }

    fn names(&self, dir: &str, ending: &str) -> Vec<String> {
        let names = self.repo.names(self.tree, dir).unwrap_or_default();
        names.iter().filter_map(|name| name.strip_suffix(ending).map(str::to_owned)).collect()
    }

    pub fn books(&self) -> Vec<String> {
        self.names("books", ".toml")
    }

    pub fn members(&self) -> Vec<String> {
        self.names("members", ".asc")
    }

    /// The entries of a register: `purposes`, `processors`, `requests`, `breaches`.
    pub fn register(&self, name: &str) -> Vec<String> {
        let mut names = self.names(&format!("registers/{name}"), ".toml");
        // Sealed companions end in `.toml.pgp`; what has no name of ours is none.
        names.retain(|name| !name.contains('.'));
        names
    }

    /// `SLUG` and `SLUG/N` of each wording.
    pub fn wordings(&self) -> Vec<String> {
        let mut found = Vec::new();
        for slug in self.names(crate::domain::wording::DIR, "") {
            let numbers = self.names(&format!("{}/{slug}", crate::domain::wording::DIR), ".toml");
            found.extend(numbers.iter().map(|n| format!("{slug}/{n}")));
            found.push(slug);
        }
        found.sort();
        found
    }

    fn settings(&self) -> Option<Settings> {
        let bytes = self.repo.file(self.tree, super::settings::SETTINGS).ok()??;
        Settings::parse(&String::from_utf8_lossy(&bytes)).ok()
    }

    /// Saved searches, each with its filter.
    pub fn searches(&self) -> Vec<(String, String)> {
        let searches = self.settings().map(|settings| settings.searches).unwrap_or_default();
        searches.into_iter().map(|(name, filter)| (name.to_string(), filter)).collect()
    }

    /// Stages of deals, `won` and `lost` among them.
    pub fn stages(&self) -> Vec<String> {
        let stages = self.settings().and_then(|settings| settings.pipeline.stages().ok());
        stages.map(|stages| stages.names().map(ToString::to_string).collect()).unwrap_or_default()
    }

    /// Tags of the contacts whose books this member can open without being asked for a passphrase.
    pub fn tags(dir: &Path, around: &Surroundings) -> BTreeSet<String> {
        let mut tags = BTreeSet::new();
        let _ = each_row(dir, around, &mut |row| tags.extend(items(row.tags).map(|tag| tag.into_owned())));
        tags
    }

    /// Hands on each contact, likewise.
    pub fn contacts(dir: &Path, around: &Surroundings, take: &mut dyn FnMut(&Row<'_>)) {
        let _ = each_row(dir, around, take);
    }
}

fn each_row(dir: &Path, around: &Surroundings, take: &mut dyn FnMut(&Row<'_>)) -> Result<()> {
    let around = Surroundings { no_input: true, ..around.clone() };
    let vault = Vault::as_it_is(open_data_repository(dir)?, &around)?;
    let at = vault.snapshot()?;
    for (book, _) in vault.my_books(at)? {
        if let Some(index) = vault.index_soon(at, &book).unwrap_or_default() {
            index.rows().iter().for_each(&mut *take);
        }
    }
    Ok(())
}

impl Vault {
    /// A book's index where that takes no time: fresh if little has changed, else as it was, else none.
    fn index_soon(
        &self,
        at: Snapshot,
        book: &crate::domain::ids::Slug,
    ) -> Result<Option<super::index_file::Index>> {
        let stored = self.stored_index(book, &*self.book_key(book)?, false);
        let now = self.book_tree(at, book)?;
        let known = stored.as_ref().map(|index| index.tree()).filter(|tree| !tree.is_empty());
        let old = known.as_deref().map(Oid::from_str).transpose()?;
        match self.repo.changes(old, now, "")?.len() <= SOON {
            true => self.index(at, book).map(Some),
            false => Ok(stored),
        }
    }
}
