//! In, out and in again: nothing that a card held is lost. calcard, which the mapping does not rely on for
//! whole cards, is the judge of what each side holds.

use calcard::vcard::{VCardEntry, VCardParameterValue, VCardProperty, VCardValue};
use calcard::{Entry, Parser};

use super::*;
use crate::domain::contact::Contact;
use crate::domain::ids::ContactId;

fn options() -> Options {
    Options { country: "FR".into() }
}

/// The contact that a draft becomes, through its file's text as in a real import.
pub(super) fn contact(draft: &Draft) -> Contact {
    let mut draft = draft.clone();
    draft.source = "test".into();
    draft.bases = vec!["prospects:consent".parse().unwrap()];
    let text = draft.to_toml(&ContactId::random(), &"main".parse().unwrap(), "2026-11-23T10:00:00Z");
    Contact::parse(&text).unwrap()
}

/// A property as calcard sees it, without what the versions write differently.
fn fact(entry: &VCardEntry) -> (String, String, Vec<(String, String)>, Vec<Vec<u8>>) {
    let mut params: Vec<(String, String)> = entry
        .params
        .iter()
        .filter(|p| !(p.name.as_str().eq_ignore_ascii_case("VALUE")))
        .map(|p| match &p.value {
            VCardParameterValue::Null => ("TYPE".into(), p.name.as_str().to_lowercase()),
            value => {
                let name = p.name.as_str().to_uppercase();
                let text = value.clone().into_text().into_owned();
                let text = if name == "TYPE" { text.to_lowercase() } else { text };
                (name, text)
            }
        })
        .collect();
    params.sort();
    let value = |value: &VCardValue| match value {
        VCardValue::Binary(data) => data.data.clone(),
        VCardValue::Component(list) => list.join(",").into_bytes(),
        VCardValue::Text(text) => text.clone().into_bytes(),
        other => format!("{other:?}").into_bytes(),
    };
    let group = entry.group.clone().unwrap_or_default().to_lowercase();
    (group, entry.name.as_str().to_uppercase(), params, entry.values.iter().map(value).collect())
}

fn facts(text: &str) -> Vec<Vec<(String, String, Vec<(String, String)>, Vec<Vec<u8>>)>> {
    let mut parser = Parser::new(text);
    let mut cards = Vec::new();
    loop {
        match parser.entry() {
            Entry::VCard(card) => cards.push(
                card.entries
                    .iter()
                    .filter(|e| !matches!(e.name, VCardProperty::Version | VCardProperty::End))
                    .map(fact)
                    .collect(),
            ),
            Entry::Eof => return cards,
            _ => {}
        }
    }
}

#[test]
fn samples() {
    let dir = std::env::var("SAMPLES").unwrap_or("/work/shared/samples".into());
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "vcf") { continue }
        let bytes = std::fs::read(&path).unwrap();
        println!("=== {}", path.display());
        let rows = match read(&bytes, Format::Vcard, &options()) { Ok(r) => r, Err(e) => { println!("ERR {e}"); continue } };
        let text = charset::text(&bytes).map(|t| t.0.into_owned()).unwrap_or_default();
        let originals = facts(&text);
        if originals.len() != rows.len() { println!("COUNT {} {}", originals.len(), rows.len()); }
        for (row, original) in rows.iter().zip(&originals) {
            let short = |s: String| s.chars().take(std::env::var("W").ok().and_then(|w| w.parse().ok()).unwrap_or(160)).collect::<String>();
            match &row.draft {
                Err(reason) => println!("{}: REFUSED {reason} {:?}", row.place, row.notes),
                Ok(draft) => {
                    if std::env::var("SHOW").is_ok() {
                        let mut d = draft.clone();
                        d.vcard = d.vcard.into_iter().map(short).collect();
                        println!("{}: {:#?} {:?}", row.place, d, row.notes);
                    } else if !row.notes.is_empty() { println!("{}: {:?}", row.place, row.notes); }
                    let out = write_vcards(&[contact(draft)]).unwrap();
                    let mut written = facts(&out).remove(0);
                    for fact in original {
                        match written.iter().position(|w| w == fact) {
                            Some(at) => drop(written.remove(at)),
                            None => println!("  LOST {}", short(format!("{} {} {:?} {:?}", fact.0, fact.1, fact.2, fact.3.iter().map(|v| String::from_utf8_lossy(v).into_owned()).collect::<Vec<_>>()))),
                        }
                    }
                    for fact in written {
                        println!("  EXTRA {}", short(format!("{} {} {:?} {:?}", fact.0, fact.1, fact.2, fact.3.iter().map(|v| String::from_utf8_lossy(v).into_owned()).collect::<Vec<_>>())));
                    }
                    let again = read(out.as_bytes(), Format::Vcard, &options()).unwrap();
                    let mut again = again[0].draft.clone().unwrap();
                    again.vcard.retain(|l| !l.starts_with("UID:urn:uuid:"));
                    let mut one = draft.clone(); one.vcard.retain(|l| !l.starts_with("UID:urn:uuid:"));
                    one.vcard.sort(); again.vcard.sort();
                    if again != one { println!("  AGAIN DIFFERS"); std::fs::write("/tmp/w/one.txt", format!("{one:#?}")).unwrap(); std::fs::write("/tmp/w/again.txt", format!("{again:#?}")).unwrap(); }
                }
            }
        }
    }
}
