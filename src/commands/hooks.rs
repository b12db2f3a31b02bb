//! `carnet hooks`
// The help shows a TOML heading in brackets, which rustdoc would take for a link.
#![allow(rustdoc::broken_intra_doc_links)]

use crate::context::Context;
use crate::domain::after::{EVENTS, Told, parse};
use crate::error::Result;
use crate::output::Table;
use crate::store::hooks;
use crate::vault::open_data_repository;

/// Show your own hooks: programs that are run after a change, and the events that there are.
///
/// They stand in ~/.config/carnet/hooks.toml (or below XDG_CONFIG_HOME), which nobody else may be able to write; a data
/// repository can never bring any:
///
///   [[hook]]
///   on = "deal-won"                  # or a list of events, or "*"
///   run = ["notify-send", "Won!"]    # a program and its arguments; no shell
///   timeout = "5s"                   # then it is killed with its children [default: 10s]
///   data = "ids"                     # "record" (default) hands on what is in the contacts and deals
///
/// A hook is run after the commit, with a JSON record on its standard input and only a few variables in its environment. That it
/// fails or takes too long is a warning and undoes nothing. What it is told of contacts leaves carnet: the access trail says
/// so. `--no-hooks` or CARNET_NO_HOOKS=1 leaves them out.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Examples:
  carnet hooks
  carnet hooks --json"
)]
pub struct Args {}

pub fn run(context: &Context, _: Args) -> Result<i32> {
    let root = open_data_repository(&context.dir).ok().map(|repo| repo.root().to_path_buf());
    let file = hooks::file();
    let text = file.as_ref().map(|file| hooks::read(file, root.as_deref())).transpose()?.flatten();
    let all = parse(text.as_deref().unwrap_or_default()).map_err(|e| e.hint("correct hooks.toml"))?;
    let ui = &context.ui;
    let place = file.map(|file| file.display().to_string()).unwrap_or_default();
    if ui.json {
        let events: Vec<_> = EVENTS
            .iter()
            .map(|(event, _, help)| serde_json::json!({ "event": event, "help": help }))
            .collect();
        let all: Vec<_> = all
            .iter()
            .map(|hook| serde_json::json!({ "hook": hook, "timeout_ms": hook.timeout.as_millis() }))
            .collect();
        ui.data("carnet.hooks/1", &serde_json::json!({ "file": place, "hooks": all, "events": events }))?;
        return Ok(0);
    }
    if ui.quiet {
        ui.lines(&all.iter().map(|hook| format!("{}\n", hook.program())).collect::<String>())?;
        return Ok(0);
    }
    if all.is_empty() {
        ui.note(&format!("There are no hooks: {place} has none."));
    } else {
        let mut table = Table::new(&["ON", "RUN", "TIMEOUT", "DATA"]);
        for hook in &all {
            let told = if hook.data == Told::Ids { "ids" } else { "record" };
            table.row([
                hook.on.join(" "),
                hook.run.join(" "),
                format!("{:?}", hook.timeout),
                told.to_owned(),
            ]);
        }
        ui.table(&table)?;
        ui.raw("\n")?;
    }
    let mut table = Table::new(&["EVENT", "MEANS"]);
    EVENTS
        .iter()
        .for_each(|(event, _, help)| table.row([(*event).to_owned(), ui.lang.say(help).into_owned()]));
    ui.table(&table).map(|()| 0)
}
