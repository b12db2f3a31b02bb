//! Comforts of the terminal: completion in real shells, the pager and colours in a real pseudo-terminal, what `carnet` alone
//! says, hooks of one's own, and what a saved search may say.

#[path = "../common/mod.rs"]
mod common;

mod colours;
mod completion;
mod hooks;
mod pager;
mod welcome;

use std::path::Path;

use common::{World, said};
use serde_json::Value;

/// What came of a command at a terminal of 80 columns and 24 lines.
struct Seen {
    screen: String,
    out: String,
    code: i64,
}

/// Runs a program in a pseudo-terminal and types what `script` says (tests/picker/drive.py).
fn at_terminal(world: &World, dir: &Path, env: &[(&str, &str)], script: Value, program: &[&str]) -> Seen {
    let mut python = world.command("python3", dir);
    let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/picker/drive.py");
    python.env("TERM", "xterm").args([driver, &script.to_string(), "80", "24"]).args(program);
    python.envs(env.iter().copied());
    let ran = said(python.output().unwrap()).ok();
    let seen: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(seen["failed"].is_null(), "{program:?}: {seen:#}");
    Seen {
        screen: seen["screen"].as_str().unwrap().to_owned(),
        out: seen["out"].as_str().unwrap().to_owned(),
        code: seen["code"].as_i64().unwrap(),
    }
}

/// `carnet` in the firm at a terminal.
fn carnet_at(world: &World, env: &[(&str, &str)], script: Value, args: &[&str]) -> Seen {
    let program = [&[env!("CARGO_BIN_EXE_carnet")], args].concat();
    at_terminal(world, &world.firm(), env, script, &program)
}

/// `carnet` in the firm, in a pipe, with an environment.
fn carnet_with(world: &World, env: &[(&str, &str)], args: &[&str]) -> common::Said {
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    said(command.envs(env.iter().copied()).args(args).output().unwrap())
}

/// Whether a program is here; where it is not, the test says what it leaves out.
fn have(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let here = std::env::split_paths(&path).any(|dir| dir.join(program).is_file());
    if !here {
        println!("SKIPPED: {program} is not here");
    }
    here
}

/// Number of entries in the access trail.
fn accesses(world: &World) -> usize {
    world.git(&["rev-list", "--glob=refs/carnet/access"]).out.lines().count()
}

#[test]
fn no_plain_search_says_an_address_or_a_word_that_nobody_declared() {
    let world = World::with_firm();
    let plain = || std::fs::read_to_string(world.firm().join("carnet.toml")).unwrap();
    let before = plain();
    for filter in [
        "tag:jeanne@example.org",
        "tag:0612345678",
        "consent:jeanne@example.org",
        "book:'Jeanne Dupont'",
        "purpose:'who bought, in Lyon'",
    ] {
        let said = world.carnet(&["search", "save", "some", filter]).ok();
        assert!(said.err.contains("It is sealed") && !said.err.contains("eanne"), "{}", said.err);
    }
    assert_eq!(plain(), before);
    // A word that the firm has declared stays its word, whoever is called so.
    world.add("Prospects Martin", &[]);
    world.carnet(&["search", "save", "some", "purpose:prospects and book:main and tag:vip"]).ok();
    assert!(plain().contains("some = "));
    assert!(world.carnet(&["search", "save", "other", "tag:prospects"]).ok().err.contains("It is sealed"));
    assert!(!plain().contains("other"));
}
