//! The names that CSV columns go by, in English and French, and in the exports of Google, Outlook and
//! Thunderbird: folded, without anything but letters and digits, separated by spaces.

use super::header::{Part, Text};

/// Columns with one text.
pub(super) const TEXTS: [(Text, &str); 13] = [
    (
        Text::Name,
        "name fullname displayname contactname contact formattedname fn \
         nomcomplet nometprenom prenometnom nomprenom prenomnom nomaffiche",
    ),
    (Text::Given, "given givenname first firstname forename prenom prenoms"),
    (Text::Family, "family familyname last lastname surname nom nomdefamille patronyme"),
    (
        Text::Additional,
        "additional additionalname additionalnames middle middlename \
         deuxiemeprenom secondprenom autresprenoms",
    ),
    (Text::Prefix, "prefix nameprefix honorificprefix salutation civilite prefixe"),
    (Text::Suffix, "suffix namesuffix honorificsuffix suffixe"),
    (Text::Nickname, "nickname surnom pseudo diminutif"),
    (
        Text::Org,
        "org organisation organization organisationname organizationname organization1name company companyname \
         employer societe entreprise raisonsociale employeur etablissement structure nomdelasociete nomdesociete \
         nomsociete nomdelentreprise nomentreprise",
    ),
    (
        Text::Title,
        "title jobtitle job position organizationtitle organization1title titre fonction poste intituleduposte",
    ),
    (Text::Role, "role profession metier"),
    (Text::Birthday, "birthday birthdate dateofbirth dob bday anniversaire datedenaissance naissance"),
    (Text::Lang, "lang language langue"),
    (Text::Note, "note notes comment comments memo commentaire commentaires remarque remarques observations"),
];

pub(super) const KINDS: &str = "kind type contacttype typedecontact";
pub(super) const TAGS: &str = "tags tag categories category labels label groups groupmembership keywords \
                               categorie etiquettes etiquette groupes groupe motscles";
pub(super) const SOURCES: &str = "source origine provenance sourcedesdonnees";
pub(super) const BASES: &str = "basis bases legalbasis legalbases baselegale baseslegales fondementjuridique";

/// Columns of a list of opt-ins and opt-outs, with the field that each means.
pub(super) const OPTINGS: [(&str, &str); 8] = [
    ("id", "id contact"),
    ("email", EMAILS),
    ("phone", PHONES),
    ("phone", "mobile portable number numero"),
    (
        "action",
        "action status statut consent consentement opt optin answer reponse accord subscribed abonnement inscription",
    ),
    ("purpose", "purpose finalite"),
    ("channel", "channel canal"),
    ("time", "time date when moment timestamp horodatage"),
];

/// Columns by which mailers and other CRMs say that somebody wants no more e-mail.
pub(super) const OPT_OUTS: &str = "optout optedout emailoptout hasoptedoutofemail optedoutofemail unsubscribed \
                                   unsubscribedfromallemail donotemail marketingstatus desabonne desinscrit \
                                   desabonnedetouslesemails desinscritdetouslesemails";

pub(super) const EMAILS: &str = "email emails mail emailaddress mailaddress courriel mel adresseemail \
                                 adressemail adressecourriel adresseelectronique adressedemessagerie";
pub(super) const PHONES: &str =
    "phone phones phonenumber telephone telephonenumber tel numerodetelephone numerotelephone numtel";
pub(super) const URLS: &str =
    "url urls website websiteurl web webpage homepage site siteweb siteinternet pageweb lien";

/// Parts of a postal address.
pub(super) const PARTS: [(Part, &str); 6] = [
    (
        Part::Street,
        "street streetaddress address postaladdress addressstreet addressline \
         adresse rue voie adresserue adressepostale",
    ),
    (
        Part::Extended,
        "addressextra extendedaddress addressextendedaddress pobox addresspobox \
         complement complementadresse complementdadresse adressecomplement boitepostale",
    ),
    (
        Part::Postcode,
        "postcode postalcode zip zipcode addresspostcode addresspostalcode addresszip codepostal cp",
    ),
    (Part::Locality, "city town locality addresscity addresslocality ville commune localite"),
    (Part::Region, "region state province county stateprovince addressregion addressstate departement"),
    (Part::Country, "country countryregion addresscountry pays"),
];

/// Words that say which of several is meant.
pub(super) const KIND_WORDS: [(&str, &str); 5] = [
    ("work", "work business office professional bureau pro professionnel professionnelle travail"),
    ("home", "home personal private perso personnel personnelle domicile prive privee maison"),
    ("mobile", "mobile cell cellular cellphone portable gsm"),
    ("fax", "fax telecopie telecopieur"),
    ("pager", "pager"),
];

/// Words that say nothing that the order of columns does not.
pub(super) const FILLERS: &str = "primary main other value principal principale autre fixe";
/// Words for the second of several.
pub(super) const SECOND: &str = "secondary second alternate secondaire";

/// Whether `name` is one of `names`.
pub(super) fn is_one(names: &str, name: &str) -> bool {
    names.split(' ').any(|known| known == name)
}
