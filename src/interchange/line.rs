//! One unfolded vCard content line (RFC 6350, section 3.3) in its parts, exactly as written.
//!
//! Splits and puts together, no more: what a value means is `value`'s and `meaning`'s affair.

use std::borrow::Cow;
use std::fmt;

/// A parameter as written: `TYPE=work`, `X-A="b;c"` or, in vCard 2.1, a bare `WORK`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Param {
    pub name: String,
    /// What stands behind the `=`, quotes included.
    pub raw: Option<String>,
}

impl Param {
    pub(super) fn new(name: &str, raw: &str) -> Self {
        Param { name: name.to_owned(), raw: Some(raw.to_owned()) }
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The values without quotes. Commas within quotes separate too: RFC 6350 itself writes
    /// `TYPE="work,voice"`.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        let raw = self.raw.as_deref().unwrap_or_default();
        raw.split(',').map(|v| v.trim().trim_matches('"').trim()).filter(|v| !v.is_empty())
    }
}

/// A content line: `[group.]NAME[;params]:value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub group: Option<String>,
    /// As written; compare with [`Line::is`].
    pub name: String,
    pub params: Vec<Param>,
    /// As written, escapes included.
    pub value: String,
}

impl Line {
    pub(super) fn new(name: &str, value: impl Into<String>) -> Self {
        Line { group: None, name: name.to_owned(), params: Vec::new(), value: value.into() }
    }

    pub(super) fn with(mut self, param: Option<Param>) -> Self {
        self.params.extend(param);
        self
    }

    /// Reads a line; `None` when it is no property.
    pub(super) fn parse(text: &str) -> Option<Line> {
        let end = head_end(text.as_bytes())?;
        let (head, value) = (text.get(..end)?, text.get(end + 1..)?);
        let mut pieces = split_head(head);
        let name = pieces.next()?.trim();
        let (group, name) = match name.rsplit_once('.') {
            Some((group, name)) => (Some(group.to_owned()), name),
            None => (None, name),
        };
        if !is_name(name) || group.as_deref().is_some_and(|g| !g.split('.').all(is_name)) {
            return None;
        }
        let params =
            pieces.map(str::trim).filter(|p| !p.is_empty()).map(|piece| match piece.split_once('=') {
                Some((name, raw)) => Param::new(name.trim(), raw.trim()),
                None => Param { name: piece.to_owned(), raw: None },
            });
        Some(Line { group, name: name.to_owned(), params: params.collect(), value: value.to_owned() })
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    pub(super) fn is_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.is(name))
    }

    /// All values of a parameter, over all its occurrences.
    pub(super) fn param<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.params.iter().filter(move |p| p.is(name)).flat_map(Param::values)
    }

    pub(super) fn has_value(&self, name: &str, value: &str) -> bool {
        self.param(name).any(|v| v.eq_ignore_ascii_case(value))
    }

    /// What makes two lines the same property apart from how the value is escaped: group, name and the
    /// parameters in any order; names and the values of TYPE, VALUE and ENCODING in any case.
    pub(super) fn head(&self) -> (Option<String>, String, Vec<(String, String)>) {
        let mut params: Vec<(String, String)> = Vec::new();
        for param in &self.params {
            let name = param.name.to_ascii_uppercase();
            let fold = ["TYPE", "VALUE", "ENCODING"].contains(&name.as_str());
            let value = |v: &str| if fold { v.to_ascii_lowercase() } else { v.to_owned() };
            if param.values().next().is_none() {
                params.push((name, String::new()));
            } else {
                params.extend(param.values().map(|v| (name.clone(), value(v))));
            }
        }
        params.sort();
        (self.group.as_deref().map(str::to_ascii_lowercase), self.name.to_ascii_uppercase(), params)
    }
}

impl fmt::Display for Line {
    /// One line whatever the parts hold: a line break that somebody wrote into a file by hand cannot start
    /// another property.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clean = one_line;
        if let Some(group) = &self.group {
            write!(f, "{}.", clean(group))?;
        }
        f.write_str(&clean(&self.name))?;
        for param in &self.params {
            write!(f, ";{}", clean(&param.name))?;
            if let Some(raw) = &param.raw {
                write!(f, "={}", clean(raw))?;
            }
        }
        write!(f, ":{}", clean(&self.value))
    }
}

/// The text with `\n` for its line breaks and without the control characters that content lines cannot hold.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| c.is_control() && c != '\t') {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n").replace(['\n', '\r'], "\\n");
    Cow::Owned(text.chars().filter(|c| !c.is_control() || *c == '\t').collect())
}

/// Where the head ends: the first colon outside quotes, or the first at all when a quote is never closed.
pub(super) fn head_end(line: &[u8]) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b':' if !quoted => return Some(at),
            _ => {}
        }
    }
    line.iter().position(|b| *b == b':')
}

/// The pieces of a head: name first, then parameters; semicolons within quotes do not count.
pub(super) fn split_head(head: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let balanced = head.matches('"').count().is_multiple_of(2);
    head.split(move |c| {
        quoted ^= c == '"' && balanced;
        c == ';' && !quoted
    })
}

/// RFC 6350's names are letters, digits and hyphens; Radicale, Samsung and others write underscores too.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back_as_it_was_written() {
        for text in [
            "FN:Ana",
            "item1.X-ABLabel:_$!<HomePage>!$_",
            "TEL;WORK;VOICE:(905) 555-1234",
            "TEL;VALUE=uri;TYPE=\"work,voice\";PREF=1:tel:+1-418-656-9254;ext=102",
            "X-AIM;TYPE=HOME;X-UUID=\"a:b;c\":johnny5@aol.com",
            "NOTE:",
        ] {
            assert_eq!(Line::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn parts_are_found() {
        let line = Line::parse("a.TEL;TYPE=\"work,voice\";type=Cell;X-A=\"b:c;d\":x:y").unwrap();
        assert_eq!(
            (line.group.as_deref(), line.name.as_str(), line.value.as_str()),
            (Some("a"), "TEL", "x:y")
        );
        assert_eq!(line.param("TYPE").collect::<Vec<_>>(), ["work", "voice", "Cell"]);
        assert!(line.has_value("x-a", "B:C;D") && line.is("tel"));
        let same = Line::parse("A.tel;X-A=b:c;d:x").unwrap();
        assert_eq!(same.value, "c;d:x", "without quotes the first colon ends the head");
        assert_eq!(Line::parse("X;A=\"b:c").unwrap().value, "c", "an open quote does not swallow the value");
    }

    #[test]
    fn order_and_case_of_parameters_do_not_make_another_head() {
        let one = Line::parse("TEL;TYPE=HOME,Fax;X-P=A:1").unwrap();
        let two = Line::parse("tel;x-p=A;type=fax;TYPE=home:1").unwrap();
        let other = Line::parse("TEL;TYPE=HOME,Fax;X-P=a:1").unwrap();
        assert_eq!(one.head(), two.head());
        assert_ne!(one.head(), other.head());
    }

    #[test]
    fn what_is_no_property_is_none() {
        for text in ["", "hello", ":x", "a b:x", "é:x", ".TEL:x", "a..TEL:x", ";X:y"] {
            assert_eq!(Line::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_line_cannot_become_two() {
        let line = Line::new("X-A", "1\r\nEND:VCARD\0").with(Some(Param::new("P", "a\nb")));
        assert_eq!(line.to_string(), "X-A;P=a\\nb:1\\nEND:VCARD");
    }
}
