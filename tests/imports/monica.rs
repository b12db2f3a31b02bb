//! Monica's account export.

use serde_json::json;

use super::common::World;
use super::{fixture, import};

#[test]
fn contacts_come_with_what_was_noted_of_them() {
    let world = World::with_firm();
    let said = import(&world, &fixture("monica.json"), &[]).ok().err;
    assert!(
        said.contains("Monica") && said.contains("Imported 2") && said.contains("2 row(s) skipped"),
        "{said}"
    );
    assert!(said.contains("1 pets") && said.contains("2 relationships"), "{said}");
    for private in ["Léo", "Médor", "no pork", "Lefèvre"] {
        assert!(!said.contains(private), "{said}");
    }
    let shown = world.carnet(&["show", "eloise@example.org", "--json"]).ok().json();
    assert_eq!((&shown["name"], &shown["family"]), (&"Éloïse Marie Lefèvre".into(), &"Lefèvre".into()));
    assert_eq!((&shown["org"], &shown["title"]), (&"Atelier Lefèvre".into(), &"Gérante".into()));
    assert_eq!((&shown["birthday"], &shown["tags"]), (&"--03-22".into(), &json!(["client", "Été 2025"])));
    assert_eq!(shown["phones"][0]["value"], "+33612345678");
    assert_eq!(shown["urls"][0]["value"], "https://social.example/eloise");
    assert_eq!(shown["custom"], json!({ "Telegram": "@eloise" }));
    let address = json!({ "street": "1 rue Haute", "postcode": "45000", "locality": "Orléans", "country": "FR", "type": "work" });
    assert_eq!(shown["addresses"][0], address);
    let entries: Vec<(&str, &str, &str)> = shown["activity"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["kind"].as_str().unwrap(), one["time"].as_str().unwrap(), one["text"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        entries,
        [
            ("note", "2025-04-01T08:30:00Z", "Prefers mornings"),
            ("call", "2025-05-02T10:00:00Z", "Wants an offer"),
            ("meeting", "2025-07-01T00:00:00Z", "Lunch\n\nAbout the new site"),
        ]
    );
    assert_eq!(shown["activity"][1]["direction"], "in");
    let todos = shown["todo"].as_array().unwrap();
    assert!(todos.len() == 1 && todos[0]["text"] == "Send the offer", "{todos:?}");
    let everything = shown.to_string();
    assert!(!everything.contains("Médor") && !everything.contains("no pork"), "{everything}");
    // An age is no birthday; one who has died is tagged, and so is one who was archived.
    let bob = world.carnet(&["show", "bob", "--json"]).ok().json();
    assert_eq!(
        (&bob["birthday"], &bob["tags"]),
        (&serde_json::Value::Null, &json!(["deceased", "archived"]))
    );
    assert_eq!(bob["activity"].as_array().unwrap().len(), 1);
    // Who is related to whom, once, and seen from both sides; who loves whom stays there.
    let links = shown["link"].as_array().unwrap();
    let kinds: Vec<(&str, &str)> = links
        .iter()
        .map(|link| (link["kind"].as_str().unwrap(), link["role"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(kinds, [("reports-to", ""), ("family", "cousin")]);
    assert!(links.iter().all(|link| link["to"] == bob["id"]) && bob["link"].is_null(), "{links:?}");
    let briefing = world.carnet(&["show", "bob", "--briefing"]).ok().out;
    assert_eq!(briefing.matches("Éloïse Marie Lefèvre").count(), 2, "{briefing}");
    assert_eq!(world.carnet(&["list", "linked:bob", "-q"]).ok().out.lines().count(), 1);
    world.carnet(&["verify"]).ok();
    world.carnet(&["import", "undo", "--yes"]).ok();
    assert_eq!(world.carnet(&["list", "-q"]).ok().out, "");
}

#[test]
fn what_is_no_whole_export_is_refused() {
    let world = World::with_firm();
    let whole = fixture("monica.json");
    assert!(import(&world, &whole[..whole.len() / 2], &[]).code(1).err.contains("not whole JSON"));
    assert!(import(&world, b"{\"account\": 1}", &[]).code(2).err.contains("a JSON file"));
    let empty = b"{\"app_version\":\"4\",\"exported_by\":\"x\",\"account\":{\"data\":[]}}";
    assert!(import(&world, empty, &[]).code(1).err.contains("no contact"));
    let odd = b"{\"app_version\":\"4\",\"exported_by\":\"x\",\"account\":{\"data\":[{\"type\":\"contact\",\"values\":[1,null,{\"data\":7}]}]}}";
    assert!(import(&world, odd, &[]).ok().err.contains("3 row(s) skipped"));
    let dump = "# ***\n# Ana Martin dump of data\nSET FOREIGN_KEY_CHECKS=0;\nINSERT IGNORE INTO `contacts` (`id`) VALUES\n (1);\n";
    let said = import(&world, dump.as_bytes(), &[]).code(2).err;
    assert!(said.contains("an SQL dump") && said.contains("CardDAV"), "{said}");
}
