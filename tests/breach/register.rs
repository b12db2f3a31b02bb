//! Entering, changing, listing and closing.

use crate::common::World;
use crate::{ALL, open, shown};

#[test]
fn a_breach_is_a_signed_commit_whose_texts_are_sealed() {
    let world = World::with_firm();
    let head = world.head();
    let dry = world.carnet(&["breach", "open", "--dry-run"]).ok();
    assert!(dry.out.is_empty() && world.head() == head);
    let reference = open(&world, &["--facts", "Jeanne Dupont lost her laptop.", "--kind", "confidentiality"]);
    assert!(reference.starts_with("2026-001-"), "{reference}");
    assert_eq!(world.git(&["rev-list", "--count", &format!("{head}..HEAD")]).ok().first(), "1");
    world.trust_members();
    world.git(&["verify-commit", "HEAD"]).ok();
    let commit = world.git(&["show", "--no-textconv", "HEAD"]).ok().out;
    assert!(commit.contains("Carnet-Action: breach-open") && !commit.contains("Dupont"), "{commit}");
    let plain =
        std::fs::read_to_string(world.firm().join(format!("registers/breaches/{reference}.toml"))).unwrap();
    assert!(plain.contains("kinds = [\"confidentiality\"]") && !plain.contains("laptop"), "{plain}");

    // Its number is enough; reading the texts is an entry of the access trail.
    let data = shown(&world, "2026-001");
    assert_eq!(
        (&data["text"]["facts"], &data["ref"]),
        (&"Jeanne Dupont lost her laptop.".into(), &reference.as_str().into())
    );
    let said = world.carnet(&["breach", "show", "2026-001"]).ok();
    assert!(
        said.out.contains("lost her laptop")
            && said.err.contains("the measures taken or proposed (--measures)"),
        "{said:?}"
    );
    let trail = world.git(&["log", "--format=%B", "refs/carnet/access/2026-11/ana"]).ok().out;
    assert!(trail.contains("Carnet-Action: breach-show") && !trail.contains("Dupont"), "{trail}");

    world
        .carnet(&["breach", "edit", "2026-001", "--measures", "The key was replaced.", "--risk", "risk"])
        .ok();
    let data = shown(&world, "2026-001");
    assert_eq!((&data["risk"], &data["text"]["measures"]), (&"risk".into(), &"The key was replaced.".into()));
    assert_eq!(data["text"]["facts"], "Jeanne Dupont lost her laptop.");
    let head = world.head();
    world.carnet(&["breach", "edit", "2026-001", "--risk", "risk"]).ok();
    assert_eq!(world.head(), head, "nothing was different");
    assert!(open(&world, &[]).starts_with("2026-002-"));
    world.carnet(&["breach", "show", "2026-003"]).code(3);
    world.carnet(&["verify"]).ok();
}

#[test]
fn texts_come_from_files_and_standard_input() {
    let world = World::with_firm();
    std::fs::write(world.path().join("facts.txt"), "One.\nTwo.\n").unwrap();
    open(&world, &["--facts", "@../facts.txt"]);
    world.carnet_with_input(&["breach", "edit", "2026-001", "--measures", "-"], b"A new key.\n").ok();
    let data = shown(&world, "2026-001");
    assert_eq!(
        (&data["text"]["facts"], &data["text"]["measures"]),
        (&"One.\nTwo.".into(), &"A new key.".into())
    );
    world.carnet(&["breach", "edit", "2026-001", "--facts", "@../nothing.txt"]).code(1);
    world.carnet_with_input(&["breach", "edit", "2026-001", "--facts", "-"], b" \n").code(2);
}

#[test]
fn the_list_has_the_late_first_and_the_hours_left() {
    let mut world = World::with_firm();
    let later = open(&world, &[]);
    let early = world.carnet(&["breach", "open", "--aware", "2026-11-21T08:00Z"]).ok().first();
    let decided =
        world.carnet(&["breach", "open", "--aware", "2026-11-01T08:00Z", "--notify", "no"]).ok().first();
    let order = |world: &World| -> Vec<String> {
        world.carnet(&["breach", "list", "-q"]).ok().out.lines().map(str::to_owned).collect()
    };
    assert_eq!(order(&world), [early.clone(), later.clone(), decided.clone()]);
    let list = world.carnet(&["breach", "list"]).ok().out;
    assert!(list.contains("22 h 0 min left") && list.contains("70 h 0 min left"), "{list}");
    world.now = "2026-11-24T08:30:00Z".into();
    let json = world.carnet(&["breach", "list", "--json"]).ok().json();
    assert_eq!((&json[0]["state"], &json[0]["minutes_left"]), (&"late".into(), &(-30).into()));
    assert_eq!(json[0]["deadline"], "2026-11-24T08:00:00Z");
    assert!(world.carnet(&["breach", "list"]).ok().out.contains("late by 0 h 30 min"));

    // A filing stops the clock; a late one wants its reasons.
    let said =
        world.carnet(&["breach", "notify", &early, "--filed", "FR-1", "--at", "2026-11-24T08:10:00Z"]).ok();
    assert!(said.err.contains("--why-late"), "{}", said.err);
    world.carnet(&["breach", "notify", &early, "--filed", "FR-1", "--at", "2026-11-24T08:10:00Z"]).code(5);
    world.carnet(&["breach", "notify", &early, "--filed", "Jeanne", "--at", "2026-11-24T08:10:00Z"]).code(2);
    world.carnet(&["breach", "notify", &early, "--filed", "FR-2", "--at", "2026-11-25T08:10:00Z"]).code(2);
    assert_eq!(order(&world)[0], later);
    assert_eq!(shown(&world, &early)["filing"][0]["ref"], "FR-1");
}

#[test]
fn the_hours_are_hours_over_a_change_of_the_clocks() {
    let mut world = World::new();
    world.now = "2026-03-28T20:00:00Z".into();
    let init = [
        "init",
        "firm",
        "--organisation",
        "A",
        "--member",
        "ana",
        "--name",
        "Ana",
        "--email",
        "ana@example.org",
    ];
    world.carnet_in(world.path(), &[&init[..], &["--no-passphrase"]].concat()).ok();
    let paris = |args: &[&str]| {
        let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
        crate::common::said(command.env("TZ", "Europe/Paris").args(args).output().unwrap())
    };
    paris(&["breach", "open", "--aware", "2026-03-28T18:00"]).ok();
    let json = paris(&["breach", "list", "--json"]).ok().json();
    assert_eq!(json[0]["aware"], "2026-03-28T18:00:00+01:00");
    assert_eq!(json[0]["minutes_left"], 69 * 60);
    // In summer time, 72 hours after 18:00 it is 19:00.
    let list = paris(&["breach", "list"]).ok().out;
    assert!(list.contains("2026-03-31 19:00"), "{list}");
    for (bad, why) in [
        ("2026-03-29T02:30", "never showed"),
        ("2025-10-26T02:30", "twice"),
        ("28 March", "2026-03-28T18:00"),
    ] {
        let said = paris(&["breach", "edit", "2026-001", "--from", bad]).code(2);
        assert!(said.err.contains(why), "{bad}: {}", said.err);
    }
}

#[test]
fn what_cannot_have_been_is_refused() {
    let world = World::with_firm();
    open(&world, &[]);
    for bad in [
        ["--aware", "2026-11-23T10:01:00Z"],
        ["--from", "2026-11-23T08:01:00Z"],
        ["--to", "2026-11-24T08:00:00Z"],
        ["--informed", "2026-11-22"],
        ["--informed", "2026-11-24"],
    ] {
        let said = world.carnet(&[&["breach", "edit", "2026-001"], &bad[..]].concat()).code(2);
        assert!(said.err.contains(bad[0]), "{}", said.err);
    }
    world.carnet(&["breach", "open", "--aware", "2027-01-01T00:00:00Z"]).code(2);
}

#[test]
fn closing_names_what_is_missing_and_refuses_until_it_is_there() {
    let world = World::with_firm();
    open(&world, &[]);
    let said = world.carnet(&["breach", "close", "2026-001"]).code(5);
    for flag in [
        "--from",
        "--facts",
        "--persons-number",
        "--measures",
        "--encryption",
        "--risk",
        "--notify",
        "--lessons",
    ] {
        assert!(said.err.contains(flag), "{flag}: {}", said.err);
    }
    world.carnet(&[&["breach", "edit", "2026-001"], &ALL[..]].concat()).ok();
    let said = world.carnet(&["breach", "close", "2026-001"]).code(5);
    assert!(said.err.contains("--not-informed") && !said.err.contains("--facts"), "{}", said.err);
    world.carnet(&["breach", "edit", "2026-001", "--not-informed", "no-high-risk"]).ok();
    let head = world.head();
    world.carnet(&["breach", "close", "2026-001", "--dry-run"]).ok();
    assert_eq!(world.head(), head);
    // A risk has to be notified, whatever was decided.
    world.carnet(&["breach", "edit", "2026-001", "--risk", "risk"]).ok();
    assert!(world.carnet(&["breach", "close", "2026-001"]).code(5).err.contains("Art. 33(1)"));
    world.carnet(&["breach", "edit", "2026-001", "--risk", "unlikely"]).ok();
    world.carnet(&["breach", "close", "2026-001"]).ok();
    assert!(world.carnet(&["breach", "list", "-q"]).ok().out.is_empty());
    assert_eq!(world.carnet(&["breach", "list", "--all", "--json"]).ok().json()[0]["state"], "closed");
    world.carnet(&["breach", "edit", "2026-001", "--risk", "high"]).code(5);
    world.carnet(&["breach", "close", "2026-001"]).code(5);
    world.carnet(&["verify"]).ok();
}
