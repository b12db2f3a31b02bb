//! `carnet deal move`

use crate::context::Context;
use crate::error::Result;

/// Bring a deal to another stage.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet deal move 'Website' proposal")]
pub struct Args {
    /// Which deal.
    deal: String,
    /// Where it stands now.
    stage: String,
}

pub fn run(context: &Context, args: &Args) -> Result<i32> {
    super::bring(context, &args.deal, &args.stage, "move", None)
}
