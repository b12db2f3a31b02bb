//! `carnet consent import`

use std::path::PathBuf;

use chrono::{Local, NaiveDateTime};
use serde::Serialize;

use super::{input, moments};
use crate::context::Context;
use crate::domain::channel::Channel;
use crate::domain::contact::ConsentAction;
use crate::domain::ids::Slug;
use crate::domain::wording::Wanted;
use crate::error::{At, Error, Result};
use crate::interchange::{Opting, read_optings};
use crate::vault::consent_import::{Opt, Unwritten};
use crate::vault::consents::{ConsentOrder, Expiry};

/// Import opt-ins and opt-outs from CSV: one commit for the lot, and a list of what did not match.
///
/// Columns, in English or French: `action` (opt-in, opt-out, yes, no, oui, non), `email`, `phone` or `id`, and where
/// there are, `date` (2026-11-23, 23/11/2026, or with a time), `channel`, `purpose`. The same file again changes nothing. A no
/// counts for every contact with the address; a yes needs exactly one, and none that has objected.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet consent import optins.csv --purpose newsletter --channel email \\
    --wording newsletter --method 'web form'
  carnet consent import optins.csv --purpose newsletter --wording newsletter --dry-run")]
pub struct Args {
    /// The file, or - for standard input.
    file: PathBuf,
    #[arg(long)]
    purpose: Slug,
    /// The channel of rows that name none [default: every channel].
    #[arg(long, value_enum)]
    channel: Option<Channel>,
    /// The text that those who said yes were shown.
    #[arg(long, value_parser = super::wording::wanted)]
    wording: Option<Wanted>,
    /// How it was said: a form, a fair.
    #[arg(long, value_name = "TEXT")]
    method: Option<String>,
    /// Where the list comes from.
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Who took it down [default: you]; somebody outside the firm needs --evidence.
    #[arg(long, value_name = "WHO")]
    collector: Option<String>,
    /// A file that proves it; it is kept sealed with each of the contacts.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
}

#[derive(Serialize)]
struct Outcome<'a> {
    granted: usize,
    refused: usize,
    withdrawn: usize,
    contacts: usize,
    unwritten: &'a [Unwritten],
    commit: Option<String>,
    dry_run: bool,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let place = args.file.display().to_string();
    let bytes = input::read(&args.file)?;
    let mut unwritten = Vec::new();
    let mut rows = Vec::new();
    let vault = context.vault_to_change()?;
    let settings = vault.settings(vault.snapshot()?)?;
    for (row, opting) in read_optings(&bytes, settings.country()).at(&place)? {
        match opting.and_then(|opting| understood(&row, opting, &args, vault.now)) {
            Ok(opt) => rows.push(opt),
            Err(reason) => unwritten.push(Unwritten { place: row, kind: "refused", reason }),
        }
    }
    let evidence = args.evidence.as_ref().map(|path| std::fs::read(path).at(path.display())).transpose()?;
    let order = ConsentOrder {
        action: ConsentAction::Granted,
        purpose: args.purpose,
        channels: Vec::new(),
        time: None,
        method: args.method,
        source: args.source,
        collector: args.collector,
        wording: args.wording,
        evidence,
        expires: Expiry::Default,
    };
    let done = vault.import_consents(&rows, &order, context.dry_run)?;
    unwritten.extend(done.unwritten);
    let ui = &context.ui;
    if ui.json {
        let outcome = Outcome {
            granted: done.granted,
            refused: done.refused,
            withdrawn: done.withdrawn,
            contacts: done.contacts,
            unwritten: &unwritten,
            commit: done.commit.map(|c| c.to_string()),
            dry_run: context.dry_run,
        };
        return ui.data("carnet.consent-import/1", &outcome).map(|()| 0);
    }
    if !ui.quiet && !unwritten.is_empty() {
        input::remarks(ui, unwritten.iter().map(|row| (row.place.as_str(), row.kind, row.reason.as_str())));
    }
    let verb = if context.dry_run { "Would record" } else { "Recorded" };
    ui.note(&format!(
        "{verb} {} yes, {} no and {} withdrawal(s) of {} contact(s); {} row(s) wrote nothing.",
        done.granted,
        done.refused,
        done.withdrawn,
        done.contacts,
        unwritten.len()
    ));
    Ok(0)
}

/// A row whose texts are understood, or why not.
fn understood(
    place: &str,
    opting: Opting,
    args: &Args,
    now: chrono::DateTime<chrono::Utc>,
) -> std::result::Result<Opt, String> {
    let said = |e: Error| e.message;
    if opting.purpose.as_deref().is_some_and(|purpose| purpose != args.purpose.as_str()) {
        return Err("it is about another purpose".into());
    }
    let channel = match opting.channel.as_deref() {
        None => args.channel,
        Some(text) if text.eq_ignore_ascii_case("all") => None,
        Some(text) => Some(Channel::of(text).ok_or("the channel is none of email, sms, phone, post")?),
    };
    let time = opting.time.map(|text| local(&text).unwrap_or(text));
    let time = moments::past(time.as_deref(), now).map_err(said)?;
    let Opting { id, email, phone, yes, .. } = opting;
    Ok(Opt { place: place.to_owned(), id, email, phone, yes, channel, time })
}

/// A time without its time zone is this machine's, as programs write it into their files.
fn local(text: &str) -> Option<String> {
    let forms = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
    let at = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
    Some(at.and_local_timezone(Local).earliest()?.to_rfc3339())
}
