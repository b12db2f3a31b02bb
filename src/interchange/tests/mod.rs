//! Tests of the whole way: bytes in, a contact's file, bytes out, and in again.

mod csv;
mod hostile;
mod keeping;
mod lossless;
mod mapping;

use toml_edit::DocumentMut;

use super::*;
use crate::domain::contact::Contact;
use crate::domain::ids::ContactId;

fn options() -> Options {
    Options { country: "FR".into(), ..Options::default() }
}

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/interchange/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The drafts of a file in which every row must be fine.
fn drafts(bytes: &[u8], format: Format) -> Vec<Draft> {
    let rows = read(bytes, format, &options()).unwrap();
    rows.into_iter().map(|row| row.draft.unwrap_or_else(|reason| panic!("{}: {reason}", row.place))).collect()
}

/// The draft of the one card with these lines, version 3.0 unless they say otherwise.
fn card(lines: &str) -> Draft {
    let version = if lines.contains("VERSION:") { "" } else { "VERSION:3.0\n" };
    drafts(format!("BEGIN:VCARD\n{version}{lines}\nEND:VCARD\n").as_bytes(), Format::Vcard).remove(0)
}

/// The text of the file that a draft becomes.
fn file_text(draft: &Draft) -> String {
    let mut draft = draft.clone();
    if draft.source.is_empty() {
        draft.source = "test".into();
    }
    if draft.bases.is_empty() {
        draft.bases = vec!["prospects:consent".parse().unwrap()];
    }
    draft.to_toml(&ContactId::random(), &"main".parse().unwrap(), "2026-11-23T10:00:00Z")
}

/// The contact that a draft becomes, through its file's text as in a real import.
fn contact(draft: &Draft) -> Contact {
    Contact::parse(&file_text(draft)).unwrap()
}

/// The unfolded lines that export writes for a contact, without its frame and a UID of our own.
fn exported(contact: &Contact) -> Vec<String> {
    let text = write_vcards(std::slice::from_ref(contact)).unwrap().replace("\r\n ", "");
    let frame = ["BEGIN:", "VERSION:", "END:", "UID:urn:uuid:"];
    let own = |line: &&str| !frame.iter().any(|f| line.starts_with(f)) || line.contains("6d3cf1d4");
    text.lines().filter(own).map(str::to_owned).collect()
}

fn document(draft: &Draft) -> DocumentMut {
    crate::domain::edit::document(&file_text(draft)).unwrap()
}
