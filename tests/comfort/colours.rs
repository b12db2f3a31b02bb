//! Colours that mean something, and dates as people say them: at a terminal, and where they were asked for.

use serde_json::json;

use super::common::{World, said};
use super::{carnet_at, carnet_with};

const RED: &str = "\u{1b}[31m";
const YELLOW: &str = "\u{1b}[33m";
const GREEN: &str = "\u{1b}[32m";
const BOLD: &str = "\u{1b}[1m";

fn firm() -> World {
    let world = World::with_firm();
    let id = world.add("Éloïse 東京", &["--tag", "vip", "--email", "e@example.org"]);
    world.add("Bob", &[]);
    world.carnet(&["todo", "add", &id, "late thing", "--due", "2026-11-20"]).ok();
    world.carnet(&["todo", "add", &id, "thing of today", "--due", "2026-11-23"]).ok();
    world.carnet(&["todo", "add", &id, "thing to come", "--due", "2026-11-26"]).ok();
    world.carnet(&["log", "call", &id, "hello", "--at", "2026-11-19"]).ok();
    world
}

#[test]
fn what_is_late_is_red_and_what_is_due_today_yellow() {
    let world = firm();
    let screen = carnet_at(&world, &[], json!([]), &["agenda"]).screen;
    let line = |what: &str| screen.lines().find(|line| line.contains(what)).unwrap_or_default().to_owned();
    assert!(line("late thing").contains(&format!("{RED}2026-11-20")), "{screen:?}");
    assert!(line("thing of today").contains(&format!("{YELLOW}2026-11-23")), "{screen:?}");
    assert!(!line("thing to come").contains(RED) && !line("thing to come").contains(YELLOW), "{screen:?}");
    let screen = carnet_at(&world, &[], json!([]), &["list"]).screen;
    assert!(screen.contains(&format!("{BOLD}NAME")), "{screen:?}");
    assert!(carnet_at(&world, &[], json!([]), &["verify"]).screen.contains(&format!("{GREEN}OK:")));
    world.carnet(&["deal", "add", "Website", "--amount", "4800"]).ok();
    world.carnet(&["deal", "won", "Website"]).ok();
    let screen = carnet_at(&world, &[], json!([]), &["deal", "list", "--all"]).screen;
    assert!(screen.contains(&format!("{GREEN}Website")), "{screen:?}");
    world.carnet(&["erase", "Bob", "--reason", "error", "--yes"]).ok();
    let screen = carnet_at(&world, &[], json!([]), &["history", "--changes", "--no-pager"]).screen;
    assert!(screen.contains("\u{1b}[35merase"), "{screen:?}");
    let screen = carnet_at(&world, &[], json!([]), &["show", "loise", "--no-pager"]).screen;
    assert!(screen.contains(&format!("{RED}late, 3 days ago: late thing")), "{screen:?}");
}

#[test]
fn colours_are_where_they_are_wanted_and_nowhere_else() {
    let world = firm();
    let at = |env: &[(&str, &str)], args: &[&str]| {
        carnet_at(&world, env, json!([]), args).screen.contains('\u{1b}')
    };
    let piped =
        |env: &[(&str, &str)], args: &[&str]| carnet_with(&world, env, args).ok().out.contains('\u{1b}');
    assert!(at(&[], &["list"]));
    assert!(!at(&[("NO_COLOR", "1")], &["list"]));
    assert!(at(&[("NO_COLOR", "")], &["list"]), "empty is unset (no-color.org)");
    assert!(!at(&[("TERM", "dumb")], &["list"]));
    assert!(!at(&[("CLICOLOR", "0")], &["list"]));
    assert!(!at(&[], &["list", "--color", "never"]));
    assert!(!at(&[], &["list", "--json", "--no-pager"]));
    assert!(!piped(&[], &["list"]));
    assert!(piped(&[("CLICOLOR_FORCE", "1")], &["list"]));
    assert!(!piped(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &["list"]));
    assert!(piped(&[], &["list", "--colour", "always"]));
    for answer in [&["list", "--json"][..], &["list", "-q"], &["history", "--json"]] {
        assert!(!piped(&[], &[answer, &["--color", "always"]].concat()), "{answer:?}");
    }
    let err = |args: &[&str]| carnet_with(&world, &[], args).err.contains('\u{1b}');
    assert!(err(&["show", "nobody", "--color", "always"]) && !err(&["show", "nobody"]));
    world.carnet(&["list", "--color", "sometimes"]).code(2);
}

#[test]
fn colours_change_no_width() {
    let world = firm();
    for args in [&["list"][..], &["agenda"], &["history"], &["todo", "list"]] {
        let plain = world.carnet(args).ok().out;
        let coloured = world.carnet(&[args, &["--color", "always"]].concat()).ok().out;
        // `history` has a line more the second time if it reads names; these do not.
        let stripped = anstream::adapter::strip_str(&coloured).to_string();
        let lines = |text: &str| text.lines().rev().take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(lines(&stripped), lines(&plain), "{args:?}");
    }
}

#[test]
fn a_terminal_says_how_long_ago_and_a_pipe_says_when() {
    let mut world = firm();
    world.now = "2026-11-23T12:30:00Z".into();
    let at = |env: &[(&str, &str)], args: &[&str]| carnet_at(&world, env, json!([]), args).screen;
    let history = at(&[], &["history", "--changes", "--no-pager"]);
    assert!(history.contains("2 hours ago") && !history.contains("T10:00:00Z"), "{history}");
    assert!(at(&[], &["history", "--changes", "--no-pager", "--absolute"]).contains("2026-11-23T"));
    assert!(at(&[], &["list"]).contains("4 days ago"));
    assert!(at(&[], &["list", "--absolute"]).contains("2026-11-19"));
    let agenda = at(&[], &["agenda", "--absolute"]);
    assert!(agenda.contains("2026-11-20") && !agenda.contains("days ago"), "{agenda}");
    let shown = at(&[], &["show", "loise", "--absolute"]);
    assert!(shown.contains("2026-11-19, call") && shown.contains("late, 2026-11-20"), "{shown}");
    let french = at(&[("LC_ALL", "fr_FR.UTF-8")], &["history", "--changes", "--no-pager"]);
    assert!(french.contains("il y a 2 heures"), "{french}");
    assert!(at(&[("LC_ALL", "fr_FR.UTF-8")], &["list"]).contains("il y a 4 jours"));
    // In a pipe and in JSON a moment is a moment.
    assert!(world.carnet(&["history", "--changes"]).ok().out.contains("2026-11-23T10:00:00Z"));
    assert!(world.carnet(&["list"]).ok().out.contains("2026-11-19"));
    assert!(at(&[], &["history", "--json", "--no-pager"]).contains("2026-11-23T10:00:00Z"));
    world.git(&["config", "carnet.dates", "absolute"]).ok();
    assert!(at(&[], &["list"]).contains("2026-11-19"));
}

#[test]
fn a_name_cannot_bring_its_own_colours() {
    let world = World::with_firm();
    world.add("Evil", &["--set", "title=x", "--note", "a\u{1b}[31mb"]);
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    let said = said(command.args(["show", "Evil", "--briefing", "--color", "always"]).output().unwrap()).ok();
    assert!(!said.out.contains("\u{1b}[31mb"), "{:?}", said.out);
}
