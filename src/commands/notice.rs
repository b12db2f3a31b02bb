//! `carnet notice`: the information of Art. 13 and 14, from the registers.

use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::domain::registers::purpose::Purpose;
use crate::error::{Kind, Result};
use crate::reports::notice::{Format, Missing, of_purpose, render};

/// Write the information that persons must get, from the registers (Art. 13 and 14).
///
/// What the registers do not say is named with the command that says it, the exit code is 7, and there is no text.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet notice --purpose newsletter --lang fr
  carnet notice --purpose prospects --indirect --format html > notice.html
  carnet notice --purpose customers --format md --json")]
pub struct Args {
    /// Which purpose.
    #[arg(long)]
    purpose: Slug,
    /// Language [default: that of carnet.toml].
    #[arg(long)]
    lang: Option<Lang>,
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The data was not collected from the person: say which categories, and from where (Art. 14).
    #[arg(long)]
    indirect: bool,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let settings = vault.settings(at)?;
    let purpose = vault.entry::<Purpose>(at, args.purpose.as_str())?;
    let ui = &context.ui;
    let how = (args.lang.unwrap_or(settings.lang), args.indirect);
    match of_purpose(&vault, at, &settings, &purpose, how)? {
        Err(missing) => lacking(context, &missing),
        Ok(notice) => {
            let text = render(&notice, args.format)?;
            if ui.json {
                ui.data(
                    "carnet.notice/1",
                    &serde_json::json!({ "notice": notice, "text": text, "missing": [] }),
                )?;
            } else {
                ui.lines(&text)?;
            }
            Ok(0)
        }
    }
}

fn lacking(context: &Context, missing: &[Missing]) -> Result<i32> {
    let ui = &context.ui;
    if ui.json {
        ui.data("carnet.notice/1", &serde_json::json!({ "notice": null, "text": null, "missing": missing }))?;
    } else {
        ui.warn("there is no notice yet, for the registers do not say everything that it must say:");
        for lack in missing {
            let key = if lack.key.is_empty() { "the entry itself" } else { &lack.key };
            ui.warn(&format!("{}: {key} (`{}`)", lack.place, lack.command));
        }
    }
    Ok(Kind::Problems as i32)
}
