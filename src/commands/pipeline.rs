//! `carnet pipeline`

use super::deal;
use crate::context::Context;
use crate::domain::deal::Deal;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::domain::pipeline::{self, Part, Stats};
use crate::error::Result;
use crate::output::Table;

/// Open deals by stage; or a forecast by month, or how deals went.
///
/// The bars count deals. Amounts in different currencies are never added together; weighted is each amount times its
/// probability. What is shown names nobody.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet pipeline
  carnet pipeline --forecast
  carnet pipeline --stats --json")]
pub struct Args {
    /// By month of expected close.
    #[arg(long, conflicts_with = "stats")]
    forecast: bool,
    /// Win rate, conversion between stages, days in each stage, sales cycle, and what comes in a day at this pace.
    #[arg(long)]
    stats: bool,
    /// Only this book.
    #[arg(long)]
    book: Option<Slug>,
}

/// Bars in columns, the widest first: the one that the figures leave room for.
const BARS: [usize; 4] = [20, 12, 6, 0];

pub fn run(context: &Context, args: &Args) -> Result<i32> {
    let vault = context.vault()?;
    let (at, stages, mut all) =
        vault.reading(|at| Ok((at, vault.settings(at)?.pipeline.stages()?, vault.deals(at)?)))?;
    all.retain(|held| args.book.as_ref().is_none_or(|book| held.book == *book));
    deal::record(&vault, at, "pipeline", &all)?;
    let deals: Vec<&Deal> = all.iter().map(|held| &held.deal).collect();
    let ui = &context.ui;
    if args.stats {
        let stats = pipeline::stats(&deals, &stages);
        match ui.json {
            true => ui.data("carnet.pipeline-stats/1", &stats)?,
            false => ui.raw(&stats_text(&stats, ui.width, ui.lang))?,
        }
        return Ok(0);
    }
    let parts = match args.forecast {
        true => pipeline::by_month(&deals, &stages),
        false => pipeline::by_stage(&deals, &stages),
    };
    let total = pipeline::total(&deals, &stages);
    if ui.json {
        let schema = if args.forecast { "carnet.forecast/1" } else { "carnet.pipeline/1" };
        ui.data(schema, &serde_json::json!({ "parts": parts, "total": total }))?;
    } else if total.count == 0 {
        ui.note(match deals.is_empty() {
            true => "No open deals; `carnet deal add` makes one.",
            false => "No open deals; `carnet pipeline --stats` says how those went that were won and lost.",
        });
    } else {
        ui.raw(&parts_text(&parts, &total, args.forecast, ui.width, ui.lang))?;
    }
    Ok(0)
}

fn parts_text(parts: &[Part], total: &Part, forecast: bool, width: Option<usize>, lang: Lang) -> String {
    let with = |bar| parts_table(parts, total, forecast, bar, lang);
    let fits = |bar: &usize| width.is_none_or(|width| with(*bar).widest(lang) <= width);
    with(BARS.into_iter().find(fits).unwrap_or(0)).render_in(lang, width)
}

fn parts_table(parts: &[Part], total: &Part, forecast: bool, bar: usize, lang: Lang) -> Table {
    let most = parts.iter().map(|part| part.count).max().unwrap_or(1).max(1);
    let heading = if forecast { "MONTH" } else { "STAGE" };
    let mut table =
        Table::new(&[heading, "", "DEALS", "SUM", "WEIGHTED"]).whole(&["DEALS", "SUM", "WEIGHTED"]);
    let mut row = |name: &str, bar: String, part: &Part| {
        let [sum, weighted] = [part.sum.text(), part.weighted.text()].map(|money| lang.number(&money));
        table.row([name.to_owned(), bar, part.count.to_string(), sum, weighted]);
    };
    for part in parts {
        // One deal is never an empty bar.
        let length = (part.count * bar).div_ceil(most);
        let name = if part.name.is_empty() { lang.say("no date") } else { part.name.as_str().into() };
        row(&name, "█".repeat(length), part);
    }
    row(&lang.say("total"), String::new(), total);
    table
}

fn stats_text(stats: &Stats, width: Option<usize>, lang: Lang) -> String {
    let number = |text: String| lang.number(&text);
    let days = |days: Option<f64>| days.map_or_else(|| "-".to_owned(), |days| number(format!("{days:.1}")));
    let percent =
        |percent: Option<f64>| percent.map_or_else(|| "-".to_owned(), |p| number(format!("{p:.1} %")));
    let mut table = Table::new(&["STAGE", "CAME TO IT", "WENT ON", "CONVERSION", "DAYS (MEDIAN)"]);
    for passage in &stats.stages {
        table.row([
            passage.stage.to_string(),
            passage.entered.to_string(),
            passage.went_on.to_string(),
            percent(passage.conversion),
            days(passage.days),
        ]);
    }
    let money = |sum: String| if sum.is_empty() { String::new() } else { format!(" ({})", number(sum)) };
    let (won, lost) = (money(stats.won_sum.text()), money(stats.lost_sum.text()));
    let velocity = number(stats.velocity.text());
    let lines = [
        lang.fill("{} won{}, {} lost{}, {} open", &[&stats.won, &won, &stats.lost, &lost, &stats.open]),
        lang.fill("Win rate: {}", &[&percent(stats.win_rate)]),
        lang.fill("Days from entry to won (median): {}", &[&days(stats.cycle_days)]),
        match velocity.is_empty() {
            true => lang.fill("Velocity: {}", &[&"-"]),
            false => lang.fill("Velocity: {} a day", &[&velocity]),
        },
    ];
    format!("{}\n\n{}", lines.join("\n"), table.render_in(lang, width))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::stages::{Pipeline, Stages};

    #[test]
    fn bars_are_as_long_as_there_are_deals() {
        let stages: Stages = Pipeline::default().stages().unwrap();
        let of = |stage: &str| Deal::new("x", &stage.parse().unwrap(), "2026-11-23T10:00:00Z");
        let all: Vec<Deal> = (0..30).map(|_| of("lead")).chain([of("proposal")]).collect();
        let all: Vec<&Deal> = all.iter().collect();
        let text = parts_text(
            &pipeline::by_stage(&all, &stages),
            &pipeline::total(&all, &stages),
            false,
            Some(100),
            Lang::En,
        );
        let bars: Vec<usize> = text.lines().map(|line| line.matches('█').count()).collect();
        assert_eq!(bars, [0, 20, 0, 1, 0, 0], "{text}");
    }
}
