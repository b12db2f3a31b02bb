//! Choosing from a long list at the terminal: typing narrows it, Enter takes.
//!
//! `keys` understands what is typed, `state` is what is chosen so far (pure), `view` is how that looks (pure), `screen` is the
//! terminal. It reads stdin and draws on stderr, so that a command's answer can go into a pipe; it draws on the alternate
//! screen, so that no name stays in the terminal's scrollback.

mod keys;
mod screen;
mod state;
mod view;

use std::io;

pub use keys::Key;
pub use state::{Outcome, State};

use crate::domain::fold::fold;
use crate::domain::organisation::Lang;

/// One line of the list.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is called.
    pub name: String,
    /// What tells it from its namesakes: a firm, an address.
    pub more: String,
    /// Where it is: a book. Shown where there are several.
    pub place: String,
    /// All of it, folded: what is typed is looked for here.
    text: String,
}

impl Item {
    pub fn new(name: impl Into<String>, more: impl Into<String>, place: impl Into<String>) -> Item {
        let (name, more, place) = (name.into(), more.into(), place.into());
        let text = fold(&format!("{name} {more} {place}"));
        Item { name, more, place, text }
    }
}

/// Lets the person at the terminal choose; their places in `items`, in that order, or `None` when they left.
///
/// The line of help is said in `lang`, the title was said before. Whatever ends it, the terminal is as before: leaving, choosing, an error, a panic, and SIGTERM, SIGHUP, SIGINT and SIGQUIT,
/// which then end the program as they would have.
pub fn choose(items: &[Item], title: &str, several: bool, lang: Lang) -> io::Result<Option<Vec<usize>>> {
    let screen = screen::Screen::open()?;
    let mut state = State::new(items, several);
    let mut keys = keys::Keys::default();
    let mut shown = None;
    loop {
        if let Some(signal) = screen.signal() {
            drop(screen);
            signal_hook::low_level::emulate_default_handler(signal)?;
            return Ok(None);
        }
        // A terminal that is gone has no size.
        let Ok(size) = screen.size() else { return Ok(None) };
        let rows = view::rows(size.1);
        state.fit(rows);
        if shown != Some(size) {
            screen.draw(&view::view(&state, title, size, (screen.plain, lang)))?;
            shown = Some(size);
        }
        let paused = !screen.read(&mut keys)?;
        while let Some(key) = keys.next(paused) {
            shown = None;
            match state.press(key, rows) {
                Outcome::Going => {}
                Outcome::Left => return Ok(None),
                Outcome::Chosen(chosen) => return Ok(Some(chosen)),
            }
        }
    }
}
