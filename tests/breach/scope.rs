//! What a lost key, clone or book touches.

use serde_json::Value;

use crate::common::World;
use crate::common::team;
use crate::{open, shown};

#[track_caller]
fn scope(world: &World, args: &[&str]) -> Value {
    world.carnet(&[&["breach", "scope", "--json"], args].concat()).ok().json()
}

fn ids(scope: &Value) -> Vec<&str> {
    scope["contacts"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect()
}

#[test]
fn a_lost_key_touches_what_its_books_had_while_it_was_good() {
    let mut ana = World::with_firm();
    ana.carnet(&["book", "add", "private", "--title", "Private", "--purpose", "customers"]).ok();
    let early = ana.add("Early", &["--email", "e@example.org"]);
    let private = ana.add("Private", &["--book", "private"]);
    ana.now = "2026-11-24T10:00:00Z".into();
    let gone = ana.add("Gone", &["--phone", "+33123456789"]);
    ana.now = "2026-11-25T10:00:00Z".into();
    let mut bob = team::join(&ana, "bob", &["--book", "main"]);
    let org = ana.add("Firm", &["--organisation"]);
    ana.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    ana.now = "2026-11-26T10:00:00Z".into();
    ana.carnet(&["book", "revoke", "main", "bob"]).ok();
    ana.now = "2026-11-27T10:00:00Z".into();
    let late = ana.add("Late", &[]);

    let all = scope(&ana, &["--member", "bob"]);
    let found = ids(&all);
    // What was erased while bob had the key could be read by bob before; what came after the revocation could not.
    for id in [&early, &org, &gone] {
        assert!(found.contains(&id.as_str()), "{all}");
    }
    assert!(!found.contains(&late.as_str()) && !found.contains(&private.as_str()), "{all}");
    assert_eq!((&all["books"][0]["book"], all["books"].as_array().unwrap().len()), (&"main".into(), 1));
    assert_eq!((&all["persons"], &all["organisations"]), (&1.into(), &1.into()));
    assert_eq!((&all["erased_since"], &all["unknown"]), (&1.into(), &1.into()));
    assert_eq!((&all["fields"]["name"], &all["fields"]["emails"]), (&2.into(), &1.into()));
    assert_eq!((&all["read"], &all["changed"]), (&0.into(), &0.into()));

    // Only from the moment of the loss on.
    let later = scope(&ana, &["--member", "bob", "--since", "2026-11-25T12:00:00Z"]);
    assert!(!ids(&later).contains(&gone.as_str()) && ids(&later).contains(&org.as_str()), "{later}");
    // Nothing after the revocation, and nobody who never was.
    ana.carnet(&["breach", "scope", "--member", "bob", "--since", "2026-11-26T12:00:00Z"]).code(3);
    ana.carnet(&["breach", "scope", "--member", "carl"]).code(3);
    ana.carnet(&["breach", "scope", "--member", "bob", "--since", "2026-11-27", "--until", "2026-11-26"])
        .code(2);
    ana.carnet(&["breach", "scope"]).code(2);
    // A member sees how many, and not what is in it.
    bob.now = ana.now.clone();
    team::pull(&bob, &ana);
    let blind = scope(&bob, &["--member", "ana", "--since", "2026-11-27T09:00:00Z"]);
    assert_eq!(blind["unknown"], blind["contacts_number"]);
    assert_eq!(blind["books"][0]["opened"], false);
}

#[test]
fn reads_and_changes_by_the_trail_are_told_from_what_could_be_read() {
    let mut world = World::with_firm();
    let [one, two, three] =
        ["One", "Two", "Three"].map(|name| world.add(name, &["--email", "x@example.org"]));
    world.now = "2026-11-24T10:00:00Z".into();
    world.carnet(&["show", &one]).ok();
    world.carnet(&["show", &one]).ok();
    world.carnet(&["list"]).ok();
    world.carnet(&["edit", &two, "--set", "note=x"]).ok();
    world.now = "2026-11-25T10:00:00Z".into();
    let of = scope(&world, &["--member", "ana", "--since", "2026-11-24T00:00:00Z"]);
    assert_eq!((&of["contacts_number"], &of["read"], &of["changed"]), (&3.into(), &1.into(), &1.into()));
    assert_eq!((&of["reads"]["show"], &of["reads"]["list"]), (&2.into(), &1.into()));
    assert_eq!((&of["unnamed_reads"], &of["most_in_one_read"]), (&1.into(), &3.into()));
    let by = |id: &str| of["contacts"].as_array().unwrap().iter().find(|c| c["id"] == id).unwrap().clone();
    assert_eq!(
        (&by(&one)["read"], &by(&two)["changed"], &by(&three)["read"]),
        (&2.into(), &1.into(), &0.into())
    );
    assert!(by(&two)["fields"].as_array().unwrap().contains(&"note".into()));

    // The same by book, and by clone.
    let clone = std::fs::read_to_string(world.firm().join(".git/carnet/clone")).unwrap();
    for args in [["--book", "main"], ["--clone", clone.trim()]] {
        let of = scope(&world, &args);
        assert_eq!((&of["contacts_number"], &of["read"]), (&3.into(), &1.into()), "{args:?}");
    }
    world.carnet(&["breach", "scope", "--clone", "0123456789abcdef"]).code(3);
    world.carnet(&["breach", "scope", "--book", "nothing"]).code(3);
    let before = scope(&world, &["--book", "main", "--until", "2026-11-23T12:00:00Z"]);
    assert_eq!((&before["read"], &before["changes"]), (&0.into(), &4.into()));
    assert!(!before["fields"].as_object().unwrap().contains_key("note"), "{before}");

    // For people; and as figures in the register, in the drafts too. Nobody is named.
    let said = world.carnet(&["breach", "scope", "--book", "main"]).ok();
    assert!(
        said.out.contains("could be read (at most)") && said.err.contains("decrypt without it"),
        "{said:?}"
    );
    assert!(!said.out.contains("One") && !said.out.contains("example.org"));
    let reference = open(&world, &[]);
    assert_eq!(scope(&world, &["--book", "main"])["records"], 1);
    let head = world.head();
    world.carnet(&["breach", "scope", "--book", "main", "--into", "2026-001", "--dry-run"]).ok();
    assert_eq!(world.head(), head);
    for _ in 0..2 {
        world.carnet(&["breach", "scope", "--book", "main", "--into", "2026-001"]).ok();
    }
    let figures = &shown(&world, &reference)["scope"];
    assert_eq!(
        (figures.as_array().unwrap().len(), &figures[0]["contacts"], &figures[0]["read"]),
        (1, &3.into(), &1.into())
    );
    let plain =
        std::fs::read_to_string(world.firm().join(format!("registers/breaches/{reference}.toml"))).unwrap();
    assert!(!plain.contains(&one) && plain.contains("fields = ["), "{plain}");
    world.carnet(&["breach", "notify", &reference, "--out", "../drafts"]).ok();
    let form =
        std::fs::read_to_string(world.path().join(format!("drafts/breach-{reference}-form.fr.txt"))).unwrap();
    assert!(form.contains("3 fiche(s) accessible(s) au plus, dont 1 lue(s)"), "{form}");
    assert!(form.contains("courriels, nom affiché, note") && !form.contains("basis"), "{form}");
    world.carnet(&["breach", "scope", "--book", "main", "--into", "2026-009"]).code(3);
}
