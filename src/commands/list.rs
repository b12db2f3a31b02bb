//! `carnet list`

use super::rows::{Filter, print};
use crate::context::Context;
use crate::error::Result;

/// List contacts: all, or those that a filter means.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet list
  carnet list --tag vip --sort created --limit 20
  carnet list --org 'Atelier' --json
  carnet list 'tag:prospect and org:acme and last<90d and consent:newsletter'
  carnet list has:phone not tag:vip")]
pub struct Args {
    /// A filter over all fields, such as `tag:prospect and last>3m`; `carnet search --help` says how it is written.
    #[arg(value_name = "FILTER")]
    expression: Vec<String>,
    #[command(flatten)]
    filter: Filter,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    print(context, "list", &args.filter, &args.expression.join(" "), &[])
}
