//! The catalogue against the source: no French that nothing says any more, and no message that is not said in French.
//!
//! A message is a string literal outside tests and attributes that reads as prose, whatever becomes of it. What looks like one
//! and is none, or stays English, stands in [`kept::KEPT`] with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::kept::{KEPT, KEPT_FILES, MADE};
use super::literals::{Found, literals, pattern};

/// Whether a text is prose: two words of small letters outside of commands, with a space between.
fn is_prose(text: &str) -> bool {
    let plain: String = text.split('`').step_by(2).collect();
    let words = plain.split(|c: char| !(c.is_alphabetic() || c == '\'')).filter(|word| {
        word.chars().count() > 1 && word.chars().skip(1).all(|c| c.is_lowercase() || c == '\'')
    });
    text.trim().contains(' ') && words.count() >= 2
}

/// Whether a text is a command or a flag alone, which is the same in every language.
fn is_command(text: &str) -> bool {
    let bare = |word: &&str| word.chars().all(char::is_lowercase);
    let more = text.split(' ').skip_while(bare).collect::<Vec<_>>();
    let values = more.windows(2).filter(|pair| bare(&pair[1]) && !pair[0].starts_with('-')).count();
    ["carnet ", "git ", "--", "{} --"].iter().any(|start| text.starts_with(start))
        && !text.contains([';', ','])
        && !text.contains(": ")
        && text.split(' ').take_while(bare).count() <= 4
        && values <= 1
}

/// Whether a text is the subject of a commit, which is English for everybody: `contact: add {}`.
fn is_subject(text: &str) -> bool {
    let nouns = "access book breach consent contact deal history init member organisation request retention settings sync \
                 templates undo wording {}";
    text.split_once(": ").is_some_and(|(noun, _)| nouns.split_whitespace().any(|n| n == noun))
}

/// Whether `text` fits `pattern` with values that are all right, however it is divided among the holes.
fn divides(pattern: &str, text: &str, right: &dyn Fn(&str) -> bool) -> bool {
    fn rest(pieces: &[&str], text: &str, right: &dyn Fn(&str) -> bool) -> bool {
        match pieces {
            [] => text.is_empty(),
            [last] => text.strip_suffix(last).is_some_and(right),
            [piece, more @ ..] => text
                .match_indices(piece)
                .any(|(at, _)| right(&text[..at]) && rest(more, &text[at + piece.len()..], right)),
        }
    }
    let pieces: Vec<&str> = pattern.split("{}").collect();
    let Some((first, more)) = pieces.split_first() else { return false };
    text.strip_prefix(first).is_some_and(|text| rest(more, text, right))
}

/// What the source says: literals, and those with values, with the letters of their own.
struct Says {
    literals: BTreeSet<String>,
    patterns: Vec<(String, usize)>,
}

fn letters(text: &str) -> usize {
    text.replace("{}", "").chars().filter(|c| c.is_alphabetic()).count()
}

impl Says {
    fn of(literals: BTreeSet<String>) -> Says {
        let holed = literals.iter().filter(|text| text.contains("{}"));
        let patterns = holed.map(|text| (text.clone(), letters(text).max(2))).collect();
        Says { literals, patterns }
    }
}

/// Whether the source says `text`: as a literal, or as one whose values are said by the source in turn.
fn says(source: &Says, text: &str, depth: usize) -> bool {
    let small: String =
        text.chars().take(1).flat_map(char::to_lowercase).chain(text.chars().skip(1)).collect();
    let known = |text: &str| source.literals.contains(text);
    if text.is_empty() || text == "{}" || known(text) || known(&small) {
        return true;
    }
    // A pattern with little text of its own fits everything and says nothing.
    let length = letters(text);
    depth > 0
        && source.patterns.iter().any(|(pattern, own)| {
            own * 6 >= length && divides(pattern, text, &|value| says(source, value, depth - 1))
        })
}

fn source() -> BTreeMap<String, Vec<Found>> {
    fn add(dir: &Path, root: &Path, all: &mut BTreeMap<String, Vec<Found>>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let file = path.file_stem().unwrap().to_str().unwrap();
            // Tests, and what they share.
            if file == "tests" || file == "testing" || file.ends_with("_tests") {
                continue;
            }
            if path.is_dir() {
                add(&path, root, all);
            } else if name.ends_with(".rs") {
                all.insert(name, literals(&std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = BTreeMap::new();
    add(&root, &root, &mut all);
    all
}

/// The English of the catalogue, by its section.
fn catalogue() -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/terminal/fr");
    for entry in std::fs::read_dir(dir).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for (section, keys) in text.parse::<toml::Table>().unwrap() {
            all.entry(section).or_default().extend(keys.as_table().unwrap().keys().cloned());
        }
    }
    all
}

#[test]
fn no_french_is_left_of_what_nothing_says_any_more() {
    let literals = Says::of(source().into_values().flatten().map(|found| found.text).collect());
    let made: BTreeSet<&str> = MADE.iter().flat_map(|(_, words)| words.iter().copied()).collect();
    let catalogue = catalogue();
    let stale: Vec<&String> = catalogue
        .values()
        .flatten()
        .filter(|key| !made.contains(key.as_str()) && !says(&literals, key, 2))
        .collect();
    assert!(stale.is_empty(), "{} keys of templates/terminal/fr are stale:\n{stale:#?}", stale.len());
}

#[test]
fn every_message_has_its_french_or_a_reason_for_none() {
    let catalogue = catalogue();
    let keys: BTreeSet<&String> = catalogue.values().flatten().collect();
    let kept: BTreeSet<&str> = KEPT.iter().flat_map(|(_, texts)| texts.iter().copied()).collect();
    let instance = |text: &str| text.contains("{}") && keys.iter().any(|key| divides(text, key, &|_| true));
    let mut open = Vec::new();
    let mut said = BTreeSet::new();
    let mut used = BTreeSet::new();
    for (file, found) in source() {
        let kept_file = KEPT_FILES.iter().any(|(name, _)| file.starts_with(name));
        for Found { text, call } in found {
            // A heading or a word is asked for by itself, prose or not.
            let edge = file.starts_with("commands/") || file.starts_with("output/");
            let word = edge
                && ["say", "fill", "words"].contains(&call.as_str())
                && text.contains(char::is_alphabetic)
                && !text.starts_with("carnet.");
            if !word && (kept_file || !is_prose(&text) || is_command(&text) || is_subject(&text))
                || ["pick", "expect"].contains(&call.as_str())
            {
                continue;
            }
            if let Some(kept) = kept.get(text.as_str()) {
                used.insert(*kept);
            } else if keys.contains(&text) || instance(&text) {
                said.insert(text);
            } else {
                open.push(format!("{file}: {text:?}"));
            }
        }
    }
    assert!(open.is_empty(), "{} messages are not said in French:\n{}", open.len(), open.join("\n"));
    let idle: Vec<_> = kept.difference(&used).collect();
    assert!(idle.is_empty(), "kept for nothing: {idle:#?}");
    assert!(said.len() > 1500, "the scan finds only {} messages", said.len());
}

#[test]
fn what_is_filled_stands_in_the_catalogue() {
    let catalogue = catalogue();
    for (file, found) in source() {
        let edge = file.starts_with("commands/") || file.starts_with("output/picker");
        for found in found.into_iter().filter(|found| edge && found.call == "fill") {
            let stands = ["filled", "messages", "places"]
                .iter()
                .any(|section| catalogue[*section].contains(&found.text));
            assert!(stands || !found.text.contains("{}"), "{file}: {:?}", found.text);
        }
    }
}

#[test]
fn the_scan_sees_what_it_should() {
    let found = literals(
        "#[doc = \"no such one\"] fn f() { Error::usage(format!(\"a {x} of {{y}}\")).hint(\"b \\\n  c\"); }
         #[cfg(test)] mod tests { fn g() { \"in a test\"; } } const A: &str = r#\"raw \"one\"\"#;",
    );
    let texts: Vec<&str> = found.iter().map(|f| f.text.as_str()).collect();
    assert_eq!(texts, ["a {} of {y}", "b c", "raw \"one\""]);
    assert_eq!(found[0].call, "format");
    assert!(
        is_prose("the file holds {}")
            && !is_prose("{} {}")
            && !is_prose("`carnet list` {}")
            && !is_prose("SHA-256 {}")
    );
    assert!(is_command("--set title=Manager") && is_command("carnet edit {} --rm-basis {}"));
    assert!(!is_command("carnet failed on the other machine") && !is_command("--auto merges; without"));
    assert!(divides("a{} {} with", "a call with", &|_| true) && !divides("a{} b", "a", &|_| true));
    let literals = Says::of(["{what} contact {}.", "Done with"].map(pattern).into());
    assert!(says(&literals, "Done with contact {}.", 2) && !says(&literals, "Gone with contact {}.", 2));
}
