//! `carnet book`: address books, and who can open each.

use super::book_list::list;
use super::member_list::acknowledge;
use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::register::Book;
use crate::error::{Error, Result};
use crate::vault::books::Left;
use crate::vault::{Snapshot, Vault};

/// Make books, say who can open them, and give them new keys.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Add(Add),
    /// List the books; the number of contacts is shown of those that you can open.
    #[command(after_help = "Examples:\n  carnet book list\n  carnet book list --json")]
    List,
    /// Show one book and its members.
    #[command(after_help = "Example:\n  carnet book show main")]
    Show {
        book: Slug,
    },
    /// Let a member open a book: its key is encrypted to them, too.
    #[command(after_help = "Example:\n  carnet book grant main bob")]
    Grant {
        book: Slug,
        /// Handle.
        member: Slug,
    },
    /// Take a book away from a member: it gets new keys for those who stay.
    ///
    /// What the member copied until then stays readable to them.
    #[command(after_help = "Example:\n  carnet book revoke main bob")]
    Revoke {
        book: Slug,
        /// Handle.
        member: Slug,
    },
    /// Give a book a new key, and seal every contact key under it anew.
    #[command(after_help = "Example:\n  carnet book rekey main")]
    Rekey {
        book: Slug,
    },
}

/// Make a book; you are its first member.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet book add prospects --title Prospects --purpose prospects
  carnet book add staff --title 'Our people' --member bob --member carl")]
struct Add {
    /// Short name: lower-case letters, digits, hyphens.
    book: Slug,
    /// Title [default: the short name].
    #[arg(long)]
    title: Option<String>,
    /// Purpose that reads are recorded under [default: that of your default book].
    #[arg(long)]
    purpose: Option<Slug>,
    /// Handle of another member who can open it; repeat for several.
    #[arg(long = "member", value_name = "HANDLE")]
    members: Vec<Slug>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Add(args) => add(context, args),
        Command::List => list(context, None),
        Command::Show { book } => list(context, Some(&book)),
        Command::Grant { book, member } => grant(context, &book, &member),
        Command::Revoke { book, member } => revoke(context, &book, &member),
        Command::Rekey { book } => rekey(context, &book),
    }
}

fn add(context: &Context, args: Add) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let purpose = match args.purpose {
        Some(purpose) => purpose,
        None => {
            let settings = vault.settings(at)?;
            let default = vault.book_for_new(at, None, &settings);
            default
                .map_err(|_| Error::usage("which purpose are its contacts read for?").hint("--purpose SLUG"))?
                .1
                .purpose
        }
    };
    let mut members = vec![vault.me.handle.clone()];
    members.extend(args.members);
    let mut seen = std::collections::BTreeSet::new();
    members.retain(|m| seen.insert(m.clone()));
    let title = args.title.unwrap_or_else(|| args.book.to_string());
    let book = Book { title, purpose, members };
    if context.dry_run {
        vault.check_book(&args.book, &book)?;
        return context.ui.would(&format!("would make book {}", args.book));
    }
    let commit = vault.add_book(&args.book, &book)?;
    done(context, "carnet.book-add/1", &args.book, None, commit, &format!("Made book {}.", args.book))
}

fn grant(context: &Context, book: &Slug, member: &Slug) -> Result<i32> {
    let vault = context.vault()?;
    if context.dry_run {
        vault.check_grant(book, member)?;
        return context.ui.would(&format!("would let {member} open book {book}"));
    }
    acknowledge(context, &vault, Some(std::slice::from_ref(book)))?;
    let commit = vault.grant(book, member)?;
    let said = format!("{member} can open book {book}.");
    done(context, "carnet.book-grant/1", book, Some(member), commit, &said)
}

fn revoke(context: &Context, book: &Slug, member: &Slug) -> Result<i32> {
    let vault = context.vault()?;
    if context.dry_run {
        vault.check_revocation(book, member)?;
        return context.ui.would(&format!("would make new keys for book {book} without {member}"));
    }
    acknowledge(context, &vault, Some(std::slice::from_ref(book)))?;
    let bar = progress(context, &vault, vault.snapshot()?, std::slice::from_ref(book))?;
    let left = vault.revoke(book, member, &|n| bar.inc(n));
    bar.finish_and_clear();
    report_left(context, "carnet.book-revoke/1", &left?)
}

fn rekey(context: &Context, book: &Slug) -> Result<i32> {
    let vault = context.vault()?;
    if context.dry_run {
        vault.check_rekeying(book)?;
        return context.ui.would(&format!("would make new keys for book {book}"));
    }
    acknowledge(context, &vault, Some(std::slice::from_ref(book)))?;
    let bar = progress(context, &vault, vault.snapshot()?, std::slice::from_ref(book))?;
    let rekeyed = vault.rekey(book, &|n| bar.inc(n));
    bar.finish_and_clear();
    let (commit, rekeyed) = rekeyed?;
    warn_unopened(context, rekeyed.unopened);
    let said = format!("Book {book} has a new key; {} contact keys are sealed under it.", rekeyed.contacts);
    done(context, "carnet.book-rekey/1", book, None, commit, &said)
}

/// A bar over the contact keys of the books that will get new keys.
pub(super) fn progress(
    context: &Context,
    vault: &Vault,
    at: Snapshot,
    books: &[Slug],
) -> Result<indicatif::ProgressBar> {
    let mut total = 0;
    for book in books {
        total += vault.contacts_of(at, book)?.len();
    }
    Ok(context.ui.progress(total as u64, "Sealing contact keys"))
}

fn done(
    context: &Context,
    schema: &str,
    book: &Slug,
    member: Option<&Slug>,
    commit: crate::store::Oid,
    said: &str,
) -> Result<i32> {
    let ui = &context.ui;
    if ui.json {
        let data = serde_json::json!({ "book": book, "member": member, "commit": commit.to_string() });
        ui.data(schema, &data)?;
    } else {
        ui.raw(&format!("{book}\n"))?;
        ui.note(said);
    }
    Ok(0)
}

fn warn_unopened(context: &Context, unopened: usize) {
    if unopened > 0 {
        context.ui.warn(&format!(
            "{unopened} contact key(s) did not open with the old book key and were left as they are; `carnet verify` names them"
        ));
    }
}

/// The leaver report, and what it does not claim.
pub(super) fn report_left(context: &Context, schema: &str, left: &Left) -> Result<i32> {
    let ui = &context.ui;
    warn_unopened(context, left.rekeyed.unopened);
    let Some(first) = left.departures.first() else { return Ok(0) };
    if ui.json {
        let commit = left.commit.to_string();
        let data = serde_json::json!({ "departure": first, "departures": left.departures, "commit": commit });
        ui.data(schema, &data)?;
        return Ok(0);
    }
    for record in &left.departures {
        ui.raw(&format!("{}\n", record.member))?;
        let (member, until) = (&record.member, &record.until);
        ui.note(&match record.left {
            true => format!("{member} is out of this repository. Until {until} they could read:"),
            false => format!("{member} is out of the book. Until {until} they could read:"),
        });
        for read in &record.books {
            ui.note(&format!("  book {}: {} contact(s)", read.book, read.contacts));
        }
        if record.books.is_empty() {
            ui.note("  no book");
        }
    }
    ui.note(&format!("{} The report is kept under registers/departures.", first.note));
    Ok(0)
}
