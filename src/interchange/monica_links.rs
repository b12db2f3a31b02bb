//! Monica's relationships as links of carnet.
//!
//! A relationship says that `of_contact` is the TYPE of `contact_is`, for so Monica's page of a contact shows it
//! (`resources/views/people/relationship` in its source), and it is there from both sides, as TYPE and as its reverse
//! (`app/Services/Contact/Relationship/CreateRelationship.php`). carnet keeps one link, in the file of one of the two.

use std::collections::HashMap;

use serde_json::Value;

use super::Row;
use crate::domain::draft::DraftLink;

/// How a link is made of a type: its kind, whether it stands with the other contact, and whether Monica's own word says more.
type Kind = (&'static str, bool, bool);

/// Monica's types (`database/seeds`, "default relationship types"); love and what came of it is left out.
fn kind(of: &str) -> Option<Kind> {
    Some(match of {
        "spouse" => ("spouse", false, false),
        "parent" => ("child-of", false, false),
        "child" => ("child-of", true, false),
        "sibling" => ("sibling", false, false),
        "partner" | "stepparent" | "stepchild" | "grandparent" | "grandchild" | "uncle" | "nephew"
        | "cousin" | "godfather" | "godson" => ("family", false, true),
        "friend" => ("friend", false, false),
        "bestfriend" => ("friend", false, true),
        "colleague" => ("colleague", false, false),
        "boss" => ("reports-to", false, false),
        "subordinate" => ("reports-to", true, false),
        "mentor" | "protege" => ("related", false, true),
        _ => return None,
    })
}

/// Puts the links into the drafts of the contacts that both are imported; returns how many relationships are left out.
pub(super) fn put<'a>(relationships: impl Iterator<Item = &'a Value>, rows: &mut [Row]) -> usize {
    let keyed = |(n, row): (usize, &Row)| Some((row.draft.as_ref().ok()?.key.clone()?, n));
    let places: HashMap<String, usize> = rows.iter().enumerate().filter_map(keyed).collect();
    let mut left = 0;
    for one in relationships {
        let properties = &one["properties"];
        let end = |key: &str| properties[key].as_str().and_then(|uuid| Some((uuid, *places.get(uuid)?)));
        let word = properties["type"].as_str().unwrap_or_default();
        let found = (end("contact_is"), end("of_contact"), kind(word));
        let (Some((is, _)), Some((of, _)), Some((kind, turned, more))) = found else {
            left += 1;
            continue;
        };
        let (from, to) = if turned { (of, is) } else { (is, of) };
        let mutual = crate::domain::link::inverse(kind) == kind;
        let there = |at: &str, to: &str| {
            let row = places.get(at).and_then(|n| rows.get(*n)).and_then(|row| row.draft.as_ref().ok());
            row.is_some_and(|draft| draft.links.iter().any(|link| link.to == to && link.kind == kind))
        };
        // Once is enough, and the same from the other side is the same.
        if from == to || there(from, to) || mutual && there(to, from) {
            continue;
        }
        let link = DraftLink { to: to.to_owned(), kind, role: more.then(|| word.to_owned()) };
        if let Some(Ok(draft)) = places.get(from).and_then(|n| rows.get_mut(*n)).map(|row| &mut row.draft) {
            draft.links.push(link);
        }
    }
    left
}
