//! Every action that the sources write is one of [`ACTIONS`]: read from the sources, for some are written by no test.

use super::ACTIONS;

/// Functions that take an action or the end of one: in files whose path has this in it, which argument, and what stands before it.
const CALLS: [(&str, &str, usize, &str); 12] = [
    (".rs", "Entry::new(", 1, ""),
    (".rs", "Access::of_one(", 0, ""),
    (".rs", ".change_all(", 1, ""),
    (".rs", "request_entry_of(", 1, ""),
    (".rs", ".change_request(", 1, "request-"),
    (".rs", ".change_deal(", 1, "deal-"),
    ("commands/deal/", "bring(", 3, "deal-"),
    (".rs", ".change_breach(", 1, "breach-"),
    ("commands/todo.rs", " change(", 3, ""),
    ("vault/deals.rs", "(entry(", 0, "deal-"),
    ("vault/books.rs", "(entry(", 0, "book-"),
    ("vault/breach.rs", "(entry(", 0, "breach-"),
];

/// Arguments that are no literal: what gives them their value is in [`CALLS`], or is read here by its own name.
const GIVEN: [&str; 16] = [
    "action",
    "access.action",
    "step",
    "&format!(\"deal-{step}\")",
    "&format!(\"book-{what}\")",
    "&format!(\"breach-{what}\")",
    "&format!(\"request-{step}\")",
    "&format!(\"consent-{word}\")",
    "&format!(\"{noun}-{action}\")",
    "&format!(\"{noun}-remove\")",
    "LINK",
    "ACTION",
    "action: &str",
    "step: &str",
    "what",
    "what: &str",
];

/// The code of each source file, without its tests.
fn sources() -> Vec<(String, String)> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let files = walkdir::WalkDir::new(root).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = files.filter(|file| file.path().extension().is_some_and(|e| e == "rs"));
    files
        .map(|file| (file.path().display().to_string(), std::fs::read_to_string(file.path()).unwrap()))
        .filter(|(path, _)| !path.contains("/tests") && !path.ends_with("trailer/actions.rs"))
        .map(|(path, text)| (path, text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned()))
        .collect()
}

/// The arguments of a call, from behind its bracket.
fn arguments(text: &str) -> Vec<String> {
    let (mut all, mut one, mut depth, mut quoted) = (Vec::new(), String::new(), 0, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if quoted => {
                one.push(c);
                one.extend(chars.next());
                continue;
            }
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                all.push(std::mem::take(&mut one).trim().to_owned());
                continue;
            }
            _ => {}
        }
        one.push(c);
    }
    all.push(one.trim().to_owned());
    all
}

/// Literals of an expression: of a pair, `("subject", "action")`, the second.
fn words(expression: &str) -> Vec<&str> {
    let literals: Vec<&str> = expression.split('"').skip(1).step_by(2).collect();
    match expression.starts_with('(') {
        true => literals.into_iter().skip(1).collect(),
        false => literals,
    }
}

#[test]
fn every_action_that_is_written_is_known() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        for (file, call, n, before) in CALLS.iter().filter(|(file, ..)| path.contains(file)) {
            for (at, _) in text.match_indices(call) {
                let argument = arguments(&text[at + call.len()..]).into_iter().nth(*n).unwrap_or_default();
                if GIVEN.contains(&argument.as_str()) || argument.ends_with(", action)") {
                    continue;
                }
                let words = words(&argument);
                assert!(!words.is_empty(), "{path} ({file}): {call}…{argument}");
                found.extend(words.into_iter().map(|word| (path.clone(), format!("{before}{word}"))));
            }
        }
        // `Access { action: …`, and what is called `action` before it is handed on.
        for name in [" action: ", "let action = ", "const ACTION: &str = ", "const LINK: &str = "] {
            // These show what others wrote.
            if path.contains("/reports/") || path.ends_with("commands/history.rs") {
                continue;
            }
            for (at, _) in text.match_indices(name) {
                let rest = arguments(&text[at + name.len()..]).swap_remove(0);
                let value = rest.split(';').next().unwrap_or_default();
                let is_text =
                    value.starts_with('"') || value.starts_with("if ") || value.starts_with("match ");
                let literals = if is_text { words(value) } else { Vec::new() };
                found.extend(literals.into_iter().map(|word| (path.clone(), word.to_owned())));
            }
        }
    }
    assert!(found.len() > 70, "{}: the scan no longer sees the sources", found.len());
    for (path, action) in &found {
        assert!(
            ACTIONS.contains(&action.as_str()),
            "{path} writes `{action}`, which is not in trailer::ACTIONS"
        );
    }
    for one in ["deal-won", "object-lift", "todo-snooze", "report-exact", "request-resume", "book-rekey"] {
        assert!(found.iter().any(|(_, action)| action == one), "the scan does not see {one}");
    }
}

#[test]
fn the_list_is_in_order_and_each_of_it_is_made_of_words_in_the_sources() {
    assert!(ACTIONS.is_sorted());
    let all: String = sources()
        .into_iter()
        .filter(|(path, _)| !path.ends_with("domain/trailer.rs"))
        .map(|(_, text)| text)
        .collect();
    for action in ACTIONS {
        let halves = action.split_once('-');
        let whole = all.contains(&format!("\"{action}\""));
        let pieced = halves.is_some_and(|(_, end)| {
            all.contains(&format!("\"{end}\"")) || all.contains(&format!("-{end}\""))
        });
        assert!(whole || pieced, "nothing writes `{action}`");
    }
}
