//! The opposition list.

use crate::common::{NOW, World};
use crate::keys;

const ERASE: [&str; 4] = ["--reason", "request", "--keep-opposition", "--yes"];

fn add<'a>(name: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let args = ["add", "--name", name, "--source", "fair", "--basis", "prospects:legitimate-interests"];
    [&args[..], more].concat()
}

/// A firm in which a person with an address and a number was erased and is on the list.
fn firm() -> World {
    let world = World::with_firm();
    let id = world.add("Ada", &["--email", "Ada.Rare@Example.ORG", "--phone", "06 55 51 23 98"]);
    world.carnet(&[&["erase", &id][..], &ERASE].concat()).ok();
    world
}

fn entries(world: &World) -> Vec<String> {
    let listed = world.git(&["ls-tree", "-r", "--name-only", "HEAD", "registers/objections"]).ok().out;
    listed.lines().map(str::to_owned).collect()
}

#[track_caller]
fn refused(world: &World, more: &[&str]) {
    let said = world.carnet(&add("Somebody Else", more)).code(5);
    assert!(said.err.contains("opposition list") && said.out.is_empty(), "{}", said.err);
    for personal in ["ada.", "rare", "655512398", "Somebody"] {
        assert!(!said.err.replace(' ', "").contains(personal), "{}", said.err);
    }
}

#[test]
fn who_is_on_the_list_is_neither_added_nor_imported_and_never_named() {
    let mut world = firm();
    let all = entries(&world);
    assert_eq!(all.len(), 2, "{all:?}");
    for path in &all {
        let text = world.git(&["show", &format!("HEAD:{path}")]).ok().out;
        assert!(text.contains("until = \"2029-11-23\"") && !text.to_lowercase().contains("rare"), "{text}");
        assert!(!format!("{path}{text}").contains("655512398"), "{path} {text}");
    }
    refused(&world, &["--email", "ada.rare@example.org"]);
    refused(&world, &["--email", "new@example.org", "--phone", "+33 6 55 51 23 98"]);
    refused(&world, &["--email", "ADA.rare@example.org", "--dry-run"]);
    let csv = "name,email,phone\nA,ada.rare@example.org,\nB,b@example.org,0033655512398\nC,c@example.org,\n";
    let import =
        ["import", "-", "--format", "csv", "--source", "x", "--basis", "customers:contract", "--json"];
    let done = world.carnet_with_input(&import, csv.as_bytes()).ok().json();
    assert_eq!((&done["imported"], &done["skipped"]), (&1.into(), &2.into()));
    let said = done.to_string();
    assert!(
        said.contains("on the opposition list") && !said.contains("rare@") && !said.contains("655512398"),
        "{said}"
    );
    world.carnet(&["verify"]).ok();

    // New keys of the book, another erasure and the doctor leave the list's key in force.
    let stored = || keys(&world, &["ls-tree", "-r", "refs/carnet/keys"]).ok().out;
    let before = stored();
    world.carnet(&["book", "rekey", "main"]).ok();
    assert!(stored().contains("main/objections/") && stored() != before);
    let other = world.add("Zoe", &["--email", "zoe@example.org"]);
    world.carnet(&["erase", &other, "--reason", "error", "--yes"]).ok();
    world.carnet(&["doctor", "--repair"]).ok();
    world.carnet(&["verify"]).ok();
    refused(&world, &["--email", "ada.rare@example.org"]);
    world.carnet(&add("Zoe", &["--email", "zoe@example.org"])).ok();
    // A second entry is made with the same key; the same person again changes nothing.
    let ben = world.add("Ben", &["--email", "ben@example.org"]);
    let done = world.carnet(&[&["erase", &ben, "--json"][..], &ERASE].concat()).ok().json();
    assert_eq!(done[0]["kept"]["entries"], 1);
    assert_eq!(entries(&world).len(), 3);
    // A book that is made later checks too.
    world.carnet(&["book", "add", "second", "--title", "Second", "--purpose", "prospects"]).ok();
    assert!(keys(&world, &["ls-tree", "-r", "refs/carnet/keys"]).ok().out.contains("second/objections/"));
    world.carnet(&["verify"]).ok();
    refused(&world, &["--email", "ada.rare@example.org", "--book", "second"]);

    // Its time over, or taken off the list, the person can come back.
    world.now = "2029-11-24T10:00:00Z".into();
    world.carnet(&add("Ada", &["--email", "ada.rare@example.org", "--book", "main"])).ok();
    world.now = NOW.into();
    let path = world.carnet(&add("X", &["--phone", "0655512398", "--book", "main"])).code(5).err;
    let path = path.split(['(', ')']).find(|part| part.starts_with("registers/")).unwrap().to_owned();
    world.git(&["rm", "-q", &path]).ok();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qm", "by hand"]).ok();
    world.carnet(&add("X", &["--phone", "0655512398", "--book", "main"])).ok();
}

#[test]
fn who_cannot_be_recognised_is_said_before_anything_is_erased() {
    let world = World::with_firm();
    let (named, nameless) = (world.add("Ada", &["--email", "ada@example.org"]), world.add("Ben", &[]));
    let before = world.head();
    let said = world.carnet(&[&["erase", &named, &nameless][..], &ERASE].concat()).code(5);
    assert!(said.err.contains(&nameless[..8]) && !said.err.contains(&named[..8]), "{}", said.err);
    assert_eq!(world.head(), before);
    world.carnet(&["show", &named]).ok();
    world.carnet(&["verify"]).ok();
}

#[test]
fn a_tampered_list_is_reported() {
    let world = firm();
    let path = entries(&world).remove(0);
    std::fs::write(world.firm().join(&path), "kind = 1\n").unwrap();
    std::fs::write(world.firm().join("registers/objections/jeanne.toml"), "").unwrap();
    world.git(&["add", "-A"]).ok();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qm", "by hand"]).ok();
    let said = world.carnet(&["verify"]).code(7).out;
    assert!(said.contains(&path) && said.contains("registers/objections/jeanne.toml"), "{said}");
    // An entry that cannot be read still counts: it says no.
    let codes = [&["--email", "ada.rare@example.org"][..], &["--phone", "0655512398"]]
        .map(|more| world.carnet(&add("X", more)).code);
    assert!(codes.contains(&5) && !codes.contains(&0), "{codes:?}");
}
