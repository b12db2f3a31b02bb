//! One contact from a CONTACT argument, or the error that says why not.

use super::{choose, many};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::output::Table;
use crate::vault::select::Match;
use crate::vault::{Snapshot, Vault};

/// The one contact that `text` means, or that standard input names where it is `-`. Of several, the person at the terminal chooses; in a pipe they are listed and never
/// guessed (exit code 4).
pub fn one(context: &Context, vault: &Vault, at: Snapshot, text: &str) -> Result<Match> {
    if text == "-" {
        return many::one_from_input(vault, at);
    }
    let settings = vault.settings(at)?;
    let mut found = vault.reading(|at| vault.matches(at, text, settings.country()))?;
    match found.len() {
        0 => Err(vault.not_found(at, text)?),
        1 => Ok(found.remove(0)),
        _ if choose::possible(context) => choose::candidate(context, vault, at, found),
        n => {
            list(context, vault, at, &found)?;
            Err(Error::new(Kind::Ambiguous, format!("{n} contacts match"))
                .hint("use the id of the one you mean"))
        }
    }
}

/// Lists candidates on stderr, so that a pipe never takes them for the answer.
fn list(context: &Context, vault: &Vault, at: Snapshot, found: &[Match]) -> Result<()> {
    vault.record(
        at,
        crate::vault::access::Access {
            action: "select",
            books: books(found),
            count: Some(found.len()),
            ..Default::default()
        },
    )?;
    let mut table = Table::new(&["ID", "NAME", "E-MAIL"]);
    for m in found.iter().take(20) {
        table.row([m.id.short().to_owned(), m.name.clone(), m.email.clone()]);
    }
    if context.ui.quiet {
        return Ok(());
    }
    context.ui.note_table(&table);
    if found.len() > 20 {
        context.ui.note(&format!("… and {} more", found.len() - 20));
    }
    Ok(())
}

pub use crate::vault::select::books;
