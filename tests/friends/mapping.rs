//! Unknown CSV files: asked about once at a terminal, and what an import would do, shown before it does.

use serde_json::{Value, json};

use super::common::{World, said};

const CSV: &str =
    "Qui;Joindre;Pointure;Secret\nAna Keller;ana@example.net;38;x\nBob Noël;bob@example.net;39;y\n";
const LOT: [&str; 4] = ["--source", "fair", "--basis", "prospects:legitimate-interests"];

/// `carnet import FILE` at a terminal; the screen and the exit code.
fn import(world: &World, more: &[&str], script: Value) -> (String, i64) {
    let mut python = world.command("python3", &world.firm());
    let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/picker/drive.py");
    python.env("TERM", "xterm").args([
        driver,
        &script.to_string(),
        "100",
        "30",
        env!("CARGO_BIN_EXE_carnet"),
    ]);
    let ran = said(python.args(["import", "list.csv"]).args(LOT).args(more).output().unwrap()).ok();
    let seen: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(seen["failed"].is_null(), "{seen:#}");
    (seen["screen"].as_str().unwrap().to_owned(), seen["code"].as_i64().unwrap())
}

fn world(csv: &str) -> World {
    let world = World::with_firm();
    std::fs::write(world.firm().join("list.csv"), csv).unwrap();
    world
}

#[test]
fn each_column_is_asked_about_once_and_the_answer_is_kept() {
    let world = world(CSV);
    // A field that is typed, a guess that is taken, one left as it is, one left out; then the preview and yes.
    let (screen, code) = import(
        &world,
        &[],
        json!([
            "Column 1 of 4", {"type": "whole"}, "name", {"type": "\r"},
            "Column 2 of 4", {"type": "\r"},
            "Column 3 of 4", {"type": "\r"},
            "Column 4 of 4", {"type": "leave"}, {"rest": 0.3}, {"type": "\r"},
            "Import 2 contact(s)", "[y/N]", {"type": "y\r"},
            "Imported 2"
        ]),
    );
    assert_eq!(code, 0, "{screen}");
    for text in ["`Joindre`", "ana@example.net", "Ana Keller", "OWN FIELDS", "Pointure", "2 new contact(s)"] {
        assert!(screen.contains(text), "{text}: {screen}");
    }
    let ana = world.carnet(&["show", "ana@example.net", "--json"]).ok().json();
    assert_eq!((&ana["name"], &ana["custom"]), (&"Ana Keller".into(), &json!({ "Pointure": "38" })));
    // By a fingerprint: no word of the header is kept, for it could be somebody's.
    let settings = std::fs::read_to_string(world.firm().join("carnet.toml")).unwrap();
    assert!(settings.contains("\"name, email, custom, -\"") && settings.contains("[imports]"), "{settings}");
    assert!(!settings.contains("Joindre") && !settings.contains("Pointure"));
    // In a pipe it is known from now on, in another order of rows and another spelling, too.
    let again = "QUI,joindre,Pointure,Secret\nCarl Petit,carl@example.net,41,z\n";
    std::fs::write(world.firm().join("list.csv"), again).unwrap();
    let said = world.carnet(&[&["import", "list.csv"], &LOT[..]].concat()).ok();
    assert!(
        said.err.contains("as they were mapped before") && said.err.contains("Imported 1"),
        "{}",
        said.err
    );
    assert_eq!(world.carnet(&["show", "carl@example.net", "--json"]).ok().json()["custom"]["Pointure"], "41");
    world.carnet(&["verify"]).ok();
    // Asked again: other answers take the place of the first.
    let enter = json!(["Column 1", {"type": "\r"}, "Column 2", {"type": "\x1b"}]);
    let (screen, code) = import(&world, &["--remap"], enter);
    assert!(code == 1 && screen.contains("given up"), "{screen}");
}

#[test]
fn without_a_terminal_nobody_is_asked_and_the_hint_names_map() {
    let world = world("Qui;Joindre\nAna;x\n");
    for flags in [&[][..], &["--no-input"]] {
        let said = world.carnet(&[&["import", "list.csv"], &LOT[..], flags].concat()).code(1);
        assert!(said.err.contains("--map"), "{}", said.err);
    }
    let (screen, code) = import(&world, &["--no-input"], json!([]));
    assert!(code == 1 && screen.contains("--map") && !screen.contains("Column 1"), "{screen}");
}

#[test]
fn a_file_without_headings_is_not_taken_for_one_with() {
    let world = world("Ana Keller;ana@example.net;0612345678\nBob;bob@example.net;0612345679\n");
    let (screen, code) = import(&world, &[], json!([]));
    assert!(code == 1 && screen.contains("somebody's data"), "{screen}");
    assert!(!std::fs::read_to_string(world.firm().join("carnet.toml")).unwrap().contains("imports"));
}

#[test]
fn no_is_no_and_yes_needs_no_question() {
    let csv = "name,email,shoe\nAna,ana@example.org,38\nAna,ana@example.org,38\nX,nobody,1\n";
    let known = world(csv);
    let head = known.head();
    // All columns but one are known by their names.
    let keys = json!(["Column 1 of 3", {"type": "\r"}, "Column 2 of 3", {"type": "\r"}, "Column 3 of 3", {"type": "\r"}, "duplicate", "[y/N]", {"type": "n\r"}]);
    let (screen, code) = import(&known, &[], keys);
    assert!(code == 1 && screen.contains("given up; nothing was changed"), "{screen}");
    assert_eq!(known.carnet(&["list", "-q"]).ok().out, "");
    // What was said of the columns is kept, so that it need not be said twice.
    assert_ne!(known.head(), head);
    let (screen, code) = import(&known, &["--yes"], json!(["Imported"]));
    assert!(code == 0 && !screen.contains("[y/N]"), "{screen}");
    // A dry run shows the same and asks nothing.
    let dry = known.carnet(&[&["import", "list.csv", "--dry-run"], &LOT[..]].concat()).ok();
    assert!(dry.err.contains("duplicate") && dry.err.contains("Would import"), "{dry:?}");
    let fresh = world(csv);
    let dry = fresh.carnet(&[&["import", "list.csv", "--dry-run"], &LOT[..]].concat()).ok();
    assert!(dry.out.contains("OWN FIELDS") && dry.out.contains("ana@example.org"), "{dry:?}");
    let dry = fresh.carnet(&[&["import", "list.csv", "--dry-run", "--json"], &LOT[..]].concat()).ok().json();
    assert_eq!(dry["preview"][0]["name"], "Ana");
}
