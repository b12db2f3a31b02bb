//! `carnet verify`

use crate::context::Context;
use crate::domain::organisation::Lang;
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
        let not_checked = ui.lang.say("not checked");
        ui.lines_in(&text(&report, ui.lang), |line| match line {
            _ if line.starts_with("OK") => Tone::Good,
            _ if line.starts_with(&*not_checked) => Tone::Today,
            _ if line.starts_with("  ") => Tone::Plain,
            _ => Tone::Late,
        })?;
    }
    Ok(if report.problems.is_empty() { 0 } else { i32::from(Kind::Problems as u8) })
}

fn text(report: &Report, lang: Lang) -> String {
    let colon = lang.colon();
    let mut out = String::new();
    for problem in &report.problems {
        // The kind is a word for scripts, the same in every language.
        let (kind, message) = (problem.kind, lang.say_with_cause(&problem.message));
        let place = match &problem.path {
            Some(path) if *path != problem.place => lang.fill("key {}", &[path]),
            Some(path) => path.clone(),
            None => lang.place(&problem.place).into_owned(),
        };
        out.push_str(&format!("{kind}{colon} {place}{colon} {message}\n"));
        if !problem.hint.is_empty() {
            out.push_str(&format!("  {}{colon} {}\n", lang.say("hint"), lang.say(&problem.hint)));
        }
    }
    let c = report.counts;
    let records = match c.records {
        0 => String::new(),
        n => lang.fill(" and {} sealed records", &[&n]),
    };
    let counts = lang.fill(
        "{} commits, {} access entries, {} contacts{} in {} books",
        &[&c.commits, &c.access_entries, &c.contacts, &records, &c.books],
    );
    out.push_str(&match report.problems.len() {
        0 => lang.fill("OK: {} verified.", &[&counts]),
        n => lang.fill("{} problem(s) in {}.", &[&n, &counts]),
    });
    out.push('\n');
    for item in &report.not_checked {
        let (what, why) = (lang.say(&item.what), lang.say(&item.why));
        out.push_str(&format!("{}{colon} {what} ({why})\n", lang.say("not checked")));
    }
    out
}
