//! Who may do what at a commit: signing policies, prepared once for each version of the file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, SystemTime};

use crate::crypto::verify::{Verifier, keyring};
use crate::crypto::{Cert, verify};
use crate::domain::policy::{Authorization, Policy};
use crate::error::{Error, Result};
use crate::store::{Oid, Repo};

/// A policy ready to be asked.
pub struct Rules {
    pub policy: Policy,
    pub verifier: Verifier,
    /// Certificates of each handle.
    pub certs: BTreeMap<String, Vec<Cert>>,
    /// Handles by fingerprint of their certificates, and by long id of every key.
    owners: HashMap<String, Vec<String>>,
    keys: HashMap<String, String>,
}

/// Rights over the policy itself, in sequoia-git's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    pub add_user: bool,
    pub retire_user: bool,
    pub audit: bool,
}

impl Rights {
    /// Names of the rights that are needed here and that `held` has not.
    pub fn missing_from(self, held: Rights) -> Vec<&'static str> {
        [
            ("add_user", self.add_user, held.add_user),
            ("retire_user", self.retire_user, held.retire_user),
            ("audit", self.audit, held.audit),
        ]
        .into_iter()
        .filter(|(_, needed, held)| *needed && !*held)
        .map(|(name, ..)| name)
        .collect()
    }

    /// The rights of both.
    pub fn or(self, other: Rights) -> Rights {
        Rights {
            add_user: self.add_user || other.add_user,
            retire_user: self.retire_user || other.retire_user,
            audit: self.audit || other.audit,
        }
    }
}

impl Rules {
    pub fn parse(text: &str, now: SystemTime) -> Result<Rules> {
        let policy = Policy::parse(text)?;
        let mut certs = BTreeMap::new();
        for (handle, authorization) in &policy.authorization {
            let ring = keyring(&authorization.keyring)
                .map_err(|e| e.at(format!("{}, member {handle}", Policy::PATH)))?;
            if ring.is_empty() {
                return Err(Error::failed("a member has no certificate")
                    .at(format!("{}, member {handle}", Policy::PATH)));
            }
            certs.insert(handle.clone(), ring);
        }
        let all: Vec<Cert> = certs.values().flatten().cloned().collect();
        let mut owners: HashMap<String, Vec<String>> = HashMap::new();
        let mut keys = HashMap::new();
        for (handle, cert) in certs.iter().flat_map(|(h, ring)| ring.iter().map(move |c| (h, c))) {
            owners.entry(cert.fingerprint()).or_default().push(handle.clone());
            keys.extend(verify::key_ids(cert).into_iter().map(|id| (id, handle.clone())));
        }
        Ok(Rules { policy, verifier: Verifier::at(&all, now), certs, owners, keys })
    }

    fn held_by(&self, fingerprint: &str) -> impl Iterator<Item = &Authorization> {
        let handles = self.owners.get(fingerprint).map(Vec::as_slice).unwrap_or_default();
        handles.iter().filter_map(|handle| self.policy.authorization.get(handle))
    }

    /// Handles whose keyring has the certificate with this fingerprint.
    pub fn handles_of(&self, fingerprint: &str) -> &[String] {
        self.owners.get(fingerprint).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether the owner of this certificate may sign commits.
    pub fn may_commit(&self, fingerprint: &str) -> bool {
        self.held_by(fingerprint).any(|a| a.sign_commit)
    }

    /// What the owner of this certificate may do to the policy.
    pub fn rights(&self, fingerprint: &str) -> Rights {
        self.held_by(fingerprint).fold(Rights::default(), |rights, a| {
            rights.or(Rights { add_user: a.add_user, retire_user: a.retire_user, audit: a.audit })
        })
    }

    /// The handle that a key or subkey with this long id belongs to.
    pub fn handle_of_key(&self, key_id: &str) -> Option<&str> {
        self.keys.get(key_id).map(String::as_str)
    }
}

/// The rights that turning `old` into `new` takes.
///
/// A new handle, a right or another keyring given to one takes `add_user`; a handle or a right taken away takes
/// `retire_user`; the list of commits that sequoia-git accepts unsigned takes `audit`. Who extends a certificate of
/// their own, so that it holds all that it held under the same fingerprint, needs no right: `own` names the handles.
pub fn rights_for(old: &Policy, new: &Policy, own: &[String]) -> Rights {
    let mut needed = Rights {
        add_user: old.version != new.version,
        audit: old.commit_goodlist != new.commit_goodlist,
        ..Rights::default()
    };
    for handle in handles([old, new]) {
        match (old.authorization.get(handle), new.authorization.get(handle)) {
            (None, Some(_)) => needed.add_user = true,
            (Some(_), None) => needed.retire_user = true,
            (Some(a), Some(b)) => {
                let extended = || own.iter().any(|h| h == handle) && is_extension(&a.keyring, &b.keyring);
                needed.add_user |= a.keyring != b.keyring && !extended();
                for (was, is) in flags(a).into_iter().zip(flags(b)) {
                    needed.add_user |= !was && is;
                    needed.retire_user |= was && !is;
                }
            }
            (None, None) => {}
        }
    }
    needed
}

/// Whether `new` has the same keys as `old`, each with everything that its certificate held.
pub(super) fn is_extension(old: &str, new: &str) -> bool {
    if old == new {
        return true;
    }
    let (Ok(old), Ok(new)) = (keyring(old), keyring(new)) else { return false };
    old.len() == new.len()
        && old
            .iter()
            .all(|old| new.iter().any(|new| new.fingerprint() == old.fingerprint() && new.extends(old)))
}

/// Every handle that one of these policies has.
pub(super) fn handles<'a>(policies: impl IntoIterator<Item = &'a Policy>) -> BTreeSet<&'a str> {
    policies.into_iter().flat_map(|p| p.authorization.keys().map(String::as_str)).collect()
}

pub(super) fn flags(a: &Authorization) -> [bool; 6] {
    [a.sign_commit, a.sign_tag, a.sign_archive, a.add_user, a.retire_user, a.audit]
}

/// All versions of the policy that a check meets, each read and prepared once.
pub struct AllRules {
    known: HashMap<Oid, Result<Rules, String>>,
    now: SystemTime,
}

impl AllRules {
    pub fn new(now: SystemTime) -> AllRules {
        AllRules { known: HashMap::new(), now }
    }

    /// Reads a version of the policy, unless it is known already.
    pub fn learn(&mut self, repo: &Repo, blob: Oid) {
        let now = self.now;
        self.known.entry(blob).or_insert_with(|| {
            let text = repo.blob(blob).map_err(|e| e.to_string())?;
            let text = std::str::from_utf8(&text).map_err(|e| e.to_string())?;
            Rules::parse(text, now).map_err(|e| e.to_string())
        });
    }

    /// The latest of some moments (seconds since 1970) that are not in the future: what a clock that was ahead says
    /// would make every key of today an expired one.
    pub fn latest(&self, times: impl Iterator<Item = i64>) -> Option<SystemTime> {
        let moment = |time| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(time).ok()?));
        times.filter_map(moment).filter(|time| *time <= self.now).max()
    }

    /// A version that was learnt; the error says why it cannot be used.
    pub fn get(&self, blob: Oid) -> Result<&Rules, &str> {
        match self.known.get(&blob) {
            Some(Ok(rules)) => Ok(rules),
            Some(Err(why)) => Err(why),
            None => Err("it was not read"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(handles: &[(&str, bool)]) -> Policy {
        let mut policy = Policy::default();
        for (handle, sign_commit) in handles {
            let a = Authorization { sign_commit: *sign_commit, ..Authorization::default() };
            policy.authorization.insert((*handle).to_owned(), a);
        }
        policy
    }

    #[test]
    fn each_change_takes_its_right() {
        let old = policy(&[("ana", true), ("bob", true)]);
        let needs = |new: &Policy| rights_for(&old, new, &[]).missing_from(Rights::default());
        assert_eq!(needs(&old.clone()), [""; 0]);
        assert_eq!(needs(&policy(&[("ana", true), ("bob", true), ("eve", true)])), ["add_user"]);
        assert_eq!(needs(&policy(&[("ana", true)])), ["retire_user"]);
        assert_eq!(needs(&policy(&[("ana", true), ("bob", false)])), ["retire_user"]);
        let mut new = old.clone();
        new.commit_goodlist.push("x".into());
        new.authorization.get_mut("bob").unwrap().keyring = "other".into();
        assert_eq!(needs(&new), ["add_user", "audit"]);
    }
}
