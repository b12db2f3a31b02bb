//! Several contacts in one erasure.

use crate::common::World;
use crate::keys;

#[test]
fn ids_from_standard_input_are_one_commit_and_one_proof_each() {
    let world = World::with_firm();
    let ids: Vec<String> = (0..6).map(|i| world.add(&format!("Person {i}"), &[])).collect();
    let before = world.head();
    let list = format!("# over\n\n{}\n{} # twice\n  {}\n{}\n", ids[0], ids[1], &ids[2][..8], ids[1]);
    let dry = ["erase", "-", "--reason", "retention", "--dry-run"];
    let told = world.carnet_with_input(&dry, list.as_bytes()).ok();
    assert!(ids[..3].iter().all(|id| told.out.contains(id)) && !told.out.contains(&ids[3]), "{}", told.out);
    let quiet = world.carnet_with_input(&[&dry[..], &["-q"]].concat(), list.as_bytes()).ok().out;
    assert_eq!(quiet, ids[..3].iter().map(|id| format!("{id}\n")).collect::<String>());
    assert_eq!(world.head(), before);

    let args = ["erase", "-", "--reason", "retention", "--yes", "--json"];
    let erased = world.carnet_with_input(&args, list.as_bytes()).ok().json();
    assert_eq!(erased.as_array().unwrap().len(), 3);
    assert_eq!(world.git(&["rev-list", "--count", &format!("{before}..HEAD")]).ok().first(), "1");
    for (item, id) in erased.as_array().unwrap().iter().zip(&ids) {
        assert_eq!((&item["contact"], &item["proof"]["versions"]), (&id.as_str().into(), &1.into()));
        world.carnet(&["show", id]).code(3);
    }
    assert_eq!(
        keys(&world, &["ls-tree", "-r", "--name-only", "refs/carnet/keys"]).ok().out.lines().count(),
        4
    );
    world.carnet(&["show", &ids[3]]).ok();
    world.carnet(&["verify"]).ok();
    // As arguments.
    world.carnet(&["erase", &ids[3], "Person 4", "--reason", "error", "--yes"]).ok();
    assert_eq!(world.carnet(&["list", "-q"]).ok().out, format!("{}\n", ids[5]));
    assert_eq!(world.carnet_with_input(&args, b"# nobody\n").ok().out, "");
}

#[test]
fn one_unknown_id_and_nothing_is_erased() {
    let world = World::with_firm();
    let ids = [world.add("Ada", &[]), world.add("Ben", &[])];
    let before = world.head();
    let gone = "0d8c1d5e-33c4-4b26-9d0f-8d5c1c6a2b11";
    let list = format!("{}\n{gone}\nJeanne Dupont\n{}\nada\n", ids[0], ids[1]);
    let said =
        world.carnet_with_input(&["erase", "-", "--reason", "error", "--yes"], list.as_bytes()).code(3);
    assert!(
        said.err.contains("3 of the contacts") && said.err.contains("line 2, line 3, line 5"),
        "{}",
        said.err
    );
    assert!(!said.err.contains("Jeanne"));
    let said = world.carnet(&["erase", &ids[0], "Jeanne", &ids[1], "--reason", "error", "--yes"]).code(3);
    assert!(said.err.contains("argument 2") && !said.err.contains("Jeanne"), "{}", said.err);
    assert_eq!(world.head(), before);
    for id in &ids {
        world.carnet(&["show", id]).ok();
    }
    // What is missing on the command line is said.
    world.carnet(&["erase", &ids[0]]).code(2);
    world.carnet(&["erase", "--reason", "error"]).code(2);
    world.carnet(&["erase", "--status", "--certificate", "abcd"]).code(2);
}
