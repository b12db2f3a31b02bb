//! Reading a page more strictly than a browser does.

use std::collections::BTreeMap;

/// An element's start: its name, attributes, and the text up to the next tag.
pub struct Tag {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
}

const VOID: [&str; 3] = ["meta", "link", "br"];
const ENTITIES: [&str; 5] = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];

/// Reads a page more strictly than any browser: each tag closed in order, attributes quoted and unique, only the
/// five entities that escaping makes, no stray `<` or `>`. Returns its start tags.
pub fn parse(page: &str, text: &str) -> Vec<Tag> {
    let mut rest = text.strip_prefix("<!doctype html>\n").expect(page);
    let (mut open, mut tags): (Vec<String>, Vec<Tag>) = (Vec::new(), Vec::new());
    while !rest.is_empty() {
        let (before, after) = rest.split_once('<').unwrap_or((rest, ""));
        check_text(page, before);
        if after.is_empty() {
            break;
        }
        let (inside, next) = after.split_once('>').expect("a tag ends");
        rest = next;
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "{page}: </{name}> closes another element");
            continue;
        }
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        let closed = after[inside.len()..].starts_with('/');
        let tag = read_tag(page, inside);
        if !VOID.contains(&tag.name.as_str()) && !closed {
            open.push(tag.name.clone());
        }
        tags.push(tag);
    }
    assert!(open.is_empty(), "{page}: {open:?} stay open");
    tags
}

fn check_text(page: &str, text: &str) {
    assert!(!text.contains('>'), "{page}: a stray > in {text:?}");
    for (at, _) in text.match_indices('&') {
        assert!(ENTITIES.iter().any(|e| text[at..].starts_with(e)), "{page}: {:?}", &text[at..]);
    }
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{page}: a control character");
}

fn read_tag(page: &str, inside: &str) -> Tag {
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    assert!(name.chars().all(|c| c.is_ascii_alphanumeric()) && !name.is_empty(), "{page}: <{inside}>");
    let mut attributes = BTreeMap::new();
    while !rest.is_empty() {
        let (key, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("{page}: <{inside}>"));
        let (value, after) = after.split_once('"').unwrap_or_else(|| panic!("{page}: <{inside}>"));
        assert!(key.chars().all(|c| c.is_ascii_alphabetic() || c == '-'), "{page}: attribute {key:?}");
        if name != "link" {
            check_text(page, value);
        }
        assert!(attributes.insert(key.to_owned(), value.to_owned()).is_none(), "{page}: {key} twice");
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    Tag { name: name.to_owned(), attributes }
}

/// The text of markup, with single spaces.
pub fn words(html: &str) -> String {
    let mut out = String::new();
    for part in html.split('<') {
        out.push_str(part.split_once('>').map_or(part, |(_, text)| text));
        out.push(' ');
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}
