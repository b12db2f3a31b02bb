//! `carnet deal list`

use super::Item;
use crate::commands::pick;
use crate::context::Context;
use crate::domain::filter::Filter;
use crate::domain::ids::Slug;
use crate::domain::zone::Day;
use crate::error::Result;

/// List deals: those that are open, unless a stage or all are asked for.
///
/// FILTER is written as for contacts, over the fields of deals: id, book, title, stage, amount, currency, probability, close,
/// contact, org, next, due, note, created, moved.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet deal list
  carnet deal list --stage proposal --closing-before 2027-01-01
  carnet deal list --contact 3f9a2c1b --all
  carnet deal list 'stage:proposal and amount>1000 and close<30d'
  carnet deal list 'org:acme or contact:jeanne' --all
  carnet deal list --open -q")]
pub struct Args {
    /// A filter over the fields of deals, such as `stage:proposal and amount>1000`.
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// Only deals in this stage.
    #[arg(long)]
    stage: Option<String>,
    /// Only deals that are neither won nor lost; this is so without --stage and --all.
    #[arg(long, conflicts_with = "all")]
    open: bool,
    /// Won and lost ones, too.
    #[arg(long)]
    all: bool,
    /// Only deals of this contact.
    #[arg(long, value_name = "CONTACT")]
    contact: Option<String>,
    /// Only this book.
    #[arg(long)]
    book: Option<Slug>,
    /// Only deals that are expected to close before this day.
    #[arg(long, value_name = "DAY")]
    closing_before: Option<Day>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let stages = vault.settings(at)?.pipeline.stages()?;
    let stage = match args.stage.as_deref().map(|text| (text, stages.find(text))) {
        None => None,
        Some((_, Ok(stage))) => Some(stage),
        // A stage that the firm has given up may still have deals.
        Some((text, Err(e))) => {
            let given_up = vault.deals(at)?.into_iter().find(|held| held.deal.stage.as_str() == text);
            Some(given_up.ok_or(e)?.deal.stage)
        }
    };
    let contact = args.contact.as_deref().map(|text| pick::one(context, &vault, at, text)).transpose()?;
    let filter = Filter::parse_for_deals(&args.filter.join(" "))?;
    let (at, mut all) = vault.reading(|at| Ok((at, vault.deals(at)?)))?;
    let closed = all.iter().filter(|held| !held.deal.is_open()).count();
    let people = vault.people_of_deals(at, &all)?;
    let open_only = args.open || stage.is_none() && !args.all && !filter.names("stage");
    all.retain(|held| {
        let deal = &held.deal;
        (!open_only || deal.is_open())
            && stage.as_ref().is_none_or(|stage| deal.stage == *stage)
            && contact.as_ref().is_none_or(|one| deal.contacts.contains(&one.id))
            && args.book.as_ref().is_none_or(|book| held.book == *book)
            && args.closing_before.is_none_or(|day| deal.close.is_some_and(|close| close < day))
            && filter.passes(&people.facts(held, &stages), vault.now) == Some(true)
    });
    super::record(&vault, at, "deal-list", &all)?;
    let ui = &context.ui;
    if ui.json {
        let items: Vec<Item<'_>> =
            all.iter().map(|held| Item::of(held, &stages).with_firm(people.firm(held))).collect();
        ui.data("carnet.deals/1", &items)?;
    } else if ui.quiet {
        ui.raw(&all.iter().map(|held| format!("{}\n", held.id)).collect::<String>())?;
    } else if all.is_empty() {
        ui.note(match open_only && closed > 0 {
            true => "No open deals; `carnet deal list --all` shows those that were won and lost.",
            false => "No deals.",
        });
    } else {
        ui.table(&super::table(&all, &stages, &people, (vault.now.date_naive(), ui.lang)))?;
    }
    Ok(0)
}
