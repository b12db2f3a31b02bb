//! `carnet request acknowledge`

use std::path::PathBuf;

use super::reply::{self, Note};
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
    let (vault, at, mut request, today) = reply::begin(context, &args.reference)?;
    let on = args.on.unwrap_or(today);
    request.acknowledge(on, today)?;
    let place = reply::place(context, &vault, args.out.as_deref())?;
    if context.dry_run {
        return context.ui.would(&format!("would note the acknowledgement on {on}"));
    }
    let enter =
        || vault.change_request(&request.reference, "acknowledge", |_, _, now, _| now.acknowledge(on, today));
    let note = Note { which: Which::Receipt, day: on, lang: args.lang, place: place.as_ref() };
    let (commit, changed) = reply::step(context, (&vault, at), &request, &note, |_| (), enter)?;
    super::done(context, &changed, today, commit, "Noted the acknowledgement.")
}
