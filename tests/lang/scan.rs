//! The catalogue against the source: no French that nothing says any more, and no message that is not said in French.
//!
//! A message is a string literal outside tests and attributes that reads as prose, whatever becomes of it. What looks like one
//! and is none, or stays English, stands in [`KEPT`] with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Files whose texts are not said at the terminal by the catalogue, and why.
const KEPT_FILES: [(&str, &str); 17] = [
    ("cli/help.rs", "help is English"),
    ("domain/breach/codes.rs", "both languages stand in it"),
    ("domain/certificate.rs", "a document, both languages stand in it"),
    ("domain/consent_proof.rs", "a document, both languages stand in it"),
    ("domain/lawful/rule.rs", "both languages stand in it"),
    ("domain/registers/country.rs", "both languages stand in it"),
    ("domain/registers/starter.rs", "registers, both languages stand in it"),
    ("domain/registers/words.rs", "both languages stand in it"),
    ("domain/retention/defaults.rs", "registers, both languages stand in it"),
    ("interchange/header.rs", "what columns are called in files"),
    ("interchange/names.rs", "what columns are called in files"),
    ("reports/map/", "a picture with texts of its own language"),
    ("reports/notice/render.rs", "HTML"),
    ("reports/pictures/", "SVG and HTML"),
    ("reports/rows.rs", "HTML"),
    ("reports/views/", "pages, whose messages stand in templates/report"),
    ("store/push.rs", "what git and carnet's hook say to programs"),
];

/// Texts that stay as they are, by why.
const KEPT: &[(&str, &[&str])] = &[
    ("what git, ssh and the system say, to be recognised", GIT),
    ("an example, a command or a file's own text: the same in every language", SAME),
    ("part of a commit's message", COMMIT),
    ("a part of messages that stand whole in the catalogue", PARTS),
    ("for whoever works on carnet, or on a template of their own", INSIDE),
];
const GIT: &[&str] = &[];
const SAME: &[&str] = &[];
const COMMIT: &[&str] = &[];
const PARTS: &[&str] = &[];
const INSIDE: &[&str] = &[];

/// Words of the catalogue that the source makes without a literal, and of what.
const MADE: &[(&str, &[&str])] = &[(
    "months, as chrono writes them",
    &[
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ],
)];

/// A literal: its text with `{}` for each value, and the call or macro in which it stands.
struct Found {
    text: String,
    call: String,
}

fn literals(source: &str) -> Vec<Found> {
    let mut found = Vec::new();
    walk(source.parse().expect("Rust"), "", &mut found);
    found
}

fn walk(tokens: TokenStream, call: &str, found: &mut Vec<Found>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Punct(p) if p.as_char() == '#' => {
                let bang = matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == '!');
                let Some(TokenTree::Group(attribute)) = tokens.get(at + usize::from(bang)) else { continue };
                if attribute.delimiter() != Delimiter::Bracket {
                    continue;
                }
                at += 1 + usize::from(bang);
                let text = attribute.stream().to_string().replace(' ', "");
                if text.starts_with("cfg(test") || text == "test" {
                    at = after_item(&tokens, at);
                }
            }
            TokenTree::Group(group) => {
                let name = (0..at - 1).rev().map(|n| tokens[n].to_string()).take_while(|t| t != ";" && t != ",");
                let name = name.take(2).find(|t| t != "!" && t.chars().all(|c| c.is_alphanumeric() || c == '_'));
                walk(group.stream(), name.as_deref().unwrap_or(call), found);
            }
            TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    found.push(Found { text: pattern(&text.value()), call: call.to_owned() });
                }
            }
            _ => {}
        }
    }
}

/// Where the item that begins at `at` is over.
fn after_item(tokens: &[TokenTree], mut at: usize) -> usize {
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
            TokenTree::Punct(p) if p.as_char() == ';' => break,
            _ => {}
        }
    }
    at
}

/// A format string with `{}` for each value.
fn pattern(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(open) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(open);
        out.push_str(before);
        match (after.get(..2), after.find('}')) {
            (Some("{{" | "}}"), _) => {
                out.push_str(&after[..1]);
                rest = &after[2..];
            }
            (_, Some(close)) if after.starts_with('{') => {
                out.push_str("{}");
                rest = &after[close + 1..];
            }
            _ => {
                out.push_str(&after[..1]);
                rest = &after[1..];
            }
        }
    }
    out + rest
}

/// Whether a text is prose: two words of small letters outside of commands, with a space between.
fn is_prose(text: &str) -> bool {
    let plain: String = text.split('`').step_by(2).collect();
    let words = plain.split(|c: char| !(c.is_alphabetic() || c == '\'')).filter(|word| {
        word.chars().count() > 1 && word.chars().skip(1).all(|c| c.is_lowercase() || c == '\'')
    });
    text.trim().contains(' ') && words.count() >= 2
}

/// What stands in the holes of `pattern` where `text` fits it; a value may be empty.
fn holes<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut pieces = pattern.split("{}");
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, between)) = pieces.split_last() else { return rest.is_empty().then(Vec::new) };
    rest = rest.strip_suffix(last)?;
    let mut values = Vec::new();
    for piece in between {
        let (value, after) = rest.split_once(piece)?;
        values.push(value);
        rest = after;
    }
    values.push(rest);
    Some(values)
}

/// Whether the source says `text`: as a literal, or as one whose values are said by the source in turn.
fn says(literals: &BTreeSet<String>, text: &str, depth: usize) -> bool {
    let small: String = text.chars().take(1).flat_map(char::to_lowercase).chain(text.chars().skip(1)).collect();
    if text.is_empty() || text == "{}" || literals.contains(text) || literals.contains(&small) {
        return true;
    }
    let fits = |pattern: &String| {
        pattern.contains("{}")
            && pattern.len() > 6
            && holes(pattern, text).is_some_and(|values| values.iter().all(|v| says(literals, v, depth - 1)))
    };
    depth > 0 && literals.iter().any(fits)
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
    let literals: BTreeSet<String> = source().into_values().flatten().map(|found| found.text).collect();
    let made: BTreeSet<&str> = MADE.iter().flat_map(|(_, words)| words.iter().copied()).collect();
    let catalogue = catalogue();
    let stale: Vec<&String> = catalogue
        .values()
        .flatten()
        .filter(|key| !made.contains(key.as_str()) && !says(&literals, key, 3))
        .collect();
    assert!(stale.is_empty(), "{} keys of templates/terminal/fr are stale:\n{stale:#?}", stale.len());
}

#[test]
fn every_message_has_its_french_or_a_reason_for_none() {
    let catalogue = catalogue();
    let keys: BTreeSet<&String> = catalogue.values().flatten().collect();
    let kept: BTreeSet<&str> = KEPT.iter().flat_map(|(_, texts)| texts.iter().copied()).collect();
    let instance = |text: &str| {
        text.contains("{}") && keys.iter().any(|key| holes(text, key).is_some_and(|v| !v.contains(&"")))
    };
    let mut open = Vec::new();
    let mut said = BTreeSet::new();
    let mut used = BTreeSet::new();
    for (file, found) in source() {
        let kept_file = KEPT_FILES.iter().any(|(name, _)| file.starts_with(name));
        for Found { text, call } in found {
            // A heading or a word is asked for by itself, prose or not.
            let word = ["say", "fill", "words"].contains(&call.as_str()) && text.chars().any(char::is_alphabetic);
            if kept_file && !word || !is_prose(&text) && !word || ["pick", "expect", "cfg"].contains(&&*call) {
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
        for found in found.into_iter().filter(|found| found.call == "fill") {
            let stands = ["filled", "messages"].iter().any(|section| catalogue[*section].contains(&found.text));
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
    assert!(is_prose("the file holds {}") && !is_prose("{} {}") && !is_prose("`carnet list` {}") && !is_prose("SHA-256 {}"));
    assert_eq!(holes("a{} {} with", "a call with"), Some(vec!["", "call"]));
    let literals: BTreeSet<String> = ["{what} contact {}.", "Done with"].map(pattern).into();
    assert!(says(&literals, "Done with contact {}.", 2) && !says(&literals, "Gone with contact {}.", 2));
}
