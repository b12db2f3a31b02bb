//! `undo`: the last operation of this member, by a new commit; again, and the one before it.

use super::common::World;
use super::names;

#[test]
fn operations_are_undone_one_after_another() {
    let world = World::with_firm();
    let id = world.add("Jeanne Dupont", &["--email", "jeanne@example.org"]);
    let before = world.carnet(&["show", &id]).ok().out;
    world.carnet(&["edit", &id, "--set", "title=Boss"]).ok();
    world.carnet(&["tag", "add", "vip", &id]).ok();
    world.carnet(&["log", "call", &id, "x"]).ok();
    world.carnet(&["search", "save", "warm", "last<90d"]).ok();
    let dry = world.carnet(&["undo", "--dry-run"]).ok();
    assert!(dry.err.contains("would undo search-save"), "{}", dry.err);
    assert!(world.carnet(&["search", "list", "-q"]).ok().out.contains("warm"));
    world.carnet(&["undo"]).ok();
    assert!(world.carnet(&["search", "list", "-q"]).ok().out.is_empty());
    let undone = world.carnet(&["undo", "--json"]).ok().json();
    assert_eq!((&undone["action"], &undone["restored"]), (&"log".into(), &1.into()));
    assert!(!world.carnet(&["show", &id]).ok().out.contains("activity"));
    world.carnet(&["undo"]).ok();
    assert!(names(&world.carnet(&["list", "tag:vip", "--json"]).ok()).is_empty());
    world.carnet(&["undo"]).ok();
    assert_eq!(world.carnet(&["show", &id]).ok().out, before);
    let log = world.git(&["log", "-1", "--format=%B"]).ok().out;
    assert!(log.starts_with("undo: edit\n") && log.contains("Carnet-Undoes: ") && log.contains(&id), "{log}");
    // An addition goes with its key, which is asked about.
    assert!(world.carnet(&["undo"]).code(2).err.contains("--yes"));
    world.carnet(&["undo", "--yes"]).ok();
    assert!(world.carnet(&["list", "-q"]).ok().out.is_empty());
    // What `init` did is no operation that can be undone.
    world.carnet(&["undo"]).code(5);
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
}

#[test]
fn an_import_and_a_bulk_edit_are_undone_as_a_whole() {
    let world = World::with_firm();
    std::fs::write(world.path().join("list.csv"), "name,email\nA One,a@example.org\nB Two,b@example.org\n")
        .unwrap();
    world
        .carnet(&["import", "../list.csv", "--source", "fair", "--basis", "prospects:legitimate-interests"])
        .ok();
    world.carnet(&["edit", "--where", "email:example", "--set", "lang=fr", "--yes"]).ok();
    world.carnet(&["undo"]).ok();
    assert!(names(&world.carnet(&["list", "has:lang", "--json"]).ok()).is_empty());
    world.carnet(&["undo", "--yes"]).ok();
    assert!(world.carnet(&["list", "-q"]).ok().out.is_empty());
    world.carnet(&["verify"]).ok();
}

#[test]
fn a_merge_comes_apart_and_each_can_be_erased_alone() {
    let world = World::with_firm();
    let (a, b) = (world.add("Jeanne Dupont", &["--tag", "a"]), world.add("Jeanne Dupond", &["--tag", "b"]));
    world.carnet(&["edit", &b, "--set", "title=Boss"]).ok();
    let texts = [world.carnet(&["show", &a]).ok().out, world.carnet(&["show", &b]).ok().out];
    world.carnet(&["merge", &a, &b, "--auto"]).ok();
    world.carnet(&["undo"]).ok();
    let shown = [world.carnet(&["show", &a]).ok().out, world.carnet(&["show", &b]).ok().out];
    // What A said while it was both stays in history under A's key, so that the erasure of B has to find it.
    let former = format!("former = [\"{b}\"]\n");
    assert!(shown[0].contains(&former), "{}", shown[0]);
    assert_eq!([shown[0].replace(&former, ""), shown[1].clone()], texts);
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
    // No key of B is left in A's message: the erasure's own proof looks.
    let erased = world.carnet(&["erase", &b, "--reason", "error", "--yes", "--json"]).ok().json();
    assert_eq!(erased[0]["mentions"], 1, "{erased:#}");
    assert_eq!(world.carnet(&["show", &a]).ok().out, texts[0]);
    world.carnet(&["verify"]).ok();
}

#[test]
fn erasures_changed_contacts_and_what_a_person_said_are_not_undone() {
    let world = World::with_firm();
    let (a, b) = (world.add("Jeanne Dupont", &[]), world.add("Bob Stone", &[]));
    world.carnet(&["erase", &b, "--reason", "error", "--yes"]).ok();
    let head = world.head();
    let said = world.carnet(&["undo"]).code(5);
    assert!(said.err.contains("an erasure cannot be undone"), "{}", said.err);
    assert_eq!(world.head(), head);
    world.carnet(&["edit", &a, "--set", "title=One"]).ok();
    world.carnet(&["undo"]).ok();
    let mut command = world.command("sh", &world.firm());
    let editor = "sh -c 'echo \"restricted = true\" | cat - \"$1\" > \"$1.x\" && mv \"$1.x\" \"$1\"' --";
    let args = [env!("CARGO_BIN_EXE_carnet"), &a];
    let run = command.args(["-c", "\"$0\" edit \"$1\""]).args(args).env("EDITOR", editor).output().unwrap();
    super::common::said(run).ok();
    let said = world.carnet(&["undo"]).code(5);
    assert!(said.err.contains("objections or restrictions"), "{}", said.err);
    assert!(world.carnet(&["show", &a]).ok().out.contains("restricted = true"));
    world.carnet(&["edit", &a, "--set", "title=Two"]).ok();
    world.carnet(&["undo"]).ok();
    // What cannot be undone stands in the way of what was before it.
    world.carnet(&["undo"]).code(5);
    assert!(!world.carnet(&["show", &a]).ok().out.contains("title"));
}

#[test]
fn another_members_operation_is_not_mine_and_a_later_change_is_not_lost() {
    let ana = World::with_firm();
    let id = ana.add("Jeanne Dupont", &[]);
    let bob = super::common::team::join(&ana, "bob", &["--book", "main"]);
    ana.carnet(&["edit", &id, "--set", "title=Boss"]).ok();
    super::common::team::pull(&bob, &ana);
    bob.carnet(&["edit", &id, "--set", "role=Lead"]).ok();
    bob.carnet(&["undo"]).ok();
    let shown = bob.carnet(&["show", &id, "--json"]).ok().json();
    assert_eq!((&shown["title"], shown["role"].is_null()), (&"Boss".into(), true));
    bob.carnet(&["undo"]).code(3);
    bob.carnet(&["edit", &id, "--set", "role=Lead"]).ok();
    super::common::team::pull(&ana, &bob);
    let said = ana.carnet(&["undo"]).code(1);
    assert!(said.err.contains("changed again since"), "{}", said.err);
    assert_eq!(ana.carnet(&["show", &id, "--json"]).ok().json()["role"], "Lead");
}
