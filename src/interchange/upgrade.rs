//! A raw line of vCard 2.1, 3.0 or 4.0 as a line that readers of 4.0 understand, with nothing lost.
//!
//! Quoted-printable and charsets are decoded, bare parameters named, pictures become `data:` URIs, dates
//! basic (RFC 6350, appendix A lists what 4.0 changed). Whatever is fine already stays byte for byte.

use std::borrow::Cow;

use super::charset::{self, Undecodable};
use super::lex::RawLine;
use super::line::{Line, Param, head_end, one_line};
use super::value;

/// Properties of text whose commas separate nothing in version 2.1.
const COMMAS_ARE_TEXT: [&str; 8] = ["N", "ADR", "ORG", "FN", "NOTE", "TITLE", "ROLE", "LABEL"];
/// Properties of text, whose stray backslashes readers would drop.
const TEXTS: [&str; 11] =
    ["N", "ADR", "ORG", "FN", "NOTE", "TITLE", "ROLE", "LABEL", "NICKNAME", "CATEGORIES", "EMAIL"];
/// Properties that hold a file, a URI in 4.0.
const FILES: [&str; 4] = ["PHOTO", "LOGO", "SOUND", "KEY"];
const DATES: [&str; 4] = ["BDAY", "ANNIVERSARY", "DEATHDATE", "REV"];
const DATE_TYPES: [&str; 4] = ["date", "date-time", "date-and-or-time", "timestamp"];

/// An upgraded line.
pub(super) struct Upgraded {
    pub line: Line,
    /// Some of it was not UTF-8 and was read as Windows-1252.
    pub legacy: bool,
}

/// Upgrades `raw`; `None` when it is no property. `old` is version 2.1.
pub(super) fn upgrade(raw: &RawLine, old: bool) -> Result<Option<Upgraded>, Undecodable> {
    let Some(end) = head_end(&raw.bytes) else { return Ok(None) };
    let (head, bytes) = (&raw.bytes[..end], &raw.bytes[end + 1..]);
    let (head, legacy_head) = charset::text(head)?;
    let Some(mut line) = Line::parse(&format!("{}:", mended_head(&head))) else { return Ok(None) };
    let Encoding { charset, printable, base64 } = take_encoding(&mut line);
    let bytes = if printable { Cow::Owned(unprintable(bytes)) } else { Cow::Borrowed(bytes) };
    let (text, legacy) = match &charset {
        Some(label) => charset::labelled(&bytes, label)?,
        None => charset::text(&bytes)?,
    };
    line.value = match &base64 {
        Some(_) => text.chars().filter(|c| !c.is_whitespace()).collect(),
        None => one_line(&text).into_owned(),
    };
    name_bare_params(&mut line);
    if let Some(written) = base64 {
        if line.is_any(&FILES) && !line.value.is_empty() {
            if !line.value.starts_with("data:") {
                line.value = format!("data:{};base64,{}", media_type(&line), line.value);
            }
            line.params.retain(|p| !(p.is("VALUE") && is_binary(p)));
        } else {
            line.params.push(written);
        }
    } else if line.is_any(&TEXTS) {
        line.value = value::tidy(&line.value);
        if old && line.is_any(&COMMAS_ARE_TEXT) {
            line.value = escape_commas(&line.value);
        }
    } else if is_date(&line) {
        line.value = value::basic_date(&line.value);
    } else if line.is("TZ") && matches!(line.value.as_bytes(), [b'+' | b'-', _, _, b':', _, _]) {
        line.value = line.value.replace(':', "");
    }
    Ok(Some(Upgraded { line, legacy: legacy || legacy_head }))
}

#[derive(Default)]
struct Encoding {
    charset: Option<String>,
    printable: bool,
    /// The parameter as written, for values that stay encoded.
    base64: Option<Param>,
}

/// Takes the parameters that say how the value is encoded, which 4.0 no longer has.
fn take_encoding(line: &mut Line) -> Encoding {
    let mut found = Encoding::default();
    line.params.retain(|param| {
        let (name, value) = match &param.raw {
            Some(raw) => (param.name.to_ascii_uppercase(), raw.trim_matches('"').to_ascii_uppercase()),
            None => ("ENCODING".to_owned(), param.name.to_ascii_uppercase()),
        };
        match (name.as_str(), value.as_str()) {
            ("CHARSET", _) => found.charset = Some(value),
            ("ENCODING", "QUOTED-PRINTABLE") => found.printable = true,
            ("ENCODING", "B" | "BASE64") => {
                let raw = param.raw.clone().unwrap_or_else(|| param.name.clone());
                found.base64 = Some(Param::new("ENCODING", &raw));
            }
            ("ENCODING", "7BIT" | "8BIT") => {}
            _ => return true,
        }
        false
    });
    found
}

/// Gives the bare parameters of version 2.1 their names: `TEL;WORK` is `TEL;TYPE=WORK`.
fn name_bare_params(line: &mut Line) {
    for param in &mut line.params {
        let whole = match &param.raw {
            None => param.name.clone(),
            Some(raw) if param.name.contains('(') => format!("{}={raw}", param.name),
            Some(_) => continue,
        };
        let (name, raw) = match whole.to_ascii_uppercase().as_str() {
            "URL" | "CONTENT-ID" | "CID" | "INLINE" if line.name.eq_ignore_ascii_case("PHOTO") => {
                ("VALUE", whole)
            }
            _ => ("TYPE", custom_type(&whole).unwrap_or(whole)),
        };
        *param = Param::new(name, &raw);
    }
}

/// The label in Android's `X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=46=65=72=6D=65)`, quoted.
fn custom_type(param: &str) -> Option<String> {
    let inner = param.strip_prefix("X-CUSTOM(")?.strip_suffix(')')?;
    let (settings, label) = inner.rsplit_once(',').unwrap_or(("", inner));
    let label = match settings.to_ascii_uppercase().contains("QUOTED-PRINTABLE") {
        true => unprintable(label.as_bytes()),
        false => label.as_bytes().to_vec(),
    };
    let (label, _) = charset::text(&label).ok()?;
    let label: String = label.chars().filter(|c| *c != '"' && !c.is_control()).collect();
    Some(format!("\"{label}\""))
}

/// Decodes quoted-printable (RFC 2045, section 6.7); what is no code stays as written.
fn unprintable(bytes: &[u8]) -> Vec<u8> {
    let hex = |b: &u8| char::from(*b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.strip_suffix(b"=").unwrap_or(bytes);
    while let [first, tail @ ..] = rest {
        let code = match (first, tail) {
            (b'=', [a, b, ..]) => hex(a).zip(hex(b)).map(|(a, b)| a << 4 | b),
            _ => None,
        };
        out.push(code.unwrap_or(*first));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    out
}

/// A head that a careless writer wrote as one can still be read: `X-GOOGLE TALK;TYPE=WORK`, `LABEL,TYPE=HOME`.
fn mended_head(head: &str) -> Cow<'_, str> {
    let end = head.find(';').unwrap_or(head.len());
    let name = head[..end].trim();
    if name.contains([' ', ',']) {
        Cow::Owned(format!("{}{}", name.replacen(',', ";", 1).replace(' ', "-"), &head[end..]))
    } else {
        Cow::Borrowed(head)
    }
}

fn is_date(line: &Line) -> bool {
    match line.param("VALUE").next() {
        Some(kind) => DATE_TYPES.iter().any(|date| kind.eq_ignore_ascii_case(date)),
        None => line.is_any(&DATES),
    }
}

fn is_binary(value: &Param) -> bool {
    value.values().any(|v| v.eq_ignore_ascii_case("binary") || v.eq_ignore_ascii_case("inline"))
}

/// The media type of a picture, sound or key: what the line says, else what the data begins with.
fn media_type(line: &Line) -> String {
    let said = line.param("MEDIATYPE").chain(line.param("TYPE"));
    let mut said =
        said.map(str::to_ascii_lowercase).filter(|t| !["pref", "work", "home"].contains(&t.as_str()));
    let family = match line.name.to_ascii_uppercase().as_str() {
        "SOUND" => "audio",
        "KEY" => "application",
        _ => "image",
    };
    match said.next() {
        Some(whole) if whole.contains('/') => whole,
        Some(short) => {
            let short = match (family, short.as_str()) {
                ("image", "jpg") => "jpeg",
                ("audio", "wave") => "wav",
                ("application", "pgp" | "gpg") => "pgp-keys",
                ("application", "x509") => "pkix-cert",
                _ => &short,
            };
            format!("{family}/{short}")
        }
        None if line.value.starts_with("/9j/") => "image/jpeg".to_owned(),
        None if line.value.starts_with("iVBOR") => "image/png".to_owned(),
        None if line.value.starts_with("R0lGOD") => "image/gif".to_owned(),
        None => "application/octet-stream".to_owned(),
    }
}

fn escape_commas(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut escaped = false;
    for c in text.chars() {
        if c == ',' && !escaped {
            out.push('\\');
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interchange::lex;

    fn up(version: &str, line: &[u8]) -> String {
        let bytes = [b"BEGIN:VCARD\nVERSION:", version.as_bytes(), b"\n", line, b"\nEND:VCARD"].concat();
        let card = lex::cards(&bytes).remove(0);
        upgrade(&card.lines[1], card.old).unwrap().unwrap().line.to_string()
    }

    #[test]
    fn version_2_1_becomes_readable_for_4_0() {
        for (old, new) in [
            ("TEL;WORK;VOICE:1", "TEL;TYPE=WORK;TYPE=VOICE:1"),
            ("N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:M=C3=BCller;J=C3=B6rg", "N:Müller;Jörg"),
            ("NOTE;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:caf=E9=0D=0Anoir, bon", "NOTE:café\\nnoir\\, bon"),
            ("N:Doe;John;Richter,James", "N:Doe;John;Richter\\,James"),
            ("NOTE:C:\\Windows", "NOTE:C:\\\\Windows"),
            ("PHOTO;JPEG;ENCODING=BASE64:/9j/\n AAAA", "PHOTO;TYPE=JPEG:data:image/jpeg;base64,/9j/AAAA"),
            ("PHOTO;BASE64:iVBORw==", "PHOTO:data:image/png;base64,iVBORw=="),
            ("X-A;ENCODING=BASE64:QUJD", "X-A;ENCODING=BASE64:QUJD"),
            ("BDAY:1980-03-22", "BDAY:19800322"),
            ("X-ANDROID-CUSTOM:vnd.x/nickname;Jo;1;;", "X-ANDROID-CUSTOM:vnd.x/nickname;Jo;1;;"),
            (
                "TEL;X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=46=65=72=6D=65):1",
                "TEL;TYPE=\"Ferme\":1",
            ),
        ] {
            assert_eq!(up("2.1", old.as_bytes()), new);
        }
    }

    #[test]
    fn later_versions_keep_what_is_fine() {
        for line in [
            "N:Doe;John;Richter,James;;",
            "TEL;TYPE=\"work,voice\";VALUE=uri:tel:+1",
            "PHOTO;VALUE=uri:http://example.org/a.jpg",
            "PHOTO:data:image/png;base64,AAAA",
            "BDAY;VALUE=text:circa 1800-01-01",
            "X-A:a\\b",
            "X-SOCIALPROFILE;type=twitter;x-user=jo:http://twitter.com/jo",
        ] {
            assert_eq!(up("3.0", line.as_bytes()), line);
        }
        assert_eq!(up("3.0", b"REV:2012-03-05T13:32:54Z"), "REV:20120305T133254Z");
        assert_eq!(
            up("3.0", b"PHOTO;VALUE=binary;ENCODING=b;TYPE=png:AA AA"),
            "PHOTO;TYPE=png:data:image/png;base64,AAAA"
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_are_decoded_and_said() {
        let raw = |line: &[u8]| lex::cards(&[b"BEGIN:VCARD\n", line].concat()).remove(0).lines.remove(0);
        let upgraded = upgrade(&raw(b"FN:Andr\xE9"), false).unwrap().unwrap();
        assert_eq!((upgraded.line.value.as_str(), upgraded.legacy), ("André", true));
        assert!(upgrade(&raw(b"FN:Andr\x82"), false).is_err());
        assert!(upgrade(&raw(b"no property"), false).unwrap().is_none());
    }

    #[test]
    fn a_careless_head_is_mended() {
        assert_eq!(up("3.0", b"X-GOOGLE TALK;TYPE=WORK:jo"), "X-GOOGLE-TALK;TYPE=WORK:jo");
        assert_eq!(up("3.0", b"LABEL,TYPE=HOME:1 rue X"), "LABEL;TYPE=HOME:1 rue X");
        assert_eq!(up("3.0", b"X-ANNIVERSARY;VALUE=date:1992-02-20"), "X-ANNIVERSARY;VALUE=date:19920220");
        assert_eq!(up("3.0", b"TZ:-05:00"), "TZ:-0500");
    }

    #[test]
    fn broken_codes_stay() {
        assert_eq!(unprintable(b"a=3Db=ZZ=4="), b"a=b=ZZ=4");
    }
}
