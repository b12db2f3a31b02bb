//! What a verification found: every problem with its place and remedy, what was counted, what was not checked.

use serde::Serialize;

use crate::error::Error;
use crate::store::Oid;

/// One problem. It never holds personal data: ids, paths, fingerprints and reasons only.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// A stable word for scripts, such as `unsigned` or `orphan-key` (docs/user-guide.md, "verify").
    pub kind: &'static str,
    /// What it is about, for people.
    pub place: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    pub message: String,
    pub hint: String,
}

impl Problem {
    /// A problem of a commit.
    pub fn commit(kind: &'static str, id: Oid, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let id = id.to_string();
        let place = format!("commit {}", id.get(..10).unwrap_or(&id));
        Problem { kind, place, commit: Some(id), path: None, message: message.into(), hint: hint.into() }
    }

    /// A problem of a file in the data repository or in its key store.
    pub fn path(kind: &'static str, path: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Problem {
            kind,
            place: path.to_owned(),
            commit: None,
            path: Some(path.to_owned()),
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// The same for a file that gave an error when it was read.
    pub fn error(kind: &'static str, path: &str, error: &Error) -> Self {
        let mut message = error.message.clone();
        if let Some(place) = error.place.as_ref().filter(|p| *p != path) {
            message = format!("{message} ({place})");
        }
        if let Some(cause) = &error.cause {
            message = format!("{message}: {cause}");
        }
        Problem::path(kind, path, message, error.hint.clone().unwrap_or_default())
    }

    /// Says that the path is in the key store.
    pub fn in_key_store(mut self) -> Self {
        self.place = format!("key {}", self.place);
        self
    }

    /// Says the ref that a commit's problem belongs to.
    pub fn on(mut self, refname: &str) -> Self {
        self.place = format!("{} on {refname}", self.place);
        self
    }
}

/// Something that could not be checked, or never is, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotChecked {
    pub what: String,
    pub why: String,
}

impl NotChecked {
    pub fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        NotChecked { what: what.into(), why: why.into() }
    }
}

/// How much was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub commits: usize,
    pub access_entries: usize,
    /// Contact files that were opened and read.
    pub contacts: usize,
    /// Sealed records that were opened and read.
    pub records: usize,
    /// Books whose contents were opened.
    pub books: usize,
    pub keys: usize,
}

/// The whole answer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// The branch's first commit, where trust begins.
    pub root: Option<String>,
    pub counts: Counts,
    pub problems: Vec<Problem>,
    pub not_checked: Vec<NotChecked>,
}

impl Report {
    pub(super) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
    pub(super) fn not_checked(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.not_checked.push(NotChecked::new(what, why));
    }
}
