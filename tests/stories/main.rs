//! Stories: what four firms really do over weeks, typed as they would type it, over input as messy as theirs is.
//!
//! Each asserts what a person must see at each step, what plain git and gpg read, and that compliance came along by itself: at
//! the end the audit has nothing to say or names what is left, the report is written, and `verify` finds nothing.

#[path = "../common/mod.rs"]
mod common;

mod agency;
mod association;
mod freelancer;
mod shop;

use std::path::{Path, PathBuf};

use common::{Said, World, said};

/// Runs a line in a shell, `carnet` being this build, in the firm's data repository.
fn typed(world: &World, line: &str) -> Said {
    typed_in(world, &world.firm(), line)
}

fn typed_in(world: &World, dir: &Path, line: &str) -> Said {
    let program = Path::new(env!("CARGO_BIN_EXE_carnet")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = world.command("bash", dir);
    let begun = std::time::Instant::now();
    let output = command.env("PATH", path).args(["-o", "pipefail", "-c", line]).output().unwrap();
    // What somebody would wait for is seen with --nocapture.
    if begun.elapsed().as_millis() > 500 {
        println!("{:5.1} s  {line}", begun.elapsed().as_secs_f64());
    }
    said(output)
}

/// A file of this directory's `fixtures`, copied beside the firm as somebody's download.
fn download(world: &World, name: &str) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories/fixtures").join(name);
    let to = world.path().join(name);
    std::fs::copy(from, &to).unwrap();
    to
}

/// Text in Windows-1252, as French spreadsheets save it.
fn windows(text: &str) -> Vec<u8> {
    let (bytes, _, lost) = encoding_rs::WINDOWS_1252.encode(text);
    assert!(!lost, "the fixture has characters that Windows-1252 has not");
    bytes.into_owned()
}

/// All of these stand in a text.
#[track_caller]
fn has(text: &str, all: &[&str]) {
    for one in all {
        assert!(text.contains(one), "{one:?} is not in:\n{text}");
    }
}

/// Codes of the audit's findings, each once.
fn findings(world: &World) -> Vec<String> {
    let audit = typed(world, "carnet audit --json").json();
    let mut codes: Vec<String> = audit["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["code"].as_str().unwrap().to_owned())
        .collect();
    codes.sort();
    codes.dedup();
    codes
}

/// What the law wants to be said of a firm, its purposes and its members, so that the audit has nothing more to say.
fn put_in_order(world: &World, member: &str, purposes: &[&str]) {
    typed(
        world,
        "carnet organisation edit --set siren='732 829 320' --set address='1 quai des Tests, 14000 Caen' \
         --set privacy_contact=rgpd@firm.example",
    )
    .ok();
    for purpose in purposes {
        typed(world, &format!("carnet purpose review {purpose} --next 2028-11-01")).ok();
    }
    typed(world, &format!("carnet training add {member} --topic 'RGPD : les bases'")).ok();
}

/// The report, checked by carnet and by the tools that its reader has.
fn report(world: &World) {
    typed(world, "carnet report --out ../site && carnet report --check ../site").ok();
    let site = world.path().join("site");
    typed_in(world, &site, "sha256sum --quiet --check SHA256SUMS").ok();
}

/// Whether a text stands in any object of git's history, in a commit's message or in a path.
fn history_holds(world: &World, text: &str) -> bool {
    let all = typed(
        world,
        "git log --all --format='%B' && git rev-list --all --objects | cut -d' ' -f1 | git cat-file --batch",
    );
    memchr::memmem::find(all.out.as_bytes(), text.as_bytes()).is_some()
}
