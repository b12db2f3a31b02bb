//! Every command that a hint, a message, a help text or the docs name is one that the program understands.

use std::path::{Path, PathBuf};

use clap::error::ErrorKind;

use super::common::World;
use super::words;

/// Where a command was named, and as what.
struct Named {
    place: String,
    text: String,
    /// In a hint: it has to run as it stands, once what is in capitals is filled in.
    hint: bool,
}

fn files(dir: &str, found: &mut Vec<PathBuf>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
    let all =
        walkdir::WalkDir::new(root).sort_by_file_name().into_iter().map(|entry| entry.unwrap().into_path());
    found.extend(all.filter(|path| {
        path.is_file()
            && path.extension().is_some_and(|e| ["rs", "md", "toml", "html"].iter().any(|known| e == *known))
    }));
}

/// What stands between single backquotes and begins with `carnet`.
fn spans(text: &str) -> impl Iterator<Item = (usize, String)> + '_ {
    text.match_indices("`carnet ").filter_map(|(at, _)| {
        let inside = text.get(at + 1..)?.split('`').next()?;
        let line = inside.split_whitespace().collect::<Vec<_>>().join(" ");
        (line.len() < 200).then_some((at, line))
    })
}

/// Rust as a reader of its texts sees it: no tests, continued strings and comments as one line.
fn flat(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut out = String::new();
    let mut goes_on = false;
    for line in source.lines() {
        let trimmed = line.trim_start();
        let comment =
            trimmed.strip_prefix("///").or(trimmed.strip_prefix("//!")).or(trimmed.strip_prefix("//"));
        let text = if goes_on { trimmed } else { comment.unwrap_or(line) };
        goes_on = text.ends_with('\\');
        out.push_str(text.strip_suffix('\\').unwrap_or(text));
        if !goes_on {
            out.push('\n');
        }
    }
    out
}

fn all_named() -> Vec<Named> {
    let mut paths = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")];
    ["src", "docs", "templates"].iter().for_each(|dir| files(dir, &mut paths));
    let mut found = Vec::new();
    for path in paths {
        let raw = std::fs::read_to_string(&path).unwrap();
        let rust = path.extension().is_some_and(|e| e == "rs");
        let text = if rust { flat(&raw) } else { raw.split("```").step_by(2).collect() };
        for (at, command) in spans(&text) {
            // The last call before it, or the one around it: `.hint("…`, `.hint(format!("…`.
            let before = &text[text[..at].rfind(".hint(").unwrap_or(at)..at];
            let hint =
                before.starts_with(".hint(") && before.matches('(').count() > before.matches(')').count();
            found.push(Named { place: path.display().to_string(), text: command, hint });
        }
        if rust {
            // A command in a hint stands between backquotes, or nobody sees where it begins and ends.
            for (at, _) in text.match_indices(".hint(") {
                let call = text[at..].split(';').next().unwrap_or_default();
                for (word, _) in call.match_indices("carnet ") {
                    let quoted = call[..word].matches('`').count() % 2 == 1;
                    let next = call[word + 7..].split([' ', '"', '`']).next().unwrap_or_default();
                    let command = carnet::cli::command().find_subcommand(next).is_some();
                    if !quoted && command {
                        let text = format!("UNQUOTED {next}");
                        found.push(Named { place: path.display().to_string(), text, hint: true });
                    }
                }
            }
        }
    }
    found
}

/// What may stand where a text has a value of its own.
const VALUES: [&str; 9] = [
    "3f9a2c1b",
    "customers",
    "2026-12-01",
    "breaches",
    "purpose",
    "R1",
    "error",
    "dir",
    "0123456789ABCDEF0123456789ABCDEF01234567",
];

/// A word in capitals, as a value that the parser can take.
fn plausible(word: &str) -> Option<&'static str> {
    Some(match word {
        "SHELL" => "bash",
        "COMMAND" => "list",
        "REGISTER" => "breaches",
        "HANDLE" | "MEMBER" => "ana",
        "BOOK" | "SLUG" | "PURPOSE" | "NAME" | "STAGE" => "main",
        "FINGERPRINT" => VALUES[8],
        "KEY=VALUE" => "title=x",
        "DAY" => VALUES[2],
        "HOURS" | "N" => "1",
        "WHY" => "unknown-address",
        _ if word.len() > 1 || word == "A" || word == "B" => {
            word.chars().all(|c| c.is_ascii_uppercase() || c == '=' || c == '_').then_some(VALUES[0])?
        }
        _ => return None,
    })
}

/// Whether nothing stands there but the names of a command.
fn command_alone(text: &str) -> bool {
    let mut command = carnet::cli::command();
    text.split(' ').skip(1).all(|word| match command.find_subcommand(word).cloned() {
        Some(sub) => {
            command = sub;
            true
        }
        None => false,
    })
}

/// Why no way to fill in its values makes a command that the parser takes.
fn refused(world: &World, named: &Named) -> Option<String> {
    if let Some(command) = named.text.strip_prefix("UNQUOTED ") {
        return Some(format!("{}: `carnet {command}` without backquotes", named.place));
    }
    // A name alone says which command does it, and that asks for the rest.
    let alone = command_alone(&named.text);
    let open = named.text.contains('…') || !named.hint || alone;
    let text = named
        .text
        .replace("YOU@…", "a@example.org")
        .replace(" … ", " ")
        .replace(" …", "")
        .replace("=…", "=x");
    // `a|b|c` are three commands.
    let alternatives: Vec<String> = match text.split(' ').find(|word| word.contains('|') && word.len() > 1) {
        Some(words) => words.split('|').map(|word| text.replacen(words, word, 1)).collect(),
        None => vec![text],
    };
    alternatives.into_iter().find_map(|text| {
        let mut why = None;
        for value in VALUES {
            let mut filled = String::new();
            let mut rest = text.as_str();
            while let Some((before, after)) = rest.split_once('{') {
                filled.push_str(before);
                filled.push_str(value);
                rest = after.split_once('}').map_or("", |(_, rest)| rest);
            }
            filled.push_str(rest);
            let filled: Vec<&str> = filled.split(' ').map(|word| plausible(word).unwrap_or(word)).collect();
            for call in words(world, &filled.join(" ")) {
                let args = std::iter::once("carnet").chain(call.iter().map(String::as_str));
                why = match carnet::cli::command().try_get_matches_from(args) {
                    Ok(_) => None,
                    Err(e) if !e.use_stderr() => None,
                    // Named, not told to be run.
                    Err(e) if open && e.kind() == ErrorKind::MissingRequiredArgument => None,
                    Err(e) if open && e.kind() == ErrorKind::MissingSubcommand => None,
                    Err(e) if open && e.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => None,
                    Err(e)
                        if open
                            && e.kind() == ErrorKind::InvalidValue
                            && e.to_string().contains("value is required") =>
                    {
                        None
                    }
                    Err(e) => Some(format!(
                        "{}: `{}`: {}",
                        named.place,
                        named.text,
                        e.to_string().lines().next().unwrap_or_default()
                    )),
                };
            }
            why.as_ref()?;
            if !text.contains('{') {
                break;
            }
        }
        why
    })
}

#[test]
fn every_command_that_is_named_is_understood() {
    let world = World::new();
    let named = all_named();
    assert!(named.iter().filter(|n| n.hint).count() > 100 && named.len() > 250, "{}", named.len());
    let wrong: Vec<String> = named.iter().filter_map(|named| refused(&world, named)).collect();
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_wrong_command_or_flag_is_noticed() {
    let world = World::new();
    let of = |text: &str, hint| refused(&world, &Named { place: "here".into(), text: text.into(), hint });
    for wrong in
        ["carnet lst", "carnet list --tga x", "carnet erase {} --reason {nothing} --x", "carnet deal wn DEAL"]
    {
        assert!(of(wrong, false).is_some() && of(wrong, true).is_some(), "{wrong}");
    }
    assert!(of("carnet request pause 2026-001", true).is_some(), "told to be run, and does not");
    assert!(of("carnet request pause", true).is_none(), "named");
    assert!(of("carnet search save|list|remove", false).is_none());
    assert!(of("carnet search save|lst", false).is_some());
}
