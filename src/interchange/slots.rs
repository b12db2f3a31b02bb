//! What a contact holds, piece by piece in the order of export, with the vCard line that each piece becomes.

use super::line::{Line, Param};
use super::meaning::{CUSTOM, Field, Meaning};
use super::value::escape;
use crate::domain::contact::{Address, Contact, ContactKind, Typed};
use crate::domain::draft::Draft;
use crate::domain::fold::fold;
use crate::domain::lawful::PurposeBasis;

/// One piece of a contact.
pub(super) struct Slot {
    pub meaning: Meaning,
    /// The line to write where no kept line says it; `None` where 4.0 needs none.
    pub fresh: Option<Line>,
}

/// The pieces of a contact.
pub(super) fn slots(draft: &Draft) -> Vec<Slot> {
    let mut slots = vec![kind(draft)];
    let mut push = |meaning: Meaning, fresh: Option<Line>| slots.push(Slot { meaning, fresh });
    push(Meaning::Text(Field::Name, draft.name.clone()), Some(Line::new("FN", escape(&draft.name))));
    let parts = parts(draft);
    let has_parts = parts.iter().any(|part| !part.is_empty());
    let n = parts.each_ref().map(|part| escape(part)).join(";");
    push(Meaning::Parts(parts), has_parts.then(|| Line::new("N", n)));
    for field in Field::OTHERS {
        for text in texts(draft, field) {
            push(Meaning::Text(field, text.to_owned()), Some(text_line(field, text)));
        }
    }
    for email in &draft.emails {
        push(Meaning::Email(email.clone()), Some(typed_line("EMAIL", email)));
    }
    for phone in &draft.phones {
        push(Meaning::Phone(phone.clone()), Some(typed_line("TEL", phone)));
    }
    for address in &draft.addresses {
        push(Meaning::Address(address.clone()), Some(address_line(address)));
    }
    for url in &draft.urls {
        let line = Line { value: uri(&url.value), ..typed_line("URL", url) };
        push(Meaning::Url(url.clone()), Some(line));
    }
    if !draft.tags.is_empty() {
        push(Meaning::Tags(draft.tags.clone()), Some(tags_line(draft.tags.iter())));
    }
    for (key, text) in draft.custom.iter().filter(|(key, _)| Field::continued_by(key).is_none()) {
        let line = Line::new(CUSTOM, format!("{};{}", escape(key), escape(text)));
        push(Meaning::Custom(key.clone(), text.clone()), Some(line));
    }
    slots
}

/// The line for these tags.
pub(super) fn tags_line<'a>(tags: impl Iterator<Item = &'a String>) -> Line {
    Line::new("CATEGORIES", tags.map(|tag| escape(tag)).collect::<Vec<_>>().join(","))
}

/// What a card without KIND is taken for: a name that is the organisation's own, and no parts of a
/// person's name.
pub(super) fn guessed_kind(name: &str, has_parts: bool, org: Option<&str>) -> ContactKind {
    match org {
        Some(org) if !has_parts && (name.is_empty() || fold(name) == fold(org)) => ContactKind::Organisation,
        _ => ContactKind::Person,
    }
}

fn kind(draft: &Draft) -> Slot {
    let has_parts = parts(draft).iter().any(|part| !part.is_empty());
    let fresh = match draft.kind {
        ContactKind::Organisation => Some("org"),
        ContactKind::Person => match guessed_kind(&draft.name, has_parts, draft.org.as_deref()) {
            ContactKind::Organisation => Some("individual"),
            ContactKind::Person => None,
        },
    };
    Slot { meaning: Meaning::Kind(draft.kind), fresh: fresh.map(|kind| Line::new("KIND", kind)) }
}

fn parts(draft: &Draft) -> [String; 5] {
    [&draft.family, &draft.given, &draft.additional, &draft.prefix, &draft.suffix]
        .map(|part| part.clone().unwrap_or_default())
}

/// A field's text and those of the custom fields that continue it.
fn texts(draft: &Draft, field: Field) -> impl Iterator<Item = &str> {
    let first = match field {
        Field::Name => None,
        Field::Nickname => draft.nickname.as_deref(),
        Field::Org => draft.org.as_deref(),
        Field::Title => draft.title.as_deref(),
        Field::Role => draft.role.as_deref(),
        Field::Birthday => draft.birthday.as_deref(),
        Field::Lang => draft.lang.as_deref(),
        Field::Note => draft.note.as_deref(),
    };
    let more = draft.custom.iter().filter(move |(key, _)| Field::continued_by(key) == Some(field));
    first.into_iter().chain(more.map(|(_, text)| text.as_str())).filter(|text| !text.trim().is_empty())
}

fn text_line(field: Field, text: &str) -> Line {
    match field {
        // Several nicknames are a list.
        Field::Nickname => {
            let names: Vec<String> = text.split(',').map(|name| escape(name.trim())).collect();
            Line::new("NICKNAME", names.join(","))
        }
        Field::Birthday => match super::value::date(text) {
            Some(_) => Line::new("BDAY", super::value::basic_date(text)),
            None => Line::new("BDAY", escape(text)).with(Some(Param::new("VALUE", "text"))),
        },
        field => Line::new(field.property(), escape(text)),
    }
}

fn typed_line(name: &str, typed: &Typed) -> Line {
    Line::new(name, escape(&typed.value)).with(type_param(name, typed.kind.as_deref()))
}

fn address_line(address: &Address) -> Line {
    let components = [
        "",
        address.extended.as_str(),
        &address.street,
        &address.locality,
        &address.region,
        &address.postcode,
        &address.country,
    ];
    Line::new("ADR", components.map(escape).join(";")).with(type_param("ADR", address.kind.as_deref()))
}

/// `TYPE=`, with each kind quoted where it must be.
fn type_param(name: &str, kind: Option<&str>) -> Option<Param> {
    let kinds = kind.unwrap_or_default().split(',').map(str::trim).filter(|kind| !kind.is_empty());
    let quoted = kinds.map(|kind| {
        let clean: String = kind.chars().filter(|c| *c != '"' && !c.is_control()).collect();
        match clean.as_str() {
            "mobile" if name == "TEL" => "cell".to_owned(),
            plain if plain.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => clean,
            _ => format!("\"{clean}\""),
        }
    });
    let raw = quoted.collect::<Vec<_>>().join(",");
    (!raw.is_empty()).then(|| Param::new("TYPE", &raw))
}

/// A URI is not text: commas and semicolons separate nothing. Readers unescape it all the same.
fn uri(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect::<String>().replace('\\', "\\\\")
}

/// A contact as the draft that would make it again.
pub(super) fn draft_of(contact: &Contact) -> Draft {
    let custom = contact.custom.iter().map(|(key, value)| match value {
        toml::Value::String(text) => (key.clone(), text.clone()),
        other => (key.clone(), other.to_string()),
    });
    let basis =
        |b: &crate::domain::contact::Basis| PurposeBasis { purpose: b.purpose.clone(), basis: b.basis };
    Draft {
        kind: contact.kind,
        name: contact.name.clone(),
        given: contact.given.clone(),
        family: contact.family.clone(),
        additional: contact.additional.clone(),
        prefix: contact.prefix.clone(),
        suffix: contact.suffix.clone(),
        nickname: contact.nickname.clone(),
        org: contact.org.clone(),
        title: contact.title.clone(),
        role: contact.role.clone(),
        emails: contact.emails.clone(),
        phones: contact.phones.clone(),
        addresses: contact.addresses.clone(),
        urls: contact.urls.clone(),
        birthday: contact.birthday.as_ref().map(|date| date.0.clone()),
        tags: contact.tags.clone(),
        lang: contact.lang.clone(),
        note: contact.note.clone(),
        every: None,
        audience: None,
        source: contact.source.clone(),
        bases: contact.bases.iter().map(basis).collect(),
        consents: contact.consents.clone(),
        activities: contact.activities.clone(),
        todos: contact.todos.clone(),
        custom: custom.collect(),
        vcard: contact.vcard.properties.clone(),
        ..Draft::default()
    }
}
