//! `carnet deal won`

use crate::context::Context;
use crate::domain::stages::WON;
use crate::error::Result;

/// Say that a deal is won.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet deal won 'Website'")]
pub struct Args {
    /// Which deal.
    deal: String,
}

pub fn run(context: &Context, args: &Args) -> Result<i32> {
    super::bring(context, &args.deal, WON, "won", None)
}
