//! What a contact says, as fields of the filter language: one pair of field and value for each value.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use toml::{Table, Value};

use super::{Facts, Field};
use crate::domain::contact::{Basis, Contact, search_text};
use crate::domain::fold::fold;
use crate::domain::link::Link;
use crate::domain::moment;

/// Fields that the index leaves to the file: they stand in its searchable text anyway, and every search would pay for
/// reading them twice.
pub const IN_FILE_ONLY: [&str; 11] = [
    "note",
    "activity",
    "given",
    "family",
    "additional",
    "prefix",
    "suffix",
    "street",
    "postcode",
    "region",
    "url",
];

/// Kinds of entries that are no contact with the person.
/// An e-mail that was opened is none either: it may have been a machine.
const NO_CONTACT: [&str; 2] = ["note", "open"];

/// The name under which a contact's own links stand among its facts; filters ask for both directions, as `linked`.
pub const LINK: &str = "link";

/// A link as a fact: `TO|KIND|SINCE|UNTIL|ID|ROLE`.
fn link_fact(link: &Link) -> String {
    let date = |date: &Option<crate::domain::contact::DateText>| {
        date.as_ref().map_or("", |d| &d.0).replace('|', " ")
    };
    let parts =
        [&link.to, &link.kind, &date(&link.since), &date(&link.until), &link.id].map(|p| p.replace('|', " "));
    format!("{}|{}", parts.join("|"), link.role.as_deref().unwrap_or_default())
}

/// Reads what [`of`] wrote of a link.
pub fn link_of(fact: &str) -> Option<Link> {
    let mut parts = fact.splitn(6, '|');
    let mut next = || parts.next().map(str::to_owned);
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let date = |text: String| some(text).map(crate::domain::contact::DateText);
    Some(Link {
        to: next()?,
        kind: next()?,
        since: date(next()?),
        until: date(next()?),
        id: next()?,
        role: some(next()?),
    })
}

/// Fields and values, and all text, folded.
#[derive(Clone, Debug, Default)]
pub struct Pairs {
    pub pairs: Vec<(Cow<'static, str>, String)>,
    pub text: String,
}

impl Facts for Pairs {
    fn values(&self, field: &Field) -> Option<Vec<Cow<'_, str>>> {
        let name = field.name();
        let custom = field.custom.as_ref();
        let wanted = |key: &str| match custom {
            Some(own) => key.strip_prefix("custom.").is_some_and(|k| k == own),
            None => key == name,
        };
        let all = self.pairs.iter().filter(|(key, _)| wanted(key));
        Some(all.map(|(_, value)| Cow::Borrowed(of_action(name, value))).collect())
    }

    fn text(&self) -> Option<&str> {
        Some(&self.text)
    }
}

/// Of an open action (`ID|DUE|TEXT`) a filter sees the text; every other value is seen as it is.
pub(crate) fn of_action<'a>(field: &str, value: &'a str) -> &'a str {
    if field == "todo" { value.splitn(3, '|').nth(2).unwrap_or_default() } else { value }
}

/// A basis as the index keeps it: `PURPOSE:BASIS`, and `|UNTIL` where it has an end.
pub fn with_until(basis: &Basis) -> String {
    let until = basis.until.as_ref().map(|until| format!("|{until}")).unwrap_or_default();
    format!("{}:{}{until}", basis.purpose, basis.basis)
}

/// The basis, or the purpose, of such a value, unless it has ended; what cannot be read is no end.
pub fn in_force(value: &str, now: DateTime<Utc>) -> Option<&str> {
    let (value, until) = value.split_once('|').unwrap_or((value, ""));
    let is_over = moment::end_of_text(until).is_some_and(|end| end <= now.timestamp());
    (!is_over).then_some(value)
}

/// All pairs of a contact, from its file's text and what that says.
pub fn of(text: &str, contact: &Contact) -> Pairs {
    let mut out = Pairs { pairs: Vec::new(), text: String::with_capacity(text.len()) };
    let table: Table = text.parse().unwrap_or_default();
    search_text(&table, &mut out.text);
    let mut put = |key: &'static str, value: &str| {
        if !value.is_empty() {
            out.pairs.push((Cow::Borrowed(key), value.to_owned()));
        }
    };
    put("id", contact.id.as_str());
    put("book", contact.book.as_str());
    put("kind", contact.kind.as_str());
    let names = [
        ("given", &contact.given),
        ("family", &contact.family),
        ("nickname", &contact.nickname),
        ("additional", &contact.additional),
        ("prefix", &contact.prefix),
        ("suffix", &contact.suffix),
        ("org", &contact.org),
        ("title", &contact.title),
        ("role", &contact.role),
        ("lang", &contact.lang),
        ("note", &contact.note),
        ("every", &contact.every),
    ];
    put("name", &contact.name);
    for (key, value) in names {
        let Some(value) = value else { continue };
        put(key, value);
        if ["given", "family", "nickname"].contains(&key) {
            put("name", value);
        }
    }
    contact.emails.iter().for_each(|e| put("email", &e.value));
    contact.phones.iter().for_each(|p| put("phone", &p.value));
    contact.urls.iter().for_each(|u| put("url", &u.value));
    for address in &contact.addresses {
        put("street", &address.street);
        put("postcode", &address.postcode);
        put("city", &address.locality);
        put("region", &address.region);
        put("country", &address.country);
    }
    contact.tags.iter().for_each(|t| put("tag", t));
    put("source", &contact.source);
    put("birthday", contact.birthday.as_ref().map_or("", |b| &b.0));
    put("created", &contact.created.map(|c| c.to_string()).unwrap_or_default());
    for basis in &contact.bases {
        let until = basis.until.as_ref().map(|until| format!("|{until}")).unwrap_or_default();
        put("purpose", &format!("{}{until}", basis.purpose));
        put("basis", &with_until(basis));
    }
    for event in &contact.consents {
        let expires = event.expires.map(|e| e.to_string()).unwrap_or_default();
        let channel = event.channel.as_deref().unwrap_or_default().replace('|', " ");
        put(
            "consent",
            &format!("{}|{channel}|{}|{}|{expires}", event.purpose, event.action.as_str(), event.time),
        );
    }
    let met = |from_them: bool| {
        let heard = |a: &&crate::domain::contact::Activity| {
            !NO_CONTACT.contains(&a.kind.as_str())
                && (!from_them || a.kind == "click" || a.direction.as_deref() == Some("in"))
        };
        let latest = contact.activities.iter().filter(heard).max_by_key(|a| moment::start(&a.time));
        latest.map(|a| a.time.to_string()).unwrap_or_default()
    };
    put("last", &met(false));
    put("heard", &met(true));
    for activity in &contact.activities {
        put("activity", &activity.text);
    }
    for todo in contact.todos.iter().filter(|t| t.done.is_none()) {
        let due = todo.due.map(|d| d.to_string()).unwrap_or_default();
        put("due", &due);
        put("todo", &format!("{}|{due}|{}", todo.id.replace('|', " "), todo.text));
    }
    for link in &contact.links {
        // What is over is no role any more; whether it is to end is not asked here, for facts know no clock.
        if link.until.is_none() {
            put("role", link.role.as_deref().unwrap_or_default());
        }
        put(LINK, &link_fact(link));
    }
    contact.merged.iter().for_each(|id| put("merged", id.as_str()));
    contact.conflicts.iter().for_each(|c| put("conflict", &c.field));
    for (key, value) in &contact.custom {
        let key = Cow::Owned(format!("custom.{}", fold(key)));
        own(key, value, &mut out.pairs);
    }
    noes(&table, &mut out.pairs);
    out
}

fn own(key: Cow<'static, str>, value: &Value, pairs: &mut Vec<(Cow<'static, str>, String)>) {
    match value {
        Value::String(text) => pairs.push((key, text.clone())),
        Value::Array(list) => list.iter().for_each(|v| own(key.clone(), v, pairs)),
        Value::Table(_) => {}
        other => pairs.push((key, other.to_string())),
    }
}

/// Objections (Art. 21) and restrictions (Art. 18), of the contact and of each basis: `PURPOSE|CHANNEL|UNTIL`.
fn noes(table: &Table, pairs: &mut Vec<(Cow<'static, str>, String)>) {
    collect(table, "", pairs);
    let bases = table.get("basis").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for basis in bases.iter().filter_map(Value::as_table) {
        collect(basis, basis.get("purpose").and_then(Value::as_str).unwrap_or_default(), pairs);
    }
}

fn collect(table: &Table, purpose: &str, pairs: &mut Vec<(Cow<'static, str>, String)>) {
    for (keys, field) in [
        (["objection", "objections", "objected"], "objection"),
        (["restriction", "restrictions", "restricted"], "restriction"),
    ] {
        for value in keys.iter().filter_map(|key| table.get(*key)) {
            no(value, purpose, field, pairs);
        }
    }
}

/// What cannot be read still says no.
fn no(value: &Value, purpose: &str, field: &'static str, pairs: &mut Vec<(Cow<'static, str>, String)>) {
    let text = |entry: &Table, key: &str| {
        entry.get(key).and_then(Value::as_str).unwrap_or_default().replace('|', " ")
    };
    match value {
        Value::Boolean(false) => {}
        Value::Array(list) => list.iter().for_each(|v| no(v, purpose, field, pairs)),
        Value::Table(entry) => {
            let until = ["lifted", "until"].iter().find_map(|key| entry.get(*key)?.as_datetime());
            let until = until.map(|u| u.to_string()).unwrap_or_default();
            let own = text(entry, "purpose");
            let purpose = if own.is_empty() { purpose } else { &own };
            pairs.push((Cow::Borrowed(field), format!("{purpose}|{}|{until}", text(entry, "channel"))));
        }
        _ => pairs.push((Cow::Borrowed(field), format!("{purpose}||"))),
    }
}
