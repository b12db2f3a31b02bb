//! What other contacts say of an erased one, and exports.

use crate::common::World;
use crate::{append, key_blob, keys};

#[test]
fn mentions_go_with_the_contact_and_out_of_the_past_too() {
    let world = World::with_firm();
    let (gone, also, friend) = (world.add("Ada", &[]), world.add("Ben", &[]), world.add("Cyd", &[]));
    let other = world.add("Dan", &[]);
    append(
        &world,
        &friend,
        &format!(
            "\n[relations]\nspouse = \"{gone}\"\n\n[[activity]]\nid = \"1\"\ntime = 2026-11-01T12:00:00Z\nkind = \"meeting\"\n\
             with = \"{gone}\"\ntext = \"lunch by the lake\"\n\n[[activity]]\nid = \"2\"\ntime = 2026-11-02T12:00:00Z\n\
             kind = \"call\"\ntext = \"about {gone} and {also}\"\n"
        ),
    )
    .ok();
    append(&world, &also, &format!("\n[relations]\nboss = \"{gone}\"\n")).ok();
    assert_eq!(world.carnet(&["find", "lake", "-q"]).ok().out, format!("{friend}\n"));
    assert!(world.carnet(&["history", &friend, "--diff"]).ok().out.contains("lunch by the lake"));
    let (old, untouched) = (key_blob(&world, &friend), key_blob(&world, &other));
    let dry = world.carnet(&["erase", &gone, &also, "--reason", "error", "--dry-run", "--json"]).ok().json();
    assert_eq!(dry["mentions"], serde_json::json!([friend]));

    let said = world.carnet(&["erase", &gone, &also, "--reason", "error", "--yes"]).ok();
    assert!(said.err.contains("out of 1 other contact(s)"), "{}", said.err);
    let shown = world.carnet(&["show", &friend]).ok().out;
    assert!(shown.contains("spouse = \"erased\"") && shown.contains("about erased and erased"), "{shown}");
    assert!(!shown.contains("lake") && !shown.contains(&gone), "{shown}");
    // Neither the index nor any earlier version tells it.
    assert_eq!(world.carnet(&["find", "lake", "-q"]).out, "");
    let told = world.carnet(&["history", &friend, "--diff"]).ok().out;
    assert!(told.contains("a version does not open") && !told.contains("lake"), "{told}");
    keys(&world, &["cat-file", "-e", &old]).code(1);
    assert_eq!(key_blob(&world, &other), untouched, "who mentions nobody keeps key and past");
    // It is one commit, and the trail of whom it changed has it.
    let last = world.carnet(&["history", &friend, "--json", "--changes", "--limit", "1"]).ok().json();
    assert_eq!((&last[0]["action"], &last[0]["commit"]), (&"erase".into(), &world.head().into()));
    world.carnet(&["edit", &friend, "--set", "title=Still here"]).ok();
    world.carnet(&["verify"]).ok();
    assert_eq!(world.carnet(&["doctor"]).ok().out, world.carnet(&["doctor"]).ok().out);
    let ledger = world.git(&["show", &format!("HEAD:registers/erasures/{gone}.toml")]).ok().out;
    assert!(ledger.contains("mentions = 1") && ledger.contains(&old), "{ledger}");
}

#[test]
fn a_book_that_cannot_be_searched_is_no_reason_not_to_erase() {
    let world = World::with_firm();
    let (gone, broken) = (world.add("Ada", &[]), world.add("Ben", &[]));
    let file = world.contact_file(&broken);
    world.carnet(&["list"]).ok();
    let index = world.firm().join(".git/carnet/index/main.pgp");
    assert!(index.exists());
    std::fs::write(world.firm().join(&file), "no message").unwrap();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qam", "by hand"]).ok();
    let said = world.carnet(&["erase", &gone, "--reason", "error", "--yes"]);
    assert!(said.err.contains("not searched for mentions") && said.err.contains("main"), "{}", said.err);
    assert!(said.err.contains("Proof: 1 version(s)"), "{}", said.err);
    let listed = world.git(&["ls-tree", "-r", "--name-only", "HEAD", "contacts"]).ok().out;
    assert_eq!(listed, format!("{file}\n"));
    assert!(!index.exists(), "an index that cannot be rewritten goes");
}

#[test]
fn exports_are_not_written_where_an_erasure_could_not_reach_them() {
    let world = World::with_firm();
    world.add("Ada", &[]);
    std::os::unix::fs::symlink(world.firm(), world.path().join("link")).unwrap();
    let chains = world.git(&["for-each-ref", "refs/carnet/access"]).ok().out;
    for inside in ["all.vcf", "contacts/all.vcf", ".git/all.vcf", "../link/all.vcf", "./registers/../all.vcf"]
    {
        let said = world.carnet(&["export", "--out", inside]).code(5);
        assert!(said.err.contains("not written into the data repository"), "{}", said.err);
    }
    world.carnet(&["export", "--out", "nowhere/all.vcf"]).code(1);
    assert_eq!(world.git(&["for-each-ref", "refs/carnet/access"]).ok().out, chains, "nothing was read");
    world.carnet(&["export", "--out", "../all.vcf"]).ok();
    assert!(
        world.path().join("all.vcf").exists() && world.git(&["status", "--porcelain"]).ok().out.is_empty()
    );
}
