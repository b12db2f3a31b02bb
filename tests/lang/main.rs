//! A day's work under a French locale: what a person reads is French, what programs read stays as it is.

#[path = "../common/mod.rs"]
mod common;
mod day;
mod hostile;
mod kept;
mod literals;
mod scan;

use std::path::Path;

use common::{Said, World, said};

/// carnet with `LANG=fr_FR.UTF-8`, as most have it: the variables that outrank it are not set.
fn french(world: &World, dir: &Path, args: &[&str]) -> Said {
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), dir);
    said(command.env_remove("LC_ALL").env("LANG", "fr_FR.UTF-8").args(args).output().unwrap())
}

#[test]
fn a_day_in_french_and_its_data_unchanged() {
    let world = World::with_firm();
    let id = world.add("Jeanne Dupont", &["--email", "jeanne@example.org"]);
    world.add("Jeanne Martin", &[]);
    let fr = |args: &[&str]| french(&world, &world.firm(), args);
    assert!(fr(&["find", "dupont"]).ok().out.starts_with("ID        NOM"));
    assert_eq!(fr(&["find", "nobody-has-this"]).ok().err, "Aucun contact.\n");
    let logged = fr(&["log", "call", &id, "Devis", "--at", "2026-11-20"]).ok().err;
    assert_eq!(logged, format!("Échange noté (appel) avec le contact {}.\n", &id[..8]));
    fr(&["todo", "add", &id, "Rappeler", "--due", "2026-12-20"]).ok();
    let agenda = fr(&["agenda", "--days", "40"]).ok().out;
    assert!(agenda.contains("Les 40 jours à venir") && agenda.contains("dans 3 semaines"), "{agenda}");
    let shown = fr(&["show", &id, "--briefing"]).ok().out;
    assert!(shown.contains("il y a 3 jours, appel\u{a0}: Devis"), "{shown}");
    let missing = fr(&["show", "Nobody"]).code(3).err;
    assert!(
        missing.contains("carnet: aucun contact ne correspond") && missing.contains("conseil\u{a0}:"),
        "{missing}"
    );
    assert!(fr(&["show", "Jeanne"]).code(4).err.contains("2 contacts correspondent"));
    // What programs read is the same in every language.
    assert_eq!(fr(&["list", "--json"]).out, world.carnet(&["list", "--json"]).out);
    assert_eq!(fr(&["show", "Nobody", "--json"]).err, world.carnet(&["show", "Nobody", "--json"]).err);
    assert!(!world.git(&["log", "-1", "--format=%B"]).out.contains("noté"));
}

#[test]
fn the_flag_outranks_the_locale_and_documents_keep_a_flag_of_their_own() {
    let world = World::with_firm();
    let fr = |args: &[&str]| french(&world, &world.firm(), args);
    assert_eq!(fr(&["--lang", "en", "list"]).ok().err, "No contacts.\n");
    assert_eq!(world.carnet(&["--lang", "fr", "list"]).ok().err, "Aucun contact.\n");
    assert_eq!(world.carnet(&["list"]).ok().err, "No contacts.\n");
    world.carnet(&["--lang", "fr", "map", "--lang", "en", "--help"]).ok();
    let lost = french(&world, world.path(), &["list"]).err;
    assert!(lost.contains("`carnet init` en crée un"), "{lost}");
}

#[test]
fn late_actions_refused_undos_and_closed_deals_are_said_in_french() {
    let world = World::with_firm();
    let id = world.add("Jeanne Dupont", &[]);
    let firm = world.firm();
    world.carnet(&["todo", "add", &id, "rappeler", "--due", "2026-11-18"]).ok();
    let shown = french(&world, &firm, &["show", &id, "--briefing"]).ok().out;
    assert!(shown.contains("en retard, il y a 5 jours\u{a0}: rappeler"), "{shown}");
    world.carnet(&["deal", "add", "Site", "--contact", &id, "--stage", "won"]).ok();
    let list = french(&world, &firm, &["deal", "list"]).ok().err;
    assert!(list.contains("Aucune affaire en cours\u{202f}; `carnet deal list --all`"), "{list}");
    world.carnet(&["object", &id]).ok();
    let undo = french(&world, &firm, &["undo"]).code(5).err;
    assert!(undo.contains("votre dernière opération ne peut pas être annulée"), "{undo}");
    world.carnet(&["search", "save", "elle", "name:jeanne"]).ok();
    let said = french(&world, &firm, &["search", "save", "elle", "name:jeanne"]).ok().err;
    assert!(said.contains("Elle est scellée, car en clair elle pourrait dire qui est quelqu’un"), "{said}");
}
