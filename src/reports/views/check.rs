//! The signed manifest and how to check it: the commands, with this site's own commit.

use serde::Serialize;

use super::Facts;

#[derive(Debug, Serialize)]
pub struct View {
    /// Members whose keys may sign, with the full fingerprints that a signature has to show.
    pub signers: Vec<Signer>,
}

#[derive(Debug, Serialize)]
pub struct Signer {
    pub handle: String,
    pub fingerprint: String,
}

pub fn view(facts: &Facts) -> View {
    let signers = facts.registers.members.iter().filter(|m| m.signs);
    View {
        signers: signers
            .map(|m| Signer { handle: m.member.to_string(), fingerprint: m.key.clone() })
            .collect(),
    }
}
