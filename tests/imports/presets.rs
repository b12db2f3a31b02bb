//! Each preset on a file of its program's shape, as messy as they come.

use serde_json::Value;

use super::common::World;
use super::{fixture, import};

/// Imports a fixture and gives what was said, and the contact with this e-mail or name.
fn taken(name: &str, contact: &str) -> (String, Value) {
    let world = World::with_firm();
    let said = import(&world, &fixture(name), &[]).ok().err;
    let shown = world.carnet(&["show", contact, "--json"]).ok().json();
    (said, shown)
}

/// The values of a list, each with its kind.
fn list(shown: &Value, key: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = shown[key].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|item| format!("{} {}", text(&item["value"]), text(&item["type"])).trim().to_owned())
        .collect()
}

#[test]
fn outlook_in_french_and_windows_1252() {
    let (said, shown) = taken("outlook-fr.csv", "elodie@example.org");
    assert!(said.contains("Windows-1252, separator `;`, an export of Outlook (français)"), "{said}");
    assert_eq!((&shown["name"], &shown["title"]), (&"Élodie Petit".into(), &"Directrice".into()));
    assert_eq!((&shown["org"], &shown["birthday"]), (&"Société Générale".into(), &"1980-03-22".into()));
    assert_eq!(shown["custom"]["service"], "Achats");
    assert_eq!(list(&shown, "emails"), ["elodie@example.org", "e.petit@example.org"]);
    let phones = list(&shown, "phones");
    for phone in ["+33238000000 work", "+33238000009 work", "+33238111111 home", "+33612345678 mobile"] {
        assert!(phones.contains(&phone.to_owned()), "{phone} in {phones:?}");
    }
    assert!(
        phones.iter().any(|phone| phone.starts_with("+33238000001") && phone.contains("fax")),
        "{phones:?}"
    );
    let addresses = shown["addresses"].as_array().unwrap();
    assert_eq!(addresses.len(), 2, "{addresses:?}");
    assert!(
        addresses
            .iter()
            .any(|a| a["locality"] == "Orléans" && a["extended"] == "Bât. 2" && a["type"] == "work")
    );
    assert!(addresses.iter().any(|a| a["locality"] == "Olivet" && a["type"] == "home"));
    assert_eq!((&shown["note"], &shown["tags"][0]), (&"été à l’hôtel".into(), &"Clients".into()));
}

#[test]
fn google_before_2024() {
    let (said, shown) = taken("google-old.csv", "eloise@example.org");
    assert!(said.contains("Google Contacts"), "{said}");
    assert_eq!((&shown["name"], &shown["prefix"]), (&"Éloïse Lefèvre".into(), &"Dr".into()));
    assert_eq!((&shown["org"], &shown["title"]), (&"Atelier".into(), &"Gérante".into()));
    assert_eq!(shown["custom"]["department"], "Ventes");
    assert_eq!(list(&shown, "phones"), ["+33612345678 mobile", "+33144000000 work"]);
    assert!(shown["tags"].as_array().unwrap().contains(&"Clients".into()), "{shown}");
    assert_eq!(shown["addresses"].as_array().unwrap().len(), 1);
    assert!(!shown.to_string().contains("example.org/p"), "a photo's link opens for nobody else");
}

#[test]
fn linkedin_with_its_notes_above_the_header() {
    let world = World::with_firm();
    let said = import(&world, &fixture("linkedin.csv"), &[]).ok().err;
    assert!(said.contains("an export of LinkedIn") && said.contains("Imported 2"), "{said}");
    let shown = world.carnet(&["show", "arjun@example.com", "--json"]).ok().json();
    assert_eq!((&shown["org"], &shown["title"]), (&"Atelier".into(), &"Engineer, Platform".into()));
    assert_eq!(shown["custom"]["linkedin since"], "03 Jan 2023");
    let shown = world.carnet(&["show", "priya sharma", "--json"]).ok().json();
    assert_eq!(shown["urls"][0]["value"], "https://www.linkedin.com/in/priya-example");
}

#[test]
fn hubspot_and_pipedrive() {
    let (said, shown) = taken("hubspot.csv", "g.perrin@example.fr");
    assert!(said.contains("an export of HubSpot") && said.contains("1 row(s) skipped"), "{said}");
    assert!(
        !said.contains("Lifecycle") && said.contains(" column(s) become custom fields. To change that"),
        "{said}"
    );
    assert_eq!(list(&shown, "phones"), ["+33450112233", "+33650112233 mobile"]);
    assert_eq!(
        (&shown["org"], &shown["addresses"][0]["postcode"]),
        (&"Fromagerie Perrin".into(), &"74000".into())
    );
    let (said, shown) = taken("pipedrive.csv", "nadia@example.fr");
    assert!(said.contains("an export of Pipedrive"), "{said}");
    assert_eq!((&shown["name"], &shown["family"]), (&"Nadia Chérif".into(), &"Chérif".into()));
    assert_eq!(list(&shown, "emails").len(), 2);
    assert_eq!(list(&shown, "phones"), ["+33144000000 work", "+33612345679 mobile"]);
    assert_eq!(shown["tags"], serde_json::json!(["Customer", "Hot lead"]));
}

#[test]
fn dolibarr_third_parties_are_organisations_and_its_contacts_persons() {
    let (said, shown) = taken("dolibarr.csv", "contact@example.fr");
    assert!(said.contains("an export of Dolibarr (tiers)"), "{said}");
    assert_eq!((&shown["kind"], &shown["name"]), (&"organisation".into(), &"Boulangerie Noël".into()));
    assert_eq!(
        (&shown["custom"]["SIREN"], &shown["custom"]["dolibarr id"]),
        (&"123456789".into(), &"7".into())
    );
    let (_, private) = taken("dolibarr.csv", "elodie@example.org");
    assert_eq!(private["kind"], "person");
    let (said, shown) = taken("dolibarr-contacts.csv", "aicha@example.fr");
    assert!(said.contains("an export of Dolibarr (contacts)"), "{said}");
    assert_eq!((&shown["family"], &shown["org"]), (&"Noël".into(), &"Boulangerie Noël".into()));
    assert_eq!(list(&shown, "emails"), ["aicha@example.fr"]);
    assert_eq!(shown["custom"]["société email"], "contact@example.fr");
}

#[test]
fn what_no_preset_knows_is_mapped_by_hand_and_a_wrong_mapping_is_an_error() {
    let world = World::with_firm();
    let csv = "Qui|Joindre|Pointure|Secret\nAna Keller|ana@example.org|38|x\n".as_bytes();
    let said = import(&world, csv, &["--format", "csv"]).code(1);
    assert!(said.err.contains("no column") && said.err.contains("--map"), "{}", said.err);
    for bad in ["Quoi=name", "Qui=nmae", "Qui", "=name"] {
        import(&world, csv, &["--map", bad]).code(2);
    }
    let map = "Qui=name,Joindre=email,Pointure=custom.shoe,Secret=-";
    let said = import(&world, csv, &["--map", map]).ok();
    assert!(said.err.contains("separator `|`"), "{}", said.err);
    let shown = world.carnet(&["show", "ana@example.org", "--json"]).ok().json();
    assert_eq!(
        (&shown["name"], &shown["custom"]),
        (&"Ana Keller".into(), &serde_json::json!({ "shoe": "38" }))
    );
}

#[test]
fn presets_are_listed_and_can_be_forced() {
    let world = World::with_firm();
    let listed = world.carnet(&["import", "--list-presets", "-q"]).ok().out;
    assert_eq!(listed.lines().count(), 9, "{listed}");
    for name in listed.lines() {
        assert!(!world.carnet(&["import", "/nowhere.csv", "--preset", name]).err.contains("no such preset"));
    }
    let csv = b"First Name,Position\nAna,Buyer\n";
    assert!(import(&world, csv, &["--preset", "linkedin", "--dry-run"]).ok().err.contains("LinkedIn"));
    assert!(import(&world, csv, &["--preset", "linkdin"]).code(2).err.contains("outlook-fr"));
}

#[test]
fn google_as_it_is_really_written() {
    let world = World::with_firm();
    let csv = "First Name,Last Name,Phonetic First Name,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Relation 1 - Label,Relation 1 - Value,Event 1 - Label,Event 1 - Value,Custom Field 1 - Label,Custom Field 1 - Value\n\
        Jeanne,D'Arc,,1985-03-22,,,Clients ::: * myContacts,* ,jeanne@example.org ::: j@example.org,Work Fax,02.38.00.00.01,Manager,Paul,Anniversary,2010-06-05,Client n°,42\n";
    let said = import(&world, csv.as_bytes(), &[]).ok().err;
    assert!(said.contains("6 column(s) become custom fields"), "what nobody filled in is none: {said}");
    let shown = world.carnet(&["show", "jeanne@example.org", "--json"]).ok().json();
    assert_eq!(
        shown["custom"],
        serde_json::json!({ "Manager": "Paul", "Anniversary": "2010-06-05", "Client n°": "42" })
    );
    assert_eq!(shown["tags"], serde_json::json!(["Clients"]));
    assert_eq!(list(&shown, "emails"), ["jeanne@example.org", "j@example.org"]);
    assert_eq!(list(&shown, "phones"), ["+33238000001 work fax"]);
}

#[test]
fn dates_numbers_and_nothings_as_people_and_outlook_write_them() {
    let world = World::with_firm();
    let csv = "First Name,Last Name,E-mail Address,Business Phone,Birthday,Anniversary,Government ID Number\n\
        Ana,Un,ana@example.com,06 12 34 56 78 / 02 38 00 00 00,3/4/1980,0/0/00,123\n\
        Bob,Deux,bob@example.com,\"02 38 00 00 01, poste 12\",3/22/1980,0/0/00,\n\
        Eve,Trois,eve@example.com,0238000002 ou 0238000003,0/0/00,0/0/00,\n";
    let said = import(&world, csv.as_bytes(), &[]).ok().err;
    assert!(said.contains("Imported 3") && !said.contains("custom fields"), "{said}");
    let of = |who: &str| world.carnet(&["show", who, "--json"]).ok().json();
    // One date of the file can only be month and day, so that all are.
    assert_eq!(
        (&of("ana@example.com")["birthday"], &of("bob@example.com")["birthday"]),
        (&"1980-03-04".into(), &"1980-03-22".into())
    );
    assert_eq!(
        (&of("eve@example.com")["birthday"], &of("ana@example.com")["custom"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(list(&of("ana@example.com"), "phones"), ["+33612345678 work", "+33238000000 work"]);
    assert_eq!(list(&of("bob@example.com"), "phones").len(), 1);
    assert_eq!(list(&of("eve@example.com"), "phones").len(), 2);
}
