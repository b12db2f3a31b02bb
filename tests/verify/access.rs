//! Access chains: forged, foreign, removed and dropped entries.

use crate::common::{NOW, World};
use crate::tools::{ana, at, problems, set, stranger, with_keys};

/// The last entry of a chain, and one made by hand on top of it.
fn chain_entry(world: &World, refname: &str, tree: &str, key: Option<&str>, message: &str) -> String {
    let sign = key.map(|key| format!("-S{key}"));
    let mut args = vec!["commit-tree", "-p", refname, "-m", message];
    args.extend(sign.as_deref());
    args.push(tree);
    let id = world.git(&args).ok().first();
    world.git(&["update-ref", refname, &id]).ok();
    id
}

#[test]
fn forged_foreign_and_removed_access_entries_are_named() {
    let mut world = World::with_firm();
    with_keys(&world);
    let eve = stranger(&world, "eve");
    let id = world.add("Bob Stone", &[]);
    for _ in 0..3 {
        world.carnet(&["show", &id]).ok();
    }
    world.now = "2026-12-02T08:00:00Z".into();
    world.carnet(&["show", &id]).ok();
    world.carnet(&["verify"]).ok();
    let (november, december) = ("refs/carnet/access/2026-11/ana", "refs/carnet/access/2026-12/ana");
    // The last November entry is removed: December's first one still names it.
    world.git(&["update-ref", november, &format!("{november}~1")]).ok();
    let first = world.git(&["rev-parse", december]).ok().first();
    // The rest of November's chain under a stranger's name, and under another month.
    world.git(&["update-ref", "refs/carnet/access/2026-11/bob", november]).ok();
    world.git(&["update-ref", "refs/carnet/access/2026-11/ana-x/y", november]).ok();
    let message = "access: show\n\nCarnet-Action: show\n";
    let empty = world.git(&["rev-parse", &format!("{december}^{{tree}}")]).ok().first();
    let full = world.git(&["rev-parse", "HEAD^{tree}"]).ok().first();
    let forged = chain_entry(&world, december, &empty, Some(&eve), message);
    let unsigned = chain_entry(&world, december, &empty, None, message);
    let ana = ana(&world);
    let filled = chain_entry(&world, december, &full, Some(&ana), message);
    let odd = chain_entry(&world, december, &empty, Some(&ana), "read something\n");
    let on = |commit: &str, refname: &str| format!("{} on {refname}", at(commit));
    let made_in_november: Vec<(String, String)> = [&forged, &unsigned, &filled, &odd]
        .into_iter()
        .map(|entry| ("wrong-month".to_owned(), on(entry, december)))
        .collect();
    let mut expected = set(&[
        ("broken-chain", &on(&first, december)),
        ("unknown-member", "refs/carnet/access/2026-11/bob"),
        ("stray-ref", "refs/carnet/access/2026-11/ana-x/y"),
        ("bad-entry-signature", &on(&forged, december)),
        ("unsigned-entry", &on(&unsigned, december)),
        ("entry-with-files", &on(&filled, december)),
        ("bad-entry", &on(&odd, december)),
    ]);
    expected.extend(made_in_november);
    assert_eq!(problems(&world), expected);
}

#[test]
fn months_dropped_by_retention_are_no_problem_but_are_said() {
    let mut world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    world.carnet(&["show", &id]).ok();
    world.now = "2027-12-20T08:00:00Z".into();
    world.carnet(&["show", &id]).ok();
    let old = "refs/carnet/access/2026-11/ana";
    world.git(&["update-ref", "-d", old]).ok();
    assert!(world.carnet(&["verify"]).ok().out.contains("not checked: the access entries before 1 chain"));
    world.now = NOW.into();
    assert_eq!(problems(&world).into_iter().map(|p| p.0).collect::<Vec<_>>(), ["broken-chain"]);
}
