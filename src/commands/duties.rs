//! `carnet duties`: every deadline and review ahead.

use crate::context::Context;
use crate::domain::audit::Duty;
use crate::error::Result;
use crate::interchange::calendar::{self, Event};
use crate::output::text::inert;
use crate::output::{Tone, Ui};

/// List every deadline and review ahead, what is late first.
///
/// Reviews of purposes and processors, contracts, trainings, agreements, requests of persons, breaches, retention,
/// keys and consents that expire. No contact is named.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet duties
  carnet duties --days 365
  carnet duties --ics > duties.ics")]
pub struct Args {
    /// How many days ahead.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(0..=36_525))]
    days: u32,
    /// As a calendar (iCalendar, RFC 5545), one all-day event each.
    #[arg(long)]
    ics: bool,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let duties = vault.reading(|at| vault.survey(at, args.days))?.duties;
    let ui = &context.ui;
    if args.ics {
        let events: Vec<Event> = duties.iter().map(event).collect();
        // Its lines end as RFC 5545 has them.
        ui.raw(&calendar::write(&events, vault.now)?)?;
    } else if ui.json {
        ui.data("carnet.duties/1", &duties)?;
    } else if ui.quiet {
        ui.lines(&duties.iter().map(|d| format!("{}\n", d.due)).collect::<String>())?;
    } else if duties.is_empty() {
        ui.note(&format!("Nothing is due within {} days.", args.days));
    } else {
        ui.raw(&duties.iter().map(|duty| two_lines(duty, ui)).collect::<String>())?;
    }
    Ok(0)
}

/// A duty with its place and rule, and below it its command. As a table, no terminal is wide enough.
fn two_lines(duty: &Duty, ui: &Ui) -> String {
    let (days, tone) = match duty.days {
        late @ ..0 => (format!("late by {}", -late), Tone::Late),
        0 => ("today".to_owned(), Tone::Today),
        days => (format!("in {days} days"), Tone::Plain),
    };
    let days = ui.paint(tone, &format!("{days:<12}"));
    let [what, place, command] = [&duty.what, &duty.place, &duty.command].map(|text| inert(text));
    format!("{}  {days}  {what} ({place}; {})\n    {command}\n", duty.due, duty.rule)
}

/// The event of a duty; the same duty is the same event whenever the feed is written.
fn event(duty: &Duty) -> Event {
    let key = format!("{}|{}|{}", duty.kind, duty.place, duty.due);
    let hash = crate::crypto::digest::sha256(key.as_bytes());
    Event {
        uid: format!("{}-{}@carnet", duty.kind, hash.get(..16).unwrap_or(&hash)),
        day: duty.due,
        summary: format!("{} ({})", duty.what, duty.rule),
        yearly: false,
    }
}
