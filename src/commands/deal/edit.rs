//! `carnet deal edit`

use super::fields::{Fields, title};
use crate::context::Context;
use crate::error::{Error, Result};

/// Change what a deal says; an empty text takes a field away.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet deal edit 'Website' --amount 5200 --close 2027-02-28
  carnet deal edit 'Website' --next 'call about the offer' --due 2026-12-01 --probability 70
  carnet deal edit 'Website' --add-contact 3f9a2c1b")]
pub struct Args {
    /// Which deal.
    deal: String,
    /// Another title.
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    #[command(flatten)]
    fields: Fields,
    /// Whom it concerns as well.
    #[arg(long, value_name = "CONTACT")]
    add_contact: Vec<String>,
    /// Whom it does not concern any more.
    #[arg(long, value_name = "CONTACT")]
    remove_contact: Vec<String>,
    /// Take away the conflict notes of a merge on this field; what it says stays.
    #[arg(long, value_name = "FIELD")]
    resolve: Vec<String>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let settings = vault.settings(vault.snapshot()?)?;
    let held = super::one(context, &vault, &args.deal)?;
    let added = super::whom(context, &vault, &args.add_contact)?;
    let removed = super::whom(context, &vault, &args.remove_contact)?;
    let change = |deal: &mut crate::domain::deal::Deal| -> Result<()> {
        if let Some(text) = &args.title {
            deal.title = title(text)?;
        }
        args.fields.put(deal, &settings, vault.now)?;
        deal.link(&added.iter().map(|one| one.id.clone()).collect::<Vec<_>>());
        removed.iter().try_for_each(|one| deal.unlink(&one.id))?;
        args.resolve.iter().try_for_each(|field| resolve(&mut deal.rest, field))
    };
    if context.dry_run {
        change(&mut held.deal.clone())?;
        return context.ui.would(&format!("would change deal {}; nothing was changed", held.id.short()));
    }
    let (commit, held) = vault.change_deal((&held.book, &held.id), "edit", |_, deal| change(deal))?;
    super::done(context, &vault, &held, commit, ("Changed", false))
}

/// Takes away the conflict notes on a field.
fn resolve(rest: &mut toml::Table, field: &str) -> Result<()> {
    let notes = rest.get_mut("conflict").and_then(toml::Value::as_array_mut);
    let is_it = |note: &toml::Value| note.get("field").and_then(toml::Value::as_str) == Some(field);
    let Some(notes) = notes.filter(|notes| notes.iter().any(is_it)) else {
        return Err(Error::usage("the deal has no conflict note on that field").at("--resolve"));
    };
    notes.retain(|note| !is_it(note));
    if notes.is_empty() {
        rest.remove("conflict");
    }
    Ok(())
}
