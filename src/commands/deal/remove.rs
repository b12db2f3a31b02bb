//! `carnet deal remove`

use crate::context::Context;
use crate::error::Result;

/// Remove a deal that should never have been: its key is destroyed, and no version of it opens any more.
///
/// A deal that came to nothing is better lost, so that the figures stay. This cannot be undone.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet deal remove 'Website' --dry-run
  carnet deal remove 'Website' --yes")]
pub struct Args {
    /// Which deal.
    deal: String,
}

pub fn run(context: &Context, args: &Args) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let held = super::one(context, &vault, &args.deal)?;
    let id = held.id.short();
    if context.dry_run {
        return context.ui.would(&format!("would remove deal {id} and its key; nothing was changed"));
    }
    context.ui.confirm(&format!("Remove deal {id} for good?"))?;
    let commit = vault.remove_deal(&held.book, &held.id)?;
    let ui = &context.ui;
    if ui.json {
        let commit = commit.map(|c| c.to_string());
        let data = serde_json::json!({ "id": held.id, "book": held.book, "commit": commit });
        return ui.data("carnet.deal-removed/1", &data).map(|()| 0);
    }
    ui.raw(&format!("{}\n", held.id))?;
    ui.note(&format!("Removed deal {id}; no version of it opens any more."));
    Ok(0)
}
