//! A file's bytes to cards of unfolded lines: folding, quoted-printable soft breaks, base64 blocks, cards
//! without an end and what stands between them. Characters are decoded later, line by line.

use super::line::{head_end, split_head};

/// The largest property that is read, folded lines together: room for a good photo, none for a denial of
/// service.
pub(super) const MAX_PROPERTY: usize = 4 << 20;

/// Properties after which a comma can stand for the semicolon that belongs there.
const KNOWN: [&str; 8] = ["ADR", "EMAIL", "LABEL", "NOTE", "ORG", "PHOTO", "TEL", "URL"];

/// One property or what should be one, unfolded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RawLine {
    /// Line of the file, from 1.
    pub number: usize,
    pub bytes: Vec<u8>,
    style: Style,
    /// Length of the last physical line, which tells the folding style.
    last: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Style {
    #[default]
    Plain,
    QuotedPrintable,
    Base64,
}

/// What stands between BEGIN and END.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RawCard {
    /// Line of its BEGIN, from 1.
    pub number: usize,
    pub lines: Vec<RawLine>,
    /// Version 2.1, whose folding keeps the white space.
    pub old: bool,
    pub has_end: bool,
    /// Text before it that belongs to no card.
    pub junk: bool,
    /// A line that is no property was added to the property above it.
    pub mended: bool,
    /// The first line that is larger than [`MAX_PROPERTY`].
    pub too_large: Option<usize>,
}

/// All cards of a file.
pub(super) fn cards(bytes: &[u8]) -> Vec<RawCard> {
    let mut lexer = Lexer::default();
    for (number, line) in physical_lines(bytes).enumerate() {
        lexer.line(number + 1, line);
    }
    lexer.close(false);
    lexer.cards
}

/// Lines that end in LF, CRLF or, on very old systems, CR alone.
fn physical_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let text = rest.filter(|text| !text.is_empty())?;
        let Some(at) = text.iter().position(|b| *b == b'\n' || *b == b'\r') else {
            rest = None;
            return Some(text);
        };
        let next = if text[at..].starts_with(b"\r\n") { at + 2 } else { at + 1 };
        rest = text.get(next..);
        Some(&text[..at])
    })
}

#[derive(Default)]
struct Lexer {
    cards: Vec<RawCard>,
    card: Option<RawCard>,
    junk: bool,
    /// How deep in cards within an AGENT (vCard 2.1, section 2.4.2).
    nested: usize,
}

impl Lexer {
    fn line(&mut self, number: usize, line: &[u8]) {
        let word = line.trim_ascii();
        // A line that continues another is no boundary, whatever text was folded there.
        let folded = line.starts_with(b" ") || line.starts_with(b"\t");
        let folded = folded && self.card.as_ref().is_some_and(|card| !card.lines.is_empty());
        let begins = !folded && is_boundary(word, b"BEGIN");
        let ends = !folded && is_boundary(word, b"END");
        let Some(card) = &mut self.card else {
            match begins {
                true => self.open(number),
                false => self.junk |= !word.is_empty(),
            }
            return;
        };
        if self.nested > 0 || (begins && card.lines.last().is_some_and(is_empty_agent)) {
            self.nested = if begins { self.nested + 1 } else { self.nested - usize::from(ends) };
            if let Some(agent) = card.lines.last_mut() {
                agent.append_card(line);
            }
        } else if begins {
            self.close(false);
            self.open(number);
        } else if ends {
            self.close(true);
        } else {
            card.line(number, line);
        }
    }

    fn open(&mut self, number: usize) {
        self.card = Some(RawCard { number, junk: std::mem::take(&mut self.junk), ..RawCard::default() });
    }

    fn close(&mut self, has_end: bool) {
        self.nested = 0;
        if let Some(mut card) = self.card.take() {
            card.has_end = has_end;
            card.mend();
            let large = card.lines.iter().find(|line| line.bytes.len() > MAX_PROPERTY);
            card.too_large = large.map(|line| line.number);
            self.cards.push(card);
        }
    }
}

impl RawCard {
    /// Gives lines that are no property to the text above them; only now, because a head may be folded too.
    fn mend(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        for line in lines {
            match self.lines.last_mut() {
                Some(above) if above.style != Style::Base64 && !starts_property(&line.bytes) => {
                    above.append_text(&line.bytes);
                    self.mended = true;
                }
                _ => self.lines.push(line),
            }
        }
    }

    fn line(&mut self, number: usize, line: &[u8]) {
        let old = self.old;
        if self.lines.last_mut().is_some_and(|last| last.takes(line, old)) || line.trim_ascii().is_empty() {
            return;
        }
        // White space that folds nothing is a mistake of who wrote it.
        let bytes = line.trim_ascii_start().to_vec();
        self.old |= bytes.to_ascii_uppercase().starts_with(b"VERSION:2");
        self.lines.push(RawLine { number, style: style(&bytes), last: line.len(), bytes });
    }
}

impl RawLine {
    /// Takes the next physical line if it continues this one.
    fn takes(&mut self, line: &[u8], old: bool) -> bool {
        let soft = self.style == Style::QuotedPrintable && self.bytes.ends_with(b"=");
        if soft {
            self.bytes.pop();
            self.bytes.extend_from_slice(line);
        } else if let [b' ' | b'\t', rest @ ..] = line {
            // Version 2.1 breaks a line before white space that belongs to the text, 3.0 anywhere with one
            // added space, usually at 75 characters; some write 2.1 and fold like 3.0.
            if old && self.style == Style::Plain && !(73..=78).contains(&self.last) {
                self.bytes.push(b' ');
            }
            self.bytes.extend_from_slice(rest);
        } else if self.style == Style::Base64 && is_base64(line) {
            self.bytes.extend_from_slice(line);
        } else {
            return false;
        }
        self.last = line.len();
        true
    }

    /// Adds a line that is no property as one more line of this one's text.
    fn append_text(&mut self, line: &[u8]) {
        if self.style == Style::QuotedPrintable {
            self.bytes.extend_from_slice(b"=0A");
            line.iter().for_each(|byte| match byte {
                b'=' => self.bytes.extend_from_slice(b"=3D"),
                _ => self.bytes.push(*byte),
            });
        } else {
            self.bytes.extend_from_slice(b"\\n");
            self.bytes.extend_from_slice(line);
        }
    }

    /// Adds a line of a card within this one, with its own escapes escaped.
    fn append_card(&mut self, line: &[u8]) {
        self.bytes.extend_from_slice(b"\\n");
        for byte in line {
            self.bytes.extend_from_slice(if *byte == b'\\' { b"\\\\" } else { std::slice::from_ref(byte) });
        }
    }
}

/// `BEGIN:VCARD` or `END:VCARD`, in any case and with spaces around.
fn is_boundary(line: &[u8], word: &[u8]) -> bool {
    let Some(at) = line.iter().position(|b| *b == b':') else { return false };
    line[..at].trim_ascii().eq_ignore_ascii_case(word)
        && line[at + 1..].trim_ascii().eq_ignore_ascii_case(b"VCARD")
}

fn is_empty_agent(line: &RawLine) -> bool {
    line.bytes.trim_ascii().eq_ignore_ascii_case(b"AGENT:")
}

fn is_base64(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    !line.is_empty() && line.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
}

/// Whether a line has a property's name before a colon or semicolon. Spaces and commas are let through where
/// only a careless writer can have meant a property: in `X-GOOGLE TALK` and in `LABEL,TYPE=HOME`.
fn starts_property(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let end = line.iter().position(|b| *b == b':' || *b == b';').unwrap_or(0);
    let name = line[..end].trim_ascii_end().to_ascii_uppercase();
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || b"-_.".contains(b);
    let known = |word: &[u8]| KNOWN.iter().any(|known| known.as_bytes() == word);
    let careless = match name.iter().position(|b| *b == b',').map(|at| name.split_at(at)) {
        Some((word, rest)) => known(word) && rest.iter().all(|b| allowed(b) || b"=,".contains(b)),
        None => name.starts_with(b"X-") && name.iter().all(|b| allowed(b) || *b == b' '),
    };
    !name.is_empty() && (name.iter().all(allowed) || careless) && line.contains(&b':')
}

/// How a property's value is encoded, from its parameters.
fn style(line: &[u8]) -> Style {
    let head = head_end(line).and_then(|end| std::str::from_utf8(&line[..end]).ok()).unwrap_or_default();
    let mut style = Style::Plain;
    for piece in split_head(head).skip(1) {
        let (name, value) = piece.split_once('=').unwrap_or(("ENCODING", piece));
        if name.trim().eq_ignore_ascii_case("ENCODING") {
            match value.trim().trim_matches('"').to_ascii_uppercase().as_str() {
                "QUOTED-PRINTABLE" => style = Style::QuotedPrintable,
                "B" | "BASE64" => style = Style::Base64,
                _ => {}
            }
        }
    }
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let card = cards(text.as_bytes()).remove(0);
        card.lines.into_iter().map(|l| String::from_utf8(l.bytes).unwrap()).collect()
    }

    #[test]
    fn all_line_ends_and_foldings_unfold() {
        for end in ["\n", "\r\n", "\r"] {
            let text = "BEGIN:VCARD\nVERSION:3.0\nNOTE:a\n b\n\t c\n\nX:1\nEND:VCARD\n".replace('\n', end);
            assert_eq!(lines(&text), ["VERSION:3.0", "NOTE:ab c", "X:1"], "{end:?}");
        }
    }

    #[test]
    fn version_2_1_keeps_the_white_space_it_broke_at() {
        let long = "x".repeat(70);
        let text = format!("BEGIN:VCARD\nVERSION:2.1\nNOTE:two\n words\nX-A:{long}y\n z\nEND:VCARD\n");
        assert_eq!(lines(&text), ["VERSION:2.1", "NOTE:two words", &format!("X-A:{long}yz")]);
    }

    #[test]
    fn soft_breaks_and_base64_blocks_join() {
        let text = "BEGIN:VCARD\nVERSION:2.1\nNOTE;QUOTED-PRINTABLE:a=\n=C3=A9=\nb\n\
                    PHOTO;ENCODING=BASE64;JPEG:AAAA\nBBBB\n CC==\n\nX:1\nEND:VCARD\n";
        let expected = [
            "VERSION:2.1",
            "NOTE;QUOTED-PRINTABLE:a=C3=A9b",
            "PHOTO;ENCODING=BASE64;JPEG:AAAABBBBCC==",
            "X:1",
        ];
        assert_eq!(lines(text), expected);
    }

    #[test]
    fn cards_without_an_end_and_junk_are_told() {
        let text = "hello\nBEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:B\nEND:VCARD\n\n\nbegin : vcard\nFN:C";
        let cards = cards(text.as_bytes());
        let facts: Vec<_> = cards.iter().map(|c| (c.number, c.lines.len(), c.has_end, c.junk)).collect();
        assert_eq!(facts, [(2, 1, false, true), (4, 1, true, false), (9, 1, false, false)]);
    }

    #[test]
    fn a_line_that_is_no_property_joins_the_text_above() {
        let text = "BEGIN:VCARD\nNOTE:one\ntwo, three\nX-A;X-B=1\n :2\nNOTE;ENCODING=QUOTED-PRINTABLE:x\ny=z\nEND:VCARD\n";
        assert_eq!(
            lines(text),
            ["NOTE:one\\ntwo, three", "X-A;X-B=1:2", "NOTE;ENCODING=QUOTED-PRINTABLE:x=0Ay=3Dz"]
        );
        assert!(cards(text.as_bytes())[0].mended);
    }

    #[test]
    fn a_card_within_an_agent_stays_within() {
        let text = "BEGIN:VCARD\nFN:A\nAGENT:\nBEGIN:VCARD\nFN:B\nEND:VCARD\nTEL:1\nEND:VCARD\n";
        assert_eq!(lines(text), ["FN:A", "AGENT:\\nBEGIN:VCARD\\nFN:B\\nEND:VCARD", "TEL:1"]);
    }

    #[test]
    fn text_folded_before_a_boundary_starts_and_ends_no_card() {
        let text = "BEGIN:VCARD\nNOTE:x\n BEGIN:VCARD\n\tEND:VCARD\nFN:A\nEND:VCARD\n";
        assert_eq!(lines(text), ["NOTE:xBEGIN:VCARDEND:VCARD", "FN:A"]);
        assert_eq!(cards(text.as_bytes()).len(), 1);
    }

    #[test]
    fn a_huge_property_is_told_with_its_line() {
        let text = format!("BEGIN:VCARD\nFN:A\nNOTE:{}\nEND:VCARD\n", "x".repeat(MAX_PROPERTY));
        assert_eq!(cards(text.as_bytes())[0].too_large, Some(3));
    }
}
