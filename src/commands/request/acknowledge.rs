//! `carnet request acknowledge`

use std::path::PathBuf;

use super::reply::{self, Reply};
use crate::context::Context;
use crate::domain::organisation::Lang;
use crate::domain::zone::Day;
use crate::error::Result;
use crate::reports::pack::letter::Which;

/// Note that the receipt was acknowledged, and write the letter that does so.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet request acknowledge 2026-001
  carnet request acknowledge 2026-001 --out ../receipt")]
pub struct Args {
    /// Reference, or its beginning such as 2026-001.
    reference: String,
    /// The day [default: today].
    #[arg(long, value_name = "DAY")]
    on: Option<Day>,
    /// Write a letter into this new directory, outside the data repository.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Language of the letter [default: the person's, else the firm's].
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let at = vault.snapshot()?;
    let mut request = vault.request(at, &args.reference)?;
    let today = vault.today_for(&request)?;
    let on = args.on.unwrap_or(today);
    request.acknowledge(on, today)?;
    let place = reply::place(context, &vault, args.out.as_deref())?;
    if context.dry_run {
        context.ui.note(&format!("would note the acknowledgement on {on}"));
        return Ok(0);
    }
    let enter =
        || vault.change_request(&request.reference, "acknowledge", |_, _, now, _| now.acknowledge(on, today));
    let (commit, changed) = match &place {
        None => enter()?,
        Some(place) => {
            let reply = Reply::new(&vault, at, &request, args.lang)?;
            let pack = reply.pack(Which::Receipt, reply.letter(&request, on)?, Vec::new())?;
            let done = reply.hand_out(&request, place, &pack, enter)?;
            reply::tell(context, place, &pack);
            done
        }
    };
    super::done(context, &changed, today, commit, "Noted the acknowledgement.")
}
