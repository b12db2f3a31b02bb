//! `carnet import`

use std::path::PathBuf;

use serde::Serialize;

use super::import_do::{self, Batch};
use super::import_preview::{self, Preview};
use super::import_take::{self, Way};
use super::{import_rows, import_undo, import_vdir};
use crate::context::Context;
use crate::domain::draft::Draft;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::lawful::PurposeBasis;
use crate::domain::organisation::Settings;
use crate::error::Result;
use crate::interchange;
use crate::output::Table;
use crate::vault::{Snapshot, Vault};

/// Import contacts from vCard (2.1, 3.0, 4.0) or CSV: one commit for the lot.
///
/// CSV columns are known by their headers (name, email, phone, organisation, tags, note …, in English or
/// French, in any order); exports of Google, Outlook, HubSpot, Pipedrive, LinkedIn and Dolibarr by all of theirs.
/// Of another file a terminal asks what each column is, once; elsewhere unknown columns become custom fields, and --map says
/// what they are instead. What would be imported is shown first. Rows that cannot be taken are listed with the
/// reason, and so is whoever is on the opposition list. Who is there already (the same e-mail, the same name and number) is
/// not made again; with --merge they get what the file says more. Whom a file calls unsubscribed objects to e-mail from then on,
/// also those who are there.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:
  carnet import contacts.vcf --source 'phone of Ana' --basis customers:contract
  carnet import prospects.csv --source 'trade fair 2026' \\
    --basis prospects:legitimate-interests --dry-run
  carnet import contacts.csv --source CRM --basis customers:contract \\
    --map 'Phone=work phone,Comment=-' --dry-run
  carnet import prospects.csv --source 'trade fair 2026' \\
    --basis prospects:legitimate-interests --merge --dry-run
  carnet import ~/.contacts/firm
  carnet import --list-presets
  carnet import --sender --source e-mail --basis customers:contract < message.eml
  carnet import - --source web --basis newsletter:consent < list.csv"
)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The file, or - for standard input; a directory of cards (a vdir, one .vcf a contact) brings changes back, too.
    #[arg(required_unless_present_any = ["list_presets", "sender"])]
    pub(super) file: Option<PathBuf>,
    /// What the file is, where it cannot be told.
    #[arg(long, value_enum)]
    pub(super) format: Option<FileFormat>,
    /// The program whose export it is, where its headers do not tell; --list-presets names them.
    #[arg(long, value_name = "NAME")]
    pub(super) preset: Option<String>,
    /// What columns mean: 'Column=field,Other=custom.name,Third=-' (left out); repeat for several.
    #[arg(long, value_name = "COLUMN=FIELD", value_delimiter = ',')]
    pub(super) map: Vec<String>,
    /// Ask at the terminal what each column of a CSV file is, even where that is known.
    #[arg(long, conflicts_with_all = ["map", "preset"])]
    pub(super) remap: bool,
    /// The file is an e-mail: take its sender. A message on standard input is known as one without this.
    #[arg(long, conflicts_with_all = ["format", "preset", "map"])]
    pub(super) sender: bool,
    /// Of a vdir: only print the ids of contacts whose cards were deleted there, for tag, edit or erase.
    #[arg(long, requires = "file")]
    pub(super) deleted: bool,
    /// Name the presets, and stop.
    #[arg(long)]
    list_presets: bool,
    /// Where the data comes from (Art. 14(2)(f) GDPR), for the lot.
    #[arg(long)]
    source: Option<String>,
    /// PURPOSE:BASIS for the lot; repeat for several.
    #[arg(long, value_name = "PURPOSE:BASIS")]
    basis: Vec<PurposeBasis>,
    /// Contacts that are there already get what the file says and they do not: empty fields are filled, lists united, and
    /// nothing that is there changes.
    #[arg(long, conflicts_with = "deleted")]
    pub(super) merge: bool,
    /// A tag for the lot.
    #[arg(long)]
    pub(super) tag: Vec<String>,
    /// The book to put them into.
    #[arg(long)]
    pub(super) book: Option<Slug>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Undo(import_undo::Args),
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum FileFormat {
    Vcard,
    Csv,
}

/// What became of one row that was not simply taken.
#[derive(Serialize)]
pub(super) struct Remark {
    pub place: String,
    /// `skipped`, `duplicate`, `merged` or `note`.
    pub kind: &'static str,
    pub reason: String,
}

/// What became of an import, or would.
#[derive(Serialize)]
pub(super) struct Outcome {
    pub imported: usize,
    pub skipped: usize,
    pub duplicates: usize,
    pub book: Slug,
    pub commit: Option<String>,
    /// The new contacts, in the order of the file.
    pub ids: Vec<ContactId>,
    /// Contacts that were there and got more, or say no to e-mail now.
    pub changed: Vec<ContactId>,
    pub remarks: Vec<Remark>,
    pub dry_run: bool,
    /// What the first new contacts would be; with `--dry-run`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub preview: Vec<Preview>,
}

impl Outcome {
    pub(super) fn of(remarks: Vec<Remark>, batch: &Batch, dry_run: bool) -> Outcome {
        let count = |kind: &str| remarks.iter().filter(|r| r.kind == kind).count();
        Outcome {
            imported: batch.drafts.len(),
            skipped: count("skipped"),
            duplicates: count("duplicate"),
            book: batch.book.clone(),
            commit: None,
            ids: Vec::new(),
            changed: batch.edits.iter().map(|edit| edit.of.id.clone()).collect(),
            remarks,
            dry_run,
            preview: if dry_run { import_preview::first(&batch.drafts) } else { Vec::new() },
        }
    }
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    if let Some(Command::Undo(undo)) = &args.command {
        return import_undo::run(context, undo);
    }
    if args.list_presets {
        return list_presets(context);
    }
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let settings = vault.settings(at)?;
    if args.file.as_ref().is_some_and(|file| file.is_dir()) {
        return import_vdir::run(context, &vault, &settings, &args);
    }
    let (book, _) = vault.book_for_new(at, args.book.as_ref(), &settings)?;
    let lot = lot(&vault, at, &args, &settings)?;
    let (rows, about) = import_rows::rows(context, &vault, &args, &settings)?;
    import_rows::tell(context, &about);
    let mut remarks = Vec::new();
    let way = Way { lot: &lot, tags: &args.tag, merge: args.merge };
    let taken = import_take::taken(&vault, at, &settings, rows, &way, &mut remarks)?;
    let drafts: Vec<Draft> = taken.drafts.into_iter().map(|(_, draft)| draft).collect();
    let batch = Batch { book, drafts, edits: taken.edits };
    let mut outcome = Outcome::of(remarks, &batch, context.dry_run);
    let question = match (batch.drafts.len(), batch.edits.len()) {
        (new, 0) => format!("Import {new} contact(s) into book {}?", batch.book),
        (new, changed) => format!("Import {new} new contact(s), and change {changed}?"),
    };
    import_do::carry_out(context, &vault, at, &batch, &question, &mut outcome)?;
    report(context, &outcome, taken.there > 0 && !args.merge)?;
    Ok(0)
}

/// What the lot brings where a row says nothing.
pub(super) struct Lot {
    pub source: String,
    pub bases: Vec<PurposeBasis>,
}

pub(super) fn lot(vault: &Vault, at: Snapshot, args: &Args, settings: &Settings) -> Result<Lot> {
    let source = args.source.clone().or_else(|| settings.defaults.source.clone()).unwrap_or_default();
    let bases = if args.basis.is_empty() { settings.default_bases()? } else { args.basis.clone() };
    bases.iter().try_for_each(|basis: &PurposeBasis| vault.check_purpose(at, &basis.purpose))?;
    Ok(Lot { source, bases })
}

fn list_presets(context: &Context) -> Result<i32> {
    let csv = interchange::presets::all()?;
    let mut presets: Vec<(&str, &str)> = csv.iter().map(|p| (p.name, p.title.as_str())).collect();
    presets.push(interchange::monica::NAME);
    if context.ui.json {
        let list: Vec<_> =
            presets.iter().map(|(name, title)| serde_json::json!({ "name": name, "title": title })).collect();
        context.ui.data("carnet.presets/1", &list)?;
    } else if context.ui.quiet {
        context.ui.raw(&presets.iter().map(|(name, _)| format!("{name}\n")).collect::<String>())?;
    } else {
        let mut table = Table::new(&["NAME", "EXPORT OF"]);
        presets.iter().for_each(|(name, title)| table.row([(*name).to_owned(), (*title).to_owned()]));
        context.ui.table(&table)?;
    }
    Ok(0)
}

fn report(context: &Context, outcome: &Outcome, more: bool) -> Result<()> {
    let ui = &context.ui;
    if ui.json {
        return ui.data("carnet.import/1", outcome);
    }
    import_do::tell(context, outcome)?;
    if ui.quiet {
        return Ok(());
    }
    let verb = if outcome.dry_run { "Would import" } else { "Imported" };
    let (new, duplicates, skipped) = (outcome.imported, outcome.duplicates, outcome.skipped);
    ui.note(&match outcome.changed.len() {
        0 => format!(
            "{verb} {new} contact(s) into book {}; {duplicates} duplicate(s), {skipped} row(s) skipped.",
            outcome.book
        ),
        changed => format!(
            "{verb} {new} new contact(s) into book {}, {changed} changed; {duplicates} duplicate(s), {skipped} row(s) skipped.",
            outcome.book
        ),
    });
    if more {
        ui.note("With --merge, contacts that are there get what the file says more of them.");
    }
    Ok(())
}
