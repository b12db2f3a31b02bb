//! The account export of Monica 4 (`Settings > Export > JSON`), version `1.0-preview.1`: contacts with what was noted of them.
//!
//! Resources are `{ uuid, created_at, properties, data: [{ type, values }] }` (`app/ExportResources` in Monica's source), and
//! what is absent is not written. A firm takes over what it needs to work with somebody: names, addresses, numbers, tags,
//! notes, calls, activities, open tasks, and how contacts are related to each other. Pets, gifts, debts, food, gender, photos, life
//! events, and who loves or loved whom (Art. 9 GDPR: sex life) stay where they are.

use std::collections::{BTreeMap, HashMap};

use chrono::DateTime;
use serde_json::Value;

use super::meaning::single_line;
use super::{About, Options, Row, monica_links};
use crate::domain::contact::{Activity, Address, Todo, Typed};
use crate::domain::draft::Draft;
use crate::domain::ids::event_id;
use crate::domain::{email, phone};
use crate::error::{Error, Result};

/// The name of the preset, and what people call it.
pub const NAME: (&str, &str) = ("monica", "Monica (account export, JSON)");

/// What a contact's resources are called that carnet has no place for.
const LEFT_OUT: [(&str, &str); 8] = [
    ("life_event", "life events"),
    ("conversation", "conversations"),
    ("reminder", "reminders"),
    ("debt", "debts"),
    ("gift", "gifts"),
    ("pet", "pets"),
    ("photo", "photos"),
    ("document", "documents"),
];

/// How much of a file is looked at to recognise it.
const HEAD: usize = 4096;

/// Whether a JSON file begins as such an export does.
pub(super) fn is_export(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(HEAD)).unwrap_or_default();
    let has = |word: &[u8]| memchr::memmem::find(head, word).is_some();
    has(b"\"account\"") && has(b"\"exported_by\"") && has(b"\"app_version\"")
}

/// The contacts of an export.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<(Vec<Row>, About)> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let json: Value = serde_json::from_slice(bytes).map_err(|e| {
        Error::failed("the file is not whole JSON").at(format!("line {}, column {}", e.line(), e.column()))
    })?;
    let account = &json["account"];
    let contacts: Vec<&Value> = resources(account, "contact").collect();
    if contacts.is_empty() {
        return Err(Error::failed("there is no contact in this export of Monica").hint(
            "in Monica: Settings, Export, JSON; older versions give their contacts as vCard over CardDAV",
        ));
    }
    let export = Export {
        kinds: account["instance"]["contact_field_types"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|kind| Some((kind["uuid"].as_str()?, &kind["properties"])))
            .collect(),
        activities: resources(account, "activity")
            .filter_map(|one| Some((one["uuid"].as_str()?, one)))
            .collect(),
        country: &options.country,
    };
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for (kind, name) in LEFT_OUT {
        let count: usize = contacts.iter().map(|contact| resources(contact, kind).count()).sum();
        if count > 0 {
            left.insert(name, count);
        }
    }
    let mut rows: Vec<Row> =
        contacts.iter().enumerate().map(|(n, contact)| export.row(n + 1, contact)).collect();
    let unlinked = monica_links::put(resources(account, "relationship"), &mut rows);
    if unlinked > 0 {
        left.insert("relationships", unlinked);
    }
    let about = About {
        encoding: "UTF-8",
        preset: Some(NAME.1.to_owned()),
        left_out: left.into_iter().map(|(name, n)| format!("{n} {name}")).collect(),
        ..About::default()
    };
    Ok((rows, about))
}

/// The values of a kind among a resource's data.
fn resources<'a>(of: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let data = of["data"].as_array().into_iter().flatten();
    data.filter(move |group| group["type"] == kind).flat_map(|group| group["values"].as_array()).flatten()
}

/// What contacts refer to.
struct Export<'a> {
    /// Types of fields: their properties by uuid.
    kinds: HashMap<&'a str, &'a Value>,
    /// Activities of the account by uuid.
    activities: HashMap<&'a str, &'a Value>,
    country: &'a str,
}

impl Export<'_> {
    fn row(&self, n: usize, contact: &Value) -> Row {
        let mut notes = Vec::new();
        let draft = self.draft(contact, &mut notes);
        Row { place: format!("contact {n}"), draft, notes }
    }

    fn draft(&self, contact: &Value, notes: &mut Vec<String>) -> std::result::Result<Draft, String> {
        let properties = &contact["properties"];
        if is(properties, "is_partial") {
            return Err("Monica has it only as a relative of another contact".to_owned());
        }
        let line =
            |key: &str| text(properties, key).map(|text| single_line(&text)).filter(|text| !text.is_empty());
        let mut draft = Draft {
            key: contact["uuid"].as_str().map(str::to_owned),
            given: line("first_name"),
            additional: line("middle_name"),
            family: line("last_name"),
            nickname: line("nickname"),
            org: line("company"),
            title: line("job"),
            note: text(properties, "description"),
            birthday: birthday(&properties["birthdate"]),
            ..Draft::default()
        };
        let parts = [&draft.given, &draft.additional, &draft.family];
        draft.name = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
        if draft.name.is_empty() {
            return Err("the contact has no name".to_owned());
        }
        let tags =
            properties["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).map(single_line);
        draft.tags.extend(tags.filter(|tag| !tag.is_empty()));
        for (key, when, tag) in [("is_dead", true, "deceased"), ("is_active", false, "archived")] {
            if properties.get(key).is_some_and(|value| is_true(value) == when) {
                draft.tags.push(tag.to_owned());
            }
        }
        resources(contact, "contact_field")
            .for_each(|field| self.field(&field["properties"], &mut draft, notes));
        for address in resources(contact, "address") {
            draft.addresses.extend(address_of(&address["properties"]));
        }
        draft.activities = self.entries(contact);
        draft.todos = resources(contact, "task").filter_map(todo).collect();
        Ok(draft)
    }

    /// An address, a number or an account elsewhere, by the type that Monica gives it.
    fn field(&self, field: &Value, draft: &mut Draft, notes: &mut Vec<String>) {
        let Some(value) = text(field, "data").map(|text| single_line(&text)).filter(|text| !text.is_empty())
        else {
            return;
        };
        let nothing = Value::Null;
        let kind = field["type"].as_str().and_then(|uuid| self.kinds.get(uuid)).copied().unwrap_or(&nothing);
        let is = |what: &str, protocol: &str| kind["type"] == what || kind["protocol"] == protocol;
        let typed = |value: String| Typed { value, kind: None };
        if is("email", "mailto:") || (kind.is_null() && email::normalise(&value).is_some()) {
            match email::normalise(&value) {
                Some(_) => draft.emails.push(typed(email::bare(&value).to_owned())),
                None => notes.push("an e-mail address that is none was left out".to_owned()),
            }
        } else if is("phone", "tel:") {
            draft.phones.push(typed(phone::written(&value, self.country)));
        } else if value.starts_with("http://") || value.starts_with("https://") {
            draft.urls.push(typed(value));
        } else {
            let name =
                text(kind, "name").map(|name| single_line(&name)).unwrap_or_else(|| "monica".to_owned());
            draft.custom.push((name, value));
        }
    }

    /// Calls, notes and activities, in the order of time.
    fn entries(&self, contact: &Value) -> Vec<Activity> {
        let call = |one: &Value| {
            let direction = one["properties"].get("contact_called").map(is_true);
            let direction = direction.map(|by_them| if by_them { "in" } else { "out" }.to_owned());
            let text = text(&one["properties"], "content").unwrap_or_default();
            Some(Activity { direction, ..entry("call", moment(one, "called_at")?, text) })
        };
        let note =
            |one: &Value| Some(entry("note", moment(one, "created_at")?, text(&one["properties"], "body")?));
        let met = |uuid: &Value| {
            let one = self.activities.get(uuid.as_str()?)?;
            let texts = ["summary", "description"].map(|key| text(&one["properties"], key));
            let text = texts.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
            Some(entry("meeting", moment(one, "happened_at")?, text))
        };
        let mut entries: Vec<Activity> = resources(contact, "call").filter_map(call).collect();
        entries.extend(resources(contact, "note").filter_map(note));
        entries.extend(resources(contact, "activity").filter_map(met));
        entries.sort_by_key(|entry| entry.time.to_string());
        entries
    }
}

fn entry(kind: &str, time: toml::value::Datetime, text: String) -> Activity {
    let (direction, duration, message, deal) = (None, None, None, None);
    Activity { id: event_id(), time, kind: kind.to_owned(), text, direction, duration, message, deal }
}

fn todo(task: &Value) -> Option<Todo> {
    let properties = &task["properties"];
    let text = text(properties, "title").filter(|_| !is(properties, "completed"))?;
    let created = moment(task, "created_at");
    Some(Todo { id: event_id(), text: single_line(&text), due: None, created, done: None })
}

fn text(of: &Value, key: &str) -> Option<String> {
    of[key].as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn is(of: &Value, key: &str) -> bool {
    is_true(&of[key])
}

/// MySQL knows no truth but 1.
fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_i64() == Some(1))
}

/// A moment of a resource: `2021-03-22T10:00:00.000000Z`, `2021-03-22 10:00:00` or a day, among the properties or beside
/// them; whole seconds, UTC.
fn moment(of: &Value, key: &str) -> Option<toml::value::Datetime> {
    let text = text(&of["properties"], key).or_else(|| text(of, key)).or_else(|| text(of, "created_at"))?;
    let full = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        19 => format!("{}Z", text.replace(' ', "T")),
        _ => text,
    };
    let time = DateTime::parse_from_rfc3339(&full).ok()?.to_utc();
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string().parse().ok()
}

/// A birthday that somebody knows: one that Monica reckoned from an age says nothing of the day.
fn birthday(date: &Value) -> Option<String> {
    let day = text(date, "date")?.get(..10)?.to_owned();
    chrono::NaiveDate::parse_from_str(&day, "%Y-%m-%d").ok()?;
    match () {
        () if is(date, "is_age_based") => None,
        () if is(date, "is_year_unknown") => Some(format!("-{}", day.get(4..)?)),
        () => Some(day),
    }
}

fn address_of(of: &Value) -> Option<Address> {
    let line = |key: &str| text(of, key).map(|text| single_line(&text)).unwrap_or_default();
    let address = Address {
        street: line("street"),
        postcode: line("postal_code"),
        locality: line("city"),
        region: line("province"),
        country: line("country"),
        kind: text(of, "name").map(|name| single_line(&name).to_lowercase()),
        ..Address::default()
    };
    let empty = Address { kind: address.kind.clone(), ..Address::default() };
    (address != empty).then_some(address)
}
