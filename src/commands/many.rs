//! Several contacts from arguments, or ids on standard input; chosen at the terminal where none is given. All are found, or
//! nothing is done.

use std::io::Read;

use super::{choose, pick};
use crate::context::Context;
use crate::domain::objection::is_hex;
use crate::error::{At, Error, Kind, Result};
use crate::vault::select::Match;
use crate::vault::{Snapshot, Vault};

/// The contacts, each once, in the order given; an error when there is none.
pub fn contacts(context: &Context, vault: &Vault, args: &[String]) -> Result<Vec<Match>> {
    let found = some(context, vault, args, "")?;
    match found.is_empty() {
        true => {
            Err(Error::usage("no contact was given")
                .hint("give contacts, or ids on standard input, one a line"))
        }
        false => Ok(found),
    }
}

/// The same, which may be none; `done` says in an error what was not done to them.
pub fn some(context: &Context, vault: &Vault, args: &[String], done: &str) -> Result<Vec<Match>> {
    if args.is_empty() {
        return choose::several(context, vault);
    }
    let at = vault.snapshot()?;
    let mut found: Vec<Match> = Vec::new();
    let mut unknown = Vec::new();
    let mut why = None;
    let mut take = |place: String, result: Result<Match>| match result {
        Ok(one) => {
            if !found.iter().any(|known| known.id == one.id) {
                found.push(one);
            }
            Ok(())
        }
        Err(e) if e.kind == Kind::NotFound => {
            unknown.push(place);
            why = Some(e);
            Ok(())
        }
        Err(e) => Err(e.at(place)),
    };
    for (n, text) in args.iter().enumerate() {
        if text != "-" {
            take(format!("argument {}", n + 1), pick::one(context, vault, at, text))?;
            continue;
        }
        for (place, id) in ids_from_input()? {
            take(place, by_id(vault, at, &id))?;
        }
    }
    match why {
        None => Ok(found),
        // What was typed may be somebody's name: its place says which it was.
        Some(e) if args.len() == 1 && args.first().is_some_and(|a| a != "-") => Err(e),
        Some(_) => Err(not_found(&unknown, if done.is_empty() { "changed" } else { done })),
    }
}

/// The one contact whose id stands on standard input, for a command that takes no more: `-` is nobody's name.
pub fn one_from_input(vault: &Vault, at: Snapshot) -> Result<Match> {
    let ids = ids_from_input()?;
    match ids.as_slice() {
        [(place, id)] => by_id(vault, at, id).map_err(|e| e.at(place.clone())),
        [] => Err(Error::usage("no contact was given").at("standard input").hint("give one id")),
        ids => Err(Error::usage(format!("this takes one contact, and there are {} ids", ids.len()))
            .at("standard input")
            .hint("run it once for each; `carnet list FILTER -q` lists them")),
    }
}

/// What stands on standard input, one id a line, each with its place; a `#` begins a remark.
fn ids_from_input() -> Result<Vec<(String, String)>> {
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text).at("standard input")?;
    let id = |line: &str| line.split('#').next().unwrap_or_default().trim().to_ascii_lowercase();
    let ids = text.lines().enumerate().map(|(n, line)| (format!("line {}", n + 1), id(line)));
    Ok(ids.filter(|(_, id)| !id.is_empty()).collect())
}

/// That contacts cannot be found, by the places where they were named; `done` says what was not done.
pub(super) fn not_found(places: &[String], done: &str) -> Error {
    Error::not_found(format!("{} of the contacts cannot be found; nothing was {done}", places.len()))
        .at(places.join(", "))
        .hint("correct or remove these and run it again; `carnet history ID` shows whether one was erased before")
}

/// A whole id, or its first eight digits at least: nothing else, so that a wrong file touches nobody.
pub(super) fn by_id(vault: &Vault, at: Snapshot, id: &str) -> Result<Match> {
    let digits = id.replace('-', "");
    if !(8..=32).contains(&digits.len()) || !is_hex(&digits, digits.len()) {
        return Err(Error::not_found("that is no contact's id"));
    }
    let mut found = vault.by_id_prefix(at, id)?;
    match found.len() {
        0 => Err(Error::not_found("no contact has this id")),
        1 => Ok(found.remove(0)),
        n => Err(Error::new(Kind::Ambiguous, format!("{n} contacts have such an id"))
            .hint("give more digits of the one you mean")),
    }
}
