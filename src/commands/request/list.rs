//! `carnet request list`

use super::Item;
use crate::context::Context;
use crate::domain::organisation::Lang;
use crate::domain::request::{Kind, Request, State};
use crate::domain::zone::Day;
use crate::error::Result;
use crate::output::Table;

/// List requests with the days that are left: what is late first, then what is due next.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet request list
  carnet request list --late -q
  carnet request list --all --json")]
pub struct Args {
    /// Answered and closed ones, too.
    #[arg(long)]
    all: bool,
    /// Only what is late.
    #[arg(long, conflicts_with = "all")]
    late: bool,
    /// Only requests of this kind.
    #[arg(long)]
    kind: Option<Kind>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let mut requests = vault.requests(at)?;
    requests.retain(|request| args.kind.is_none_or(|kind| kind == request.kind));
    let mut listed: Vec<(Day, Request)> = Vec::with_capacity(requests.len());
    for request in requests {
        listed.push((vault.today_for(&request)?, request));
    }
    let mut items = Vec::with_capacity(listed.len());
    for (today, request) in &listed {
        items.push(Item::of(request, *today)?);
    }
    items.retain(|item| match (args.all, args.late) {
        (true, _) => true,
        (_, true) => item.late,
        _ => item.due.is_some(),
    });
    items.sort_by_key(|item| {
        (item.due.is_none(), item.days_left, item.due, std::cmp::Reverse(item.request.received))
    });
    let ui = &context.ui;
    if ui.json {
        return ui.data("carnet.requests/1", &items).map(|()| 0);
    }
    if ui.quiet {
        return ui
            .raw(&items.iter().map(|i| format!("{}\n", i.request.reference)).collect::<String>())
            .map(|()| 0);
    }
    if items.is_empty() {
        ui.note(if args.all { "No requests." } else { "No open requests." });
        return Ok(0);
    }
    let mut table =
        Table::new(&["REF", "RIGHT", "CONTACT", "RECEIVED", "DUE", "LEFT", "STATE"]).words(&["RIGHT"]);
    for item in &items {
        let request = item.request;
        let paused = item.state == State::Paused;
        table.row([
            request.reference.to_string(),
            request.kind.as_str().to_owned(),
            request.contact.as_ref().map(|id| id.short().to_owned()).unwrap_or_default(),
            request.received.to_string(),
            item.due.filter(|_| !paused).map(|due| due.to_string()).unwrap_or_default(),
            left(item, ui.lang),
            state(item, ui.lang),
        ]);
    }
    ui.table(&table)?;
    let late = items.iter().filter(|item| item.late).count();
    if late > 0 {
        ui.warn(&format!("{late} of them are late (Art. 12(3) GDPR)"));
    }
    Ok(0)
}

fn left(item: &Item<'_>, lang: Lang) -> String {
    match item.days_left {
        None => String::new(),
        Some(0) => lang.say("today").into_owned(),
        Some(n) if n < 0 => lang.fill("{} late", &[&-n]),
        Some(n) => n.to_string(),
    }
}

fn state(item: &Item<'_>, lang: Lang) -> String {
    let state = lang.say(item.state.as_str());
    match (&item.request.answer, item.state) {
        (Some(answer), State::Answered | State::Closed) => {
            format!("{state}{} {}, {}", lang.colon(), lang.say(answer.decision.as_str()), answer.on)
        }
        (None, State::Open) if item.request.extension.is_some() => lang.say("open, extended").into_owned(),
        _ => state.into_owned(),
    }
}
