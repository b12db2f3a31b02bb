//! Somebody who is unknown, or was erased before: an honest answer.

use super::{common::team, entry, firm, open};

#[test]
fn an_unknown_person_is_told_that_nothing_is_held() {
    let (world, id) = firm();
    let unknown =
        ["request", "open", "access", "--unknown", "--channel", "form", "--identifier", "zoe@example.net"];
    let reference =
        world.carnet(&[&unknown[..], &["--requester", "Zoé Blanc\n2 rue Basse"]].concat()).ok().first();
    assert!(!entry(&world, &reference).contains("contact ="));
    world.carnet(&["request", "answer", &reference, "--out", "../reply"]).ok();
    let letter = std::fs::read_to_string(world.path().join("reply/letter.html")).unwrap();
    assert!(
        letter.contains("Zoé Blanc")
            && letter.contains("2 rue Basse")
            && letter.contains("We hold no data about you")
    );
    assert!(entry(&world, &reference).contains("decision = \"no-data\""));

    // Somebody who is known after all is not told so.
    let known =
        ["request", "open", "access", "--unknown", "--channel", "form", "--identifier", "06.12.34.56.78"];
    let reference = world.carnet(&known).ok().first();
    let said = world.carnet(&["request", "answer", &reference, "--out", "../two"]).code(5);
    assert!(said.err.contains(&id[..8]) && !world.path().join("two").exists(), "{}", said.err);
    world.carnet(&["request", "answer", &reference, "--out", "../two", "--contact", &id]).ok();
    assert!(entry(&world, &reference).contains(&id) && world.path().join("two/data.html").exists());
    let reference = world.carnet(&known).ok().first();
    world.carnet(&["request", "answer", &reference, "--out", "../three", "--not-them"]).ok();
}

#[test]
fn an_erased_person_is_told_when_and_why() {
    let (world, id) = firm();
    world.carnet(&["erase", &id, "--reason", "retention", "--yes"]).ok();
    for (n, kind) in ["access", "erasure"].iter().enumerate() {
        let reference = open(&world, kind, &id[..8], &[]);
        let out = format!("../reply-{n}");
        world.carnet(&["request", "answer", &reference, "--out", &out]).ok();
        let letter = std::fs::read_to_string(world.firm().join(out).join("letter.html")).unwrap();
        assert!(
            letter.contains("no data about you any more") && letter.contains("retention period was over"),
            "{kind}"
        );
        assert!(letter.contains(&id));
        assert!(entry(&world, &reference).contains("decision = \"already-erased\""));
    }
}

#[test]
fn nobody_says_that_nothing_is_held_who_cannot_search_every_book() {
    let (world, _) = firm();
    let bob = team::join(&world, "bob", &["--book", "main"]);
    bob.carnet(&["book", "add", "closed", "--title", "Closed", "--yes"]).ok();
    team::pull(&world, &bob);
    let args =
        ["request", "open", "access", "--unknown", "--channel", "post", "--identifier", "x@example.org"];
    let reference = world.carnet(&args).ok().first();
    let said = world.carnet(&["request", "answer", &reference, "--out", "../reply"]).code(6);
    assert!(said.err.contains("closed") && !world.path().join("reply").exists(), "{}", said.err);
}
