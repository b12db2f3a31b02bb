//! `import undo` and export for other programs.

use super::common::World;
use super::{fixture, import};

fn people(world: &World) {
    import(world, b"name,email\nAna,ana@example.org\nBob,bob@example.org\nCem,cem@example.org\n", &[]).ok();
}

#[test]
fn an_import_is_taken_back_with_its_keys_but_for_what_was_changed_since() {
    let world = World::with_firm();
    let kept = world.add("Zoé", &[]);
    people(&world);
    world.carnet(&["edit", "bob@example.org", "--set", "title=Baker"]).ok();
    let before = world.head();
    let dry = world.carnet(&["import", "undo", "--dry-run", "--json"]).ok().json();
    assert_eq!((dry["removed"].as_array().unwrap().len(), world.head()), (2, before.clone()));
    // Without a person to ask nothing goes.
    world.carnet(&["import", "undo"]).code(2);
    let said = world.carnet(&["import", "undo", "--yes"]).ok().err;
    assert!(said.contains("Removed 2") && said.contains("1 changed since and left"), "{said}");
    assert_eq!(world.git(&["rev-list", "--count", &format!("{before}..HEAD")]).ok().first(), "1");
    assert_eq!(world.carnet(&["list", "-q"]).ok().out.lines().count(), 2);
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
    // What it left goes by the commit's name, and by force only.
    world.carnet(&["import", "undo", "--yes"]).code(3);
    let import = world.git(&["log", "--format=%H", "--grep=Carnet-Action: import"]).ok().first().to_owned();
    assert!(world.carnet(&["import", "undo", &import[..10], "--yes"]).ok().err.contains("Removed 0"));
    world.carnet(&["import", "undo", &import[..10], "--yes", "--force"]).ok();
    assert_eq!(world.carnet(&["list", "-q"]).ok().out, format!("{kept}\n"));
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
    // The same file can come in again.
    people(&world);
    world.carnet(&["import", "undo", "HEAD~1", "--yes"]).code(2);
    world.carnet(&["import", "undo", "ffffffff", "--yes"]).code(3);
}

#[test]
fn what_goes_out_for_a_program_comes_in_from_it() {
    for name in ["google", "outlook", "outlook-fr", "hubspot", "pipedrive"] {
        let (from, to) = (World::with_firm(), World::with_firm());
        import(&from, &fixture("hubspot.csv"), &[]).ok();
        let out = from.carnet(&["export", "--preset", name]).ok().out;
        let said = import(&to, out.as_bytes(), &["--preset", name]).ok().err;
        assert!(said.contains("Imported 2"), "{name}: {said}\n{out}");
        let shown = to.carnet(&["show", "g.perrin@example.fr", "--json"]).ok().json();
        assert_eq!(
            (&shown["family"], &shown["org"]),
            (&"Perrin".into(), &"Fromagerie Perrin".into()),
            "{name}"
        );
        assert!(shown["phones"].to_string().contains("+33450112233"), "{name}: {shown}");
    }
}

#[test]
fn an_export_for_a_program_runs_no_formula_and_says_what_has_no_room() {
    let world = World::with_firm();
    let csv = b"name,email,email 2,email 3,email 4,title\nAna,a@e.org,b@e.org,c@e.org,d@e.org,=1+1\n";
    import(&world, csv, &[]).ok();
    let said = world.carnet(&["export", "--preset", "outlook"]).ok();
    assert!(said.out.contains("'=1+1") && said.err.contains("1 contact(s) hold"), "{said:?}");
    assert!(world.carnet(&["export", "--preset", "linkedin"]).code(2).err.contains("outlook-fr"));
}
