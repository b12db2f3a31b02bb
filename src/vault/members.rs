//! Members: adding one, giving one another key, removing one. Each is one signed commit that changes signing
//! policy, certificate and books together, and the book keys come into force with it.

use super::books::{Left, departure};
use super::rekey::Rekeyed;
use super::write::Staged;
use super::{Snapshot, Vault};
use crate::crypto::Cert;
use crate::crypto::verify::keyring;
use crate::domain::ids::Slug;
use crate::domain::policy::{Authorization, Policy};
use crate::domain::register::{self, Book, Departure, Member};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;

/// Who is to become a member.
pub struct NewMember {
    pub handle: Slug,
    pub cert: Cert,
    pub about: Member,
    /// May add and retire members, too.
    pub admin: bool,
    pub books: Vec<Slug>,
}

/// What a change of a member's key did.
#[derive(Debug)]
pub struct Rotated {
    pub commit: Oid,
    /// Books whose keys are now encrypted to the new key.
    pub books: Vec<Slug>,
    /// Books of the member that whoever rotated cannot open: their keys are still encrypted to the old key.
    pub left: Vec<Slug>,
    /// The same key with a newer certificate.
    pub refreshed: bool,
}

impl Vault {
    /// Adds a member: certificate, policy and books in one commit.
    pub fn add_member(&self, new: &NewMember) -> Result<Oid> {
        let (commit, ()) =
            self.write_keys(&new.books, |at, staged| Ok((self.plan_addition(at, staged, new)?, ())))?;
        Ok(commit)
    }

    /// Refuses what [`Vault::add_member`] would refuse.
    pub fn check_addition(&self, new: &NewMember) -> Result<()> {
        self.plan_addition(self.snapshot()?, &mut Staged::default(), new).map(drop)
    }

    fn plan_addition(&self, at: Snapshot, staged: &mut Staged, new: &NewMember) -> Result<Entry> {
        let mut policy = self.policy(at.tree)?;
        let mine = self.need_add_user(&policy)?;
        self.check_new(at, &policy, new)?;
        self.check_acknowledged(at, &new.books)?;
        new.cert.usability(self.now.into()).refuse(&format!("member {}", new.handle))?;
        let armoured = new.cert.armoured()?;
        let rights = match new.admin {
            // sequoia-git lets nobody give a right that they have not.
            true => Authorization { keyring: armoured.clone(), ..mine },
            false => Authorization::member(armoured.clone()),
        };
        policy.authorization.insert(new.handle.to_string(), rights);
        staged.put(Policy::PATH, policy.to_toml()?);
        staged.put(cert_path(&new.handle), armoured);
        if new.about != Member::default() {
            staged.put(format!("members/{}.toml", new.handle), register::to_toml(&new.about)?);
        }
        for book in &new.books {
            let mut members = self.my_book(at, book)?.members;
            members.push(new.handle.clone());
            self.stage_members(at, staged, book, &members)?;
            self.stage_for(at, staged, &policy, book, &members, Some((&new.handle, &new.cert)))?;
        }
        let mut entry = Entry::new(format!("member: add {}", new.handle), "member-add");
        entry.members.push(new.handle.clone());
        entry.books.clone_from(&new.books);
        Ok(entry)
    }

    /// Seals a book's key as it is for `members`.
    pub(super) fn stage_for(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        policy: &Policy,
        book: &Slug,
        members: &[Slug],
        new: Option<(&Slug, &Cert)>,
    ) -> Result<()> {
        let certs: Vec<Cert> =
            members.iter().map(|m| self.recipient(at, policy, m, new)).collect::<Result<_>>()?;
        self.stage_same_key(staged, book, &certs)
    }

    fn need_add_user(&self, policy: &Policy) -> Result<Authorization> {
        let mine = policy.authorization.get(self.me.handle.as_str()).filter(|a| a.add_user);
        mine.cloned().ok_or_else(|| no_right(&self.me.handle, "add or change members", policy))
    }

    fn check_new(&self, at: Snapshot, policy: &Policy, new: &NewMember) -> Result<()> {
        let handle = &new.handle;
        if policy.authorization.contains_key(handle.as_str())
            || self.repo.entry(at.tree, &cert_path(handle))?.is_some()
        {
            return Err(Error::refused(format!("there is a member `{handle}` already")).hint(format!(
                "choose another handle; `carnet member rotate {handle} …` gives them a new key"
            )));
        }
        for (other, authorization) in &policy.authorization {
            let ring = keyring(&authorization.keyring)?;
            if ring.iter().any(|cert| cert.fingerprint() == new.cert.fingerprint()) {
                return Err(Error::refused(format!("that is the key of member `{other}`"))
                    .at(new.cert.fingerprint())
                    .hint("each member has a key of their own"));
            }
        }
        Ok(())
    }

    /// Gives a member another key, or their key's newer certificate.
    ///
    /// Book keys stay as they are and are encrypted to the new key instead of the old one. A newer certificate of
    /// the same key may be committed by its owner; another key takes the right to add and retire users.
    pub fn rotate_member(&self, handle: &Slug, new: &Cert) -> Result<Rotated> {
        let [books, left] = self.books_to_rotate(handle)?;
        let (commit, refreshed) =
            self.write_keys(&books, |at, staged| self.plan_rotation(at, staged, (handle, new), &books))?;
        Ok(Rotated { commit, books, left, refreshed })
    }

    /// Refuses what [`Vault::rotate_member`] would refuse.
    pub fn check_rotation(&self, handle: &Slug, new: &Cert) -> Result<()> {
        let [books, _] = self.books_to_rotate(handle)?;
        self.plan_rotation(self.snapshot()?, &mut Staged::default(), (handle, new), &books).map(drop)
    }

    /// The member's books that this member can open, and the others.
    fn books_to_rotate(&self, handle: &Slug) -> Result<[Vec<Slug>; 2]> {
        let (mine, left): (Vec<_>, Vec<_>) = self
            .all_books(self.snapshot()?)?
            .into_iter()
            .filter(|(_, book)| book.members.contains(handle))
            .partition(|(_, book)| book.members.contains(&self.me.handle));
        let names = |books: Vec<(Slug, Book)>| books.into_iter().map(|(slug, _)| slug).collect::<Vec<_>>();
        Ok([names(mine), names(left)])
    }

    fn plan_rotation(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        (handle, new): (&Slug, &Cert),
        books: &[Slug],
    ) -> Result<(Entry, bool)> {
        let own = *handle == self.me.handle;
        let mut policy = self.policy(at.tree)?;
        let old = super::member::member_cert(&self.repo, at.tree, handle)?;
        let refreshed = old.fingerprint() == new.fingerprint();
        // What the old version knew stays known: a revocation does not go away.
        let cert = if refreshed { old.merged(new)? } else { new.clone() };
        if !(refreshed && own) {
            let mine = self.need_add_user(&policy)?;
            if !refreshed && !mine.retire_user {
                return Err(no_right(&self.me.handle, "retire a member's key", &policy));
            }
        }
        if refreshed && cert.armoured()? == old.armoured()? {
            return Err(Error::refused(format!("the repository has this certificate of {handle} already"))
                .at(cert.fingerprint())
                .hint("extend the key first, then export it again"));
        }
        self.check_acknowledged(at, books)?;
        cert.usability(self.now.into()).refuse(&format!("member {handle}"))?;
        let armoured = cert.armoured()?;
        let rights = policy.authorization.get_mut(handle.as_str()).ok_or_else(|| no_member(handle))?;
        rights.keyring.clone_from(&armoured);
        staged.put(Policy::PATH, policy.to_toml()?);
        staged.put(cert_path(handle), armoured);
        for book in books {
            let members = self.my_book(at, book)?.members;
            self.stage_for(at, staged, &policy, book, &members, Some((handle, &cert)))?;
        }
        let mut entry = Entry::new(format!("member: rotate {handle}"), "member-rotate");
        entry.members.push(handle.clone());
        entry.books.extend_from_slice(books);
        Ok((entry, refreshed))
    }

    /// Removes members: from the policy, from every book, and every book of theirs gets new keys. One commit.
    pub fn remove_members(&self, handles: &[Slug], progress: &dyn Fn(u64)) -> Result<Left> {
        let books = self.books_of_any(self.snapshot()?, handles)?;
        let (commit, (departures, rekeyed)) =
            self.write_keys(&books, |at, staged| self.plan_removal(at, staged, handles, &books, progress))?;
        Ok(Left { commit, departures, rekeyed })
    }

    /// Refuses what [`Vault::remove_members`] would refuse.
    pub fn check_removal(&self, handles: &[Slug]) -> Result<()> {
        let at = self.snapshot()?;
        let books = self.books_of_any(at, handles)?;
        self.plan_removal(at, &mut Staged::default(), handles, &books, &|_| {}).map(drop)
    }

    fn books_of_any(&self, at: Snapshot, handles: &[Slug]) -> Result<Vec<Slug>> {
        let mut books = self.all_books(at)?;
        books.retain(|(_, book)| book.members.iter().any(|member| handles.contains(member)));
        Ok(books.into_iter().map(|(slug, _)| slug).collect())
    }

    fn plan_removal(
        &self,
        at: Snapshot,
        staged: &mut Staged,
        handles: &[Slug],
        books: &[Slug],
        progress: &dyn Fn(u64),
    ) -> Result<(Entry, (Vec<Departure>, Rekeyed))> {
        if handles.contains(&self.me.handle) {
            return Err(Error::refused("nobody removes themselves: whoever makes the new keys knows them")
                .hint("ask another member who may retire users"));
        }
        let mut policy = self.policy(at.tree)?;
        self.check_may_remove(&policy, handles)?;
        if self.books_of_any(at, handles)? != books {
            return Err(Error::failed("the member's books have just changed").hint("run the command again"));
        }
        self.check_acknowledged(at, books)?;
        for handle in handles {
            policy.authorization.remove(handle.as_str());
        }
        let mut rekeyed = Rekeyed::default();
        let mut read = Vec::new();
        for book in books {
            let theirs = self.stage_without(at, staged, &policy, book, handles, progress, &mut rekeyed)?;
            read.push((self.members_of(at, book)?, theirs));
        }
        staged.put(Policy::PATH, policy.to_toml()?);
        let mut departures = Vec::new();
        let mut entry = Entry::new(subject(handles), "member-remove");
        for handle in handles {
            let key = super::member::member_cert(&self.repo, at.tree, handle)?.fingerprint();
            staged.remove(cert_path(handle));
            let about = format!("members/{handle}.toml");
            if self.repo.entry(at.tree, &about)?.is_some() {
                staged.remove(about);
            }
            let of_theirs = read.iter().filter(|(members, _)| members.contains(handle));
            let of_theirs = of_theirs.map(|(_, read)| read.clone()).collect();
            departures.push(departure(self, at, staged, handle, key, true, of_theirs)?);
            entry.members.push(handle.clone());
        }
        entry.books.extend_from_slice(books);
        Ok((entry, (departures, rekeyed)))
    }

    fn members_of(&self, at: Snapshot, book: &Slug) -> Result<Vec<Slug>> {
        let found = self.all_books(at)?.into_iter().find(|(slug, _)| slug == book);
        Ok(found.map(|(_, book)| book.members).unwrap_or_default())
    }

    fn check_may_remove(&self, policy: &Policy, handles: &[Slug]) -> Result<()> {
        let mine = policy.authorization.get(self.me.handle.as_str());
        if !mine.is_some_and(|a| a.retire_user) {
            return Err(no_right(&self.me.handle, "remove members", policy));
        }
        if let Some(nobody) = handles.iter().find(|one| !policy.authorization.contains_key(one.as_str())) {
            return Err(no_member(nobody));
        }
        if policy.may_add().all(|admin| handles.iter().any(|one| admin == one.as_str())) {
            return Err(Error::refused(match handles {
                [one] => format!("{one} is the last member who may add users"),
                _ => "they are the last members who may add users".to_owned(),
            })
            .at(Policy::PATH)
            .hint("add another member with --admin first"));
        }
        Ok(())
    }
}

fn subject(handles: &[Slug]) -> String {
    match handles {
        [one] => format!("member: remove {one}"),
        many => format!("member: remove {}", many.len()),
    }
}

/// Where a member's certificate is.
pub fn cert_path(handle: &Slug) -> String {
    format!("members/{handle}.asc")
}

pub(super) fn no_member(handle: &Slug) -> Error {
    Error::not_found(format!("there is no member `{handle}`")).hint("`carnet member list` shows them")
}

fn no_right(me: &Slug, what: &str, policy: &Policy) -> Error {
    let who: Vec<&str> = policy.may_add().collect();
    Error::refused(format!("`{me}` may not {what}"))
        .at(Policy::PATH)
        .hint(format!("these members may: {}", who.join(", ")))
}
