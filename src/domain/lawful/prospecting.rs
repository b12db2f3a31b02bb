//! `[prospecting]` in `carnet.toml`: what the rules leave to the firm, with the defaults of French law.

use serde::Deserialize;

use crate::domain::channel::Channel;
use crate::domain::ids::Slug;

/// Settings of the rules. Where the law moves, these move.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prospecting {
    /// From this day on consumers are called only with their consent (Code de la consommation, art. L223-1 as of
    /// Loi n° 2025-594 of 30 June 2025, in force on 11 August 2026).
    pub phone_consent_from: toml::value::Datetime,
    /// Purposes that offer existing customers what is similar to what they bought (CPCE, art. L34-5).
    pub similar: Vec<Slug>,
    /// For how many months after the end of the contract somebody still counts as an existing customer.
    pub customer_months: u32,
    /// Purposes that concern the job of the professionals who are written to.
    pub job: Vec<Slug>,
    /// Channels on which professionals may be contacted after information, without consent.
    pub professional: Vec<Channel>,
    /// Whether there must be a record (an `asked` event) that the person was informed and could object.
    pub information: bool,
    /// What stands before the @ of addresses that belong to an organisation and to nobody in it.
    pub generic: Vec<String>,
    /// Mail providers whose addresses are people's own.
    pub own_mail: Vec<String>,
}

impl Default for Prospecting {
    fn default() -> Self {
        let slugs = |texts: &[&str]| texts.iter().filter_map(|text| text.parse().ok()).collect();
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let day = toml::value::Date { year: 2026, month: 8, day: 11 };
        Prospecting {
            phone_consent_from: toml::value::Datetime { date: Some(day), time: None, offset: None },
            similar: slugs(&["customers"]),
            customer_months: 36,
            job: slugs(&["prospects"]),
            professional: vec![Channel::Email, Channel::Phone, Channel::Post],
            information: true,
            generic: texts(&[
                "accueil",
                "administration",
                "bonjour",
                "commande",
                "commandes",
                "commercial",
                "compta",
                "comptabilite",
                "contact",
                "contacts",
                "direction",
                "hello",
                "info",
                "infos",
                "mail",
                "office",
                "sales",
                "sav",
                "secretariat",
                "service",
                "support",
            ]),
            own_mail: texts(&[
                "aol.com",
                "bbox.fr",
                "free.fr",
                "gmail.com",
                "gmx.com",
                "gmx.de",
                "gmx.fr",
                "googlemail.com",
                "hotmail.com",
                "hotmail.fr",
                "icloud.com",
                "laposte.net",
                "live.com",
                "live.fr",
                "mac.com",
                "me.com",
                "msn.com",
                "neuf.fr",
                "numericable.fr",
                "orange.fr",
                "outlook.com",
                "outlook.fr",
                "proton.me",
                "protonmail.com",
                "sfr.fr",
                "wanadoo.fr",
                "yahoo.com",
                "yahoo.fr",
            ]),
        }
    }
}

/// `[consent]` in `carnet.toml`: for how long a consent is taken to hold.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsentTerm {
    /// Months from the day it is given; 0: it does not expire.
    pub months: u32,
    /// The same for single purposes.
    pub purposes: std::collections::BTreeMap<Slug, u32>,
}

impl Default for ConsentTerm {
    fn default() -> Self {
        ConsentTerm { months: 36, purposes: Default::default() }
    }
}

impl ConsentTerm {
    /// Months for a purpose; none where it does not expire.
    pub fn of(&self, purpose: &Slug) -> Option<u32> {
        Some(*self.purposes.get(purpose).unwrap_or(&self.months)).filter(|months| *months > 0)
    }
}
