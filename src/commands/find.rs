//! `carnet find`

use super::rows::{Filter, print};
use crate::context::Context;
use crate::error::Result;

/// Search all fields; case and accents do not count, and all words must be there.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet find eloise lyon
  carnet find 'rue de la paix' --tag prospect
  carnet find lyon --where 'last>6m or not has:last'")]
pub struct Args {
    /// Words to find.
    #[arg(required = true)]
    words: Vec<String>,
    #[command(flatten)]
    filter: Filter,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    print(context, "find", &args.filter, "", &args.words)
}
