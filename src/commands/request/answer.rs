//! `carnet request answer`

use std::path::PathBuf;

use super::answer_made::{self, Made};
use super::reply::{self, Reply};
use crate::commands::pick;
use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::domain::request::{Answer, Check, Decision, Ground, Kept, Kind, Request};
use crate::domain::zone::Day;
use crate::error::{Error, Result};
use crate::reports::pack::files::{Pack, Place};
use crate::vault::request_private::Words;
use crate::vault::requests::Subject;
use crate::vault::{Snapshot, Vault};

/// Answer a request: do what is asked, and write the letter and what belongs to it into a new directory.
///
/// access and portability: the person's data to read (HTML) and for machines (JSON, CSV, vCard). rectification: what was
/// changed with `carnet edit` since the request was entered, before and after. erasure: erases as `carnet erase` does, with
/// its certificate. restriction and objection: an entry in the contact. --refuse: a letter with the ground and the remedies.
/// The register keeps the SHA-256 of the list of files, SHA256SUMS.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet request answer 2026-001 --out ../reply
  carnet request answer 2026-001 --out ../reply --lang fr --leave-out note
  carnet request answer 2026-001 --out ../reply --keep-opposition --yes
  carnet request answer 2026-001 --out ../reply --refuse excessive \\
    --because 'The fifth request this month.'
  carnet request answer 2026-001 --out ../reply --dry-run")]
pub struct Args {
    /// Reference, or its beginning such as 2026-001.
    reference: String,
    /// The new directory, outside the data repository.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The day that the answer goes out [default: today].
    #[arg(long, value_name = "DAY")]
    on: Option<Day>,
    /// Refuse it, on a ground that the GDPR knows for this right.
    #[arg(long, value_name = "GROUND")]
    refuse: Option<Ground>,
    /// The firm's own reasons (sealed; in the letter).
    #[arg(long, value_name = "TEXT", requires = "refuse")]
    because: Option<String>,
    /// A field to leave out of the data, for it is about others (Art. 15(4)): KEY or custom.NAME.
    #[arg(long, value_name = "FIELD", conflicts_with = "refuse")]
    leave_out: Vec<String>,
    /// The contact, where the request was entered without one.
    #[arg(long)]
    contact: Option<String>,
    /// The contacts that look alike are other persons: nothing is held about this one.
    #[arg(long, conflicts_with = "contact")]
    not_them: bool,
    /// Erasure: keep a keyed fingerprint of each address and number, so that the person is not taken in again.
    #[arg(long)]
    keep_opposition: bool,
    /// Recipients and processors who were told (Art. 19), by their short names.
    #[arg(long, value_name = "NAME")]
    told: Vec<Slug>,
    /// Language [default: the person's, else the firm's].
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

/// What a reply is made with, beside the request.
pub(super) struct Wishes<'a> {
    pub leave_out: &'a [String],
    pub keep_opposition: bool,
    pub day: Day,
    pub not_them: bool,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let (vault, at, mut request, today) = reply::begin(context, &args.reference)?;
    let day = args.on.unwrap_or(today);
    request.check_answer(day, today)?;
    if let Some(text) = &args.contact {
        if request.contact.is_some() {
            return Err(Error::usage("the request has a contact already").at("--contact"));
        }
        request.contact = Some(pick::one(context, &vault, at, text)?.id);
    }
    args.told.iter().for_each(|recipient| request.tell(recipient.clone(), day));
    check_fits(&args, &request)?;
    let place = Place::check(&context.dir.join(&args.out), &vault.repo)?;
    let reply = Reply::new(&vault, at, &request, args.lang)?;
    let wishes = Wishes {
        leave_out: &args.leave_out,
        keep_opposition: args.keep_opposition,
        day,
        not_them: args.not_them,
    };
    if context.dry_run {
        let made = match args.refuse {
            Some(_) => Decision::Refused,
            None => answer_made::foresee(&reply, &request, &wishes)?,
        };
        return context.ui.would(&format!(
            "would answer it ({}) into {}",
            made.as_str(),
            place.dir().display()
        ));
    }
    let mut made = match args.refuse {
        Some(ground) => answer_made::refusal(&reply, &request, day, ground, args.because.as_deref())?,
        None => answer_made::make(context, &reply, &request, &wishes)?,
    };
    let has_companion = request.companion.as_ref().is_some_and(|c| c.destroyed.is_none());
    let kept = kept(&reply, &request, day, &made, has_companion || args.because.is_some());
    made.letter.keep(&kept);
    let files = std::mem::take(&mut made.files);
    let pack = reply.pack(made.which, made.letter.clone(), files)?;
    let answer = Answer {
        on: day,
        time: vault.now_text(),
        decision: made.decision,
        ground: args.refuse,
        left_out: made.letter.left_out.clone(),
        sha256: pack.sha256().to_owned(),
        by: vault.me.handle.clone(),
    };
    let words = Words::note(args.because.as_deref());
    let (commit, changed) = reply.hand_out(&request, &place, &pack, || {
        vault.change_request(&request.reference, "answer", |at, staged, now, entry| {
            now.contact.clone_from(&request.contact);
            entry.contacts = now.contact.iter().cloned().collect();
            effect(&vault, at, staged, now, &reply, &made, entry)?;
            vault.stage_words(at, staged, now, None, "answer", &words)?;
            args.told.iter().for_each(|recipient| now.tell(recipient.clone(), day));
            now.kept.extend(kept);
            now.give(answer, today)
        })
    })?;
    reply::tell(context, &place, &pack);
    remind(context, &changed, &pack);
    super::done(context, &changed, today, commit, &format!("Answered: {}.", made.decision.as_str()))
}

/// Writes what the answer does to the contact.
fn effect(
    vault: &Vault,
    at: Snapshot,
    staged: &mut crate::vault::write::Staged,
    now: &Request,
    reply: &Reply<'_>,
    made: &Made,
    entry: &mut crate::domain::trailer::Entry,
) -> Result<()> {
    let (Subject::Held(opened), Decision::Granted) = (&reply.subject, made.decision) else { return Ok(()) };
    match now.kind {
        Kind::Restriction => vault.stage_restriction(at, staged, now, opened, entry),
        Kind::Objection => vault.stage_objection_of(at, staged, now, opened, entry),
        _ => Ok(()),
    }
}

/// Refuses flags of another right, a ground that this right does not know, and an answer to nobody in particular.
fn check_fits(args: &Args, request: &Request) -> Result<()> {
    let place = || format!("request {}", request.reference);
    if let Some(ground) = args.refuse {
        if !Ground::of(request.kind).contains(&ground) {
            let known: Vec<&str> = Ground::of(request.kind).iter().map(|g| g.as_str()).collect();
            return Err(Error::usage(format!("that is no ground for refusing {}", request.kind.as_str()))
                .at("--refuse")
                .hint(format!("one of: {}", known.join(", "))));
        }
        let said = args.because.as_deref().is_some_and(|text| !text.trim().is_empty());
        if ground.needs_reasons() && !said {
            return Err(Error::usage("this ground is for the firm to show: it needs reasons of its own")
                .at("--refuse")
                .hint("--because 'The fifth request this month.'"));
        }
        if ground == Ground::IdentityNotEstablished && request.identity.is_none() {
            return Err(Error::refused("nobody has asked the person who they are (Art. 12(6) GDPR)")
                .at(place())
                .hint(format!(
                    "`carnet request pause {} --reason identity --doubt WHY`",
                    request.reference
                )));
        }
    } else if let Some(identity) = &request.identity
        && identity.outcome != Some(Check::Confirmed)
    {
        return Err(Error::refused("the identity that was asked for is not confirmed").at(place()).hint(
            format!(
                "`carnet request resume {} --identity confirmed`, or --refuse identity-not-established",
                request.reference
            ),
        ));
    }
    if !args.leave_out.is_empty() && !matches!(request.kind, Kind::Access | Kind::Portability) {
        return Err(Error::usage("only data that is handed out can be left out").at("--leave-out"));
    }
    if args.keep_opposition && request.kind != Kind::Erasure {
        return Err(Error::usage("the opposition list belongs to an erasure here")
            .at("--keep-opposition")
            .hint("an objection takes effect by itself"));
    }
    Ok(())
}

/// What is kept after this answer.
fn kept(reply: &Reply<'_>, request: &Request, day: Day, made: &Made, companion: bool) -> Vec<Kept> {
    let mut kept = Vec::new();
    if companion {
        let until = day.months_later(reply.settings.retention.request_months);
        let erased = request.kind == Kind::Erasure && made.decision == Decision::Granted;
        let ground = if erased { "GDPR Art. 5(2), 17(3)(e)" } else { "GDPR Art. 5(2)" };
        kept.push(Kept { what: "companion".into(), ground: ground.into(), until: Some(until) });
    }
    if made.letter.gone.is_some() {
        kept.push(Kept { what: "ledger".into(), ground: "GDPR Art. 5(2)".into(), until: None });
    }
    kept
}

/// Says what is still to be done.
fn remind(context: &Context, request: &Request, pack: &Pack) {
    let ui = &context.ui;
    ui.note(&format!("SHA-256 of the list of files: {}", pack.sha256()));
    let tells = matches!(request.kind, Kind::Rectification | Kind::Erasure | Kind::Restriction);
    let granted = request.answer.as_ref().is_some_and(|a| a.decision == Decision::Granted);
    if tells && granted && request.told.is_empty() {
        ui.note(&format!(
            "Tell each recipient of the data (Art. 19); `carnet request close {} --told NAME` notes whom.",
            request.reference
        ));
    }
}
