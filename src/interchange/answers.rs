//! Yes and no as people and other programs write them, folded: answers to a question, and words for who gets mail and who does
//! not. The one list for imports of contacts and for lists of opt-ins and opt-outs.

use crate::domain::fold::fold;

const YES: [&str; 7] = ["yes", "y", "oui", "o", "1", "true", "vrai"];
const NO: [&str; 6] = ["no", "n", "non", "0", "false", "faux"];
/// Words for who has said yes to something.
const IN: [&str; 8] = ["optin", "in", "granted", "subscribed", "abonne", "inscrit", "accord", "accepte"];
/// Words for who has said no to it, or takes it back.
const OUT: [&str; 13] = [
    "optout",
    "optedout",
    "out",
    "withdrawn",
    "refused",
    "unsubscribed",
    "desabonne",
    "desinscrit",
    "refus",
    "refuse",
    "retire",
    "retrait",
    "x",
];

/// What a cell says of somebody who is asked for a yes (`Consent: oui`, `Status: opt-out`); none where it says neither.
pub(super) fn consents(cell: &str) -> Option<bool> {
    match plain(cell).as_str() {
        // A cross marks whoever the column is about, and a column of answers is about nobody.
        "x" => None,
        said if YES.contains(&said) || IN.contains(&said) => Some(true),
        said if NO.contains(&said) || OUT.contains(&said) => Some(false),
        _ => None,
    }
}

/// Whether a cell of a column of opt-outs (`Unsubscribed: true`, `Marketing status: unsubscribed`) says that there is one.
pub(super) fn opted_out(cell: &str) -> Option<bool> {
    match plain(cell).as_str() {
        said if YES.contains(&said) || OUT.contains(&said) => Some(true),
        said if NO.contains(&said) || IN.contains(&said) => Some(false),
        _ => None,
    }
}

fn plain(cell: &str) -> String {
    fold(cell.trim()).chars().filter(|c| *c != '-').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_means_what_its_column_asks() {
        for (cell, consent, out) in [
            ("Oui", Some(true), Some(true)),
            ("FALSE", Some(false), Some(false)),
            ("opt-in", Some(true), Some(false)),
            ("Désabonné", Some(false), Some(true)),
            ("unsubscribed", Some(false), Some(true)),
            ("x", None, Some(true)),
            ("no_consent", None, None),
            ("", None, None),
        ] {
            assert_eq!((consents(cell), opted_out(cell)), (consent, out), "{cell}");
        }
    }
}
