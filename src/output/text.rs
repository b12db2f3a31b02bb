//! Making text from contact files harmless for a terminal.

use std::borrow::Cow;

/// Characters that could move the cursor, change colours or reorder what follows.
fn is_active(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Whether anything in `text` is more than a character to be shown.
pub fn is_active_text(text: &str) -> bool {
    text.chars().any(is_active)
}

/// `text` on one line, with every control and direction-changing character shown as an escape.
pub fn inert(text: &str) -> Cow<'_, str> {
    escape(text, |_| false)
}

/// Like [`inert`], but line breaks and tabs stay.
pub fn inert_lines(text: &str) -> Cow<'_, str> {
    escape(text, |c| c == '\n' || c == '\t')
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(|c| is_active(c) && !keep(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_active(c) && !keep(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// JSON text with the control characters that JSON allows in strings (DEL and C1) escaped too.
pub fn inert_json(json: &str) -> Cow<'_, str> {
    let active = |c: char| is_active(c) && c != '\n' && c != '\t';
    // Nearly all answers are plain, and some have fifty million bytes.
    if json.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n' | b'\t')) || !json.chars().any(active) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 8);
    for c in json.chars() {
        if active(c) { out.push_str(&format!("\\u{:04x}", c as u32)) } else { out.push(c) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_active_reaches_the_terminal() {
        assert_eq!(inert("a\u{1b}[31mb\u{202e}c\nd\u{9b}"), "a\\u{1b}[31mb\\u{202e}c\\nd\\u{9b}");
        assert_eq!(inert_lines("a\n\tb\r"), "a\n\tb\\r");
        assert_eq!(inert("Zoé 👩‍🚀 שלום"), "Zoé 👩‍🚀 שלום");
        let json = serde_json::to_string("\u{9b}\u{202e}x").unwrap();
        let back: String = serde_json::from_str(&inert_json(&json)).unwrap();
        assert_eq!(back, "\u{9b}\u{202e}x");
        assert!(inert_json(&json).is_ascii());
    }
}
