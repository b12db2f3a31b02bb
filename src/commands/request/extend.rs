//! `carnet request extend`

use std::path::PathBuf;

use super::reply::{self, Note};
use crate::context::Context;
use crate::domain::organisation::Lang;
use crate::domain::request::ExtensionReason;
use crate::domain::zone::Day;
use crate::error::Result;
use crate::reports::pack::letter::{Letter, Which};
use crate::vault::request_private::Words;

/// Take two further months, if the person is told within the first, with the reason (Art. 12(3)).
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet request extend 2026-001 --reason complexity --out ../extension
  carnet request extend 2026-001 --reason number --because 'Forty requests came in at once.'")]
pub struct Args {
    /// Reference, or its beginning such as 2026-001.
    reference: String,
    /// Why it takes longer.
    #[arg(long)]
    reason: ExtensionReason,
    /// The day that the person was told [default: today].
    #[arg(long, value_name = "DAY")]
    notified: Option<Day>,
    /// More about the reason (sealed; in the letter).
    #[arg(long, value_name = "TEXT")]
    because: Option<String>,
    /// Write a letter into this new directory, outside the data repository.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Language of the letter [default: the person's, else the firm's].
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let (vault, at, mut request, today) = reply::begin(context, &args.reference)?;
    let notified = args.notified.unwrap_or(today);
    request.extend(notified, args.reason, today)?;
    let place = reply::place(context, &vault, args.out.as_deref())?;
    if context.dry_run {
        return context.ui.would(&format!("would extend it. {}", super::deadline_text(&request, today)));
    }
    let words = Words::note(args.because.as_deref());
    let enter = || {
        vault.change_request(&request.reference, "extend", |at, staged, now, _| {
            now.extend(notified, args.reason, today)?;
            vault.stage_words(at, staged, now, None, "extend", &words)
        })
    };
    let note = Note { which: Which::Extension, day: notified, lang: args.lang, place: place.as_ref() };
    let fill = |letter: &mut Letter| {
        letter.extension = Some(args.reason.as_str());
        letter.reasons = args.because.clone().unwrap_or_default();
    };
    let (commit, changed) = reply::step(context, (&vault, at), &request, &note, fill, enter)?;
    super::done(context, &changed, today, commit, "Extended by two months.")
}
