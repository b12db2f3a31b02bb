//! Where a site is written, how it takes its place, and what is recorded of it.

use std::collections::BTreeMap;

use crate::common::World;
use crate::html::words;
use crate::{commit_file, files, report, site};

#[test]
fn only_a_place_for_a_site_is_written_to() {
    let world = World::with_firm();
    world.add("A", &[]);
    let foreign = world.path().join("site");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("thesis.txt"), "mine").unwrap();
    let before = files(world.path());
    let chains = world.git(&["for-each-ref", "refs/carnet/access"]).ok().out;
    assert!(report(&world, &[]).code(5).err.contains("something else"));
    for inside in ["site", ".", ".git/site", "contacts/../site", "../firm/site", "../nowhere/../firm/site"] {
        let code = world.carnet(&["report", "--out", inside]).code;
        assert!([2, 5].contains(&code), "{inside}: {code}");
    }
    std::os::unix::fs::symlink(world.firm(), world.path().join("link")).unwrap();
    world.carnet(&["report", "--out", "../link/site"]).code(5);
    std::fs::remove_file(world.path().join("link")).unwrap();
    world.carnet(&["report", "--out", "../dry", "--dry-run"]).ok();
    assert!(files(world.path()) == before, "something was written");
    assert_eq!(world.git(&["for-each-ref", "refs/carnet/access"]).ok().out, chains, "nothing was read");
    // A site with somebody's file in it is not carnet's to replace; an empty directory is.
    std::fs::remove_file(foreign.join("thesis.txt")).unwrap();
    report(&world, &[]).ok();
    std::fs::write(foreign.join("thesis.txt"), "mine").unwrap();
    assert!(report(&world, &[]).code(5).err.contains("thesis.txt"));
    assert_eq!(std::fs::read_to_string(foreign.join("thesis.txt")).unwrap(), "mine");
}

#[test]
fn a_build_that_fails_leaves_the_old_site_and_nothing_beside_it() {
    let world = World::with_firm();
    let id = world.add("A", &[]);
    report(&world, &[]).ok();
    let old = files(&world.path().join("site"));
    commit_file(&world, &world.contact_file(&id), |_| "not a message".into());
    let said = report(&world, &[]).code(1);
    assert!(said.err.contains(&id[..8]), "{}", said.err);
    assert!(said.out.is_empty());
    assert!(files(&world.path().join("site")) == old);
    let beside: Vec<_> = std::fs::read_dir(world.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!beside.iter().any(|n| n.to_string_lossy().contains("carnet-")), "{beside:?}");
}

#[test]
fn the_read_is_on_the_trail_and_the_same_moment_gives_the_same_bytes() {
    let mut world = World::with_firm();
    world.add("A", &[]);
    world.add("B", &[]);
    world.now = "2026-11-23T10:00:01Z".into();
    let said = report(&world, &[]).ok();
    assert_eq!(said.first(), world.path().canonicalize().unwrap().join("site/index.html").to_str().unwrap());
    let first = files(&world.path().join("site"));
    report(&world, &[]).ok();
    let unsigned = |mut files: BTreeMap<String, Vec<u8>>| {
        // A signature has its own random part.
        assert!(files.remove("SHA256SUMS.asc").is_some());
        files
    };
    let second = files(&world.path().join("site"));
    assert!(unsigned(second) == unsigned(first), "two builds of one commit at one moment differ");
    let log = world.git(&["log", "--format=%(trailers:only)", "refs/carnet/access/2026-11/ana"]).ok().out;
    assert_eq!(
        log.matches(
            "Carnet-Action: report-exact\nCarnet-Book: main\nCarnet-Purpose: customers\nCarnet-Count: 2"
        )
        .count(),
        2
    );
    world.now = "2026-11-23T10:05:00Z".into();
    report(&world, &[]).ok();
    let access = site(&world).remove("access.html").unwrap();
    assert!(words(&access).contains("ana report with exact figures 2"), "earlier reports are on the trail");
}
