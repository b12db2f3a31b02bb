//! Evidence: sealed with its contact, moved, merged and destroyed with it.

use crate::common::{Said, World};
use crate::{firm, give};

const SCAN: &[u8] = b"%PDF the signed form of ada.rare@example.org\n";

fn with_evidence() -> (World, String, String) {
    let (world, id) = firm();
    let file = world.path().join("form.pdf");
    std::fs::write(&file, SCAN).unwrap();
    let done = give(&world, &id, &["--evidence", file.to_str().unwrap(), "--json"]).ok().json();
    let hash = done["evidence"].as_str().unwrap().to_owned();
    (world, id, hash)
}

fn files(world: &World) -> Vec<String> {
    let listed = world.git(&["ls-tree", "-r", "--name-only", "HEAD", "evidence"]).ok().out;
    listed.lines().map(str::to_owned).collect()
}

/// What `verify` says of evidence.
fn problems(world: &World) -> Vec<String> {
    let report = world.carnet(&["verify", "--json"]).json();
    let all = report["problems"].as_array().unwrap().clone();
    all.iter().map(|p| p["kind"].as_str().unwrap().to_owned()).filter(|k| k.contains("evidence")).collect()
}

fn erase(world: &World, id: &str) -> Said {
    world.carnet(&["erase", id, "--reason", "request", "--yes", "--json"])
}

#[test]
fn it_is_sealed_in_the_same_commit_and_erased_with_the_contact() {
    let (world, id, hash) = with_evidence();
    let path = format!("evidence/main/{}/{id}/{hash}.pgp", &id[..2]);
    assert_eq!(files(&world), std::slice::from_ref(&path));
    let changed = world.git(&["show", "--name-only", "--format=", "HEAD"]).ok().out;
    assert_eq!(changed.lines().count(), 2, "{changed}");
    let sealed = std::fs::read(world.firm().join(&path)).unwrap();
    assert!(!sealed.windows(4).any(|w| w == b"%PDF"));
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
    let blob = world.git(&["rev-parse", &format!("HEAD:{path}")]).ok().first();

    let erased = erase(&world, &id).ok().json();
    assert_eq!(erased[0]["proof"]["versions"], 3, "two versions and the evidence were tried");
    assert!(files(&world).is_empty() && !world.firm().join(&path).exists());
    world.carnet(&["verify"]).ok();
    let certificate = world.carnet(&["erase", "--certificate", &id, "--json"]).ok().out;
    assert!(certificate.contains(&blob), "{certificate}");
    // Where an authority wants the ciphertext gone from history, evidence goes with it.
    let held = || world.git(&["rev-list", "--objects", "--all"]).ok().out.contains(&blob);
    assert!(held());
    world.carnet(&["history-purge", "--i-understand", "--yes"]).ok();
    assert!(!held());
    world.carnet(&["verify"]).ok();
}

#[test]
fn it_moves_to_another_book_under_the_contacts_new_key() {
    let (world, id, hash) = with_evidence();
    world.carnet(&["book", "add", "second", "--title", "Second", "--purpose", "newsletter"]).ok();
    world.carnet(&["edit", &id, "--book", "second"]).ok();
    assert_eq!(files(&world), [format!("evidence/second/{}/{id}/{hash}.pgp", &id[..2])]);
    world.carnet(&["verify"]).ok();
    let out = world.path().join("proof");
    world.carnet(&["consent", "prove", &id, "--purpose", "newsletter", "--out", out.to_str().unwrap()]).ok();
    assert_eq!(std::fs::read(out.join(format!("evidence/{hash}"))).unwrap(), SCAN);
    erase(&world, &id).ok();
    assert!(files(&world).is_empty());
    world.carnet(&["verify"]).ok();
}

#[test]
fn it_goes_where_its_contact_is_merged_into_and_comes_back_when_that_is_undone() {
    let (world, id, hash) = with_evidence();
    let stays = world.add("Ada Rare-Name", &[]);
    let of = |id: &str| format!("evidence/main/{}/{id}/{hash}.pgp", &id[..2]);
    let proof = |id: &str, name: &str| {
        let out = world.path().join(name);
        let out = out.to_str().unwrap();
        world.carnet(&["consent", "prove", id, "--purpose", "newsletter", "--out", out]).ok();
        std::fs::read(format!("{out}/evidence/{hash}")).unwrap()
    };
    world.carnet(&["merge", &stays, &id, "--auto", "--yes"]).ok();
    assert_eq!(files(&world), [of(&stays)]);
    assert_eq!(proof(&stays, "merged"), SCAN);
    world.carnet(&["verify"]).ok();
    world.carnet(&["undo", "--yes"]).ok();
    assert_eq!(files(&world), [of(&id)]);
    assert_eq!(proof(&id, "undone"), SCAN);
    world.carnet(&["verify"]).ok();
    // Nor does an erasure of the one that stays leave it behind.
    world.carnet(&["merge", &stays, &id, "--auto", "--yes"]).ok();
    erase(&world, &stays).ok();
    assert!(files(&world).is_empty());
    world.carnet(&["verify"]).ok();
}

#[test]
fn a_contact_that_gets_a_new_key_for_a_mention_keeps_its_evidence() {
    let (world, id, _) = with_evidence();
    let other = world.add("Ben", &["--email", "ben@example.org"]);
    world.carnet(&["edit", &id, "--set", &format!("custom.friend={other}")]).ok();
    erase(&world, &other).ok();
    world.carnet(&["verify"]).ok();
    erase(&world, &id).ok();
    world.carnet(&["verify"]).ok();
}

#[test]
fn what_is_gone_altered_or_too_much_is_said() {
    let (world, id, _) = with_evidence();
    let path = files(&world).remove(0);
    give(&world, &id, &["--evidence", "../nowhere.pdf"]).code(1);
    let other = world.add("Ben", &["--email", "ben@example.org"]);
    let stray = path.replace(&id, &other).replace(&format!("/{}/", &id[..2]), &format!("/{}/", &other[..2]));
    let swap = world.firm().join(&stray);
    std::fs::create_dir_all(swap.parent().unwrap()).unwrap();
    std::fs::copy(world.firm().join(&path), &swap).unwrap();
    std::fs::remove_file(world.firm().join(&path)).unwrap();
    world.git(&["add", "-A"]).ok();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qm", "by hand"]).ok();
    let mut found = problems(&world);
    found.sort();
    assert_eq!(found, ["damaged-evidence", "missing-evidence"]);
    let said =
        world.carnet(&["consent", "prove", &id, "--purpose", "newsletter", "--out", "../proof"]).code(1);
    assert!(said.err.contains("is gone"), "{}", said.err);
    assert!(!world.path().join("proof").exists());
}
