//! `carnet show`

use super::pick;
use crate::context::Context;
use crate::domain::ids::Slug;
use crate::error::Result;
use crate::vault::access::Access;

/// Show one contact.
///
/// CONTACT is the beginning of an id, an e-mail address, a phone number in any form, or words of a name.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet show 3f9a2c1b
  carnet show jeanne@example.org
  carnet show 'Jeanne Dupont' --json")]
pub struct Args {
    /// Which contact.
    contact: String,
    /// The purpose of this read, for the access trail.
    #[arg(long)]
    purpose: Option<Slug>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let found = pick::one(context, &vault, at, &args.contact)?;
    let opened = vault.reading(|at| {
        let Some(opened) = vault.open_contact(at, &found.book, &found.id)? else {
            return Err(vault.not_found(at, found.id.as_str())?);
        };
        vault.check_file(&found.id.path(&found.book), opened.blob)?;
        Ok(opened)
    })?;
    vault.record(
        at,
        Access {
            action: "show",
            contacts: vec![found.id.clone()],
            books: vec![found.book.clone()],
            count: None,
            purpose: args.purpose,
            ..Access::default()
        },
    )?;
    let ui = &context.ui;
    if ui.json {
        ui.data("carnet.contact/1", &opened.contact)?;
    } else if ui.quiet {
        ui.raw(&format!("{}\n", found.id))?;
    } else {
        ui.lines(&opened.text)?;
    }
    Ok(0)
}
