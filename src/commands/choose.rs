//! Whom a command is about, chosen at the terminal: from everybody where no CONTACT was given, from those that match where
//! several do. Nobody is asked in a pipe, with `--no-input`, or at a terminal that cannot move its cursor.
//!
//! Opening the list shows names, so it is recorded like a list: once, as `select`, with a count. What becomes of the chosen
//! contacts is recorded as the command does.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::output::picker::{self, Item};
use crate::vault::access::Access;
use crate::vault::select::{Match, books};
use crate::vault::{Snapshot, Vault};

/// Whether somebody can be asked with a list.
pub fn possible(context: &Context) -> bool {
    context.ui.may_ask && std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb")
}

/// What is asked where nothing else tells.
pub const WHICH: &str = "Which contact?";

/// A title that a colon follows, said in the reader's language.
pub fn asking(context: &Context, title: &str) -> String {
    format!("{}{}", context.ui.lang.say(title), context.ui.lang.colon())
}

/// One of all contacts; `title` says what for.
pub fn one(context: &Context, vault: &Vault, title: &str) -> Result<Match> {
    let mut chosen = everybody(context, vault, title, false)?;
    if chosen.is_empty() { Err(left()) } else { Ok(chosen.swap_remove(0)) }
}

/// One or several of all contacts.
pub fn several(context: &Context, vault: &Vault) -> Result<Vec<Match>> {
    everybody(context, vault, "Which contacts?", true)
}

/// The contact that was named, or one that is chosen.
pub fn named(context: &Context, vault: &Vault, at: Snapshot, text: Option<&str>) -> Result<Match> {
    match text {
        Some(text) => super::pick::one(context, vault, at, text),
        None => one(context, vault, WHICH),
    }
}

fn everybody(context: &Context, vault: &Vault, title: &str, several: bool) -> Result<Vec<Match>> {
    if !possible(context) {
        return Err(Error::usage("no contact was given").hint(match several {
            true => "give contacts, or ids on standard input, one a line",
            false => "give an id, an e-mail, a phone number or words of a name",
        }));
    }
    let (at, all) = vault.reading(|at| Ok((at, vault.everybody(at)?)))?;
    if all.is_empty() {
        return Err(Error::not_found("there are no contacts yet").hint("`carnet add` makes one"));
    }
    among(context, (vault, at), all, title, several)
}

/// One of those that match.
pub fn candidate(context: &Context, vault: &Vault, at: Snapshot, found: Vec<Match>) -> Result<Match> {
    let with = found.into_iter().map(|one| (one.clone(), one.email)).collect();
    let mut chosen = among(context, (vault, at), with, "Several match. Which?", false)?;
    if chosen.is_empty() { Err(left()) } else { Ok(chosen.swap_remove(0)) }
}

/// Shows contacts, each with what tells it from its namesakes.
fn among(
    context: &Context,
    (vault, at): (&Vault, Snapshot),
    all: Vec<(Match, String)>,
    title: &str,
    several: bool,
) -> Result<Vec<Match>> {
    let shown: Vec<Match> = all.iter().map(|(one, _)| one.clone()).collect();
    vault.record(
        at,
        Access { action: "select", books: books(&shown), count: Some(shown.len()), ..Access::default() },
    )?;
    let items: Vec<Item> = all
        .iter()
        .map(|(one, more)| {
            let name = if one.name.is_empty() { one.id.short() } else { &one.name };
            Item::new(name, more.as_str(), one.book.as_str())
        })
        .collect();
    let chosen =
        picker::choose(&items, &context.ui.lang.say(title), several, context.ui.lang)?.ok_or_else(left)?;
    Ok(chosen.into_iter().filter_map(|place| shown.get(place).cloned()).collect())
}

fn left() -> Error {
    Error::failed("nobody was chosen; nothing was changed")
}
