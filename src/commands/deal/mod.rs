//! `carnet deal`

mod add;
mod edit;
mod fields;
mod list;
mod lost;
mod moves;
mod remove;
mod show;
mod won;

use chrono::NaiveDate;
use serde::Serialize;

use crate::commands::many;
use crate::context::Context;
use crate::domain::deal::Deal;
use crate::domain::ids::{ContactId, RecordId, Slug};
use crate::domain::organisation::Lang;
use crate::domain::stages::Stages;
use crate::error::{Error, Kind, Result};
use crate::output::{Cell, Table, Tone};
use crate::store::Oid;
use crate::vault::access::Access;
use crate::vault::deal_people::People;
use crate::vault::deals::{Held, no_such_deal};
use crate::vault::links::End;
use crate::vault::select::Match;
use crate::vault::{Snapshot, Vault};

/// Deals: what you hope to sell, to whom, for how much, and how far it is.
///
/// Each is encrypted on its own, as a contact is. Its stages are those of `[pipeline] stages` in carnet.toml, and then
/// won or lost. Erasing a contact leaves a deal's figures, and nothing that names the person. DEAL is the beginning of
/// an id, or words of the title.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Add(add::Args),
    Edit(edit::Args),
    Move(moves::Args),
    Remove(remove::Args),
    List(list::Args),
    Show(show::Args),
    Won(won::Args),
    Lost(lost::Args),
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Add(args) => add::run(context, args),
        Command::Edit(args) => edit::run(context, args),
        Command::Move(args) => moves::run(context, &args),
        Command::Remove(args) => remove::run(context, &args),
        Command::List(args) => list::run(context, args),
        Command::Show(args) => show::run(context, &args),
        Command::Won(args) => won::run(context, &args),
        Command::Lost(args) => lost::run(context, args),
    }
}

/// A deal as JSON has it.
#[derive(Serialize)]
pub struct Item<'a> {
    id: &'a RecordId,
    book: &'a Slug,
    #[serde(flatten)]
    deal: &'a Deal,
    /// Percent: its own, else its stage's.
    likely: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<Firm>,
}

/// The firm that a deal is with.
#[derive(Serialize)]
struct Firm {
    id: ContactId,
    name: String,
}

impl<'a> Item<'a> {
    pub fn of(held: &'a Held, stages: &Stages) -> Item<'a> {
        let likely = held.deal.percent(stages);
        Item { id: &held.id, book: &held.book, deal: &held.deal, likely, firm: None }
    }

    fn with_firm(self, firm: Option<End>) -> Item<'a> {
        Item { firm: firm.map(|firm| Firm { id: firm.id, name: firm.name }), ..self }
    }
}

/// The one deal that `text` means. Several are listed and never guessed (exit code 4).
pub fn one(context: &Context, vault: &Vault, text: &str) -> Result<Held> {
    let (at, mut found) = vault.reading(|at| Ok((at, vault.deals_meant(at, text)?)))?;
    match found.len() {
        0 => Err(no_such_deal()),
        1 => Ok(found.remove(0)),
        n => {
            record(vault, at, "deal-select", &found)?;
            if !context.ui.quiet {
                let stages = vault.settings(at)?.pipeline.stages()?;
                let people = vault.people_of_deals(at, &found)?;
                let today = vault.now.date_naive();
                context.ui.note_table(&table(&found, &stages, &people, (today, context.ui.lang)));
            }
            Err(Error::new(Kind::Ambiguous, format!("{n} deals match"))
                .hint("use the id of the one you mean"))
        }
    }
}

/// The contacts that were named; none where none was.
fn whom(context: &Context, vault: &Vault, named: &[String]) -> Result<Vec<Match>> {
    if named.is_empty() { Ok(Vec::new()) } else { many::contacts(context, vault, named) }
}

/// Deals as a table: won ones are green, lost ones faint, an open one whose day is over red.
fn table(all: &[Held], stages: &Stages, people: &People, (today, lang): (NaiveDate, Lang)) -> Table {
    let mut table = Table::new(&["ID", "STAGE", "AMOUNT", "%", "CLOSE", "TITLE", "WITH", "NEXT"])
        .whole(&["ID", "AMOUNT", "%", "CLOSE"])
        .spare(&["NEXT"]);
    for held in all {
        let deal = &held.deal;
        let next = match (&deal.next, deal.next_due) {
            (Some(next), Some(due)) => format!("{due} {next}"),
            (next, due) => next.clone().or(due.map(|due| due.to_string())).unwrap_or_default(),
        };
        let with = people.firm(held).or_else(|| people.of(held).next().cloned());
        let tone = match deal.stage.as_str() {
            "won" => Tone::Good,
            "lost" => Tone::Faint,
            _ => Tone::Plain,
        };
        let close = match deal.close {
            Some(day) if deal.is_open() && day.0 < today => Tone::Late,
            Some(day) if deal.is_open() && day.0 == today => Tone::Today,
            _ => tone,
        };
        table.row([
            Cell::new(held.id.short(), Tone::Faint),
            Cell::new(deal.stage.to_string(), tone),
            Cell::new(deal.amount.map(|amount| lang.number(&amount.text())).unwrap_or_default(), tone),
            Cell::new(deal.percent(stages).to_string(), tone),
            Cell::new(deal.close.map(|day| day.to_string()).unwrap_or_default(), close),
            Cell::new(deal.title.clone(), tone),
            Cell::new(with.map(|end| end.name).unwrap_or_default(), tone),
            if deal.is_open() { next.into() } else { Cell::default() },
        ]);
    }
    table
}

/// Records a read of deals in the access trail; it must not be shown when this fails.
pub fn record(vault: &Vault, at: Snapshot, action: &str, read: &[Held]) -> Result<()> {
    let mut books: Vec<Slug> = read.iter().map(|held| held.book.clone()).collect();
    books.sort();
    books.dedup();
    let records: Vec<RecordId> = match read {
        [one] => vec![one.id.clone()],
        _ => Vec::new(),
    };
    let count = records.is_empty().then_some(read.len());
    vault.record(at, Access { action, records, books, count, ..Access::default() })
}

/// Says what became of a deal: its id on stdout, the rest on stderr, or JSON.
///
/// `did` is the verb; a deal that it `brought` to a stage is told so.
fn done(
    context: &Context,
    vault: &Vault,
    held: &Held,
    commit: Option<Oid>,
    (did, brought): (&str, bool),
) -> Result<i32> {
    #[derive(Serialize)]
    struct Done<'a> {
        #[serde(flatten)]
        item: Item<'a>,
        commit: Option<String>,
    }
    let ui = &context.ui;
    if ui.json {
        let stages = vault.settings(vault.snapshot()?)?.pipeline.stages()?;
        let item = Item::of(held, &stages);
        ui.data("carnet.deal/1", &Done { item, commit: commit.map(|c| c.to_string()) })?;
        return Ok(0);
    }
    ui.raw(&format!("{}\n", held.id))?;
    match commit {
        Some(_) => {
            let to = if brought { format!(" to {}", held.deal.stage) } else { String::new() };
            ui.note(&format!("{did} deal {} in book {}{to}.", held.id.short(), held.book));
        }
        None => ui.note("Nothing was changed."),
    }
    Ok(0)
}

/// Brings a deal to a stage: what `move`, `won` and `lost` share.
fn bring(context: &Context, deal: &str, stage: &str, step: &str, reason: Option<String>) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let stage = vault.settings(vault.snapshot()?)?.pipeline.stages()?.find(stage)?;
    let held = one(context, &vault, deal)?;
    if context.dry_run {
        let id = held.id.short();
        return context.ui.would(&format!(
            "would bring deal {id} from {} to {stage}; nothing was changed",
            held.deal.stage
        ));
    }
    let now = vault.now_text();
    let (commit, held) = vault.change_deal((&held.book, &held.id), step, |_, deal| {
        deal.move_to(&stage, &now);
        if reason.is_some() {
            deal.lost_reason = reason;
        }
        Ok(())
    })?;
    done(context, &vault, &held, commit, ("Brought", true))
}
