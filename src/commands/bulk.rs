//! Changes to many contacts at once: which they are, shown and counted before anything happens.

use super::{many, pick};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::output::Table;
use crate::vault::access::Access;
use crate::vault::select::Match;
use crate::vault::{Snapshot, Vault};

/// How many are shown.
const SHOWN: usize = 20;

/// The contacts that arguments name or a filter means.
pub fn meant(context: &Context, vault: &Vault, named: &[String], filter: Option<&str>) -> Result<Vec<Match>> {
    let Some(text) = filter else { return many::contacts(context, vault, named) };
    let filter = vault.filter(vault.snapshot()?, text)?;
    if filter.is_empty() {
        return Err(Error::usage("an empty filter means everybody")
            .at("--where")
            .hint("to mean everybody, say has:id"));
    }
    vault.reading(|at| vault.having(at, None, &filter))
}

/// Shows whom a filter means and asks whether to go on; with `--dry-run` shows them and says no.
pub fn confirmed(
    context: &Context,
    vault: &Vault,
    at: Snapshot,
    found: &[Match],
    what: &str,
) -> Result<bool> {
    let ui = &context.ui;
    if found.is_empty() {
        ui.note("No contacts.");
        return Ok(false);
    }
    if !ui.quiet {
        vault.record(
            at,
            Access {
                action: "select",
                books: pick::books(found),
                count: Some(found.len()),
                ..Access::default()
            },
        )?;
        let mut table = Table::new(&["ID", "NAME", "E-MAIL"]);
        for one in found.iter().take(SHOWN) {
            table.row([one.id.short().to_owned(), one.name.clone(), one.email.clone()]);
        }
        ui.note_table(&table);
        if found.len() > SHOWN {
            ui.note(&format!("… and {} more", found.len() - SHOWN));
        }
    }
    if context.dry_run {
        ui.note(&format!("would {what} {} contact(s); nothing was changed", found.len()));
        return Ok(false);
    }
    ui.confirm(&format!("{} {} contact(s)?", capital(what), found.len()))?;
    Ok(true)
}

fn capital(what: &str) -> String {
    let mut chars = what.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
