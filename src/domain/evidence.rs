//! Evidence of a consent: a file, sealed under its contact's own key, beside the contacts.
//!
//! `evidence/<book>/<xx>/<id>/<sha256>.pgp`, where `<sha256>` is that of the file as it was given: the event names
//! it, and whoever erases the contact destroys what opens it.

use super::ids::{ContactId, Slug, parse_contact_path};
use super::objection::is_hex;

/// Where evidence is in the main tree.
pub const DIR: &str = "evidence";

/// The largest file that is taken, in bytes. History keeps every version for ever.
pub const LARGEST: usize = 16 << 20;

/// The directory of one contact's evidence.
pub fn dir(book: &Slug, id: &ContactId) -> String {
    format!("{DIR}/{book}/{}/{id}", id.fan())
}

/// Where a file with this SHA-256 (64 lower-case hex digits) is.
pub fn path(book: &Slug, id: &ContactId, sha256: &str) -> String {
    format!("{}/{sha256}.pgp", dir(book, id))
}

/// The book, contact and hash that a path names, if it is one of an evidence file.
pub fn parse_path(path: &str) -> Option<(Slug, ContactId, &str)> {
    let rest = path.strip_prefix(DIR)?.strip_prefix('/')?;
    let mut parts = rest.split('/');
    let (book, fan, id, name) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let id: ContactId = id.parse().ok()?;
    let sha256 = name.strip_suffix(".pgp").filter(|hash| is_hex(hash, 64))?;
    (parts.next().is_none() && id.fan() == fan).then_some((book.parse().ok()?, id, sha256))
}

/// The contact that a path is of: its own file, or evidence of it.
pub fn contact_of(path: &str) -> Option<ContactId> {
    parse_contact_path(path).map(|(_, id)| id).or_else(|| parse_path(path).map(|(_, id, _)| id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_what_it_names_agree() {
        let (book, id, hash) = ("main".parse::<Slug>().unwrap(), ContactId::random(), "a".repeat(64));
        let place = path(&book, &id, &hash);
        assert_eq!(contact_of(&place), Some(id.clone()));
        assert_eq!(contact_of(&id.path(&book)), Some(id.clone()));
        assert_eq!(parse_path(&place), Some((book, id, hash.as_str())));
        for bad in [place.replace(".pgp", ""), place.replace("aaaa.pgp", "AAAA.pgp"), format!("{place}/x")] {
            assert_eq!(parse_path(&bad), None, "{bad}");
        }
        assert_eq!(parse_path("evidence/main/aa/x.pgp"), None);
    }
}
