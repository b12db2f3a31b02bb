//! Who is related to whom, in vCard: RELATED (RFC 6350, section 6.6.6).

use super::line::{Line, Param};
use crate::domain::contact::Contact;

/// TYPE and URI of each RELATED that an imported card came with; texts name nobody for certain and are left out.
pub fn related(contact: &Contact) -> Vec<(String, String)> {
    let lines = contact.vcard.properties.iter().filter_map(|text| Line::parse(text));
    let uri = |line: &Line| !line.has_value("VALUE", "text") && line.value.contains(':');
    let lines = lines.filter(|line| line.is("RELATED") && uri(line));
    lines
        .map(|line| (line.param("TYPE").collect::<Vec<_>>().join(","), line.value.trim().to_owned()))
        .collect()
}

/// The UID that a contact's card leaves with: the one that it came with, else `urn:uuid:` and its id.
pub fn uid(contact: &Contact) -> String {
    let lines = contact.vcard.properties.iter().filter_map(|text| Line::parse(text));
    let own = lines.filter(|line| line.is("UID")).map(|line| line.value).next();
    own.unwrap_or_else(|| format!("urn:uuid:{}", contact.id))
}

/// A RELATED line; a type that RFC 6350 does not know is ours (`x-carnet-works-for`).
pub(super) fn line(kind: &str, uri: &str) -> Line {
    Line::new("RELATED", uri).with(Some(Param::new("TYPE", kind)))
}
