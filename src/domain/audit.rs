//! What an audit finds and what duties lie ahead: the register against reality. Ids, handles and counts only.

use std::fmt;

use chrono::NaiveDate;
use serde::Serialize;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The law is not kept, or a deadline has passed.
    Error,
    /// Something is to be done, or to be looked at.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

/// One difference between what is declared and what is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    pub severity: Severity,
    /// A stable word for scripts, such as `undeclared-purpose` (docs/user-guide.md, "Audit").
    pub code: &'static str,
    /// The article that it is about, of the GDPR where no other law is named.
    pub rule: &'static str,
    /// A file, a book, a member.
    pub place: String,
    pub message: String,
    /// The command that mends it, or begins to.
    pub command: String,
    /// Contacts that it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
}

impl Finding {
    pub fn error(
        code: &'static str,
        rule: &'static str,
        place: impl Into<String>,
        message: impl Into<String>,
    ) -> Finding {
        Finding {
            severity: Severity::Error,
            code,
            rule,
            place: place.into(),
            message: message.into(),
            command: String::new(),
            contacts: Vec::new(),
        }
    }

    pub fn warning(
        code: &'static str,
        rule: &'static str,
        place: impl Into<String>,
        message: impl Into<String>,
    ) -> Finding {
        Finding { severity: Severity::Warning, ..Finding::error(code, rule, place, message) }
    }

    /// With the command that mends it.
    #[must_use]
    pub fn mend(mut self, command: impl Into<String>) -> Finding {
        self.command = command.into();
        self
    }
}

/// Everything that was found, and what was not looked at.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Audit {
    /// Errors first.
    pub findings: Vec<Finding>,
    pub counts: Counts,
    /// What nobody checked here, and why.
    pub not_checked: Vec<String>,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Counts {
    pub contacts: usize,
    pub books: usize,
    pub purposes: usize,
    pub processors: usize,
    pub members: usize,
    pub requests: usize,
    pub breaches: usize,
}

impl Audit {
    pub fn errors(&self) -> usize {
        self.findings.iter().filter(|f| f.severity == Severity::Error).count()
    }

    pub fn warnings(&self) -> usize {
        self.findings.len() - self.errors()
    }

    /// Whether something has one of these codes.
    pub fn has(&self, codes: &[&str]) -> bool {
        self.findings.iter().any(|f| codes.contains(&f.code))
    }
}

/// Something that is due on a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Duty {
    pub due: NaiveDate,
    /// Days left, negative when late.
    pub days: i64,
    /// A stable word: `review`, `contract`, `training`, `agreement`, `request`, `breach`, `retention`, `key`, `consent`.
    pub kind: &'static str,
    pub rule: &'static str,
    pub place: String,
    pub what: String,
    pub command: String,
}

impl Duty {
    pub fn new(
        today: NaiveDate,
        due: NaiveDate,
        (kind, rule): (&'static str, &'static str),
        place: impl Into<String>,
        what: impl Into<String>,
        command: impl Into<String>,
    ) -> Duty {
        let days = due.signed_duration_since(today).num_days();
        Duty { due, days, kind, rule, place: place.into(), what: what.into(), command: command.into() }
    }
}
