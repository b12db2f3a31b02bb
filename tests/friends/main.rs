//! The programs beside carnet: address books of khard, phones behind vdirsyncer, neomutt. The real ones, where they are.

#[path = "../common/mod.rs"]
mod common;

mod mail;
mod mapping;
mod vdir;
mod vdir_import;
mod vdir_meanwhile;

use std::path::{Path, PathBuf};

use common::World;

/// Whether a program is here; a test without its witness says aloud that it did not run.
fn have(program: &str, what: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()));
    if !found {
        println!("SKIPPED: {what}: {program} is not here");
    }
    found
}

/// The fenced block of docs/mail-clients.md in this language.
fn block(language: &str) -> String {
    let docs = include_str!("../../docs/mail-clients.md");
    let start = format!("```{language}\n");
    let text = docs.split(&start).nth(1).unwrap_or_else(|| panic!("no block of {language}"));
    text.split("```").next().unwrap().to_owned()
}

/// The PATH with this build of carnet in front.
fn path_with_carnet() -> std::ffi::OsString {
    let bin = Path::new(env!("CARGO_BIN_EXE_carnet")).parent().unwrap().to_path_buf();
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&path))).unwrap()
}

/// The cards of a vdir: name and text.
fn cards(dir: &Path) -> Vec<(String, String)> {
    let mut cards: Vec<(String, String)> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "vcf"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.file_name().unwrap().to_string_lossy().into_owned(), text)
        })
        .collect();
    cards.sort();
    cards
}

/// A firm with two contacts and their cards in `cards`.
struct Book {
    world: World,
    dir: PathBuf,
    jeanne: String,
    acme: String,
}

impl Book {
    fn new() -> Book {
        let world = World::with_firm();
        let jeanne = world.add(
            "Jeanne Dupont",
            &[
                "--email",
                "jeanne@example.org",
                "--phone",
                "06 12 34 56 78",
                "--org",
                "Acme",
                "--set",
                "size=38",
            ],
        );
        let acme = world.add("Éloïse Petit", &["--email", "work:eloise@example.com", "--tag", "vip"]);
        // Where the snippets of the docs have it.
        let dir = world.path().join("home/.contacts/firm");
        let book = Book { world, dir, jeanne, acme };
        book.export(&[]).ok();
        book
    }

    fn dir(&self) -> &str {
        self.dir.to_str().unwrap()
    }

    fn export(&self, more: &[&str]) -> common::Said {
        self.world.carnet(&[&["export", "--format", "vdir", self.dir()], more].concat())
    }

    fn import(&self, more: &[&str]) -> common::Said {
        self.world.carnet(&[&["import", self.dir()], more].concat())
    }

    fn file(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.vcf"))
    }

    fn card(&self, id: &str) -> String {
        std::fs::read_to_string(self.file(id)).unwrap()
    }

    /// Changes a card as another program would.
    fn change(&self, id: &str, from: &str, to: &str) {
        let card = self.card(id);
        assert!(card.contains(from), "{card}");
        std::fs::write(self.file(id), card.replace(from, to)).unwrap();
    }

    fn shown(&self, id: &str) -> serde_json::Value {
        self.world.carnet(&["show", id, "--json"]).ok().json()
    }

    fn accesses(&self, action: &str) -> Vec<serde_json::Value> {
        let lines = self.world.carnet(&["history", "--access", "--json"]).ok().json();
        let all = lines.as_array().or(lines["lines"].as_array()).unwrap();
        all.iter().filter(|line| line["action"] == action).cloned().collect()
    }
}
