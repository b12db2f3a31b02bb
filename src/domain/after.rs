//! What a user wants to be run after a change: `hooks.toml`, read and understood (docs/user-guide.md, "Hooks").

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ids::Slug;
use crate::error::{Error, Result};

/// An event, the actions of the trail that are one, and what it means.
pub const EVENTS: [(&str, &[&str], &str); 18] = [
    ("contact-added", &["add", "import"], "contacts were added or imported"),
    ("contact-changed", &["edit"], "contacts were changed, tagged or moved"),
    ("contact-merged", &["merge"], "two contacts became one"),
    (ERASED, &["erase"], "contacts were erased; only their ids are told"),
    ("interaction-logged", &["log"], "a call, e-mail, meeting or note was logged"),
    ("todo-added", &["todo-add"], "an action was added"),
    ("todo-done", &["todo-done"], "an action was done"),
    ("deal-added", &["deal-add"], "a deal was added"),
    ("deal-changed", &["deal-edit"], "a deal was changed"),
    ("deal-moved", &["deal-move"], "a deal came to another stage"),
    ("deal-won", &["deal-won"], "a deal was won"),
    ("deal-lost", &["deal-lost"], "a deal was lost"),
    ("consent-given", &["consent-give"], "a consent was recorded"),
    ("consent-withdrawn", &["consent-withdraw", "consent-refuse"], "a consent was withdrawn or refused"),
    ("objection-made", &["object"], "somebody objected"),
    ("request-opened", &["request-open"], "a rights request was opened; only its reference is told"),
    ("breach-opened", &["breach-open"], "a breach was opened; only its reference is told"),
    ("undone", &["undo"], "an operation was undone"),
];

/// The event that tells ids alone.
pub const ERASED: &str = "contact-erased";

/// The event that an action of the trail is, if it is one.
pub fn event_of(action: &str) -> Option<&'static str> {
    EVENTS.iter().find(|(_, actions, _)| actions.contains(&action)).map(|(event, ..)| *event)
}

/// How long a hook may take that does not say.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long any may take: whoever works at the terminal waits for it.
const LONGEST: u64 = 600;

/// What of the contacts and deals a hook is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// All that is in them. This leaves carnet, so it is recorded in the access trail.
    #[default]
    Record,
    /// Their ids alone.
    Ids,
}

/// One program to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hook {
    /// Events of [`EVENTS`]; `*` is all.
    pub on: Vec<String>,
    /// The program and its arguments; no shell sees them.
    pub run: Vec<String>,
    #[serde(skip)]
    pub timeout: Duration,
    pub data: Told,
    /// The purpose of the read, for the access trail.
    pub purpose: Option<Slug>,
    /// Only in this data repository.
    pub repository: Option<PathBuf>,
    /// Names of further environment variables that it may see.
    pub env: Vec<String>,
}

impl Hook {
    pub fn is_for(&self, event: &str) -> bool {
        self.on.iter().any(|on| on == "*" || on == event)
    }

    /// The program, as messages name it.
    pub fn program(&self) -> &str {
        self.run.first().map(String::as_str).unwrap_or_default()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    hook: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    on: OneOrMore,
    run: Vec<String>,
    timeout: Option<String>,
    #[serde(default)]
    data: Told,
    purpose: Option<Slug>,
    repository: Option<PathBuf>,
    #[serde(default)]
    env: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Reads `hooks.toml`.
///
/// # Errors
/// Usage, with the number of the hook, when it cannot be read or names no event that there is.
pub fn parse(text: &str) -> Result<Vec<Hook>> {
    let file: File = toml::from_str(text).map_err(|e| {
        Error::usage("hooks.toml cannot be read").cause(e.message()).hint("`carnet hooks --help` shows one")
    })?;
    file.hook
        .into_iter()
        .enumerate()
        .map(|(n, written)| hook(written).map_err(|e| e.at(format!("hook {}", n + 1))))
        .collect()
}

fn hook(written: Written) -> Result<Hook> {
    let on = match written.on {
        OneOrMore::One(one) => vec![one],
        OneOrMore::More(more) => more,
    };
    let known = |on: &String| on == "*" || EVENTS.iter().any(|(event, ..)| event == on);
    if on.is_empty() || !on.iter().all(known) {
        return Err(Error::usage("`on` names no event that there is").hint("`carnet hooks` lists the events"));
    }
    let Some(program) = written.run.first().filter(|program| !program.trim().is_empty()) else {
        return Err(Error::usage("`run` names no program").hint(
            "run = [\"notify-send\", \"a deal was won\"]: a program and its arguments, without a shell",
        ));
    };
    if program.contains('/') && !program.starts_with('/') && !program.starts_with("~/") {
        return Err(Error::usage("`run` names a program by a path that depends on where one is")
            .hint("give its whole path, beginning with / or ~/, or its name alone"));
    }
    let timeout = written.timeout.as_deref().map(seconds).transpose()?;
    Ok(Hook {
        on,
        run: written.run,
        timeout: timeout.unwrap_or(TIMEOUT),
        data: written.data,
        purpose: written.purpose,
        repository: written.repository,
        env: written.env,
    })
}

/// `5s`, `500ms`, `2m`.
fn seconds(text: &str) -> Result<Duration> {
    let wrong = || {
        Error::usage("`timeout` is no time of at most ten minutes")
            .hint("timeout = \"5s\", \"500ms\" or \"2m\"")
    };
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let span = match unit.trim() {
        "ms" => Duration::from_millis(number),
        "s" | "" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.saturating_mul(60)),
        _ => return Err(wrong()),
    };
    if span.is_zero() || span > Duration::from_secs(LONGEST) { Err(wrong()) } else { Ok(span) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_says_when_what_and_how_long() {
        let all = parse(
            "[[hook]]\non = \"deal-won\"\nrun = [\"notify-send\", \"won; rm -rf /\"]\n\
             [[hook]]\non = [\"contact-added\", \"contact-changed\"]\nrun = [\"/usr/bin/cat\"]\ntimeout = \"500ms\"\ndata = \"ids\"\nenv = [\"DISPLAY\"]\n",
        )
        .unwrap();
        assert_eq!(all.len(), 2);
        assert!(all[0].is_for("deal-won") && !all[0].is_for("deal-lost") && all[0].data == Told::Record);
        assert_eq!((all[0].timeout, all[1].timeout), (TIMEOUT, Duration::from_millis(500)));
        assert_eq!(all[1].data, Told::Ids);
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for bad in [
            "[[hook]]\non = \"deal-one\"\nrun = [\"x\"]",
            "[[hook]]\non = []\nrun = [\"x\"]",
            "[[hook]]\non = \"*\"\nrun = []",
            "[[hook]]\non = \"*\"\nrun = \"x\"",
            "[[hook]]\non = \"*\"\nrun = [\"./x\"]",
            "[[hook]]\non = \"*\"\nrun = [\"bin/x\"]",
            "[[hook]]\non = \"*\"\nrun = [\"x\"]\ntimeout = \"0s\"",
            "[[hook]]\non = \"*\"\nrun = [\"x\"]\ntimeout = \"11m\"",
            "[[hook]]\non = \"*\"\nrun = [\"x\"]\ntimeout = \"5 days\"",
            "[[hook]]\non = \"*\"\nrun = [\"x\"]\nshell = true",
            "nonsense",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_action_is_two_events() {
        let mut actions: Vec<&str> =
            EVENTS.iter().flat_map(|(_, actions, _)| actions.iter().copied()).collect();
        let all = actions.len();
        actions.sort_unstable();
        actions.dedup();
        assert_eq!(actions.len(), all);
        assert!(actions.iter().all(|action| crate::domain::trailer::ACTIONS.contains(action)), "{actions:?}");
        assert_eq!((event_of("import"), event_of("show")), (Some("contact-added"), None));
    }
}
