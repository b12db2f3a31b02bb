//! What the register of processing says of the purposes that a contact is held for (Art. 15(1), Art. 30(1)).
//!
//! Read as plain TOML, so that whatever a record says of recipients, transfers and retention is shown as it is written.

use serde::Serialize;
use toml::{Table, Value};

use super::record::plain;
use crate::domain::contact::Contact;
use crate::domain::moment;
use crate::error::Result;
use crate::reports::texts::iso;
use crate::vault::{Snapshot, Vault};

/// One purpose that a contact is held for, with its basis.
#[derive(Clone, Debug, Serialize)]
pub struct Held {
    pub slug: String,
    pub title: String,
    pub purpose: String,
    /// Code of the legal basis in the contact.
    pub basis: String,
    /// Where it is legitimate interests: which (Art. 13(1)(d)).
    pub interest: String,
    /// Seconds since 1970, for the pages.
    pub since: Option<i64>,
    pub until: Option<i64>,
    pub source: String,
    pub data: Vec<String>,
    pub recipients: Vec<String>,
    pub transfers: Vec<String>,
    pub retention: Vec<String>,
}

impl Held {
    /// The purpose for machines.
    pub fn json(&self) -> serde_json::Value {
        let day = |at: Option<i64>| at.and_then(|at| iso(at).get(..10).map(str::to_owned));
        serde_json::json!({
            "id": self.slug,
            "title": self.title,
            "purpose": self.purpose,
            "basis": self.basis,
            "legitimate_interest": self.interest,
            "since": day(self.since),
            "until": day(self.until),
            "source": self.source,
            "data": self.data,
            "recipients": self.recipients,
            "transfers": self.transfers,
            "retention": self.retention,
        })
    }
}

/// The purposes of a contact, in the order of its bases.
pub fn of(vault: &Vault, at: Snapshot, contact: &Contact) -> Result<Vec<Held>> {
    let mut all = Vec::with_capacity(contact.bases.len());
    for basis in &contact.bases {
        let path = format!("registers/purposes/{}.toml", basis.purpose);
        let bytes = vault.repo.file(at.tree, &path)?.unwrap_or_default();
        let record: Table = crate::domain::register::parse(&path, &String::from_utf8_lossy(&bytes))?;
        let text = |key: &str| record.get(key).map(plain).unwrap_or_default();
        let is_interest = basis.basis == crate::domain::lawful::LegalBasis::LegitimateInterests;
        all.push(Held {
            slug: basis.purpose.to_string(),
            title: Some(text("title")).filter(|t| !t.is_empty()).unwrap_or_else(|| basis.purpose.to_string()),
            purpose: text("purpose"),
            basis: basis.basis.as_str().to_owned(),
            interest: if is_interest { text("legitimate_interest") } else { String::new() },
            since: basis.since.as_ref().and_then(moment::start),
            until: basis.until.as_ref().and_then(moment::start),
            source: basis.source.clone().unwrap_or_else(|| contact.source.clone()),
            data: texts(&record, "data"),
            recipients: texts(&record, "recipients"),
            transfers: texts(&record, "transfers"),
            retention: texts(&record, "retention"),
        });
    }
    Ok(all)
}

/// The texts of a field: of a list each item, of anything else one.
fn texts(record: &Table, key: &str) -> Vec<String> {
    let texts = match record.get(key) {
        Some(Value::Array(items)) => items.iter().map(plain).collect(),
        Some(value) => vec![plain(value)],
        None => Vec::new(),
    };
    texts.into_iter().filter(|text| !text.trim().is_empty()).collect()
}

/// The title of a purpose, or its slug where the register has it no more.
pub fn title(vault: &Vault, at: Snapshot, slug: &str) -> Result<String> {
    let path = format!("registers/purposes/{slug}.toml");
    let Some(bytes) = vault.repo.file(at.tree, &path)? else { return Ok(slug.to_owned()) };
    let record: Table = crate::domain::register::parse(&path, &String::from_utf8_lossy(&bytes))?;
    Ok(record.get("title").and_then(Value::as_str).unwrap_or(slug).to_owned())
}
