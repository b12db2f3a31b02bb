//! Sealed records that a register's entry names: that each is there, and is what the entry says.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::contents::RESTORE;
use super::report::{Problem, Report};
use crate::domain::breach::Breach;
use crate::domain::ids::{RecordId, Sealed, Slug};
use crate::domain::request::{Request, private};

/// What an entry says of the record beside it.
#[derive(Clone, Debug)]
pub struct Beside {
    /// The entry's own path.
    path: String,
    book: Slug,
    id: RecordId,
    kind: &'static str,
    /// The request that the record names.
    request: Option<String>,
}

impl Beside {
    /// The companion of a request; none where there is none, or no more.
    pub fn of_request(path: &str, request: &Request) -> Option<Beside> {
        let companion = request.companion.as_ref().filter(|c| c.destroyed.is_none())?;
        Some(Beside {
            path: path.to_owned(),
            book: companion.book.clone(),
            id: companion.id.clone(),
            kind: private::KIND,
            request: Some(request.reference.to_string()),
        })
    }

    pub fn of_breach(path: &str, breach: Breach) -> Beside {
        let (book, id) = (breach.texts.book, breach.texts.id);
        Beside { path: path.to_owned(), book, id, kind: "breach", request: None }
    }
}

/// What a record says of itself, as far as this check needs it.
#[derive(Clone, Debug, Deserialize)]
pub struct Told {
    kind: Slug,
    request: Option<String>,
}

/// Every record of the tree by book and id, with what it says where it could be opened.
pub type Found<'a> = BTreeMap<(&'a Slug, &'a RecordId), Option<Told>>;

/// Checks each entry's record.
pub fn check(beside: &[Beside], found: &Found<'_>, report: &mut Report) {
    for entry in beside {
        let file = Sealed::Record.path(&entry.book, &entry.id);
        let problem = match found.get(&(&entry.book, &entry.id)) {
            None => Problem::path(
                "missing-sealed-record",
                &entry.path,
                format!("the sealed record that it names is not there: {file}"),
                "`git log -- records` shows who removed it; restore it and commit, then fetch its key from a clone",
            ),
            Some(Some(told)) if told.kind.as_str() != entry.kind || told.request != entry.request => {
                let message =
                    format!("it is not the sealed record that {} names: it was swapped", entry.path);
                Problem::path("swapped-record", &file, message, RESTORE)
            }
            Some(_) => continue,
        };
        report.problem(problem);
    }
}
