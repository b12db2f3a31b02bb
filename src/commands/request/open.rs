//! `carnet request open`

use crate::commands::pick;
use crate::context::Context;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::request::{Channel, Kind, Request, RestrictionCase};
use crate::domain::zone::Day;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::vault::request_private::Words;
use crate::vault::requests::NewRequest;
use crate::vault::{Snapshot, Vault};

/// Enter a request on the day that it came in.
///
/// --contact takes somebody who was erased, too, by id. --unknown is for somebody whom the firm does not seem to know; give
/// every --identifier that they named: the answer looks them up again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet request open access --contact jeanne@example.org --channel email
  carnet request open rectification --contact 3f9a2c1b --channel post --received 2026-11-20
  carnet request open objection --contact jeanne@example.org --channel phone --purpose prospects
  carnet request open access --unknown --channel form \\
    --identifier zoe@example.net --requester 'Zoé Blanc'
  carnet request open restriction --contact 3f9a2c1b --channel email --case accuracy \\
    --note 'says the address is wrong'")]
pub struct Args {
    /// Which right.
    kind: Kind,
    /// The contact that it is about.
    #[arg(long, required_unless_present = "unknown")]
    contact: Option<String>,
    /// No contact is known.
    #[arg(long, conflicts_with = "contact")]
    unknown: bool,
    /// How it came in.
    #[arg(long)]
    channel: Channel,
    /// The day that it came in, in the firm's time zone [default: today].
    #[arg(long, value_name = "DAY")]
    received: Option<Day>,
    /// The day that the receipt was acknowledged.
    #[arg(long, value_name = "DAY")]
    acknowledged: Option<Day>,
    /// What an objection or a restriction is about [default: everything].
    #[arg(long)]
    purpose: Vec<Slug>,
    /// Which case of Art. 18(1) a restriction is asked for in.
    #[arg(long)]
    case: Option<RestrictionCase>,
    /// Name and address of whoever asks, where it is not the contact (sealed).
    #[arg(long, value_name = "TEXT")]
    requester: Option<String>,
    /// What allows them to ask for another person (sealed).
    #[arg(long, value_name = "TEXT")]
    mandate: Option<String>,
    /// An address, a number or a name to look the person up by (sealed).
    #[arg(long, value_name = "TEXT", requires = "unknown")]
    identifier: Vec<String>,
    /// A note (sealed).
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// The book for what is sealed [default: the contact's].
    #[arg(long)]
    book: Option<Slug>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    check_fits(&args)?;
    let vault = context.vault_to_change()?;
    let at = vault.snapshot()?;
    let contact = args.contact.as_deref().map(|text| contact(context, &vault, at, text)).transpose()?;
    let (_, today) = vault.zone_and_today(at)?;
    let new = NewRequest {
        kind: args.kind,
        contact,
        channel: args.channel,
        received: args.received.unwrap_or(today),
        acknowledged: args.acknowledged,
        purposes: args.purpose,
        case: args.case,
    };
    let draft = vault.draft_request(at, &new)?;
    if context.dry_run {
        return context.ui.would(&format!("would enter a request. {}", super::deadline_text(&draft, today)));
    }
    let words = Words {
        requester: args.requester,
        mandate: args.mandate,
        identifiers: args.identifier,
        note: args.note,
    };
    let (commit, request) = vault.open_request(&new, |at, staged, request| {
        vault.stage_words(at, staged, request, args.book.as_ref(), "open", &words)
    })?;
    warn_of_others(context, &vault, &request)?;
    super::done(context, &request, today, commit, "Entered the request.")
}

/// Refuses what belongs to another right.
fn check_fits(args: &Args) -> Result<()> {
    if !args.purpose.is_empty() && !matches!(args.kind, Kind::Objection | Kind::Restriction) {
        return Err(Error::usage("only an objection or a restriction is about a purpose").at("--purpose"));
    }
    if args.case.is_some() && args.kind != Kind::Restriction {
        return Err(Error::usage("the cases of Art. 18(1) are those of a restriction").at("--case"));
    }
    if args.unknown && args.identifier.is_empty() && args.requester.is_none() {
        return Err(Error::usage("nothing is said of who asks")
            .at("--unknown")
            .hint("give what they named: --identifier ADDRESS, --requester NAME"));
    }
    Ok(())
}

/// The contact that is meant, or one that was erased.
fn contact(context: &Context, vault: &Vault, at: Snapshot, text: &str) -> Result<ContactId> {
    match pick::one(context, vault, at, text) {
        Ok(found) => Ok(found.id),
        Err(e) if e.kind == ErrorKind::NotFound => match vault.contact_of_the_past(at, text)? {
            Some(id) if vault.is_erased(at, &id)? => {
                context.ui.note("That contact was erased; the answer will say so.");
                Ok(id)
            }
            _ => Err(e.hint("where the firm knows nobody like that: --unknown, with --identifier for each thing they named")),
        },
        Err(e) => Err(e),
    }
}

/// Says when the same person has another request of this kind open.
fn warn_of_others(context: &Context, vault: &Vault, request: &Request) -> Result<()> {
    let Some(contact) = &request.contact else { return Ok(()) };
    let mut all = vault.requests(vault.snapshot()?)?;
    all.retain(|other| {
        other.reference != request.reference
            && other.kind == request.kind
            && other.contact.as_ref() == Some(contact)
            && other.answer.is_none()
            && other.closed.is_none()
    });
    if let Some(other) = all.first() {
        context.ui.warn(&format!(
            "the same person has a request of this kind open already: {}; `carnet request close {} --why mistake` if it is one",
            other.reference, request.reference
        ));
    }
    Ok(())
}
