//! Starter purpose records that `init` writes, in French and English (Art. 30(1); CNIL, «Référentiel
//! gestion commerciale», 2022, for the periods).

use super::ids::Slug;
use super::lawful::LegalBasis;
use super::organisation::Lang;
use super::register::Purpose;
use super::retention;

/// `customers`, `prospects` and `newsletter`.
pub fn purposes(lang: Lang) -> Vec<(Slug, Purpose)> {
    let t = |en: &str, fr: &str| lang.pick(en, fr).to_owned();
    let identity = || vec![t("identity", "état civil, identité"), t("contact details", "coordonnées")];
    let security = || {
        vec![
            t("access control by book", "contrôle d'accès par carnet"),
            t("encryption (OpenPGP, one key per contact)", "chiffrement (OpenPGP, une clé par contact)"),
            t("signed change and access trails", "journaux des modifications et des accès, signés"),
        ]
    };
    let record = |title: String, purpose: String, bases: Vec<LegalBasis>| Purpose {
        title,
        purpose,
        bases,
        legitimate_interest: String::new(),
        persons: Vec::new(),
        data: identity(),
        recipients: vec![t("the firm's members of the book", "les membres du carnet dans l'entreprise")],
        transfers: t("none outside the EU", "aucun hors de l'UE"),
        retention: String::new(),
        security: security(),
        review: None,
        retain: Vec::new(),
    };
    let mut customers = record(
        t("Customers", "Clients"),
        t(
            "Managing orders, deliveries, invoices and customer relations",
            "Gestion des commandes, des livraisons, des factures et de la relation client",
        ),
        vec![LegalBasis::Contract, LegalBasis::LegalObligation, LegalBasis::LegitimateInterests],
    );
    customers.persons = vec![t("customers and their contact persons", "clients et leurs interlocuteurs")];
    customers.data.push(t("economic: orders and invoices", "vie économique : commandes et factures"));
    customers.legitimate_interest = t(
        "keeping in touch with the firm's own customers",
        "entretenir la relation avec ses propres clients",
    );
    customers.retention = t(
        "the relationship + 3 years; invoices 10 years in a separate archive",
        "la relation + 3 ans ; factures 10 ans dans une archive séparée",
    );

    let mut prospects = record(
        t("Prospects", "Prospects"),
        t("Finding customers", "Prospection commerciale"),
        vec![LegalBasis::LegitimateInterests, LegalBasis::Consent],
    );
    prospects.persons = vec![t("prospective customers", "prospects")];
    prospects.data.push(t("professional life", "vie professionnelle"));
    prospects.legitimate_interest = t(
        "making the firm's offers known to professionals concerned by them",
        "faire connaître ses offres aux professionnels concernés",
    );
    prospects.retention = t(
        "3 years from collection or from the last contact that came from the person",
        "3 ans à compter de la collecte ou du dernier contact émanant de la personne",
    );

    let mut newsletter = record(
        t("Newsletter", "Lettre d'information"),
        t(
            "Sending the newsletter to those who asked for it",
            "Envoi de la lettre d'information à ceux qui l'ont demandée",
        ),
        vec![LegalBasis::Consent],
    );
    newsletter.persons = vec![t("subscribers", "abonnés")];
    newsletter.retention = t(
        "until consent is withdrawn, 3 years after the last contact from the person",
        "jusqu'au retrait du consentement, 3 ans après le dernier contact émanant de la personne",
    );

    [("customers", customers), ("prospects", prospects), ("newsletter", newsletter)]
        .into_iter()
        .filter_map(|(slug, record)| {
            Some((slug.parse().ok()?, Purpose { retain: retention::defaults::rules(slug, lang), ..record }))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::register;

    #[test]
    fn the_three_starters_are_complete_and_read_back() {
        for lang in [Lang::En, Lang::Fr] {
            let all = purposes(lang);
            assert_eq!(all.len(), 3);
            for (slug, purpose) in all {
                assert!(!purpose.retention.is_empty() && !purpose.persons.is_empty(), "{slug}");
                let text = register::to_toml(&purpose).unwrap();
                assert_eq!(register::parse::<Purpose>("x", &text).unwrap(), purpose);
            }
        }
    }
}
