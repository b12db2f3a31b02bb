//! `carnet tag`

use std::collections::BTreeMap;

use super::bulk;
use crate::context::Context;
use crate::domain::edit::{self, Change};
use crate::domain::fold::fold;
use crate::error::{Error, Result};
use crate::output::Table;
use crate::vault::access::Access;
use crate::vault::index_file::items;

/// Tags: put on and taken off many contacts at once, and counted.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Put a tag on contacts.
    #[command(after_help = "Examples:
  carnet tag add vip jeanne@example.org 'Atelier Rousseau'
  carnet list org:acme -q | carnet tag add acme -
  carnet tag add cold --where 'last>6m or not has:last' --yes")]
    Add(Which),
    /// Take a tag off contacts.
    #[command(after_help = "Examples:
  carnet tag remove vip jeanne@example.org
  carnet tag remove vip --where tag:vip --dry-run")]
    Remove(Which),
    /// Count the tags in use.
    #[command(after_help = "Example:
  carnet tag list")]
    List,
}

#[derive(Debug, clap::Args)]
struct Which {
    tag: String,
    /// Contacts; `-` reads ids from standard input. Without, a terminal lets you choose.
    #[arg(value_name = "CONTACT")]
    contacts: Vec<String>,
    /// All contacts that a filter means; they are shown and counted first.
    #[arg(long = "where", value_name = "FILTER", conflicts_with = "contacts")]
    filter: Option<String>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Add(which) => change(context, &which, true),
        Command::Remove(which) => change(context, &which, false),
        Command::List => list(context),
    }
}

fn change(context: &Context, which: &Which, on: bool) -> Result<i32> {
    let tag = which.tag.trim();
    if tag.is_empty() {
        return Err(Error::usage("a tag needs a name"));
    }
    let vault = context.vault_to_change()?;
    let found = bulk::meant(context, &vault, &which.contacts, which.filter.as_deref())?;
    let asked = which.filter.is_some() || context.dry_run;
    if asked && !bulk::confirmed(context, &vault, vault.snapshot()?, &found, "change the tags of")? {
        return Ok(0);
    }
    let today = vault.today();
    let changes = vault.change_all(&found, ("update", "edit"), &|contact, doc| {
        // A tag is the same in another case; it comes off as it is written.
        let same: Vec<&String> = contact.tags.iter().filter(|t| fold(t) == fold(tag)).collect();
        match on {
            true if same.is_empty() => edit::apply(doc, &Change::AddTag(tag.to_owned()), &today),
            true => Ok(()),
            false => {
                same.into_iter().try_for_each(|t| edit::apply(doc, &Change::RemoveTag(t.clone()), &today))
            }
        }
    })?;
    super::done_all(context, "carnet.tag/1", &changes, None, if on { "Tagged" } else { "Took the tag off" })?;
    Ok(0)
}

fn list(context: &Context) -> Result<i32> {
    let vault = context.vault()?;
    let (at, tags, books) = vault.reading(|at| {
        let mut tags: BTreeMap<String, usize> = BTreeMap::new();
        let mut books = Vec::new();
        for (book, _) in vault.my_books(at)? {
            for row in vault.index(at, &book)?.rows() {
                items(row.tags).for_each(|tag| *tags.entry(tag.into_owned()).or_default() += 1);
            }
            books.push(book);
        }
        Ok((at, tags, books))
    })?;
    vault.record(at, Access { action: "tag", books, count: Some(tags.len()), ..Access::default() })?;
    let ui = &context.ui;
    if ui.json {
        ui.data("carnet.tags/1", &tags)?;
    } else if ui.quiet {
        ui.lines(
            &tags.keys().map(|tag| format!("{}\n", crate::output::text::inert(tag))).collect::<String>(),
        )?;
    } else if tags.is_empty() {
        ui.note("No tags.");
    } else {
        let mut table = Table::new(&["TAG", "CONTACTS"]);
        tags.into_iter().for_each(|(tag, count)| table.row([tag, count.to_string()]));
        ui.table(&table)?;
    }
    Ok(0)
}
