//! The catalogue against the source: no French that nothing says any more, and no message that is not said in French.
//!
//! A message is a string literal outside tests and attributes that reads as prose, whatever becomes of it. What looks like one
//! and is none, or stays English, stands in [`KEPT`] with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Files whose texts are not said at the terminal by the catalogue, and why.
const KEPT_FILES: [(&str, &str); 19] = [
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
    ("reports/templates/docs.rs", "docs/templates.md, which is English"),
    (
        "reports/templates/guard.rs",
        "names of HTML's elements; its messages are in the catalogue all the same",
    ),
    ("reports/views/", "pages, whose messages stand in templates/report"),
    ("store/push.rs", "what git and carnet's hook say to programs"),
];

/// Texts that stay as they are, by why.
const KEPT: &[(&str, &[&str])] = &[
    ("what git, ssh and the system say, to be recognised", GIT),
    ("an example, a command or a file's own text: the same in every language", SAME),
    ("a commit's message or an access entry's", COMMIT),
    ("a part of messages that stand whole in the catalogue", PARTS),
    ("for whoever works on carnet, or on a template of their own", INSIDE),
];

const GIT: &[&str] = &[
    "No space left on device",
    "Read-only file system",
    "Permission denied",
    "not our ref",
    "did not send all necessary objects",
    "bad object",
    "bad tree object",
    "unable to read ",
    "remote error: upload-pack",
    "error: failed to push some refs",
    "Please make sure",
    "and the repository exists",
    "unknown variant",
    "unknown field",
    "invalid type",
    "invalid value",
    "ssh -o BatchMode=yes",
];

const SAME: &[&str] = &[
    "training add",
    "agreement add",
    "member add",
    "search remove",
    "no-repository",
    "locked",
    "no-key",
    "is locked",
    "Ana Martin",
    "due<0d or due:today",
    "Dr, Mme",
    "aucun aucune inconnu n/a na nc neant nil none non null unknown x",
    "work email",
    "home email",
    "work phone",
    "home phone",
    "address extra",
    "home street",
    "home postcode",
    "home city",
    "home country",
    "address {} type",
    "Monica (account export, JSON)",
    "id, book",
    "carnet.toml, [organisation]",
    "carnet.toml, defaults.basis",
    "carnet.toml, time_zone",
    "carnet.toml, pipeline.stages",
    "carnet.toml, retention.default",
    "name = \"\"\nservice = \"\"\n",
    "title = \"\"\npurpose = \"\"\nbases = []\n",
    "\"Atelier Dupont\"",
    "[\"jeanne@example.org\", {}]",
    "\"\"\"\n# several lines\n# \"\"\"",
    "#   {} consent, contract, legal-obligation, vital-interests, public-task, legitimate-interests\n\n",
    "# [[basis]]\n# purpose = \"prospects\"\n# basis = \"legitimate-interests\"\n",
    "The controller (Art. 4(7) GDPR); fill in what applies",
    "Used when a flag is not given",
    "Le responsable de traitement (art. 4, 7) du RGPD) ; à compléter",
    "Valeurs quand l'option n'est pas donnée",
    "format = {}\nlang = {}\n\n# {}\n[organisation]\nname = {}\nsiren = \"\"\naddress = \"\"\nrepresentative = \"\"\n\
     dpo = \"\"\nprivacy_contact = \"\"\nauthority = \"CNIL\"\n\n# {}\n[defaults]\nbook = {}\ncountry = \"FR\"\n\
     # source = \"website form\"\n# basis = [\"prospects:legitimate-interests\"]\n\n[retention]\naccess_months = 12\n",
    "\"Confidentiality agreement\"",
    "\"Atelier Martin SARL\"",
    "\"3 rue des Lilas, 69003 Lyon\"",
    "\"Ana Martin, manager\"",
    "\"sending the newsletter\"",
    "\"envoi de la lettre d'information\"",
    "\"deleted within 30 days, certificate\"",
    "name = \"HostCo\"\nservice = \"hosting\"\ncountry = \"DE\"",
    "category = \"prospects\"",
    "ground = \"Art. L123-22 Code de commerce\"",
    "accueil admin bonjour commercial compta contact hello info infos mairie office sales secretariat service support",
    "work fax",
    "home fax",
    "adresse e-mail",
    "email address",
    "adresse email",
    "clé du membre {}",
    "key of member {}",
    "*.toml.pgp diff=carnet merge=carnet -text\n*.toml text eol=lf\n*.asc text eol=lf\n",
    "carnet: field by field, after decryption",
    "{} merge-driver %O %A %B %P",
    "#!/bin/sh\n# Made by `carnet remote init`. Without carnet a push is refused.\nif [ -x {} ]; then exec {} hook {}; fi\n\
     exec carnet hook {}\n",
];

const COMMIT: &[&str] = &["log with", "todo with", "objections: lift {}"];

const PARTS: &[&str] = &[
    "Took links away from",
    "Would record",
    "Would import",
    "Would remove",
    "Merged into",
    "Logged a{} {} with",
    "take objections back of",
    "record an objection of",
    "change the tags of",
    "Took the tag off",
    "Action {} is noted for",
    "Done with",
    "Put off until {} with",
    "Changed how often one wants to hear of",
];

const INSIDE: &[&str] = &[
    "the action {} is not in trailer::ACTIONS (give it a word in `label.action`, too)",
    "put { t.nominative.confidential } on the page",
    "is not defined",
    "is defined in both `",
    " Available fields: ",
    " Available variables: ",
    "no counted message `{}`",
    "a file that was taken out is there",
    "git gives this hook `OLD NEW REF` on each line",
];

/// Words of the catalogue that the source makes without a literal, and of what.
const MADE: &[(&str, &[&str])] = &[
    (
        "months, as chrono writes them",
        &[
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
    ),
    (
        "kinds of links, their hyphens as spaces",
        &[
            "assistant of",
            "assisted by",
            "child of",
            "client of",
            "has part",
            "manager of",
            "owned by",
            "owner of",
            "part of",
            "supplier of",
            "works for",
        ],
    ),
    (
        "what the template engine says, and is told",
        &[
            "field `{}` is not defined.",
            "field `{}` is not defined. There is: {}",
            "variable `{}` is not defined. There is: {}",
            "unexpected end of input",
            "unknown component `{}`",
            "unknown filter `{}`",
            "unknown template `{}`",
            "put {} on the page",
        ],
    ),
    (
        "what the system says",
        &[
            "No such file or directory (os error 2)",
            "Permission denied (os error 13)",
            "Not a directory (os error 20)",
            "Is a directory (os error 21)",
            "No space left on device (os error 28)",
            "Read-only file system (os error 30)",
        ],
    ),
];

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
                let name =
                    (0..at - 1).rev().map(|n| tokens[n].to_string()).take_while(|t| t != ";" && t != ",");
                let name =
                    name.take(2).find(|t| t != "!" && t.chars().all(|c| c.is_alphanumeric() || c == '_'));
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
                 undo wording {}";
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
