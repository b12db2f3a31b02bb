//! `carnet mailing`

use std::path::PathBuf;

use super::export::{check_outside, write_new};
use crate::context::Context;
use crate::domain::channel::Channel;
use crate::domain::ids::Slug;
use crate::error::{Error, Result};
use crate::interchange::write_rows;
use crate::output::Table;
use crate::vault::mailing::{Mailing, Pinned, Recipient, is_same};

/// The list of those who may lawfully be contacted, and how many are left out by each reason.
///
/// The list is an export in the access trail, pinned to the commit and the moment that it was decided at: --at with
/// the entry that it prints decides the same list again. What was erased since is left out and counted.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet mailing --purpose newsletter --channel email --format csv --out ../mailing.csv
  carnet mailing --purpose newsletter --channel email --format mutt
  carnet mailing --purpose prospects --channel phone --format json
  carnet mailing --purpose newsletter --channel email --at HEAD --dry-run")]
pub struct Args {
    #[arg(long)]
    purpose: Slug,
    #[arg(long, value_enum)]
    channel: Channel,
    /// What to write [default: csv, with --json: json].
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Only this book.
    #[arg(long)]
    book: Option<Slug>,
    /// Decide again what was decided then: a mailing's entry in the access trail, or a commit of the branch.
    #[arg(long, value_name = "COMMIT")]
    at: Option<String>,
    /// Write into this new file (0600) instead of standard output; never inside the data repository.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Csv,
    /// Aliases for mutt and neomutt.
    Mutt,
    Json,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let format = args.format.unwrap_or(if context.ui.json { Format::Json } else { Format::Csv });
    if format == Format::Mutt && args.channel != Channel::Email {
        return Err(Error::usage("mutt has e-mail addresses only").at("--format").hint("use --format csv"));
    }
    if let Some(path) = &args.out {
        check_outside(&vault, path)?;
    }
    let now = vault.snapshot()?;
    vault.check_purpose(now, &args.purpose)?;
    let pinned = args.at.as_deref().map(|text| vault.mailing_at(text)).transpose()?;
    if let Some(pinned) = &pinned {
        let other = pinned.purpose.as_ref().is_some_and(|p| *p != args.purpose)
            || pinned.channel.is_some_and(|c| c != args.channel);
        if other {
            return Err(Error::usage("that mailing was for another purpose or channel")
                .at("--at")
                .hint("`carnet history --access` shows what it was for"));
        }
    }
    let decide = |at, moment| {
        let judge = vault.judge(at, &args.purpose, args.channel, moment)?;
        let mailing = vault.mailing(at, &judge, args.book.as_ref())?;
        Ok((at, judge, mailing))
    };
    let (at, judge, mailing) = match &pinned {
        Some(pinned) => decide(pinned.at, pinned.moment)?,
        None => vault.reading(|at| decide(at, vault.now.timestamp()))?,
    };
    if context.dry_run {
        say(context, &mailing, None, pinned.as_ref());
        context.ui.note("nothing was written and nothing was recorded");
        return Ok(0);
    }
    // A list that was decided again is shown again: that is a read of its own.
    let entry = vault.record_mailing(at, &judge, &mailing)?.to_string();
    let bytes = match format {
        _ if context.ui.quiet && args.format.is_none() && args.out.is_none() => {
            mailing.recipients.iter().map(|r| format!("{}\n", r.id)).collect::<String>().into_bytes()
        }
        Format::Csv => csv(&mailing.recipients, args.channel)?,
        Format::Mutt => mutt(&mailing.recipients).into_bytes(),
        Format::Json => json(&args, &mailing, &at.commit.to_string(), &entry, judge.moment, pinned.as_ref())?,
    };
    match &args.out {
        Some(path) => {
            write_new(path, &bytes)?;
            if context.ui.json {
                let data = serde_json::json!({
                    "count": mailing.recipients.len(), "left_out": mailing.left_out, "entry": entry,
                    "commit": at.commit.to_string(), "file": path.display().to_string(),
                });
                context.ui.data("carnet.mailing-file/1", &data)?;
            }
        }
        None => context.ui.raw(&String::from_utf8_lossy(&bytes))?,
    }
    say(context, &mailing, Some(&entry), pinned.as_ref());
    Ok(0)
}

fn say(context: &Context, mailing: &Mailing, entry: Option<&str>, pinned: Option<&Pinned>) {
    let ui = &context.ui;
    if ui.json || ui.quiet {
        return;
    }
    let left_out: usize = mailing.left_out.values().sum();
    ui.note(&format!("{} may be contacted, {left_out} are left out.", mailing.recipients.len()));
    if left_out > 0 {
        let mut table = Table::new(&["LEFT OUT", "WHY"]).words(&["WHY"]);
        for (why, count) in &mailing.left_out {
            table.row([count.to_string(), (*why).to_owned()]);
        }
        ui.note_table(&table);
    }
    if mailing.unchecked > 0 {
        ui.warn(&format!(
            "{} entries of the opposition list are of books that you cannot open and were not compared",
            mailing.unchecked
        ));
    }
    match pinned.and_then(|pinned| is_same(mailing, pinned)) {
        Some(true) => ui.note("It is the same list as then."),
        Some(false) => ui.warn("it is not the same list as then: contacts were erased, or books differ"),
        None => {}
    }
    if let Some(entry) = entry {
        ui.note(&format!(
            "Recorded as {entry}; `carnet mailing … --at {}` decides it again.",
            entry.get(..10).unwrap_or(entry)
        ));
    }
}

/// One row each, under headings that other programs know.
fn csv(recipients: &[Recipient], channel: Channel) -> Result<Vec<u8>> {
    let address = match channel {
        Channel::Email => "email",
        Channel::Sms | Channel::Phone => "phone",
        Channel::Post => "address",
    };
    let mut rows = vec![["id", "name", address, "lang", "rule", "wording"].map(str::to_owned).to_vec()];
    for one in recipients {
        rows.push(vec![
            one.id.to_string(),
            one.name.clone(),
            one.address.clone(),
            one.lang.clone().unwrap_or_default(),
            one.decision.rule.as_str().to_owned(),
            one.decision.wording.clone().unwrap_or_default(),
        ]);
    }
    write_rows(&rows)
}

/// `alias` lines (mutt manual, "Creating Aliases"); names are quoted strings (RFC 5322, section 3.2.4).
fn mutt(recipients: &[Recipient]) -> String {
    let mut out = String::new();
    for one in recipients {
        let plain: String = one.name.chars().filter(|c| !c.is_control()).collect();
        // Inside mutt's own quotes, so that no character of a name is taken for its syntax.
        let quoted = plain.replace('\\', "").replace(['"', '\'', '`', '$'], " ");
        out.push_str(&format!(
            "alias c-{} '\"{}\" <{}>'\n",
            one.id.short(),
            quoted.trim(),
            one.address.replace('\'', "")
        ));
    }
    out
}

fn json(
    args: &Args,
    mailing: &Mailing,
    commit: &str,
    entry: &str,
    moment: i64,
    pinned: Option<&Pinned>,
) -> Result<Vec<u8>> {
    let moment = chrono::DateTime::from_timestamp(moment, 0).unwrap_or_default();
    let data = serde_json::json!({
        "purpose": args.purpose, "channel": args.channel, "commit": commit, "entry": entry,
        "moment": moment.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "recipients": mailing.recipients, "left_out": mailing.left_out, "digest": mailing.digest,
        "same_as_then": pinned.and_then(|pinned| is_same(mailing, pinned)), "unchecked": mailing.unchecked,
    });
    let envelope = serde_json::json!({ "schema": "carnet.mailing/1", "data": data });
    let mut text = serde_json::to_vec_pretty(&envelope)
        .map_err(|e| Error::failed("the list could not be written as JSON").cause(e))?;
    text.push(b'\n');
    let text = String::from_utf8_lossy(&text);
    Ok(crate::output::text::inert_json(&text).into_owned().into_bytes())
}
