//! `carnet request pause` and `carnet request resume`

use std::path::PathBuf;

use super::reply::{self, Note};
use crate::context::Context;
use crate::domain::organisation::Lang;
use crate::domain::request::{Check, Doubt, PauseReason};
use crate::domain::zone::Day;
use crate::error::{Error, Result};
use crate::reports::pack::letter::{Letter, Which};
use crate::vault::request_private::Words;

/// Stop the clock: the firm has asked the person who they are, or what they mean.
///
/// An identity is asked for only on reasonable doubt (Art. 12(6)): say which with --doubt.
#[derive(Debug, clap::Args)]
#[command(
    name = "pause",
    after_help = "Examples:
  carnet request pause 2026-001 --reason identity --doubt unknown-address --out ../question
  carnet request pause 2026-001 --reason clarification \\
    --question 'Which of your orders do you mean?'"
)]
pub struct PauseArgs {
    /// Reference, or its beginning such as 2026-001.
    reference: String,
    /// Why the firm has to ask.
    #[arg(long)]
    reason: PauseReason,
    /// What the doubt about the identity is.
    #[arg(long, required_if_eq("reason", "identity"))]
    doubt: Option<Doubt>,
    /// The day of the question [default: today].
    #[arg(long, value_name = "DAY")]
    on: Option<Day>,
    /// What is asked (sealed; in the letter).
    #[arg(long, value_name = "TEXT")]
    question: Option<String>,
    /// Write a letter into this new directory, outside the data repository.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Language of the letter [default: the person's, else the firm's].
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

/// Start the clock again: the person has replied.
#[derive(Debug, clap::Args)]
#[command(
    name = "resume",
    after_help = "Examples:
  carnet request resume 2026-001 --identity confirmed
  carnet request resume 2026-001 --on 2026-12-02 --note 'means the order of May'"
)]
pub struct ResumeArgs {
    /// Reference, or its beginning such as 2026-001.
    reference: String,
    /// What came of the check of the identity, where that was the question.
    #[arg(long)]
    identity: Option<Check>,
    /// The day of the reply [default: today].
    #[arg(long, value_name = "DAY")]
    on: Option<Day>,
    /// What the person said (sealed).
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

pub fn pause(context: &Context, args: PauseArgs) -> Result<i32> {
    if args.doubt.is_some() && args.reason != PauseReason::Identity {
        return Err(Error::usage("a doubt is one about the identity")
            .at("--doubt")
            .hint("--reason identity"));
    }
    let (vault, at, mut request, today) = reply::begin(context, &args.reference)?;
    let on = args.on.unwrap_or(today);
    request.pause(on, args.reason, today)?;
    let place = reply::place(context, &vault, args.out.as_deref())?;
    if context.dry_run {
        return context.ui.would(&format!("would stop the clock on {on}"));
    }
    let words = Words::note(args.question.as_deref());
    let enter = || {
        vault.change_request(&request.reference, "pause", |at, staged, now, _| {
            now.pause(on, args.reason, today)?;
            if let Some(doubt) = args.doubt {
                now.doubt(doubt, on);
            }
            vault.stage_words(at, staged, now, None, "pause", &words)
        })
    };
    let note = Note { which: Which::Question, day: on, lang: args.lang, place: place.as_ref() };
    let fill = |letter: &mut Letter| {
        letter.pause = Some(args.reason.as_str());
        letter.reasons = args.question.clone().unwrap_or_default();
    };
    let (commit, changed) = reply::step(context, (&vault, at), &request, &note, fill, enter)?;
    super::done(context, &changed, today, commit, "Stopped the clock.")
}

pub fn resume(context: &Context, args: ResumeArgs) -> Result<i32> {
    let (vault, _, mut request, today) = reply::begin(context, &args.reference)?;
    let on = args.on.unwrap_or(today);
    let reason = request.resume(on, today)?;
    match (reason, args.identity) {
        (PauseReason::Identity, None) => {
            return Err(Error::usage("what came of the check of the identity?")
                .at("--identity")
                .hint("--identity confirmed, or --identity not-confirmed"));
        }
        (PauseReason::Clarification, Some(_)) => {
            return Err(
                Error::usage("the question was another: nobody's identity was asked for").at("--identity")
            );
        }
        _ => {}
    }
    if context.dry_run {
        return context.ui.would(&format!("would start the clock again on {on}"));
    }
    let words = Words::note(args.note.as_deref());
    let (commit, changed) = vault.change_request(&request.reference, "resume", |at, staged, now, _| {
        now.resume(on, today)?;
        if let Some(outcome) = args.identity {
            now.settle_identity(outcome, on)?;
        }
        vault.stage_words(at, staged, now, None, "resume", &words)
    })?;
    super::done(context, &changed, today, commit, "Started the clock again.")
}
