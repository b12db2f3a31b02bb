//! What the shell may offer next: commands and flags from clap's own engine, values from the data repository.
//!
//! Which values an argument takes is told by the name of its value (`BOOK`, `TAG`, `FILTER`), as help shows it; so no
//! command has to say it again. Names of contacts are offered only to those who asked for it
//! (`carnet.completeContacts`), for they come out of sealed files and no access entry says so.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, complete};

use crate::domain::filter::{FIELDS, Kind};
use crate::domain::fold::fold;
use crate::domain::lawful::LegalBasis;
use crate::interchange::presets;
use crate::output::text::is_active_text;
use crate::store::config::config_at;
use crate::vault::Surroundings;
use crate::vault::index_file::items;
use crate::vault::known::Known;

/// At most this many contacts: whoever has more types on.
const CONTACTS: usize = 100;

/// What an argument wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wants {
    Book,
    Purpose,
    PurposeBasis,
    Processor,
    Member,
    Wording,
    Stage,
    Search,
    Request,
    Breach,
    Tag,
    Filter,
    Preset,
    Contact,
}

/// Where values come from.
struct Source {
    dir: PathBuf,
    around: Surroundings,
}

/// A candidate and what it is.
type Offer = (String, String);

/// One line a candidate, `VALUE` or `VALUE<tab>WHAT IT IS`, for word number `index` of a command line.
pub fn lines(words: Vec<OsString>, index: usize, around: Surroundings) -> String {
    let source = Arc::new(Source { dir: directory(&words, index), around });
    let mut command = with_values(super::command(), "", &source);
    let here = std::env::current_dir().ok();
    // Flags are for who begins one: they would bury the values.
    let flag = words.get(index).is_some_and(|word| word.to_string_lossy().starts_with('-'));
    let found = complete(&mut command, words, index, here.as_deref()).unwrap_or_default();
    let mut out = String::new();
    let mut offered = std::collections::HashSet::new();
    for candidate in found {
        let value = candidate.get_value().to_string_lossy();
        let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
        let help = help.lines().next().unwrap_or_default();
        if !offered.insert(value.to_string()) {
            continue;
        }
        // What moves the cursor is nothing to type.
        if value.is_empty()
            || value.starts_with('-') && !flag
            || is_active_text(&value)
            || is_active_text(help)
        {
            continue;
        }
        out.push_str(&value);
        if !help.is_empty() {
            out.push('\t');
            out.push_str(help);
        }
        out.push('\n');
    }
    out
}

/// `-C`, `CARNET_DIR` or the current directory.
fn directory(words: &[OsString], index: usize) -> PathBuf {
    let before: Vec<String> = words.iter().take(index).map(|w| w.to_string_lossy().into_owned()).collect();
    let mut dir = std::env::var_os("CARNET_DIR").map(PathBuf::from);
    for (n, word) in before.iter().enumerate() {
        let given = match word.as_str() {
            "-C" | "--directory" => before.get(n + 1).map(String::as_str),
            word => {
                word.strip_prefix("--directory=").or(word.strip_prefix("-C").filter(|rest| !rest.is_empty()))
            }
        };
        dir = given.map(PathBuf::from).or(dir);
    }
    dir.unwrap_or_else(|| PathBuf::from("."))
}

/// The command with a completer on each argument whose values the repository knows.
fn with_values(command: Command, path: &str, source: &Arc<Source>) -> Command {
    let here = path.to_owned();
    let command = command.mut_args(|arg| match wants(&here, &arg) {
        Some(wants) => {
            let source = Arc::clone(source);
            arg.add(ArgValueCompleter::new(move |typed: &OsStr| candidates(&source, wants, typed)))
        }
        None => arg,
    });
    command.mut_subcommands(|sub| {
        let path = format!("{path} {}", sub.get_name()).trim().to_owned();
        with_values(sub, &path, source)
    })
}

/// What an argument of a command wants, by the name of its value.
fn wants(path: &str, arg: &Arg) -> Option<Wants> {
    let named = arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
    let name = named.unwrap_or_else(|| arg.get_id().as_str().to_uppercase());
    // What is made has no name yet.
    let new = path.ends_with(" add") && arg.is_positional() || path == "init" || path == "clone";
    Some(match name.as_str() {
        "BOOK" | "PURPOSE" | "PROCESSOR" | "HANDLE" | "MEMBER"
            if new && path != "training add" && path != "agreement add" =>
        {
            return None;
        }
        "HANDLE" if path == "member add" => return None,
        "BOOK" => Wants::Book,
        "PURPOSE" | "EVERYTHING" => Wants::Purpose,
        "PURPOSE:BASIS" => Wants::PurposeBasis,
        "PROCESSOR" => Wants::Processor,
        "HANDLE" | "MEMBER" | "MEMBERS" => Wants::Member,
        "WORDING" => Wants::Wording,
        "STAGE" => Wants::Stage,
        "NAME" if path == "search remove" => Wants::Search,
        "REFERENCE" if path.starts_with("request") => Wants::Request,
        "REFERENCE" if path.starts_with("breach") => Wants::Breach,
        "NAME" if arg.get_id() == "preset" => Wants::Preset,
        "REF" if arg.get_id() == "request" => Wants::Request,
        "REF" if arg.get_id() == "into" => Wants::Breach,
        "TAG" => Wants::Tag,
        "FILTER" => Wants::Filter,
        "CONTACT" | "CONTACTS" | "CONTACT… TEXT" => Wants::Contact,
        "A" | "B" if ["merge", "link", "unlink"].contains(&path) => Wants::Contact,
        _ => return None,
    })
}

fn candidates(source: &Source, wants: Wants, typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    let offers = match wants {
        Wants::Filter => filter(source, typed),
        Wants::Contact => contacts(source, typed),
        other => plain(values(source, other)),
    };
    offers
        .into_iter()
        .filter(|(value, _)| {
            wants == Wants::Contact || value.replace('"', "").starts_with(&typed.replace('"', ""))
        })
        .map(|(value, help)| {
            let help = (!help.is_empty()).then(|| help.into());
            CompletionCandidate::new(value).help(help)
        })
        .collect()
}

fn plain(values: Vec<String>) -> Vec<Offer> {
    values.into_iter().map(|value| (value, String::new())).collect()
}

fn values(source: &Source, wants: Wants) -> Vec<String> {
    if wants == Wants::Preset {
        let all = presets::all().unwrap_or_default();
        return all.iter().map(|preset| preset.name.to_owned()).collect();
    }
    if wants == Wants::Tag {
        return Known::tags(&source.dir, &source.around).into_iter().collect();
    }
    let Some(known) = Known::at(&source.dir) else { return Vec::new() };
    match wants {
        Wants::Book => known.books(),
        Wants::Purpose => known.register("purposes"),
        Wants::PurposeBasis => known
            .register("purposes")
            .into_iter()
            .flat_map(|purpose| bases().map(move |basis| format!("{purpose}:{basis}")))
            .collect(),
        Wants::Processor => known.register("processors"),
        Wants::Member => known.members(),
        Wants::Wording => known.wordings(),
        Wants::Stage => known.stages(),
        Wants::Search => known.searches().into_iter().map(|(name, _)| name).collect(),
        Wants::Request => known.register("requests"),
        Wants::Breach => known.register("breaches"),
        Wants::Tag | Wants::Filter | Wants::Preset | Wants::Contact => Vec::new(),
    }
}

/// The legal bases of Art. 6(1), as `--basis` takes them.
fn bases() -> impl Iterator<Item = &'static str> {
    LegalBasis::ALL.into_iter().map(LegalBasis::as_str)
}

/// The last condition of a filter: a field, a saved search, or the value of a field that has a set of them.
fn filter(source: &Source, typed: &str) -> Vec<Offer> {
    let start = typed.rfind([' ', '(']).map_or(0, |at| at + 1);
    let (before, word) = typed.split_at(start);
    let offers = match word.split_once([':', '=']) {
        _ if word.starts_with('@') => {
            let searches = Known::at(&source.dir).map(|known| known.searches()).unwrap_or_default();
            searches.into_iter().map(|(name, filter)| (format!("@{name}"), filter)).collect()
        }
        Some((field, value)) => {
            let head = word.get(..word.len() - value.len()).unwrap_or_default();
            let begun = value.trim_start_matches(['"', '\'']);
            let fits = values_of(source, field).into_iter().filter(|one| one.starts_with(begun));
            fits.map(|one| (format!("{head}{}", quoted(&one)), String::new())).collect()
        }
        None => {
            let mut offers: Vec<Offer> = FIELDS
                .iter()
                .map(|field| {
                    let sign = match field.kind {
                        Kind::Past | Kind::Ahead | Kind::Yearly => '<',
                        _ => ':',
                    };
                    (format!("{}{sign}", field.name), field.help.to_owned())
                })
                .collect();
            offers.push(("has:".to_owned(), "the field is filled in".to_owned()));
            offers.push(("not".to_owned(), String::new()));
            if !word.is_empty() || before.is_empty() {
                let joins = if before.is_empty() { &[][..] } else { &["and", "or"] };
                offers.extend(joins.iter().map(|join| ((*join).to_owned(), String::new())));
            }
            offers.push(("@".to_owned(), "a saved search".to_owned()));
            offers
        }
    };
    offers.into_iter().map(|(value, help)| (format!("{before}{value}"), help)).collect()
}

/// The values of a field that has a set of them.
fn values_of(source: &Source, field: &str) -> Vec<String> {
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
    match field.trim_start_matches('-') {
        "tag" | "tags" => values(source, Wants::Tag),
        "book" => values(source, Wants::Book),
        "kind" => words(&["person", "organisation"]),
        "has" => FIELDS.iter().map(|field| field.name.to_owned()).collect(),
        "purpose" | "consent" | "objection" | "restriction" => values(source, Wants::Purpose),
        "basis" => bases().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// A value of several words stands in quotes in a filter.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./@+".contains(c);
    if value.chars().all(plain) { value.to_owned() } else { format!("\"{}\"", value.replace('"', "")) }
}

/// Contacts whose name, address or id begins so, for those who want it.
fn contacts(source: &Source, typed: &str) -> Vec<Offer> {
    if !wanted(&source.dir) {
        return Vec::new();
    }
    let folded = fold(typed);
    let mut found = Vec::new();
    Known::contacts(&source.dir, &source.around, &mut |row| {
        if found.len() >= CONTACTS {
            return;
        }
        let email = items(row.emails).find(|email| fold(email).starts_with(&folded));
        let offer = match email {
            _ if row.sort.starts_with(&folded) => (row.name.to_owned(), row.org.to_owned()),
            Some(email) => (email.into_owned(), row.name.to_owned()),
            None if !typed.is_empty() && row.id.starts_with(typed) => {
                (row.id.get(..8).unwrap_or(row.id).to_owned(), row.name.to_owned())
            }
            None => return,
        };
        found.push(offer);
    });
    found
}

/// `CARNET_COMPLETE_CONTACTS`, else git's `carnet.completeContacts`, as git reads a yes (git-config(1), "boolean").
fn wanted(dir: &Path) -> bool {
    let told =
        std::env::var("CARNET_COMPLETE_CONTACTS").ok().or_else(|| config_at(dir, "carnet.completeContacts"));
    told.is_some_and(|told| ["1", "true", "yes", "on"].contains(&told.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Arc<Source> {
        Arc::new(Source {
            dir: PathBuf::from("/nowhere"),
            around: Surroundings {
                now: chrono::DateTime::UNIX_EPOCH,
                data_home: PathBuf::from("/nowhere"),
                passphrase_file: None,
                no_input: true,
            },
        })
    }

    #[test]
    fn every_value_that_a_repository_knows_is_known_by_its_name() {
        fn all(command: &Command, path: &str, found: &mut Vec<(String, String, Option<Wants>)>) {
            for arg in command.get_arguments() {
                found.push((path.to_owned(), arg.get_id().to_string(), wants(path, arg)));
            }
            for sub in command.get_subcommands() {
                all(sub, format!("{path} {}", sub.get_name()).trim(), found);
            }
        }
        let mut found = Vec::new();
        all(&crate::cli::command(), "", &mut found);
        let of = |path: &str, id: &str| {
            let (_, _, wants) = found.iter().find(|(p, i, _)| p == path && i == id).unwrap();
            *wants
        };
        assert_eq!(of("list", "expression"), Some(Wants::Filter));
        assert_eq!(of("list", "book"), Some(Wants::Book));
        assert_eq!((of("import", "preset"), of("link", "a")), (Some(Wants::Preset), Some(Wants::Contact)));
        assert_eq!(of("add", "basis"), Some(Wants::PurposeBasis));
        assert_eq!(of("tag add", "tag"), Some(Wants::Tag));
        assert_eq!(of("book grant", "member"), Some(Wants::Member));
        assert_eq!(of("book add", "book"), None);
        assert_eq!(of("init", "member"), None);
        assert_eq!(of("deal move", "stage"), Some(Wants::Stage));
        assert_eq!(of("consent give", "wording"), Some(Wants::Wording));
        assert_eq!(of("erase", "request"), Some(Wants::Request));
        assert_eq!(of("search remove", "name"), Some(Wants::Search));
        for wants in [Wants::Contact, Wants::Breach, Wants::Processor, Wants::Purpose] {
            assert!(found.iter().any(|(_, _, of)| *of == Some(wants)), "{wants:?}");
        }
    }

    #[test]
    fn the_last_condition_of_a_filter_is_completed() {
        let offered = |typed: &str| -> Vec<String> {
            let of = candidates(&source(), Wants::Filter, OsStr::new(typed));
            of.iter().map(|c| c.get_value().to_string_lossy().into_owned()).collect()
        };
        assert_eq!(offered("ta"), ["tag:"]);
        assert_eq!(offered("tag:x and (birth"), ["tag:x and (birthday<"]);
        assert_eq!(offered("kind:p"), ["kind:person"]);
        assert_eq!(offered("tag:x or has:pho"), ["tag:x or has:phone"]);
        assert!(offered("").contains(&"not".to_owned()) && !offered("").contains(&"and".to_owned()));
        assert_eq!(quoted("two words"), "\"two words\"");
    }

    #[test]
    fn the_directory_is_the_one_that_the_command_would_use() {
        let of = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            directory(&words, words.len() - 1)
        };
        assert_eq!(of("carnet -C a list "), PathBuf::from("a"));
        assert_eq!(of("carnet list --directory=b "), PathBuf::from("b"));
        assert_eq!(of("carnet -Cc list "), PathBuf::from("c"));
    }
}
