//! The data of an access or portability reply: a page to read, and the same for machines.

use serde::Serialize;
use serde_json::json;
use toml::Value;

use super::letter::Firm;
use super::purposes::Held;
use super::reads::{Row, json, plain, rows};
use super::record::Record;
use super::trail;
use crate::domain::moment;
use crate::domain::organisation::Settings;
use crate::domain::request::{Kind, Request};
use crate::domain::zone::Day;
use crate::error::{Error, Result};
use crate::interchange::{write_csv, write_vcards};

/// The schema of `data.json`.
pub const SCHEMA: &str = "carnet.personal-data/1";

/// The page.
#[derive(Debug, Serialize)]
pub struct Data {
    lang: &'static str,
    firm: Firm,
    name: String,
    reference: String,
    kind: &'static str,
    day: i64,
    /// The contact's random id.
    id: String,
    rows: Vec<Row>,
    purposes: Vec<Held>,
    /// Whether any of them takes decisions by automated means.
    automated: bool,
    consents: Vec<Event>,
    activities: Vec<Event>,
    marks: Vec<Event>,
    history: Vec<trail::Line>,
    unreadable: usize,
    left_out: Vec<String>,
}

/// Something that happened, from one of the contact's lists.
#[derive(Debug, Serialize)]
struct Event {
    /// Code: the action, the kind, or `objection` and `restriction`.
    what: String,
    at: Option<i64>,
    /// Title of the purpose; empty for all.
    purpose: String,
    channel: String,
    text: String,
    /// Seconds; when a consent expires, when an objection was lifted.
    end: Option<i64>,
}

/// What is read for a pack.
pub struct Facts {
    pub record: Record,
    pub purposes: Vec<Held>,
    pub history: Vec<trail::Line>,
    pub unreadable: usize,
}

impl Data {
    pub fn new(settings: &Settings, request: &Request, lang: &'static str, day: Day, facts: &Facts) -> Data {
        let table = &facts.record.table;
        let title = |slug: &str| {
            let held = facts.purposes.iter().find(|held| held.slug == slug);
            held.map_or_else(|| slug.to_owned(), |held| held.title.clone())
        };
        let events = |key: &str, what: &str| -> Vec<Event> {
            let list = table.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            list.iter().filter_map(Value::as_table).map(|event| Event::new(event, what, &title)).collect()
        };
        let mut marks = events("objection", "");
        marks.iter_mut().for_each(|mark| mark.what = "objection".into());
        let mut restrictions = events("restriction", "");
        restrictions.iter_mut().for_each(|mark| mark.what = "restriction".into());
        marks.append(&mut restrictions);
        Data {
            lang,
            automated: facts.purposes.iter().any(|held| !held.automated.is_empty()),
            firm: Firm::of(settings),
            name: facts.record.contact.name.clone(),
            reference: request.reference.to_string(),
            kind: request.kind.as_str(),
            day: day.seconds(),
            id: facts.record.contact.id.to_string(),
            rows: rows(table),
            purposes: facts.purposes.clone(),
            consents: events("consent", "action"),
            activities: events("activity", "kind"),
            marks,
            history: facts.history.clone(),
            unreadable: facts.unreadable,
            left_out: facts.record.left_out.clone(),
        }
    }
}

impl Event {
    fn new(event: &toml::Table, what: &str, title: &dyn Fn(&str) -> String) -> Event {
        let text = |key: &str| event.get(key).map(plain).unwrap_or_default();
        let moment = |key: &str| event.get(key).and_then(Value::as_datetime).and_then(moment::start);
        let purpose = text("purpose");
        let more = ["text", "method", "source", "case"].map(text);
        Event {
            what: text(what),
            at: moment("time"),
            purpose: if purpose.is_empty() { purpose } else { title(&purpose) },
            channel: text("channel"),
            text: more.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "),
            end: moment("expires").or(moment("lifted")),
        }
    }
}

/// The files for machines: JSON with everything, CSV and vCard of the contact, CSV of the history.
pub fn machine_files(
    settings: &Settings,
    request: &Request,
    made: &str,
    facts: &Facts,
) -> Result<Vec<(String, Vec<u8>)>> {
    let org = &settings.organisation;
    let whole = json!({
        "schema": SCHEMA,
        "data": {
            "request": request.reference.as_str(),
            "right": { "name": request.kind.as_str(), "article": format!("GDPR Art. {}", request.kind.article()) },
            "made": made,
            "controller": {
                "name": org.name, "siren": org.siren, "address": org.address, "dpo": org.dpo, "authority": org.authority,
            },
            "record": json(&Value::Table(facts.record.table.clone())),
            "purposes": facts.purposes.iter().map(Held::json).collect::<Vec<_>>(),
            "history": facts.history.iter().map(trail::Line::json).collect::<Vec<_>>(),
            "left_out": facts.record.left_out,
        }
    });
    let mut text = serde_json::to_vec_pretty(&whole)
        .map_err(|e| Error::failed("the data could not be written as JSON").cause(e))?;
    text.push(b'\n');
    let contacts = std::slice::from_ref(&facts.record.contact);
    let mut csv = Vec::new();
    write_csv(contacts, &mut csv)?;
    let mut files = vec![
        ("data.json".to_owned(), text),
        ("contact.csv".to_owned(), csv),
        ("contact.vcf".to_owned(), write_vcards(contacts)?.into_bytes()),
    ];
    if request.kind == Kind::Access {
        files.push(("history.csv".to_owned(), history_csv(&facts.history)?));
    }
    Ok(files)
}

fn history_csv(lines: &[trail::Line]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |e: csv::Error| Error::failed("the history could not be written as CSV").cause(e);
    writer.write_record(["time", "kind", "action", "fields", "purposes"]).map_err(failed)?;
    for line in lines {
        let (fields, purposes) = (line.fields.join("; "), line.purposes.join("; "));
        // Texts of a purpose's title could begin like a formula; codes cannot.
        let purposes = crate::interchange::inert_cell(&purposes);
        writer.write_record([&line.time, line.kind(), &line.action, &fields, &*purposes]).map_err(failed)?;
    }
    writer.into_inner().map_err(|e| Error::failed("the history could not be written as CSV").cause(e))
}
