//! Who the members are: certificate, rights, books, and whether this clone acknowledged them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Snapshot, Vault};
use crate::crypto::verify::keyring;
use crate::domain::ids::Slug;
use crate::domain::register::{self, Member};
use crate::error::{Error, Result};

/// One member, for people and scripts.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    pub member: Slug,
    pub name: String,
    pub email: String,
    /// Full fingerprint.
    pub key: String,
    /// `usable`, or why the certificate cannot be used.
    pub state: String,
    /// Day on which the key expires.
    pub expires: Option<String>,
    /// May sign commits; may add users.
    pub signs: bool,
    pub admin: bool,
    /// Books that the member can open.
    pub books: Vec<Slug>,
    /// Of the books that you can open too: those in which this clone has not acknowledged the member.
    pub unacknowledged: Vec<Slug>,
}

impl Vault {
    /// All members, in order of handle.
    pub fn members(&self, at: Snapshot) -> Result<Vec<Listed>> {
        let policy = self.policy(at.tree)?;
        let books = self.all_books(at)?;
        let mut unknown: BTreeMap<Slug, Vec<Slug>> = BTreeMap::new();
        for newcomer in self.newcomers(at, None)? {
            unknown.entry(newcomer.recipient.member).or_default().push(newcomer.recipient.book);
        }
        let mut listed = Vec::new();
        for (handle, rights) in &policy.authorization {
            let member: Slug = handle.parse().map_err(|e: Error| e.at(format!("member {handle}")))?;
            let cert = match super::member::member_cert(&self.repo, at.tree, &member) {
                Ok(cert) => Some(cert),
                Err(_) => keyring(&rights.keyring)?.into_iter().next(),
            };
            let Some(cert) = cert else { continue };
            let path = format!("members/{member}.toml");
            let about = match self.repo.file(at.tree, &path)? {
                Some(bytes) => register::parse::<Member>(&path, &String::from_utf8_lossy(&bytes))?,
                None => Member::default(),
            };
            let (name, email) = cert.user(self.now.into());
            let until = cert.usable_until(self.now.into());
            let expires = until.map(|t| DateTime::<Utc>::from(t).format("%Y-%m-%d").to_string());
            listed.push(Listed {
                name: about.name.unwrap_or(name),
                email: about.email.unwrap_or(email),
                key: cert.fingerprint(),
                state: cert.usability(self.now.into()).word().to_owned(),
                expires,
                signs: rights.sign_commit,
                admin: rights.add_user,
                books: books
                    .iter()
                    .filter(|(_, b)| b.members.contains(&member))
                    .map(|(s, _)| s.clone())
                    .collect(),
                unacknowledged: unknown.remove(&member).unwrap_or_default(),
                member,
            });
        }
        Ok(listed)
    }
}
