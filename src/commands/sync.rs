//! `carnet sync`: brings this clone and the firm's remote together.

use crate::context::Context;
use crate::error::Result;
use crate::output::ui::Ui;
use crate::vault::sync::Synced;

/// Fetch, merge and push: contacts, access trail and keys.
///
/// Contacts that were changed on both sides are merged field by field. Erasures made elsewhere destroy the keys here.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet sync
  carnet sync --no-push
  carnet sync --remote backup --json")]
pub struct Args {
    /// Take over what others did, and push nothing.
    #[arg(long)]
    no_push: bool,
    /// Which git remote.
    #[arg(long, value_name = "NAME", default_value = "origin")]
    remote: String,
}

#[derive(serde::Serialize)]
struct Json<'a> {
    received: Count,
    pushed: Pushed,
    merge: Option<String>,
    conflicts: &'a [crate::domain::ids::ContactId],
    apart: &'a [crate::domain::ids::ContactId],
    united: &'a [crate::domain::ids::ContactId],
    changed_twice: &'a [String],
    kept: &'a [String],
    stricter: &'a [String],
    renumbered: &'a [(String, String)],
    erased: &'a [crate::domain::ids::ContactId],
    mentions: &'a [crate::domain::ids::ContactId],
    reunited: Vec<Reunited<'a>>,
    keys_kept_out: usize,
    keys_outdated: usize,
    rekeyed: &'a [crate::domain::ids::Slug],
    dropped_chains: usize,
    verified: usize,
    purged: usize,
    carried_over: usize,
    rolled_back: &'a [String],
    warnings: &'a [String],
    complete: bool,
}

/// A contact that had become part of another and was changed elsewhere.
#[derive(serde::Serialize)]
struct Reunited<'a> {
    stays: &'a crate::domain::ids::ContactId,
    went: &'a crate::domain::ids::ContactId,
}

#[derive(serde::Serialize)]
struct Count {
    commits: usize,
    accesses: usize,
}

#[derive(serde::Serialize)]
struct Pushed {
    commits: usize,
    accesses: usize,
    keys: bool,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let remote = vault.remote(&args.remote, context.ui.may_ask)?;
    let push = !args.no_push;
    if context.dry_run {
        let (news, own) = vault.foresee_sync(&remote)?;
        return context.ui.would(&match (news, Some(own).filter(|_| push)) {
            (true, None) => format!("would take over what is new at remote `{}`", remote.name),
            (true, Some(n)) => {
                format!(
                    "would take over what is new at remote `{}`, and push {n} commit(s) of this clone",
                    remote.name
                )
            }
            (false, None) => {
                format!("would take over nothing: there is nothing new at remote `{}`", remote.name)
            }
            (false, Some(n)) => {
                format!(
                    "would push {n} commit(s) of this clone; there is nothing new at remote `{}`",
                    remote.name
                )
            }
        });
    }
    let mut done = vault
        .sync(&remote, push)
        .inspect_err(|_| context.ui.note("Nothing was taken over, and nothing was pushed."))?;
    let failed = done.failed.take();
    let ui = &context.ui;
    if ui.json {
        ui.data(
            "carnet.sync/1",
            &Json {
                received: Count { commits: done.commits, accesses: done.accesses },
                pushed: Pushed {
                    commits: done.pushed_commits,
                    accesses: done.pushed_accesses,
                    keys: done.pushed_keys,
                },
                merge: done.merge.map(|id| id.to_string()),
                conflicts: &done.conflicts,
                apart: &done.apart,
                united: &done.united,
                changed_twice: &done.twice,
                kept: &done.kept,
                stricter: &done.stricter,
                renumbered: &done.renumbered,
                erased: &done.erased,
                mentions: &done.mentions,
                reunited: done.reunited.iter().map(|(stays, went)| Reunited { stays, went }).collect(),
                keys_kept_out: done.came_back,
                keys_outdated: done.outdated,
                rekeyed: &done.rekeyed,
                dropped_chains: done.dropped.map_or(0, |dropped| dropped.chains),
                verified: done.checked,
                purged: done.purged,
                carried_over: done.carried,
                rolled_back: &done.rolled_back,
                warnings: &done.warnings,
                complete: failed.is_none() && push,
            },
        )?;
    }
    tell(ui, &done, push && failed.is_none());
    match failed {
        Some(e) => Err(e),
        None => Ok(0),
    }
}

fn tell(ui: &Ui, done: &Synced, pushed: bool) {
    for warning in done.warnings.iter().chain(&done.rolled_back) {
        ui.warn(warning);
    }
    if done.purged > 0 {
        ui.note(&format!(
            "History was purged elsewhere: {} commit(s) were written again, the old ones destroyed here, and {} of \
             yours carried over. `carnet verify` proves it.",
            done.purged, done.carried
        ));
    }
    if done.came_back > 0 {
        ui.warn(&format!(
            "the remote's key store still had the keys of {} erased contact(s); they were not taken over",
            done.came_back
        ));
    }
    if done.outdated > 0 {
        ui.warn(&format!(
            "the remote's key store had {} key(s) that were destroyed or replaced before: somebody put an older one \
             there; they were not taken over",
            done.outdated
        ));
    }
    ui.note(&format!(
        "Received: {} commit(s), {} access entr{}.",
        done.commits,
        done.accesses,
        if done.accesses == 1 { "y" } else { "ies" }
    ));
    if done.merge.is_some() {
        ui.note("Merged what was done here with it.");
    }
    for id in &done.erased {
        ui.note(&format!("Erased elsewhere, and its key destroyed here: contact {}.", id.short()));
    }
    for id in &done.mentions {
        ui.note(&format!(
            "Contact or sealed record {} mentioned an erased one: the mention is out, and its earlier versions open no more.",
            id.short()
        ));
    }
    for (stays, went) in &done.reunited {
        ui.note(&format!(
            "Contact {} had been merged into {} while it was changed elsewhere: what was changed is in {1} now.",
            went.short(),
            stays.short()
        ));
    }
    for id in &done.conflicts {
        ui.note(&format!(
            "Contact {0} was changed on both sides: `carnet edit {0}` shows its conflict notes.",
            id.short()
        ));
    }
    for id in &done.apart {
        ui.note(&format!(
            "Contact {} was changed here and moved elsewhere to a book that you cannot open: your change goes there when \
             somebody who can open both syncs.",
            id.short()
        ));
    }
    for id in &done.united {
        ui.note(&format!(
            "Contact {} was changed by somebody who did not see its move: it has the change now.",
            id.short()
        ));
    }
    for field in &done.twice {
        ui.note(&format!("Changed on both sides, the later value stands: {field}."));
    }
    for (old, new) in &done.renumbered {
        ui.note(&format!(
            "Both sides added a wording {old}: this clone's is {new} now, and consents mean what they meant."
        ));
    }
    for path in &done.kept {
        ui.note(&format!("Removed on one side and changed on the other, so it stays: {path}."));
    }
    for handle in &done.stricter {
        ui.note(&format!("Both sides changed member {handle}'s rights: what one side took away stays away."));
    }
    if let Some(dropped) = done.dropped {
        ui.note(&dropped.to_string());
    }
    for book in &done.rekeyed {
        ui.note(&format!("Book {book} got new keys: both sides had changed them."));
    }
    let keys = if done.pushed_keys { ", and the key store" } else { "" };
    let (commits, accesses) = (done.pushed_commits, done.pushed_accesses);
    match (pushed, done.pushed_commits + done.pushed_accesses > 0 || done.pushed_keys) {
        (true, false) => ui.note("Pushed: nothing was missing at the remote."),
        (true, true) => {
            ui.note(&format!("Pushed: {commits} commit(s), {accesses} of your access entries{keys}."))
        }
        (false, true) => {
            ui.note(&format!("Pushed so far: {commits} commit(s), {accesses} of your access entries{keys}."))
        }
        (false, false) => ui.note("Nothing was pushed."),
    }
}
