//! Bytes to text: UTF-8, UTF-16 and the Windows-1252 of old exports. Nothing here knows vCard or CSV.
//!
//! Text is decoded right or refused, never guessed at silently: whoever falls back says so, and what looks
//! like another legacy encoding read as Windows-1252 is an error.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Why text could not be decoded; worded for people, without any of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undecodable {
    /// UTF-16 with a broken surrogate or half a character.
    DamagedUtf16,
    /// Neither UTF-8 nor Windows-1252.
    Unknown,
}

impl Undecodable {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Undecodable::DamagedUtf16 => "damaged UTF-16 text",
            Undecodable::Unknown => "text that is neither UTF-8 nor Windows-1252",
        }
    }
}

/// Decodes what concerns a whole file, a byte order mark or UTF-16, and leaves other bytes as they are.
pub(super) fn file(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Undecodable> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return Ok(Cow::Borrowed(rest));
    }
    let (encoding, rest) = match bytes {
        [0xFF, 0xFE, rest @ ..] => (UTF_16LE, rest),
        [0xFE, 0xFF, rest @ ..] => (UTF_16BE, rest),
        _ => match unmarked_utf16(bytes) {
            Some(encoding) => (encoding, bytes),
            None => return Ok(Cow::Borrowed(bytes)),
        },
    };
    match encoding.decode_without_bom_handling_and_without_replacement(rest) {
        Some(text) => Ok(Cow::Owned(text.into_owned().into_bytes())),
        None => Err(Undecodable::DamagedUtf16),
    }
}

/// Whether a file is UTF-16, with or without a mark.
pub(super) fn is_wide(bytes: &[u8]) -> bool {
    matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) || unmarked_utf16(bytes).is_some()
}

/// UTF-16 without a mark shows as zero bytes in every second place of its ASCII.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096) & !1];
    let pairs = sample.len() / 2;
    let zeros = |first: usize| sample.iter().skip(first).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    match pairs {
        0..4 => None,
        _ if odd * 10 > pairs * 7 && even * 10 < pairs => Some(UTF_16LE),
        _ if even * 10 > pairs * 7 && odd * 10 < pairs => Some(UTF_16BE),
        _ => None,
    }
}

/// UTF-8, else Windows-1252; the flag says which fallback was needed.
pub(super) fn text(bytes: &[u8]) -> Result<(Cow<'_, str>, bool), Undecodable> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((Cow::Borrowed(text), false));
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    if is_mojibake(&text) { Err(Undecodable::Unknown) } else { Ok((text, true)) }
}

/// Text in a charset that its file names (vCard 2.1 CHARSET); falls back like [`text`] when it does not fit.
pub(super) fn labelled<'a>(bytes: &'a [u8], label: &str) -> Result<(Cow<'a, str>, bool), Undecodable> {
    let label = label.trim();
    // Who writes US-ASCII and then something else did not think of Windows-1252, which the label stands for; and
    // one value cannot be UTF-16 in a file that is not.
    let named = Encoding::for_label(label.as_bytes())
        .filter(|e| !label.eq_ignore_ascii_case("us-ascii") && *e != UTF_16LE && *e != UTF_16BE);
    match named.and_then(|e| e.decode_without_bom_handling_and_without_replacement(bytes)) {
        Some(text) => Ok((text, false)),
        None => text(bytes),
    }
}

/// Whether Windows-1252 text was in fact written in another legacy encoding.
///
/// Signs: undefined places; punctuation inside a word where DOS and Macintosh have their letters (`Andr‚`); a
/// capital after a small letter from the same places (`AndrŽ`); symbols between two letters where Central
/// European encodings have theirs; four accented letters in a row, which is Cyrillic or Greek.
fn is_mojibake(text: &str) -> bool {
    let (mut before, mut run) = (' ', 0);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        run = if c.is_alphabetic() && !c.is_ascii() { run + 1 } else { 0 };
        let between = before.is_alphabetic() && after.is_alphabetic();
        let strange = match c {
            '\u{80}'..='\u{9f}' => true,
            '‚' | 'ƒ' | '„' | '‡' | 'ˆ' | '‰' | '˜' => before.is_alphabetic(),
            'Š' | 'Ž' | 'Œ' | 'Ÿ' => before.is_lowercase(),
            '£' | '¥' => after.is_alphabetic(),
            '¡'..='¿' | '×' | '÷' if c.is_alphabetic() || c == '·' => false,
            '¡'..='¿' | '×' | '÷' | '“' | '”' | '‘' | '•' | '†' | '›' | '‹' => between,
            _ => run >= 4,
        };
        if strange {
            return true;
        }
        before = c;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_of_one_text_decodes_to_it() {
        let expected = "Éloïse; œuf € ŷ 😀\n";
        let le: Vec<u8> = expected.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = expected.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (mark, body) in [
            (&b"\xEF\xBB\xBF"[..], expected.as_bytes()),
            (b"", expected.as_bytes()),
            (b"\xFF\xFE", &le),
            (b"\xFE\xFF", &be),
        ] {
            let bytes = [mark, body].concat();
            let decoded = file(&bytes).unwrap();
            assert_eq!(text(&decoded).unwrap(), (expected.into(), false));
        }
    }

    #[test]
    fn unmarked_utf16_is_recognised() {
        let source = "BEGIN:VCARD\r\nFN:Zoé\r\nEND:VCARD\r\n";
        let le: Vec<u8> = source.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = source.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(&*file(&le).unwrap(), source.as_bytes());
        assert_eq!(&*file(&be).unwrap(), source.as_bytes());
        assert_eq!(file(b"\xFF\xFE\x00\xD8a\x00"), Err(Undecodable::DamagedUtf16));
    }

    #[test]
    fn windows_1252_is_decoded_and_said() {
        for good in
            ["Éloïse Œuvré", "l’été – 5 €", "Šárka Žák", "m², n°5, ©Acme, ª", "créée", "Dvořák £5 «à»"]
        {
            let (bytes, _, lost) = WINDOWS_1252.encode(good);
            if !lost && std::str::from_utf8(&bytes).is_err() {
                assert_eq!(text(&bytes).unwrap(), (good.into(), true), "{good}");
            }
        }
    }

    #[test]
    fn other_legacy_encodings_are_refused_rather_than_garbled() {
        let dos = b"Andr\x82";
        let mac = b"Andr\x8e";
        let (polish, ..) = encoding_rs::WINDOWS_1250.encode("Łódź, Wąsowski");
        let (russian, ..) = encoding_rs::WINDOWS_1251.encode("Иванов");
        let (japanese, ..) = encoding_rs::SHIFT_JIS.encode("山田太郎");
        for bytes in [&dos[..], mac, &polish, &russian, &japanese] {
            assert_eq!(text(bytes), Err(Undecodable::Unknown), "{bytes:?}");
        }
    }

    #[test]
    fn a_named_charset_is_used_and_a_wrong_one_falls_back() {
        assert_eq!(labelled(b"\x8ER\x93c", "SHIFT_JIS").unwrap(), ("山田".into(), false));
        assert_eq!(labelled(b"caf\xE9", "iso-8859-1").unwrap(), ("café".into(), false));
        assert_eq!(labelled(b"caf\xE9", "UTF-8").unwrap(), ("café".into(), true));
        for label in ["X-NONE", "US-ASCII", "UTF-16"] {
            assert_eq!(labelled("café".as_bytes(), label).unwrap(), ("café".into(), false), "{label}");
        }
    }
}
