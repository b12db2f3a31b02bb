//! What the registers say of the purposes that a contact is held for (Art. 15(1)), in the person's language where they
//! have it, else in the firm's.

use serde::Serialize;

use crate::domain::contact::{Basis, Contact};
use crate::domain::lawful::LegalBasis;
use crate::domain::moment;
use crate::domain::organisation::Lang;
use crate::domain::registers::country::Standing;
use crate::domain::registers::processor::Processor;
use crate::domain::registers::purpose::Purpose;
use crate::domain::registers::words::Words;
use crate::error::Result;
use crate::reports::notice::phrases::Phrases;
use crate::reports::notice::retention;
use crate::reports::texts::iso;
use crate::vault::{Snapshot, Vault};

/// One purpose that a contact is held for, with its basis.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Held {
    pub slug: String,
    pub title: String,
    /// Language of the register's texts.
    pub lang: &'static str,
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
    /// Automated decisions, their logic and consequences (Art. 15(1)(h)).
    pub automated: String,
}

impl Held {
    /// The purpose for machines.
    pub fn json(&self) -> serde_json::Value {
        let day = |at: Option<i64>| at.and_then(|at| iso(at).get(..10).map(str::to_owned));
        serde_json::json!({
            "id": self.slug,
            "title": self.title,
            "lang": self.lang,
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
            "automated": self.automated,
        })
    }
}

/// The purposes of a contact, in the order of its bases.
pub fn of(vault: &Vault, at: Snapshot, contact: &Contact, lang: Lang, firm: Lang) -> Result<Vec<Held>> {
    let registers = vault.entries::<Purpose>(at)?;
    let processors = vault.entries::<Processor>(at)?;
    let mut all = Vec::with_capacity(contact.bases.len());
    for basis in &contact.bases {
        let slug = basis.purpose.as_str();
        let mut held = match registers.iter().find(|entry| entry.name == slug) {
            Some(entry) => {
                let theirs = entry.record.processors.iter();
                let theirs = theirs.filter_map(|name| processors.iter().find(|p| p.name == name.as_str()));
                let theirs = theirs.map(|p| &p.record).filter(|p| p.is_active(vault.day()));
                said(&entry.record, &theirs.collect::<Vec<_>>(), lang, firm)?
            }
            // A purpose that is in the register no more.
            None => Held { title: slug.to_owned(), lang: firm.as_str(), ..Held::default() },
        };
        in_contact(&mut held, basis, contact);
        all.push(held);
    }
    Ok(all)
}

/// What the contact itself says.
fn in_contact(held: &mut Held, basis: &Basis, contact: &Contact) {
    held.slug = basis.purpose.to_string();
    held.basis = basis.basis.as_str().to_owned();
    if basis.basis != LegalBasis::LegitimateInterests {
        held.interest.clear();
    }
    held.since = basis.since.as_ref().and_then(moment::start);
    held.until = basis.until.as_ref().and_then(moment::start);
    held.source = basis.source.clone().unwrap_or_else(|| contact.source.clone());
}

/// What the registers say.
fn said(purpose: &Purpose, processors: &[&Processor], lang: Lang, firm: Lang) -> Result<Held> {
    let words = purpose.words(lang, firm);
    let (words, lang) = match words.title.trim().is_empty() {
        true => (Words::of(purpose), firm),
        false => (words, lang),
    };
    let phrases = Phrases::load(lang)?;
    let set = |texts: &[String]| -> Vec<String> {
        texts.iter().filter(|text| !text.trim().is_empty()).map(|text| phrases.set(text)).collect()
    };
    let mut data = Vec::new();
    for (code, text) in words.categories.list() {
        data.push(phrases.say(&format!("category_{code}"), &[("text", text)])?);
    }
    data.extend(set(&words.data));
    let mut recipients = set(&words.recipients);
    recipients.extend(set(&words.external));
    let mut transfers = set(std::slice::from_ref(&words.transfers));
    for transfer in &purpose.transfer {
        let country = transfer.country.name(lang).unwrap_or(transfer.country.as_str());
        transfers.push(phrases.set(&format!("{} ({country})", transfer.to)));
    }
    for processor in processors {
        let country =
            processor.country.map(|c| c.name(lang).unwrap_or(c.as_str()).to_owned()).unwrap_or_default();
        let places =
            [("name", &*processor.name), ("service", processor.service(lang, firm)), ("country", &country)];
        recipients.push(phrases.say("processor", &places)?);
        if processor.country.is_some_and(|c| c.standing() != Standing::Eea) {
            transfers.push(phrases.set(&format!("{} ({country})", processor.name)));
        }
    }
    let retention = match purpose.retain.is_empty() {
        true => set(std::slice::from_ref(&words.retention)),
        false => retention::lines(&phrases, &purpose.retain, &words.retain, &words.grounds)?,
    };
    Ok(Held {
        title: phrases.set(&words.title),
        lang: lang.as_str(),
        purpose: phrases.set(&words.purpose),
        interest: phrases.set(&words.legitimate_interest),
        automated: phrases.set(&words.automated),
        data,
        recipients,
        transfers,
        retention,
        ..Held::default()
    })
}

/// The title of a purpose, or its slug where the register has it no more.
pub fn title(vault: &Vault, at: Snapshot, slug: &str, lang: Lang, firm: Lang) -> Result<String> {
    let registers = vault.entries::<Purpose>(at)?;
    let Some(entry) = registers.iter().find(|entry| entry.name == slug) else { return Ok(slug.to_owned()) };
    let words = entry.record.words(lang, firm);
    let said = if words.title.trim().is_empty() { &entry.record.title } else { &words.title };
    Ok(crate::reports::texts::typeset(lang, said))
}
