//! `carnet member list`, and acknowledging whom a book's key may be encrypted to.

use crate::context::Context;
use crate::domain::ids::Slug;
use crate::error::{Error, Kind, Result};
use crate::output::{Table, Ui};
use crate::vault::Vault;
use crate::vault::pins::Newcomer;

/// List the members, their keys and books.
///
/// A member whom somebody else added has to be acknowledged in your clone before a book key is encrypted to them
/// (book grant, revoke, rekey; member add, remove, rotate). Changing contacts encrypts to the book's own key and needs none.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet member list
  carnet member list --json
  carnet member list --accept")]
pub struct List {
    /// Show who was added by whom since you last looked, and acknowledge it.
    #[arg(long)]
    accept: bool,
}

pub fn run(context: &Context, args: &List) -> Result<i32> {
    let vault = context.vault()?;
    if args.accept && !context.dry_run {
        accept(context, &vault)?;
    }
    let members = vault.members(vault.snapshot()?)?;
    let ui = &context.ui;
    if ui.json {
        ui.data("carnet.members/1", &members)?;
        return Ok(0);
    }
    if ui.quiet {
        ui.raw(&members.iter().map(|m| format!("{}\n", m.member)).collect::<String>())?;
        return Ok(0);
    }
    let mut table =
        Table::new(&["MEMBER", "NAME", "KEY", "STATE", "EXPIRES", "RIGHTS", "BOOKS", "TO ACCEPT"])
            .words(&["STATE", "RIGHTS"]);
    for m in members {
        let names = |books: &[Slug]| books.iter().map(Slug::as_str).collect::<Vec<_>>().join(" ");
        let rights = match (m.signs, m.admin) {
            (_, true) => "admin",
            (true, false) => "member",
            (false, false) => "none",
        };
        let books = names(&m.books);
        let open = names(&m.unacknowledged);
        let expires = m.expires.unwrap_or_default();
        table.row([m.member.to_string(), m.name, m.key, m.state, expires, rights.to_owned(), books, open]);
    }
    // A fingerprint that is cut short is none.
    ui.raw(&table.render_in(ui.lang, None))?;
    Ok(0)
}

/// Shows and acknowledges everybody who is new; those whose origin is not sound stay out, and it fails.
fn accept(context: &Context, vault: &Vault) -> Result<()> {
    let at = vault.snapshot()?;
    let (sound, bad): (Vec<Newcomer>, Vec<Newcomer>) =
        vault.newcomers(at, None)?.into_iter().partition(|n| n.origin.is_ok());
    for newcomer in &sound {
        context.ui.note(&newcomer.to_string());
    }
    if !sound.is_empty() {
        vault.accept(at, &sound)?;
    }
    refuse(context, &bad)
}

fn refuse(context: &Context, bad: &[Newcomer]) -> Result<()> {
    let Some(first) = bad.first() else { return Ok(()) };
    for newcomer in bad {
        context.ui.warn(&newcomer.to_string());
    }
    let r = &first.recipient;
    Err(Error::refused(format!(
        "member {} of book {} was not added by an authorised commit",
        r.member, r.book
    ))
    .at(r.key.clone())
    .hint(format!(
        "`carnet book revoke {} {}` takes them out; `carnet verify` lists such commits",
        r.book, r.member
    )))
}

/// Before a key of these books is encrypted: shows who is new in them, and asks. Where nobody can be asked it is
/// refused (exit code 5); `--yes` is no answer to this.
pub fn acknowledge(context: &Context, vault: &Vault, books: Option<&[Slug]>) -> Result<()> {
    let at = vault.snapshot()?;
    let new = vault.newcomers(at, books)?;
    if new.iter().any(|n| n.origin.is_err()) || new.is_empty() || !context.ui.may_ask {
        // The operation itself refuses, with its reason, unless it takes out the very one.
        return Ok(());
    }
    for newcomer in &new {
        context.ui.note(&newcomer.to_string());
    }
    let ui = Ui { yes: false, ..context.ui.clone() };
    ui.confirm("Encrypt the books' keys to them?").map_err(|e| Error { kind: Kind::Refused, ..e })?;
    vault.accept(at, &new)
}
