//! The operator's side: what is refused, what it costs, what is gone, what stays.

use super::common::World;
use super::{PURGE, ciphertexts, held, kinds, office, sound, sync_all};

/// Authors, dates, messages and trees of a history, oldest first.
fn told(world: &World, range: &str) -> String {
    world.git(&["log", "--reverse", "--topo-order", "--format=%an %ae %at %ct%n%B", range]).ok().out
}

#[test]
fn the_ciphertext_is_gone_everywhere_and_everything_else_stays() {
    let (ana, remote, team) = office(&["bob"], false);
    let bob = &team[0];
    let kept = ana.add("Kept Person", &[]);
    let gone = ana.add("Gone Person", &["--email", "gone@example.org"]);
    ana.carnet(&["edit", &gone, "--set", "title=Clerk"]).ok();
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["sync"]).ok();
    bob.carnet(&["edit", &kept, "--set", "title=Baker"]).ok();
    sync_all(&[bob, &ana]);
    ana.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    let blobs = ciphertexts(&ana, &gone);
    assert_eq!(blobs.len(), 2);
    let (before, tree) = (ana.head(), ana.git(&["rev-parse", "HEAD^{tree}"]).ok().out);
    let words = told(&ana, "HEAD");

    // Refused: the remote has less, then a clone has not confirmed; nothing changes.
    let said = ana.carnet(&PURGE).code(5);
    assert!(
        said.err.contains("have not the same commits") && said.err.contains("carnet sync"),
        "{}",
        said.err
    );
    ana.carnet(&["sync"]).ok();
    let said = ana.carnet(&PURGE).code(5);
    assert!(said.err.contains("of a clone of member bob, which may hold work"), "{}", said.err);
    sync_all(&[bob, &ana]);
    assert_eq!(ana.head(), before);

    // What it costs, without doing it.
    let cost = ana.carnet(&["history-purge", "--dry-run", "--json"]).ok().json();
    assert_eq!((&cost["contacts"], &cost["ciphertexts"]), (&1.into(), &2.into()));
    assert_eq!(
        (&cost["commits"], &cost["signatures_of_others"], &cost["clones"]),
        (&4.into(), &1.into(), &1.into())
    );
    assert_eq!(cost["hindrances"].as_array().unwrap().len(), 0);
    ana.carnet(&["history-purge"]).code(2);
    ana.carnet(&["history-purge", "--i-understand"]).code(2);
    assert_eq!(ana.head(), before);

    let made = ana.carnet(&[&PURGE[..], &["--json"]].concat()).ok().json();
    assert_eq!(made["purge"]["commit"], ana.head());
    assert_eq!(held(&ana, &ana.firm(), &blobs), [""; 0]);
    assert_eq!(held(&ana, &ana.firm(), std::slice::from_ref(&before)), [""; 0], "nor the old commits");
    assert_eq!(told(&ana, "HEAD~1"), words, "authors, dates, messages and trailers stay");
    assert_eq!(ana.git(&["rev-parse", "HEAD~1^{tree}"]).ok().out, tree, "and the files at the end");
    sound(&ana);
    // The operator has signed each, and gpg alone can check the record.
    ana.trust_members();
    let record = made["purge"]["record"].as_str().unwrap();
    let file = ana.firm().join(record);
    ana.gpg(&["--verify", &format!("{}.asc", file.display()), file.to_str().unwrap()]).ok();
    let signed = ana.git(&["log", "--format=%G?%cn", "HEAD~4..HEAD"]).ok().out;
    assert!(signed.lines().all(|line| line.ends_with("Ana Martin")), "{signed}");
    assert!(std::fs::read_to_string(&file).unwrap().contains("gpgsig -----BEGIN PGP SIGNATURE-----"));

    // The other clone goes over at its next sync, and there is nothing left to purge.
    let said = bob.carnet(&["sync"]).ok();
    assert!(said.err.contains("History was purged elsewhere: 4 commit(s)"), "{}", said.err);
    assert_eq!(bob.head(), ana.head());
    assert_eq!(held(bob, &bob.firm(), &blobs), [""; 0]);
    sound(bob);
    sync_all(&[&ana, bob]);
    assert_eq!(ana.carnet(&["history-purge", "--dry-run", "--json"]).ok().json()["commits"], 0);
    ana.carnet(&PURGE).ok();
    assert_eq!(ana.git(&["rev-parse", "origin/main"]).first(), ana.head());
    assert_eq!(super::git(&ana, &remote, &["rev-parse", "main"]).first(), ana.head());
    ana.carnet(&["show", &kept]).ok();
    bob.carnet(&["show", &kept]).ok();
    bob.add("New Person", &[]);
    sync_all(&[bob, &ana]);
    assert_eq!(kinds(bob), [""; 0]);
    // The statement that a third party can check still can be made.
    let said = ana.carnet(&["erase", "--certificate", &gone]).ok();
    assert!(
        said.out.contains("History was rewritten without its versions (registers/purges/"),
        "{}",
        said.out
    );
    // Recipients are acknowledged as before.
    bob.carnet(&["book", "rekey", "main"]).ok();
}

#[test]
fn a_second_purge_builds_on_the_first() {
    let ana = World::with_firm();
    let one = ana.add("One Person", &[]);
    let two = ana.add("Two Person", &[]);
    ana.carnet(&["erase", &one, "--reason", "error", "--yes"]).ok();
    let first = ciphertexts(&ana, &one);
    ana.carnet(&PURGE).ok();
    assert_eq!(held(&ana, &ana.firm(), &first), [""; 0]);
    ana.add("Three Person", &[]);
    ana.carnet(&["erase", &two, "--reason", "error", "--yes"]).ok();
    let second = ciphertexts(&ana, &two);
    assert_eq!(second.len(), 1);
    ana.carnet(&PURGE).ok();
    assert_eq!(held(&ana, &ana.firm(), &[first, second].concat()), [""; 0]);
    sound(&ana);
    assert_eq!(ana.git(&["ls-tree", "--name-only", "HEAD", "registers/purges/"]).ok().out.lines().count(), 4);
}

#[test]
fn refs_that_keep_the_old_history_stand_in_the_way_and_members_without_the_right_cannot() {
    let (ana, _, team) = office(&["bob"], false);
    let bob = &team[0];
    let gone = ana.add("Gone Person", &[]);
    ana.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    sync_all(&[&ana, bob]);
    let said = bob.carnet(&PURGE).code(5);
    assert!(said.err.contains("only who may add users can"), "{}", said.err);
    ana.git(&["branch", "side"]).ok();
    let said = ana.carnet(&PURGE).code(5);
    assert!(said.err.contains("`refs/heads/side` leads to the old history"), "{}", said.err);
    ana.git(&["branch", "-D", "side"]).ok();
    ana.carnet(&PURGE).ok();
    sound(&ana);
}
