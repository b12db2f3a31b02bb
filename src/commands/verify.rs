//! `carnet verify`

use crate::context::Context;
use crate::error::{Kind, Result};
use crate::output::Tone;
use crate::vault::verify::report::Report;
use crate::vault::verify::verify;

/// Check signatures, authorisations, trails, keys and contact files; list every problem.
///
/// Every commit of the branch must be signed by a member whom the signing policy at each of its parents lets sign;
/// every access entry by the member whose chain it is in; every contact file must open with its one key and fit its
/// place. What could not be checked is named. Nothing is changed, and no access is recorded, for nothing is shown.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet verify
  carnet verify --json
  carnet verify --accept-tip

Exit code 7 when there are problems.")]
pub struct Args {
    /// Take a branch that you rolled back yourself for right; only when that is the one problem.
    #[arg(long)]
    accept_tip: bool,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let mut report = verify(&context.dir, &context.around)?;
    let ui = &context.ui;
    if args.accept_tip && !context.dry_run {
        context.vault()?.accept_tip(&report.problems)?;
        report.problems.clear();
    }
    if ui.json {
        ui.data("carnet.verify/1", &report)?;
    } else if ui.quiet {
        let places: String = report.problems.iter().map(|p| format!("{}\n", p.place)).collect();
        if !places.is_empty() {
            ui.lines(&places)?;
        }
    } else {
        ui.lines_in(&text(&report), |line| match line {
            _ if line.starts_with("OK:") => Tone::Good,
            _ if line.starts_with("not checked:") => Tone::Today,
            _ if line.starts_with("  hint:") => Tone::Plain,
            _ => Tone::Late,
        })?;
    }
    Ok(if report.problems.is_empty() { 0 } else { i32::from(Kind::Problems as u8) })
}

fn text(report: &Report) -> String {
    let mut out = String::new();
    for problem in &report.problems {
        out.push_str(&format!("{}: {}: {}\n", problem.kind, problem.place, problem.message));
        if !problem.hint.is_empty() {
            out.push_str(&format!("  hint: {}\n", problem.hint));
        }
    }
    let c = report.counts;
    let records = if c.records == 0 { String::new() } else { format!(" and {} sealed records", c.records) };
    let counts = format!(
        "{} commits, {} access entries, {} contacts{records} in {} books",
        c.commits, c.access_entries, c.contacts, c.books
    );
    match report.problems.len() {
        0 => out.push_str(&format!("OK: {counts} verified.\n")),
        n => out.push_str(&format!("{n} problem(s) in {counts}.\n")),
    }
    for item in &report.not_checked {
        out.push_str(&format!("not checked: {} ({})\n", item.what, item.why));
    }
    out
}
