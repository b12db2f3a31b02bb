//! From a terminal's bytes to keys. What is no key that the picker knows is taken and does nothing.

/// A key that means something to the picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Char(char),
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Backspace,
    /// Ctrl-W: the last word goes.
    Word,
    /// Ctrl-U: all that was typed goes.
    Clear,
    /// Tab.
    Mark,
    Enter,
    /// Escape, Ctrl-C, Ctrl-D, Ctrl-G.
    Leave,
}

/// Bytes that were read and not yet understood.
#[derive(Debug, Default)]
pub struct Keys(Vec<u8>);

impl Keys {
    pub fn feed(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The next key; `paused` says that nothing followed for a moment, which tells Escape from the beginning of an arrow.
    pub fn next(&mut self, paused: bool) -> Option<Key> {
        loop {
            let (used, key) = decode(&self.0, paused)?;
            self.0.drain(..used);
            if key.is_some() {
                return key;
            }
        }
    }
}

/// How many bytes the first key has, and which it is; `None` when more must come first.
fn decode(bytes: &[u8], paused: bool) -> Option<(usize, Option<Key>)> {
    let (first, rest) = bytes.split_first()?;
    let key = match first {
        0x1b => return escape(rest, paused),
        0x03 | 0x04 | 0x07 => Key::Leave,
        b'\r' | b'\n' => Key::Enter,
        b'\t' => Key::Mark,
        0x08 | 0x7f => Key::Backspace,
        0x0e => Key::Down,
        0x10 => Key::Up,
        0x15 => Key::Clear,
        0x17 => Key::Word,
        0..0x20 => return Some((1, None)),
        _ => return character(bytes, paused),
    };
    Some((1, Some(key)))
}

/// One character of UTF-8 (RFC 3629: at most four bytes).
fn character(bytes: &[u8], paused: bool) -> Option<(usize, Option<Key>)> {
    for length in 1..=bytes.len().min(4) {
        let Some(Ok(text)) = bytes.get(..length).map(std::str::from_utf8) else { continue };
        let key = text.chars().next().filter(|c| !c.is_control()).map(Key::Char);
        return Some((length, key));
    }
    let complete = bytes.len() >= 4 || paused;
    complete.then_some((1, None))
}

/// What follows an escape: a control sequence (ECMA-48, 5.4), an SS3 key, a key with Alt, or nothing.
fn escape(rest: &[u8], paused: bool) -> Option<(usize, Option<Key>)> {
    let Some((kind, sequence)) = rest.split_first() else {
        return paused.then_some((1, Some(Key::Leave)));
    };
    match kind {
        b'[' | b'O' => {}
        0x1b => return Some((1, Some(Key::Leave))),
        // Alt with a key; the rest of a character beyond ASCII is dropped as what it is, no key.
        _ => return Some((2, None)),
    }
    let Some(end) = sequence.iter().position(|b| (0x40..=0x7e).contains(b)) else {
        return paused.then_some((bytes_of(sequence), None));
    };
    let key = match sequence.get(..=end).unwrap_or_default() {
        b"A" => Some(Key::Up),
        b"B" => Some(Key::Down),
        b"5~" => Some(Key::PageUp),
        b"6~" => Some(Key::PageDown),
        b"H" | b"1~" | b"7~" => Some(Key::First),
        b"F" | b"4~" | b"8~" => Some(Key::Last),
        _ => None,
    };
    Some((end + 3, key))
}

fn bytes_of(sequence: &[u8]) -> usize {
    sequence.len() + 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(bytes: &[u8]) -> Vec<Key> {
        let mut keys = Keys::default();
        keys.feed(bytes);
        std::iter::from_fn(|| keys.next(true)).collect()
    }

    #[test]
    fn keys_are_understood_whole_and_in_pieces() {
        use Key::*;
        let typed = "é\x1b[A\x1bOB\x1b[5~\x1b[1;5C\x10\x0e\x7f\x17\x15\t\rz\x1b[F\x03";
        let meant = [
            Char('é'),
            Up,
            Down,
            PageUp,
            Up,
            Down,
            Backspace,
            Word,
            Clear,
            Mark,
            Enter,
            Char('z'),
            Last,
            Leave,
        ];
        assert_eq!(all(typed.as_bytes()), meant);
        let mut keys = Keys::default();
        let mut found = Vec::new();
        for byte in typed.as_bytes() {
            keys.feed(&[*byte]);
            found.extend(std::iter::from_fn(|| keys.next(false)));
        }
        assert_eq!(found, meant);
    }

    #[test]
    fn escape_alone_leaves_and_the_beginning_of_an_arrow_does_not() {
        let mut keys = Keys::default();
        keys.feed(b"\x1b");
        assert_eq!(keys.next(false), None);
        keys.feed(b"[B");
        assert_eq!(keys.next(false), Some(Key::Down));
        assert_eq!(all(b"\x1b"), [Key::Leave]);
        assert_eq!(all(b"\x1bx\x1b[200~y"), [Key::Char('y')]);
        assert_eq!(all(b"\xff\xc3a"), [Key::Char('a')]);
    }

    proptest! {
        #[test]
        fn every_byte_is_taken(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut keys = Keys::default();
            keys.feed(&bytes);
            while keys.next(true).is_some() {}
            prop_assert!(keys.0.is_empty());
        }
    }
}
