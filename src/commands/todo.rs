//! `carnet todo`

use std::cmp::Ordering;

use chrono::NaiveDate;
use toml_edit::value;

use super::many;
use crate::context::Context;
use crate::domain::activity::relative;
use crate::domain::contact::Todo;
use crate::domain::edit::Change;
use crate::domain::filter::{Span, day_of, is_address};
use crate::domain::trailer::Entry;
use crate::domain::{edit, events, ids};
use crate::error::{Error, Kind, Result};
use crate::output::{Cell, Table, Tone, Ui};
use crate::vault::Vault;
use crate::vault::access::Access;
use crate::vault::agenda::Open;
use crate::vault::select::Match;

/// Next actions: what is to be done about whom, and until when. `carnet agenda` shows what is due.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Add(Add),
    Done(Done),
    Snooze(Snooze),
    List(List),
    Every(Every),
}

/// Add an action about one or several contacts.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet todo add jeanne@example.org 'send the offer' --due 3d
  carnet list tag:vip -q | carnet todo add - --text 'season greetings' --due 2026-12-15")]
struct Add {
    /// Contacts, then the text; `-` reads ids from standard input.
    #[arg(value_name = "CONTACT… TEXT", required_unless_present = "text")]
    words: Vec<String>,
    /// The text; then all other words are contacts, and without any a terminal lets you choose.
    #[arg(short = 'm', long, value_name = "TEXT")]
    text: Option<String>,
    /// Until when: 2026-12-01, tomorrow, 3d, 2w.
    #[arg(long, value_name = "DAY")]
    due: Option<String>,
}

/// Mark actions as done.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  carnet todo add 3f9a2c1b 'call back' -q >/dev/null && carnet todo done 3f9a2c1b")]
struct Done {
    /// The beginning of an action's id, or a contact that has one open action.
    #[arg(required = true, value_name = "ACTION")]
    actions: Vec<String>,
}

/// Put actions off.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  carnet todo add 3f9a2c1b 'call back' -q >/dev/null && carnet todo snooze 3f9a2c1b --until 2w")]
struct Snooze {
    /// The beginning of an action's id, or a contact that has one open action.
    #[arg(required = true, value_name = "ACTION")]
    actions: Vec<String>,
    /// Until when: 2026-12-01, tomorrow, 3d, 2w (from today).
    #[arg(long, value_name = "DAY", default_value = "1d")]
    until: String,
}

/// List the open actions.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet todo list
  carnet todo list --where 'tag:vip and due<7d'")]
struct List {
    /// Only those of contacts that a filter means.
    #[arg(long = "where", value_name = "FILTER")]
    filter: Option<String>,
}

/// Say how often one wants to be in touch: with contacts, or with all that have a tag.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet todo every 3m jeanne@example.org
  carnet todo every 6w --tag vip
  carnet todo every never jeanne@example.org")]
struct Every {
    /// 2w, 3m, 1y; `never` takes it back.
    span: String,
    /// Contacts; `-` reads ids from standard input. Without, a terminal lets you choose.
    #[arg(value_name = "CONTACT")]
    contacts: Vec<String>,
    /// All contacts with this tag; a contact's own span outranks it.
    #[arg(long, conflicts_with = "contacts")]
    tag: Option<String>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Add(add) => self::add(context, add),
        Command::Done(done) => self::done(context, &done),
        Command::Snooze(snooze) => self::snooze(context, &snooze),
        Command::List(list) => self::list(context, &list),
        Command::Every(every) => self::every(context, &every),
    }
}

fn day(vault: &Vault, text: &str, flag: &str) -> Result<NaiveDate> {
    day_of(text, vault.now).ok_or_else(|| {
        Error::usage("that is no day").at(flag.to_owned()).hint("2026-12-01, tomorrow, 3d, 2w")
    })
}

fn toml_day(day: NaiveDate) -> Option<toml::value::Datetime> {
    day.to_string().parse().ok()
}

fn add(context: &Context, add: Add) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let (names, text) = match (add.text, add.words.split_last()) {
        (Some(text), _) => (add.words, text),
        (None, Some((text, names))) if !names.is_empty() => (names.to_vec(), text.clone()),
        _ => {
            return Err(Error::usage("what is to be done?").hint("`carnet todo add CONTACT TEXT --due DAY`"));
        }
    };
    if text.trim().is_empty() {
        return Err(Error::usage("what is to be done?")
            .at("--text")
            .hint("`carnet todo add CONTACT TEXT --due DAY`"));
    }
    let due = add.due.as_deref().map(|text| day(&vault, text, "--due")).transpose()?;
    let todo = Todo {
        id: ids::event_id(),
        text: text.trim().to_owned(),
        due: due.and_then(toml_day),
        created: vault.now_text().parse().ok(),
        done: None,
    };
    let found = many::contacts(context, &vault, &names)?;
    if context.dry_run {
        context
            .ui
            .note(&format!("would add an action about {} contact(s); nothing was changed", found.len()));
        return Ok(0);
    }
    let changes =
        vault.change_all(&found, ("todo with", "todo-add"), &|_, doc| events::append(doc, "todo", &todo))?;
    super::done_all(
        context,
        "carnet.todo/1",
        &changes,
        Some(&todo.id),
        &format!("Action {} is noted for", todo.id),
    )?;
    Ok(0)
}

fn done(context: &Context, done: &Done) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let now = vault.now_text();
    change(context, &vault, &done.actions, "todo-done", "Done with", &|table| {
        if let Ok(now) = now.parse::<toml_edit::Datetime>() {
            table.insert("done", value(now));
        }
    })
}

fn snooze(context: &Context, snooze: &Snooze) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let until = day(&vault, &snooze.until, "--until")?;
    if until < vault.now.date_naive() {
        return Err(Error::usage("that day is over").at("--until").hint("tomorrow, 3d, 2w"));
    }
    change(
        context,
        &vault,
        &snooze.actions,
        "todo-snooze",
        &format!("Put off until {until} with"),
        &|table| {
            if let Ok(until) = until.to_string().parse::<toml_edit::Datetime>() {
                table.insert("due", value(until));
            }
        },
    )
}

/// Changes the entries of actions, all in one commit.
fn change(
    context: &Context,
    vault: &Vault,
    actions: &[String],
    action: &str,
    what: &str,
    set: &dyn Fn(&mut dyn toml_edit::TableLike),
) -> Result<i32> {
    let found = find(context, vault, actions)?;
    if context.dry_run {
        context.ui.note(&format!("would change {} action(s); nothing was changed", found.len()));
        return Ok(0);
    }
    let mut with: Vec<Match> = Vec::new();
    for open in &found {
        if !with.iter().any(|known| known.id == open.with.id) {
            with.push(open.with.clone());
        }
    }
    let changes = vault.change_all(&with, ("todo with", action), &|contact, doc| {
        for open in found.iter().filter(|open| open.with.id == contact.id) {
            let entry = edit::entry_of(doc, "todo", &open.id).ok_or_else(|| {
                Error::not_found("the action is gone since it was looked up").hint("run the command again")
            })?;
            set(entry);
        }
        Ok(())
    })?;
    super::done_all(context, "carnet.todo/1", &changes, None, what)?;
    Ok(0)
}

/// The open actions that are meant: by the beginning of their ids, or by a contact that has one.
fn find(context: &Context, vault: &Vault, actions: &[String]) -> Result<Vec<Open>> {
    let at = vault.snapshot()?;
    let all = vault.agenda(at, &vault.filter(at, "has:todo")?)?.open;
    let mut found: Vec<Open> = Vec::new();
    for (n, text) in actions.iter().enumerate() {
        let place = format!("argument {}", n + 1);
        let lower = text.to_ascii_lowercase();
        // An action about several contacts is one entry in each of them.
        let mut meant: Vec<Open> = match lower.len() >= 4 {
            true => all.iter().filter(|open| open.id.starts_with(&lower)).cloned().collect(),
            false => Vec::new(),
        };
        let mut ids: Vec<&str> = meant.iter().map(|open| open.id.as_str()).collect();
        ids.dedup();
        let mut several = ids.len();
        if meant.is_empty() {
            let with = many::contacts(context, vault, std::slice::from_ref(text))?;
            meant = all.iter().filter(|open| with.iter().any(|m| m.id == open.with.id)).cloned().collect();
            several = if text == "-" { 1 } else { meant.len() };
        }
        if meant.is_empty() {
            return Err(Error::not_found("there is no open action")
                .at(place)
                .hint("`carnet todo list` shows them"));
        }
        if several > 1 {
            return Err(Error::new(Kind::Ambiguous, format!("{several} open actions are meant"))
                .at(place)
                .hint("`carnet todo list` shows their ids"));
        }
        for open in meant {
            if !found.iter().any(|known| known.id == open.id && known.with.id == open.with.id) {
                found.push(open);
            }
        }
    }
    Ok(found)
}

fn list(context: &Context, list: &List) -> Result<i32> {
    let vault = context.vault()?;
    let (at, agenda) = vault.reading(|at| {
        let filter = vault.filter(at, list.filter.as_deref().unwrap_or_default())?;
        Ok((at, vault.agenda(at, &filter)?))
    })?;
    vault.record(
        at,
        Access { action: "todo", books: agenda.books, count: Some(agenda.open.len()), ..Access::default() },
    )?;
    let ui = &context.ui;
    if ui.json {
        ui.data("carnet.todos/1", &agenda.open.iter().map(as_json).collect::<Vec<_>>())?;
    } else if ui.quiet {
        ui.raw(&agenda.open.iter().map(|open| format!("{}\n", open.id)).collect::<String>())?;
    } else if agenda.open.is_empty() {
        ui.note("Nothing is to be done.");
    } else {
        let mut table = Table::new(&["ACTION", "DUE", "", "WHAT", "WITH"]);
        agenda.open.iter().for_each(|open| table.row(cells(open, vault.now.date_naive(), ui)));
        ui.table(&table)?;
    }
    Ok(0)
}

/// An action as a row of a table: id, day, how long until then, what, with whom.
pub(super) fn cells(open: &Open, today: NaiveDate, ui: &Ui) -> [Cell; 5] {
    let [day, when] = day_cells(open.due, today, ui);
    [
        Cell::new(open.id.chars().take(8).collect::<String>(), Tone::Faint),
        day,
        when,
        open.text.clone().into(),
        open.with.name.clone().into(),
    ]
}

/// A day, and how long until then unless dates alone are wanted; what is late is red, what is due today yellow.
pub(super) fn day_cells(day: Option<NaiveDate>, today: NaiveDate, ui: &Ui) -> [Cell; 2] {
    let Some(day) = day else { return [Cell::default(), Cell::default()] };
    let tone = match day.cmp(&today) {
        Ordering::Less => Tone::Late,
        Ordering::Equal => Tone::Today,
        Ordering::Greater => Tone::Plain,
    };
    let when = if ui.absolute { String::new() } else { ui.lang.say(&relative(day, today)).into_owned() };
    [Cell::new(day.to_string(), tone), Cell::new(when, tone)]
}

/// An action as JSON has it.
pub(super) fn as_json(open: &Open) -> serde_json::Value {
    serde_json::json!({
        "id": open.id, "due": open.due, "text": open.text,
        "contact": open.with.id, "book": open.with.book, "name": open.with.name,
    })
}

fn every(context: &Context, every: &Every) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let never = every.span.eq_ignore_ascii_case("never");
    let span = match never {
        true => None,
        false => Some(
            Span::parse(&every.span)
                .map(Span::text)
                .ok_or_else(|| Error::usage("that is no length of time").hint("2w, 3m, 1y, or `never`"))?,
        ),
    };
    let Some(tag) = &every.tag else {
        let found = many::contacts(context, &vault, &every.contacts)?;
        if context.dry_run {
            context.ui.note(&format!("would change {} contact(s); nothing was changed", found.len()));
            return Ok(0);
        }
        let today = vault.today();
        let changes = vault.change_all(&found, ("update", "edit"), &|_, doc| {
            let change = Change::Set("every".to_owned(), span.clone().unwrap_or_default());
            edit::apply(doc, &change, &today)
        })?;
        super::done_all(
            context,
            "carnet.todo-every/1",
            &changes,
            None,
            "Changed how often one wants to hear of",
        )?;
        return Ok(0);
    };
    // What stands there may go, whoever has come to be called so.
    if span.is_some() && (is_address(tag) || vault.is_name(vault.snapshot()?, tag)?) {
        let what = match is_address(tag) {
            true => "this tag may be somebody's address or number, and carnet.toml is plain text",
            false => "this tag is somebody's name, and carnet.toml is plain text",
        };
        return Err(Error::refused(what).hint("say it of the contact: `carnet todo every 3m CONTACT`"));
    }
    if !context.dry_run {
        let entry = Entry::new("settings: how often one wants to be in touch", "todo-every");
        let commit = vault.commit_setting("every", tag, span.as_deref(), entry)?;
        if context.ui.json {
            let commit = commit.map(|c| c.to_string());
            context.ui.data(
                "carnet.todo-every/1",
                &serde_json::json!({ "tag": tag, "every": span, "commit": commit }),
            )?;
        }
    }
    context.ui.note(match (context.dry_run, never) {
        (true, _) => "would change carnet.toml; nothing was changed",
        (_, true) => "Contacts of this tag are no longer followed.",
        _ => "Contacts of this tag are followed: `carnet agenda` names those not heard of for longer.",
    });
    Ok(0)
}
