//! `carnet request close`

use super::reply;
use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::request::Closing;
use crate::domain::zone::Day;
use crate::error::Result;
use crate::vault::request_private::Words;

/// Close a request: after its answer, or because it was taken back.
///
/// --destroy-companion destroys what is sealed beside it, with its key, when the proof is needed no longer; that works on a
/// closed request, too. The plain entry stays: it names nobody.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet request close 2026-001 --told mailing-house
  carnet request close 2026-001 --why withdrawn
  carnet request close 2026-001 --destroy-companion --yes")]
pub struct Args {
    /// Reference, or its beginning such as 2026-001.
    reference: String,
    /// Why.
    #[arg(long, default_value = "answered")]
    why: Closing,
    /// The day [default: today].
    #[arg(long, value_name = "DAY")]
    on: Option<Day>,
    /// Recipients and processors who were told (Art. 19), by their short names.
    #[arg(long, value_name = "NAME")]
    told: Vec<Slug>,
    /// A note (sealed).
    #[arg(long, value_name = "TEXT", conflicts_with = "destroy_companion")]
    note: Option<String>,
    /// Destroy what is sealed beside it.
    #[arg(long)]
    destroy_companion: bool,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let (vault, _, request, today) = reply::begin(context, &args.reference)?;
    let on = args.on.unwrap_or(today);
    // A closed one may still lose its companion.
    let again = args.destroy_companion && request.closed.is_some();
    if !again {
        request.clone().close(args.why, on, today)?;
    }
    if context.dry_run {
        return context.ui.would("would close the request");
    }
    if args.destroy_companion {
        context.ui.confirm("Destroy what is sealed beside this request? This cannot be undone.")?;
    }
    let words = Words::note(args.note.as_deref());
    let (commit, changed) = vault.change_request(&request.reference, "close", |at, staged, now, _| {
        for recipient in &args.told {
            now.tell(recipient.clone(), on);
        }
        if !again {
            now.close(args.why, on, today)?;
        }
        if args.destroy_companion {
            return vault.stage_private_destruction(staged, now, today);
        }
        vault.stage_words(at, staged, now, None, "close", &words)
    })?;
    let said = if again { "Destroyed what was sealed." } else { "Closed the request." };
    super::done(context, &changed, today, commit, said)
}
