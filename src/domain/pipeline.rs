//! What a firm's deals come to: by stage, by month, and how they went. Figures only.

use chrono::{DateTime, Datelike, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use super::deal::Deal;
use super::ids::Slug;
use super::money::Sums;
use super::stages::Stages;

/// The open deals of one stage, or of one month.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Part {
    /// The stage, or the month `YYYY-MM`; empty for deals without an expected close.
    pub name: String,
    pub count: usize,
    pub sum: Sums,
    /// Each amount times its probability.
    pub weighted: Sums,
}

impl Part {
    fn named(name: &str) -> Part {
        Part { name: name.to_owned(), ..Part::default() }
    }

    fn add(&mut self, deal: &Deal, stages: &Stages) {
        self.count += 1;
        if let Some(amount) = deal.amount {
            self.sum.add(amount, 100);
            self.weighted.add(amount, deal.percent(stages));
        }
    }
}

/// Open deals by stage, in the pipeline's order; stages that `carnet.toml` does not name any more come last.
pub fn by_stage(deals: &[&Deal], stages: &Stages) -> Vec<Part> {
    let mut parts: Vec<Part> = stages.names().map(|name| Part::named(name.as_str())).collect();
    for deal in deals.iter().filter(|deal| deal.is_open()) {
        part_of(&mut parts, deal.stage.as_str()).add(deal, stages);
    }
    parts
}

/// Open deals by the month of their expected close, in order; those without one come last.
pub fn by_month(deals: &[&Deal], stages: &Stages) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for deal in deals.iter().filter(|deal| deal.is_open()) {
        let month = deal.close.map(|day| format!("{:04}-{:02}", day.0.year(), day.0.month()));
        part_of(&mut parts, month.as_deref().unwrap_or_default()).add(deal, stages);
    }
    parts.sort_by(|a, b| (a.name.is_empty(), &a.name).cmp(&(b.name.is_empty(), &b.name)));
    parts
}

/// All of them together.
pub fn total(deals: &[&Deal], stages: &Stages) -> Part {
    let mut total = Part::default();
    deals.iter().filter(|deal| deal.is_open()).for_each(|deal| total.add(deal, stages));
    total
}

fn part_of<'a>(parts: &'a mut Vec<Part>, name: &str) -> &'a mut Part {
    let at = parts.iter().position(|part| part.name == name).unwrap_or_else(|| {
        parts.push(Part::named(name));
        parts.len() - 1
    });
    &mut parts[at]
}

/// How deals went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stats {
    pub won: usize,
    pub lost: usize,
    pub open: usize,
    /// Percent of the closed deals; none where none is closed.
    pub win_rate: Option<f64>,
    pub won_sum: Sums,
    pub lost_sum: Sums,
    /// Days from entry to won: the median.
    pub cycle_days: Option<f64>,
    /// What comes in a day at this pace: open deals times the average of the won amounts, times the win rate, over the days
    /// from entry to won. Nothing where one of them is not known.
    pub velocity: Sums,
    pub stages: Vec<Passage>,
}

/// How deals pass through one stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Passage {
    pub stage: Slug,
    /// Deals that came to it, or past it.
    pub entered: usize,
    /// Those of them that went on to a later stage, or were won.
    pub went_on: usize,
    /// Percent of those that entered.
    pub conversion: Option<f64>,
    /// Days that deals stood in it before they left: the median.
    pub days: Option<f64>,
}

/// Win rate, conversion and velocity, from the histories of stages.
pub fn stats(deals: &[&Deal], stages: &Stages) -> Stats {
    let count = |test: &dyn Fn(&Deal) -> bool| deals.iter().filter(|deal| test(deal)).count();
    let sum = |test: &dyn Fn(&Deal) -> bool| {
        let mut sums = Sums::default();
        deals.iter().filter(|d| test(d)).filter_map(|d| d.amount).for_each(|amount| sums.add(amount, 100));
        sums
    };
    let (won, lost) = (count(&Deal::is_won), count(&Deal::is_lost));
    let cycles: Vec<f64> = deals
        .iter()
        .filter(|deal| deal.is_won())
        .filter_map(|deal| days(&deal.created, &moves(deal).last()?.1))
        .collect();
    let (open, cycle_days, won_sum) = (count(&Deal::is_open), median(cycles), sum(&Deal::is_won));
    Stats {
        won,
        lost,
        open,
        win_rate: percent(won, won + lost),
        velocity: velocity(&won_sum, [open, won, lost], cycle_days).unwrap_or_default(),
        won_sum,
        lost_sum: sum(&Deal::is_lost),
        cycle_days,
        stages: stages.names().map(|stage| passage(deals, stages, stage)).collect(),
    }
}

/// `won_sum / won * won / (won + lost) * open / days`, so that the number of won deals cancels out.
fn velocity(won_sum: &Sums, [open, won, lost]: [usize; 3], cycle_days: Option<f64>) -> Option<Sums> {
    let days = Decimal::try_from(cycle_days.filter(|days| *days > 0.0)?).ok()?;
    let over = Decimal::from(won.checked_add(lost)?).checked_mul(days)?;
    Some(won_sum.scaled(Decimal::from(open).checked_div(over)?))
}

fn passage(deals: &[&Deal], stages: &Stages, stage: &Slug) -> Passage {
    let place = stages.place(stage);
    let (mut entered, mut went_on, mut stood) = (0, 0, Vec::new());
    for deal in deals {
        let moves = moves(deal);
        let reached = moves.iter().filter_map(|(to, _)| stages.place(to)).max();
        let later = deal.is_won() || reached > place;
        if later || reached == place {
            entered += 1;
            went_on += usize::from(later);
        }
        for pair in moves.windows(2) {
            if let [(to, from), (_, until)] = pair
                && *to == stage
            {
                stood.extend(days(from, until));
            }
        }
    }
    let stage = stage.clone();
    Passage { stage, entered, went_on, conversion: percent(went_on, entered), days: median(stood) }
}

/// The moves in the order of their times: two clones' moves lie in any order after a merge.
fn moves(deal: &Deal) -> Vec<(&Slug, String)> {
    let mut all: Vec<(&Slug, String)> = deal.moves.iter().map(|m| (&m.to, m.time.clone())).collect();
    all.sort_by_key(|(_, time)| moment(time));
    all
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc))
}

/// Days, to a tenth, between two moments.
fn days(from: &str, until: &str) -> Option<f64> {
    let minutes = (moment(until)? - moment(from)?).num_minutes();
    Some((f64::from(i32::try_from(minutes).ok()?) / 144.0).round() / 10.0)
}

fn percent(part: usize, whole: usize) -> Option<f64> {
    let (part, whole) = (f64::from(u32::try_from(part).ok()?), f64::from(u32::try_from(whole).ok()?));
    (whole > 0.0).then(|| (part * 1000.0 / whole).round() / 10.0)
}

fn median(mut all: Vec<f64>) -> Option<f64> {
    all.sort_by(f64::total_cmp);
    let middle = all.len() / 2;
    match all.len() % 2 {
        1 => all.get(middle).copied(),
        _ => Some((all.get(middle.checked_sub(1)?)? + all.get(middle)?) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::stages::Pipeline;

    fn deal(amount: &str, close: Option<&str>, moves: &[(&str, u32)]) -> Deal {
        let day = |day: u32| format!("2026-11-{day:02}T00:00:00Z");
        let mut deal = Deal::new("x", &moves[0].0.parse().unwrap(), &day(moves[0].1));
        for (stage, at) in &moves[1..] {
            deal.move_to(&stage.parse().unwrap(), &day(*at));
        }
        deal.amount = Some(amount.parse().unwrap());
        deal.close = close.map(|day| day.parse().unwrap());
        deal
    }

    #[test]
    fn sums_by_stage_and_month_are_weighted_and_keep_currencies_apart() {
        let stages = Pipeline::default().stages().unwrap();
        let all = [
            deal("1000 EUR", Some("2026-12-31"), &[("lead", 1)]),
            deal("500 USD", Some("2026-12-01"), &[("lead", 1), ("proposal", 2)]),
            deal("100 EUR", None, &[("lead", 1), ("proposal", 2)]),
            deal("7 EUR", None, &[("lead", 1), ("won", 2)]),
            deal("9 EUR", None, &[("former-stage", 1)]),
        ];
        let all: Vec<&Deal> = all.iter().collect();
        let parts = by_stage(&all, &stages);
        let text = |p: &Part| format!("{} {} {} / {}", p.name, p.count, p.sum.text(), p.weighted.text());
        assert_eq!(text(&parts[0]), "lead 1 1 000.00 EUR / 100.00 EUR");
        assert_eq!(text(&parts[2]), "proposal 2 100.00 EUR + 500.00 USD / 60.00 EUR + 300.00 USD");
        assert_eq!(text(&parts[4]), "former-stage 1 9.00 EUR / 0.00 EUR");
        let months: Vec<(String, usize)> =
            by_month(&all, &stages).into_iter().map(|p| (p.name, p.count)).collect();
        assert_eq!(months, [("2026-12".into(), 2), (String::new(), 2)]);
        assert_eq!(total(&all, &stages).count, 4);
    }

    #[test]
    fn rates_and_days_come_from_the_moves() {
        let stages = Pipeline::default().stages().unwrap();
        let all = [
            deal("10 EUR", None, &[("lead", 1), ("proposal", 5), ("won", 11)]),
            deal("20 EUR", None, &[("lead", 1), ("lost", 3)]),
            deal("30 EUR", None, &[("lead", 1), ("qualified", 4)]),
        ];
        let all: Vec<&Deal> = all.iter().collect();
        let stats = stats(&all, &stages);
        assert_eq!((stats.won, stats.lost, stats.open, stats.win_rate), (1, 1, 1, Some(50.0)));
        assert_eq!((stats.cycle_days, stats.won_sum.text()), (Some(10.0), "10.00 EUR".into()));
        // One open deal, one of two won, 10 EUR in ten days: half a euro a day.
        assert_eq!(stats.velocity.text(), "0.50 EUR");
        let lead = &stats.stages[0];
        assert_eq!((lead.entered, lead.went_on, lead.conversion, lead.days), (3, 2, Some(66.7), Some(3.0)));
        let proposal = &stats.stages[2];
        assert_eq!((proposal.entered, proposal.went_on, proposal.days), (1, 1, Some(6.0)));
        assert_eq!(
            (super::stats(&[], &stages).win_rate, super::stats(&[], &stages).velocity.text()),
            (None, String::new())
        );
    }
}
