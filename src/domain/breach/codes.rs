//! The codes of the register, as the form of the CNIL has them («Notification de violation de données personnelles»),
//! with their words in English and French.

use serde::{Deserialize, Serialize};

use crate::domain::organisation::Lang;

/// Declares an enum whose values are written in kebab case and have a word in each language.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $en:literal, $fr:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$of])* $variant),+ }

        impl $name {
            /// The word that the form or the letter uses.
            pub fn word(self, lang: Lang) -> &'static str {
                match self { $($name::$variant => lang.pick($en, $fr)),+ }
            }
        }
    };
}

codes! {
    /// What was lost (WP250, section I.B.2).
    Kind {
        /// Somebody saw what they must not.
        Confidentiality = "loss of confidentiality", "perte de confidentialité";
        /// Data was changed.
        Integrity = "loss of integrity", "perte d’intégrité";
        /// Data is gone, or out of reach.
        Availability = "loss of availability", "perte de disponibilité";
    }
}

codes! {
    /// The incident («Origine de l’incident»).
    Origin {
        LostOrStolenDevice = "lost or stolen device", "équipement perdu ou volé";
        LostOrStolenPaper = "lost or stolen paper", "papier perdu, volé ou laissé accessible";
        LostMail = "mail lost, or opened before it came back", "courrier perdu ou ouvert avant d’être retourné à l’envoyeur";
        Hacking = "hacking, malicious software or phishing", "piratage, logiciel malveillant, hameçonnage";
        Disposal = "device or document disposed of with personal data on it", "mise au rebut de documents ou d’appareils contenant des données personnelles";
        Publication = "unintended publication", "publication non volontaire d’informations";
        WrongRecipient = "data sent to the wrong recipient", "données personnelles envoyées à un mauvais destinataire";
        WrongPerson = "data of the wrong person shown", "données de la mauvaise personne affichées sur le portail du client";
        Verbal = "information given by word of mouth", "informations personnelles divulguées de façon verbale";
        LostKey = "lost or copied secret key", "clé secrète perdue ou copiée";
        Other = "other", "autre";
    }
}

codes! {
    /// Who, and whether they meant it («Cause de l’incident»).
    Cause {
        InternalAccidental = "internal, accidental", "acte interne accidentel";
        InternalMalicious = "internal, malicious", "acte interne malveillant";
        ExternalAccidental = "external, accidental", "acte externe accidentel";
        ExternalMalicious = "external, malicious", "acte externe malveillant";
        Unknown = "unknown", "inconnue";
    }
}

codes! {
    /// Categories of persons («Personnes concernées»).
    Persons {
        Customers = "customers", "clients";
        Prospects = "prospects", "prospects";
        Users = "users", "utilisateurs";
        Subscribers = "subscribers", "abonnés";
        Employees = "employees", "employés";
        Applicants = "job applicants", "candidats";
        Suppliers = "contact persons of suppliers and partners", "interlocuteurs chez des fournisseurs et des partenaires";
        Minors = "minors", "mineurs";
        Vulnerable = "vulnerable persons", "personnes vulnérables";
        Other = "others", "autres";
    }
}

codes! {
    /// Categories of data («Données concernées»).
    Data {
        Identity = "identity (names, date of birth)", "état civil (nom, date de naissance)";
        Contact = "contact details (addresses, numbers)", "coordonnées (adresses, numéros)";
        Identification = "means of identification (log-in, password)", "données d’identification ou d’accès (identifiant, mot de passe)";
        Official = "official identifiers (passport, social security)", "documents officiels (passeport, numéro de sécurité sociale)";
        Economic = "economic and financial data", "données économiques et financières";
        Professional = "professional life", "vie professionnelle";
        Personal = "personal life", "vie personnelle";
        Location = "location data", "données de localisation";
        Exchanges = "notes and exchanges", "notes et échanges";
        Sensitive = "special categories of data (Art. 9 GDPR)", "données sensibles (art. 9 du RGPD)";
        Offences = "criminal convictions and offences (Art. 10 GDPR)", "infractions et condamnations (art. 10 du RGPD)";
        Other = "others", "autres";
    }
}

codes! {
    /// Whether the data was unintelligible to whoever got it (Art. 34(3)(a)).
    Encryption {
        /// Encrypted, and the key is not in the hands of anybody else.
        KeySafe = "encrypted, and the key is safe", "chiffrées, clé non compromise";
        /// Encrypted, and the key is lost too.
        KeyLost = "encrypted, but the key is compromised", "chiffrées, mais clé compromise";
        Partly = "partly encrypted", "chiffrées en partie";
        None = "not encrypted", "non chiffrées";
    }
}

codes! {
    /// The risk for the rights and freedoms of the persons.
    Risk {
        /// Art. 33(1): no notification.
        Unlikely = "a risk is unlikely", "aucun risque probable";
        Risk = "a risk", "un risque";
        /// Art. 34(1): the persons are informed too.
        High = "a high risk", "un risque élevé";
    }
}

codes! {
    /// Why the persons are not informed (Art. 34).
    Ground {
        NoHighRisk = "the breach is not likely to result in a high risk (Art. 34(1))", "la violation n’est pas susceptible d’engendrer un risque élevé (art. 34, § 1)";
        Unintelligible = "the data is unintelligible to whoever has access to it (Art. 34(3)(a))", "les données sont incompréhensibles pour toute personne qui y aurait accès (art. 34, 3, a)";
        MeasuresTaken = "measures taken since make a high risk no longer likely (Art. 34(3)(b))", "des mesures ultérieures garantissent que le risque élevé n’est plus susceptible de se matérialiser (art. 34, 3, b)";
        PublicCommunication = "it would take a disproportionate effort, and a public communication informs them (Art. 34(3)(c))", "elle exigerait des efforts disproportionnés, une communication publique la remplace (art. 34, 3, c)";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    fn check<T: ValueEnum + Serialize + Copy>(word: fn(T, Lang) -> &'static str) {
        for value in T::value_variants() {
            let flag = value.to_possible_value().unwrap().get_name().to_owned();
            assert_eq!(serde_json::to_value(value).unwrap(), flag.as_str(), "written as it is typed");
            // French typography: the apostrophe is U+2019.
            assert!(!word(*value, Lang::Fr).contains('\'') && !word(*value, Lang::En).is_empty());
        }
    }

    #[test]
    fn codes_are_written_as_they_are_typed_and_have_words() {
        check(Kind::word);
        check(Origin::word);
        check(Cause::word);
        check(Persons::word);
        check(Data::word);
        check(Encryption::word);
        check(Risk::word);
        check(Ground::word);
    }
}
