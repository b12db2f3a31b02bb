//! One error type: what went wrong, where, and what to do about it.
//!
//! The kind decides the exit code (docs/user-guide.md, "Exit codes"); the message is one sentence without
//! personal data; the hint is a command or an action that works.

use std::fmt;

/// What sort of failure this is; the number is the process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Something failed: I/O, a damaged file, an external program.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// No such contact, book, file.
    NotFound = 3,
    /// Several contacts match; they are listed, never guessed.
    Ambiguous = 4,
    /// A rule refuses: no lawful basis, an undeclared purpose, an erased contact.
    Refused = 5,
    /// No key for this, or it cannot be unlocked.
    NoKey = 6,
    /// A check ran to its end and found problems.
    Problems = 7,
}

/// An error with its place and remedy apart from its message.
#[derive(Debug)]
pub struct Error {
    pub kind: Kind,
    pub message: String,
    /// File, line, row or key that the message is about.
    pub place: Option<String>,
    pub hint: Option<String>,
    /// The lower-level cause, for the curious.
    pub cause: Option<String>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into(), place: None, hint: None, cause: None }
    }
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message)
    }
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, message)
    }
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message)
    }
    pub fn no_key(message: impl Into<String>) -> Self {
        Self::new(Kind::NoKey, message)
    }
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place.get_or_insert(place.into());
        self
    }
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint.get_or_insert(hint.into());
        self
    }
    pub fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.cause.get_or_insert(cause.to_string());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(place) = &self.place {
            write!(f, " ({place})")?;
        }
        if let Some(cause) = &self.cause {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

const FULL: &str = "free some space, then run `carnet doctor`";
const READ_ONLY: &str = "check the permissions of the repository and that its disk is writable";

impl From<git2::Error> for Error {
    fn from(e: git2::Error) -> Self {
        // libgit2 passes the system's reason on as text only.
        let system = |text: &str| e.message().ends_with(text);
        let hint = match () {
            () if system("No space left on device") => FULL,
            () if system("Read-only file system") || system("Permission denied") => READ_ONLY,
            () => "run `carnet doctor` to see what is wrong",
        };
        Error::failed("git could not read or write the repository").cause(e.message()).hint(hint)
    }
}

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Self {
        let hint = match e.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => READ_ONLY,
            std::io::ErrorKind::StorageFull => FULL,
            _ => "check that the disk is there, writable and not full, then run `carnet doctor`",
        };
        Error::failed("a file could not be read or written").cause(e).hint(hint)
    }
}

/// Adds a place to whatever error comes through.
pub trait At<T> {
    /// Names the file, row or key that the error is about.
    fn at(self, place: impl fmt::Display) -> Result<T>;
}

impl<T, E: Into<Error>> At<T> for std::result::Result<T, E> {
    fn at(self, place: impl fmt::Display) -> Result<T> {
        self.map_err(|e| e.into().at(place.to_string()))
    }
}
