//! What audit, retention and figures need of a contact: dates, bases, consents, marks and names of fields; nothing that says
//! who it is, no address and no text.

use serde::{Deserialize, Serialize};

use super::contact::{Basis, Consent, Contact, toml_error};
use super::retention::view::View;
use crate::error::Result;

/// One contact as far as the register is compared with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facet {
    pub view: View,
    /// Without where each comes from.
    pub bases: Vec<Basis>,
    /// Without who took it down, where, how, and what proves it.
    pub consents: Vec<Consent>,
    /// Names of the file's keys.
    pub fields: Vec<String>,
    /// Names of the keys of `[custom]`.
    pub custom: Vec<String>,
}

impl Facet {
    /// From a contact and the text that it was read from.
    ///
    /// # Errors
    /// When the text does not read as retention reads it; the error says nothing of its content.
    pub fn of(text: &str, contact: Contact) -> Result<Facet> {
        let wrong = |e: toml::de::Error| toml_error(text, &e);
        let table = toml::de::DeTable::parse(text).map_err(wrong)?;
        let fields = table.get_ref().keys().map(|key| key.get_ref().to_string()).collect();
        let custom = table.get_ref().get("custom").and_then(|value| value.get_ref().as_table());
        let custom = custom.into_iter().flat_map(|custom| custom.keys());
        let custom = custom.map(|key| key.get_ref().to_string()).collect();
        let view = View::deserialize(toml::Deserializer::from(table)).map_err(wrong)?;
        let bases = contact.bases.into_iter().map(|basis| Basis { source: None, ..basis });
        let consents = contact.consents.into_iter().map(|event| Consent {
            id: String::new(),
            method: None,
            source: None,
            collector: None,
            evidence: None,
            ..event
        });
        Ok(Facet { view, bases: bases.collect(), consents: consents.collect(), fields, custom })
    }

    /// As a line of JSON that reads back as the same; none where JSON cannot hold what a person wrote.
    pub fn to_json(&self) -> Option<String> {
        let json = serde_json::to_string(self).ok()?;
        (Facet::from_json(&json).as_ref() == Some(self)).then_some(json)
    }

    pub fn from_json(json: &str) -> Option<Facet> {
        serde_json::from_str(json).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        id = "3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77"
        book = "main"
        name = "Zyx Qorvath"
        emails = ["zyx@rare.example"]
        note = "Vantablack"
        source = "snorkelfest"
        tags = ["prospect"]
        created = 2026-01-02T03:04:05.678+02:00
        objection = [{ purpose = "news", since = 2026-01-01, text = "by phone" }]
        restricted = { since = 2026-01-01, lifted = 2026-02-01 }
        [custom]
        shoe = "whiskertown"
        [[basis]]
        purpose = "news"
        basis = "consent"
        since = 2026-01-01
        source = "snorkelfest"
        objected = 07:32:00
        [[consent]]
        id = "e1"
        purpose = "news"
        channel = "email"
        action = "granted"
        time = 2026-01-01 10:00:00
        method = "whiskertown"
        collector = "Quibbleton"
        wording = "abc"
        evidence = "evidencezz"
        expires = 2027-01-01
        [[activity]]
        id = "a1"
        time = 2026-01-03T10:00:00Z
        kind = "call"
        direction = "in"
        text = "mumblecore"
    "#;

    fn facet(text: &str) -> Facet {
        Facet::of(text, Contact::parse(text).unwrap()).unwrap()
    }

    #[test]
    fn it_reads_back_as_it_was_and_holds_no_text_about_the_person() {
        let facet = facet(TEXT);
        let json = facet.to_json().unwrap();
        assert_eq!(Facet::from_json(&json).unwrap(), facet);
        for secret in [
            "Zyx",
            "Qorvath",
            "rare.example",
            "Vantablack",
            "snorkelfest",
            "whiskertown",
            "Quibbleton",
            "evidencezz",
            "mumblecore",
            "e1",
            "a1",
        ] {
            let id = json.replace("3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77", "");
            assert!(!id.contains(secret), "{secret}: {json}");
        }
        assert_eq!((facet.bases.len(), facet.consents.len(), facet.view.activity.len()), (1, 1, 1));
        assert_eq!(facet.custom, ["shoe"]);
        assert!(facet.fields.iter().any(|f| f == "note") && facet.fields.iter().any(|f| f == "custom"));
        assert!(facet.view.is_objected("2026-11-23".parse().unwrap()));
        let contact = Contact::parse(TEXT).unwrap();
        let moments =
            |c: &[Consent]| c.iter().map(|e| (e.time, e.expires, e.wording.clone())).collect::<Vec<_>>();
        assert_eq!(moments(&facet.consents), moments(&contact.consents));
        assert_eq!(facet.view.created, contact.created);
    }

    #[test]
    fn what_json_cannot_hold_is_not_kept() {
        let odd = facet(&TEXT.replace("objected = 07:32:00", "objected = nan"));
        assert_eq!(odd.to_json(), None);
    }
}
