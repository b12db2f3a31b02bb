//! `openpgp-policy.toml`: who may sign what, in sequoia-git's format (its spec, "Signing Policy").
//!
//! Nothing of carnet's own goes into this file, because sequoia-git drops keys that it does not know.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The policy at one commit; it authorises that commit's children.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    #[serde(default)]
    pub version: u32,
    #[serde(default)]
    pub commit_goodlist: Vec<String>,
    /// Handle to rights and certificate.
    #[serde(default)]
    pub authorization: BTreeMap<String, Authorization>,
}

/// What one member may do, and the armoured certificate that proves it is them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Authorization {
    pub sign_commit: bool,
    pub sign_tag: bool,
    pub sign_archive: bool,
    pub add_user: bool,
    pub retire_user: bool,
    pub audit: bool,
    pub keyring: String,
}

impl Authorization {
    /// All rights, which the founder of a data repository has.
    pub fn owner(keyring: String) -> Self {
        Authorization {
            sign_commit: true,
            sign_tag: true,
            sign_archive: true,
            add_user: true,
            retire_user: true,
            audit: true,
            keyring,
        }
    }
}

impl Authorization {
    /// What a member needs to work: signing commits.
    pub fn member(keyring: String) -> Self {
        Authorization { sign_commit: true, keyring, ..Authorization::default() }
    }
}

impl Policy {
    /// Handles of those who may add users.
    pub fn may_add(&self) -> impl Iterator<Item = &str> {
        self.authorization.iter().filter(|(_, a)| a.add_user).map(|(handle, _)| handle.as_str())
    }

    pub const PATH: &'static str = "openpgp-policy.toml";

    pub fn parse(text: &str) -> Result<Policy> {
        toml::from_str(text)
            .map_err(|e| Error::failed("the signing policy cannot be read").at(Self::PATH).cause(e.message()))
    }

    pub fn to_toml(&self) -> Result<String> {
        toml::to_string_pretty(self)
            .map_err(|e| Error::failed("the signing policy cannot be written").cause(e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_reads_back() {
        let mut policy = Policy::default();
        policy.authorization.insert("ana".into(), Authorization::owner("-----BEGIN\nx\n".into()));
        assert_eq!(Policy::parse(&policy.to_toml().unwrap()).unwrap(), policy);
    }
}
