//! `carnet history-purge`

use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::output::Ui;
use crate::vault::Vault;
use crate::vault::purge::{Cost, Order, Purged};

/// Rewrite history without the ciphertext of erased contacts. Rare: an erasure does not need it.
///
/// An erasure destroys the keys, so that the old versions in history cannot be opened. This is for those whose
/// authority finds that insufficient: every commit from the first that holds such a version is written again without
/// it and signed by you, who must have the right to add users. A signed record keeps the original signatures, from
/// which `carnet verify` proves that nothing else was changed. The remote takes the new history in the same step;
/// other clones go over to it at their next sync. What it costs, and what stands in its way, --dry-run shows.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet history-purge --dry-run
  carnet history-purge --dry-run --json
  carnet history-purge --i-understand
  carnet history-purge --i-understand --force-clones --yes")]
pub struct Args {
    /// Say that every commit id changes, everywhere, for good. Asked for besides --yes.
    #[arg(long)]
    i_understand: bool,
    /// Go on although a clone has not confirmed every erasure, because it is lost.
    #[arg(long)]
    force_clones: bool,
    /// Which git remote takes the new history.
    #[arg(long, value_name = "NAME", default_value = "origin")]
    remote: String,
}

#[derive(Serialize)]
struct Json<'a> {
    #[serde(flatten)]
    cost: &'a Cost,
    done: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    purge: Option<Made<'a>>,
}

#[derive(Serialize)]
struct Made<'a> {
    old_tip: String,
    commit: String,
    record: &'a str,
    pushed: bool,
    objects_destroyed: usize,
    refs_to_old_history: Vec<String>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let ui = &context.ui;
    // A clone without any remote has nobody to tell.
    let remote = match vault.remote(&args.remote, ui.may_ask) {
        Ok(remote) => Some(remote),
        Err(_) if args.remote == "origin" && vault.has_no_remote()? => None,
        Err(e) => return Err(e),
    };
    let order = Order { remote: remote.as_ref(), force_clones: args.force_clones };
    let cost = vault.purge_cost(&order)?;
    if context.dry_run || cost.commits == 0 {
        if ui.json {
            ui.data("carnet.history-purge/1", &Json { cost: &cost, done: false, purge: None })?;
        } else {
            tell_cost(ui, &cost)?;
        }
        return Ok(0);
    }
    tell_cost(ui, &cost)?;
    cost.refuse(args.force_clones)?;
    if !args.i_understand {
        return Err(Error::usage("every commit id changes, in every clone, for good")
            .hint("`carnet history-purge --i-understand`, when that is what you want"));
    }
    ui.confirm(&format!("Write {} of {} commits again and destroy the old ones?", cost.commits, cost.of))?;
    let bar = ui.progress(cost.commits as u64, "Writing again");
    let purged = vault.purge(&order, &|n| bar.inc(n));
    bar.finish_and_clear();
    let Some(purged) = purged? else {
        ui.note("There is nothing to purge any more.");
        return Ok(0);
    };
    report(ui, &vault, &purged)?;
    Ok(0)
}

fn tell_cost(ui: &Ui, cost: &Cost) -> Result<()> {
    if ui.json || ui.quiet {
        return Ok(());
    }
    if cost.commits == 0 {
        ui.note("History holds no ciphertext of an erased contact: there is nothing to purge.");
        return Ok(());
    }
    ui.note(&format!(
        "History holds {} ciphertext(s) of {} erased contact(s), which no key opens.",
        cost.ciphertexts, cost.contacts
    ));
    ui.note("To purge them costs:");
    ui.note(&format!(
        "  {} of {} commits get another id; references to the old ids elsewhere no longer fit.",
        cost.commits, cost.of
    ));
    ui.note(&format!(
        "  {} signature(s) of other members are replaced by yours; the record keeps them, and `carnet verify` checks them. \
         `git verify-commit` shows yours, and `sq-git` does not know the record.",
        cost.signatures_of_others
    ));
    ui.note(&format!(
        "  {} other clone(s) must run `carnet sync`, which carries work over that is not synced yet.",
        cost.clones
    ));
    ui.note("  The remote must take rewritten history. One made by `carnet remote init` checks the record and destroys the old objects; a forge keeps them until it clears up itself.");
    ui.note("  Backups, and copies that are no clones of carnet's, keep the old history.");
    for remote in &cost.remotes {
        ui.note(&format!(
            "  Remote {remote} has the old history too: `carnet sync --remote {remote}` afterwards."
        ));
    }
    for hindrance in &cost.hindrances {
        ui.warn(&format!("in the way: {} ({})", hindrance.what, hindrance.hint));
    }
    Ok(())
}

fn report(ui: &Ui, vault: &Vault, purged: &Purged) -> Result<()> {
    let left = vault.refs_to_old_history(vault.snapshot()?)?;
    if ui.json {
        let made = Made {
            old_tip: purged.old.to_string(),
            commit: purged.commit.to_string(),
            record: &purged.record,
            pushed: purged.pushed,
            objects_destroyed: purged.destroyed,
            refs_to_old_history: left,
        };
        return ui
            .data("carnet.history-purge/1", &Json { cost: &purged.cost, done: true, purge: Some(made) });
    }
    if ui.quiet {
        return ui.lines(&format!("{}\n", purged.commit));
    }
    ui.note(&format!(
        "Purged: {} commits written again, {} object(s) destroyed here. The record is {}.",
        purged.cost.commits, purged.destroyed, purged.record
    ));
    match purged.pushed {
        true => ui.note(
            "The remote has the new history. Every other clone goes over to it at its next `carnet sync`.",
        ),
        false => ui.note("There is no remote; nobody else was told."),
    }
    for name in left {
        ui.warn(&format!("{name} still leads to the old history"));
    }
    Ok(())
}
