//! vCard 4.0 out (RFC 6350).

use super::line::Line;
use super::slots::draft_of;
use super::value::escape;
use super::{keep, related};
use crate::domain::contact::Contact;
use crate::error::Result;

/// The longest physical line in octets, without its line end (RFC 6350, section 3.2).
const FOLD: usize = 75;

/// The contacts as vCard 4.0: CRLF, folded, UID `urn:uuid:` and the contact's id unless the card came with one.
///
/// Properties that came with an imported card leave as they came, as long as their value is still in the
/// contact. Sources, bases, consents and activities stay in the firm's book.
pub fn write_vcards(contacts: &[Contact]) -> Result<String> {
    write_linked_vcards(contacts, &|_| Vec::new())
}

/// The same, with a RELATED line for each TYPE and URI that `related` says of a contact.
pub fn write_linked_vcards(
    contacts: &[Contact],
    related: &dyn Fn(&Contact) -> Vec<(String, String)>,
) -> Result<String> {
    let mut out = String::new();
    for contact in contacts {
        write_card(contact, None, &related(contact), &mut out);
    }
    Ok(out)
}

/// One contact as the card of a vdir, known by `uid` whatever UID it came with.
///
/// It has an N property: 3.0 demanded one, and phones show a name by its parts (RFC 2426, section 3.1.2).
pub fn write_card_as(contact: &Contact, uid: &str) -> String {
    let mut out = String::new();
    write_card(contact, Some(uid), &[], &mut out);
    out
}

fn write_card(contact: &Contact, uid: Option<&str>, others: &[(String, String)], out: &mut String) {
    let draft = draft_of(contact);
    let kept: Vec<Line> = draft.vcard.iter().filter_map(|text| Line::parse(text)).collect();
    fold("BEGIN:VCARD", out);
    fold("VERSION:4.0", out);
    let mut lines = keep::lines(&draft, &kept);
    if let Some(uid) = uid {
        lines.retain(|line| !line.is("UID"));
        lines.insert(0, Line::new("UID", uid));
        if !lines.iter().any(|line| line.is("N")) {
            let family = if contact.org.as_deref() == Some(&contact.name) { "" } else { &contact.name };
            lines.push(Line::new("N", format!("{};;;;", escape(family))));
        }
    }
    if !lines.iter().any(|line| line.is("UID")) {
        fold(&format!("UID:urn:uuid:{}", contact.id), out);
    }
    lines.iter().for_each(|line| fold(&line.to_string(), out));
    for (kind, uri) in others {
        // One that the card came with says it already.
        if !lines.iter().any(|line| line.is("RELATED") && line.value.trim() == uri) {
            fold(&related::line(kind, uri).to_string(), out);
        }
    }
    fold("END:VCARD", out);
}

/// Appends a line, folded between characters.
fn fold(line: &str, out: &mut String) {
    let mut room = FOLD;
    for c in line.chars() {
        if c.len_utf8() > room {
            out.push_str("\r\n ");
            room = FOLD - 1;
        }
        room -= c.len_utf8();
        out.push(c);
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_keeps_characters_whole_and_lines_short() {
        let mut out = String::new();
        let line = format!("NOTE:{}", "é😀a".repeat(60));
        fold(&line, &mut out);
        assert!(out.split("\r\n").all(|physical| physical.len() <= FOLD));
        assert_eq!(out.replace("\r\n ", "").trim_end(), line);
    }
}
