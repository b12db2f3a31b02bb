//! Commits without a member's signature, on the branch and hidden in what a merge brought.

use crate::common::World;
use crate::tools::{ana, at, commit, problems, set, stranger, with_keys, write};

#[test]
fn commits_without_a_members_signature_are_all_named() {
    let world = World::with_firm();
    with_keys(&world);
    let eve = stranger(&world, "eve");
    let unsigned = commit(&world, None);
    let foreign = commit(&world, Some(&eve));
    world.git(&["switch", "-q", "-c", "side"]).ok();
    write(&world, "note.txt", b"x");
    let hidden = commit(&world, None);
    world.git(&["switch", "-q", "main"]).ok();
    commit(&world, Some(&ana(&world)));
    world.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]).ok();
    world.git(&["verify-commit", "HEAD"]).ok();
    let (unsigned, foreign, hidden) = (at(&unsigned), at(&foreign), at(&hidden));
    let expected = [("unsigned", &*unsigned), ("unknown-signer", &*foreign), ("unsigned", &*hidden)];
    assert_eq!(problems(&world), set(&expected));
}

#[test]
fn a_commit_that_was_changed_after_signing_is_named() {
    let world = World::with_firm();
    world.add("Bob Stone", &[]);
    let raw = world.git(&["cat-file", "commit", "HEAD"]).ok().out;
    write(&world, ".git/forged", format!("{raw}\0Carnet-Contact: somebody else\n").as_bytes());
    let hash = ["hash-object", "-t", "commit", "-w", "--literally", ".git/forged"];
    let forged = world.git(&hash).ok().first();
    let lost = at(&world.head());
    world.git(&["update-ref", "refs/heads/main", &forged]).ok();
    let expected = [("bad-signature", &*at(&forged)), ("rolled-back", &lost)];
    assert_eq!(problems(&world), set(&expected));
}

/// git lets a merge have any number of parents; every one of them counts.
#[test]
fn an_octopus_that_a_member_signed_carries_nothing_in() {
    let world = World::with_firm();
    with_keys(&world);
    let (eve, ana) = (stranger(&world, "eve"), ana(&world));
    let base = world.head();
    let tree = world.git(&["rev-parse", "HEAD^{tree}"]).ok().first();
    let made = |key: Option<&str>, parents: &[&str]| {
        let sign = key.map(|key| format!("-S{key}"));
        let parents = parents.iter().flat_map(|parent| ["-p", parent]);
        let args: Vec<&str> = ["commit-tree", "-m", "by hand"].into_iter().chain(parents).collect();
        world.git(&[&args[..], sign.as_deref().as_slice(), &[&tree]].concat()).ok().first()
    };
    let (good, unsigned, strange) =
        (made(Some(&ana), &[&base]), made(None, &[&base]), made(Some(&eve), &[&base]));
    // Behind an unsigned one, and itself sound.
    let behind = made(Some(&ana), &[&unsigned]);
    let octopus = made(Some(&ana), &[&good, &behind, &strange, &base]);
    world.git(&["update-ref", "refs/heads/main", &octopus]).ok();
    let expected = [("unsigned", at(&unsigned)), ("unknown-signer", at(&strange))];
    let expected: Vec<(&str, &str)> = expected.iter().map(|(kind, at)| (*kind, at.as_str())).collect();
    assert_eq!(problems(&world), set(&expected));
}
