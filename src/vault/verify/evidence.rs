//! What consent events rest on: wordings that are still the texts they were, and evidence files that open.

use std::collections::BTreeMap;

use super::contents::{RESTORE, Store, sealed};
use super::records::Records;
use super::report::{Problem, Report};
use crate::crypto::digest::sha256;
use crate::crypto::{Secret, symmetric};
use crate::domain::contact::Contact;
use crate::domain::evidence;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::objection::is_hex;
use crate::store::{Oid, Repo};

/// Checks each wording's text against the hash beside it.
pub fn check_wordings(records: &Records, report: &mut Report) {
    for (stem, said) in &records.wordings_said {
        let path = format!("{stem}.md");
        let why = match records.wordings.get(stem) {
            Some(hash) if hash == said => continue,
            Some(_) => "the text is not the one whose hash is written beside it: it was altered",
            None => "the text of this wording is gone",
        };
        report.problem(Problem::path("altered-wording", &path, why, RESTORE));
    }
    for stem in records.wordings.keys().filter(|stem| !records.wordings_said.contains_key(*stem)) {
        let path = format!("{stem}.toml");
        let why = "what is said of this wording is gone: its language, version and hash";
        report.problem(Problem::path("altered-wording", &path, why, RESTORE));
    }
}

/// Wordings and evidence that a contact's events name and that are not there.
pub fn named_by(contact: &Contact, records: &Records) -> Vec<Problem> {
    let path = contact.id.path(&contact.book);
    let mut found = Vec::new();
    for event in &contact.consents {
        let wording = event.wording.as_deref().map(|w| w.strip_prefix("sha256:").unwrap_or(w));
        // Whatever was written by hand before there were wordings names none.
        if wording.is_some_and(|hash| is_hex(hash, 64) && !records.wordings.values().any(|w| w == hash)) {
            found.push(Problem::path(
                "missing-wording",
                &path,
                "a consent event names a text by a hash that no wording has: it was altered or removed",
                "`git log -- registers/wordings` shows who changed it; restore it and commit",
            ));
        }
        let evidence = event.evidence.as_deref().filter(|hash| is_hex(hash, 64));
        if evidence.is_some_and(|hash| {
            !records.evidence.contains_key(&evidence::path(&contact.book, &contact.id, hash))
        }) {
            found.push(Problem::path(
                "missing-evidence",
                &path,
                "a consent event names an evidence file that is not there",
                "`git log -- evidence` shows who removed it; restore it and commit",
            ));
        }
    }
    found
}

/// Opens every evidence file of the books that could be unlocked.
pub fn check(repo: &Repo, store: &Store<'_>, keys: &BTreeMap<String, Oid>, report: &mut Report) {
    // The files of one contact come one after the other.
    let mut last: Option<(Slug, ContactId, Option<Secret>)> = None;
    for (path, blob) in &store.records.evidence {
        let Some((book, id, hash)) = evidence::parse_path(path) else { continue };
        let stray = Problem::path(
            "stray-evidence",
            path,
            "the contact that this evidence is of is not in this book",
            "remove the file and commit that; a merge may have brought it back",
        );
        if !keys.contains_key(&id.key_path(&book)) || store.records.erased.contains(&id) {
            if store.keys.is_some() {
                report.problem(stray);
            }
            continue;
        }
        let message = match repo.blob(*blob).map_err(|e| e.to_string()).and_then(sealed) {
            Ok(message) => message,
            Err(why) => {
                report.problem(Problem::path("damaged-evidence", path, why, RESTORE));
                continue;
            }
        };
        if last.as_ref().is_none_or(|(b, i, _)| *b != book || *i != id) {
            let key = contact_key(store, keys, &book, &id);
            last = Some((book, id, key));
        }
        let Some((.., Some(key))) = &last else { continue };
        let fits = symmetric::open(key, &message).is_ok_and(|bytes| sha256(&bytes) == hash);
        if !fits {
            let why = "it does not open with its contact's key, or is not the file that its name says";
            report.problem(Problem::path("damaged-evidence", path, why, RESTORE));
        }
    }
}

fn contact_key(
    store: &Store<'_>,
    keys: &BTreeMap<String, Oid>,
    book: &Slug,
    id: &ContactId,
) -> Option<Secret> {
    let book_key = store.unlocked.get(book)?.as_ref().ok()?;
    let message = store.keys?.blob(*keys.get(&id.key_path(book))?).ok()?;
    Secret::from_message(&symmetric::open(book_key, &message).ok()?).ok()
}
