//! `carnet deal add`

use super::fields::{Fields, title};
use crate::context::Context;
use crate::domain::deal::Deal;
use crate::domain::ids::Slug;
use crate::error::Result;

/// Add a deal.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet deal add 'Website' --contact 3f9a2c1b --amount 4800 --close 2027-01-31
  carnet deal add 'Translation' --amount 900.50 --currency CHF --next 'send the offer'")]
pub struct Args {
    /// What it is about.
    title: String,
    /// Whom it concerns (several: give it again).
    #[arg(long, value_name = "CONTACT")]
    contact: Vec<String>,
    /// Where it stands [default: the first stage].
    #[arg(long)]
    stage: Option<String>,
    #[command(flatten)]
    fields: Fields,
    /// The book whose members may read it [default: its first contact's].
    #[arg(long)]
    book: Option<Slug>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let settings = vault.settings(vault.snapshot()?)?;
    let stages = settings.pipeline.stages()?;
    let stage = args.stage.as_deref().map_or_else(|| stages.first(), |text| stages.find(text))?;
    let mut deal = Deal::new(&title(&args.title)?, &stage, &vault.now_text());
    args.fields.put(&mut deal, &settings, vault.now)?;
    let with = super::whom(context, &vault, &args.contact)?;
    deal.link(&with.iter().map(|one| one.id.clone()).collect::<Vec<_>>());
    if context.dry_run {
        return context.ui.would(&format!("would add a deal in stage {stage}; nothing was changed"));
    }
    let (commit, held) = vault.add_deal(args.book.as_ref(), &with, &deal)?;
    super::done(context, &vault, &held, commit, ("Added", false))
}
