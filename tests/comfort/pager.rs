//! What is longer than the screen goes through a pager, at a terminal and nowhere else.

use serde_json::json;

use super::common::World;
use super::{accesses, carnet_at, carnet_with, have};

/// A firm whose list is longer than 24 lines.
fn firm() -> World {
    let world = World::with_firm();
    let rows: String = (0..40).map(|n| format!("Person {n:02},p{n}@example.org\n")).collect();
    let import = ["import", "-", "--format", "csv", "--source", "s", "--basis", "customers:contract"];
    world.carnet_with_input(&import, format!("name,email\n{rows}").as_bytes()).ok();
    world
}

/// A pager that writes down what it was told, and marks what passes.
const MARKS: &str = "env > ../pager-env; sed 's/^/> /'";

#[test]
fn less_pages_a_long_list_and_leaves_the_terminal_as_it_was() {
    if !have("less") {
        return;
    }
    let world = firm();
    let seen = carnet_at(
        &world,
        &[],
        json!(["Person 20", {"rest": 0.3}, {"type": " "}, "Person 39", {"type": "q"}]),
        &["list"],
    );
    assert_eq!(seen.code, 0);
    // It waits at the first screenful.
    let first = seen.screen.split("Person 39").next().unwrap();
    assert!(first.contains("Person 20") && first.contains(':'), "{first}");
}

#[test]
fn the_pager_is_chosen_as_git_does_and_keeps_no_history() {
    let world = firm();
    let pager = [("CARNET_PAGER", MARKS), ("PAGER", "false")];
    let seen = carnet_at(&world, &pager, json!([]), &["list"]);
    assert_eq!(seen.code, 0);
    assert!(seen.screen.contains("> ") && seen.screen.contains("Person 39"), "{}", seen.screen);
    let env = std::fs::read_to_string(world.path().join("pager-env")).unwrap();
    for line in ["LESS=FRX", "LESSHISTFILE=-", "LESSSECURE=1", "LV=-c"] {
        assert!(env.lines().any(|one| one == line), "{line} in {env}");
    }
    // What the user has set stays, but for the history.
    let own = [("CARNET_PAGER", MARKS), ("LESS", "S"), ("LESSHISTFILE", "/tmp/history")];
    carnet_at(&world, &own, json!([]), &["list"]);
    let env = std::fs::read_to_string(world.path().join("pager-env")).unwrap();
    assert!(env.contains("LESS=S\n") && env.contains("LESSHISTFILE=-\n"), "{env}");
    world.git(&["config", "core.pager", "sed s/^/core:/"]).ok();
    assert!(carnet_at(&world, &[("PAGER", "false")], json!([]), &["list"]).screen.contains("core:"));
    assert!(!carnet_at(&world, &[("CARNET_PAGER", "cat")], json!([]), &["list"]).screen.contains("core:"));
    for command in [&["find", "person"][..], &["history"], &["show", "--file", "p1@example.org"]] {
        let seen = carnet_at(&world, &[("LINES", "2")], json!([]), command);
        assert!(seen.screen.contains("core:"), "{command:?}: {}", seen.screen);
    }
}

#[test]
fn it_is_not_used_in_a_pipe_nor_for_little_nor_when_it_is_not_wanted() {
    let world = firm();
    let pager = [("CARNET_PAGER", MARKS)];
    let marked = |args: &[&str], env: &[(&str, &str)]| {
        let env = [&pager[..], env].concat();
        let seen = carnet_at(&world, &env, json!([]), args);
        assert_eq!(seen.code, 0, "{args:?}: {}", seen.screen);
        assert!(seen.screen.contains("Person 0") || !seen.out.is_empty(), "{args:?}: {}", seen.screen);
        seen.screen.contains("> ") || seen.out.contains("> ")
    };
    assert!(marked(&["list"], &[]));
    assert!(!marked(&["list", "--limit", "20"], &[]), "it fits");
    assert!(!marked(&["list", "--no-pager"], &[]));
    assert!(!marked(&["--no-pager", "list"], &[]));
    assert!(!marked(&["list"], &[("STDOUT_PIPE", "1")]));
    assert!(!marked(&["list"], &[("TERM", "dumb")]));
    assert!(!carnet_with(&world, &pager, &["list"]).ok().out.contains("> "));
}

#[test]
fn a_pager_that_ends_early_is_silent_and_the_exit_code_is_the_commands() {
    let world = firm();
    for pager in ["true", "sh -c 'head -1'", "head -n 1"] {
        let seen = carnet_at(&world, &[("CARNET_PAGER", pager), ("LINES", "2")], json!([]), &["history"]);
        assert_eq!(seen.code, 0, "{pager}: {}", seen.screen);
        assert!(!seen.screen.contains("carnet:") && !seen.screen.contains("panicked"), "{}", seen.screen);
    }
    // A commit that nobody signed: verify finds it, whoever reads on.
    world
        .git(&[
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@example.org",
            "-c",
            "commit.gpgSign=false",
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "x",
        ])
        .ok();
    let seen = carnet_at(&world, &[("CARNET_PAGER", "true"), ("LINES", "2")], json!([]), &["verify"]);
    assert_eq!(seen.code, 7, "{}", seen.screen);
    let script = format!("'{}' verify | true; echo ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_carnet"));
    let mut bash = world.command("bash", &world.firm());
    let said = super::said(bash.args(["-c", &script]).output().unwrap());
    assert_eq!((said.out.as_str(), said.err.as_str()), ("7\n", ""));
}

#[test]
fn one_that_is_missing_loses_nothing() {
    let world = firm();
    let before = accesses(&world);
    for pager in ["no-such-pager", "no-such-pager --with 'quotes'"] {
        let seen = carnet_at(&world, &[("CARNET_PAGER", pager)], json!([]), &["list"]);
        assert_eq!(seen.code, 0, "{pager}");
        assert!(
            seen.screen.contains("Person 00") && seen.screen.contains("Person 39"),
            "{pager}: {}",
            seen.screen
        );
    }
    assert_eq!(accesses(&world), before + 2);
}

#[test]
fn messages_come_after_what_they_are_about() {
    let world = firm();
    world
        .carnet(&["consent", "refuse", "--purpose", "prospects", "--channel", "email", "p1@example.org"])
        .ok();
    let pager = [("CARNET_PAGER", "sed 's/^/> /'"), ("LINES", "2")];
    let list = ["consent", "list", "--purpose", "prospects", "--channel", "email", "--state", "refused"];
    let seen = carnet_at(&world, &pager, json!([]), &list);
    let (rows, note) = seen.screen.split_once("1 contact(s), for").unwrap_or_default();
    assert!(rows.contains("> ") && !note.contains("> "), "{}", seen.screen);
    assert!(rows.ends_with('\n'), "{}", seen.screen);
}

/// A file for another program is written as it is, and what it says is made inert on a screen.
#[test]
fn an_export_moves_no_cursor() {
    let world = World::with_firm();
    world.add("\u{1b}]0;owned\u{7}Eve", &["--note", "\u{1b}[2Jgone"]);
    for format in ["csv", "vcard"] {
        let seen = carnet_at(&world, &[], json!([]), &["export", "--format", format]);
        assert!(seen.screen.contains("Eve") && seen.screen.contains("gone"), "{}", seen.screen);
        assert!(
            !seen.screen.contains("\u{1b}]0;owned") && !seen.screen.contains("\u{1b}[2J"),
            "{:?}",
            seen.screen
        );
    }
    assert!(world.carnet(&["export", "--format", "csv"]).ok().out.contains("\u{1b}[2Jgone"));
}
