//! README and docs say only what the program understands, and the tour runs as it is written.

use super::common::{World, said};
use super::{have, parse, words};

/// The lines of fenced `sh` blocks that begin with `carnet`, continued lines joined, with their place.
fn calls() -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|e| e.unwrap().path());
    let mut found = Vec::new();
    for file in std::iter::once(root.join("README.md"))
        .chain(docs.filter(|p| p.extension().is_some_and(|e| e == "md")))
    {
        let text = std::fs::read_to_string(&file).unwrap();
        for block in text.split("```").skip(1).step_by(2) {
            for line in
                block.replace("\\\n", " ").lines().filter(|line| line.trim_start().starts_with("carnet "))
            {
                found.push((file.display().to_string(), line.trim().to_owned()));
            }
        }
    }
    found
}

/// `carnet …` in running text, between single backticks.
fn mentions() -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for name in
        ["README.md", "docs/user-guide.md", "docs/architecture.md", "docs/format.md", "docs/threat-model.md"]
    {
        let text = std::fs::read_to_string(root.join(name)).unwrap();
        let prose: String = text.split("```").step_by(2).collect();
        let spans = prose.split('`').skip(1).step_by(2).filter_map(|span| span.strip_prefix("carnet "));
        found.extend(spans.map(|span| (name.to_owned(), span.to_owned())));
    }
    found
}

#[test]
fn every_call_in_the_docs_is_understood() {
    let world = World::new();
    let calls = calls();
    assert!(calls.len() >= 10, "{calls:?}");
    for (place, line) in calls {
        for call in words(&world, &line) {
            parse(&call).unwrap_or_else(|e| panic!("{place}: {line}: {e}"));
        }
    }
    let mentions = mentions();
    assert!(!mentions.is_empty());
    for (place, text) in mentions {
        let word = text.split(' ').next().unwrap_or_default();
        // Capitals stand for any command.
        let placeholder = word.chars().all(|c| c.is_ascii_uppercase());
        let known = carnet::cli::command().find_subcommand(word).is_some();
        assert!(placeholder || known, "{place}: there is no `carnet {word}`");
    }
}

/// README's tour, typed into a terminal by somebody who has just installed carnet.
#[test]
fn the_five_minutes_run_as_written() {
    if !have("script", "the tour of README.md") {
        return;
    }
    let readme = include_str!("../../README.md");
    let tour = readme.split("## Five minutes\n```sh\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(tour.starts_with("carnet init firm") && tour.contains("carnet report --out"), "{tour}");
    let world = World::new();
    let home = world.path().join("home");
    let card = include_bytes!("../fixtures/interchange/iphone.vcf");
    // The reader's own file: wherever they are when they import it.
    std::fs::write(world.path().join("contacts.vcf"), card).unwrap();
    let tour = tour.replace("cd firm\n", "cd firm\ncp ../../contacts.vcf .\n");
    std::fs::write(home.join("tour.sh"), format!("set -ex\n{tour}")).unwrap();
    std::fs::write(world.path().join("passphrase"), "correct horse\n").unwrap();
    std::fs::write(world.path().join("typed"), "y\ny\n").unwrap();
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_carnet")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(bin.to_path_buf()).chain(std::env::split_paths(&path)));
    let mut script = world.command("script", &home);
    let typed = std::fs::File::open(world.path().join("typed")).unwrap();
    script
        .args(["-qec", "sh tour.sh", "/dev/null"])
        .env("PATH", path.unwrap())
        .env("CARNET_PASSPHRASE_FILE", world.path().join("passphrase"))
        .env("GIT_PAGER", "cat")
        .stdin(typed);
    let seen = said(script.output().unwrap()).ok();
    for text in ["Jeanne Dupont", "+33612345678", "Imported ", "Erased contact", "OK: ", "site/index.html"] {
        assert!(seen.out.contains(text), "no {text:?} in:\n{}", seen.out);
    }
    assert!(home.join("site/index.html").exists());
}
