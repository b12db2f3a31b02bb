//! Pins: the recipients of each book that the owner of this clone has acknowledged.
//!
//! They lie in `.git/carnet/pins`, outside history: a list in TOML, and under it the owner's signature. A book
//! key is encrypted to nobody who is not on it. A change of contacts encrypts to the book key only and so needs
//! no pins; it shows a newcomer once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;

use serde::{Deserialize, Serialize};

use super::member::member_cert;
use super::pins_newcomer::not_acknowledged;
pub use super::pins_newcomer::{Newcomer, Recipient};
use super::pins_origin::{Fact, Origins};
use super::{Snapshot, Vault};
use crate::crypto::verify::Verifier;
use crate::domain::ids::Slug;
use crate::domain::policy::Policy;
use crate::domain::register;
use crate::error::{Error, Result};
use crate::store::Oid;

/// A recipient that was acknowledged as of a commit.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Pin {
    #[serde(flatten)]
    recipient: Recipient,
    commit: String,
}

/// The file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Pins {
    #[serde(default)]
    recipient: Vec<Pin>,
}

/// The pins, and what happened since each.
struct Pinned<'a> {
    vault: &'a Vault,
    at: Snapshot,
    pins: &'a [Pin],
    since: BTreeMap<Oid, Option<Origins<'a>>>,
}

impl Pinned<'_> {
    /// Whether a recipient is on the list, and has been one all the time since.
    fn has(&mut self, recipient: &Recipient) -> bool {
        let Some(pin) = self.pins.iter().find(|pin| pin.recipient == *recipient) else { return false };
        let Ok(commit) = Oid::from_str(&pin.commit) else { return false };
        if commit == self.at.commit {
            return true;
        }
        let (repo, tip, now) = (&self.vault.repo, self.at.commit, self.vault.now.into());
        let since = self.since.entry(commit).or_insert_with(|| Origins::since(repo, tip, commit, now).ok());
        let Some(since) = since else { return false };
        Fact::of(recipient).iter().all(|fact| !since.is_introduced(fact))
    }
}

const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";

impl Vault {
    /// The recipients that a book has by its file and its members' certificates.
    ///
    /// One without a certificate, put into the book's file by hand, has an empty fingerprint.
    pub fn recipients(&self, at: Snapshot, book: &Slug, members: &[Slug]) -> Vec<Recipient> {
        let one = |member: &Slug| {
            let key = member_cert(&self.repo, at.tree, member).map(|cert| cert.fingerprint());
            Recipient { book: book.clone(), member: member.clone(), key: key.unwrap_or_default() }
        };
        members.iter().map(one).collect()
    }

    /// Recipients of this member's books, or of some, that nobody acknowledged in this clone.
    pub fn newcomers(&self, at: Snapshot, only: Option<&[Slug]>) -> Result<Vec<Newcomer>> {
        let mut unknown = Vec::new();
        let pins = self.pins();
        let mut pinned = self.pinned(at, &pins);
        for (slug, book) in self.my_books(at)? {
            if only.is_some_and(|only| !only.contains(&slug)) {
                continue;
            }
            for recipient in self.recipients(at, &slug, &book.members) {
                let own = recipient.member == self.me.handle && recipient.key == self.me.fingerprint;
                if !own && !pinned.has(&recipient) {
                    unknown.push(recipient);
                }
            }
        }
        if unknown.is_empty() {
            return Ok(Vec::new());
        }
        let mut origins = Origins::read(&self.repo, at.commit, self.now.into());
        Ok(unknown
            .into_iter()
            .map(|recipient| match recipient.key.is_empty() {
                true => Newcomer { origin: Err("they have no certificate".into()), recipient },
                false => Newcomer { origin: origins.of(&recipient, at.commit), recipient },
            })
            .collect())
    }

    /// Refuses to encrypt a key of these books while one of their recipients is not acknowledged.
    pub(super) fn check_acknowledged(&self, at: Snapshot, books: &[Slug]) -> Result<()> {
        let Some(first) = self.newcomers(at, Some(books))?.into_iter().next() else { return Ok(()) };
        Err(not_acknowledged(&first))
    }

    /// Refuses to let members into a book whose keys no authorised commit brought in.
    pub(super) fn check_keys_of(&self, at: Snapshot, members: &[&Slug]) -> Result<()> {
        let others: Vec<&&Slug> = members.iter().filter(|m| ***m != self.me.handle).collect();
        if others.is_empty() {
            return Ok(());
        }
        let mut origins = Origins::read(&self.repo, at.commit, self.now.into());
        for member in others {
            let key = member_cert(&self.repo, at.tree, member)?.fingerprint();
            origins.of_key(member, &key, at.commit).map_err(|why| {
                Error::refused(format!("the key of member {member} was not added by an authorised commit"))
                    .at(key.clone())
                    .cause(why)
                    .hint(
                        "`carnet verify` lists such commits; `carnet member rotate` gives them the right key",
                    )
            })?;
        }
        Ok(())
    }

    /// Acknowledges recipients as they are at `at`; none whose origin is not sound.
    pub fn accept(&self, at: Snapshot, newcomers: &[Newcomer]) -> Result<()> {
        if let Some(bad) = newcomers.iter().find(|n| n.origin.is_err()) {
            return Err(not_acknowledged(bad));
        }
        self.pin(at, newcomers.iter().map(|n| n.recipient.clone()).collect())
    }

    /// Acknowledges all recipients of these books: what this member has just decided.
    pub(super) fn pin_books(&self, at: Snapshot, books: &[Slug]) -> Result<()> {
        let mut all = Vec::new();
        for (slug, book) in self.my_books(at)?.into_iter().filter(|(slug, _)| books.contains(slug)) {
            all.extend(self.recipients(at, &slug, &book.members));
        }
        self.pin(at, all)
    }

    fn pin(&self, at: Snapshot, recipients: Vec<Recipient>) -> Result<()> {
        let old = self.pins();
        let mut kept: Vec<Pin> = Vec::new();
        let members: BTreeSet<(Slug, Slug)> = self
            .my_books(at)?
            .into_iter()
            .flat_map(|(slug, book)| book.members.into_iter().map(move |m| (slug.clone(), m)))
            .collect();
        let mut pinned = self.pinned(at, &old);
        for pin in &old {
            let r = &pin.recipient;
            // Who has gone, or comes back under another key, has to be acknowledged anew.
            let stays = members.contains(&(r.book.clone(), r.member.clone()));
            if stays && !recipients.contains(r) && pinned.has(r) {
                kept.push(pin.clone());
            }
        }
        let commit = at.commit.to_string();
        kept.extend(recipients.into_iter().map(|recipient| Pin { recipient, commit: commit.clone() }));
        kept.sort_by(|a, b| a.recipient.cmp(&b.recipient));
        self.write_pins(&register::to_toml(&Pins { recipient: kept })?)?;
        self.note_seen(at)
    }

    fn write_pins(&self, text: &str) -> Result<()> {
        let dir = self.private_dir();
        let mut file = tempfile::NamedTempFile::new_in(&dir)?;
        file.write_all(text.as_bytes())?;
        file.write_all(self.sign(text.as_bytes())?.as_bytes())?;
        file.persist(dir.join("pins")).map_err(|e| e.error)?;
        Ok(())
    }

    /// Signs the pins anew with the key that this member has now, after it was changed from `before`.
    pub fn carry_pins(&self, before: &Vault) -> Result<()> {
        let pins = before.pins();
        self.write_pins(&register::to_toml(&Pins { recipient: pins })?)
    }

    /// Names the commits of after a purge instead of those of before it.
    pub(super) fn move_pins(&self, now: &HashMap<Oid, Oid>) -> Result<()> {
        let mut pins = self.pins();
        let mut moved = false;
        for pin in &mut pins {
            if let Some(new) = Oid::from_str(&pin.commit).ok().and_then(|old| now.get(&old)) {
                pin.commit = new.to_string();
                moved = true;
            }
        }
        if !moved {
            return Ok(());
        }
        self.write_pins(&register::to_toml(&Pins { recipient: pins })?)
    }

    /// The pins, as far as the owner's signature vouches for them; none otherwise.
    fn pins(&self) -> Vec<Pin> {
        let read = || -> Option<Vec<Pin>> {
            let text = std::fs::read_to_string(self.private_dir().join("pins")).ok()?;
            let (list, signature) = text.split_at(text.find(SIGNATURE)?);
            let own = |tree: Oid| member_cert(&self.repo, tree, &self.me.handle);
            // A purge may have destroyed the tree that was there when this command began.
            let mut own = vec![own(self.opened_at).or_else(|_| own(self.snapshot()?.tree)).ok()?];
            own.retain(|cert| cert.fingerprint() == self.me.fingerprint);
            let verifier = Verifier::at(&own, self.now.into());
            verifier.check(signature.as_bytes(), list.as_bytes()).ok()?;
            Some(toml::from_str::<Pins>(list).ok()?.recipient)
        };
        read().unwrap_or_default()
    }

    fn pinned<'a>(&'a self, at: Snapshot, pins: &'a [Pin]) -> Pinned<'a> {
        Pinned { vault: self, at, pins, since: BTreeMap::new() }
    }

    /// What decides who the recipients are: when none of it changed, there is nothing new to show.
    fn sources(&self, at: Snapshot) -> Result<String> {
        let mut text = String::new();
        for path in ["books", "members", Policy::PATH] {
            let id = self.repo.entry(at.tree, path)?.map(|id| id.to_string()).unwrap_or_default();
            text.push_str(&format!("{path} {id}\n"));
        }
        Ok(text)
    }

    fn note_seen(&self, at: Snapshot) -> Result<()> {
        Ok(std::fs::write(self.private_dir().join("seen"), self.sources(at)?)?)
    }

    /// Shows who is new among the recipients, once for each change; called by every write.
    ///
    /// A change of contacts encrypts to none of them, so what cannot be found out here does not stop it.
    pub(super) fn show_newcomers(&self, at: Snapshot) {
        let Some(tell) = &self.tell else { return };
        if let Err(e) = self.tell_newcomers(at, tell) {
            tell(&format!("the members of your books could not be looked at: {e}"));
        }
    }

    fn tell_newcomers(&self, at: Snapshot, tell: &dyn Fn(&str)) -> Result<()> {
        let now = self.sources(at)?;
        if std::fs::read_to_string(self.private_dir().join("seen")).unwrap_or_default() == now {
            return Ok(());
        }
        let newcomers = self.newcomers(at, None)?;
        for newcomer in &newcomers {
            tell(&newcomer.to_string());
        }
        if !newcomers.is_empty() {
            tell("`carnet member list --accept` acknowledges them; no book key is encrypted to them before.");
        }
        self.note_seen(at)
    }
}
