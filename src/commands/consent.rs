//! `carnet consent`

use std::path::PathBuf;

use super::{consent_import, consent_list, consent_prove, many, moments};
use crate::context::Context;
use crate::domain::channel::Channel;
use crate::domain::contact::ConsentAction;
use crate::domain::ids::Slug;
use crate::domain::wording::Wanted;
use crate::error::{Error, Result};
use crate::vault::Vault;
use crate::vault::consents::{ConsentOrder, Expiry};

/// Record, list and prove consents (Art. 7 GDPR): append-only events, each bound to the text that was shown.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// The person was asked, or informed that they may say no: which text, when and how.
    #[command(after_help = "Examples:
  carnet consent ask jeanne@example.org --purpose newsletter --wording newsletter
  carnet consent ask 3f9a2c1b --purpose prospects --wording newsletter \\
    --channel email --method 'trade fair'")]
    Ask(Shown),
    /// The person said yes to a text.
    #[command(after_help = "Examples:
  carnet consent give jeanne@example.org --purpose newsletter --wording newsletter \\
    --channel email --method 'web form' --at 2026-11-20T09:20:00Z
  carnet consent give jeanne@example.org --purpose newsletter --wording newsletter \\
    --evidence ../form.pdf
  carnet list --tag vip -q | carnet consent give - --purpose newsletter \\
    --wording newsletter --channel email")]
    Give(Shown),
    /// The person said no.
    #[command(after_help = "Example:
  carnet consent refuse jeanne@example.org --purpose newsletter --channel sms")]
    Refuse(Said),
    /// The person took a consent back; refused where there is none.
    #[command(after_help = "Example:
  carnet consent give jeanne@example.org --purpose newsletter --wording newsletter && \\
    carnet consent withdraw jeanne@example.org --purpose newsletter --method 'by phone'")]
    Withdraw(Said),
    List(consent_list::Args),
    Prove(consent_prove::Args),
    Import(consent_import::Args),
}

/// An event with the text that was shown.
#[derive(Debug, clap::Args)]
struct Shown {
    #[command(flatten)]
    said: Said,
    /// The text: SLUG (its newest), SLUG/NUMBER, or the beginning of its hash.
    #[arg(long, value_parser = super::wording::wanted)]
    wording: Wanted,
    /// Until which day it holds [default: `[consent]` in carnet.toml]; `never` where it does not expire.
    #[arg(long, value_name = "DAY", value_parser = expiry)]
    expires: Option<Expiry>,
}

/// What every event has.
#[derive(Debug, clap::Args)]
struct Said {
    /// Which contacts; - reads ids from standard input, one a line. Without, a terminal lets you choose.
    #[arg(value_name = "CONTACT")]
    contacts: Vec<String>,
    #[arg(long)]
    purpose: Slug,
    /// For this channel; repeat for several [default: every channel].
    #[arg(long, value_enum)]
    channel: Vec<Channel>,
    /// How it was said: a form, a call, a letter.
    #[arg(long, value_name = "TEXT")]
    method: Option<String>,
    /// Where it was said.
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Who took it down [default: you]; somebody outside the firm needs --evidence.
    #[arg(long, value_name = "WHO")]
    collector: Option<String>,
    /// When it was said, a day or a moment; never in the future [default: now].
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,
    /// A file that proves it; it is kept sealed with the contact, and goes when the contact is erased.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
}

fn expiry(text: &str) -> Result<Expiry, String> {
    if text.eq_ignore_ascii_case("never") {
        return Ok(Expiry::Never);
    }
    match moments::parse(text) {
        Ok(moments::When::Day(day)) => Ok(Expiry::On(day)),
        _ => Err("use a day such as 2027-11-23, or never".into()),
    }
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let (action, said, wording, expires) = match args.command {
        Command::Ask(s) => (ConsentAction::Asked, s.said, Some(s.wording), s.expires),
        Command::Give(s) => (ConsentAction::Granted, s.said, Some(s.wording), s.expires),
        Command::Refuse(said) => (ConsentAction::Refused, said, None, None),
        Command::Withdraw(said) => (ConsentAction::Withdrawn, said, None, None),
        Command::List(args) => return consent_list::run(context, args),
        Command::Prove(args) => return consent_prove::run(context, args),
        Command::Import(args) => return consent_import::run(context, args),
    };
    let vault = context.vault_to_change()?;
    let order = order(&vault, &said, action, wording, expires)?;
    let found = many::contacts(context, &vault, &said.contacts)?;
    let ui = &context.ui;
    if context.dry_run {
        let would = vault.check_consent(vault.snapshot()?, &found, &order)?;
        return ui.would(&format!("would write {} event(s); nothing was changed", would.events.len()));
    }
    let done = vault.consent(&found, &order)?;
    if ui.json {
        #[derive(serde::Serialize)]
        struct Event<'a> {
            contact: &'a crate::domain::ids::ContactId,
            id: &'a str,
            channel: Option<Channel>,
        }
        let events: Vec<Event<'_>> = done
            .events
            .iter()
            .map(|(contact, id, channel)| Event { contact, id, channel: *channel })
            .collect();
        let data = serde_json::json!({
            "action": action, "purpose": order.purpose, "events": events, "wording": done.wording,
            "evidence": done.evidence, "expires": done.expires, "commit": done.commit.map(|c| c.to_string()),
        });
        return ui.data("carnet.consent/1", &data).map(|()| 0);
    }
    ui.raw(&done.events.iter().map(|(_, id, _)| format!("{id}\n")).collect::<String>())?;
    let did = match action {
        ConsentAction::Asked => "were asked",
        ConsentAction::Granted => "consented",
        ConsentAction::Refused => "refused",
        ConsentAction::Withdrawn => "withdrew their consent",
        ConsentAction::Expired => "let it expire",
    };
    let count = found.len();
    ui.note(&match done.expires {
        Some(day) => format!("Recorded that {count} contact(s) {did}, until {day}."),
        None => format!("Recorded that {count} contact(s) {did}."),
    });
    Ok(0)
}

fn order(
    vault: &Vault,
    said: &Said,
    action: ConsentAction,
    wording: Option<Wanted>,
    expires: Option<Expiry>,
) -> Result<ConsentOrder> {
    let evidence = match &said.evidence {
        None => None,
        Some(path) => Some(std::fs::read(path).map_err(|e| {
            Error::from(e).at(path.display().to_string()).hint("give the path of a file that is there")
        })?),
    };
    let mut channels = said.channel.clone();
    channels.sort();
    channels.dedup();
    Ok(ConsentOrder {
        action,
        purpose: said.purpose.clone(),
        channels,
        time: moments::past(said.at.as_deref(), vault.now)?,
        method: said.method.clone(),
        source: said.source.clone(),
        collector: said.collector.clone(),
        wording,
        evidence,
        expires: expires.unwrap_or_default(),
    })
}
