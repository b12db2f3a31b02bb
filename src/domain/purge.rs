//! `registers/purges/<date>-<tip>.toml`: what a purge of history rewrote, and the proof that it changed nothing else.
//!
//! For every rewritten commit the record keeps the header of the original one, with its signature, and which files
//! were taken out of it. From these and the rewritten commit the original commit's id can be computed again, without
//! the ciphertext that is gone: so the members' own signatures still vouch for the history that is left.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::evidence::contact_of;
use super::ids::{ContactId, Slug};

/// Where the records are.
pub const DIR: &str = "registers/purges";

/// One purge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purge {
    /// 1.
    pub version: u32,
    /// RFC 3339, UTC.
    pub time: String,
    /// Handle of the member who rewrote history, and the fingerprint of the key that signed it.
    pub operator: Slug,
    pub key: String,
    /// The branch before, and its rewritten counterpart; the record's own commit is the child of that.
    pub old_tip: String,
    pub new_tip: String,
    /// Erased contacts of which history holds no ciphertext any more.
    pub contacts: Vec<ContactId>,
    /// Parents before their children.
    #[serde(rename = "commit", default)]
    pub commits: Vec<Rewritten>,
}

/// One rewritten commit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewritten {
    pub old: String,
    pub new: String,
    /// Fingerprint of the certificate that signed the original; absent where no member's signature was on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// Whether the original was sound: signed by a member with the right to what it did.
    pub good: bool,
    /// The original's header lines, its signature among them (gitformat-commit: everything before the message).
    pub header: String,
    /// Files that the original had and the rewritten one has not: `<path> <blob>`, where it differs from the
    /// first rewritten parent's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
    /// Paths that the first parent's original had hidden, and this one had no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<String>,
}

/// Paths and git's blob ids of files that were taken out.
pub type Hidden = BTreeMap<String, String>;

impl Purge {
    /// The record's path, its signature's is this with `.asc` added.
    pub fn path(date: &str, old_tip: &str) -> String {
        format!("{DIR}/{date}-{}.toml", old_tip.get(..8).unwrap_or(old_tip))
    }
}

impl Rewritten {
    /// Notes what is hidden as the difference from what the first parent hides.
    pub fn set_hidden(&mut self, before: &Hidden, now: &Hidden) {
        let new = now.iter().filter(|(path, blob)| before.get(*path) != Some(blob));
        self.hidden = new.map(|(path, blob)| format!("{path} {blob}")).collect();
        self.dropped = before.keys().filter(|path| !now.contains_key(*path)).cloned().collect();
    }

    /// What is hidden, given what the first parent hides; the error says which line is none of a contact's file.
    pub fn hidden_after(&self, before: &Hidden) -> Result<Hidden, String> {
        let mut now = before.clone();
        for path in &self.dropped {
            now.remove(path);
        }
        for line in &self.hidden {
            let (path, blob) = line.rsplit_once(' ').ok_or_else(|| format!("`{line}` names no file"))?;
            if contact_of(path).is_none() {
                return Err(format!("{path} is no contact's file"));
            }
            now.insert(path.to_owned(), blob.to_owned());
        }
        Ok(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_reads_back_from_the_difference() {
        let (a, b) = (ContactId::random(), ContactId::random());
        let book: Slug = "main".parse().unwrap();
        let at = |list: &[(&ContactId, &str)]| -> Hidden {
            list.iter().map(|(id, blob)| (id.path(&book), (*blob).to_owned())).collect()
        };
        for (before, now) in [
            (at(&[]), at(&[(&a, "1")])),
            (at(&[(&a, "1")]), at(&[(&a, "2"), (&b, "3")])),
            (at(&[(&a, "1"), (&b, "3")]), at(&[(&b, "3")])),
            (at(&[(&a, "1")]), at(&[])),
        ] {
            let mut one = Rewritten::default();
            one.set_hidden(&before, &now);
            assert_eq!(one.hidden_after(&before), Ok(now));
        }
        let odd = Rewritten { hidden: vec!["openpgp-policy.toml 1".into()], ..Rewritten::default() };
        assert!(odd.hidden_after(&Hidden::new()).is_err(), "only contacts' files can be hidden");
    }
}
