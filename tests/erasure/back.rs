//! An erased contact that comes back, by tampering for real.

use crate::common::World;
use crate::{backup, key_blob, key_path, keys, kinds, restore};

#[test]
fn a_restored_key_store_is_named_and_the_next_command_destroys_it_again() {
    let world = World::with_firm();
    let (gone, stays) = (world.add("Ada", &[]), world.add("Ben", &[]));
    let (old, blob) = (backup(&world), key_blob(&world, &gone));
    world.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    assert!(kinds(&world).is_empty());
    restore(&world, &old);
    assert_eq!(kinds(&world), ["erased-key"]);
    keys(&world, &["cat-file", "-e", &blob]).ok();
    world.carnet(&["list"]).ok();
    keys(&world, &["cat-file", "-e", &blob]).code(1);
    assert!(kinds(&world).is_empty());
    world.carnet(&["show", &stays]).ok();
}

#[test]
fn a_file_that_came_back_is_named_and_opens_to_nobody() {
    let mut world = World::with_firm();
    let gone = world.add("Ada", &[]);
    let blob = key_blob(&world, &gone);
    let (old, file, before) = (backup(&world), world.contact_file(&gone), world.head());
    world.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    // Somebody takes the file out of history, and the key out of a backup.
    world.git(&["checkout", "-q", &before, "--", &file]).ok();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qm", "by hand"]).ok();
    restore(&world, &old);
    let found = kinds(&world);
    assert!(found.contains(&"erased-contact".into()) && found.contains(&"erased-key".into()), "{found:?}");
    world.carnet(&["show", &gone]).code(6);
    assert_eq!(keys(&world, &["ls-tree", "refs/carnet/keys", &key_path(&gone)]).ok().out, "");
    let found = kinds(&world);
    assert!(found.contains(&"erased-contact".into()) && !found.contains(&"erased-key".into()), "{found:?}");
    // Erased once more, nothing of it is left, and the ledger says when it was erased first.
    world.now = "2026-11-25T10:00:00Z".into();
    world.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    let ledger = world.git(&["show", &format!("HEAD:registers/erasures/{gone}.toml")]).ok().out;
    assert!(ledger.contains("2026-11-23T10:00:00Z") && ledger.contains(&blob), "{ledger}");
    assert!(!kinds(&world).contains(&"erased-contact".into()));
}
