//! `carnet request`

mod acknowledge;
mod answer;
mod answer_made;
mod close;
mod extend;
mod list;
mod open;
mod pause;
mod reply;
mod show;

use serde::Serialize;

use crate::context::Context;
use crate::domain::request::{Request, Standing, State};
use crate::domain::zone::Day;
use crate::error::Result;
use crate::store::Oid;

/// Rights requests (Art. 15 to 21 GDPR): enter them, keep their deadlines, answer them.
///
/// A request has one calendar month, or three where that was said in time, and stands still while the firm waits for the
/// person. The plain entry holds no personal text; names and notes are sealed beside it and can be destroyed alone.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Open(open::Args),
    List(list::Args),
    Show(show::Args),
    Acknowledge(acknowledge::Args),
    Pause(pause::PauseArgs),
    Resume(pause::ResumeArgs),
    Extend(extend::Args),
    Answer(answer::Args),
    Close(close::Args),
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Open(args) => open::run(context, args),
        Command::List(args) => list::run(context, args),
        Command::Show(args) => show::run(context, args),
        Command::Acknowledge(args) => acknowledge::run(context, args),
        Command::Pause(args) => pause::pause(context, args),
        Command::Resume(args) => pause::resume(context, args),
        Command::Extend(args) => extend::run(context, args),
        Command::Answer(args) => answer::run(context, args),
        Command::Close(args) => close::run(context, args),
    }
}

/// A request as JSON has it: the entry, and where it stands today.
#[derive(Serialize)]
struct Item<'a> {
    #[serde(flatten)]
    request: &'a Request,
    state: State,
    /// The last day for the answer; none once it is answered or closed.
    due: Option<Day>,
    /// RFC 3339, UTC: the moment at which it is late.
    late_from: Option<String>,
    days_left: Option<i64>,
    late: bool,
}

impl<'a> Item<'a> {
    fn of(request: &'a Request, today: Day) -> Result<Item<'a>> {
        let state = request.state();
        let open = matches!(state, State::Open | State::Paused);
        let standing: Option<Standing> = open.then(|| request.standing(today));
        let zone = request.zone()?;
        let late_from = |s: &Standing| zone.end_of(s.due).format("%Y-%m-%dT%H:%M:%SZ").to_string();
        Ok(Item {
            request,
            state,
            due: standing.map(|s| s.due),
            late_from: standing.as_ref().map(late_from),
            days_left: standing.map(|s| s.left),
            late: standing.is_some_and(|s| s.is_late()),
        })
    }
}

/// Says what became of a request: its reference on stdout, the rest on stderr, or JSON.
fn done(context: &Context, request: &Request, today: Day, commit: Option<Oid>, said: &str) -> Result<i32> {
    #[derive(Serialize)]
    struct Done<'a> {
        #[serde(flatten)]
        item: Item<'a>,
        commit: Option<String>,
    }
    let ui = &context.ui;
    let item = Item::of(request, today)?;
    if ui.json {
        ui.data("carnet.request/1", &Done { item, commit: commit.map(|c| c.to_string()) })?;
        return Ok(0);
    }
    ui.raw(&format!("{}\n", request.reference))?;
    ui.note(said);
    if item.due.is_some() {
        ui.note(&deadline_text(request, today));
    }
    Ok(0)
}

/// The deadline in one sentence.
fn deadline_text(request: &Request, today: Day) -> String {
    let standing = request.standing(today);
    let days = |n: i64| if n == 1 { "1 day".to_owned() } else { format!("{n} days") };
    match standing {
        Standing { stopped: true, left, .. } => {
            format!("The clock stands still; {} will be left when the person has replied.", days(left))
        }
        Standing { due, left, .. } if left < 0 => {
            format!("The answer was due on {due}, {} ago.", days(-left))
        }
        Standing { due, left: 0, .. } => format!("The answer is due today, {due}."),
        Standing { due, left, .. } => format!("The answer is due on {due}, in {}.", days(left)),
    }
}
