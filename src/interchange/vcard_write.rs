//! vCard out: 4.0 (RFC 6350), or 3.0 (RFC 2426) of the same lines.

use super::downgrade::{Version, downgrade};
use super::line::Line;
use super::meaning::preference;
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
    write_linked_vcards(contacts, &|_| Vec::new(), Version::V4)
}

/// The same in either version, with a RELATED line for each TYPE and URI that `related` says of a contact.
pub fn write_linked_vcards(
    contacts: &[Contact],
    related: &dyn Fn(&Contact) -> Vec<(String, String)>,
    version: Version,
) -> Result<String> {
    let mut out = String::new();
    for contact in contacts {
        write_card(contact, None, &related(contact), version, &mut out);
    }
    Ok(out)
}

/// One contact as the card of a vdir, known by `uid` whatever UID it came with.
///
/// It has an N property: 3.0 demanded one, and phones show a name by its parts (RFC 2426, section 3.1.2).
pub fn write_card_as(contact: &Contact, uid: &str, version: Version) -> String {
    let mut out = String::new();
    write_card(contact, Some(uid), &[], version, &mut out);
    out
}

fn write_card(
    contact: &Contact,
    uid: Option<&str>,
    others: &[(String, String)],
    version: Version,
    out: &mut String,
) {
    let draft = draft_of(contact);
    let kept: Vec<Line> = draft.vcard.iter().filter_map(|text| Line::parse(text)).collect();
    fold("BEGIN:VCARD", out);
    fold(&format!("VERSION:{}", version.as_str()), out);
    let mut lines = keep::lines(&draft, &kept);
    if let Some(uid) = uid {
        lines.retain(|line| !line.is("UID"));
        lines.insert(0, Line::new("UID", uid));
    }
    if (uid.is_some() || version == Version::V3) && !lines.iter().any(|line| line.is("N")) {
        let family = if contact.org.as_deref() == Some(&contact.name) { "" } else { &contact.name };
        lines.push(Line::new("N", format!("{};;;;", escape(family))));
    }
    if version == Version::V3 {
        // 3.0 knows one preference; the others are told by the order.
        let names: Vec<String> = lines.iter().map(|line| line.name.to_ascii_uppercase()).collect();
        let first = |line: &Line| names.iter().position(|name| line.is(name));
        lines.sort_by_cached_key(|line| (first(line), preference(line)));
        lines = lines.into_iter().map(downgrade).collect();
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
