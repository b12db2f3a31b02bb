//! `carnet start`: the eight steps of a firm that begins.

use super::audit::audited;
use crate::context::Context;
use crate::domain::organisation::Lang;
use crate::domain::registers::agreement::Agreement;
use crate::domain::steps::{Besides, Step, steps};
use crate::error::Result;

/// Show the eight steps of a firm that begins with data protection, and lead to the next command.
///
/// It looks at the repository each time: audit, data map, legal bases and consent, training, processes, security,
/// documentation, incident plan. Words in capitals are for you to fill in. Nothing is changed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet start
  carnet start --json")]
pub struct Args {}

pub fn run(context: &Context, _args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let audit = audited(&vault)?;
    let at = vault.snapshot()?;
    let besides = Besides {
        incident_plan: vault.entries::<Agreement>(at)?.iter().any(|a| a.record.kind == "incident-plan"),
        member: vault.me.handle.to_string(),
        remote: vault.repo.config("remote.origin.url")?.is_some(),
    };
    let steps = steps(&audit, &besides);
    let next = steps.iter().find_map(|step| step.next.as_deref());
    let ui = &context.ui;
    if ui.json {
        ui.data("carnet.start/1", &serde_json::json!({ "steps": steps, "next": next }))?;
    } else if ui.quiet {
        ui.lines(&next.map(|next| format!("{next}\n")).unwrap_or_default())?;
    } else {
        ui.lines(&steps.iter().map(|step| line(step, ui.lang)).collect::<String>())?;
        match next {
            Some(next) => ui.lines(&format!("\n{}\n", ui.lang.fill("Next: {}", &[&next])))?,
            None => ui.lines(&format!(
                "\n{}\n",
                ui.lang
                    .say("All eight steps are done. Keep it so: `carnet duties`, `carnet audit --strict`.")
            ))?,
        }
    }
    Ok(0)
}

fn line(step: &Step, lang: Lang) -> String {
    let state = lang.say(if step.done { "done" } else { "to do" });
    let (what, more) = step.what.split_at(step.what.find(" (and ").unwrap_or(step.what.len()));
    let (title, what) = (lang.say(step.title), lang.say_with_cause(what) + &lang.say(more));
    // As wide as the longest of each language.
    let (title_width, state_width) = (lang.pick("27", "44"), lang.pick("5", "7"));
    let [title_width, state_width] = [title_width, state_width].map(|n| n.parse().unwrap_or(27_usize));
    format!("{}. {title:<title_width$} {state:<state_width$}  {what}\n", step.number)
}
