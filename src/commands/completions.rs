//! `carnet completions`

use clap_complete::Shell;

use crate::context::Context;
use crate::error::Result;

/// Print completions for a shell.
///
/// In bash, zsh and fish they know books, tags, purposes, fields of filters and saved searches of the data repository, too; and
/// contacts where `git config carnet.completeContacts true` says so, or CARNET_COMPLETE_CONTACTS=1. Nothing is asked, and
/// nothing is recorded in the trail.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet completions bash
  carnet completions fish")]
pub struct Args {
    shell: Shell,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let script = match args.shell {
        Shell::Bash => include_str!("../../templates/shell/carnet.bash").to_owned(),
        Shell::Zsh => include_str!("../../templates/shell/carnet.zsh").to_owned(),
        Shell::Fish => include_str!("../../templates/shell/carnet.fish").to_owned(),
        other => {
            let mut out = Vec::new();
            clap_complete::generate(other, &mut crate::cli::command(), "carnet", &mut out);
            String::from_utf8_lossy(&out).into_owned()
        }
    };
    context.ui.raw(&script)?;
    Ok(0)
}
