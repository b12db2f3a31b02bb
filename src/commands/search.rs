//! `carnet search`

use crate::context::Context;
use crate::domain::filter::{self, FIELDS, Filter};
use crate::domain::ids::Slug;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::output::Table;
use crate::vault::{Snapshot, Vault};

/// Filters by name: save, list and remove them; they are then written @NAME wherever a filter is.
///
/// A filter says which contacts are meant. Conditions are joined by `and` (or a space), `or`, `not` and brackets:
///
///   word, "several words"     anywhere in the contact; case and accents do not count
///   tag:prospect  org:acme    the field has it: a whole tag, a part of a text
///   name='Léa Petit'  tag!=x  the whole value, or not
///   last<90d  last>6m         less than 90 days ago, longer ago than 6 months (h, d, w, m, y)
///   due<7d  birthday<2w       within the next 7 days or late, within the next 2 weeks
///   created:2026-03  created>=2026-03-15
///   has:phone                 the field is filled in
///   consent:newsletter/email  a consent is in force; objection:newsletter
///   custom.size>38            your own fields: text, number or date
///   @warm                     a saved search
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Save(Save),
    /// List the saved searches.
    #[command(after_help = "Example:
  carnet search list")]
    List,
    Remove(Remove),
    /// List the fields that a filter can name.
    #[command(after_help = "Example:
  carnet search fields")]
    Fields,
}

/// Save a filter under a name, for the whole firm. It stands in plain text, so it may not say who anybody is.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet search save cold 'tag:prospect and (last>6m or not has:last)'
  carnet search save reachable 'consent:newsletter and has:email' && carnet list @reachable")]
struct Save {
    /// Lower-case letters, digits, hyphens.
    name: Slug,
    #[arg(required = true, value_name = "FILTER")]
    filter: Vec<String>,
}

/// Remove a saved search.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  carnet search save cold 'last>6m' && carnet search remove cold")]
struct Remove {
    name: Slug,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Save(save) => self::save(context, save),
        Command::List => list(context),
        Command::Remove(remove) => self::remove(context, remove),
        Command::Fields => fields(context),
    }
}

fn save(context: &Context, save: Save) -> Result<i32> {
    let vault = context.vault()?;
    let text = save.filter.join(" ");
    check(&vault, vault.snapshot()?, &save.name, &text)?;
    change(context, &vault, &save.name, Some(&text), "Saved")
}

/// Refuses what could not be read later, and what says something about a person.
fn check(vault: &Vault, at: Snapshot, name: &Slug, text: &str) -> Result<()> {
    let settings = vault.settings(at)?;
    let filter = Filter::parse(text)?;
    let with_it = |other: &Slug| match other == name {
        true => Some(text.to_owned()),
        false => settings.searches.get(other).cloned(),
    };
    Filter::parse_with(&format!("@{name}"), &with_it)?;
    if filter.is_empty() {
        return Err(Error::usage("an empty filter means everybody").hint("`carnet list` lists them"));
    }
    // A name that cannot be looked up counts as one.
    let is_name = |text: &str| vault.is_name(at, text).unwrap_or(true);
    let why = if is_name(name.as_str()) {
        Some("its name is somebody's name".to_owned())
    } else {
        filter::personal(&filter, &is_name, &declared(vault, at)?)
    };
    match why {
        Some(why) => {
            Err(Error::refused(format!("this search is not saved, for it would stand in plain text: {why}"))
                .hint("give these contacts a tag (`carnet tag --help`) and save tag:NAME"))
        }
        None => Ok(()),
    }
}

/// Whether a word of a filter is one that the firm has declared: a book, a purpose (with a channel or a basis), a kind.
fn declared(vault: &Vault, at: Snapshot) -> Result<impl Fn(&str, &str) -> bool> {
    let books: Vec<String> = vault.all_books(at)?.into_iter().map(|(book, _)| book.to_string()).collect();
    let purposes: Vec<String> = vault.purposes(at)?.iter().map(ToString::to_string).collect();
    let has = |list: &[String], word: &str| list.iter().any(|known| known == word);
    Ok(move |field: &str, value: &str| {
        let purpose = value.split(['/', ':']).next().unwrap_or_default();
        let rest = value.get(purpose.len()..).unwrap_or_default();
        let plain = rest.len() <= 24 && rest.chars().all(|c| c.is_ascii_lowercase() || "-/:".contains(c));
        match field {
            "book" => has(&books, value),
            "kind" => ["person", "organisation"].contains(&value),
            "purpose" | "basis" | "consent" | "objection" | "restriction" => has(&purposes, purpose) && plain,
            _ => false,
        }
    })
}

fn remove(context: &Context, remove: Remove) -> Result<i32> {
    let vault = context.vault()?;
    if !vault.settings(vault.snapshot()?)?.searches.contains_key(&remove.name) {
        return Err(
            Error::not_found("there is no saved search of this name").hint("`carnet search list` shows them")
        );
    }
    change(context, &vault, &remove.name, None, "Removed")
}

/// Writes `carnet.toml` with the search put in or taken out; comments and all other keys stay.
fn change(context: &Context, vault: &Vault, name: &Slug, text: Option<&str>, done: &str) -> Result<i32> {
    if context.dry_run {
        context.ui.note("would change carnet.toml; nothing was changed");
        return Ok(0);
    }
    let action = if text.is_some() { "search-save" } else { "search-remove" };
    let entry = Entry::new("settings: saved searches", action);
    let commit = vault.commit_setting("searches", name.as_str(), text, entry)?;
    if context.ui.json {
        let commit = commit.map(|c| c.to_string());
        context.ui.data("carnet.search/1", &serde_json::json!({ "name": name, "commit": commit }))?;
    }
    context.ui.note(&format!("{done} the search {name}."));
    Ok(0)
}

fn list(context: &Context) -> Result<i32> {
    let vault = context.vault()?;
    let searches = vault.settings(vault.snapshot()?)?.searches;
    let ui = &context.ui;
    if ui.json {
        ui.data("carnet.searches/1", &searches)?;
    } else if ui.quiet {
        ui.raw(&searches.keys().map(|name| format!("{name}\n")).collect::<String>())?;
    } else if searches.is_empty() {
        ui.note("No searches are saved; `carnet search save NAME FILTER` saves one.");
    } else {
        let mut table = Table::new(&["SEARCH", "FILTER"]);
        searches.into_iter().for_each(|(name, filter)| table.row([name.to_string(), filter]));
        ui.table(&table)?;
    }
    Ok(0)
}

fn fields(context: &Context) -> Result<i32> {
    let ui = &context.ui;
    if ui.json {
        let all: Vec<_> =
            FIELDS.iter().map(|f| serde_json::json!({ "name": f.name, "help": f.help })).collect();
        ui.data("carnet.search-fields/1", &all)?;
    } else if ui.quiet {
        ui.raw(&FIELDS.iter().map(|f| format!("{}\n", f.name)).collect::<String>())?;
    } else {
        let mut table = Table::new(&["FIELD", "MEANS"]);
        FIELDS.iter().for_each(|f| table.row([f.name.to_owned(), f.help.to_owned()]));
        table.row(["custom.NAME".to_owned(), "a field of your own: text, number or date".to_owned()]);
        ui.table(&table)?;
    }
    Ok(0)
}
