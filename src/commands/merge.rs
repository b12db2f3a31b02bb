//! `carnet merge`

use std::collections::BTreeMap;

use super::add::accept;
use super::{choose, editor, merge_many, pick};
use crate::context::Context;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::unite::unite;
use crate::error::{Error, Kind, Result};
use crate::vault::access::Access;
use crate::vault::select::Match;
use crate::vault::snapshot::Opened;
use crate::vault::unite::Union;
use crate::vault::{Snapshot, Vault};

/// Make one contact of two: A stays, B becomes part of it, and B's id means A from then on.
///
/// Lists are united. A no that either of them said (withdrawal, objection, restriction) stays. Where a field differs,
/// A's value is offered and B's stands in a note at the end; in the editor you choose, and delete the notes. With
/// --auto A's values stay, with the notes beside them. `merge - --auto` reads pairs of ids from standard input, one a line, and
/// merges them all in one commit.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet merge 3f9a2c1b 'Atelier Rousseau' --auto
  carnet merge 3f9a2c1b 'Atelier Rousseau' --auto --dry-run
  carnet dupes --min 80 -q | carnet merge - --auto --dry-run")]
pub struct Args {
    /// The contact that stays; `-` reads pairs. Without, a terminal lets you choose.
    a: Option<String>,
    /// The one that becomes part of it. Without, a terminal lets you choose.
    b: Option<String>,
    /// Without the editor: where a field differs, A's value stays and B's is noted beside it.
    #[arg(long)]
    auto: bool,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    if args.a.as_deref() == Some("-") && args.b.is_none() {
        return merge_many::run(context, args.auto);
    }
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let settings = vault.settings(at)?;
    let into = find(context, &vault, at, args.a.as_deref(), "The contact that stays")?;
    let from = find(context, &vault, at, args.b.as_deref(), "The one that becomes part of it")?;
    if into.id == from.id {
        return Err(Error::refused("these two are one contact already")
            .hint("name two contacts; `carnet dupes` lists pairs"));
    }
    let (a, b) = (open(&vault, &into)?, open(&vault, &from)?);
    let merged = unite(&a.text, &b.text, vault.now.timestamp())?;
    let check = |text: &str| accept(&vault, at, &settings, text, &into.id, &into.book);
    let text = check(&merged.text)?;
    let crossing = say_readers(context, &vault, at, &[(&into, &from)])?;
    if context.dry_run {
        return context.ui.would(&format!(
            "would make one of the two contacts; {} field(s) differ: {}",
            merged.notes.len(),
            fields(&merged.notes.iter().map(|n| n.field.as_str()).collect::<Vec<_>>())
        ));
    }
    let text = if args.auto {
        text
    } else {
        if context.ui.no_input {
            return Err(Error::usage("this opens an editor, and --no-input forbids it")
                .hint("--auto merges without: A's values stay, B's are noted beside them"));
        }
        vault.check_ready(&[into.id.path(&into.book), from.id.path(&from.book)])?;
        vault.record(
            at,
            Access {
                action: "show",
                contacts: vec![into.id.clone(), from.id.clone()],
                books: pick::books(&[into.clone(), from.clone()]),
                ..Access::default()
            },
        )?;
        match editor::edit(context, &text, |edited| check(edited).map(Some))? {
            Some(edited) => edited,
            None => {
                // A text that is left as it is may be right as it is.
                if !context.ui.may_ask && !context.ui.yes {
                    context.ui.note("Nothing was merged; --auto merges without the editor.");
                    return Ok(0);
                }
                context.ui.confirm("Merge them as they were shown?")?;
                text
            }
        }
    };
    if crossing {
        context.ui.confirm("Merge them all the same?")?;
    }
    let union = Union {
        into: (into.clone(), a.blob),
        from: vec![(from.clone(), b.blob)],
        old: a.text.to_string(),
        text,
    };
    let commit = vault.unite(&[union])?;
    vault.settle_indexes(&[&into.book, &from.book])?;
    let code = super::done(context, "carnet.merge/1", &into.id, &into.book, commit, "Merged into")?;
    if args.auto && !merged.notes.is_empty() {
        context.ui.note(&format!(
            "{} field(s) differ, see the notes under [[conflict]] in `carnet show {} --file`.",
            merged.notes.len(),
            into.id.short()
        ));
    }
    Ok(code)
}

/// Says who will read for the first time what the second of each pair is and was, since it goes to the first one's book with
/// the keys of all its versions. Whether there is anybody.
pub(super) fn say_readers(
    context: &Context,
    vault: &Vault,
    at: Snapshot,
    pairs: &[(&Match, &Match)],
) -> Result<bool> {
    let mut found: BTreeMap<(&Slug, &Slug), usize> = BTreeMap::new();
    for (into, from) in pairs.iter().filter(|(into, from)| into.book != from.book) {
        *found.entry((&from.book, &into.book)).or_default() += 1;
    }
    let mut any = false;
    for ((from, to), contacts) in found {
        let readers = vault.new_readers(at, to, &[from])?;
        if !readers.is_empty() {
            any = true;
            let readers: Vec<&str> = readers.iter().map(Slug::as_str).collect();
            context.ui.warn(&format!(
                "{contacts} contact(s) of book {from} become part of others in book {to}, with all their history: these \
                 members cannot read them now, and will: {}",
                readers.join(", ")
            ));
        }
    }
    Ok(any)
}

/// One of the two. An erased contact is refused: nothing of it may come back.
fn find(context: &Context, vault: &Vault, at: Snapshot, text: Option<&str>, which: &str) -> Result<Match> {
    let Some(text) = text else { return choose::one(context, vault, &choose::asking(context, which)) };
    pick::one(context, vault, at, text).map_err(|e| {
        let erased =
            text.trim().parse::<ContactId>().is_ok_and(|id| vault.is_erased(at, &id).unwrap_or(false));
        let erased = erased || e.kind == Kind::NotFound && e.message.contains("was erased");
        match erased {
            true => Error::refused("an erased contact cannot be merged")
                .hint("`carnet history ID` shows when it was erased"),
            false => e,
        }
    })
}

pub(super) fn open(vault: &Vault, one: &Match) -> Result<Opened> {
    vault.reading(|at| {
        let opened = vault.open_contact(at, &one.book, &one.id)?;
        opened.map_or_else(|| Err(vault.not_found(at, one.id.as_str())?), Ok)
    })
}

/// Names of fields; one of the firm's own could be anything and is only counted.
fn fields(names: &[&str]) -> String {
    let mut all: Vec<String> =
        names.iter().map(|name| name.split('.').next().unwrap_or_default().to_owned()).collect();
    all.dedup();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}
