//! `carnet history`

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use serde::Serialize;

use super::pick;
use crate::context::Context;
use crate::domain::ids::{ContactId, Slug};
use crate::error::{Kind, Result};
use crate::output::text::inert_lines;
use crate::output::{Cell, Table, Tone, Ui};
use crate::vault::access::Access;
use crate::vault::history::{Change, Line, Wanted};
use crate::vault::{Snapshot, Vault};

/// Who did what when: changes and accesses together, newest first.
///
/// CONTACT may also be the id, or its beginning, of a contact that was erased. MEMBER is whose key signed; a name
/// with a question mark is an author's whose commit no member signed (`carnet verify` checks signatures).
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet history
  carnet history jeanne@example.org --diff
  carnet history --access --limit 20
  carnet history 3f9a2c1b --json")]
pub struct Args {
    /// Only what concerns this contact.
    contact: Option<String>,
    /// Show what each change changed, decrypted.
    #[arg(long)]
    diff: bool,
    /// Only accesses.
    #[arg(long, conflicts_with = "diff")]
    access: bool,
    /// Only changes.
    #[arg(long, conflicts_with = "access")]
    changes: bool,
    /// At most this many, the newest.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// The purpose of this read, for the access trail.
    #[arg(long)]
    purpose: Option<Slug>,
}

/// One line in JSON.
#[derive(Serialize)]
struct Item<'a> {
    time: String,
    kind: &'static str,
    /// Handle of the member whose key signed.
    member: Option<&'a str>,
    author: &'a str,
    action: &'a str,
    contacts: &'a [ContactId],
    books: &'a [Slug],
    fields: &'a [String],
    purposes: &'a [Slug],
    count: Option<usize>,
    request: Option<&'a str>,
    commit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<&'a [Change]>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let contact = args.contact.as_ref().map(|text| find(context, &vault, at, text)).transpose()?;
    let wanted = Wanted {
        contact: contact.clone(),
        changes: !args.access,
        accesses: !args.changes,
        limit: args.limit,
    };
    let trail = vault.trail(at, &wanted)?;
    if trail.unreadable > 0 {
        context.ui.warn(&format!(
            "{} commit(s) could not be read and are left out; `carnet verify` says more",
            trail.unreadable
        ));
    }
    let mut diffs: Vec<Vec<Change>> = Vec::new();
    if args.diff {
        for line in &trail.lines {
            diffs.push(vault.versions_shown(line, contact.as_ref())?);
        }
    }
    if contact.is_some() || args.diff {
        record(&vault, at, contact, &trail.lines, &diffs, args.purpose)?;
    }
    print(context, &trail.lines, args.diff.then_some(&diffs), vault.now)?;
    // To free the parts of 100,000 lines one by one takes a tenth of the time, and the process ends here.
    std::mem::forget(trail.lines);
    Ok(0)
}

/// The contact that is meant: one of the present, else one of the past.
fn find(context: &Context, vault: &Vault, at: Snapshot, text: &str) -> Result<ContactId> {
    match pick::one(context, vault, at, text) {
        Ok(found) => Ok(found.id),
        Err(e) if e.kind == Kind::NotFound => vault.contact_of_the_past(at, text)?.ok_or(e),
        Err(e) => Err(e),
    }
}

fn record(
    vault: &Vault,
    at: Snapshot,
    contact: Option<ContactId>,
    lines: &[Line],
    diffs: &[Vec<Change>],
    purpose: Option<Slug>,
) -> Result<()> {
    let shown = || diffs.iter().flatten();
    let mut books: BTreeSet<Slug> = shown().map(|change| change.book.clone()).collect();
    if contact.is_some() {
        books.extend(lines.iter().flat_map(|line| line.entry.books.iter().cloned()));
    }
    let count = shown().map(|change| &change.contact).collect::<BTreeSet<_>>().len();
    vault.record(
        at,
        Access {
            action: "history",
            count: contact.is_none().then_some(count),
            contacts: contact.into_iter().collect(),
            books: books.into_iter().collect(),
            purpose,
            ..Access::default()
        },
    )
}

fn print(
    context: &Context,
    lines: &[Line],
    diffs: Option<&Vec<Vec<Change>>>,
    now: DateTime<Utc>,
) -> Result<()> {
    let ui = &context.ui;
    let changes = |at: usize| diffs.and_then(|d| d.get(at)).map(Vec::as_slice);
    if ui.json {
        let items: Vec<Item<'_>> =
            lines.par_iter().enumerate().map(|(at, line)| item(line, changes(at))).collect();
        return ui.data("carnet.history/1", &items);
    }
    if ui.quiet {
        return ui.raw(&lines.iter().map(|line| format!("{}\n", line.commit)).collect::<String>());
    }
    if lines.is_empty() {
        ui.note("Nothing in the trail.");
        return Ok(());
    }
    let mut table = Table::new(&["TIME", "MEMBER", "ACTION", "CONTACT", "DETAILS", "COMMIT"]);
    // Over 100,000 entries, writing the moments and words takes as long as reading the trail.
    let rows: Vec<_> = lines.par_iter().with_min_len(512).map(|line| row(line, ui, now)).collect();
    for row in rows {
        table.row(row);
    }
    if diffs.is_none() {
        ui.table(&table)?;
        std::mem::forget(table); // As with the lines, see `run`.
        return Ok(());
    }
    let rendered = table.paint(ui.lang, ui.width, ui.colours);
    let mut out = String::new();
    let mut rows = rendered.split_inclusive('\n');
    out.push_str(rows.next().unwrap_or_default());
    for (at, row) in rows.enumerate() {
        out.push_str(row);
        for change in changes(at).unwrap_or_default() {
            out.push_str(&ui.lang.fill("  contact {} in book {}", &[&change.contact.short(), &change.book]));
            out.push('\n');
            out.extend(inert_lines(&change.text).lines().map(|line| format!("  {}\n", diff_line(line, ui))));
        }
    }
    ui.raw(&out)
}

fn item<'a>(line: &'a Line, diff: Option<&'a [Change]>) -> Item<'a> {
    let entry = &line.entry;
    Item {
        time: time(line.time),
        kind: if line.is_access { "access" } else { "change" },
        member: line.member.as_deref(),
        author: &line.author,
        action: &entry.action,
        contacts: &entry.contacts,
        books: &entry.books,
        fields: &entry.fields,
        purposes: &entry.purposes,
        count: entry.count,
        request: entry.request.as_deref(),
        commit: line.commit.to_string(),
        diff,
    }
}

/// A line of a diff, in git's colours.
fn diff_line(line: &str, ui: &Ui) -> String {
    let tone = match line.as_bytes().first() {
        Some(b'+') => Tone::Good,
        Some(b'-') => Tone::Late,
        _ => Tone::Plain,
    };
    ui.paint(tone, line)
}

/// What an action is worth: a read is beside the matter, an erasure and a no stand out.
fn tone(line: &Line) -> Tone {
    match line.entry.action.as_str() {
        _ if line.is_access => Tone::Faint,
        "erase" | "history-purge" => Tone::Gone,
        "object" | "consent-withdraw" | "consent-refuse" => Tone::Late,
        "deal-won" => Tone::Good,
        _ => Tone::Plain,
    }
}

fn row(line: &Line, ui: &Ui, now: DateTime<Utc>) -> [Cell; 6] {
    let (entry, lang) = (&line.entry, ui.lang);
    let member = line.member.clone().unwrap_or_else(|| format!("{}?", line.author));
    let contacts = match &entry.contacts[..] {
        [] => String::new(),
        [one] => one.short().to_owned(),
        [first, more @ ..] => format!("{} +{}", first.short(), more.len()),
    };
    let mut details: Vec<String> = Vec::new();
    if entry.action.is_empty() {
        details.push(entry.subject.clone());
    }
    if !entry.fields.is_empty() {
        details.push(entry.fields.join(", "));
    }
    details.extend(entry.count.map(|n| lang.fill("{} contacts", &[&n])));
    if !entry.purposes.is_empty() {
        let names: Vec<&str> = entry.purposes.iter().map(Slug::as_str).collect();
        details.push(lang.fill("for {}", &[&names.join(", ")]));
    }
    details.extend(entry.request.as_ref().map(|r| lang.fill("request {}", &[r])));
    let action = if entry.action.is_empty() { "commit" } else { &entry.action };
    let commit = line.commit.to_string().chars().take(10).collect();
    let when = DateTime::from_timestamp(line.time, 0).map(|at| ui.moment(at, now)).unwrap_or_default();
    let (tone, details) = (tone(line), details.join(&format!("{} ", lang.semicolon())));
    [when, member, action.to_owned(), contacts, details, commit].map(|text| Cell::new(text, tone))
}

/// RFC 3339, UTC.
fn time(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0)
        .map(|t| t.format("%Y-%m-%dT%H:%M:%SZ").to_string())
        .unwrap_or_default()
}
