//! `carnet object`

use super::{many, moments};
use crate::context::Context;
use crate::domain::channel::Channel;
use crate::domain::ids::Slug;
use crate::domain::objection::{Objection, Scope};
use crate::error::{At, Result};
use crate::output::Table;
use crate::vault::object::ObjectionOrder;

/// Record that a person objects (Art. 21 GDPR), or takes it back: it counts at once.
///
/// The objection is written into the contact, and a keyed fingerprint of each address and number goes on the
/// opposition list, which outlives the contact: `add`, `import`, `lawful` and `mailing` honour it in any spelling.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:
  carnet object jeanne@example.org
  carnet object jeanne@example.org --purpose newsletter --method 'unsubscribe link'
  carnet object 3f9a2c1b --channel phone --at 2026-11-20
  carnet object jeanne@example.org && carnet object jeanne@example.org --lift
  carnet object check someone@example.org"
)]
pub struct Args {
    /// Which contacts; - reads ids from standard input, one a line. Without, a terminal lets you choose.
    #[arg(value_name = "CONTACT")]
    contacts: Vec<String>,
    /// Only this purpose [default: every purpose].
    #[arg(long)]
    purpose: Option<Slug>,
    /// Only this channel [default: every channel].
    #[arg(long, value_enum)]
    channel: Option<Channel>,
    /// How the person said it.
    #[arg(long, value_name = "TEXT")]
    method: Option<String>,
    /// When the person said it, a day or a moment; never in the future [default: now].
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,
    /// Reference of the rights request (letters, digits, hyphens; never a name).
    #[arg(long, value_name = "REF", value_parser = super::erase::reference)]
    request: Option<String>,
    /// Take back the objections to this purpose and channel: the person has come back of their own will.
    #[arg(long)]
    lift: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Ask whether an address or a number is on the opposition list; exit code 5 where it is.
    #[command(after_help = "Examples:
  carnet object check someone@example.org
  carnet object check '06 12 34 56 78'")]
    Check {
        /// An e-mail address or a phone number in any spelling; - reads it from standard input.
        #[arg(value_name = "VALUE")]
        value: String,
    },
    /// Take an address or a number off the opposition list: somebody who was erased has come back of their own will.
    #[command(after_help = "Example:
  carnet object jeanne@example.org && carnet object lift jeanne@example.org")]
    Lift {
        /// An e-mail address or a phone number in any spelling; - reads it from standard input.
        #[arg(value_name = "VALUE")]
        value: String,
    },
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Some(Command::Check { value }) => return check(context, &value),
        Some(Command::Lift { value }) => return lift(context, &value),
        None => {}
    }
    let vault = context.vault_to_change()?;
    let found = many::contacts(context, &vault, &args.contacts)?;
    let order = ObjectionOrder {
        scope: Scope { purpose: args.purpose, channel: args.channel },
        time: moments::past(args.at.as_deref(), vault.now)?,
        method: args.method,
        request: args.request,
        lift: args.lift,
    };
    let ui = &context.ui;
    let verb = if args.lift { "take objections back of" } else { "record an objection of" };
    if context.dry_run {
        vault.foresee_objection(&found, &order)?;
        return ui.would(&format!("would {verb} {} contact(s); nothing was changed", found.len()));
    }
    let done = vault.object(&found, &order)?;
    if ui.json {
        let commit = done.commit.map(|c| c.to_string());
        let data = serde_json::json!({
            "contacts": done.contacts, "scope": order.scope, "lifted": args.lift, "entries": done.entries, "commit": commit,
        });
        return ui.data("carnet.object/1", &data).map(|()| 0);
    }
    ui.raw(&done.contacts.iter().map(|id| format!("{id}\n")).collect::<String>())?;
    let (changed, entries) = (done.contacts.len(), done.entries);
    match args.lift {
        true => ui.note(&format!("Took back the objections of {changed} contact(s); {entries} entr(y/ies) left the opposition list.")),
        false => {
            ui.note(&format!(
                "Recorded the objection of {changed} contact(s); {entries} address(es) and number(s) are on the opposition list."
            ));
            if entries == 0 && changed > 0 {
                ui.warn("there is no address or number to recognise them by once the contact is erased");
            }
        }
    }
    Ok(0)
}

/// One entry as it is shown: it names nobody.
#[derive(serde::Serialize)]
struct Shown<'a> {
    path: &'a str,
    #[serde(flatten)]
    entry: &'a Objection,
}

/// What was typed, or what stands on standard input: it names a person.
fn typed(value: &str) -> Result<String> {
    if value != "-" {
        return Ok(value.to_owned());
    }
    let mut text = String::new();
    std::io::Read::read_to_string(&mut std::io::stdin().lock(), &mut text).at("standard input")?;
    Ok(text)
}

fn lift(context: &Context, value: &str) -> Result<i32> {
    let text = typed(value)?;
    let vault = context.vault_to_change()?;
    let ui = &context.ui;
    if context.dry_run {
        let entries = vault.check_opposed(vault.snapshot()?, &text)?.len();
        return ui.would(&format!(
            "would take {entries} entr(y/ies) off the opposition list; nothing was changed"
        ));
    }
    let (commit, entries) = vault.lift_opposed(&text)?;
    if ui.json {
        let commit = commit.map(|c| c.to_string());
        let data = serde_json::json!({ "entries": entries, "commit": commit });
        return ui.data("carnet.object-lift/1", &data).map(|()| 0);
    }
    ui.note(&format!("Took {entries} entr(y/ies) off the opposition list."));
    Ok(0)
}

fn check(context: &Context, value: &str) -> Result<i32> {
    let text = typed(value)?;
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let found = vault.reading(|at| vault.check_opposed(at, &text))?;
    let ui = &context.ui;
    let unchecked = vault.opposition(at)?.unchecked;
    if ui.json {
        let entries: Vec<_> = found.iter().map(|(path, entry)| Shown { path, entry }).collect();
        let data =
            serde_json::json!({ "opposed": !found.is_empty(), "entries": entries, "unchecked": unchecked });
        ui.data("carnet.object-check/1", &data)?;
    } else if found.is_empty() {
        ui.note("Not on the opposition list.");
    } else {
        let mut table = Table::new(&["PURPOSE", "CHANNEL", "SINCE", "UNTIL", "REQUEST"]);
        for (_, entry) in &found {
            let purpose = entry.purpose.as_ref().map_or("all", Slug::as_str);
            table.row([
                purpose.to_owned(),
                entry.channel.clone(),
                entry.since.clone(),
                entry.until.clone(),
                entry.request.clone().unwrap_or_default(),
            ]);
        }
        ui.table(&table)?;
        ui.note("On the opposition list (Art. 21 GDPR).");
    }
    if unchecked > 0 {
        ui.warn(&format!("{unchecked} entries are of books that you cannot open and were not compared"));
    }
    Ok(if found.is_empty() { 0 } else { 5 })
}
