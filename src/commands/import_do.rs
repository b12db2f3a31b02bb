//! What every import does with what it has found: shows it, asks, writes it in one commit, and says what became of it.

use super::import::Outcome;
use super::import_preview;
use crate::context::Context;
use crate::domain::draft::Draft;
use crate::domain::ids::Slug;
use crate::error::Result;
use crate::vault::vdir_import::CardEdit;
use crate::vault::{Snapshot, Vault};

/// What one commit is to bring.
pub(super) struct Batch {
    /// The book of the new contacts.
    pub book: Slug,
    pub drafts: Vec<Draft>,
    /// Changes to contacts that are there.
    pub edits: Vec<CardEdit>,
}

/// Shows it where somebody can be asked, and writes it unless this is a dry run.
pub(super) fn carry_out(
    context: &Context,
    vault: &Vault,
    at: Snapshot,
    batch: &Batch,
    question: &str,
    outcome: &mut Outcome,
) -> Result<()> {
    let Batch { book, drafts, edits } = batch;
    let ui = &context.ui;
    if context.dry_run {
        if !ui.quiet && !ui.json {
            import_preview::edits(context, vault, at, edits)?;
        }
        return Ok(());
    }
    if drafts.is_empty() && edits.is_empty() {
        return Ok(());
    }
    if import_preview::shown(context, outcome, drafts) {
        import_preview::edits(context, vault, at, edits)?;
        ui.confirm(question)?;
        // They were shown before the question.
        outcome.remarks.clear();
    }
    let bar = ui.progress(drafts.len() as u64, "Sealing");
    let done = vault.import_with(book, drafts, edits, &|n| bar.inc(n));
    bar.finish_and_clear();
    let (commit, ids) = done?;
    outcome.commit = commit.map(|c| c.to_string());
    outcome.ids = ids;
    Ok(())
}

/// The ids for another command, or the first contacts of a dry run and what is said of rows.
pub(super) fn tell(context: &Context, outcome: &Outcome) -> Result<()> {
    let ui = &context.ui;
    if ui.quiet {
        let ids = outcome.changed.iter().chain(&outcome.ids);
        return ui.raw(&ids.map(|id| format!("{id}\n")).collect::<String>());
    }
    if outcome.dry_run && !outcome.preview.is_empty() {
        ui.table(&import_preview::table(&outcome.preview))?;
    }
    import_preview::remarks(ui, &outcome.remarks, None);
    Ok(())
}
