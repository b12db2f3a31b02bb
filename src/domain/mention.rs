//! Taking mentions of erased contacts out of another contact's text.
//!
//! A mention is the whole id, wherever it stands: in an activity, a relation, a note, a custom field, a key or a
//! comment. A name written by hand is no mention: nothing says whose it is.

use toml_edit::{Document, DocumentMut, Item, TableLike, Value};

use super::contact::Contact;
use super::ids::ContactId;
use super::link;
use super::unite::MERGED;
use crate::error::{Error, Result};

/// What stands where the id of an erased contact stood.
pub const MARKER: &str = "erased";

/// Keys by which an activity says with whom it was.
const WITH: [&str; 2] = ["with", "contact"];

/// The key under which a contact keeps the ids that it mentioned once.
pub const FORMER: &str = "former";

/// `new` with the ids that `old` mentions and it does not under [`FORMER`], or nothing where there are none: history keeps
/// what was said, under the same key, so that an erasure has to find it.
pub fn remembering(old: &str, new: &str) -> Result<Option<String>> {
    let (before, after) = (old.to_ascii_lowercase(), new.to_ascii_lowercase());
    let mut gone: Vec<ContactId> = candidates(&before)
        .filter(|id| memchr::memmem::find(after.as_bytes(), id.as_bytes()).is_none())
        .filter_map(|id| id.parse().ok())
        .collect();
    if gone.is_empty() {
        return Ok(None);
    }
    // A deal is nobody; that is erased in its own way.
    let deals = Contact::parse(old).map(|contact| contact.activities).unwrap_or_default();
    gone.retain(|id| !deals.iter().any(|activity| activity.deal.as_ref() == Some(id)));
    gone.sort();
    gone.dedup();
    let mut doc = super::edit::document(new)?;
    let list = doc.entry(FORMER).or_insert(toml_edit::value(toml_edit::Array::new()));
    let Some(list) = list.as_array_mut().filter(|_| !gone.is_empty()) else { return Ok(None) };
    gone.iter().for_each(|id| list.push(id.as_str()));
    Ok(Some(doc.to_string()))
}

/// A text without [`FORMER`]: what two versions are compared by.
pub fn without_former(text: &str) -> String {
    let Ok(mut doc) = text.parse::<DocumentMut>() else { return text.to_owned() };
    doc.remove(FORMER);
    doc.to_string()
}

/// Everything in a folded text that is as long as an id and has its first hyphen in the right place.
pub fn candidates(text: &str) -> impl Iterator<Item = &str> {
    memchr::memchr_iter(b'-', text.as_bytes())
        .filter_map(|at| text.get(at.checked_sub(8)?..at.checked_add(28)?))
}

/// Whether `text` mentions the contact.
pub fn mentions(text: &str, id: &ContactId) -> bool {
    memchr::memmem::find(text.to_ascii_lowercase().as_bytes(), id.as_str().as_bytes()).is_some()
}

/// `text` without its links to these contacts, without its activities with them alone, and with [`MARKER`] for every other mention.
///
/// That one of them became part of it ([`MERGED`]) stays: what that one brought is more than a mention, and goes by
/// [`super::merge::part`].
pub fn without(text: &str, ids: &[&ContactId]) -> Result<String> {
    let mut doc: DocumentMut =
        text.parse().map_err(|_| Error::failed("a contact that mentions the erased one is no valid TOML"))?;
    let is_one = |text: &str| ids.iter().any(|id| id.as_str().eq_ignore_ascii_case(text.trim()));
    link::remove(&mut doc, &|link| is_one(&link.to));
    if let Some(list) = doc.get_mut(FORMER).and_then(Item::as_array_mut) {
        list.retain(|id| !id.as_str().is_some_and(is_one));
        if list.is_empty() {
            doc.remove(FORMER);
        }
    }
    if let Some(list) = doc.get_mut("activity").and_then(Item::as_array_of_tables_mut) {
        list.retain(|entry| !is_with_only(entry, ids));
        if list.is_empty() {
            doc.remove("activity");
        }
    } else if let Some(list) = doc.get_mut("activity").and_then(Item::as_array_mut) {
        list.retain(|entry| !entry.as_inline_table().is_some_and(|table| is_with_only(table, ids)));
    }
    let text = doc.to_string();
    // A marker for each would collide where several ids were keys of one table.
    for numbered in [false, true] {
        let marked = mark(&text, ids, numbered);
        if marked.parse::<toml::Table>().is_ok() {
            return Ok(marked);
        }
    }
    Err(Error::failed("the mentions in a contact could not be replaced").hint("edit it first, then erase"))
}

/// Whether an activity names one of these contacts and nobody else.
fn is_with_only(entry: &dyn TableLike, ids: &[&ContactId]) -> bool {
    let is_one = |text: &str| ids.iter().any(|id| id.as_str().eq_ignore_ascii_case(text.trim()));
    let mut named = 0;
    for key in WITH {
        let Some(value) = entry.get(key).and_then(Item::as_value) else { continue };
        let all: Vec<Option<&str>> = match value {
            Value::Array(list) => list.iter().map(Value::as_str).collect(),
            other => vec![other.as_str()],
        };
        if !all.iter().all(|text| text.is_some_and(is_one)) {
            return false;
        }
        named += all.len();
    }
    named > 0
}

fn mark(text: &str, ids: &[&ContactId], numbered: bool) -> String {
    let folded = text.to_ascii_lowercase();
    let merged = Document::parse(text).ok().and_then(|doc| doc.get(MERGED)?.span()).unwrap_or_default();
    let mut found: Vec<usize> =
        ids.iter().flat_map(|id| folded.match_indices(id.as_str()).map(|(at, _)| at)).collect();
    found.retain(|at| !merged.contains(at));
    found.sort_unstable();
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (n, at) in found.into_iter().enumerate() {
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(MARKER);
        if numbered {
            out.push_str(&format!("-{}", n + 1));
        }
        from = at + 36;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: char) -> ContactId {
        format!("{}-1111-4111-8111-111111111111", digit.to_string().repeat(8)).parse().unwrap()
    }

    #[test]
    fn activities_with_it_go_and_other_mentions_become_a_marker() {
        let (a, b) = (id('a'), id('b'));
        let text = format!(
            "# knows {a}\nname = \"X\"\nnote = \"see {a} and {}\"\n[relations]\nspouse = \"{a}\"\n\n\
             [[activity]]\nid = \"1\"\nwith = \"{a}\"\ntext = \"lunch\"\n\n\
             [[activity]]\nid = \"2\"\nwith = [\"{a}\", \"{b}\"]\ntext = \"dinner\"\n\n\
             [[activity]]\nid = \"3\"\ntext = \"alone\"\n\
             [[link]]\nid = \"4\"\nto = \"{a}\"\nkind = \"spouse\"\nrole = \"since school\"\n",
            a.as_str().to_uppercase()
        );
        let out = without(&text, &[&a]).unwrap();
        assert!(!mentions(&out, &a) && mentions(&out, &b) && out.contains("# knows erased"), "{out}");
        assert!(out.contains("see erased and erased") && out.contains("spouse = \"erased\""), "{out}");
        assert!(!out.contains("since school") && !out.contains("[[link]]"), "a link goes as a whole: {out}");
        assert!(!out.contains("lunch") && out.contains("dinner") && out.contains("alone"), "{out}");
        let both = without(&text, &[&a, &b]).unwrap();
        assert!(!both.contains("dinner") && both.contains("alone"), "{both}");
    }

    #[test]
    fn what_is_no_longer_mentioned_is_remembered_until_it_is_erased() {
        let (a, b, deal) = (id('a'), id('b'), id('d'));
        let head = format!(
            "id = \"{b}\"\nbook = \"main\"\nname = \"X\" # said\nsource = \"s\"\n\n[[basis]]\npurpose = \"p\"\nbasis = \"contract\"\n"
        );
        let old = format!(
            "{head}\n[[activity]]\nid = \"1\"\ntime = 2026-01-01\nkind = \"call\"\ntext = \"\"\ndeal = \"{deal}\"\n\n[[link]]\nto = \"{}\"\n",
            a.as_str().to_uppercase()
        );
        let new = remembering(&old, &head).unwrap().unwrap();
        assert!(mentions(&new, &a) && !mentions(&new, &deal), "{new}");
        assert_eq!(without_former(&new), head);
        assert_eq!(remembering(&new, &new).unwrap(), None);
        let third = remembering(&new, &head).unwrap().unwrap();
        assert!(mentions(&third, &a), "{third}");
        assert_eq!(without(&new, &[&a]).unwrap(), head);
        assert_eq!(remembering(&head, &old).unwrap(), None);
    }

    #[test]
    fn that_one_became_part_of_it_is_no_mention_to_be_marked() {
        let (a, b) = (id('a'), id('b'));
        let text = format!("name = \"X\"\nmerged = [\"{b}\", \"{a}\"]\nnote = \"{a}\"\n");
        let out = without(&text, &[&a]).unwrap();
        assert_eq!(out, format!("name = \"X\"\nmerged = [\"{b}\", \"{a}\"]\nnote = \"erased\"\n"));
    }

    #[test]
    fn ids_as_keys_of_one_table_stay_apart() {
        let (a, b) = (id('a'), id('b'));
        let text = format!("name = \"X\"\n[relations]\n{a} = \"brother\"\n{b} = \"sister\"\n");
        let out = without(&text, &[&a, &b]).unwrap();
        assert!(out.contains("erased-1 = \"brother\"") && out.contains("erased-2 = \"sister\""), "{out}");
        assert!(without("name = ", &[&a]).is_err());
    }
}
