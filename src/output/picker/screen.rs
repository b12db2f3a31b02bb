//! The terminal while the picker is open, and as it was before in the end, whatever the end is.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustix::termios::{
    InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetwinsize, tcsetattr,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::flag;

use super::keys::Keys;

/// The terminal, without line editing and echo, showing the alternate screen.
pub struct Screen {
    before: Termios,
    /// The number of the signal that came, or 0.
    came: Arc<AtomicUsize>,
    /// From then on signals do again what they did.
    closed: Arc<AtomicBool>,
    /// No reverse video (`NO_COLOR`).
    pub plain: bool,
}

impl Screen {
    pub fn open() -> io::Result<Screen> {
        let before = tcgetattr(io::stdin())?;
        let (came, closed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        for signal in [SIGTERM, SIGHUP, SIGINT, SIGQUIT] {
            flag::register_conditional_default(signal, Arc::clone(&closed))?;
            flag::register_usize(signal, Arc::clone(&came), usize::try_from(signal).unwrap_or(1))?;
        }
        let mut raw = before.clone();
        // Ctrl-C and Ctrl-Z come as keys. Output stays as it was, so that a message of somebody else's is readable.
        raw.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN;
        raw.input_modes -= InputModes::IXON;
        // A read waits for a tenth of a second at most: long enough to tell Escape from an arrow, short enough to
        // follow a resized window and a signal.
        raw.special_codes[SpecialCodeIndex::VMIN] = 0;
        raw.special_codes[SpecialCodeIndex::VTIME] = 1;
        let screen = Screen {
            before,
            came,
            closed,
            plain: std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()),
        };
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        screen.draw("\x1b[?1049h")?;
        Ok(screen)
    }

    /// Columns and lines; an error once the terminal is gone.
    pub fn size(&self) -> io::Result<(usize, usize)> {
        let size = tcgetwinsize(io::stderr())?;
        let or = |n: u16, otherwise| if n == 0 { otherwise } else { usize::from(n) };
        Ok((or(size.ws_col, 80), or(size.ws_row, 24)))
    }

    /// The signal that came meanwhile.
    pub fn signal(&self) -> Option<i32> {
        i32::try_from(self.came.load(Ordering::SeqCst)).ok().filter(|signal| *signal != 0)
    }

    /// Reads what was typed; false when nothing came for a moment.
    pub fn read(&self, keys: &mut Keys) -> io::Result<bool> {
        let mut buffer = [0u8; 256];
        match rustix::io::read(io::stdin(), &mut buffer) {
            Ok(n) => {
                keys.feed(buffer.get(..n).unwrap_or_default());
                Ok(n > 0)
            }
            Err(rustix::io::Errno::INTR) => Ok(true),
            Err(e) => Err(e.into()),
        }
    }

    pub fn draw(&self, text: &str) -> io::Result<()> {
        let mut err = io::stderr().lock();
        err.write_all(text.as_bytes())?;
        err.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // A terminal that is gone needs no restoring.
        let _ = self.draw("\x1b[H\x1b[J\x1b[?25h\x1b[?1049l");
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.before);
        self.closed.store(true, Ordering::SeqCst);
    }
}
