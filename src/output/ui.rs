//! Data on stdout, messages on stderr; JSON, ids only or for people; questions only on a terminal.

use std::io::{IsTerminal, Write};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::pager::{Out, Wish};
use super::style::{Colours, Tone};
use super::table::Table;
use super::text::{inert, inert_json, inert_lines};
use crate::domain::activity::{relative, relative_moment};
use crate::domain::organisation::Lang;
use crate::error::{Error, Kind, Result};

/// How a command may speak, decided once at the start.
#[derive(Clone, Debug)]
pub struct Ui {
    pub json: bool,
    pub quiet: bool,
    /// Columns of the terminal; `None` in a pipe.
    pub width: Option<usize>,
    /// Whether a question may be asked: a terminal on both sides and no `--no-input`.
    pub may_ask: bool,
    /// `--no-input`: nothing may wait for a person, not even an editor of one's own.
    pub no_input: bool,
    pub yes: bool,
    /// The language of what a person reads here; data stay as they are.
    pub lang: Lang,
    /// Colours on stdout.
    pub colours: bool,
    /// Colours on stderr.
    pub err_colours: bool,
    /// `3 days ago` rather than a date: for a person at a terminal who did not ask for dates.
    pub relative: bool,
    /// Dates alone: somebody asked for them.
    pub absolute: bool,
    pub(crate) out: Out,
}

/// Every JSON answer: the schema's name and version, then the data.
#[derive(Serialize)]
struct Envelope<'a, T> {
    schema: &'a str,
    data: &'a T,
}

impl Ui {
    pub fn new(json: bool, quiet: bool, no_input: bool, yes: bool, lang: Lang) -> Ui {
        let out = std::io::stdout();
        let terminal = out.is_terminal();
        Ui {
            json,
            quiet,
            width: terminal.then(columns),
            may_ask: !no_input && std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
            no_input,
            yes,
            lang,
            colours: false,
            err_colours: false,
            relative: terminal && !json && !quiet,
            absolute: false,
            out: Out::default(),
        }
        .coloured(Colours::Auto)
    }

    /// The same with colours as they were asked for; JSON and ids have none.
    pub fn coloured(self, wish: Colours) -> Ui {
        let on = |choice| choice != anstream::ColorChoice::Never;
        let colours = on(wish.on(&std::io::stdout())) && !self.json && !self.quiet;
        Ui { colours, err_colours: on(wish.on(&std::io::stderr())), ..self }
    }

    /// The same with a pager where stdout is a terminal and `program` names one (with whether it was chosen).
    pub fn paged(self, program: impl FnOnce() -> Option<(String, bool)>) -> Ui {
        let able = std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb");
        let Some(columns) = self.width.filter(|_| able) else { return self };
        let wish = program().map(|(program, chosen)| Wish {
            program,
            chosen,
            screen: (columns, lines()),
            lang: self.lang,
        });
        Ui { out: Out::paged(wish), ..self }
    }

    /// The same with dates alone where they are wanted.
    pub fn dated(self, absolute: bool) -> Ui {
        Ui { absolute, relative: self.relative && !absolute, ..self }
    }

    /// Writes text to stdout as it is; it must have been made inert.
    pub fn raw(&self, text: &str) -> Result<()> {
        Ok(self.out.write(text)?)
    }

    /// Lets go of what is held for a pager, and waits for one that has the screen: before a question, and at the end.
    pub fn finish(&self) {
        self.out.finish();
    }

    /// Writes a line to stderr; colours, which stand in the text, are taken out where nobody wants them.
    fn aside(&self, line: &str) {
        self.out.aside(|err| {
            let _ = match self.err_colours {
                true => writeln!(err, "{line}"),
                false => writeln!(err, "{}", anstream::adapter::strip_str(line)),
            };
        });
    }

    /// A day as a person at the terminal reads it (`3 days ago`), or as a date.
    pub fn day(&self, day: NaiveDate, today: NaiveDate) -> String {
        match self.relative {
            true => self.lang.say(&relative(day, today)).into_owned(),
            false => day.to_string(),
        }
    }

    /// A moment as a person at the terminal reads it (`2 hours ago`), or as RFC 3339 in UTC.
    pub fn moment(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        match self.relative {
            true => self.lang.say(&relative_moment(at, now)).into_owned(),
            false => at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        }
    }

    /// A text on stdout in a colour that has a meaning.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        tone.paint(text, self.colours)
    }

    /// Writes several lines of data.
    pub fn lines(&self, text: &str) -> Result<()> {
        let text = inert_lines(text);
        self.raw(&text)?;
        if text.ends_with('\n') { Ok(()) } else { self.raw("\n") }
    }

    /// Writes several lines of data, each in the colour that `tone` has for it.
    pub fn lines_in(&self, text: &str, tone: impl Fn(&str) -> Tone) -> Result<()> {
        let text = inert_lines(text);
        self.raw(&text.lines().map(|line| self.paint(tone(line), line) + "\n").collect::<String>())
    }

    /// Writes data as JSON under a versioned schema name, such as `carnet.list/1`.
    pub fn data<T: Serialize>(&self, schema: &str, data: &T) -> Result<()> {
        let json = serde_json::to_string_pretty(&Envelope { schema, data })
            .map_err(|e| Error::failed("the answer could not be written as JSON").cause(e))?;
        self.raw(&inert_json(&json))?;
        self.raw("\n")
    }

    /// A message for people, on stderr; silent with `--quiet`.
    pub fn note(&self, text: &str) {
        self.note_as_it_is(&self.lang.say(text));
    }

    /// Data for people, on stderr and silent with `--quiet`: what somebody wrote, or what was said already.
    pub fn note_as_it_is(&self, text: &str) {
        if !self.quiet {
            self.aside(&inert_lines(text));
        }
    }

    /// A table on stderr, beside an answer that a pipe takes.
    pub fn note_table(&self, table: &Table) {
        self.note_as_it_is(table.render_in(self.lang, self.width.or(Some(100))).trim_end());
    }

    /// A table on stdout, as wide as the terminal, its headings in the reader's language.
    pub fn table(&self, table: &Table) -> Result<()> {
        self.raw(&table.paint(self.lang, self.width, self.colours))
    }

    /// What a command would have done, which is all that it says with `--dry-run`; exit code 0.
    pub fn would(&self, what: &str) -> Result<i32> {
        #[derive(Serialize)]
        struct Would<'a> {
            dry_run: bool,
            would: &'a str,
        }
        if self.json {
            let would = what.strip_prefix("would ").unwrap_or(what);
            self.data("carnet.dry-run/1", &Would { dry_run: true, would })?;
        } else {
            self.note(what);
        }
        Ok(0)
    }

    /// A warning, on stderr, whatever was asked.
    pub fn warn(&self, text: &str) {
        self.aside(&format!(
            "\x1b[1;33m{}{}\x1b[0m {}",
            self.lang.say("warning"),
            self.lang.colon(),
            inert_lines(&self.lang.say(text))
        ));
    }

    /// Asks a yes-or-no question; `--yes` answers it, and where nobody can be asked it is refused.
    pub fn confirm(&self, question: &str) -> Result<()> {
        if self.yes {
            return Ok(());
        }
        if !self.may_ask {
            return Err(Error::usage("this needs a confirmation and there is nobody to ask")
                .hint("add --yes if you are sure"));
        }
        self.finish();
        let _ = write!(
            anstream::stderr(),
            "{} {} ",
            inert_lines(&self.lang.say(question)),
            self.lang.pick("[y/N]", "[o/N]")
        );
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        if self.lang.is_yes(&answer) {
            Ok(())
        } else {
            Err(Error::new(Kind::Failed, "given up; nothing was changed"))
        }
    }

    /// A progress bar for work of `total` steps, shown only on a terminal and after a moment.
    pub fn progress(&self, total: u64, what: &'static str) -> indicatif::ProgressBar {
        if self.quiet || !std::io::stderr().is_terminal() {
            return indicatif::ProgressBar::hidden();
        }
        let bar = indicatif::ProgressBar::new(total).with_message(self.lang.say(what));
        if let Ok(style) = indicatif::ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        bar
    }

    /// What an error says, its message and cause in the reader's language.
    pub fn sentence(&self, error: &Error) -> String {
        let mut text = self.lang.say(&error.message).into_owned();
        if let Some(place) = &error.place {
            text.push_str(&format!(" ({})", self.lang.place(place)));
        }
        if let Some(cause) = &error.cause {
            text.push_str(&format!("{} {}", self.lang.colon(), self.lang.say(cause)));
        }
        text
    }

    /// Prints an error that is no more than a warning.
    pub fn warn_of(&self, error: &Error) {
        self.warn(&self.sentence(error));
        if let Some(hint) = &error.hint {
            self.note(&format!(
                "  {}{} {}",
                self.lang.say("hint"),
                self.lang.pick(":", "\u{a0}:"),
                self.lang.say(hint)
            ));
        }
    }

    /// Prints an error with its place and hint, and gives the exit code.
    pub fn fail(&self, error: &Error) -> i32 {
        if self.json {
            #[derive(Serialize)]
            struct Failure<'a> {
                code: u8,
                message: &'a str,
                place: Option<&'a str>,
                cause: Option<&'a str>,
                hint: Option<&'a str>,
            }
            let failure = Failure {
                code: error.kind as u8,
                message: &error.message,
                place: error.place.as_deref(),
                cause: error.cause.as_deref(),
                hint: error.hint.as_deref(),
            };
            if let Ok(json) = serde_json::to_string(&Envelope { schema: "carnet.error/1", data: &failure }) {
                self.aside(&inert_json(&json));
            }
            return i32::from(error.kind as u8);
        }
        self.aside(&format!("\x1b[1;31mcarnet:\x1b[0m {}", inert(&self.sentence(error))));
        if let Some(hint) = &error.hint {
            self.aside(&format!(
                "  \x1b[1m{}{}\x1b[0m {}",
                self.lang.say("hint"),
                self.lang.colon(),
                inert(&self.lang.say(hint))
            ));
        }
        i32::from(error.kind as u8)
    }
}

/// Prints what is wrong with the command line, before there is a [`Ui`].
pub fn usage_error(text: &str) {
    let _ = write!(anstream::stderr(), "{}", inert_lines(text));
}

/// The terminal's width; `COLUMNS` outranks what the system says, as shells have it.
fn columns() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    told.or_else(|| terminal_size::terminal_size().map(|(w, _)| usize::from(w.0))).unwrap_or(80).max(20)
}

/// The terminal's lines, likewise with `LINES`.
fn lines() -> usize {
    let told = std::env::var("LINES").ok().and_then(|lines| lines.parse().ok());
    told.or_else(|| terminal_size::terminal_size().map(|(_, h)| usize::from(h.0))).unwrap_or(24).max(2)
}
