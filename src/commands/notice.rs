//! `carnet notice`: the information of Art. 13 and 14, from the registers.

use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::domain::registers::processor::Processor;
use crate::domain::registers::purpose::Purpose;
use crate::error::{Kind, Result};
use crate::reports::notice::{Facts, Format, Missing, build, render};

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
    let processors = vault.entries::<Processor>(at)?;
    let named = purpose.record.processors.iter().map(|name| {
        let found = processors.iter().find(|p| p.name == name.as_str());
        (name.to_string(), found.map(|p| p.record.clone()))
    });
    let facts = Facts {
        organisation: &settings.organisation,
        firm_lang: settings.lang,
        slug: &purpose.name,
        purpose: &purpose.record,
        // One that works for the firm no more gets nothing.
        processors: named.filter(|(_, p)| p.as_ref().is_none_or(|p| p.is_active(vault.day()))).collect(),
        now: vault.now.timestamp(),
    };
    let ui = &context.ui;
    match build(&facts, args.lang.unwrap_or(settings.lang), args.indirect)? {
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
