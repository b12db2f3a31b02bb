//! Records for what every small firm has, in French and English (Art. 30(1)).
//!
//! Bases and periods: CNIL, « Référentiel relatif aux traitements de données à caractère personnel mis en œuvre aux
//! fins de gestion des activités commerciales » (2022) and « Guide du recrutement » (2023). The rules of retention
//! are [`crate::domain::retention::defaults`]. Each record has its texts in the other language, too.

use super::purpose::{Measures, Purpose};
use super::words::Words;
use crate::domain::ids::Slug;
use crate::domain::lawful::LegalBasis::{self, Consent, Contract, LegalObligation, LegitimateInterests};
use crate::domain::organisation::Lang;
use crate::domain::retention::defaults;

/// A record to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Starter {
    /// Orders, deliveries and the relation with customers.
    Customers,
    /// Finding customers.
    Prospects,
    /// The newsletter, by consent.
    Newsletter,
    /// Invoices and accounts.
    Invoicing,
    /// Questions, complaints and after-sales service.
    Support,
    /// Job applications.
    Applicants,
}

impl Starter {
    pub const ALL: [Starter; 6] = [
        Starter::Customers,
        Starter::Prospects,
        Starter::Newsletter,
        Starter::Invoicing,
        Starter::Support,
        Starter::Applicants,
    ];

    /// Its name, and the slug of the purpose unless another is given.
    pub fn as_str(self) -> &'static str {
        match self {
            Starter::Customers => "customers",
            Starter::Prospects => "prospects",
            Starter::Newsletter => "newsletter",
            Starter::Invoicing => "invoicing",
            Starter::Support => "support",
            Starter::Applicants => "applicants",
        }
    }

    /// The record in the firm's language, with the other language's texts beside.
    pub fn record(self, lang: Lang) -> Purpose {
        let own = self.words(lang);
        let mut record = Purpose::new(own.title, own.purpose, self.bases().to_vec());
        record.sub_purposes = own.sub_purposes;
        record.legitimate_interest = own.legitimate_interest;
        record.persons = own.persons;
        record.source = own.source;
        record.required = own.required;
        record.recipients = own.recipients;
        record.external = own.external;
        record.transfers = own.transfers;
        record.retention = own.retention;
        record.categories = own.categories;
        record.software = vec!["carnet".to_owned()];
        record.measures = own.measures;
        record.retain = defaults::rules(self.as_str(), lang);
        match lang {
            Lang::En => record.fr = Some(self.words(Lang::Fr)),
            Lang::Fr => record.en = Some(self.words(Lang::En)),
        }
        record
    }

    fn bases(self) -> &'static [LegalBasis] {
        match self {
            Starter::Customers => &[Contract, LegalObligation, LegitimateInterests],
            Starter::Prospects => &[LegitimateInterests, Consent],
            Starter::Newsletter => &[Consent],
            Starter::Invoicing => &[LegalObligation],
            Starter::Support => &[Contract, LegitimateInterests],
            Starter::Applicants => &[Contract, LegitimateInterests, Consent],
        }
    }

    /// The texts that people outside read, in one language.
    fn words(self, lang: Lang) -> Words {
        // Apostrophes as they are printed.
        let t = |en: &str, fr: &str| lang.pick(en, fr).replace('\'', "\u{2019}");
        let rules = defaults::rules(self.as_str(), lang);
        let person = || t("the person", "la personne concernée");
        let mut w = Words {
            measures: measures(lang),
            retain: rules.iter().map(|rule| rule.category.clone()).collect(),
            grounds: rules.iter().filter_map(|rule| Some(rule.archive.as_ref()?.ground.clone())).collect(),
            recipients: vec![t(
                "the firm's members who have the book",
                "les membres de l'entreprise qui ont accès au carnet",
            )],
            source: vec![person()],
            transfers: t(
                "No data leaves the European Economic Area.",
                "Aucune donnée n'est transférée hors de l'Espace économique européen.",
            ),
            ..Words::default()
        };
        w.categories.identity = t(
            "names, e-mail and postal addresses, phone numbers",
            "nom, prénom, adresses électronique et postale, numéros de téléphone",
        );
        match self {
            Starter::Customers => {
                w.title = t("Customers", "Clients");
                w.purpose = t(
                    "Managing orders, deliveries, invoices and customer relations",
                    "Gestion des commandes, des livraisons, des factures et de la relation client",
                );
                w.sub_purposes = vec![
                    t("orders and deliveries", "commandes et livraisons"),
                    t("after-sales service", "service après-vente"),
                    t("satisfaction surveys", "enquêtes de satisfaction"),
                ];
                w.legitimate_interest = t(
                    "keeping in touch with the firm's own customers",
                    "entretenir la relation avec ses propres clients",
                );
                w.persons = vec![t("customers and their contact persons", "clients et leurs interlocuteurs")];
                w.categories.professional = t("firm, job title", "entreprise, fonction");
                w.categories.economic = t("orders and invoices", "commandes et factures");
                w.required = t(
                    "The data that an order needs is required; without it, the order cannot be carried out. All other data is optional.",
                    "Les données nécessaires à la commande sont obligatoires ; à défaut, la commande ne peut être exécutée. Les autres données sont facultatives.",
                );
                w.retention = t(
                    "the relationship + 3 years; invoices 10 years in a separate archive",
                    "la relation + 3 ans ; factures 10 ans dans une archive séparée",
                );
            }
            Starter::Prospects => {
                w.title = t("Prospects", "Prospects");
                w.purpose = t("Finding customers", "Prospection commerciale");
                w.legitimate_interest = t(
                    "making the firm's offers known to professionals concerned by them",
                    "faire connaître ses offres aux professionnels concernés",
                );
                w.persons = vec![t("prospective customers", "prospects")];
                w.categories.professional = t("firm, job title", "entreprise, fonction");
                w.source = vec![
                    person(),
                    t("trade fairs", "salons professionnels"),
                    t("public professional directories", "annuaires professionnels publics"),
                ];
                w.required = t("All data is optional.", "Toutes les données sont facultatives.");
                w.retention = t(
                    "3 years from collection or from the last contact that came from the person",
                    "3 ans à compter de la collecte ou du dernier contact émanant de la personne",
                );
            }
            Starter::Newsletter => {
                w.title = t("Newsletter", "Lettre d'information");
                w.purpose = t(
                    "Sending the newsletter to those who asked for it",
                    "Envoi de la lettre d'information à ceux qui l'ont demandée",
                );
                w.persons = vec![t("subscribers", "abonnés")];
                w.required = t(
                    "The e-mail address is required to receive the newsletter.",
                    "L'adresse électronique est obligatoire pour recevoir la lettre d'information.",
                );
                w.retention = t(
                    "until consent is withdrawn, 3 years after the last contact from the person",
                    "jusqu'au retrait du consentement, 3 ans après le dernier contact émanant de la personne",
                );
            }
            Starter::Invoicing => {
                w.title = t("Invoicing", "Facturation");
                w.purpose = t(
                    "Issuing invoices, following payments and keeping accounts",
                    "Établissement des factures, suivi des paiements et tenue de la comptabilité",
                );
                w.persons = vec![t("customers and their contact persons", "clients et leurs interlocuteurs")];
                w.categories.economic =
                    t("invoices, payments, bank details", "factures, paiements, coordonnées bancaires");
                w.external = vec![
                    t("the chartered accountant", "l'expert-comptable"),
                    t("the tax authorities, on request", "l'administration fiscale, à sa demande"),
                ];
                w.required = t(
                    "The data is required: the law prescribes what an invoice states.",
                    "Les données sont obligatoires : la loi fixe les mentions d'une facture.",
                );
                w.retention = t(
                    "10 years from the end of the financial year",
                    "10 ans à compter de la clôture de l'exercice",
                );
            }
            Starter::Support => {
                w.title = t("Support", "Assistance");
                w.purpose = t(
                    "Answering questions and complaints, after-sales service",
                    "Réponse aux questions et aux réclamations, service après-vente",
                );
                w.legitimate_interest = t(
                    "answering those who write to the firm",
                    "répondre à ceux qui s'adressent à l'entreprise",
                );
                w.persons = vec![t("customers and others who ask for help", "clients et autres demandeurs")];
                w.categories.economic = t("the orders concerned", "commandes concernées");
                w.required = t(
                    "A way to answer is required; all other data is optional.",
                    "Un moyen de répondre est nécessaire ; les autres données sont facultatives.",
                );
                w.retention = t("3 years after the last exchange", "3 ans après le dernier échange");
            }
            Starter::Applicants => {
                w.title = t("Job applicants", "Candidats");
                w.purpose = t(
                    "Receiving applications and choosing whom to employ",
                    "Réception des candidatures et choix des personnes recrutées",
                );
                w.legitimate_interest = t(
                    "keeping good applications for a later vacancy",
                    "conserver les candidatures intéressantes pour un poste ultérieur",
                );
                w.persons = vec![t("job applicants", "candidats à un emploi")];
                w.categories.professional = t(
                    "curriculum vitae, qualifications, experience, notes of interviews",
                    "curriculum vitae, diplômes, expérience, comptes rendus d'entretien",
                );
                w.source = vec![person(), t("recruitment sites", "sites d'offres d'emploi")];
                w.recipients =
                    vec![t("those who recruit in the firm", "les personnes chargées du recrutement")];
                w.required = t(
                    "What shows the ability to do the job is required; without it, the application cannot be considered.",
                    "Les éléments permettant d'apprécier l'aptitude à occuper l'emploi sont nécessaires ; à défaut, la candidature ne peut être examinée.",
                );
                w.retention = t(
                    "2 years after the last contact with the applicant, unless they object",
                    "2 ans après le dernier contact avec le candidat, sauf opposition de sa part",
                );
            }
        }
        w
    }
}

fn measures(lang: Lang) -> Measures {
    let t = |en: &str, fr: &str| lang.pick(en, fr).to_owned();
    Measures {
        access: t(
            "by book: only its members hold the key",
            "par carnet : seuls ses membres en détiennent la clé",
        ),
        traceability: t("signed change and access trails", "journaux des modifications et des accès, signés"),
        encryption: t("OpenPGP, one key per contact", "OpenPGP, une clé par contact"),
        backup: t("each clone holds everything", "chaque clone contient tout"),
        processors: String::new(),
    }
}

/// The records that a new firm begins with: customers, prospects and newsletter.
pub fn first(lang: Lang) -> Vec<(Slug, Purpose)> {
    let three = [Starter::Customers, Starter::Prospects, Starter::Newsletter];
    three.into_iter().filter_map(|s| Some((s.as_str().parse().ok()?, s.record(lang)))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Record, accept};
    use super::*;
    use crate::domain::register;
    use crate::domain::registers::purpose::Categories;

    #[test]
    fn every_starter_is_complete_in_both_languages_and_reads_back() {
        let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 25).unwrap();
        for (lang, other) in [(Lang::En, Lang::Fr), (Lang::Fr, Lang::En)] {
            for starter in Starter::ALL {
                let record = starter.record(lang);
                assert_eq!(record.missing(), [""; 0], "{starter:?}");
                let text = register::to_toml(&record).unwrap();
                assert_eq!(accept::<Purpose>("x", &text, today).unwrap(), record);
                assert_eq!(
                    record.words(lang, lang),
                    Words { retain: record.words(lang, lang).retain, ..starter.words(lang) }
                );
                assert_eq!(record.words(other, lang), starter.words(other));
                assert!(!record.retain.is_empty(), "{starter:?}");
            }
        }
        assert_eq!(first(Lang::Fr).len(), 3);
        assert_ne!(Starter::Support.words(Lang::Fr).categories, Categories::default());
    }
}
