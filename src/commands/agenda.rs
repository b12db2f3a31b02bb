//! `carnet agenda`

use std::collections::HashSet;
use std::path::PathBuf;

use chrono::{Days, NaiveDate};

use super::export::{check_outside, write_new};
use super::todo;
use crate::context::Context;
use crate::domain::activity::relative;
use crate::domain::ids::ContactId;
use crate::error::Result;
use crate::interchange::calendar::{self, Event};
use crate::output::{Cell, Table, Tone, Ui};
use crate::vault::access::Access;
use crate::vault::agenda::{Agenda, Birthday, Open, Quiet};
use crate::vault::deals::Held;

/// What is late, due today and this week; birthdays; and who was not heard of for longer than one wants.
///
/// Actions come from `carnet todo add`; how often one wants to be in touch from `carnet todo every`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet agenda
  carnet agenda --days 30 --where 'tag:vip'
  carnet agenda --ics --out ../agenda.ics")]
pub struct Args {
    /// How many days ahead.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=366), value_name = "N")]
    days: u16,
    /// Only of contacts that a filter means, and deals with them.
    #[arg(long = "where", value_name = "FILTER")]
    filter: Option<String>,
    /// Write a calendar feed (iCalendar) of all open actions with a day, of the days of open deals, and of all birthdays.
    #[arg(long)]
    ics: bool,
    /// Write the feed into this new file (0600); never inside the data repository.
    #[arg(long, value_name = "FILE", requires = "ics")]
    out: Option<PathBuf>,
}

/// What is shown, by when it is due.
struct Parts<'a> {
    late: Vec<&'a Open>,
    today: Vec<&'a Open>,
    week: Vec<&'a Open>,
    birthdays: Vec<&'a Birthday>,
    quiet: &'a [Quiet],
    deals: Vec<DealDay<'a>>,
}

/// A deal whose next step is due, or whose expected close comes.
struct DealDay<'a> {
    day: NaiveDate,
    what: String,
    held: &'a Held,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    if let Some(path) = &args.out {
        check_outside(&vault, path)?;
    }
    let (at, agenda, deals) = vault.reading(|at| {
        let filter = vault.filter(at, args.filter.as_deref().unwrap_or_default())?;
        let mut deals = vault.deals(at)?;
        if !filter.is_empty() && !deals.is_empty() {
            let meant: HashSet<ContactId> =
                vault.having(at, None, &filter)?.into_iter().map(|one| one.id).collect();
            deals.retain(|held| held.deal.contacts.iter().any(|id| meant.contains(id)));
        }
        Ok((at, vault.agenda(at, &filter)?, deals))
    })?;
    let today = vault.now.date_naive();
    let until = today.checked_add_days(Days::new(args.days.into())).unwrap_or(NaiveDate::MAX);
    let parts = parts(&agenda, &deals, today, until);
    let events = if args.ics { events(&agenda, &deals) } else { Vec::new() };
    let shown = parts.late.len()
        + parts.today.len()
        + parts.week.len()
        + parts.birthdays.len()
        + parts.quiet.len()
        + parts.deals.len();
    vault.record(
        at,
        Access {
            action: if args.ics { "export" } else { "agenda" },
            books: agenda.books.clone(),
            count: Some(if args.ics { events.len() } else { shown }),
            ..Access::default()
        },
    )?;
    let ui = &context.ui;
    if args.ics {
        let feed = calendar::write(&events, vault.now)?;
        let Some(path) = &args.out else {
            ui.raw(&feed)?;
            return Ok(0);
        };
        write_new(path, feed.as_bytes())?;
        if ui.json {
            ui.data(
                "carnet.agenda-ics/1",
                &serde_json::json!({ "count": events.len(), "file": path.display().to_string() }),
            )?;
        }
        ui.note(&format!("Wrote {} event(s): the file is plain text.", events.len()));
    } else if ui.json {
        ui.data("carnet.agenda/1", &as_json(&parts))?;
    } else if ui.quiet {
        let ids =
            parts.late.iter().chain(&parts.today).chain(&parts.week).map(|open| format!("{}\n", open.id));
        ui.raw(&ids.collect::<String>())?;
    } else if shown == 0 {
        ui.note("Nothing is due.");
    } else {
        ui.raw(&text(&parts, today, args.days, ui))?;
    }
    Ok(0)
}

fn parts<'a>(agenda: &'a Agenda, deals: &'a [Held], today: NaiveDate, until: NaiveDate) -> Parts<'a> {
    let due = |test: &dyn Fn(NaiveDate) -> bool| {
        agenda.open.iter().filter(|open| open.due.is_some_and(test)).collect()
    };
    let mut deal_days: Vec<DealDay<'_>> = Vec::new();
    for held in deals {
        let days = held.deal.due().into_iter().filter(|(day, ..)| *day <= until);
        deal_days.extend(days.map(|(day, _, what)| DealDay { day, what, held }));
    }
    deal_days.sort_by_key(|of| of.day);
    Parts {
        late: due(&|day| day < today),
        today: due(&|day| day == today),
        week: due(&|day| day > today && day <= until),
        birthdays: agenda.birthdays.iter().filter(|b| b.day <= until).collect(),
        quiet: &agenda.quiet,
        deals: deal_days,
    }
}

fn text(parts: &Parts<'_>, today: NaiveDate, days: u16, ui: &Ui) -> String {
    let lang = ui.lang;
    let mut out = String::new();
    let id = |id: &str| Cell::new(id, Tone::Faint);
    let ahead = if days == 7 { "This week".to_owned() } else { format!("Next {days} days") };
    for (title, list) in [("Late", &parts.late), ("Today", &parts.today), (&ahead, &parts.week)] {
        section(
            &mut out,
            title,
            ui,
            list.iter().map(|open| {
                let [id, day, when, what, with] = todo::cells(open, today, ui);
                [day, when, what, with, id]
            }),
        );
    }
    section(
        &mut out,
        "Deals",
        ui,
        parts.deals.iter().map(|of| {
            let [day, when] = todo::day_cells(Some(of.day), today, ui);
            let what = lang.say(&of.what).into_owned();
            [day, when, of.held.deal.title.clone().into(), what.into(), id(of.held.id.short())]
        }),
    );
    section(
        &mut out,
        "Birthdays",
        ui,
        parts.birthdays.iter().map(|b| {
            let age = b.age.map(|age| age.to_string()).unwrap_or_default();
            let [day, when] = todo::day_cells(Some(b.day), today, ui);
            [day, when, b.with.name.clone().into(), age.into(), id(b.with.id.short())]
        }),
    );
    section(
        &mut out,
        "Not heard of",
        ui,
        parts.quiet.iter().map(|q| {
            let when = match q.last {
                None => lang.say("never").into_owned(),
                Some(_) if ui.absolute => String::new(),
                Some(last) => lang.say(&relative(last, today)).into_owned(),
            };
            [
                q.last.map(|last| last.to_string()).unwrap_or_default().into(),
                when.into(),
                q.with.name.clone().into(),
                lang.say(&format!("every {}", q.every.text())).into_owned().into(),
                id(q.with.id.short()),
            ]
        }),
    );
    out
}

fn section<const N: usize>(out: &mut String, title: &str, ui: &Ui, rows: impl Iterator<Item = [Cell; N]>) {
    let mut table = Table::new(&[""; N]);
    rows.for_each(|row| table.row(row));
    if table.is_empty() {
        return;
    }
    if !out.is_empty() {
        out.push('\n');
    }
    let tone = match title {
        "Late" => Tone::Late,
        "Today" => Tone::Today,
        _ => Tone::Heading,
    };
    out.push_str(&format!("{}\n", ui.paint(tone, &ui.lang.say(title))));
    // The headings' line is empty.
    for line in table.paint(ui.lang, ui.width.map(|w| w.saturating_sub(2)), ui.colours).lines().skip(1) {
        out.push_str(&format!("  {line}\n"));
    }
}

fn as_json(parts: &Parts<'_>) -> serde_json::Value {
    let list = |open: &[&Open]| open.iter().map(|open| todo::as_json(open)).collect::<Vec<_>>();
    let birthdays = parts.birthdays.iter().map(|b| {
        serde_json::json!({ "day": b.day, "age": b.age, "contact": b.with.id, "book": b.with.book, "name": b.with.name })
    });
    let quiet = parts.quiet.iter().map(|q| {
        serde_json::json!({
            "last": q.last, "every": q.every.text(),
            "contact": q.with.id, "book": q.with.book, "name": q.with.name,
        })
    });
    let deals = parts.deals.iter().map(|of| {
        serde_json::json!({
            "day": of.day, "what": of.what, "deal": of.held.id, "book": of.held.book, "title": of.held.deal.title,
        })
    });
    serde_json::json!({
        "deals": deals.collect::<Vec<_>>(),
        "late": list(&parts.late), "today": list(&parts.today), "week": list(&parts.week),
        "birthdays": birthdays.collect::<Vec<_>>(), "quiet": quiet.collect::<Vec<_>>(),
    })
}

/// All open actions with a day, the days of open deals, and all birthdays. An action about several contacts is one event.
fn events(agenda: &Agenda, deals: &[Held]) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for open in &agenda.open {
        let Some(day) = open.due else { continue };
        let uid = format!("todo-{}@carnet", open.id);
        match events.iter_mut().find(|event| event.uid == uid && event.day == day) {
            Some(event) => event.summary.push_str(&format!(", {}", open.with.name)),
            None => {
                let summary = format!("{}: {}", open.text, open.with.name);
                events.push(Event { uid, day, summary, yearly: false });
            }
        }
    }
    for held in deals {
        events.extend(held.deal.due().into_iter().map(|(day, code, what)| Event {
            uid: format!("deal-{}-{code}@carnet", held.id),
            day,
            summary: format!("{}: {what}", held.deal.title),
            yearly: false,
        }));
    }
    events.extend(agenda.birthdays.iter().map(|b| Event {
        uid: format!("birthday-{}@carnet", b.with.id),
        day: b.day,
        summary: format!("Birthday: {}", b.with.name),
        yearly: true,
    }));
    events
}
