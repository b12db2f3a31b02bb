//! `carnet man`

use std::path::PathBuf;

use crate::context::Context;
use crate::error::{At, Result};

/// Print the man page, or write all of them into a directory.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  carnet man --out man1")]
pub struct Args {
    /// Write one page a command into this directory.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let command = crate::cli::command();
    match args.out {
        Some(dir) => {
            std::fs::create_dir_all(&dir).at(dir.display())?;
            clap_mangen::generate_to(command, &dir).at(dir.display())?;
            context.ui.note(&format!("Wrote the man pages into {}.", dir.display()));
        }
        None => {
            let mut out = Vec::new();
            clap_mangen::Man::new(command).render(&mut out)?;
            context.ui.raw(&String::from_utf8_lossy(&out))?;
        }
    }
    Ok(0)
}
