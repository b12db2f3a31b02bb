//! Plain git merges contacts through carnet: its driver is called by the real git, on real branches.

mod common;

use common::{Said, World};
use serde_json::Value;

/// A firm with one contact, and branch `side` that is at the same commit as `main`.
fn parted(more: &[&str]) -> (World, String) {
    let mut world = World::with_firm();
    let mut args = vec!["--email", "eloise@example.org"];
    args.extend_from_slice(more);
    let id = world.add("Éloïse Petit", &args);
    world.git(&["branch", "side"]).ok();
    world.now = "2026-11-23T11:00:00Z".into();
    (world, id)
}

fn on(world: &mut World, branch: &str, time: &str, id: &str, flags: &[&str]) {
    world.git(&["switch", "-q", branch]).ok();
    world.now = time.into();
    world.carnet(&[&["edit", id], flags].concat()).ok();
}

/// Merges `side` into `main` without a commit of git's own, which would want the member's key in gpg.
fn merge(world: &World) -> Said {
    world.git(&["switch", "-q", "main"]).ok();
    let said = world.git(&["-c", "commit.gpgSign=false", "merge", "--no-edit", "side"]);
    assert_eq!(world.git(&["ls-files", "--others"]).ok().out, "", "git's or the driver's files are left");
    said
}

fn shown(world: &World, id: &str) -> Value {
    world.carnet(&["show", id, "--json"]).ok().json()
}

fn emails(contact: &Value) -> Vec<&str> {
    contact["emails"].as_array().unwrap().iter().map(|e| e["value"].as_str().unwrap()).collect()
}

#[test]
fn two_branches_edit_one_contact_and_git_merges_them() {
    let (mut world, id) = parted(&[]);
    let other = world.add("Bob Stone", &[]);
    on(
        &mut world,
        "main",
        "2026-11-23T12:00:00Z",
        &id,
        &["--add-email", "m@example.org", "--set", "org=Main"],
    );
    on(
        &mut world,
        "side",
        "2026-11-23T13:00:00Z",
        &id,
        &["--add-email", "s@example.org", "--add-tag", "vip"],
    );
    let said = merge(&world).ok();
    assert!(said.err.contains(&format!("merged contact {}", &id[..8])), "{}", said.err);
    for text in [&said.out, &said.err] {
        assert!(!text.contains("Petit") && !text.contains("example.org"));
    }
    let contact = shown(&world, &id);
    assert_eq!(emails(&contact), ["eloise@example.org", "s@example.org", "m@example.org"]);
    assert_eq!((&contact["org"], &contact["tags"][0]), (&"Main".into(), &"vip".into()));
    assert!(contact.get("conflict").is_none());
    assert_eq!(world.carnet(&["find", "s@example.org", "-q"]).ok().out, format!("{id}\n"));
    assert_eq!(world.carnet(&["list", "-q"]).ok().out.lines().count(), 2);
    world.carnet(&["show", &other]).ok();
}

#[test]
fn the_later_commit_wins_whichever_way_round_and_the_other_is_noted_and_resolved() {
    for (main, side, wins) in [("12", "13", "Side"), ("13", "12", "Main")] {
        let (mut world, id) = parted(&[]);
        on(&mut world, "main", &format!("2026-11-23T{main}:00:00Z"), &id, &["--set", "title=Main"]);
        on(&mut world, "side", &format!("2026-11-23T{side}:00:00Z"), &id, &["--set", "title=Side"]);
        assert!(merge(&world).ok().err.contains("1 new conflict note(s)"));
        let contact = shown(&world, &id);
        assert_eq!(contact["title"], wins);
        let note = &contact["conflict"][0];
        assert_eq!((&note["field"], &note["why"]), (&"title".into(), &"changed-twice".into()));
        assert_eq!(note["other"], if wins == "Side" { "Main" } else { "Side" });
        assert_eq!(note["who"], "Ana Martin");
        assert!(world.carnet(&["show", &id]).ok().out.contains("when = 2026-11-23T12:00:00Z"));
        assert_eq!(world.carnet(&["find", "changed-twice", "-q"]).ok().out, format!("{id}\n"));
        world.carnet(&["edit", &id, "--resolve", "org"]).code(2);
        world.carnet(&["edit", &id, "--set", "title=Both", "--resolve", "title"]).ok();
        assert!(!world.carnet(&["show", &id]).ok().out.contains("conflict"));
    }
}

#[test]
fn the_repository_that_git_works_in_counts_and_no_other() {
    let (mut world, id) = parted(&[]);
    on(&mut world, "side", "2026-11-23T13:00:00Z", &id, &["--add-tag", "side"]);
    on(&mut world, "main", "2026-11-23T12:00:00Z", &id, &["--add-tag", "main"]);
    std::fs::create_dir(world.firm().join("below")).unwrap();
    let mut git = world.command("git", &world.firm().join("below"));
    git.env("CARNET_DIR", world.path()).args(["-c", "commit.gpgSign=false", "merge", "--no-edit", "side"]);
    common::said(git.output().unwrap()).ok();
    assert_eq!(shown(&world, &id)["tags"], serde_json::json!(["side", "main"]));
}

#[test]
fn a_rebase_and_a_cherry_pick_merge_by_time_too() {
    for command in [&["rebase", "main"][..], &["cherry-pick", "side"]] {
        let (mut world, id) = parted(&[]);
        on(&mut world, "side", "2026-11-23T12:00:00Z", &id, &["--set", "title=Side", "--add-tag", "side"]);
        on(&mut world, "main", "2026-11-23T13:00:00Z", &id, &["--set", "title=Main", "--add-tag", "main"]);
        if command[0] == "rebase" {
            world.git(&["switch", "-q", "side"]).ok();
        }
        world.git(&[&["-c", "commit.gpgSign=false"], command].concat()).ok();
        let contact = shown(&world, &id);
        assert_eq!((&contact["title"], &contact["conflict"][0]["other"]), (&"Main".into(), &"Side".into()));
        assert_eq!(contact["tags"], serde_json::json!(["main", "side"]));
    }
}

#[test]
fn without_the_key_git_keeps_ours_and_says_so() {
    let (mut world, id) = parted(&[]);
    on(&mut world, "side", "2026-11-23T13:00:00Z", &id, &["--set", "title=Side"]);
    on(&mut world, "main", "2026-11-23T12:00:00Z", &id, &["--set", "title=Main"]);
    let ours = std::fs::read(world.firm().join(world.contact_file(&id))).unwrap();
    let (keys, away) = (world.path().join("data/carnet"), world.path().join("away"));
    std::fs::rename(&keys, &away).unwrap();
    let said = merge(&world).code(1);
    assert!(said.out.contains("CONFLICT") && said.err.contains("carnet: "), "{said:?}");
    assert_eq!(std::fs::read(world.firm().join(world.contact_file(&id))).unwrap(), ours);
    world.git(&["merge", "--abort"]).ok();
    std::fs::rename(&away, &keys).unwrap();
    merge(&world).ok();
    assert_eq!(shown(&world, &id)["title"], "Side");
}

#[test]
fn a_tampered_version_is_a_conflict_and_not_a_merge() {
    let (mut world, id) = parted(&[]);
    on(&mut world, "main", "2026-11-23T12:00:00Z", &id, &["--set", "title=Main"]);
    world.git(&["switch", "-q", "side"]).ok();
    let file = world.firm().join(world.contact_file(&id));
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, bytes).unwrap();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qam", "by hand"]).ok();
    assert!(merge(&world).code(1).err.contains("damaged"));
    world.git(&["merge", "--abort"]).ok();
    assert_eq!(shown(&world, &id)["title"], "Main");
}

#[test]
fn an_erasure_on_either_side_is_not_undone_by_an_edit() {
    for erased_on in ["main", "side"] {
        let (mut world, id) = parted(&[]);
        let edited_on = if erased_on == "main" { "side" } else { "main" };
        on(&mut world, edited_on, "2026-11-23T14:00:00Z", &id, &["--set", "title=Edited"]);
        world.git(&["switch", "-q", erased_on]).ok();
        world.carnet(&["erase", &id, "--reason", "request", "--yes"]).ok();
        // git itself asks what to do with a file that one side removed; no key opens it any more.
        merge(&world).code(1);
        world.git(&["rm", "-q", &world.contact_file(&id)]).ok();
        world.git(&["-c", "commit.gpgSign=false", "commit", "-q", "--no-edit"]).ok();
        assert!(world.carnet(&["show", &id]).code(3).err.contains("erased"));
    }
}

#[test]
fn an_erased_contact_that_both_sides_have_again_is_refused() {
    let (mut world, id) = parted(&[]);
    on(&mut world, "side", "2026-11-23T12:00:00Z", &id, &["--set", "title=Side"]);
    on(&mut world, "main", "2026-11-23T13:00:00Z", &id, &["--set", "title=Main"]);
    let kept = world.git(&["rev-parse", "HEAD"]).ok().first();
    world.carnet(&["erase", &id, "--reason", "request", "--yes"]).ok();
    world.git(&["checkout", "-q", &kept, "--", &world.contact_file(&id)]).ok();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qm", "by hand"]).ok();
    assert!(merge(&world).code(1).err.contains("was erased"));
}

#[test]
fn a_signed_merge_is_verified_and_stands_in_the_history() {
    let (mut world, id) = parted(&[]);
    on(&mut world, "main", "2026-11-23T12:00:00Z", &id, &["--add-tag", "main"]);
    world
        .carnet(&[
            "purpose",
            "add",
            "events",
            "--title",
            "Events",
            "--description",
            "Evenings",
            "--basis",
            "consent",
        ])
        .ok();
    on(&mut world, "side", "2026-11-23T13:00:00Z", &id, &["--add-tag", "side"]);
    std::fs::write(world.path().join("gnupg/gpg.conf"), "faked-system-time 20261123T140000\n").unwrap();
    for file in std::fs::read_dir(world.path().join("data/carnet/keys")).unwrap() {
        world.gpg(&["--import", file.unwrap().path().to_str().unwrap()]).ok();
    }
    world.git(&["switch", "-q", "main"]).ok();
    world.now = "2026-11-23T14:00:00Z".into();
    world.git(&["merge", "-q", "--no-edit", "-S", "side"]).ok();
    world.git(&["verify-commit", "HEAD"]).ok();
    assert_eq!(world.git(&["rev-list", "--parents", "-1", "HEAD"]).ok().out.split_whitespace().count(), 3);
    world.carnet(&["verify"]).ok();
    assert_eq!(shown(&world, &id)["tags"], serde_json::json!(["side", "main"]));
    let history = world.carnet(&["history", &id, "--json"]).ok().out;
    assert!(history.contains(&world.head()), "{history}");
    let _ = world.command("gpgconf", world.path()).args(["--kill", "all"]).output();
}

#[test]
fn criss_cross_merges_are_merged_like_any_other() {
    let (mut world, id) = parted(&[]);
    on(&mut world, "main", "2026-11-23T12:00:00Z", &id, &["--add-tag", "m1"]);
    on(&mut world, "side", "2026-11-23T12:30:00Z", &id, &["--add-tag", "s1"]);
    let main = world.git(&["rev-parse", "main"]).ok().first();
    let unsigned = ["-c", "commit.gpgSign=false", "merge", "-q", "--no-edit"];
    world.git(&[&unsigned[..], &[&main]].concat()).ok();
    world.git(&["switch", "-q", "main"]).ok();
    world.git(&[&unsigned[..], &["side~1"]].concat()).ok();
    on(&mut world, "main", "2026-11-23T15:00:00Z", &id, &["--add-tag", "m2"]);
    on(&mut world, "side", "2026-11-23T15:30:00Z", &id, &["--add-tag", "s2", "--rm-tag", "m1"]);
    merge(&world).ok();
    let contact = shown(&world, &id);
    let mut tags: Vec<&str> =
        contact["tags"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
    tags.sort_unstable();
    assert_eq!(tags, ["m2", "s1", "s2"]);
    assert!(contact.get("conflict").is_none());
}
