//! `carnet deal lost`

use crate::context::Context;
use crate::domain::stages::LOST;
use crate::error::Result;

/// Say that a deal is lost, and why.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet deal lost 'Website' --reason 'too expensive'")]
pub struct Args {
    /// Which deal.
    deal: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let reason = args.reason.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    super::bring(context, &args.deal, LOST, "lost", reason)
}
