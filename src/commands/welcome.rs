//! `carnet` alone: what to do first where there is nothing yet, and what is due today where there is.

use std::path::Path;

use serde_json::{Value, json};

use super::todo;
use crate::context::Context;
use crate::domain::fold::fold;
use crate::domain::ids::Slug;
use crate::error::{Error, Kind, Result};
use crate::output::{Table, Tone, Ui};
use crate::store::config::config_at;
use crate::vault::access::Access;
use crate::vault::agenda::Open;
use crate::vault::{Surroundings, Vault, open_data_repository};

/// How many actions are shown; `carnet agenda` has the rest.
const SHOWN: usize = 5;

/// A command, and what it is for.
type Step = (String, &'static str);

pub fn run(context: &Context) -> Result<i32> {
    if open_data_repository(&context.dir).is_err() {
        let steps = vec![
            (init_for(&context.dir), "makes a data repository in the new directory `firm`"),
            ("carnet clone URL firm".to_owned(), "joins one that a colleague has"),
        ];
        return say(context, "no-repository", "There is no data repository here yet.", &steps);
    }
    // Nobody who typed no more than a name is asked for a passphrase.
    let around = Surroundings { no_input: true, ..context.around.clone() };
    let seen = Vault::open(&context.dir, &around).and_then(|vault| Ok((today(&vault)?, vault)));
    match seen {
        Ok((open, vault)) => ready(context, &vault, &open),
        Err(e) if is_locked(&e) => {
            let steps = vec![("carnet agenda".to_owned(), "asks for your passphrase and shows what is due")];
            say(context, "locked", "Your key is locked.", &steps)
        }
        Err(e) => {
            context.ui.warn_of(&e);
            let steps = vec![("carnet doctor".to_owned(), "says what is wrong, and what to do about it")];
            say(context, "no-key", "This data repository cannot be opened as it is.", &steps)
        }
    }
}

/// Whether nothing is wrong but that somebody would have to be asked.
fn is_locked(error: &Error) -> bool {
    error.kind == Kind::NoKey && error.message.contains("is locked")
}

/// `carnet init` with what git already knows of who sits here.
fn init_for(dir: &Path) -> String {
    let told = |key: &str| config_at(dir, key).filter(|value| !value.trim().is_empty());
    let name = told("user.name");
    let handle = name.as_deref().and_then(handle_of).unwrap_or_else(|| "ana".to_owned());
    let quoted = |value: String| shlex::try_quote(&value).map(|v| v.into_owned()).unwrap_or_default();
    format!(
        "carnet init firm --organisation 'My firm' --member {handle} --name {} --email {}",
        quoted(name.unwrap_or_else(|| "Ana Martin".to_owned())),
        quoted(told("user.email").unwrap_or_else(|| "ana@example.org".to_owned())),
    )
}

/// A first name as a handle.
fn handle_of(name: &str) -> Option<String> {
    let first: String =
        fold(name).split_whitespace().next()?.chars().filter(char::is_ascii_alphanumeric).collect();
    first.parse::<Slug>().ok().map(|slug| slug.to_string())
}

/// Late and today's actions, recorded as a look into the agenda.
fn today(vault: &Vault) -> Result<Vec<Open>> {
    let (at, agenda) =
        vault.reading(|at| Ok((at, vault.agenda(at, &vault.filter(at, "due<0d or due:today")?)?)))?;
    let today = vault.now.date_naive();
    let open: Vec<Open> =
        agenda.open.into_iter().filter(|open| open.due.is_some_and(|day| day <= today)).collect();
    let count = Some(open.len());
    vault.record(at, Access { action: "agenda", books: agenda.books, count, ..Access::default() })?;
    Ok(open)
}

fn ready(context: &Context, vault: &Vault, open: &[Open]) -> Result<i32> {
    let at = vault.snapshot()?;
    let ui = &context.ui;
    let empty = vault.repo.entry(at.tree, "contacts")?.is_none();
    let steps: Vec<Step> = match empty {
        true => vec![
            ("carnet add".to_owned(), "writes down the first contact"),
            ("carnet import FILE.csv".to_owned(), "takes them over from a table or a phone"),
        ],
        false => vec![
            ("carnet agenda".to_owned(), "shows the week"),
            ("carnet find WORDS".to_owned(), "finds a contact"),
        ],
    };
    let day = vault.now.date_naive();
    if ui.json {
        let due: Vec<Value> = open.iter().map(todo::as_json).collect();
        let answer = json!({ "state": "ready", "today": day, "due": due, "next": next(&steps) });
        return ui.data("carnet.welcome/1", &answer).map(|()| 0);
    }
    if ui.quiet {
        return Ok(0);
    }
    let late = open.iter().filter(|open| open.due.is_some_and(|due| due < day)).count();
    let firm = vault.settings(at)?.organisation.name;
    let count = match (open.len(), late) {
        (0, _) => "nothing is due today".to_owned(),
        (all, 0) => format!("{all} action(s) for today"),
        (all, late) => format!("{all} action(s) for today, {late} of them late"),
    };
    ui.lines(&format!("{}{} {}.", firm, ui.lang.pick(":", "\u{a0}:"), ui.lang.say(&count)))?;
    if !open.is_empty() {
        ui.raw(&table(open, vault, ui))?;
    }
    print(ui, &steps)
}

fn table(open: &[Open], vault: &Vault, ui: &Ui) -> String {
    let today = vault.now.date_naive();
    let mut table = Table::new(&[""; 4]);
    for one in open.iter().take(SHOWN) {
        let [id, _, when, what, with] = todo::cells(one, today, ui);
        table.row([when, what, with, id]);
    }
    let width = ui.width.map(|width| width.saturating_sub(2));
    let lines = table.paint(ui.lang, width, ui.colours);
    let mut out: String = lines.lines().skip(1).map(|line| format!("  {line}\n")).collect();
    if open.len() > SHOWN {
        out.push_str(&format!("  {}\n", ui.lang.say(&format!("… and {} more", open.len() - SHOWN))));
    }
    out
}

fn say(context: &Context, state: &str, what: &str, steps: &[Step]) -> Result<i32> {
    let ui = &context.ui;
    if ui.json {
        return ui.data("carnet.welcome/1", &json!({ "state": state, "next": next(steps) })).map(|()| 0);
    }
    if ui.quiet {
        return Ok(0);
    }
    ui.lines(&ui.lang.say(what))?;
    print(ui, steps)
}

/// The next commands, each below what it is for.
fn print(ui: &Ui, steps: &[Step]) -> Result<i32> {
    let mut out = String::from("\n");
    let help: Step = ("carnet --help".to_owned(), "lists all commands");
    for (command, what) in steps.iter().chain(std::iter::once(&help)) {
        // Its whole line can be copied.
        let command = crate::output::text::inert(command);
        out.push_str(&format!("  {}\n      {}\n", ui.paint(Tone::Heading, &command), ui.lang.say(what)));
    }
    ui.raw(&out).map(|()| 0)
}

fn next(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|(command, _)| command.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_makes_a_handle_where_it_can() {
        assert_eq!(handle_of("Éloïse d'Aubigné").as_deref(), Some("eloise"));
        assert_eq!(handle_of("東京"), None);
        assert_eq!(handle_of(" "), None);
    }
}
