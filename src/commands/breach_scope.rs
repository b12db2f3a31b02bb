//! `carnet breach scope`

use chrono::DateTime;
use serde::Serialize;

use super::breach_details::moment;
use crate::context::Context;
use crate::domain::breach::{Figures, Moment};
use crate::domain::ids::Slug;
use crate::error::{Error, Result};
use crate::output::Table;
use crate::vault::Vault;
use crate::vault::breach_scope::{Lost, Scope};

/// Compute what a lost key, a lost clone or a leaked book touches.
///
/// What could be read is an upper bound, from the history of who could open which book; what was read is what the access
/// trail shows; and of both, what was erased since.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet breach scope --book main --since 2026-11-01T00:00
  carnet breach scope --member ana --json
  carnet breach scope --member ana --since 2026-11-20T18:00 --until 2026-11-23T12:00 --into 2026-001")]
pub struct Args {
    /// The member whose key was lost.
    #[arg(long, value_name = "HANDLE", group = "lost", required_unless_present_any = ["clone", "book"])]
    member: Option<Slug>,
    /// The lost clone, by the id that `carnet erase --status` shows.
    #[arg(long, value_name = "ID", group = "lost")]
    clone: Option<String>,
    /// The book whose content leaked.
    #[arg(long, group = "lost")]
    book: Option<Slug>,
    /// From when; the beginning otherwise.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Moment>,
    /// Until when; now otherwise.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<Moment>,
    /// Keep the figures in the entry of this breach.
    #[arg(long, value_name = "REF")]
    into: Option<String>,
}

impl Args {
    fn lost(&self) -> Result<Lost> {
        match (&self.member, &self.clone, &self.book) {
            (Some(member), _, _) => Ok(Lost::Member(member.clone())),
            (_, Some(id), _) => Ok(Lost::Clone(id.clone())),
            (_, _, Some(book)) => Ok(Lost::Book(book.clone())),
            _ => Err(Error::usage("say what was lost").hint("--member, --clone or --book")),
        }
    }
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(flatten)]
    scope: &'a Scope,
    contacts_number: usize,
    read: usize,
    changed: usize,
    erased_since: usize,
    /// Contacts whose content could not be looked at.
    unknown: usize,
    stored_in: Option<&'a str>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let ui = &context.ui;
    let vault = context.vault()?;
    let lost = args.lost()?;
    let time = |at: Option<Moment>| at.map(|at| at.timestamp());
    let scope = vault.reading(|at| vault.breach_scope(at, &lost, time(args.since), time(args.until)))?;
    let mut stored_in = None;
    if let Some(reference) = &args.into {
        let breach = vault.breach(vault.snapshot()?, reference)?;
        if !context.dry_run {
            store(&vault, breach.reference.as_str(), &scope)?;
        }
        stored_in = Some(breach.reference.to_string());
    }
    if ui.json {
        let data = Data {
            contacts_number: scope.contacts.len(),
            read: scope.read(),
            changed: scope.changed(),
            erased_since: scope.erased(),
            unknown: scope.unknown(),
            stored_in: stored_in.as_deref(),
            scope: &scope,
        };
        return ui.data("carnet.breach-scope/1", &data).map(|()| 0);
    }
    if ui.quiet {
        return ui.raw(&scope.contacts.iter().map(|c| format!("{}\n", c.id)).collect::<String>()).map(|()| 0);
    }
    tables(context, &scope)?;
    if let Some(reference) = stored_in {
        ui.note(&match context.dry_run {
            true => format!("would keep the figures in breach {reference}."),
            false => format!("The figures are in the entry of breach {reference}."),
        });
    }
    Ok(0)
}

fn tables(context: &Context, scope: &Scope) -> Result<()> {
    let ui = &context.ui;
    let mut books = Table::new(&["BOOK", "FROM", "TO", "CONTACTS", "MEMBERS"]);
    for reach in &scope.books {
        let members: Vec<&str> = reach.members.iter().map(|m| m.as_str()).collect();
        books.row([
            reach.book.to_string(),
            shown(reach.from),
            shown(reach.to),
            reach.contacts.to_string(),
            members.join(", "),
        ]);
    }
    ui.table(&books)?;
    let mut figures = Table::new(&["CONTACTS", "NUMBER"]).words(&["CONTACTS"]);
    for (what, number) in [
        ("could be read (at most)", scope.contacts.len()),
        ("  of them persons", scope.persons),
        ("  of them organisations", scope.organisations),
        ("  of them not to be looked at here", scope.unknown()),
        ("sealed records beside them (requests, breaches, deals)", scope.records),
        ("were read through carnet, by the trail", scope.read()),
        ("were changed", scope.changed()),
        ("were erased since", scope.erased()),
    ] {
        figures.row([what.to_owned(), number.to_string()]);
    }
    ui.raw("\n")?;
    ui.table(&figures)?;
    if !scope.fields.is_empty() {
        let mut fields = Table::new(&["FIELD", "CONTACTS"]);
        let mut sorted: Vec<_> = scope.fields.iter().collect();
        sorted.sort_by_key(|(name, number)| (std::cmp::Reverse(**number), (*name).clone()));
        for (name, number) in sorted {
            fields.row([name.clone(), number.to_string()]);
        }
        ui.raw("\n")?;
        ui.table(&fields)?;
    }
    if !scope.reads.is_empty() {
        let mut reads = Table::new(&["READS", "NUMBER"]);
        for (action, number) in &scope.reads {
            reads.row([action.clone(), number.to_string()]);
        }
        ui.raw("\n")?;
        ui.table(&reads)?;
    }
    remarks(context, scope);
    Ok(())
}

fn remarks(context: &Context, scope: &Scope) {
    let ui = &context.ui;
    if scope.unnamed_reads > 0 {
        ui.note(&format!(
            "{} read(s) name no contact, for they showed many at once: {} in the largest.",
            scope.unnamed_reads, scope.most_in_one_read
        ));
    }
    let closed: Vec<&str> = scope.books.iter().filter(|b| !b.opened).map(|b| b.book.as_str()).collect();
    if !closed.is_empty() {
        ui.warn(&format!(
            "what the contacts hold is not known here, for you cannot open: books {}",
            closed.join(", ")
        ));
    }
    match scope.trail_since {
        Some(first) if first > scope.since => {
            ui.note(&format!("The access trail begins on {}; earlier reads are not known.", shown(first)));
        }
        None => ui.note("There is no access trail of that time."),
        _ => {}
    }
    ui.note(
        "The trail proves reads through carnet. Whoever holds a key can decrypt without it, so that what could be read is \
         what to count on. Contact keys that were copied also open later versions, for whoever still gets the repository.",
    );
}

/// Puts the figures into the register; the same scope of before is replaced.
fn store(vault: &Vault, reference: &str, scope: &Scope) -> Result<()> {
    let mut books: Vec<Slug> = scope.books.iter().map(|reach| reach.book.clone()).collect();
    books.dedup();
    let figures = Figures {
        of: scope.of.clone(),
        since: shown(scope.since),
        until: shown(scope.until),
        computed: vault.now_text(),
        commit: scope.commit.clone(),
        books,
        contacts: scope.contacts.len(),
        persons: scope.persons,
        read: scope.read(),
        changed: scope.changed(),
        erased_since: scope.erased(),
        unknown: scope.unknown(),
        fields: scope.fields.keys().cloned().collect(),
    };
    vault.change_breach(reference, "scope", |_, breach, _| {
        if breach.closed.is_some() {
            return Err(Error::refused("the breach is closed"));
        }
        breach.scopes.retain(|old| old.of != figures.of);
        breach.scopes.push(figures);
        Ok(())
    })?;
    Ok(())
}

fn shown(time: i64) -> String {
    DateTime::from_timestamp(time, 0).map(|t| t.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}
