//! Operations on a data repository: each one is at most one commit, and killed anywhere it leaves the
//! repository before or after itself.
//!
//! This is where domain, crypto and store meet. Nothing here prints or parses a command line.

pub mod access;
pub mod accesses;
pub mod after;
pub mod agenda;
pub mod audit;
pub mod books;
mod books_move;
pub mod books_seen;
pub mod breach;
mod breach_reach;
pub mod breach_scope;
pub mod certificate;
pub mod chains;
pub mod change;
pub mod clone;
mod clone_member;
pub mod confirm;
pub mod confirm_remote;
pub mod confirm_status;
mod consent_basis;
pub mod consent_import;
pub mod consent_proof;
pub mod consents;
pub mod deal_people;
pub mod deals;
pub mod doctor;
pub mod erase;
mod erase_beside;
mod erase_mentions;
pub mod evidence;
mod facets;
pub mod history;
pub mod hook;
mod hook_keys;
pub mod import;
pub mod index;
pub mod index_file;
pub mod init;
pub mod judge;
mod kept;
pub mod known;
pub mod ledger;
mod ledger_origin;
pub mod link_suggest;
pub mod links;
pub mod mailing;
pub mod member;
pub mod members;
pub mod members_list;
pub mod object;
pub mod oppose;
mod parted;
pub mod past;
pub mod pins;
mod pins_facts;
mod pins_newcomer;
mod pins_origin;
pub mod prove;
pub mod purge;
mod purpose_use;
pub mod records;
pub mod recover;
pub mod registers;
mod rekey;
pub mod request_effects;
pub mod request_private;
pub mod requests;
pub mod retention;
pub mod scan;
pub mod searches;
pub mod select;
pub mod serve;
pub mod settings;
pub mod sift;
pub mod snapshot;
pub mod sync;
pub mod templates;
pub mod tip;
pub mod undo;
pub mod undo_import;
pub mod unite;
pub mod vdir;
pub mod vdir_export;
pub mod vdir_import;
pub mod verify;
pub mod wordings;
pub mod write;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use chrono::{DateTime, Utc};

use crate::crypto::{Secret, SecretKey};
use crate::domain::ids::Slug;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::repo::{Author, not_a_data_repository};
use crate::store::{KeyStore, Oid, Repo, journal, lock};

pub use member::{Me, Surroundings};
pub use snapshot::Snapshot;

/// Where messages for the person at the keyboard go.
pub type Tell = Box<dyn Fn(&str)>;

/// Where what was committed goes, with what the commit says.
pub type Took = Box<dyn Fn(&Vault, &Entry, Oid)>;

/// An open data repository, seen by one member.
pub struct Vault {
    pub repo: Repo,
    pub keys: KeyStore,
    pub me: Me,
    pub now: DateTime<Utc>,
    /// The tree in which this member's key was found to be theirs.
    opened_at: Oid,
    /// Takes each commit that an operation made, once it holds no lock.
    pub took: Option<Took>,
    /// Takes what the person at the keyboard should know while an operation runs, if anybody listens.
    pub tell: Option<Tell>,
    secret: Box<dyn SecretKey>,
    /// What opening found here that should not be, and destroyed: keys of erased contacts, key stores that git fetched.
    came_back: RefCell<Vec<String>>,
    /// Keys of books that were opened, each with the message that it was in.
    book_keys: RefCell<HashMap<Slug, (Oid, Rc<Secret>)>>,
}

impl Vault {
    /// Opens the data repository that `dir` lies in, and finishes what an interrupted command left.
    pub fn open(dir: &Path, around: &Surroundings) -> Result<Vault> {
        Vault::of(open_data_repository(dir)?, around)
    }

    /// The same for a command that is going to change it: what it will need is read meanwhile.
    pub fn open_to_change(dir: &Path, around: &Surroundings) -> Result<Vault> {
        let repo = open_data_repository(dir)?;
        repo.read_ahead();
        Vault::of(repo, around)
    }

    fn of(repo: Repo, around: &Surroundings) -> Result<Vault> {
        let vault = Vault::as_it_is(repo, around)?;
        let private = vault.private_dir();
        if journal::pending(&private)?.is_some() || vault.ledger_unsettled()? || vault.has_strayed()? {
            let _lock = lock::acquire(&private)?;
            vault.recover()?;
        }
        vault.clear_killed_sync()?;
        Ok(vault)
    }

    /// The same with nothing finished that was interrupted: to look at, never to write.
    fn as_it_is(repo: Repo, around: &Surroundings) -> Result<Vault> {
        let me = Me::of(&repo)?;
        let keys = KeyStore::open(&KeyStore::path_in(&repo.private_dir()))?;
        let secret = me.secret_key(&repo, around)?;
        let opened_at = repo.tree_of(repo.head()?)?;
        Ok(Vault {
            opened_at,
            repo,
            keys,
            me,
            now: around.now,
            took: None,
            tell: None,
            secret,
            came_back: RefCell::default(),
            book_keys: RefCell::default(),
        })
    }

    /// carnet's own directory in the git directory.
    pub fn private_dir(&self) -> PathBuf {
        self.repo.private_dir()
    }

    /// RFC 3339, UTC, whole seconds: how moments are written everywhere.
    pub fn now_text(&self) -> String {
        self.now.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// `YYYY-MM-DD`, UTC.
    pub fn today(&self) -> String {
        self.now.format("%Y-%m-%d").to_string()
    }

    pub(crate) fn author(&self) -> Author {
        Author { name: self.me.name.clone(), email: self.me.email.clone(), time: self.now.timestamp() }
    }

    pub(crate) fn sign(&self, data: &[u8]) -> Result<String> {
        self.secret.sign(data, self.now.into())
    }

    /// A detached, armoured signature by this member over `data`.
    pub fn sign_statement(&self, data: &[u8]) -> Result<String> {
        self.sign(data)
    }

    /// The key of a book: one private-key operation, then kept for the rest of the command, or until another
    /// process replaces it.
    pub fn book_key(&self, book: &Slug) -> Result<Rc<Secret>> {
        let path = format!("{book}/book.pgp");
        let id = self.keys.id(&path)?;
        if let Some((of, key)) = self.book_keys.borrow().get(book)
            && Some(*of) == id
        {
            return Ok(key.clone());
        }
        let message = self.keys.get(&path)?.ok_or_else(|| match self.left_on() {
            Some(day) => sync::leave::removed(&day),
            None => Error::no_key(format!("the key of book `{book}` is not in this clone's key store"))
                .hint("`carnet doctor` says what is missing"),
        })?;
        let plaintext = self.secret.decrypt(&message).map_err(|e| e.at(format!("book {book}")))?;
        let key = Rc::new(Secret::from_message(&plaintext)?);
        if let Some(id) = id {
            self.book_keys.borrow_mut().insert(book.clone(), (id, key.clone()));
        }
        Ok(key)
    }
}

/// Opens a repository and makes sure that its branch holds a data repository.
pub fn open_data_repository(dir: &Path) -> Result<Repo> {
    let repo = Repo::open(dir)?;
    let tree = repo.tree_of(repo.head()?)?;
    if repo.entry(tree, "carnet.toml")?.is_none() {
        return Err(not_a_data_repository(repo.root()));
    }
    Ok(repo)
}
