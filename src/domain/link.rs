//! Links between contacts: who works for which firm, and how persons are related (docs/format.md, "Links").
//!
//! A link stands in one contact's file and names the other by id. The other side's page is made from an index, so that
//! nothing has to be kept the same twice, and an erasure of either side has one place to look at.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike, Value, value};

use super::contact::{Contact, ContactKind, DateText};
use super::filter::interval;
use super::ids::ContactId;
use crate::error::{Error, Result};

/// The key of the list in a contact.
pub const KEY: &str = "link";

/// One link as the file has it. Reading is lenient: what another program or a person wrote is shown as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    /// The same for the same link however often it is made; see [`put`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Id of the other contact.
    pub to: String,
    /// Code of [`KINDS`].
    pub kind: String,
    /// What they do there, or how they are related, in one's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The first and the last day (`2024-03-01`, `2024-03`, `2024`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateText>,
}

impl Link {
    /// Whether its last day is behind us.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.until.as_ref().is_some_and(|until| is_over(&until.0, now))
    }
}

/// Whether a day, month or year is behind us; what cannot be read is not.
pub fn is_over(until: &str, now: DateTime<Utc>) -> bool {
    interval(until).is_some_and(|(_, end)| end <= now.timestamp())
}

/// How two contacts can be related.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// As seen from the contact that has it.
    pub code: &'static str,
    /// As seen from the other one; the same where there is no direction.
    pub inverse: &'static str,
    /// TYPE of vCard's RELATED (RFC 6350, section 6.6.6): what the other one is to this one; empty for none.
    pub related: &'static str,
}

const fn kind(code: &'static str, inverse: &'static str, related: &'static str) -> Kind {
    Kind { code, inverse, related }
}

/// All of them. What is not here is said with a role.
pub static KINDS: [Kind; 16] = [
    kind(WORKS_FOR, "employs", ""),
    kind("member-of", "has-member", ""),
    kind("owner-of", "owned-by", ""),
    kind(PART_OF, "has-part", ""),
    kind("client-of", "supplier-of", ""),
    kind("reports-to", "manager-of", ""),
    kind("assistant-of", "assisted-by", ""),
    kind("referred-by", "referred", ""),
    kind("partner", "partner", ""),
    kind("colleague", "colleague", "colleague"),
    kind("friend", "friend", "friend"),
    kind("spouse", "spouse", "spouse"),
    kind("child-of", "parent-of", "parent"),
    kind("sibling", "sibling", "sibling"),
    kind("family", "family", "kin"),
    kind(RELATED, RELATED, "contact"),
];

const WORKS_FOR: &str = "works-for";
const PART_OF: &str = "part-of";
/// How is left to the role.
const RELATED: &str = "related";

/// Whether a link of this kind, as seen from here, leads to the organisation that one belongs to.
pub fn is_belonging(code: &str) -> bool {
    [WORKS_FOR, PART_OF, "member-of", "owner-of"].contains(&code)
}

/// How a link is called as seen from the other contact; a code that is not known, as it is.
pub fn inverse(code: &str) -> &str {
    let known = KINDS.iter().find_map(|kind| match code {
        code if code == kind.code => Some(kind.inverse),
        code if code == kind.inverse => Some(kind.code),
        _ => None,
    });
    known.unwrap_or(code)
}

/// Whether it is the same seen from either side.
fn is_mutual(code: &str) -> bool {
    inverse(code) == code
}

/// The kind that is meant, and whether it was named as the second contact sees it.
///
/// # Errors
/// Usage, when there is no such kind, with the nearest one. What was typed is not repeated.
pub fn kind_of(text: &str) -> Result<(&'static Kind, bool)> {
    let code = text.trim().to_ascii_lowercase().replace([' ', '_'], "-");
    let found = KINDS.iter().find_map(|kind| match code.as_str() {
        code if code == kind.code => Some((kind, false)),
        code if code == kind.inverse => Some((kind, true)),
        _ => None,
    });
    found.ok_or_else(|| {
        let names = || KINDS.iter().flat_map(|kind| [kind.code, kind.inverse]);
        let near = names().min_by_key(|name| strsim::damerau_levenshtein(name, &code));
        let near = near.filter(|name| strsim::damerau_levenshtein(name, &code) <= 2);
        let error = Error::usage("there is no such kind of link").at("--kind");
        match near {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => {
                let all: Vec<&str> = KINDS.iter().map(|kind| kind.code).collect();
                error.hint(format!("{}; --role says it in your own words", all.join(", ")))
            }
        }
    })
}

/// The kind that TYPE of a vCard's RELATED says, our own types (`x-carnet-works-for`) included; else that they are related.
pub fn kind_of_related(types: &str) -> &'static Kind {
    let types = types.to_ascii_lowercase();
    let is_it = |kind: &&Kind| {
        types.split(',').map(str::trim).any(|one| {
            let own = one.strip_prefix(OWN_TYPE).unwrap_or_default();
            own == kind.code || !kind.related.is_empty() && one == kind.related
        })
    };
    KINDS.iter().find(is_it).unwrap_or(&KINDS[KINDS.len() - 1])
}

/// What stands before a kind that RFC 6350 has no TYPE for.
const OWN_TYPE: &str = "x-carnet-";

/// TYPE of RELATED for a link of this kind, as its own contact's card has it.
pub fn related_type(code: &str) -> String {
    let known = KINDS.iter().find(|kind| kind.code == code && !kind.related.is_empty());
    known.map_or_else(|| format!("{OWN_TYPE}{code}"), |kind| kind.related.to_owned())
}

/// Words that say a firm's legal form, and do not tell two firms apart.
const FORMS: [&str; 30] = [
    "sa", "sas", "sasu", "sarl", "eurl", "sci", "snc", "scop", "scic", "selarl", "gmbh", "ag", "kg", "ug",
    "ohg", "ltd", "limited", "llc", "llp", "plc", "inc", "bv", "nv", "srl", "spa", "sprl", "ab", "oy", "aps",
    "sl",
];

/// A firm's name in the form in which two are compared: folded, without punctuation and legal form.
pub fn firm_name(name: &str) -> String {
    let folded = super::fold::fold(name);
    // `S.A.R.L.` is `SARL`.
    let folded = folded.replace('.', "");
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let telling: Vec<&str> = words.iter().copied().filter(|word| !FORMS.contains(word)).collect();
    if telling.is_empty() { words.join(" ") } else { telling.join(" ") }
}

/// The kind where none was named: who works for a firm, which firm is part of another, else only that they are related.
pub fn default_kind(a: ContactKind, b: ContactKind) -> &'static Kind {
    use ContactKind::{Organisation, Person};
    let code = match (a, b) {
        (Person, Person) => RELATED,
        (Organisation, Organisation) => PART_OF,
        _ => WORKS_FOR,
    };
    KINDS.iter().find(|kind| kind.code == code).unwrap_or(&KINDS[0])
}

/// Whether a link of this kind from a contact of kind `a` to one of kind `b` is the wrong way round: a firm works for
/// nobody and is a member of no person.
pub fn is_turned(kind: &Kind, a: ContactKind, b: ContactKind) -> bool {
    let of_persons = [WORKS_FOR, "member-of"].contains(&kind.code);
    of_persons && (a, b) == (ContactKind::Organisation, ContactKind::Person)
}

/// What a person says of a link.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// `None` leaves what is there; an empty text takes it away.
    pub role: Option<String>,
    pub since: Option<String>,
    pub until: Option<String>,
}

/// A day, month or year as it is written into the file.
///
/// # Errors
/// Usage, when it is none; what was typed is not repeated.
pub fn date(text: &str, flag: &str) -> Result<String> {
    let text = text.trim();
    let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    match interval(text) {
        Some(_) if digits => Ok(text.to_owned()),
        _ => Err(Error::usage("that is no day, month or year")
            .at(flag.to_owned())
            .hint("2024-03-01, 2024-03 or 2024")),
    }
}

/// Puts a link of `kind` to `to` into a contact: into the one that is there and not over, else as a new one. Says whether
/// there was one.
///
/// # Errors
/// Usage, when it would end before it began.
pub fn put(
    doc: &mut DocumentMut,
    contact: &Contact,
    to: &ContactId,
    kind: &Kind,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<bool> {
    let is_it = |link: &Link| link.to == to.as_str() && link.kind == kind.code && !link.is_over(now);
    let known = contact.links.iter().position(is_it);
    let old = known.and_then(|n| contact.links.get(n));
    let after = |given: &Option<String>, old: Option<&String>| match given {
        Some(given) => Some(given.clone()).filter(|text| !text.is_empty()),
        None => old.cloned(),
    };
    let since = after(&wanted.since, old.and_then(|link| link.since.as_ref()).map(|date| &date.0));
    let until = after(&wanted.until, old.and_then(|link| link.until.as_ref()).map(|date| &date.0));
    if let (Some(since), Some(until)) = (&since, &until)
        && let (Some((begins, _)), Some((_, ends))) = (interval(since), interval(until))
        && ends <= begins
    {
        return Err(Error::usage("the link would end before it began")
            .at("--until")
            .hint("--since takes the first day, --until the last one"));
    }
    let role = after(&wanted.role, old.and_then(|link| link.role.as_ref()));
    let set = |table: &mut dyn TableLike| {
        super::edit::put_value(table, "role", role.as_deref().map(Value::from));
        super::edit::put_value(table, "since", since.as_deref().map(date_value));
        super::edit::put_value(table, "until", until.as_deref().map(date_value));
    };
    if let Some(n) = known {
        nth(doc, n).map(set).ok_or_else(unreadable)?;
        return Ok(true);
    }
    let mut table = Table::new();
    table.insert("id", value(free_id(contact, to, kind)));
    table.insert("to", value(to.as_str()));
    table.insert("kind", value(kind.code));
    set(&mut table);
    match doc.entry(KEY).or_insert(Item::ArrayOfTables(ArrayOfTables::new())) {
        Item::ArrayOfTables(list) => list.push(table),
        Item::Value(Value::Array(list)) => list.push(table.into_inline_table()),
        _ => return Err(unreadable()),
    }
    Ok(false)
}

/// The id of a new link: from what it is, so that two clones that make the same one make one, and not two, in a merge.
fn free_id(contact: &Contact, to: &ContactId, kind: &Kind) -> String {
    let namespace = uuid::Uuid::parse_str(to.as_str()).unwrap_or_default();
    let id = |n: usize| {
        let name = format!("{} {} {n}", contact.id, kind.code);
        let id = uuid::Uuid::new_v5(&namespace, name.as_bytes()).simple().to_string();
        id.chars().take(16).collect::<String>()
    };
    let free = |id: &String| !contact.links.iter().any(|link| link.id == *id);
    (0..=contact.links.len()).map(id).find(free).unwrap_or_default()
}

/// A whole day is TOML's own; a month or a year is a text.
fn date_value(text: &str) -> Value {
    match NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .and_then(|_| text.parse::<toml_edit::Datetime>().ok())
    {
        Some(day) => Value::from(day),
        None => Value::from(text),
    }
}

fn nth(doc: &mut DocumentMut, n: usize) -> Option<&mut dyn TableLike> {
    match doc.get_mut(KEY)? {
        Item::ArrayOfTables(list) => list.get_mut(n).map(|table| table as &mut dyn TableLike),
        other => {
            let inline = other.as_array_mut()?.get_mut(n)?.as_inline_table_mut()?;
            Some(inline as &mut dyn TableLike)
        }
    }
}

fn unreadable() -> Error {
    Error::failed("`link` is not a list of links in this contact")
        .at(KEY)
        .hint("`carnet edit ID` opens it; write it as [[link]]")
}

/// Takes away the links that `is_it` means; says how many there were.
pub fn remove(doc: &mut DocumentMut, is_it: &dyn Fn(&Link) -> bool) -> usize {
    let meant = |table: &dyn TableLike| {
        let text = |key: &str| table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
        is_it(&Link { id: text("id"), to: text("to"), kind: text("kind"), ..Link::default() })
    };
    let (before, after) = match doc.get_mut(KEY) {
        Some(Item::ArrayOfTables(list)) => {
            let before = list.len();
            list.retain(|table| !meant(table));
            (before, list.len())
        }
        Some(Item::Value(Value::Array(list))) => {
            let before = list.len();
            list.retain(|entry| !entry.as_inline_table().is_some_and(|table| meant(table)));
            (before, list.len())
        }
        _ => return 0,
    };
    if after == 0 && before > 0 {
        doc.remove(KEY);
    }
    before - after
}

/// The text with its links to the first of each pair leading to the second.
pub fn redirect_all(text: &str, moves: &[(ContactId, ContactId)]) -> Result<String> {
    // Few contacts have any.
    let concerned = moves.iter().filter(|(from, _)| text.contains(from.as_str()));
    concerned.into_iter().try_fold(text.to_owned(), |text, (from, into)| redirect(&text, from, into))
}

/// Lets the links to `from` lead to `into`: a merge of two contacts takes its links along. One that would lead to the
/// contact itself, or is there already, goes.
fn redirect(text: &str, from: &ContactId, into: &ContactId) -> Result<String> {
    let mut doc = super::edit::document(text)?;
    let own = doc.get("id").and_then(Item::as_str).unwrap_or_default().to_owned();
    let count = match doc.get(KEY) {
        Some(Item::ArrayOfTables(list)) => list.len(),
        Some(Item::Value(Value::Array(list))) => list.len(),
        _ => 0,
    };
    let mut seen = std::collections::BTreeSet::new();
    let mut gone = Vec::new();
    for n in 0..count {
        let Some(table) = nth(&mut doc, n) else { continue };
        let text = |table: &dyn TableLike, key: &str| {
            table.get(key).map(|item| item.to_string().trim().to_owned()).unwrap_or_default()
        };
        if table.get("to").and_then(Item::as_str) == Some(from.as_str()) {
            super::edit::put_value(table, "to", Some(Value::from(into.as_str())));
        }
        let to = table.get("to").and_then(Item::as_str).unwrap_or_default().to_owned();
        let said = ["kind", "role", "since", "until"].map(|key| text(table, key));
        if to == own || !seen.insert((to, said)) {
            gone.push(n);
        }
    }
    for n in gone.into_iter().rev() {
        match doc.get_mut(KEY) {
            Some(Item::ArrayOfTables(list)) => drop(list.remove(n)),
            Some(Item::Value(Value::Array(list))) => drop(list.remove(n)),
            _ => {}
        }
    }
    if count > 0
        && doc.get(KEY).is_some_and(|item| item.as_array_of_tables().is_some_and(ArrayOfTables::is_empty))
    {
        doc.remove(KEY);
    }
    Ok(doc.to_string())
}

/// Whether a link of this kind in either direction is the same link: from `a` to `b`, or, where it has no direction, back.
pub fn stands_there(other: &Contact, a: &ContactId, kind: &Kind, now: DateTime<Utc>) -> bool {
    is_mutual(kind.code)
        && other
            .links
            .iter()
            .any(|link| link.to == a.as_str() && link.kind == kind.code && !link.is_over(now))
}

#[cfg(test)]
mod tests;
