//! Recipients that nobody acknowledged yet, and what is said of them.

use serde::{Deserialize, Serialize};

use super::pins_origin::Origin;
use crate::domain::ids::Slug;
use crate::error::{Error, Result};
use crate::store::Oid;

/// One member of one book, with the key that the book key is encrypted to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Recipient {
    pub book: Slug,
    pub member: Slug,
    /// Fingerprint.
    pub key: String,
}

/// A recipient that is not acknowledged, and where it comes from; or why it must not be trusted.
#[derive(Clone, Debug)]
pub struct Newcomer {
    pub recipient: Recipient,
    pub origin: Result<Origin, String>,
}

impl std::fmt::Display for Newcomer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Recipient { book, member, key } = &self.recipient;
        match &self.origin {
            Ok(o) => write!(
                f,
                "New in book {book}: {member}, key {key}, added by {} in commit {}{}.",
                o.by,
                short(o.commit),
                o.key_commit
                    .filter(|c| *c != o.commit)
                    .map_or_else(String::new, |c| format!(" (the key in commit {})", short(c)))
            ),
            Err(why) => write!(f, "NOT authorised in book {book}: {member}, key {key}: {why}."),
        }
    }
}

fn short(id: Oid) -> String {
    id.to_string().chars().take(10).collect()
}

pub(super) fn not_acknowledged(newcomer: &Newcomer) -> Error {
    let Recipient { book, member, key } = &newcomer.recipient;
    match &newcomer.origin {
        Ok(_) => Error::refused(format!("member {member} of book {book} is not acknowledged in this clone"))
            .at(key.clone())
            .hint("`carnet member list --accept` shows who was added by whom, and acknowledges it"),
        Err(why) => {
            Error::refused(format!("member {member} of book {book} was not added by an authorised commit"))
                .at(key.clone())
                .cause(why)
                .hint(format!(
                    "`carnet book revoke {book} {member}` takes them out; `carnet verify` lists such commits"
                ))
        }
    }
}
