//! What a vCard line says in a contact's own fields: the one mapping that import, export and
//! [`reconcile`](super::reconcile) share, so that they cannot disagree.

use calcard::vcard::VCardValue;

use super::line::Line;
use super::value;
use crate::domain::contact::{Address, ContactKind, Typed};
use crate::domain::{email, phone};

/// Our own property for a custom field: `X-CARNET-FIELD:name;value`.
pub(super) const CUSTOM: &str = "X-CARNET-FIELD";

/// Fields that hold one text, with the vCard property of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Name,
    Nickname,
    Org,
    Title,
    Role,
    Birthday,
    Lang,
    Note,
}

impl Field {
    /// All but the name, which cannot be absent, in the order of export.
    pub(super) const OTHERS: [Field; 7] =
        [Field::Nickname, Field::Org, Field::Title, Field::Role, Field::Birthday, Field::Lang, Field::Note];

    pub(super) fn property(self) -> &'static str {
        match self {
            Field::Name => "FN",
            Field::Nickname => "NICKNAME",
            Field::Org => "ORG",
            Field::Title => "TITLE",
            Field::Role => "ROLE",
            Field::Birthday => "BDAY",
            Field::Lang => "LANG",
            Field::Note => "NOTE",
        }
    }

    /// The contact's key; further values are custom fields `<key> 2`, `<key> 3` …
    pub(super) fn key(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Nickname => "nickname",
            Field::Org => "org",
            Field::Title => "title",
            Field::Role => "role",
            Field::Birthday => "birthday",
            Field::Lang => "lang",
            Field::Note => "note",
        }
    }

    /// The field that a custom key such as `title 2` continues.
    pub(super) fn continued_by(key: &str) -> Option<Field> {
        let (base, number) = key.rsplit_once(' ')?;
        let counts = number.parse::<u32>().is_ok_and(|n| n >= 2) && !number.starts_with(['0', '+']);
        Field::OTHERS.into_iter().find(|f| counts && f.key() == base)
    }
}

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Meaning {
    Kind(ContactKind),
    Text(Field, String),
    /// Family, given, additional, prefix, suffix, as in N.
    Parts([String; 5]),
    Email(Typed),
    /// The number as written.
    Phone(Typed),
    Url(Typed),
    Address(Address),
    Tags(Vec<String>),
    Custom(String, String),
}

/// What `line` says, or `None` when no field of a contact holds it. `label` is its group's X-ABLabel.
pub(super) fn meaning(line: &Line, label: Option<&str>) -> Option<Meaning> {
    let raw = line.value.as_str();
    if line.params.iter().any(|p| p.is("ENCODING")) {
        return None;
    }
    match line.name.to_ascii_uppercase().as_str() {
        "FN" => one(Field::Name, &value::text(raw)),
        "NICKNAME" => one(Field::Nickname, &value::texts("NICKNAME", raw, "").join(", ")),
        "ORG" => one(Field::Org, value::texts("ORG", raw, "").first()?),
        "TITLE" => one(Field::Title, &value::text(raw)),
        "ROLE" => one(Field::Role, &value::text(raw)),
        "LANG" => one(Field::Lang, &value::text(raw)),
        "NOTE" => {
            Some(value::text(raw)).filter(|t| !t.trim().is_empty()).map(|t| Meaning::Text(Field::Note, t))
        }
        "BDAY" => birthday(line).map(|date| Meaning::Text(Field::Birthday, date)),
        "N" => parts(raw).map(Meaning::Parts),
        "EMAIL" => {
            let text = value::text(raw);
            email::normalise(&text)?;
            Some(Meaning::Email(typed(email::bare(&text), kinds(line, label))))
        }
        "TEL" => Some(typed(&value::text(raw), kinds(line, label))).filter(has_value).map(Meaning::Phone),
        "URL" => Some(typed(&value::text(raw), kinds(line, label))).filter(has_value).map(Meaning::Url),
        "ADR" => address(raw, kinds(line, label)).map(Meaning::Address),
        "CATEGORIES" => {
            let tags: Vec<String> =
                value::texts("CATEGORIES", raw, "").iter().map(|t| single_line(t)).collect();
            let tags: Vec<String> = tags.into_iter().filter(|t| !t.is_empty()).collect();
            (!tags.is_empty()).then_some(Meaning::Tags(tags))
        }
        "KIND" | "X-ADDRESSBOOKSERVER-KIND" => kind(raw.trim()).map(Meaning::Kind),
        "X-ABSHOWAS" if raw.trim().eq_ignore_ascii_case("COMPANY") => {
            Some(Meaning::Kind(ContactKind::Organisation))
        }
        CUSTOM => match value::texts("ORG", raw, "").as_slice() {
            [key, text] if !key.is_empty() => Some(Meaning::Custom(key.clone(), text.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// The label of an Apple group as a kind: `_$!<HomePage>!$_` is `homepage`, own labels stay as they are.
pub(super) fn label_kind(raw: &str) -> Option<String> {
    let text = value::text(raw);
    let text = text.trim();
    let kind = match text.strip_prefix("_$!<").and_then(|t| t.strip_suffix(">!$_")) {
        Some(known) => known.to_lowercase(),
        None => single_line(text),
    };
    (!kind.is_empty()).then_some(kind)
}

/// How much the card prefers a line: 1 first (RFC 6350, section 5.3; TYPE=pref before it).
pub(super) fn preference(line: &Line) -> u32 {
    let rank = line.param("PREF").next().and_then(|p| p.parse().ok());
    rank.unwrap_or(if line.has_value("TYPE", "pref") { 1 } else { 101 })
}

/// White space and line breaks as single spaces, for fields that lists show on one line.
pub(super) fn single_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn one(field: Field, text: &str) -> Option<Meaning> {
    Some(single_line(text)).filter(|t| !t.is_empty()).map(|t| Meaning::Text(field, t))
}

fn typed(text: &str, kind: Option<String>) -> Typed {
    Typed { value: text.trim().to_owned(), kind }
}

fn has_value(typed: &Typed) -> bool {
    !typed.value.is_empty()
}

/// The kinds in TYPE, `mobile` for `cell`; those that say nothing, or the obvious, are left out.
fn kinds(line: &Line, label: Option<&str>) -> Option<String> {
    let obvious: &[&str] = match line.name.to_ascii_uppercase().as_str() {
        "EMAIL" => &["pref", "internet", "smtp"],
        "TEL" => &["pref", "voice", "msg"],
        "ADR" => &["pref", "dom", "intl", "postal", "parcel"],
        _ => &["pref"],
    };
    let mut kinds: Vec<String> = Vec::new();
    for kind in line.param("TYPE") {
        let lower = kind.to_lowercase();
        let kind = match lower.as_str() {
            "cell" if line.is("TEL") => "mobile".to_owned(),
            _ => single_line(&lower),
        };
        if !obvious.contains(&kind.as_str()) && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    match kinds.is_empty() {
        true => label.and_then(label_kind),
        false => Some(kinds.join(", ")),
    }
}

fn kind(raw: &str) -> Option<ContactKind> {
    match raw.to_ascii_lowercase().as_str() {
        "individual" => Some(ContactKind::Person),
        // A group has members rather than a name of its own: closer to a firm than to a person.
        "org" | "organization" | "group" => Some(ContactKind::Organisation),
        _ => None,
    }
}

fn birthday(line: &Line) -> Option<String> {
    let date = value::date(&line.value)?;
    // Apple writes a birthday without a year as one in a year that does not count.
    match line.param("X-APPLE-OMIT-YEAR").next() {
        Some(year) if date.get(..4) == Some(year) => Some(format!("-{}", date.get(4..)?)),
        _ => Some(date),
    }
}

fn parts(raw: &str) -> Option<[String; 5]> {
    let mut components = value::values("N", raw).into_iter();
    let mut next = |joint: &str| match components.next() {
        Some(VCardValue::Text(text)) => single_line(&text),
        Some(VCardValue::Component(list)) => single_line(&list.join(joint)),
        _ => String::new(),
    };
    Some([next(" "), next(" "), next(" "), next(" "), next(", ")])
}

fn address(raw: &str, kind: Option<String>) -> Option<Address> {
    let mut components = value::texts("ADR", raw, ", ").into_iter().map(|t| t.trim().to_owned());
    let mut next = || components.next().unwrap_or_default();
    let (pobox, extended) = (next(), next());
    let extended = [pobox, extended].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(", ");
    let (street, locality, region, postcode, country) = (next(), next(), next(), next(), next());
    let address = Address { street, extended, postcode, locality, region, country, kind };
    let empty = Address { kind: address.kind.clone(), ..Address::default() };
    (address != empty).then_some(address)
}

/// Whether a line that means `line` says what the contact holds as `held`.
pub(super) fn says(line: &Meaning, held: &Meaning) -> bool {
    match (line, held) {
        (Meaning::Phone(line), Meaning::Phone(held)) => {
            line.kind == held.kind && phone::is_same(&held.value, &line.value)
        }
        (line, held) => line == held,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Meaning> {
        meaning(&Line::parse(text).unwrap(), None)
    }

    fn typed(value: &str, kind: Option<&str>) -> Typed {
        Typed { value: value.into(), kind: kind.map(str::to_owned) }
    }

    #[test]
    fn fields_are_understood() {
        for (text, expected) in [
            ("FN: Jean\\n Dupont ", Meaning::Text(Field::Name, "Jean Dupont".into())),
            ("NICKNAME:Jim,Jimmie", Meaning::Text(Field::Nickname, "Jim, Jimmie".into())),
            ("ORG:IBM\\, Inc.;Accounting", Meaning::Text(Field::Org, "IBM, Inc.".into())),
            ("BDAY:19800322", Meaning::Text(Field::Birthday, "1980-03-22".into())),
            ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-22", Meaning::Text(Field::Birthday, "--03-22".into())),
            ("NOTE:a\\nb", Meaning::Text(Field::Note, "a\nb".into())),
            ("TEL;TYPE=CELL,VOICE,PREF:06", Meaning::Phone(typed("06", Some("mobile")))),
            ("TEL;TYPE=\"work,fax\":06", Meaning::Phone(typed("06", Some("work, fax")))),
            ("EMAIL;TYPE=INTERNET:Jo@X.fr", Meaning::Email(typed("Jo@X.fr", None))),
            ("URL:http\\://x.fr", Meaning::Url(typed("http://x.fr", None))),
            ("CATEGORIES: a,b\\,c,", Meaning::Tags(vec!["a".into(), "b,c".into()])),
            ("KIND:org", Meaning::Kind(ContactKind::Organisation)),
            ("X-CARNET-FIELD:a\\;b;c", Meaning::Custom("a;b".into(), "c".into())),
        ] {
            assert_eq!(of(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_no_field_holds_has_no_meaning() {
        for text in [
            "X-A:1",
            "EMAIL:nobody",
            "TEL:",
            "BDAY:circa 1800",
            "NOTE;ENCODING=b:QUJD",
            "ADR:;;;;;;",
            "ORG:;x",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_keeps_its_parts_apart() {
        let Some(Meaning::Address(address)) =
            of("ADR;TYPE=HOME:BP 1;Bât. B;1 rue X\\, 2;Paris;;75001;France")
        else {
            panic!()
        };
        assert_eq!((address.extended.as_str(), address.street.as_str()), ("BP 1, Bât. B", "1 rue X, 2"));
        assert_eq!((address.postcode.as_str(), address.kind.as_deref()), ("75001", Some("home")));
    }

    #[test]
    fn a_label_serves_where_there_is_no_type() {
        let line = Line::parse("item1.TEL:06").unwrap();
        let kind = |label| match meaning(&line, Some(label)) {
            Some(Meaning::Phone(typed)) => typed.kind,
            other => panic!("{other:?}"),
        };
        assert_eq!(kind("_$!<AssistantPhone>!$_").as_deref(), Some("assistantphone"));
        assert_eq!(kind("Ma ferme").as_deref(), Some("Ma ferme"));
    }

    #[test]
    fn further_values_continue_a_field() {
        assert_eq!(Field::continued_by("title 2"), Some(Field::Title));
        for key in ["title", "title 1", "title 02", "name 2", "size 2", "title +2"] {
            assert_eq!(Field::continued_by(key), None, "{key}");
        }
    }
}
