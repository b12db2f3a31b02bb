//! What a card of a vdir that came back from a phone or another program says otherwise than the card that carnet wrote.
//!
//! Both cards are read by the same code, and only what differs between them changes the contact's text: comments,
//! order, consents, entries and unknown keys stay. Programs drop properties that they do not know, so that something
//! missing means something only where every address book has it.

use toml_edit::{Array, DocumentMut, Item, Table, Value, value};

use super::line::Line;
use super::{Options, Row, Version, reconcile, vcard_read, write_card_as};
use crate::domain::contact::{Contact, Typed};
use crate::domain::draft::{Draft, address_value, typed_value};
use crate::domain::edit::{put_value, text_of};
use crate::domain::phone;

/// Properties that say nothing about the person.
const BESIDE: [&str; 5] = ["UID", "REV", "PRODID", "X-ABUID", "X-RADICALE-NAME"];

/// One file of a vdir.
#[derive(Clone, Debug)]
pub struct Card {
    pub uid: Option<String>,
    pub row: Row,
}

/// Reads a file of a vdir, which holds one card.
///
/// # Errors
/// With the reason when it holds none, several, or one that is no contact; without personal content.
pub fn read_card(bytes: &[u8], options: &Options) -> Result<Card, String> {
    let bytes = super::decoded(bytes).map_err(|e| e.message)?;
    let mut rows = vcard_read::read(&bytes, options).into_iter();
    match (rows.next(), rows.next()) {
        (Some(row), None) => {
            let uid = row.draft.as_ref().map_err(Clone::clone)?.vcard.iter().find_map(|text| {
                Line::parse(text).filter(|line| line.is("UID")).map(|line| line.value.trim().to_owned())
            });
            Ok(Card { uid, row })
        }
        (None, _) => Err("there is no card in it".to_owned()),
        _ => Err("it holds several cards, and a vdir has one in each file".to_owned()),
    }
}

/// Changes the text of `base` by what `card` says otherwise than the card that was written of it, in that version.
pub fn take_over(doc: &mut DocumentMut, base: &Contact, card: &Draft, options: &Options, version: Version) {
    let written = write_card_as(base, base.id.as_str(), version);
    let Some(Ok(was)) = vcard_read::read(written.as_bytes(), options).into_iter().next().map(|row| row.draft)
    else {
        return;
    };
    texts(doc, &was, card);
    typed(doc, "emails", &was.emails, &card.emails, |a, b| a.eq_ignore_ascii_case(b));
    typed(doc, "phones", &was.phones, &card.phones, phone::is_same);
    typed(doc, "urls", &was.urls, &card.urls, |a, b| a == b);
    if was.addresses != card.addresses {
        let list: Array = card.addresses.iter().map(address_value).collect();
        put_value(doc.as_table_mut(), "addresses", (!list.is_empty()).then(|| Value::Array(list)));
    }
    // A phone without groups sends none.
    if !card.tags.is_empty() {
        let plain = |tags: &[String]| -> Vec<Typed> {
            tags.iter().map(|tag| Typed { value: tag.clone(), kind: None }).collect()
        };
        typed(doc, "tags", &plain(&was.tags), &plain(&card.tags), |a, b| a == b);
    }
    for (key, text) in &card.custom {
        if !was.custom.contains(&(key.clone(), text.clone())) {
            let custom = doc.entry("custom").or_insert(Item::Table(Table::new()));
            if let Some(custom) = custom.as_table_like_mut() {
                put_value(custom, key, Some(Value::from(text)));
            }
        }
    }
    kept(doc, &was.vcard, &card.vcard);
    reconcile(doc);
}

fn texts(doc: &mut DocumentMut, was: &Draft, now: &Draft) {
    let mut set = |key: &str, was: &Option<String>, now: &Option<String>, may_go: bool| {
        if was != now && (now.is_some() || may_go) {
            put_value(doc.as_table_mut(), key, now.as_deref().map(Value::from));
        }
    };
    set("name", &Some(was.name.clone()), &Some(now.name.clone()), false);
    // A name that stands whole in place of the family name was put there for programs that want parts.
    let whole = now.given.is_none() && now.family.as_deref() == Some(&now.name);
    if !(whole && was.family.as_deref().is_none_or(|family| family == was.name)) {
        let real = |name: &Option<String>| name.clone().filter(|name| *name != was.name);
        set("family", &real(&was.family), &now.family, true);
        set("given", &was.given, &now.given, true);
        set("additional", &was.additional, &now.additional, true);
    }
    set("prefix", &was.prefix, &now.prefix, false);
    set("suffix", &was.suffix, &now.suffix, false);
    set("nickname", &was.nickname, &now.nickname, true);
    set("org", &was.org, &now.org, true);
    set("title", &was.title, &now.title, true);
    set("role", &was.role, &now.role, false);
    set("birthday", &was.birthday, &now.birthday, true);
    set("lang", &was.lang, &now.lang, false);
    set("note", &was.note, &now.note, true);
}

/// Adds and removes what differs between two lists; the other items stay as they were written.
fn typed(
    doc: &mut DocumentMut,
    key: &str,
    was: &[Typed],
    now: &[Typed],
    same: impl Fn(&str, &str) -> bool + Copy,
) {
    let has = |list: &[Typed], text: &str| list.iter().any(|one| same(&one.value, text));
    let changed = |one: &Typed| was.iter().any(|old| same(&old.value, &one.value) && old.kind != one.kind);
    if was.iter().all(|one| has(now, &one.value))
        && now.iter().all(|one| has(was, &one.value) && !changed(one))
    {
        return;
    }
    let Some(list) = doc.entry(key).or_insert(value(Array::new())).as_array_mut() else { return };
    let gone: Vec<&Typed> = was.iter().filter(|one| !has(now, &one.value)).collect();
    list.retain(|item| text_of(item).is_none_or(|text| !gone.iter().any(|one| same(&one.value, text))));
    for one in now {
        let at = list.iter().position(|item| text_of(item).is_some_and(|text| same(text, &one.value)));
        match at {
            None => list.push(typed_value(one)),
            Some(at) if changed(one) => drop(list.replace(at, typed_value(one))),
            Some(_) => {}
        }
    }
    if list.is_empty() {
        doc.remove(key);
    }
}

/// Takes over properties that no field holds, all of a name together; those that are missing may have been dropped.
fn kept(doc: &mut DocumentMut, was: &[String], now: &[String]) {
    let name = |text: &str| Line::parse(text).map(|line| line.name.to_ascii_uppercase());
    let of = |list: &[String], wanted: &str| -> Vec<String> {
        list.iter().filter(|text| name(text).as_deref() == Some(wanted)).cloned().collect()
    };
    let mut names: Vec<String> = now.iter().filter_map(|text| name(text)).collect();
    names.sort();
    names.dedup();
    names.retain(|n| !BESIDE.contains(&n.as_str()) && of(was, n) != of(now, n));
    if names.is_empty() {
        return;
    }
    let vcard = doc.entry("vcard").or_insert(Item::Table(Table::new()));
    let Some(list) = vcard
        .as_table_like_mut()
        .and_then(|vcard| vcard.entry("properties").or_insert(value(Array::new())).as_array_mut())
    else {
        return;
    };
    list.retain(|item| item.as_str().and_then(name).is_none_or(|n| !names.contains(&n)));
    for text in names.iter().flat_map(|n| of(now, n)) {
        let mut item = Value::from(text);
        item.decor_mut().set_prefix("\n  ");
        list.push_formatted(item);
    }
    list.set_trailing("\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"# since the fair
id = "3f9a2c1b-0000-4000-8000-000000000000"
book = "main"
kind = "person"
name = "Jeanne Dupont" # as she writes it
role = "Buyer"
emails = ["jeanne@example.org", { value = "j@example.com", type = "home" }]
phones = [{ value = "+33612345678", type = "mobile" }]
tags = ["vip"]
note = "likes tea"
source = "fair"
shoe = 38

[[basis]]
purpose = "prospects"
basis = "legitimate-interests"

[vcard]
properties = ["UID:from-elsewhere", "X-PHONETIC:a"]
"#;

    fn options() -> Options {
        Options { country: "FR".into(), ..Options::default() }
    }

    fn after(change: impl Fn(String) -> String) -> String {
        after_as(Version::V4, change)
    }

    fn after_as(version: Version, change: impl Fn(String) -> String) -> String {
        let base = Contact::parse(TEXT).unwrap();
        let card = change(write_card_as(&base, base.id.as_str(), version));
        let card = read_card(card.as_bytes(), &options()).unwrap();
        assert_eq!(card.uid.as_deref(), Some(base.id.as_str()));
        let mut doc: DocumentMut = TEXT.parse().unwrap();
        take_over(&mut doc, &base, &card.row.draft.unwrap(), &options(), version);
        doc.to_string()
    }

    #[test]
    fn what_came_back_unchanged_changes_nothing() {
        assert_eq!(after(|card| card), TEXT);
        assert_eq!(after_as(Version::V3, |card| card), TEXT);
        assert_eq!(
            after_as(Version::V3, |card| card.replace("NOTE:likes tea", "NOTE:likes coffee")),
            TEXT.replace("likes tea", "likes coffee")
        );
        assert_eq!(after(|card| card.replace("VERSION:4.0", "VERSION:3.0\r\nREV:20261101T000000Z")), TEXT);
    }

    #[test]
    fn what_a_program_does_not_know_and_drops_stays() {
        let dropped = after(|card| {
            let known = |line: &&str| !["ROLE", "CATEGORIES", "X-"].iter().any(|name| line.starts_with(name));
            card.split("\r\n").filter(known).collect::<Vec<_>>().join("\r\n")
        });
        assert_eq!(dropped, TEXT);
    }

    #[test]
    fn only_what_differs_is_changed() {
        let text = after(|card| {
            card.replace("NOTE:likes tea", "NOTE:likes coffee")
                .replace("EMAIL;TYPE=home:j@example.com", "EMAIL;TYPE=work:new@example.com")
                .replace("+33612345678", "+33698765432")
        });
        let expected = TEXT
            .replace("likes tea", "likes coffee")
            .replace(
                "{ value = \"j@example.com\", type = \"home\" }",
                "{ value = \"new@example.com\", type = \"work\" }",
            )
            .replace("+33612345678", "+33698765432");
        assert_eq!(text, expected);
        assert!(!after(|card| card.replace("NOTE:likes tea\r\n", "")).contains("note ="));
    }

    #[test]
    fn a_name_in_parts_is_taken_and_a_whole_one_is_not_a_family_name() {
        let text = after(|card| card.replace("N:Jeanne Dupont;;;;", "N:Dupont;Jeanne;;;"));
        assert!(text.contains("family = \"Dupont\"") && text.contains("given = \"Jeanne\""), "{text}");
        let text = after(|card| card.replace("Jeanne Dupont", "Jeanne Petit"));
        assert_eq!(text, TEXT.replace("Jeanne Dupont", "Jeanne Petit"));
    }

    #[test]
    fn files_that_are_no_single_card_are_refused() {
        for bad in ["", "hello", "BEGIN:VCARD\nFN:A\nEND:VCARD\nBEGIN:VCARD\nFN:B\nEND:VCARD\n"] {
            assert!(read_card(bad.as_bytes(), &options()).is_err(), "{bad:?}");
        }
        let nobody = read_card(b"BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n", &options());
        assert!(nobody.unwrap_err().contains("no name"));
    }
}
