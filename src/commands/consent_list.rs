//! `carnet consent list`

use serde::Serialize;

use super::pick;
use crate::context::Context;
use crate::domain::channel::Channel;
use crate::domain::contact::{Consent, ConsentAction, Contact};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::lawful::consent::state;
use crate::error::{Error, Result};
use crate::output::Table;
use crate::vault::access::Access;

/// List a contact's consent events, or where everybody stands for a purpose.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet consent list jeanne@example.org
  carnet consent list --purpose newsletter --state asked
  carnet consent list --purpose newsletter --channel email --json")]
pub struct Args {
    /// Which contact [default: all, with --purpose].
    contact: Option<String>,
    #[arg(long, required_unless_present = "contact")]
    purpose: Option<Slug>,
    /// Without a contact: the channel that is asked about.
    #[arg(long, value_enum, default_value = "email")]
    channel: Channel,
    /// Without a contact: only those who stand so.
    #[arg(long, value_enum)]
    state: Option<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum State {
    Asked,
    Granted,
    Refused,
    Withdrawn,
    Expired,
}

impl State {
    fn action(self) -> ConsentAction {
        match self {
            State::Asked => ConsentAction::Asked,
            State::Granted => ConsentAction::Granted,
            State::Refused => ConsentAction::Refused,
            State::Withdrawn => ConsentAction::Withdrawn,
            State::Expired => ConsentAction::Expired,
        }
    }
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match &args.contact {
        Some(text) => of_one(context, text, args.purpose.as_ref()),
        None => of_all(context, &args),
    }
}

fn of_one(context: &Context, text: &str, purpose: Option<&Slug>) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let found = pick::one(context, &vault, at, text)?;
    let opened = vault.reading(|at| vault.open_contact(at, &found.book, &found.id))?;
    let Some(opened) = opened else { return Err(vault.not_found(at, found.id.as_str())?) };
    vault.record(at, Access::of_one("consent-list", &found.book, &found.id, purpose.cloned()))?;
    let events: Vec<&Consent> =
        opened.contact.consents.iter().filter(|e| purpose.is_none_or(|p| e.purpose == *p)).collect();
    let ui = &context.ui;
    if ui.json {
        let data = serde_json::json!({ "contact": found.id, "events": events });
        return ui.data("carnet.consents/1", &data).map(|()| 0);
    }
    if ui.quiet {
        return ui.lines(&events.iter().map(|e| format!("{}\n", e.id)).collect::<String>()).map(|()| 0);
    }
    let mut table = Table::new(&[
        "TIME", "ACTION", "PURPOSE", "CHANNEL", "WORDING", "EVIDENCE", "EXPIRES", "METHOD", "BY", "ID",
    ])
    .words(&["ACTION", "CHANNEL"]);
    let short = |text: &Option<String>| text.as_deref().unwrap_or_default().chars().take(12).collect();
    for event in events {
        table.row([
            event.time.to_string(),
            event.action.as_str().to_owned(),
            event.purpose.to_string(),
            event.channel.clone().unwrap_or_else(|| "all".into()),
            short(&event.wording),
            short(&event.evidence),
            event.expires.as_ref().map(|e| e.to_string()).unwrap_or_default(),
            event.method.clone().unwrap_or_default(),
            event.collector.clone().unwrap_or_default(),
            event.id.clone(),
        ]);
    }
    if table.is_empty() {
        ui.note("There is no consent event.");
        return Ok(0);
    }
    ui.table(&table).map(|()| 0)
}

/// Where one contact stands.
#[derive(Serialize)]
struct Standing {
    contact: ContactId,
    book: Slug,
    name: String,
    state: ConsentAction,
    since: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

fn of_all(context: &Context, args: &Args) -> Result<i32> {
    let Some(purpose) = &args.purpose else { return Err(Error::usage("give a contact or --purpose")) };
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    vault.check_purpose(at, purpose)?;
    let now = vault.now.timestamp();
    let mut found: Vec<Standing> = Vec::new();
    let mut books = Vec::new();
    for (book, _) in vault.my_books(at)? {
        let wanted = vault.contacts_of(at, &book)?;
        let mut take = |_: &str, contact: Contact| {
            let Some(state) = state(&contact.consents, purpose, args.channel, now) else { return };
            let (state, event) = (state.action, state.event);
            if args.state.is_some_and(|only| only.action() != state) {
                return;
            }
            found.push(Standing {
                since: event.time.to_string(),
                expires: event.expires.as_ref().map(|e| e.to_string()),
                contact: contact.id,
                book: contact.book,
                name: contact.name,
                state,
            });
        };
        vault.open_many(&book, &wanted, &mut take)?;
        books.push(book);
    }
    found.sort_by(|a, b| (&a.since, &a.contact).cmp(&(&b.since, &b.contact)));
    let count = Some(found.len());
    let access =
        Access { action: "consent-list", books, count, purpose: Some(purpose.clone()), ..Access::default() };
    vault.record(at, access)?;
    let ui = &context.ui;
    if ui.json {
        return ui.data("carnet.consent-states/1", &found).map(|()| 0);
    }
    if ui.quiet {
        return ui.raw(&found.iter().map(|s| format!("{}\n", s.contact)).collect::<String>()).map(|()| 0);
    }
    let mut table = Table::new(&["ID", "NAME", "STATE", "SINCE", "EXPIRES"]).words(&["STATE"]);
    for one in &found {
        table.row([
            one.contact.short().to_owned(),
            one.name.clone(),
            one.state.as_str().to_owned(),
            one.since.clone(),
            one.expires.clone().unwrap_or_default(),
        ]);
    }
    ui.table(&table)?;
    ui.note(&format!("{} contact(s), for {purpose} by {}.", found.len(), args.channel));
    Ok(0)
}
