//! The rules by name: the article that each follows, and what it says in one sentence.

use serde::{Deserialize, Serialize};

use crate::domain::organisation::Lang;

/// Why the answer is yes or no. The names are stable, for scripts and for the counts of a mailing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    // Yes.
    Consent,
    Contract,
    LegalObligation,
    VitalInterests,
    PublicTask,
    ExistingCustomer,
    ProfessionalInformed,
    GenericAddress,
    PostInformed,
    PhoneBeforeConsent,
    // No.
    NotHeld,
    UndeclaredPurpose,
    OppositionList,
    Restricted,
    Objected,
    Withdrawn,
    Refused,
    Expired,
    NoBasis,
    BasisEnded,
    BasisNotDeclared,
    NotAnswered,
    NoConsent,
    NeedsConsent,
    NotInformed,
    NotTheirJob,
    NoAddress,
}

impl Rule {
    /// Every rule, the yeses first.
    pub const ALL: [Rule; 27] = [
        Rule::Consent,
        Rule::Contract,
        Rule::LegalObligation,
        Rule::VitalInterests,
        Rule::PublicTask,
        Rule::ExistingCustomer,
        Rule::ProfessionalInformed,
        Rule::GenericAddress,
        Rule::PostInformed,
        Rule::PhoneBeforeConsent,
        Rule::NotHeld,
        Rule::UndeclaredPurpose,
        Rule::OppositionList,
        Rule::Restricted,
        Rule::Objected,
        Rule::Withdrawn,
        Rule::Refused,
        Rule::Expired,
        Rule::NoBasis,
        Rule::BasisEnded,
        Rule::BasisNotDeclared,
        Rule::NotAnswered,
        Rule::NoConsent,
        Rule::NeedsConsent,
        Rule::NotInformed,
        Rule::NotTheirJob,
        Rule::NoAddress,
    ];

    /// Whether it permits.
    pub fn allows(self) -> bool {
        self <= Rule::PhoneBeforeConsent
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Rule::Consent => "consent",
            Rule::Contract => "contract",
            Rule::LegalObligation => "legal-obligation",
            Rule::VitalInterests => "vital-interests",
            Rule::PublicTask => "public-task",
            Rule::ExistingCustomer => "existing-customer",
            Rule::ProfessionalInformed => "professional-informed",
            Rule::GenericAddress => "generic-address",
            Rule::PostInformed => "post-informed",
            Rule::PhoneBeforeConsent => "phone-before-consent",
            Rule::NotHeld => "not-held",
            Rule::UndeclaredPurpose => "undeclared-purpose",
            Rule::OppositionList => "opposition-list",
            Rule::Restricted => "restricted",
            Rule::Objected => "objected",
            Rule::Withdrawn => "withdrawn",
            Rule::Refused => "refused",
            Rule::Expired => "expired",
            Rule::NoBasis => "no-basis",
            Rule::BasisEnded => "basis-ended",
            Rule::BasisNotDeclared => "basis-not-declared",
            Rule::NotAnswered => "not-answered",
            Rule::NoConsent => "no-consent",
            Rule::NeedsConsent => "needs-consent",
            Rule::NotInformed => "not-informed",
            Rule::NotTheirJob => "not-their-job",
            Rule::NoAddress => "no-address",
        }
    }

    /// The article that it follows. CPCE: Code des postes et des communications électroniques.
    pub fn article(self) -> &'static str {
        match self {
            Rule::Consent => "GDPR Art. 6(1)(a), Art. 7; CPCE art. L34-5",
            Rule::Contract => "GDPR Art. 6(1)(b)",
            Rule::LegalObligation => "GDPR Art. 6(1)(c)",
            Rule::VitalInterests => "GDPR Art. 6(1)(d)",
            Rule::PublicTask => "GDPR Art. 6(1)(e)",
            Rule::ExistingCustomer => "CPCE art. L34-5, al. 4; Directive 2002/58/EC Art. 13(2)",
            Rule::ProfessionalInformed => "GDPR Art. 6(1)(f), Art. 21(2); CNIL, prospection B2B",
            Rule::GenericAddress => "CPCE art. L34-5 (personnes physiques); CNIL, prospection B2B",
            Rule::PostInformed => "GDPR Art. 6(1)(f), Art. 21(2)",
            Rule::PhoneBeforeConsent => "Code de la consommation art. L223-1 (before 11 August 2026)",
            Rule::NotHeld => "GDPR Art. 5(2)",
            Rule::UndeclaredPurpose => "GDPR Art. 5(1)(b), Art. 30(1)",
            Rule::OppositionList | Rule::Objected => "GDPR Art. 21(2)-(3)",
            Rule::Restricted => "GDPR Art. 18(2)",
            Rule::Withdrawn => "GDPR Art. 7(3)",
            Rule::Refused | Rule::NotAnswered | Rule::NoConsent => "GDPR Art. 4(11), Art. 6(1)(a)",
            Rule::Expired => "GDPR Art. 5(1)(e), Art. 7(1)",
            Rule::NoBasis | Rule::BasisEnded => "GDPR Art. 6(1)",
            Rule::BasisNotDeclared => "GDPR Art. 6(1), Art. 13(1)(c)",
            Rule::NeedsConsent => "CPCE art. L34-5; Code de la consommation art. L223-1",
            Rule::NotInformed => "GDPR Art. 13, Art. 14, Art. 21(4)",
            Rule::NotTheirJob => "CNIL, prospection B2B",
            Rule::NoAddress => "GDPR Art. 5(1)(d)",
        }
    }

    /// What it says.
    pub fn sentence(self, lang: Lang) -> &'static str {
        let (en, fr) = match self {
            Rule::Consent => ("the person has consented", "la personne a consenti"),
            Rule::Contract => {
                ("it is needed for the contract with the person", "l'exécution du contrat le rend nécessaire")
            }
            Rule::LegalObligation => ("the law requires it", "une obligation légale l'impose"),
            Rule::VitalInterests => ("vital interests require it", "des intérêts vitaux l'exigent"),
            Rule::PublicTask => ("a public task requires it", "une mission d'intérêt public l'exige"),
            Rule::ExistingCustomer => (
                "an existing customer, for similar products, who was told how to say no",
                "un client existant, pour des produits analogues, informé de son droit de s'opposer",
            ),
            Rule::ProfessionalInformed => (
                "a professional, for a matter of their job, who was informed and may say no",
                "un professionnel, pour son activité, informé et pouvant s'opposer",
            ),
            Rule::GenericAddress => (
                "an address of the organisation that belongs to nobody in it",
                "une adresse générique de l'organisme, qui n'est celle de personne",
            ),
            Rule::PostInformed => (
                "by post, the person was informed and may say no",
                "par voie postale, la personne a été informée et peut s'opposer",
            ),
            Rule::PhoneBeforeConsent => (
                "before consumers' consent to calls was required, informed and able to say no",
                "avant l'exigence du consentement au démarchage, informée et pouvant s'opposer",
            ),
            Rule::NotHeld => ("the contact was not held then", "la fiche n'existait pas alors"),
            Rule::UndeclaredPurpose => {
                ("the purpose is not declared", "la finalité n'est pas inscrite au registre")
            }
            Rule::OppositionList => (
                "the address or number is on the opposition list",
                "les coordonnées sont sur la liste d'opposition",
            ),
            Rule::Restricted => ("processing is restricted", "le traitement est limité"),
            Rule::Objected => ("the person has objected", "la personne s'est opposée"),
            Rule::Withdrawn => ("the consent was withdrawn", "le consentement a été retiré"),
            Rule::Refused => ("the person said no", "la personne a refusé"),
            Rule::Expired => ("the consent has expired", "le consentement a expiré"),
            Rule::NoBasis => {
                ("the contact has no legal basis for it", "la fiche n'a pas de base légale pour cela")
            }
            Rule::BasisEnded => ("its legal basis is not in force", "sa base légale n'est pas en vigueur"),
            Rule::BasisNotDeclared => (
                "the register does not declare this basis for the purpose",
                "le registre ne prévoit pas cette base légale pour la finalité",
            ),
            Rule::NotAnswered => ("the person was asked and has not answered", "la personne n'a pas répondu"),
            Rule::NoConsent => ("there is no consent", "il n'y a pas de consentement"),
            Rule::NeedsConsent => (
                "this channel needs prior consent and there is none",
                "ce canal exige un consentement préalable et il n'y en a pas",
            ),
            Rule::NotInformed => (
                "there is no record that the person was informed and could say no",
                "rien n'établit que la personne a été informée et a pu s'opposer",
            ),
            Rule::NotTheirJob => (
                "the purpose is not one that concerns the job of professionals",
                "la finalité ne concerne pas l'activité des professionnels",
            ),
            Rule::NoAddress => {
                ("there is no address for this channel", "il n'y a pas de coordonnées pour ce canal")
            }
        };
        lang.pick(en, fr)
    }
}
