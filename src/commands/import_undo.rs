//! `carnet import undo`

use chrono::DateTime;

use crate::context::Context;
use crate::domain::ids::{ContactId, Slug};
use crate::error::Result;

/// Take back an import: the contacts that it made go, and their keys with them.
///
/// Contacts that were changed since stay and are named, unless --force. History keeps what was done.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet import contacts.vcf --source s --basis customers:contract && carnet import undo --yes
  carnet import contacts.vcf --source s --basis customers:contract && carnet import undo --dry-run")]
pub struct Args {
    /// The import's commit, as `carnet history` shows it [default: your last import].
    commit: Option<String>,
    /// Also remove contacts that were changed since.
    #[arg(long)]
    force: bool,
}

#[derive(serde::Serialize)]
struct Undone {
    undone: String,
    removed: Vec<ContactId>,
    /// Contacts that are again as they were before.
    restored: Vec<ContactId>,
    left: Vec<ContactId>,
    commit: Option<String>,
    dry_run: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<i32> {
    let vault = context.vault()?;
    let imported = vault.imported(vault.snapshot()?, args.commit.as_deref())?;
    let when = DateTime::from_timestamp(imported.time, 0).unwrap_or_default().format("%Y-%m-%d %H:%M");
    let ids = |list: &[(Slug, ContactId)]| list.iter().map(|(_, id)| id.clone()).collect::<Vec<_>>();
    let (mut removed, mut left) = (ids(&imported.untouched), ids(&imported.edited));
    if args.force {
        removed.append(&mut left);
    }
    let restored = ids(&imported.changed);
    let mut commit = None;
    if !context.dry_run && !(removed.is_empty() && restored.is_empty()) {
        context.ui.confirm(&format!(
            "Undo the import of {when}, and remove {} contact(s) for good?",
            removed.len()
        ))?;
        commit = vault.undo_import(&imported, args.force)?.map(|commit| commit.to_string());
    }
    let ui = &context.ui;
    if ui.json {
        let undone = imported.commit.to_string();
        return ui
            .data(
                "carnet.import.undo/1",
                &Undone { undone, removed, restored, left, commit, dry_run: context.dry_run },
            )
            .map(|()| 0);
    }
    if ui.quiet {
        ui.raw(&removed.iter().map(|id| format!("{id}\n")).collect::<String>())?;
        return Ok(0);
    }
    let verb = if context.dry_run { "Would remove" } else { "Removed" };
    ui.note(&format!("{verb} {} contact(s) of the import of {when}.", removed.len()));
    if !restored.is_empty() {
        ui.note(&match context.dry_run {
            true => format!("{} contact(s) would again be as they were before it.", restored.len()),
            false => format!("{} contact(s) are again as they were before it.", restored.len()),
        });
    }
    if !left.is_empty() {
        let short: Vec<&str> = left.iter().map(|id| id.as_str().get(..8).unwrap_or_default()).collect();
        ui.note(&format!(
            "{} changed since and left: {}. With --force they go, too.",
            left.len(),
            short.join(", ")
        ));
    }
    Ok(0)
}
