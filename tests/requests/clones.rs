//! Two clones of one repository.

use super::common::{World, team};
use super::{firm, open};

#[test]
fn two_clones_that_open_a_request_at_once_make_two() {
    let (ana, id) = firm();
    let remote = ana.path().join("remote.git");
    let init = ["init", "-q", "--bare", "-b", "main", remote.to_str().unwrap()];
    super::common::said(ana.command("git", ana.path()).args(init).output().unwrap()).ok();
    ana.git(&["remote", "add", "origin", remote.to_str().unwrap()]).ok();
    let bob: World = team::join(&ana, "bob", &["--book", "main"]);
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["member", "list", "--accept", "--yes"]).ok();
    bob.git(&["remote", "set-url", "origin", remote.to_str().unwrap()]).ok();
    bob.carnet(&["sync"]).ok();

    let one = open(&ana, "access", &id, &["--note", "heard by ana"]);
    let two = open(&bob, "erasure", &id, &["--note", "heard by bob"]);
    assert_eq!((&one[..9], &two[..9]), ("2026-001-", "2026-001-"), "both took the next number");
    assert_ne!(one, two);
    for world in [&ana, &bob, &ana] {
        world.carnet(&["sync"]).ok();
    }
    for world in [&ana, &bob] {
        let listed = world.carnet(&["request", "list", "-q"]).ok().out;
        assert!(listed.contains(&one) && listed.contains(&two), "{listed}");
        assert!(world.carnet(&["request", "show", &two]).ok().out.contains("heard by bob"));
        let several = world.carnet(&["request", "show", "2026-001"]).code(4);
        assert!(several.err.contains(&one) && several.err.contains(&two), "{}", several.err);
        world.carnet(&["verify"]).ok();
    }
    // The next one has the next number.
    assert!(open(&ana, "access", &id, &[]).starts_with("2026-002-"));

    // A companion that one clone destroyed opens nowhere after a sync.
    ana.carnet(&["request", "close", &one, "--why", "mistake", "--destroy-companion", "--yes"]).ok();
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["sync"]).ok();
    assert!(!bob.carnet(&["request", "show", &one]).ok().out.contains("heard by ana"));
    bob.carnet(&["verify"]).ok();
}
