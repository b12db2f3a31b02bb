//! Monica's relationships as links of carnet.
//!
//! A relationship says that `of_contact` is the TYPE of `contact_is`, for so Monica's page of a contact shows it
//! (`resources/views/people/relationship` in its source), and it is there from both sides, as TYPE and as its reverse
//! (`app/Services/Contact/Relationship/CreateRelationship.php`). carnet keeps one link, in the file of one of the two.

use std::collections::HashMap;

use serde_json::Value;

use super::Row;
use crate::domain::draft::DraftLink;

/// How a link is made of a type: its kind, whether it stands with the other contact, and the role that says more.
type Kind = (&'static str, bool, Option<&'static str>);

/// Monica's types (`database/seeds`, "default relationship types"); love and what came of it is left out.
fn kind(of: &str) -> Option<Kind> {
    Some(match of {
        "spouse" => ("spouse", false, None),
        "partner" => ("family", false, Some("partner")),
        "parent" => ("child-of", false, None),
        "child" => ("child-of", true, None),
        "sibling" => ("sibling", false, None),
        "stepparent" | "stepchild" => ("family", false, Some("step-parent and step-child")),
        "grandparent" | "grandchild" => ("family", false, Some("grandparent and grandchild")),
        "uncle" | "nephew" => ("family", false, Some("uncle or aunt, and nephew or niece")),
        "cousin" => ("family", false, Some("cousin")),
        "godfather" | "godson" => ("family", false, Some("godparent and godchild")),
        "friend" => ("friend", false, None),
        "bestfriend" => ("friend", false, Some("best friend")),
        "colleague" => ("colleague", false, None),
        "boss" => ("reports-to", false, None),
        "subordinate" => ("reports-to", true, None),
        "mentor" | "protege" => ("related", false, Some("mentor and protégé")),
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
        let found = (end("contact_is"), end("of_contact"), properties["type"].as_str().and_then(kind));
        let (Some((is, _)), Some((of, _)), Some((kind, turned, role))) = found else {
            left += 1;
            continue;
        };
        let (from, to) = if turned { (of, is) } else { (is, of) };
        let link = DraftLink { to: to.to_owned(), kind, role: role.map(str::to_owned) };
        let mutual = crate::domain::link::inverse(kind) == kind;
        let there = |at: &str, link: &DraftLink| {
            let row = places.get(at).and_then(|n| rows.get(*n)).and_then(|row| row.draft.as_ref().ok());
            row.is_some_and(|draft| draft.links.contains(link))
        };
        // The same from the other side.
        let back = DraftLink { to: from.to_owned(), ..link.clone() };
        if from == to || there(from, &link) || mutual && there(to, &back) {
            continue;
        }
        if let Some(Ok(draft)) = places.get(from).and_then(|n| rows.get_mut(*n)).map(|row| &mut row.draft) {
            draft.links.push(link);
        }
    }
    left
}
