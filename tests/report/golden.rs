//! Whole pages of the demo firm (`example-repo/make.sh`), compared with files. `CARNET_BLESS=1` writes these anew.
//!
//! What differs from run to run is written as its length: ids of contacts, commits and clones, fingerprints, and the
//! random end of a reference.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::said;

const DIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/report/golden");

/// Makes the demo firm and its site in `dir`.
fn demo(dir: &Path) -> PathBuf {
    let carnet = env!("CARGO_BIN_EXE_carnet");
    let make = concat!(env!("CARGO_MANIFEST_DIR"), "/example-repo/make.sh");
    let firm = dir.join("demo");
    said(Command::new(make).arg(&firm).env("CARNET", carnet).output().unwrap()).ok();
    let (home, site) = (firm.join("home"), dir.join("site"));
    let mut command = Command::new(carnet);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", &home).env("XDG_DATA_HOME", home.join("data"));
    command.env("CARNET_NOW", "2026-11-23T10:00:00Z").env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.arg("-C").arg(firm.join("firm")).args(["report", "--lang", "both", "--out"]).arg(&site);
    said(command.output().unwrap()).ok();
    site
}

/// The page with what is random written as its length.
fn normal(page: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in page.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() {
            word.push(c);
            continue;
        }
        out.push_str(&normal_word(&word, &out));
        word.clear();
        out.push(c);
    }
    out.pop();
    out
}

fn normal_word(word: &str, before: &str) -> String {
    let hex = !word.is_empty() && word.chars().all(|c| c.is_ascii_hexdigit());
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    // `2026-001-4f7c`: a year, a number, four random digits.
    let mut parts = before.rsplit('-');
    let (empty, number, year) = (parts.next(), parts.next(), parts.next());
    let of_reference = word.len() == 4
        && empty == Some("")
        && number.is_some_and(|n| n.len() == 3 && digits(n))
        && year.and_then(|y| y.get(y.len().checked_sub(4)?..)).is_some_and(digits);
    match word.len() {
        8 | 10 | 16 | 40 if hex => format!("[{}]", word.len()),
        // The anchor of a change is its commit behind a `c`.
        11 if word.strip_prefix('c').is_some_and(|id| id.chars().all(|c| c.is_ascii_hexdigit())) => {
            "c[10]".to_owned()
        }
        4 if hex && of_reference => "[4]".to_owned(),
        _ => word.to_owned(),
    }
}

#[test]
fn what_is_random_is_written_as_its_length() {
    assert_eq!(
        normal("<a id=\"breach-2026-001-4f7c\">0a1b2c3d, 8 h 40, 2026-11-23, deadbeef</a>"),
        "<a id=\"breach-2026-001-[4]\">[8], 8 h 40, 2026-11-23, [8]</a>"
    );
    assert_eq!(normal("changes.html#cf8df9b2d73"), "changes.html#c[10]");
}

#[test]
fn the_demo_firms_pages_are_those_of_the_files() {
    let dir = tempfile::tempdir().unwrap();
    let site = demo(dir.path());
    let bless = std::env::var_os("CARNET_BLESS").is_some();
    let mut seen = Vec::new();
    for lang in ["en", "fr"] {
        let mut pages: Vec<PathBuf> =
            std::fs::read_dir(site.join(lang)).unwrap().map(|e| e.unwrap().path()).collect();
        pages.retain(|page| page.extension().is_some_and(|ending| ending == "html"));
        pages.sort();
        for page in pages {
            let name = format!("{lang}/{}", page.file_name().unwrap().to_str().unwrap());
            let text = normal(&std::fs::read_to_string(&page).unwrap());
            let file = Path::new(DIR).join(&name);
            if bless {
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(&file, &text).unwrap();
            }
            let golden = std::fs::read_to_string(&file).unwrap_or_default();
            let differs = text.lines().zip(golden.lines()).find(|(a, b)| a != b);
            assert!(
                text == golden,
                "{name} is not as its file says (CARNET_BLESS=1 writes it): {differs:#?}"
            );
            seen.push(name);
        }
    }
    let there = walkdir::WalkDir::new(DIR).into_iter().map(Result::unwrap);
    let there = there.filter(|e| e.file_type().is_file()).count();
    assert_eq!(there, seen.len(), "a file of a page that is no more");
}
