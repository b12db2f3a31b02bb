//! Making an erasure certificate: the proof is run again, and without it there is none.

use std::collections::{BTreeSet, HashSet};

use super::confirm_status::Standing;
use super::prove::Subject;
use super::purge::originals::records;
use super::{Snapshot, Vault};
use crate::domain::certificate::{Certificate, Clone};
use crate::domain::ids::ContactId;
use crate::domain::register::{self, Erasure};
use crate::domain::trailer::Entry;
use crate::error::{Error, Kind, Result};
use crate::store::{Oid, lock};

impl Vault {
    /// Proves an erasure anew and states it; an error when it does not hold.
    pub fn certificate(&self, id: &ContactId) -> Result<Certificate> {
        let (line, at, commit, (subject, purged), proof) = {
            let _lock = lock::acquire(&self.private_dir())?;
            self.recover()?;
            // Also what git fetched and forgot: with a book's old key it would open what this is to be about.
            if self.destroy_strayed(&HashSet::new(), true)? > 0
                && !self.repo.strayed_and_forgotten()?.is_empty()
            {
                return Err(broken(
                    "git's own object store holds keys or texts that cannot be destroyed there",
                ));
            }
            let at = self.snapshot()?;
            let line = self.erasure_line(at, id)?;
            if !self.mine(at)?.has(&line.book) {
                return Err(Error::no_key(format!("you cannot open book {}, which it was in", line.book))
                    .hint("a member of the book can make the certificate"));
            }
            if !self.repo.contact_files(at.tree, id.fan(), &format!("{id}.toml.pgp"))?.is_empty() {
                return Err(broken("the contact's file is in a book again"));
            }
            let commits = self.erasure_commits(at, &line)?;
            let commit = commits.last().copied().unwrap_or(at.commit);
            let purged = self.purged_in(at, &line.contact)?;
            let subject = self.subject(&line, &commits, purged.is_some())?;
            let proof = self.prove_erased(std::slice::from_ref(&subject), &|_| {})?.pop();
            if proof.as_ref().is_some_and(|proof| proof.keys_not_tried > 0) {
                return Err(broken("a key in the key store opens nothing here, so it could not be tried"));
            }
            let objects = self.keys.objects()?;
            if line.destroyed_ids().any(|id| objects.contains(&id)) {
                return Err(broken("a key message that it destroyed is in the key store again"));
            }
            (line, at, commit, (subject, purged), proof.unwrap_or_default())
        };
        // Only after the proof: it is what this clone confirms.
        self.confirm_erasures()?;
        let standing = self.erasures(at, Some(id))?.pop();
        let (confirmed, pending, removed) = standing.map(clones).unwrap_or_default();
        let organisation = self.settings(at)?.organisation;
        Ok(Certificate {
            organisation: organisation.name,
            dpo: organisation.dpo,
            line,
            commit: commit.to_string(),
            checked: self.now_text(),
            tip: at.commit.to_string(),
            signer: self.me.handle.to_string(),
            key: self.me.fingerprint.clone(),
            ciphertexts: subject.versions.iter().map(Oid::to_string).collect(),
            mention_ciphertexts: subject.derived.iter().map(Oid::to_string).collect(),
            purged,
            keys_tried: proof.keys_tried,
            books_not_tried: proof.books_not_tried,
            confirmed,
            pending,
            removed,
        })
    }

    fn erasure_line(&self, at: Snapshot, id: &ContactId) -> Result<Erasure> {
        let path = Erasure::path(id);
        let bytes = self.repo.file(at.tree, &path)?.ok_or_else(|| {
            Error::not_found("no such contact is in the erasure ledger")
                .hint("`carnet erase --status` lists all erasures")
        })?;
        register::parse(&path, &String::from_utf8_lossy(&bytes))
    }

    /// The commits that wrote the ledger's entry, the first last, each by an authorised member and the entry as the first
    /// wrote it: this is what is signed again.
    fn erasure_commits(&self, at: Snapshot, line: &Erasure) -> Result<Vec<Oid>> {
        let id = &line.contact;
        let written = self.ledger_writers(at, &BTreeSet::from([id.clone()]))?.remove(id).unwrap_or_default();
        let Some(first) = written.last() else {
            return Err(broken("the commit that erased it is not in this clone's history"));
        };
        for commit in &written {
            if let Some(why) = self.unauthorised(*commit)? {
                return Err(broken("no authorised member wrote the ledger's entry as it is")
                    .at(format!("commit {commit}"))
                    .cause(why));
            }
        }
        let then = Snapshot { commit: *first, tree: self.repo.tree_of(*first)? };
        let then = self.erasure_line(then, id)?;
        let same = (&line.time, &line.book, line.trigger.as_str(), &line.request)
            == (&then.time, &then.book, then.trigger.as_str(), &then.request);
        if !same {
            return Err(broken("the ledger's entry is not what the erasure wrote"));
        }
        Ok(written)
    }

    /// The record of the purge that took the contact's versions out of history.
    fn purged_in(&self, at: Snapshot, id: &ContactId) -> Result<Option<String>> {
        let (records, _) = records(&self.repo, at.tree)?;
        Ok(records.into_iter().find(|record| record.purge.contacts.contains(id)).map(|record| record.path))
    }

    /// What must not open: the contact's versions, and those before the erasure of contacts and records that mentioned it.
    fn subject(&self, line: &Erasure, commits: &[Oid], purged: bool) -> Result<Subject> {
        let versions = self.versions(&[&line.contact])?.pop().unwrap_or_default();
        if versions.len() < line.versions && !purged {
            return Err(broken("this clone's history has fewer versions of it than the ledger says"));
        }
        let (mut derived, mut mentions) = (Vec::new(), 0);
        for commit in commits.iter().filter(|_| line.mentions > 0) {
            // Contacts and sealed records alike, as the signed commit names them.
            let said = Entry::parse(&self.repo.signed(*commit)?.message());
            let ids = said.map(|entry| entry.mentions).unwrap_or_default();
            mentions += ids.len();
            let files: Vec<_> = ids.iter().map(|id| (id.fan(), format!("{id}.toml.pgp"))).collect();
            let before = self.repo.commit(*commit)?.parents;
            derived.extend(self.repo.versions_of(&before, &files)?.concat());
        }
        if mentions < line.mentions {
            return Err(broken("the commit that erased it does not say whose mentions went"));
        }
        let mut seen = HashSet::new();
        derived.retain(|version| seen.insert(*version));
        Ok(Subject { id: line.contact.clone(), versions, derived })
    }
}

fn clones(standing: Standing) -> (Vec<Clone>, Vec<Clone>, Vec<Clone>) {
    let confirmed = standing.confirmed.into_iter();
    let pending = standing.pending.into_iter();
    let removed = standing.removed.into_iter();
    (
        confirmed.map(|c| Clone { clone: c.clone, member: c.member, time: c.time }).collect(),
        pending.map(|p| Clone { clone: p.clone, member: p.member, time: p.since }).collect(),
        removed.map(|r| Clone { clone: r.clone, member: r.member, time: r.removed }).collect(),
    )
}

fn broken(what: &str) -> Error {
    Error::new(Kind::Problems, format!("there is no certificate: {what}"))
        .hint("`carnet verify` says more; `carnet doctor --repair` destroys keys that should not be there")
}
