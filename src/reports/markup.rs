//! Markup as it is written by this program: fixed parts as they are, everything else escaped.

use super::render::escape;
use crate::error::Result;

/// A growing piece of markup.
#[derive(Default)]
pub(super) struct Markup {
    out: Vec<u8>,
}

impl Markup {
    /// Markup of this program's own: numbers and fixed text.
    pub(super) fn raw(&mut self, markup: &str) {
        self.out.extend_from_slice(markup.as_bytes());
    }

    /// Anything else: content of an element or of a quoted attribute.
    pub(super) fn text(&mut self, text: &str) -> Result<()> {
        // Most of a long table is ids, handles and dates: nothing to escape.
        let plain = |b: u8| b.is_ascii_alphanumeric() || b" -_.:,".contains(&b);
        if text.bytes().all(plain) {
            self.raw(text);
            return Ok(());
        }
        Ok(escape(text, &mut self.out)?)
    }

    pub(super) fn into_string(self) -> String {
        // Only whole strings were added.
        String::from_utf8(self.out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
    }
}
