//! Two contacts that are one person become one: the first keeps its id and what its fields say.

use toml_edit::{Array, DocumentMut, Item, Value, value};

use super::contact::Contact;
use super::edit;
use super::ids::ContactId;
use super::link;
use super::merge::{self, Merged, Side};
use crate::error::{Error, Result};

/// The key under which a contact names those that became part of it.
pub const MERGED: &str = "merged";

/// The text of `into` with all that `from` says put in.
///
/// Lists are united, consents and objections kept by the rule that a no beats a yes that did not know of it
/// (docs/format.md, "Merging"). Where a field differs, `into` keeps its own, and what `from` said is in a conflict
/// note. `time` is now, in seconds since 1970.
pub fn unite(into: &str, from: &str, time: i64) -> Result<Merged> {
    unite_again(into, None, from, time)
}

/// The same, where `into` has all that `from` said when its text was `known`: then only what it says otherwise is put in.
pub fn unite_again(into: &str, known: Option<&str>, from: &str, time: i64) -> Result<Merged> {
    let (a, b) = (Contact::parse(into)?, Contact::parse(from)?);
    if a.id == b.id {
        return Err(Error::refused("a contact cannot be merged with itself").hint("name two contacts"));
    }
    // The older of two is when the person was first written down, and no conflict.
    let created = [&a, &b].into_iter().filter_map(|c| c.created).min_by_key(super::moment::start);
    let created = created.and_then(|c| c.to_string().parse::<toml_edit::Datetime>().ok());
    let dated = |mut doc: DocumentMut| {
        if let Some(created) = created {
            match doc.get_mut("created").and_then(Item::as_value_mut) {
                Some(old) => *old = Value::from(created),
                None => drop(doc.insert("created", value(created))),
            }
        }
        doc
    };
    // As if it had been this contact all along. Links of either to the other would lead to themselves.
    let as_a = |text: &str| -> Result<String> {
        let mut doc = dated(edit::document(text)?);
        edit::put_into(&mut doc, &a.book);
        doc["id"] = value(a.id.as_str());
        if let Some(list) = doc.get_mut(MERGED).and_then(Item::as_array_mut) {
            list.retain(|id| id.as_str() != Some(a.id.as_str()));
        }
        link::remove(&mut doc, &|link| link.to == a.id.as_str());
        Ok(doc.to_string())
    };
    let mut own = dated(edit::document(into)?);
    note_merged(&mut own, &a.id, &b)?;
    link::remove(&mut own, &|link| link.to == b.id.as_str());
    let (own, other) = (own.to_string(), as_a(from)?);
    let known = known.map(as_a).transpose()?;
    let ours = Side { text: &own, time: time.saturating_add(1), who: "" };
    let theirs = Side { text: &other, time, who: "" };
    merge::merge(known.as_deref(), &ours, &theirs)
}

/// Names the one that becomes part of it, and those that had become part of that one.
fn note_merged(doc: &mut DocumentMut, own: &ContactId, from: &Contact) -> Result<()> {
    let list = doc.entry(MERGED).or_insert(value(Array::new()));
    let list = list
        .as_array_mut()
        .ok_or_else(|| Error::usage("`merged` is not a list in this contact").at(MERGED))?;
    for id in std::iter::once(&from.id).chain(&from.merged).filter(|id| *id != own) {
        if !list.iter().any(|known| known.as_str() == Some(id.as_str())) {
            list.push(id.as_str());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(digit: char, more: &str) -> String {
        let id = format!("{}-1111-4111-8111-111111111111", digit.to_string().repeat(8));
        format!(
            "id = \"{id}\"\nbook = \"main\"\nname = \"Jeanne\"\nsource = \"fair\"\n{more}\n[[basis]]\npurpose = \"news\"\nbasis = \"consent\"\n"
        )
    }

    fn event(id: &str, action: &str, day: u32) -> String {
        format!(
            "[[consent]]\nid = \"{id}\"\npurpose = \"news\"\naction = \"{action}\"\ntime = 2026-01-{day:02}\n"
        )
    }

    #[test]
    fn lists_are_united_and_a_field_that_differs_is_noted() {
        let a = text(
            'a',
            "# ours\ntitle = \"Buyer\"\nemails = [\"a@x.y\"]\ntags = [\"vip\"]\ncreated = 2026-05-01T10:00:00Z",
        );
        let b = text(
            'b',
            "title = \"Head\"\nemails = [\"a@x.y\", \"b@x.y\"]\ntags = [\"vip\", \"x\"]\nlang = \"fr\"\ncreated = 2025-05-01T10:00:00Z\nmerged = [\"cccccccc-1111-4111-8111-111111111111\"]",
        );
        let merged = unite(&a, &b, 100).unwrap();
        let contact = Contact::parse(&merged.text).unwrap();
        assert_eq!(contact.id.as_str(), "aaaaaaaa-1111-4111-8111-111111111111");
        assert_eq!(contact.title.as_deref(), Some("Buyer"));
        assert_eq!(contact.lang.as_deref(), Some("fr"));
        assert_eq!(contact.emails.iter().map(|e| e.value.as_str()).collect::<Vec<_>>(), ["a@x.y", "b@x.y"]);
        assert_eq!(contact.tags, ["vip", "x"]);
        assert_eq!(contact.created.unwrap().to_string(), "2025-05-01T10:00:00Z");
        assert_eq!(contact.merged.len(), 2);
        assert!(merged.text.contains("# ours"));
        assert_eq!(merged.notes.iter().map(|n| n.field.as_str()).collect::<Vec<_>>(), ["title"]);
        assert_eq!(contact.conflicts[0].other, Some("Head".into()));
        assert!(unite(&a, &a, 0).is_err());
    }

    #[test]
    fn objections_of_either_stay() {
        let a = text('a', "restricted = true");
        let b = text('b', "") + "[[objection]]\nid = \"o\"\ntime = 2026-01-01\n";
        let both = unite(&a, &b, 100).unwrap().text;
        assert!(both.contains("restricted = true") && both.contains("[[objection]]"), "{both}");
        let turned = unite(&b, &a, 100).unwrap().text;
        assert!(turned.contains("restricted = true") && turned.contains("[[objection]]"), "{turned}");
    }

    proptest! {
        /// Whatever was said to either of the two, and in whatever order: a no of one is not undone by a yes of the other.
        #[test]
        fn a_no_is_never_lost(
            a in proptest::collection::vec((0usize..4, 1u32..28), 0..4),
            b in proptest::collection::vec((0usize..4, 1u32..28), 0..4),
        ) {
            const ACTIONS: [&str; 4] = ["granted", "refused", "withdrawn", "asked"];
            let events = |side: &str, list: &[(usize, u32)]| -> String {
                list.iter().enumerate().map(|(n, (what, day))| event(&format!("{side}{n}"), ACTIONS[*what], *day)).collect()
            };
            let (ta, tb) = (text('a', "") + &events("a", &a), text('b', "") + &events("b", &b));
            let merged = unite(&ta, &tb, 100).unwrap().text;
            let consents = Contact::parse(&merged).unwrap().consents;
            prop_assert!(consents.len() >= a.len() + b.len());
            let granted = |text: &str| {
                let facts = crate::domain::filter::of(text, &Contact::parse(text).unwrap());
                let now = "2026-12-01T00:00:00Z".parse().unwrap();
                crate::domain::filter::Filter::parse("consent:news").unwrap().passes(&facts, now).unwrap()
            };
            let no = |list: &[(usize, u32)]| list.iter().any(|(what, _)| matches!(what, 1 | 2));
            // The side with a no as its last word decides, unless it said yes again itself.
            for (own, list) in [(&ta, &a), (&tb, &b)] {
                if no(list) && !granted(own) {
                    prop_assert!(!granted(&merged), "{merged}");
                }
            }
        }
    }
}
