//! `carnet consent import`.

use crate::common::World;
use crate::{firm, give, rule};

fn import(world: &World, csv: &str, more: &[&str]) -> serde_json::Value {
    let args = ["consent", "import", "-", "--purpose", "newsletter", "--wording", "newsletter", "--json"];
    world.carnet_with_input(&[&args[..], more].concat(), csv.as_bytes()).ok().json()
}

#[test]
fn rows_are_matched_and_the_same_file_changes_nothing() {
    let (world, ada) = firm();
    let add = |name: &str, more: &[&str]| {
        let args = ["add", "--name", name, "--source", "web", "--basis", "newsletter:consent"];
        world.carnet(&[&args[..], more].concat()).ok().first()
    };
    let ben = add("Ben", &["--phone", "06 55 51 23 97"]);
    let cleo = add("Cleo", &["--email", "cleo@example.org"]);
    give(&world, &cleo, &["--at", "2026-11-01"]).ok();
    let dan = add("Dan", &["--email", "dan@example.org"]);
    world.carnet(&["object", &dan]).ok();
    let (e1, e2) =
        (add("Eve", &["--email", "eve@example.org"]), add("Eve two", &["--email", "eve@example.org"]));
    let csv = format!(
        "email;telephone;id;action;date\nADA.rare@example.org;;;oui;2026-11-10\n;+33655512397;;opt-in;\n\
         cleo@example.org;;;désabonné;2026-11-12\ndan@example.org;;;oui;\nnobody@example.org;;;oui;\n\
         eve@example.org;;;oui;\neve@example.org;;;non;\n;;{ada};oui;2027-01-01\nx@example.org;;;peut-être;\n"
    );
    let before = world.head();
    let done = import(&world, &csv, &["--method", "web form"]);
    assert_eq!(
        (&done["granted"], &done["withdrawn"], &done["refused"]),
        (&2.into(), &1.into(), &2.into()),
        "{done}"
    );
    assert_eq!(done["contacts"], 5);
    let mut kinds: Vec<(String, String)> = done["unwritten"]
        .as_array()
        .unwrap()
        .iter()
        .map(|u| (u["place"].as_str().unwrap().to_owned(), u["kind"].as_str().unwrap().to_owned()))
        .collect();
    kinds.sort();
    let expected = [
        ("row 10", "refused"),
        ("row 5", "objected"),
        ("row 6", "unmatched"),
        ("row 7", "ambiguous"),
        ("row 9", "refused"),
    ];
    assert_eq!(kinds, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    assert!(!done.to_string().contains("example.org"), "{done}");
    assert_eq!(world.git(&["rev-parse", "HEAD~1"]).ok().first(), before);
    for (id, wanted) in
        [(&ada, "consent"), (&cleo, "withdrawn"), (&e1, "refused"), (&e2, "refused"), (&dan, "objected")]
    {
        assert_eq!(rule(&world, id, &[]).1, wanted);
    }
    assert!(world.carnet(&["show", &ben]).ok().out.contains("action = \"granted\""));
    let expiry =
        world.carnet(&["consent", "list", &ada, "--json"]).ok().json()["events"][0]["expires"].to_string();
    assert!(expiry.contains("2029-11-10"), "{expiry}");

    let before = world.head();
    let again = import(&world, &csv, &["--method", "web form"]);
    assert_eq!((&again["contacts"], &again["commit"]), (&0.into(), &serde_json::Value::Null), "{again}");
    assert_eq!(world.head(), before);
    world.carnet(&["verify"]).ok();
}

#[test]
fn an_opt_in_needs_its_text_and_an_opt_out_does_not() {
    let (world, ada) = firm();
    let args = ["consent", "import", "-", "--purpose", "newsletter"];
    let before = world.head();
    world.carnet_with_input(&args, b"email,action\nada.rare@example.org,yes\n").code(5);
    world.carnet_with_input(&args, b"email\nada.rare@example.org\n").code(1);
    world
        .carnet_with_input(&[&args[..], &["--dry-run"]].concat(), b"email,action\nada.rare@example.org,no\n")
        .ok();
    assert_eq!(world.head(), before);
    world.carnet_with_input(&args, b"email,action\nada.rare@example.org,no\n").ok();
    assert_eq!(rule(&world, &ada, &[]).1, "refused");
}
