//! The static site: what is on it, what never is, and how it takes its place.

#[path = "../common/mod.rs"]
mod common;
mod figures;
mod formats;
mod golden;
mod html;
mod incremental;
mod leaks;
mod manifest;
mod nominative;
mod pages;
mod paging;
mod place;
mod since;
mod templates;
mod watch;

use std::collections::BTreeMap;
use std::path::Path;

use common::{Said, World};

const PAGES: [&str; 21] = [
    "access.html",
    "audit.html",
    "bases.html",
    "books.html",
    "breaches.html",
    "changes.html",
    "check.html",
    "consent.html",
    "erasures.html",
    "index.html",
    "map.html",
    "processing.html",
    "processors.html",
    "purpose-customers.html",
    "purpose-newsletter.html",
    "purpose-prospects.html",
    "requests.html",
    "retention.html",
    "since.html",
    "trainings.html",
    "wordings.html",
];

fn report(world: &World, more: &[&str]) -> Said {
    let mut args = vec!["report", "--out", "../site", "--exact"];
    args.extend_from_slice(more);
    world.carnet(&args)
}

/// Every file below `dir`, by its path.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let found =
        walkdir::WalkDir::new(dir).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file());
    found
        .map(|e| {
            let path = e.path().strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
            (path, std::fs::read(e.path()).unwrap())
        })
        .collect()
}

fn site(world: &World) -> BTreeMap<String, String> {
    files(&world.path().join("site")).into_iter().map(|(p, b)| (p, String::from_utf8(b).unwrap())).collect()
}

/// Replaces a committed file of the data repository, as a person with git would.
fn commit_file(world: &World, path: &str, change: impl Fn(&str) -> String) {
    let full = world.firm().join(path);
    let old = std::fs::read_to_string(&full).unwrap_or_default();
    std::fs::write(&full, change(&old)).unwrap();
    world.git(&["add", path]).ok();
    world.git(&["commit", "--no-gpg-sign", "-m", "by hand"]).ok();
}

/// A contact with consents: `$EDITOR` appends the TOML to its form.
fn append(world: &World, id: &str, toml: &str) {
    use std::os::unix::fs::PermissionsExt;
    let script = world.path().join("editor.sh");
    std::fs::write(&script, format!("#!/bin/sh\ncat >> \"$1\" <<'END'\n{toml}\nEND\n")).unwrap();
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    common::said(command.args(["edit", id]).env("EDITOR", &script).output().unwrap()).ok();
}
