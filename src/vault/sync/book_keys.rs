//! The keys of a book that differ between two key stores: which one stays, and the contact keys under it.

use std::collections::BTreeSet;

use super::keys::Side;
use crate::crypto::verify::{encryption_ids, recipients};
use crate::crypto::{Secret, symmetric};
use crate::domain::ids::Slug;
use crate::domain::register::{self, Book};
use crate::error::{Error, Result};
use crate::store::{KeyStore, Oid};
use crate::vault::Vault;
use crate::vault::member::member_cert;

/// The two keys of a book that differ between the stores, and which one stays.
pub(super) struct Rekeyed {
    pub stays: Side,
    /// Whether each side made the book, so that neither's keys took the place of the other's.
    pub both_made: bool,
    /// Each side's, where this member can open it.
    pub ours: Option<Secret>,
    pub theirs: Option<Secret>,
    /// This member is not in the book any more, and does not have the key that stays.
    pub lost: bool,
    /// Our key is another one than both sides had: contact keys here are sealed anew.
    renewed_here: bool,
}

/// How a book key's message stands to the members that the book has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fit {
    /// It is encrypted to everybody in the book.
    all: bool,
    /// It is encrypted to somebody else, or nobody can tell to whom.
    strangers: bool,
}

impl Fit {
    fn exactly(self) -> bool {
        self.all && !self.strangers
    }
}

impl Vault {
    /// The key of a book in another key store; none where this member cannot open it.
    pub(super) fn book_key_in(&self, store: &KeyStore, book: &Slug) -> Result<Option<Secret>> {
        let Some(message) = store.get(&format!("{book}/book.pgp"))? else { return Ok(None) };
        self.secret.decrypt(&message).ok().map(|text| Secret::from_message(&text)).transpose()
    }

    /// The key of a book in this clone's key store; none where this member cannot open it.
    pub(super) fn my_book_key(&self, book: &Slug) -> Option<Secret> {
        self.book_key(book).ok().map(|key| (*key).clone())
    }

    /// Which of a book's two keys stays, and whether it is encrypted to the members that the merge has.
    ///
    /// Never one that somebody else than the members can open where the other is theirs alone: a leaver must not
    /// get at what is written from now on. Else the one that a side changed; where both did, the one that fits
    /// the members, the remote's first.
    pub(super) fn rekeyed(
        &self,
        tree: Oid,
        their: &KeyStore,
        book: &Slug,
        [b, o, t]: [Option<Oid>; 3],
    ) -> Result<(Rekeyed, bool)> {
        let fit = |store: &KeyStore, id: Option<Oid>| -> Result<Fit> {
            id.map_or(Ok(Fit { all: false, strangers: true }), |id| self.fit(tree, book, &store.blob(id)?))
        };
        let (our_fit, their_fit) = (fit(&self.keys, o)?, fit(their, t)?);
        let stays = match (our_fit.strangers, their_fit.strangers) {
            (false, true) => Side::Ours,
            (true, false) => Side::Theirs,
            _ if t == b => Side::Ours,
            _ if o == b => Side::Theirs,
            _ if our_fit.exactly() && !their_fit.exactly() => Side::Ours,
            _ => Side::Theirs,
        };
        let mut rekeyed = Rekeyed {
            stays,
            both_made: b.is_none(),
            ours: self.my_book_key(book),
            theirs: self.book_key_in(their, book)?,
            lost: false,
            renewed_here: o != b,
        };
        rekeyed.lost = rekeyed.key_of(stays).is_none() && !self.is_in_book(tree, book)?;
        Ok((rekeyed, if stays == Side::Ours { our_fit } else { their_fit }.exactly()))
    }

    /// Whether the book's file names this member.
    fn is_in_book(&self, tree: Oid, book: &Slug) -> Result<bool> {
        let path = Book::path(book);
        let Some(text) = self.repo.file(tree, &path)? else { return Ok(false) };
        let declared: Book = register::parse(&path, &String::from_utf8_lossy(&text))?;
        Ok(declared.members.contains(&self.me.handle))
    }

    /// Whom a book key's message is encrypted to, against the members of the book.
    fn fit(&self, tree: Oid, book: &Slug, message: &[u8]) -> Result<Fit> {
        let path = Book::path(book);
        let Some(text) = self.repo.file(tree, &path)? else { return Ok(Fit { all: true, strangers: false }) };
        let declared: Book = register::parse(&path, &String::from_utf8_lossy(&text))?;
        let Ok(found) = recipients(message) else { return Ok(Fit { all: false, strangers: true }) };
        let (mut all, mut known) = (true, BTreeSet::new());
        for member in &declared.members {
            let Ok(cert) = member_cert(&self.repo, tree, member) else {
                all = false;
                continue;
            };
            let (usable, ever) = encryption_ids(&cert, self.now.into());
            all &= usable.iter().all(|id| found.ids.contains(id));
            known.extend(ever);
        }
        let named = found.ids.iter().all(|id| known.contains(id));
        Ok(Fit { all, strangers: !named || found.hidden > 0 || found.passphrases > 0 })
    }
}

impl Rekeyed {
    fn key_of(&self, side: Side) -> Option<&Secret> {
        match side {
            Side::Ours => self.ours.as_ref(),
            Side::Theirs => self.theirs.as_ref(),
        }
    }

    /// Whether a key message is of a key that only this clone has, in a book that its member has lost. The key stays
    /// the same where the book's key was replaced here.
    pub(super) fn is_only_here(&self, [b, o, t]: [Option<Oid>; 3]) -> bool {
        self.lost && o.is_some() && o != b && o != t && (!self.renewed_here || (b.is_none() && t.is_none()))
    }

    /// A contact key's message under the book key that stays; none when it is under it already.
    pub(super) fn reseal(&self, from: Side, message: &[u8]) -> Result<Option<Vec<u8>>> {
        let (old, new) = match from {
            Side::Ours => (&self.ours, &self.theirs),
            Side::Theirs => (&self.theirs, &self.ours),
        };
        let Some(new) = new else {
            // Somebody else's book: whoever is in it brings its keys together.
            let Some(old) = old else { return Ok(None) };
            let ours = symmetric::open(old, message).is_ok();
            return match ours {
                false => Ok(None),
                true if self.both_made => Err(Error::refused(
                    "this clone and the remote each made a book of the same name, and you cannot open the remote's",
                )
                .hint("make one of another name with `carnet book add NAME`, and move each contact of yours there: `carnet edit CONTACT --book NAME`")),
                true => Err(Error::no_key(
                    "the book has new keys that you do not have, and contacts here are under its old ones",
                )
                .hint("have another member of it run `carnet book rekey BOOK` and `carnet sync`")),
            };
        };
        if symmetric::open(new, message).is_ok() {
            return Ok(None);
        }
        let keys = old.as_ref().and_then(|old| symmetric::open(old, message).ok());
        // What opens with neither was damaged before, and `verify` says so.
        keys.map(|keys| symmetric::seal(new, &keys)).transpose()
    }
}
