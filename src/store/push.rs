//! What is pushed to another repository, and how that ended, from git's answer for programs.

use super::Oid;
use super::remote::{last_words, not_reached, shown};
use crate::error::Error;

/// What is to be pushed.
#[derive(Clone, Debug, Default)]
pub struct Push {
    pub refspecs: Vec<String>,
    /// All refs or none.
    pub atomic: bool,
    /// Refs that are replaced only where the remote still has them at this commit (`None`: not at all).
    pub leases: Vec<(String, Option<Oid>)>,
}

/// What carnet's own hook says where fetching and merging first would help.
pub const BEHIND: &str = "fetch first, then push again";

/// How a push ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything is there.
    Done,
    /// Somebody else pushed first: fetch, merge, push again.
    Moved,
    /// The remote refuses by a rule or a hook of its own; trying again would not help.
    Refused,
    /// The remote could not be reached, or went away; what arrived is not known.
    Unreachable,
}

/// What became of one ref of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefPushed {
    /// Its name at the remote.
    pub name: String,
    pub accepted: bool,
    /// git's summary, such as `[rejected] (fetch first)`.
    pub summary: String,
}

/// The answer to a push.
#[derive(Clone, Debug)]
pub struct Pushed {
    pub outcome: Outcome,
    pub refs: Vec<RefPushed>,
    /// What git and the remote said.
    pub said: String,
}

impl Pushed {
    /// Reads what `git push --porcelain` answered.
    pub(super) fn read(ok: bool, out: &str, said: String) -> Pushed {
        let refs: Vec<RefPushed> = out.lines().filter_map(ref_pushed).collect();
        Pushed { outcome: outcome(ok, &refs, &said), refs, said }
    }

    /// The error for a push that did not end well.
    pub fn error(&self, to: &str) -> Error {
        let error = match self.outcome {
            Outcome::Refused => Error::refused("the remote refuses the push"),
            Outcome::Moved => {
                Error::failed("somebody else pushed at the same moment").hint("run the command again")
            }
            _ => not_reached(),
        };
        error.at(shown(to)).cause(last_words(&self.said))
    }
}

/// One line of `git push --porcelain`: flag, refs, summary, between tabs.
fn ref_pushed(line: &str) -> Option<RefPushed> {
    let mut parts = line.splitn(3, '\t');
    let (flag, refs, summary) = (parts.next()?, parts.next()?, parts.next()?);
    if flag.chars().count() != 1 {
        return None;
    }
    let name = refs.rsplit(':').next()?.to_owned();
    Some(RefPushed { name, accepted: flag != "!", summary: summary.to_owned() })
}

/// What a remote says when somebody else moved a ref at the same moment.
const RACES: [&str; 6] = [
    "failed to update ref",
    "cannot lock ref",
    "failed to lock",
    "reference already exists",
    "incorrect old value",
    // It was there when the push began: another one has replaced the key store meanwhile.
    "missing necessary objects",
];

/// Tells from each ref's summary why a push failed. Races at the remote are no refusals.
fn outcome(ok: bool, refs: &[RefPushed], said: &str) -> Outcome {
    if ok {
        return Outcome::Done;
    }
    let failed: Vec<&str> = refs.iter().filter(|r| !r.accepted).map(|r| r.summary.as_str()).collect();
    let moved = |s: &str| {
        ["fetch first", "non-fast-forward", "stale info", "needs force", "remote ref updated since checkout"]
            .iter()
            .any(|why| s == format!("[rejected] ({why})"))
            || (s.starts_with("[remote rejected]") && RACES.iter().any(|why| s.contains(why)))
    };
    // What came to nothing only because another ref did says nothing by itself.
    let follows = |s: &str| s.contains("atomic push failed") || s.contains("atomic transaction failed");
    let own: Vec<&str> = failed.iter().copied().filter(|s| !follows(s)).collect();
    // One hook judges all refs together, so its word counts for all of them.
    let behind = said.lines().any(|line| line.starts_with("remote: carnet: ") && line.contains(BEHIND));
    // The remote saw the connection end before all was there.
    let broken = said.contains("early EOF") || said.contains("unexpected disconnect");
    match () {
        () if failed.is_empty() || broken => Outcome::Unreachable,
        () if behind => Outcome::Moved,
        () if own.iter().any(|s| s.starts_with("[remote rejected]") && !moved(s)) => Outcome::Refused,
        () if own.iter().any(|s| moved(s)) => Outcome::Moved,
        () if own.iter().any(|s| s.starts_with("[remote failure]")) => Outcome::Unreachable,
        // In an atomic push every line says only that it was one; the reason is in what the remote said.
        () if own.is_empty() && RACES.iter().any(|why| said.contains(why)) => Outcome::Moved,
        () => Outcome::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_failed_push_is_told_from_its_lines() {
        let ended =
            |lines: &str| outcome(false, &lines.lines().filter_map(ref_pushed).collect::<Vec<_>>(), "");
        assert_eq!(ended("To x\n!\ta:refs/heads/a\t[rejected] (fetch first)\nDone"), Outcome::Moved);
        assert_eq!(
            ended("!\ta:a\t[rejected] (stale info)\n!\tb:b\t[rejected] (atomic push failed)"),
            Outcome::Moved
        );
        assert_eq!(ended("!\ta:a\t[remote rejected] (pre-receive hook declined)"), Outcome::Refused);
        assert_eq!(ended("!\ta:a\t[remote rejected] (failed to update ref)"), Outcome::Moved);
        assert_eq!(
            ended("!\ta:a\t[rejected] (non-fast-forward)\n!\tb:b\t[remote rejected] (hook declined)"),
            Outcome::Refused
        );
        let declined: Vec<RefPushed> =
            ref_pushed("!\ta:a\t[remote rejected] (pre-receive hook declined)").into_iter().collect();
        let said = format!("remote: carnet: nothing of the push was taken in: {BEHIND}        ");
        assert_eq!(outcome(false, &declined, &said), Outcome::Moved);
        assert_eq!(outcome(false, &declined, "remote: x"), Outcome::Refused);
        let cut: Vec<RefPushed> =
            ref_pushed("!\ta:a\t[remote rejected] (unpacker error)").into_iter().collect();
        assert_eq!(outcome(false, &cut, "remote: fatal: early EOF"), Outcome::Unreachable);
        assert_eq!(outcome(false, &cut, "remote: fatal: disk full"), Outcome::Refused);
        assert_eq!(ended(""), Outcome::Unreachable);
        let lines = "!\ta:refs/heads/a\t[remote rejected] (atomic transaction failed)";
        let refs: Vec<RefPushed> = lines.lines().filter_map(ref_pushed).collect();
        assert_eq!(
            outcome(false, &refs, "remote: error: cannot lock ref 'refs/heads/a': is at 1"),
            Outcome::Moved
        );
        assert_eq!(outcome(false, &refs, "remote: no"), Outcome::Refused);
        assert_eq!(ended("!\ta:a\t[remote failure] (remote failed to report status)"), Outcome::Unreachable);
        let line = ref_pushed("*\tHEAD:refs/heads/main\t[new branch]");
        assert!(line.is_some_and(|r| r.accepted && r.name == "refs/heads/main"));
    }
}
