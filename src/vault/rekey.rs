//! Book keys for their members: sealing one to certificates, and replacing a book's keys altogether.
//!
//! A new book key means that every contact key of the book is sealed anew under it; the contact keys themselves
//! and the contact files stay as they are. The messages made here come into force with the commit that says who
//! the members are now ([`super::write::Staged::replace`]).

use std::collections::HashSet;

use rayon::prelude::*;

use super::index_file::Index;
use super::recover::owner_of_key;
use super::write::Staged;
use super::{Snapshot, Vault};
use crate::crypto::verify::keyring;
use crate::crypto::{Cert, Secret, recipients, symmetric};
use crate::domain::ids::Slug;
use crate::domain::policy::Policy;
use crate::domain::register::{self, Book};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::{Oid, lock};

/// How many contact keys are sealed between two reports of progress.
const STEP: usize = 1024;

/// What became of a book's keys.
#[derive(Clone, Debug, Default)]
pub struct Rekeyed {
    /// Contact keys that were sealed under the new book key.
    pub contacts: usize,
    /// Contact keys that did not open with the old one and were left as they are: damaged before.
    pub unopened: usize,
}

impl Vault {
    /// A book as declared at `at`, for a member of it.
    pub fn my_book(&self, at: Snapshot, slug: &Slug) -> Result<Book> {
        let found = self.my_books(at)?.into_iter().find(|(s, _)| s == slug);
        found.map(|(_, book)| book).ok_or_else(|| {
            Error::not_found(format!("you have no book `{slug}`"))
                .hint("`carnet book list` shows the books and their members")
        })
    }

    /// Stages a book's file with other members; comments and other keys of the file stay.
    pub(super) fn stage_members(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        book: &Slug,
        members: &[Slug],
    ) -> Result<()> {
        let path = Book::path(book);
        let text = self.repo.file(at.tree, &path)?.unwrap_or_default();
        let text = Book::with_members(&path, &String::from_utf8_lossy(&text), members)?;
        register::parse::<Book>(&path, &text)?;
        staged.put(path, text);
        Ok(())
    }

    /// The certificate that a member's book keys are encrypted to: the committed one or `new`, which must be the
    /// one that the signing policy has, and usable.
    pub(super) fn recipient(
        &self,
        at: Snapshot,
        policy: &Policy,
        handle: &Slug,
        new: Option<(&Slug, &Cert)>,
    ) -> Result<Cert> {
        let cert = match new.filter(|(of, _)| *of == handle) {
            Some((_, cert)) => cert.clone(),
            None => super::member::member_cert(&self.repo, at.tree, handle)?,
        };
        let ring = policy.authorization.get(handle.as_str()).map(|a| keyring(&a.keyring)).transpose()?;
        if !ring.unwrap_or_default().iter().any(|known| known.fingerprint() == cert.fingerprint()) {
            return Err(Error::refused(format!("the signing policy has no such key of member {handle}"))
                .at(cert.fingerprint())
                .hint(
                    "`carnet verify` shows who changed it; a book key is encrypted to authorised keys only",
                ));
        }
        cert.usability(self.now.into()).refuse(&format!("member {handle}"))?;
        Ok(cert)
    }

    /// Stages the book's key as it is for these members.
    pub(super) fn stage_same_key(&self, staged: &mut Staged, book: &Slug, certs: &[Cert]) -> Result<()> {
        let message = recipients::encrypt(&*self.book_key(book)?, certs, self.now.into())?;
        staged.replace.push((format!("{book}/book.pgp"), message));
        Ok(())
    }

    /// Stages a new key of the book for these members, and every contact key under it.
    pub(super) fn stage_new_keys(
        &self,
        staged: &mut Staged,
        book: &Slug,
        certs: &[Cert],
        progress: &dyn Fn(u64),
    ) -> Result<Rekeyed> {
        let old = self.book_key(book)?;
        let (old, new): (&Secret, Secret) = (&old, Secret::random()?);
        let mut entries = self.keys.list()?;
        // Contact keys, and those of the opposition list: all that the book key seals.
        let own = format!("{book}/book.pgp");
        entries.retain(|e| e.path != own && matches!(owner_of_key(&e.path), Some((of, _)) if of == *book));
        let records: HashSet<_> = self.record_ids(self.snapshot()?, book)?.into_iter().collect();
        let mut done = Rekeyed::default();
        for step in entries.chunks(STEP) {
            let mut sealed = Vec::with_capacity(step.len());
            for entry in step {
                sealed.push((&entry.path, self.keys.blob(entry.id)?));
            }
            let resealed: Vec<Option<(String, Vec<u8>)>> = sealed
                .par_iter()
                .map(|(path, message)| match symmetric::open(old, message) {
                    Ok(keys) => Ok(Some(((*path).clone(), symmetric::seal(&new, &keys)?))),
                    Err(_) => Ok(None),
                })
                .collect::<Result<_>>()?;
            for message in resealed {
                match message {
                    Some(message) => {
                        let id = owner_of_key(&message.0).and_then(|(_, id)| id);
                        done.contacts += usize::from(id.is_some_and(|id| !records.contains(&id)));
                        staged.replace.push(message);
                    }
                    None => done.unopened += 1,
                }
            }
            progress(step.len() as u64);
        }
        let message = recipients::encrypt(&new, certs, self.now.into())?;
        staged.replace.push((format!("{book}/book.pgp"), message));
        Ok(done)
    }

    /// Like [`Vault::write`], for operations that replace keys of `books`: their indexes go over to the new
    /// keys, and the members that the books have then count as acknowledged.
    pub(super) fn write_keys<T>(
        &self,
        books: &[Slug],
        plan: impl FnOnce(Snapshot, &mut Staged) -> Result<(Entry, T)>,
    ) -> Result<(Oid, T)> {
        let indexes: Vec<(&Slug, Index)> = books
            .iter()
            .filter_map(|book| Some((book, self.stored_index(book, &*self.book_key(book).ok()?, true)?)))
            .collect();
        let (commit, out) = self.write(plan)?;
        let commit = commit.ok_or_else(|| Error::failed("there was nothing to change"))?;
        let at = Snapshot { commit, tree: self.repo.tree_of(commit)? };
        {
            let _lock = lock::acquire(&self.private_dir())?;
            // Nobody may have erased something meanwhile that these still hold.
            if self.repo.head()? == commit {
                for (book, index) in indexes {
                    self.store_index(book, &index)?;
                }
            }
        }
        self.pin_books(at, books)?;
        Ok((commit, out))
    }
}
