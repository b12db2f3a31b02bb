//! Lines of vCard 4.0 as vCard 3.0 has them (RFC 2426), for phones and CardDAV servers that know no other: the way back of
//! `upgrade`. Properties that 3.0 does not have stay as they are; its readers pass over what they do not know (section 3.8).

use super::line::{Line, Param};
use super::meaning::CUSTOM;
use super::value::{self, escape};

/// Which vCard is written.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum,
)]
pub enum Version {
    /// RFC 2426: what iPhones, Outlook and many CardDAV servers keep.
    #[value(name = "3.0")]
    #[serde(rename = "3.0")]
    V3,
    /// RFC 6350.
    #[default]
    #[value(name = "4.0")]
    #[serde(rename = "4.0")]
    V4,
}

impl Version {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Version::V3 => "3.0",
            Version::V4 => "4.0",
        }
    }

    /// Whether it is the one that is written where nothing is said.
    pub fn is_default(&self) -> bool {
        *self == Version::default()
    }
}

/// A year that does not count, where one must stand: Apple's way with a birthday that has none.
const NO_YEAR: &str = "1604";

/// The line as 3.0 says it.
pub(super) fn downgrade(mut line: Line) -> Line {
    unquote_types(&mut line);
    prefer_by_type(&mut line);
    match line.name.to_ascii_uppercase().as_str() {
        "KIND" => kind(line),
        "BDAY" => birthday(line),
        "PHOTO" | "LOGO" | "SOUND" | "KEY" => file(line),
        "TEL" => {
            if let Some(number) = line.value.strip_prefix("tel:") {
                line.value = number.to_owned();
                line.params.retain(|param| !param.is("VALUE"));
            }
            line
        }
        "GEO" => {
            if let Some((latitude, longitude)) =
                line.value.strip_prefix("geo:").and_then(|at| at.split_once(','))
            {
                // Parameters of the URI, such as `;u=35`, have no place.
                let longitude = longitude.split(';').next().unwrap_or_default();
                line.value = format!("{latitude};{longitude}");
            }
            line
        }
        _ => line,
    }
}

/// `TYPE="work,voice"` is two types in 4.0 and one of that name in 3.0.
fn unquote_types(line: &mut Line) {
    for param in line.params.iter_mut().filter(|param| param.is("TYPE")) {
        let plain = |one: &str| one.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if param.values().all(plain) {
            param.raw = Some(param.values().collect::<Vec<_>>().join(","));
        }
    }
}

/// `PREF=1` is `TYPE=pref`; lesser preferences have no name.
fn prefer_by_type(line: &mut Line) {
    let first = line.param("PREF").any(|rank| rank == "1");
    line.params.retain(|param| !param.is("PREF"));
    if first && !line.has_value("TYPE", "pref") {
        line.params.push(Param::new("TYPE", "pref"));
    }
}

/// Apple's words for it: 3.0 has none of its own.
fn kind(line: Line) -> Line {
    match line.value.trim().to_ascii_lowercase().as_str() {
        "org" => Line { name: "X-ABShowAs".to_owned(), value: "COMPANY".to_owned(), ..line },
        _ => Line { name: "X-ADDRESSBOOKSERVER-KIND".to_owned(), ..line },
    }
}

/// A birthday with dashes, which every reader knows; without a year as Apple writes it; a text as a field of ours.
fn birthday(mut line: Line) -> Line {
    match value::date(&line.value) {
        Some(date) => {
            line.params.retain(|param| !param.is("VALUE"));
            match date.strip_prefix("--") {
                Some(day) => {
                    line.params.push(Param::new("X-APPLE-OMIT-YEAR", NO_YEAR));
                    line.value = format!("{NO_YEAR}-{day}");
                }
                // A moment of the day stays.
                None if !line.value.contains(['T', 't']) => line.value = date,
                None => {}
            }
            line
        }
        None if line.has_value("VALUE", "text") => {
            let text = value::text(&line.value);
            Line::new(CUSTOM, format!("{};{}", escape("birthday"), escape(&text)))
        }
        None => line,
    }
}

/// A `data:` URI (RFC 2397) as `ENCODING=b`; another URI with the parameter that 3.0 asks for.
fn file(mut line: Line) -> Line {
    let Some((kind, data)) = line.value.strip_prefix("data:").and_then(|data| data.split_once(";base64,"))
    else {
        let is_uri = line.value.split_once(':').is_some_and(|(scheme, _)| {
            !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        });
        if is_uri && line.param("VALUE").next().is_none() {
            line.params.push(Param::new("VALUE", "uri"));
        }
        return line;
    };
    let short = match kind.split_once('/').map_or(kind, |(_, short)| short) {
        "pgp-keys" => "PGP".to_owned(),
        "pkix-cert" => "X509".to_owned(),
        "wav" => "WAVE".to_owned(),
        "octet-stream" => String::new(),
        short => short.to_ascii_uppercase(),
    };
    line.params.retain(|param| !(param.is("MEDIATYPE") || param.is("VALUE")));
    line.params.insert(0, Param::new("ENCODING", "b"));
    let plain = short.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !short.is_empty() && plain && !line.has_value("TYPE", &short) {
        line.params.insert(1, Param::new("TYPE", &short));
    }
    line.value = data.to_owned();
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_4_0_says_is_said_as_3_0_does() {
        for (four, three) in [
            ("TEL;TYPE=\"work,voice\";PREF=1:+33", "TEL;TYPE=work,voice;TYPE=pref:+33"),
            ("TEL;TYPE=home;PREF=3:+33", "TEL;TYPE=home:+33"),
            ("TEL;VALUE=uri;TYPE=cell:tel:+33", "TEL;TYPE=cell:+33"),
            ("TEL;TYPE=\"Ma ferme\":+33", "TEL;TYPE=\"Ma ferme\":+33"),
            ("KIND:org", "X-ABShowAs:COMPANY"),
            ("KIND:individual", "X-ADDRESSBOOKSERVER-KIND:individual"),
            ("BDAY:19800322", "BDAY:1980-03-22"),
            ("BDAY:--0322", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-22"),
            ("BDAY:19800322T101112Z", "BDAY:19800322T101112Z"),
            ("BDAY;VALUE=text:circa 1800\\, I think", "X-CARNET-FIELD:birthday;circa 1800\\, I think"),
            ("PHOTO:data:image/png;base64,AAAA", "PHOTO;ENCODING=b;TYPE=PNG:AAAA"),
            ("PHOTO;TYPE=png:data:image/png;base64,AAAA", "PHOTO;ENCODING=b;TYPE=png:AAAA"),
            ("PHOTO:https://example.org/a.jpg", "PHOTO;VALUE=uri:https://example.org/a.jpg"),
            ("KEY:data:application/pgp-keys;base64,AAAA", "KEY;ENCODING=b;TYPE=PGP:AAAA"),
            ("GEO:geo:37.386013,-122.082932;u=35", "GEO:37.386013;-122.082932"),
            ("X-A;TYPE=work:geo:1,2", "X-A;TYPE=work:geo:1,2"),
            ("LANG:fr", "LANG:fr"),
        ] {
            assert_eq!(downgrade(Line::parse(four).unwrap()).to_string(), three);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_line_makes_it_fail(head in "[A-Z;=\",a-z0-9]{0,20}", value in "\\PC{0,40}") {
            for name in ["PHOTO", "BDAY", "TEL", "GEO", "KIND", "N"] {
                if let Some(line) = Line::parse(&format!("{name};{head}:{value}")) {
                    downgrade(line);
                }
            }
        }
    }
}
