//! `carnet list`

use super::rows::{Filter, print};
use crate::context::Context;
use crate::error::Result;

/// List contacts.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet list
  carnet list --tag vip --sort created --limit 20
  carnet list --org 'Atelier' --json")]
pub struct Args {
    #[command(flatten)]
    filter: Filter,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    print(context, "list", &args.filter, &[])
}
