//! `carnet search`

use std::collections::BTreeMap;

use crate::context::Context;
use crate::domain::filter::{self, FIELDS, Filter};
use crate::domain::ids::Slug;
use crate::error::{Error, Result};
use crate::output::Table;
use crate::vault::access::Access;
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

/// Save a filter under a name, for the whole firm. One that may say who somebody is, is sealed for the members of a book.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet search save cold 'tag:prospect and (last>6m or not has:last)'
  carnet search save reachable 'consent:newsletter and has:email' && carnet list @reachable")]
struct Save {
    /// Lower-case letters, digits, hyphens.
    name: Slug,
    #[arg(required = true, value_name = "FILTER")]
    filter: Vec<String>,
    /// Seal it in this book, whatever it says [default: plain, or sealed in the book for new contacts, or one whose members
    /// can all open those that it may mean].
    #[arg(long)]
    book: Option<Slug>,
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
    let at = vault.snapshot()?;
    let text = save.filter.join(" ");
    let why = check(&vault, at, &save.name, &text)?;
    let default = |named: Option<&Slug>| Ok(vault.book_for_new(at, named, &vault.settings(at)?)?.0);
    let sealed = match (&save.book, &why) {
        (Some(book), _) => {
            let book = default(Some(book))?;
            let meant = vault.books_of_search(at, &save.name, &text)?;
            let readers = vault.new_readers(at, &book, &meant.iter().collect::<Vec<_>>())?;
            if !readers.is_empty() {
                context.ui.warn(&format!(
                    "it may mean contacts of books that these members of book {book} cannot open: {}",
                    listed(&readers)
                ));
            }
            Some(book)
        }
        (None, Some(_)) => Some(vault.book_for_search(at, (&save.name, &text), || default(None))?),
        (None, None) => None,
    };
    change(context, &vault, &save.name, Some(&text), sealed.as_ref())?;
    if let Some(why) = why.filter(|_| !context.dry_run) {
        context.ui.note(&format!("It is sealed, for in plain text it might say who somebody is: {why}."));
    }
    Ok(0)
}

fn listed(members: &[Slug]) -> String {
    members.iter().map(Slug::as_str).collect::<Vec<_>>().join(", ")
}

/// Refuses what could not be read later; the reason why it may not stand in plain text, where there is one.
fn check(vault: &Vault, at: Snapshot, name: &Slug, text: &str) -> Result<Option<String>> {
    let settings = vault.settings(at)?;
    let sealed = vault.sealed_searches(at)?;
    let filter = Filter::parse(text)?;
    let held = |other: &Slug| sealed.iter().find(|one| one.name == *other).map(|one| one.filter.clone());
    let with_it = |other: &Slug| match other == name {
        true => Some(text.to_owned()),
        false => settings.searches.get(other).cloned().or_else(|| held(other)),
    };
    Filter::parse_with(&format!("@{name}"), &with_it)?;
    if filter.is_empty() {
        return Err(Error::usage("an empty filter means everybody").hint("`carnet list` lists them"));
    }
    // A name that cannot be looked up counts as one.
    let is_name = |text: &str| vault.is_name(at, text).unwrap_or(true);
    if is_name(name.as_str()) {
        return Ok(Some("its name is somebody's name".to_owned()));
    }
    // What names a sealed search says its name.
    let plain = |other: &Slug| {
        if other == name { Some(text.to_owned()) } else { settings.searches.get(other).cloned() }
    };
    if Filter::parse_with(text, &plain).is_err() {
        return Ok(Some("it names a search that is sealed".to_owned()));
    }
    Ok(filter::personal(&filter, &is_name, &declared(vault, at)?))
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
    let at = vault.snapshot()?;
    let held =
        || -> Result<bool> { Ok(vault.sealed_searches(at)?.iter().any(|one| one.name == remove.name)) };
    if !vault.settings(at)?.searches.contains_key(&remove.name) && !held()? {
        return Err(
            Error::not_found("there is no saved search of this name").hint("`carnet search list` shows them")
        );
    }
    change(context, &vault, &remove.name, None, None)?;
    Ok(0)
}

/// Puts a search in or takes it out: in `carnet.toml`, where comments and all other keys stay, or sealed.
fn change(
    context: &Context,
    vault: &Vault,
    name: &Slug,
    text: Option<&str>,
    sealed: Option<&Slug>,
) -> Result<()> {
    if context.dry_run {
        context.ui.note("would change the saved searches; nothing was changed");
        return Ok(());
    }
    let commit = vault.save_search(name, text, sealed)?;
    if context.ui.json {
        let commit = commit.map(|c| c.to_string());
        let data = serde_json::json!({ "name": name, "sealed": sealed, "commit": commit });
        context.ui.data("carnet.search/1", &data)?;
    }
    let done = if text.is_some() { "Saved" } else { "Removed" };
    context.ui.note(&format!("{done} the search {name}."));
    Ok(())
}

fn list(context: &Context) -> Result<i32> {
    let vault = context.vault()?;
    let (at, plain, sealed) =
        vault.reading(|at| Ok((at, vault.settings(at)?.searches, vault.sealed_searches(at)?)))?;
    if !sealed.is_empty() {
        let mut books: Vec<Slug> = sealed.iter().map(|one| one.book.clone()).collect();
        books.sort();
        books.dedup();
        let records = sealed.iter().map(|one| one.id.clone()).collect();
        vault.record(at, Access { action: "search-list", records, books, ..Access::default() })?;
    }
    let mut all: BTreeMap<Slug, (String, Option<Slug>)> =
        sealed.into_iter().map(|one| (one.name, (one.filter, Some(one.book)))).collect();
    // Where both have a name, the plain one is meant.
    all.extend(plain.into_iter().map(|(name, filter)| (name, (filter, None))));
    let ui = &context.ui;
    if ui.json {
        let filters: BTreeMap<&Slug, &String> =
            all.iter().map(|(name, (filter, _))| (name, filter)).collect();
        ui.data("carnet.searches/1", &filters)?;
    } else if ui.quiet {
        ui.raw(&all.keys().map(|name| format!("{name}\n")).collect::<String>())?;
    } else if all.is_empty() {
        ui.note("No searches are saved; `carnet search save NAME FILTER` saves one.");
    } else {
        let mut table = Table::new(&["SEARCH", "FILTER", "SEALED IN"]);
        for (name, (filter, book)) in all {
            table.row([name.to_string(), filter, book.map(|book| book.to_string()).unwrap_or_default()]);
        }
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
        let mut table = Table::new(&["FIELD", "MEANS"]).words(&["MEANS"]);
        FIELDS.iter().for_each(|f| table.row([f.name.to_owned(), f.help.to_owned()]));
        table.row(["custom.NAME".to_owned(), "a field of your own: text, number or date".to_owned()]);
        ui.table(&table)?;
    }
    Ok(0)
}
