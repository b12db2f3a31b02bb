//! `carnet doctor`

use crate::context::Context;
use crate::error::{Kind, Result};
use crate::vault::doctor::examine;

/// Look for half-done work and missing settings in this clone, and mend them.
///
/// What an interrupted command left is always finished or undone; the rest is mended with --repair. Advice is no
/// fault of this clone; anything else that is left makes the exit code 7.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet doctor
  carnet doctor --repair")]
pub struct Args {
    /// Mend what can be mended without losing anything.
    #[arg(long)]
    repair: bool,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let repair = args.repair && !context.dry_run;
    let findings = examine(&context.dir, &context.around, &context.program, repair)?;
    let ui = &context.ui;
    let open = findings.iter().filter(|f| !f.mended && !f.advice).count();
    if ui.json {
        ui.data("carnet.doctor/1", &findings)?;
    } else {
        for finding in &findings {
            let state = match (finding.mended, finding.advice) {
                (true, _) => "mended",
                (false, true) => "advice",
                (false, false) => "found",
            };
            let (colon, what) = (ui.lang.colon(), ui.lang.say(&finding.what));
            ui.lines(&format!("{}{colon} {what}", ui.lang.say(state)))?;
            if !finding.mended {
                let remedy = ui.lang.say(&finding.remedy);
                ui.note_as_it_is(&format!("  {}{colon} {remedy}", ui.lang.say("hint")));
            }
        }
        if findings.iter().all(|f| f.advice) {
            ui.lines(&ui.lang.say("All is well: the repository is whole and this clone is set up."))?;
        }
    }
    Ok(if open > 0 { i32::from(Kind::Problems as u8) } else { 0 })
}
