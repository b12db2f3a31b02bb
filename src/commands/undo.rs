//! `carnet undo`

use chrono::DateTime;

use crate::context::Context;
use crate::error::Result;

/// Undo your last operation by a new signed commit; again, and the one before it.
///
/// Additions, imports, edits, tags, log entries, actions, merges, saved searches and declared purposes can be undone,
/// as long as nobody has changed the same contacts since. Erasures cannot. History keeps what was done.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet edit 3f9a2c1b --set title=Manager && carnet undo
  carnet undo --dry-run")]
pub struct Args {}

pub fn run(context: &Context, _: &Args) -> Result<i32> {
    let vault = context.vault()?;
    let last = vault.last_operation(vault.snapshot()?)?;
    let when = DateTime::from_timestamp(last.time, 0).unwrap_or_default().format("%Y-%m-%d %H:%M");
    let what = &last.action;
    if context.dry_run {
        context.ui.note(&format!(
            "would undo {what} of {when}: {} contact(s) back as they were, {} removed; nothing was changed",
            last.back, last.gone
        ));
        return Ok(0);
    }
    if last.gone > 0 {
        // Their keys are destroyed: this one cannot be undone in turn.
        context
            .ui
            .confirm(&format!("Undo {what} of {when}, and remove {} contact(s) for good?", last.gone))?;
    }
    let commit = vault.undo(&last)?.map(|c| c.to_string());
    if context.ui.json {
        let undone = serde_json::json!({
            "undone": last.commit.to_string(), "action": last.action, "restored": last.back,
            "removed": last.gone, "commit": commit,
        });
        context.ui.data("carnet.undo/1", &undone)?;
    }
    context.ui.note(&format!(
        "Undid {what} of {when}: {} contact(s) back as they were, {} removed.",
        last.back, last.gone
    ));
    Ok(0)
}
