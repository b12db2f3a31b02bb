//! vCard in: each card of a file to a draft, or to the reason why not.

use super::lex::{self, MAX_PROPERTY, RawCard};
use super::line::Line;
use super::meaning::{Field, Meaning, preference, single_line};
use super::said::Said;
use super::slots::guessed_kind;
use super::{Options, Row, keep, upgrade, value};
use crate::domain::contact::Typed;
use crate::domain::draft::Draft;
use crate::domain::{email, phone};

/// More properties than this make no contact.
const MAX_PROPERTIES: usize = 2_000;

/// The cards of a file whose bytes are ASCII-compatible (UTF-16 already decoded).
pub(super) fn read(bytes: &[u8], options: &Options) -> Vec<Row> {
    let row = |(number, card): (usize, RawCard)| {
        let mut notes = notes(&card);
        let place = format!("card {} (line {})", number + 1, card.number);
        Row { place, draft: draft(&card, options, &mut notes), notes }
    };
    lex::cards(bytes).into_iter().enumerate().map(row).collect()
}

fn notes(card: &RawCard) -> Vec<String> {
    let mut notes = Vec::new();
    for (happened, note) in [
        (card.junk, "text before the card belongs to no card and was skipped"),
        (!card.has_end, "the card has no END: the file may have been cut off"),
        (card.mended, "a line that is no property was added to the text above it"),
    ] {
        if happened {
            notes.push(note.to_owned());
        }
    }
    notes
}

fn draft(card: &RawCard, options: &Options, notes: &mut Vec<String>) -> Result<Draft, String> {
    if let Some(line) = card.too_large {
        return Err(format!("the property in line {line} is larger than {} MB", MAX_PROPERTY >> 20));
    }
    if let Some(line) = card.lines.iter().find(|line| line.bytes.contains(&0)) {
        return Err(format!("line {} holds NUL bytes", line.number));
    }
    if card.lines.len() > MAX_PROPERTIES {
        return Err(format!("the card has more than {MAX_PROPERTIES} properties"));
    }
    let lines = upgraded(card, notes)?;
    let draft = mapped(&lines, options, notes);
    if draft.name.is_empty() {
        return Err("the card has no name: neither FN, N, ORG, EMAIL nor TEL".to_owned());
    }
    let kept = keep::to_keep(&draft, &lines).iter().map(Line::to_string).collect();
    Ok(Draft { vcard: kept, ..draft })
}

/// The card's lines as version 4.0 would have them, the preferred name first.
fn upgraded(card: &RawCard, notes: &mut Vec<String>) -> Result<Vec<Line>, String> {
    let (mut lines, mut legacy, mut skipped) = (Vec::new(), false, false);
    for raw in &card.lines {
        match upgrade::upgrade(raw, card.old) {
            Ok(Some(upgraded)) => {
                legacy |= upgraded.legacy;
                lines.push(upgraded.line);
            }
            Ok(None) => skipped = true,
            Err(problem) => return Err(format!("line {} holds {}", raw.number, problem.reason())),
        }
    }
    if legacy {
        notes.push("text that is not UTF-8 was read as Windows-1252".to_owned());
    }
    if skipped {
        notes.push("a line that is no property was skipped".to_owned());
    }
    lines.retain(|line| {
        let frame = line.is_any(&["VERSION", "BEGIN", "END"]);
        let nameless = line.is("FN") && value::text(&line.value).trim().is_empty();
        !frame && !nameless
    });
    for name in ["N", "FN"] {
        let named = lines.iter().enumerate().filter(|(_, line)| line.is(name));
        let rank = |line: &Line| (line.value.chars().all(|c| c == ';'), preference(line));
        if let Some((best, _)) = named.min_by_key(|(i, line)| (rank(line), *i)) {
            lines[..=best].rotate_right(1);
        }
    }
    Ok(lines)
}

fn mapped(lines: &[Line], options: &Options, notes: &mut Vec<String>) -> Draft {
    let said = Said::by(lines);
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|i| preference(&lines[*i]));
    let mut draft = Draft::default();
    for i in order {
        match said.meanings().get(i).cloned().flatten() {
            Some(meaning) => hold(&mut draft, meaning, options),
            None if lines[i].is("EMAIL") && !lines[i].value.trim().is_empty() => {
                notes.push("an e-mail address that is none was kept as it is, unused".to_owned());
            }
            None => {}
        }
    }
    let has_parts = [&draft.family, &draft.given, &draft.additional].into_iter().any(Option::is_some);
    draft.kind = said.kind().unwrap_or_else(|| guessed_kind(&draft.name, has_parts, draft.org.as_deref()));
    if draft.name.is_empty() {
        draft.name = composed(&draft);
    }
    draft
}

/// Puts what a line says where the draft holds it.
fn hold(draft: &mut Draft, meaning: Meaning, options: &Options) {
    match meaning {
        Meaning::Kind(_) => {}
        Meaning::Text(Field::Name, text) => draft.name = text,
        Meaning::Text(field, text) => hold_text(draft, field, text),
        Meaning::Parts(parts) => {
            let [family, given, additional, prefix, suffix] =
                parts.map(|part| Some(part).filter(|p| !p.is_empty()));
            (draft.family, draft.given, draft.additional) = (family, given, additional);
            (draft.prefix, draft.suffix) = (prefix, suffix);
        }
        Meaning::Email(typed) => push_new(&mut draft.emails, typed),
        Meaning::Phone(typed) => {
            let value = phone::written(&typed.value, &options.country);
            // A number that would not be known again from its line stays as written.
            let value = if phone::is_same(&value, &typed.value) { value } else { typed.value };
            push_new(&mut draft.phones, Typed { value, kind: typed.kind });
        }
        Meaning::Url(typed) => push_new(&mut draft.urls, typed),
        Meaning::Address(address) => push_new(&mut draft.addresses, address),
        Meaning::Tags(tags) => tags.into_iter().for_each(|tag| push_new(&mut draft.tags, tag)),
        Meaning::Custom(key, text) => {
            if !draft.custom.iter().any(|(known, _)| *known == key) {
                draft.custom.push((key, text));
            }
        }
    }
}

/// The first text is the field's; further ones are custom fields `title 2`, `title 3` …
fn hold_text(draft: &mut Draft, field: Field, text: String) {
    let slot = match field {
        Field::Name => return,
        Field::Nickname => &mut draft.nickname,
        Field::Org => &mut draft.org,
        Field::Title => &mut draft.title,
        Field::Role => &mut draft.role,
        Field::Birthday => &mut draft.birthday,
        Field::Lang => &mut draft.lang,
        Field::Note => &mut draft.note,
    };
    let more = |(key, held): &(String, String)| Field::continued_by(key) == Some(field) && *held == text;
    if slot.is_none() {
        *slot = Some(text);
    } else if *slot != Some(text.clone()) && !draft.custom.iter().any(more) {
        let taken = |n: &usize| draft.custom.iter().any(|(key, _)| *key == format!("{} {n}", field.key()));
        let number = (2..).find(|n| !taken(n)).unwrap_or(2);
        draft.custom.push((format!("{} {number}", field.key()), text));
    }
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// A name for a card without FN, from what else it says.
fn composed(draft: &Draft) -> String {
    let parts = [&draft.prefix, &draft.given, &draft.additional, &draft.family, &draft.suffix];
    let whole = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
    let email = draft.emails.first().map(|e| email::bare(&e.value));
    let others = [draft.org.as_deref(), draft.nickname.as_deref(), email];
    let others = others.into_iter().flatten().chain(draft.phones.first().map(|p| p.value.as_str()));
    std::iter::once(whole.as_str())
        .chain(others)
        .map(single_line)
        .find(|name| !name.is_empty())
        .unwrap_or_default()
}
