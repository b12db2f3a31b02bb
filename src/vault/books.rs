//! Books: making one, granting it to a member, taking it away, giving it new keys.

use super::members::no_member;
use super::pins_newcomer::not_acknowledged;
use super::rekey::Rekeyed;
use super::write::Staged;
use super::{Snapshot, Vault};
use crate::crypto::{Cert, Secret, recipients};
use crate::domain::ids::Slug;
use crate::domain::policy::Policy;
use crate::domain::register::{self, Book, BookRead, Departure};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;

/// What became of a member who left the repository, or a book.
#[derive(Debug)]
pub struct Left {
    pub commit: Oid,
    /// The leaver reports, as they stand in the register: one a member.
    pub departures: Vec<Departure>,
    pub rekeyed: Rekeyed,
}

impl Vault {
    /// Makes a book for this member and others.
    pub fn add_book(&self, slug: &Slug, book: &Book) -> Result<Oid> {
        let (commit, ()) = self.write(|at, staged| Ok((self.plan_book(at, staged, slug, book)?, ())))?;
        let commit = commit.ok_or_else(|| Error::failed("there was nothing to change"))?;
        let at = Snapshot { commit, tree: self.repo.tree_of(commit)? };
        self.pin_books(at, std::slice::from_ref(slug))?;
        Ok(commit)
    }

    /// Refuses what [`Vault::add_book`] would refuse.
    pub fn check_book(&self, slug: &Slug, book: &Book) -> Result<()> {
        self.plan_book(self.snapshot()?, &mut Staged::default(), slug, book).map(drop)
    }

    fn plan_book(&self, at: Snapshot, staged: &mut Staged, slug: &Slug, book: &Book) -> Result<Entry> {
        let path = Book::path(slug);
        if self.repo.entry(at.tree, &path)?.is_some() {
            return Err(Error::refused(format!("there is a book `{slug}` already"))
                .hint(format!("`carnet book show {slug}` shows it")));
        }
        self.check_purpose(at, &book.purpose)?;
        let policy = self.policy(at.tree)?;
        self.check_keys_of(at, &book.members.iter().collect::<Vec<_>>())?;
        let certs = self.certs_of(at, &policy, &book.members)?;
        let key = Secret::random()?;
        let message = recipients::encrypt(&key, &certs, self.now.into())?;
        self.stage_objection_keys(at, staged, slug, &key)?;
        staged.put(path, register::to_toml(book)?);
        // A book that nobody has seen yet: its key can be there before it.
        staged.keys.push((format!("{slug}/book.pgp"), message));
        let mut entry = Entry::new(format!("book: add {slug}"), "book-add");
        entry.books.push(slug.clone());
        entry.members.clone_from(&book.members);
        Ok(entry)
    }

    /// Lets a member open a book.
    pub fn grant(&self, slug: &Slug, handle: &Slug) -> Result<Oid> {
        let books = std::slice::from_ref(slug);
        let (commit, ()) =
            self.write_keys(books, |at, staged| Ok((self.plan_grant(at, staged, slug, handle)?, ())))?;
        Ok(commit)
    }

    /// Refuses what [`Vault::grant`] would refuse.
    pub fn check_grant(&self, slug: &Slug, handle: &Slug) -> Result<()> {
        self.plan_grant(self.snapshot()?, &mut Staged::default(), slug, handle).map(drop)
    }

    fn plan_grant(&self, at: Snapshot, staged: &mut Staged, slug: &Slug, handle: &Slug) -> Result<Entry> {
        let mut members = self.my_book(at, slug)?.members;
        if members.contains(handle) {
            return Err(Error::refused(format!("{handle} is in book {slug} already"))
                .hint(format!("`carnet book show {slug}` shows its members")));
        }
        let policy = self.policy(at.tree)?;
        if !policy.authorization.contains_key(handle.as_str()) {
            return Err(no_member(handle));
        }
        self.check_acknowledged(at, std::slice::from_ref(slug))?;
        self.check_keys_of(at, &[handle])?;
        members.push(handle.clone());
        self.stage_members(at, staged, slug, &members)?;
        self.stage_for(at, staged, &policy, slug, &members, None)?;
        Ok(entry("grant", slug, Some(handle)))
    }

    /// Takes a book away from a member: it gets new keys, for those who stay.
    pub fn revoke(&self, slug: &Slug, handle: &Slug, progress: &dyn Fn(u64)) -> Result<Left> {
        let books = std::slice::from_ref(slug);
        let plan =
            |at: Snapshot, staged: &mut Staged| self.plan_revocation(at, staged, slug, handle, progress);
        let (commit, (departure, rekeyed)) = self.write_keys(books, plan)?;
        Ok(Left { commit, departures: vec![departure], rekeyed })
    }

    /// Refuses what [`Vault::revoke`] would refuse.
    pub fn check_revocation(&self, slug: &Slug, handle: &Slug) -> Result<()> {
        self.plan_revocation(self.snapshot()?, &mut Staged::default(), slug, handle, &|_| {}).map(drop)
    }

    fn plan_revocation(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        slug: &Slug,
        handle: &Slug,
        progress: &dyn Fn(u64),
    ) -> Result<(Entry, (Departure, Rekeyed))> {
        if *handle == self.me.handle {
            return Err(Error::refused(
                "nobody takes a book away from themselves: whoever makes the new keys knows them",
            )
            .hint("ask another member of the book"));
        }
        let policy = self.policy(at.tree)?;
        if !self.my_book(at, slug)?.members.contains(handle) {
            return Err(Error::not_found(format!("{handle} is not in book {slug}"))
                .hint(format!("`carnet book show {slug}` shows its members")));
        }
        let mut rekeyed = Rekeyed::default();
        let leaving = std::slice::from_ref(handle);
        let read = self.stage_without(at, staged, &policy, slug, leaving, progress, &mut rekeyed)?;
        // Somebody who was put into a book's file by hand may have no certificate at all.
        let key = super::member::member_cert(&self.repo, at.tree, handle);
        let key = key.map(|cert| cert.fingerprint()).unwrap_or_default();
        let departure = departure(self, at, staged, handle, key, false, vec![read])?;
        Ok((entry("revoke", slug, Some(handle)), (departure, rekeyed)))
    }

    /// Gives a book new keys, for the members that it has.
    pub fn rekey(&self, slug: &Slug, progress: &dyn Fn(u64)) -> Result<(Oid, Rekeyed)> {
        let books = std::slice::from_ref(slug);
        self.write_keys(books, |at, staged| self.plan_rekeying(at, staged, slug, progress))
    }

    /// Refuses what [`Vault::rekey`] would refuse.
    pub fn check_rekeying(&self, slug: &Slug) -> Result<()> {
        self.plan_rekeying(self.snapshot()?, &mut Staged::default(), slug, &|_| {}).map(drop)
    }

    fn plan_rekeying(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        slug: &Slug,
        progress: &dyn Fn(u64),
    ) -> Result<(Entry, Rekeyed)> {
        let book = self.my_book(at, slug)?;
        self.check_acknowledged(at, std::slice::from_ref(slug))?;
        let policy = self.policy(at.tree)?;
        let certs = self.certs_of(at, &policy, &book.members)?;
        let rekeyed = self.stage_new_keys(staged, slug, &certs, progress)?;
        // The commit says that it happened; the book's file says when.
        self.stage_rekeyed(at, staged, slug)?;
        Ok((entry("rekey", slug, None), rekeyed))
    }

    /// Stages new keys of a book without some of its members; says what these could read.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn stage_without(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        policy: &Policy,
        slug: &Slug,
        leaving: &[Slug],
        progress: &dyn Fn(u64),
        rekeyed: &mut Rekeyed,
    ) -> Result<BookRead> {
        let book = self.all_books(at)?.into_iter().find(|(s, _)| s == slug).map(|(_, book)| book);
        let mut members = book.map(|book| book.members).unwrap_or_default();
        let handle =
            members.iter().find(|m| leaving.contains(m)).map(ToString::to_string).unwrap_or_default();
        members.retain(|m| !leaving.contains(m));
        if members.is_empty() {
            return Err(Error::refused(format!("{handle} is the last member of book {slug}")).hint(format!(
                "grant it to somebody else first: `carnet book grant {slug} HANDLE`, by {handle}"
            )));
        }
        if !members.contains(&self.me.handle) {
            return Err(Error::no_key(format!(
                "you cannot open book {slug}, and so cannot make new keys for it"
            ))
            .hint(format!("have one of its members run `carnet book revoke {slug} {handle}` first")));
        }
        let newcomers = self.newcomers(at, Some(std::slice::from_ref(slug)))?;
        if let Some(other) = newcomers.iter().find(|n| !leaving.contains(&n.recipient.member)) {
            return Err(not_acknowledged(other));
        }
        let certs = self.certs_of(at, policy, &members)?;
        let done = self.stage_new_keys(staged, slug, &certs, progress)?;
        rekeyed.contacts += done.contacts;
        rekeyed.unopened += done.unopened;
        self.stage_members(at, staged, slug, &members)?;
        Ok(BookRead { book: slug.clone(), contacts: self.contacts_of(at, slug)?.len() })
    }

    fn certs_of(&self, at: Snapshot, policy: &Policy, members: &[Slug]) -> Result<Vec<Cert>> {
        members.iter().map(|member| self.recipient(at, policy, member, None)).collect()
    }

    /// Stages a line in the book's file with the moment of its newest keys.
    fn stage_rekeyed(&self, at: Snapshot, staged: &mut Staged, slug: &Slug) -> Result<()> {
        let path = Book::path(slug);
        let text = self.repo.file(at.tree, &path)?.unwrap_or_default();
        let text = register::with_text(&path, &String::from_utf8_lossy(&text), "rekeyed", &self.now_text())?;
        staged.put(path, text);
        Ok(())
    }
}

fn entry(what: &str, book: &Slug, member: Option<&Slug>) -> Entry {
    let mut entry = Entry::new(format!("book: {what} {book}"), &format!("book-{what}"));
    entry.books.push(book.clone());
    entry.members.extend(member.cloned());
    entry
}

/// Stages the leaver report under a name of its own.
pub(super) fn departure(
    vault: &Vault,
    at: Snapshot,
    staged: &mut Staged,
    handle: &Slug,
    key: String,
    left: bool,
    books: Vec<BookRead>,
) -> Result<Departure> {
    let record = Departure {
        member: handle.clone(),
        key,
        until: vault.now_text(),
        by: vault.me.handle.clone(),
        left,
        note: Departure::NOTE.to_owned(),
        books,
    };
    let stem = format!("registers/departures/{}-{handle}", vault.today());
    let mut path = format!("{stem}.toml");
    let mut n = 2;
    while vault.repo.entry(at.tree, &path)?.is_some() {
        path = format!("{stem}-{n}.toml");
        n += 1;
    }
    staged.put(path, register::to_toml(&record)?);
    Ok(record)
}
