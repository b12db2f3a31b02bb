//! A new firm gets to a clean audit by following only what `carnet start` says.

use super::common::World;
use super::typed;

/// What the firm fills in for the words in capitals.
const ANSWERS: [(&str, &str); 5] = [
    ("FILE.csv", "../customers.csv"),
    ("'SOURCE'", "'order form'"),
    ("'SIREN'", "'732 829 320'"),
    ("'ADDRESS'", "'3 rue des Lilas, Lyon'"),
    ("'PRIVACY_CONTACT'", "'rgpd@example.org'"),
];

#[test]
fn a_new_firm_with_a_csv_gets_to_a_clean_audit_by_its_hints_alone() {
    for lang in ["en", "fr"] {
        let world = World::new();
        let init = "init firm --organisation Atelier --member ana --name Ana --email ana@example.org --no-passphrase --lang";
        let init: Vec<&str> = init.split(' ').chain([lang]).collect();
        world.carnet_in(world.path(), &init).ok();
        let table = "name,email,phone,company,birthday,size\nLéa Petit,lea@example.org,06 12 34 56 78,Petit SARL,1980-02-03,38\n\
                     Max Kern,max@example.org,,Kern,,\n";
        std::fs::write(world.path().join("customers.csv"), table).unwrap();
        let mut followed = Vec::new();
        let done = loop {
            let start = world.carnet(&["start", "--json"]).ok().json();
            let steps = start["steps"].as_array().unwrap();
            assert_eq!(steps.len(), 8);
            assert_eq!(steps.iter().any(|s| s["done"] == false), start["next"].is_string());
            let Some(next) = start["next"].as_str() else { break start };
            let line = ANSWERS.iter().fold(next.to_owned(), |line, (word, value)| line.replace(word, value));
            assert!(!followed.contains(&line), "it goes in circles: {line} in {followed:?}");
            let said = typed(&world, &line);
            assert_eq!(said.code, 0, "{line}: {said:?}");
            followed.push(line);
            assert!(followed.len() < 20, "{followed:?}");
        };
        assert!(followed.iter().any(|line| line.starts_with("carnet import")), "{followed:?}");
        assert!(followed.len() >= 6, "{followed:?}");
        let audit = world.carnet(&["audit", "--strict", "--json"]).ok().json();
        assert_eq!(audit["counts"]["contacts"], 2);
        assert!(done["steps"][0]["what"].as_str().unwrap().contains("2 contact(s)"));
        let shown = world.carnet(&["start"]).ok().out;
        assert!(shown.contains("All eight steps are done") && !shown.contains("to do"), "{shown}");
        world.carnet(&["verify"]).ok();
    }
}
