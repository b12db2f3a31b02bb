//! Standard output with a pager in front of it where an answer is longer than the screen, as git does it.
//!
//! Nothing is started before there is a screenful, so a short answer costs nothing and a question is never behind a
//! pager. Personal data pass through it, so `less` may neither keep a history of what was searched for, nor start other
//! programs, nor write files (`LESSHISTFILE`, `LESSSECURE`: less(1)).

use std::io::{self, ErrorKind, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::table::columns;
use crate::domain::organisation::Lang;

/// Which pager to use, and the screen that an answer must exceed.
#[derive(Clone, Debug)]
pub struct Wish {
    pub program: String,
    /// Whether the person chose it: then they hear that it is missing.
    pub chosen: bool,
    /// Columns and lines of the terminal.
    pub screen: (usize, usize),
    pub lang: Lang,
}

/// The pager of `$CARNET_PAGER`, git's `core.pager`, `$PAGER`, else `less`; none where that is empty or `cat`.
///
/// The second is whether somebody chose it.
pub fn program(get: impl Fn(&str) -> Option<String>, core_pager: Option<String>) -> Option<(String, bool)> {
    let chosen = get("CARNET_PAGER").or(core_pager).or_else(|| get("PAGER"));
    let is_chosen = chosen.is_some();
    let program = chosen.unwrap_or_else(|| "less".to_owned()).trim().to_owned();
    (!program.is_empty() && program != "cat").then_some((program, is_chosen))
}

/// What is written to, shared by all that speak for one command.
#[derive(Clone, Debug, Default)]
pub struct Out(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    wish: Option<Wish>,
    /// What may yet fit the screen.
    held: String,
    /// Lines of it that were let go already.
    rows: usize,
    pager: Option<Running>,
    /// Messages that came while the pager had the screen.
    notes: Vec<u8>,
    /// Whoever read has had enough.
    gone: bool,
}

#[derive(Debug)]
struct Running {
    child: Child,
    /// Whether a signal ends carnet again: while the pager has the screen, Ctrl-C is for the pager.
    over: Arc<AtomicBool>,
    /// What it was given, until it is known that the shell found it.
    given: Option<String>,
}

impl Out {
    /// The same with a pager.
    pub fn paged(wish: Option<Wish>) -> Out {
        Out(Arc::new(Mutex::new(State { wish, ..State::default() })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes data. A reader that has had enough (`| head`, a pager that was left) is no error: the rest is dropped.
    pub fn write(&self, text: &str) -> io::Result<()> {
        let mut state = self.state();
        if state.gone {
            if let Some(given) = state.pager.as_mut().and_then(|running| running.given.as_mut()) {
                given.push_str(text);
            }
            return Ok(());
        }
        if state.pager.is_some() {
            return state.give(text);
        }
        let Some(wish) = state.wish.clone() else { return state.direct(text) };
        state.held.push_str(text);
        // The prompt takes a line.
        if state.rows + rows(&state.held, wish.screen.0) < wish.screen.1 {
            return Ok(());
        }
        state.wish = None;
        let held = std::mem::take(&mut state.held);
        match start(&wish) {
            Ok(running) => {
                state.pager = Some(running);
                state.give(&held)
            }
            Err(e) => {
                if wish.chosen {
                    let why = match e.kind() {
                        ErrorKind::NotFound => "there is no such program",
                        ErrorKind::PermissionDenied => "it may not be run",
                        _ => "the system refuses it",
                    };
                    let why = wish.lang.say(why);
                    let said = wish.lang.fill("the pager could not be started: {}", &[&why]);
                    let _ = writeln!(anstream::stderr(), "carnet: {said}");
                }
                state.direct(&held)
            }
        }
    }

    /// Writes messages to standard error, where they belong in the order of things: behind what is held, and behind the
    /// pager where one has the screen.
    pub fn aside(&self, message: impl FnOnce(&mut dyn Write)) {
        let mut state = self.state();
        if state.pager.is_some() {
            message(&mut state.notes);
            return;
        }
        state.release();
        message(&mut io::stderr());
    }

    /// Lets go of everything: what is held is written, and a pager is waited for. Must come before a question, and at the end.
    pub fn finish(&self) {
        let mut state = self.state();
        state.release();
        let Some(mut running) = state.pager.take() else { return };
        drop(running.child.stdin.take());
        let status = running.child.wait();
        running.over.store(true, Ordering::SeqCst);
        state.gone = false;
        // sh(1): 126 cannot be executed, 127 is not there.
        let missing = status.ok().and_then(|s| s.code()).is_some_and(|code| code == 126 || code == 127);
        if let Some(given) = running.given.filter(|_| missing) {
            let _ = state.direct(&given);
        }
        let notes = std::mem::take(&mut state.notes);
        let _ = io::stderr().write_all(&notes);
    }
}

impl State {
    fn direct(&mut self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        self.unless_gone(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
    }

    fn give(&mut self, text: &str) -> io::Result<()> {
        let Some(running) = &mut self.pager else { return Ok(()) };
        if let Some(given) = &mut running.given {
            given.push_str(text);
        }
        let written = running.child.stdin.as_mut().map_or(Ok(()), |stdin| stdin.write_all(text.as_bytes()));
        self.unless_gone(written)
    }

    fn unless_gone(&mut self, written: io::Result<()>) -> io::Result<()> {
        match written {
            Err(e) if e.kind() == ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(())
            }
            other => other,
        }
    }

    /// Writes what is held; what follows may still be paged.
    fn release(&mut self) {
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            self.rows += self.wish.as_ref().map_or(0, |wish| rows(&held, wish.screen.0));
            let _ = self.direct(&held);
        }
    }
}

/// How many lines of a screen a text takes.
fn rows(text: &str, width: usize) -> usize {
    let of =
        |line: &str| columns(&anstream::adapter::strip_str(line).to_string()).div_ceil(width.max(1)).max(1);
    text.lines().map(of).sum()
}

fn start(wish: &Wish) -> io::Result<Running> {
    // As git: a program with its flags is run as it is, anything else is the shell's.
    let plain = |c: char| c.is_ascii_alphanumeric() || " -_./+=,:".contains(c);
    let words: Vec<&str> = wish.program.split_whitespace().collect();
    let assigns = words.first().is_some_and(|word| word.contains('='));
    let mut command = match words.split_first() {
        Some((program, args)) if !assigns && wish.program.chars().all(plain) => {
            let mut command = Command::new(program);
            command.args(args);
            command
        }
        _ => {
            let mut command = Command::new("sh");
            command.args(["-c", &wish.program]);
            command
        }
    };
    let shell = command.get_program() == "sh";
    for (name, value) in [("LESS", "FRX"), ("LV", "-c"), ("LESSSECURE", "1")] {
        if std::env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    command.env("LESSHISTFILE", "-");
    let over = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register_conditional_default(signal_hook::consts::SIGINT, over.clone())?;
    let child = command.stdin(Stdio::piped()).spawn().inspect_err(|_| over.store(true, Ordering::SeqCst))?;
    Ok(Running { child, over, given: shell.then(String::new) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pager_is_chosen_as_git_does_and_cat_is_none() {
        let with = |vars: &[(&str, &str)], core: Option<&str>| {
            program(
                |name| vars.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()),
                core.map(str::to_owned),
            )
        };
        assert_eq!(with(&[], None), Some(("less".into(), false)));
        assert_eq!(with(&[("PAGER", "more")], None), Some(("more".into(), true)));
        assert_eq!(with(&[("PAGER", "more")], Some("delta")), Some(("delta".into(), true)));
        assert_eq!(with(&[("CARNET_PAGER", "less -S")], Some("delta")), Some(("less -S".into(), true)));
        assert_eq!(with(&[("CARNET_PAGER", "")], Some("delta")), None);
        assert_eq!(with(&[("CARNET_PAGER", "cat"), ("PAGER", "less")], None), None);
    }

    #[test]
    fn long_and_wide_lines_take_several_rows_and_colours_none() {
        assert_eq!(rows("a\n\nb\n", 80), 3);
        assert_eq!(rows(&"x".repeat(81), 80), 2);
        assert_eq!(rows(&"東".repeat(40), 80), 1);
        assert_eq!(rows(&format!("\x1b[31m{}\x1b[0m\n", "x".repeat(80)), 80), 1);
    }
}
