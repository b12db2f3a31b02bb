//! The texts of a purpose that people outside the firm read, in one language; and the keys of a purpose.

use serde::{Deserialize, Serialize};

use super::purpose::{Categories, Measures, Purpose, RETAIN, TRANSFER};
use super::{Field, Shape};

/// The texts of a record in one language (`[en]` or `[fr]`, whichever is not the firm's own).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Words {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sub_purposes: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub legitimate_interest: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub special_ground: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub required: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub automated: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub transfers: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub retention: String,
    /// The categories of the `[[retain]]` rules, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub retain: Vec<String>,
    /// The grounds of those rules that archive, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grounds: Vec<String>,
    #[serde(skip_serializing_if = "Categories::is_empty")]
    pub categories: Categories,
    #[serde(skip_serializing_if = "Measures::is_empty")]
    pub measures: Measures,
}

impl Words {
    /// The record's own.
    pub fn of(p: &Purpose) -> Words {
        Words {
            title: p.title.clone(),
            purpose: p.purpose.clone(),
            sub_purposes: p.sub_purposes.clone(),
            legitimate_interest: p.legitimate_interest.clone(),
            special_ground: p.special_ground.clone(),
            persons: p.persons.clone(),
            data: p.data.clone(),
            source: p.source.clone(),
            required: p.required.clone(),
            automated: p.automated.clone(),
            recipients: p.recipients.clone(),
            external: p.external.clone(),
            transfers: p.transfers.clone(),
            retention: p.retention.clone(),
            retain: p.retain.iter().map(|rule| rule.category.clone()).collect(),
            grounds: p.retain.iter().filter_map(|rule| Some(rule.archive.as_ref()?.ground.clone())).collect(),
            categories: p.categories.clone(),
            measures: p.measures.clone(),
        }
    }
}

const TEXT: Shape = Shape::Text;
const LIST: Shape = Shape::List;
const DATE: Shape = Shape::Date;

const fn f(key: &'static str, shape: Shape, about: &'static str, example: &'static str) -> Field {
    Field::new(key, shape, about, example)
}

/// Every key of a purpose's record.
pub const PURPOSE: &[Field] = &[
    f("title", TEXT, "Short title", "\"Customers\""),
    f("purpose", TEXT, "What the data is used for", "\"Managing orders, deliveries and invoices\""),
    f("sub_purposes", LIST, "Its parts", "[\"orders\", \"after-sales service\"]"),
    f(
        "bases",
        LIST,
        "consent, contract, legal-obligation, vital-interests, public-task, legitimate-interests (Art. 6(1))",
        "[\"contract\"]",
    ),
    f(
        "legitimate_interest",
        TEXT,
        "The interest, where that is a basis",
        "\"keeping in touch with our customers\"",
    ),
    f(
        "special_ground",
        TEXT,
        "The exception of Art. 9(2), where data is sensitive",
        "\"explicit consent, Art. 9(2)(a)\"",
    ),
    f(
        "joint_controller",
        TEXT,
        "Name and address of a joint controller (Art. 26)",
        "\"Atelier Rousseau, Lyon\"",
    ),
    f("software", LIST, "Software that it runs on", "[\"carnet\"]"),
    f("since", DATE, "When it began", "2026-01-01"),
    f("until", DATE, "When it ended", "2026-06-30"),
    f("persons", LIST, "Categories of persons", "[\"customers\"]"),
    f("data", LIST, "Categories of data that [categories] has no word for", "[\"photographs\"]"),
    f(
        "fields",
        LIST,
        "Fields of contacts that it uses besides those of its categories",
        "[\"name\", \"emails\"]",
    ),
    f("source", LIST, "Where the data comes from (Art. 14(2)(f))", "[\"the person\", \"trade fairs\"]"),
    f(
        "required",
        TEXT,
        "What the person has to give, and what happens if not (Art. 13(2)(e))",
        "\"The address is needed for the delivery.\"",
    ),
    f("automated", TEXT, "Automated decisions, their logic and consequences (Art. 13(2)(f))", "\"None.\""),
    f("recipients", LIST, "Recipients in the firm", "[\"the sales team\"]"),
    f("external", LIST, "Recipients outside, other than processors", "[\"the carrier\"]"),
    f("processors", LIST, "Names in the register of processors", "[\"mailco\"]"),
    f("transfers", TEXT, "Transfers out of the EEA in your own words", "\"none outside the EU\""),
    f(
        "retention",
        TEXT,
        "Retention in your own words; [[retain]] has the rules",
        "\"the relationship + 3 years\"",
    ),
    f("security", LIST, "Security measures that [measures] has no word for", "[\"locked cupboard\"]"),
    f("reviewed", DATE, "Last review; `carnet purpose review` sets it", "2026-01-01"),
    f("review", DATE, "Next review", "2027-01-01"),
    f("categories.identity", TEXT, "identity and contact details", "\"name, e-mail, phone\""),
    f("categories.personal", TEXT, "personal life", "\"family situation\""),
    f("categories.professional", TEXT, "professional life", "\"firm, job title\""),
    f("categories.economic", TEXT, "economic situation", "\"orders, invoices\""),
    f("categories.connection", TEXT, "connection data", "\"IP addresses, logs\""),
    f("categories.location", TEXT, "location", "\"places of delivery\""),
    f("categories.internet", TEXT, "internet", "\"cookies, navigation\""),
    f("categories.sensitive", TEXT, "sensitive data, Art. 9", "\"health\""),
    f("measures.access", TEXT, "access control", "\"by book\""),
    f("measures.traceability", TEXT, "traceability", "\"signed trails\""),
    f("measures.encryption", TEXT, "encryption", "\"OpenPGP\""),
    f("measures.backup", TEXT, "backup", "\"another clone\""),
    f("measures.processors", TEXT, "control of processors", "\"contracts of Art. 28\""),
    f(
        "dpia.criteria",
        LIST,
        "evaluation, automated-decision, monitoring, sensitive, large-scale, matching, vulnerable, innovative, blocking",
        "[\"large-scale\"]",
    ),
    f("dpia.needed", Shape::Flag, "whether an impact assessment is needed (Art. 35)", "false"),
    f("dpia.reason", TEXT, "why", "\"one criterion only\""),
    f("dpia.date", DATE, "when it was made", "2026-01-15"),
    f(
        "transfer",
        TRANSFER,
        "A transfer out of the EEA (Art. 44); safeguard: adequacy, standard-clauses, binding-rules, derogation",
        "to = \"the group's head office\"\ncountry = \"US\"\nsafeguard = \"standard-clauses\"",
    ),
    f(
        "retain",
        RETAIN,
        "How long what is kept; after: collected, last-contact, last-activity, relationship-end, consent-end",
        "category = \"customers\"\nafter = \"relationship-end\"\nmonths = 36\nthen = \"erase\"",
    ),
    f("en.title", TEXT, "", "\"Customers\""),
    f("en.purpose", TEXT, "", "\"Managing orders\""),
    f("en.sub_purposes", LIST, "", "[\"orders\"]"),
    f("en.legitimate_interest", TEXT, "", "\"keeping in touch\""),
    f("en.special_ground", TEXT, "", "\"explicit consent\""),
    f("en.persons", LIST, "", "[\"customers\"]"),
    f("en.data", LIST, "", "[\"photographs\"]"),
    f("en.source", LIST, "", "[\"the person\"]"),
    f("en.required", TEXT, "", "\"needed\""),
    f("en.automated", TEXT, "", "\"none\""),
    f("en.recipients", LIST, "", "[\"the sales team\"]"),
    f("en.external", LIST, "", "[\"the carrier\"]"),
    f("en.transfers", TEXT, "", "\"none\""),
    f("en.retention", TEXT, "", "\"3 years\""),
    f("en.retain", LIST, "", "[\"customers\"]"),
    f("en.grounds", LIST, "", "[\"Commercial Code\"]"),
    f("en.categories.identity", TEXT, "", "\"name\""),
    f("en.categories.personal", TEXT, "", "\"family\""),
    f("en.categories.professional", TEXT, "", "\"firm\""),
    f("en.categories.economic", TEXT, "", "\"orders\""),
    f("en.categories.connection", TEXT, "", "\"logs\""),
    f("en.categories.location", TEXT, "", "\"places\""),
    f("en.categories.internet", TEXT, "", "\"cookies\""),
    f("en.categories.sensitive", TEXT, "", "\"health\""),
    f("en.measures.access", TEXT, "", "\"by book\""),
    f("en.measures.traceability", TEXT, "", "\"signed trails\""),
    f("en.measures.encryption", TEXT, "", "\"OpenPGP\""),
    f("en.measures.backup", TEXT, "", "\"another clone\""),
    f("en.measures.processors", TEXT, "", "\"contracts\""),
    f("fr.title", TEXT, "", "\"Clients\""),
    f("fr.purpose", TEXT, "", "\"Gestion des commandes\""),
    f("fr.sub_purposes", LIST, "", "[\"commandes\"]"),
    f("fr.legitimate_interest", TEXT, "", "\"entretenir la relation\""),
    f("fr.special_ground", TEXT, "", "\"consentement explicite\""),
    f("fr.persons", LIST, "", "[\"clients\"]"),
    f("fr.data", LIST, "", "[\"photographies\"]"),
    f("fr.source", LIST, "", "[\"la personne\"]"),
    f("fr.required", TEXT, "", "\"nécessaire\""),
    f("fr.automated", TEXT, "", "\"aucune\""),
    f("fr.recipients", LIST, "", "[\"le service commercial\"]"),
    f("fr.external", LIST, "", "[\"le transporteur\"]"),
    f("fr.transfers", TEXT, "", "\"aucun\""),
    f("fr.retention", TEXT, "", "\"3 ans\""),
    f("fr.retain", LIST, "", "[\"clients\"]"),
    f("fr.grounds", LIST, "", "[\"Code de commerce\"]"),
    f("fr.categories.identity", TEXT, "", "\"nom\""),
    f("fr.categories.personal", TEXT, "", "\"famille\""),
    f("fr.categories.professional", TEXT, "", "\"société\""),
    f("fr.categories.economic", TEXT, "", "\"commandes\""),
    f("fr.categories.connection", TEXT, "", "\"journaux\""),
    f("fr.categories.location", TEXT, "", "\"lieux\""),
    f("fr.categories.internet", TEXT, "", "\"cookies\""),
    f("fr.categories.sensitive", TEXT, "", "\"santé\""),
    f("fr.measures.access", TEXT, "", "\"par carnet\""),
    f("fr.measures.traceability", TEXT, "", "\"journaux signés\""),
    f("fr.measures.encryption", TEXT, "", "\"OpenPGP\""),
    f("fr.measures.backup", TEXT, "", "\"un autre clone\""),
    f("fr.measures.processors", TEXT, "", "\"contrats\""),
];
