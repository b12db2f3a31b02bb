//! `carnet completions`

use crate::context::Context;
use crate::error::Result;

/// Print completions for a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  carnet completions bash")]
pub struct Args {
    shell: clap_complete::Shell,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut crate::cli::command(), "carnet", &mut out);
    context.ui.raw(&String::from_utf8_lossy(&out))?;
    Ok(0)
}
