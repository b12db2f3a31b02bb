//! `carnet import`

use std::collections::HashMap;
use std::io::Read;
use std::path::PathBuf;

use serde::Serialize;

use super::import_undo;
use crate::context::Context;
use crate::domain::contact::Typed;
use crate::domain::draft::Draft;
use crate::domain::email;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::lawful::PurposeBasis;
use crate::domain::organisation::Settings;
use crate::error::{At, Error, Result};
use crate::interchange::mail;
use crate::interchange::{self, About, Format, Options, Row};
use crate::output::Table;
use crate::vault::{Snapshot, Vault};

/// Import contacts from vCard (2.1, 3.0, 4.0) or CSV: one commit for the lot.
///
/// CSV columns are known by their headers (name, email, phone, organisation, tags, note …, in English or
/// French, in any order); exports of Google, Outlook, HubSpot, Pipedrive, LinkedIn and Dolibarr by all of theirs.
/// Other columns become custom fields, and --map says what they are instead. Rows that cannot be taken are listed with the
/// reason; contacts whose e-mail is in a book already are skipped, and so is whoever is on the opposition list.
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
  carnet import --list-presets
  carnet import --sender --source e-mail --basis customers:contract < message.eml
  carnet import - --source web --basis newsletter:consent < list.csv"
)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The file, or - for standard input.
    #[arg(required_unless_present_any = ["list_presets", "sender"])]
    file: Option<PathBuf>,
    /// What the file is, where it cannot be told.
    #[arg(long, value_enum)]
    format: Option<FileFormat>,
    /// The program whose export it is, where its headers do not tell; --list-presets names them.
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// What columns mean: 'Column=field,Other=custom.name,Third=-' (left out); repeat for several.
    #[arg(long, value_name = "COLUMN=FIELD", value_delimiter = ',')]
    map: Vec<String>,
    /// The file is an e-mail: take its sender. A message on standard input is known as one without this.
    #[arg(long, conflicts_with_all = ["format", "preset", "map"])]
    sender: bool,
    /// Name the presets, and stop.
    #[arg(long)]
    list_presets: bool,
    /// Where the data comes from (Art. 14(2)(f) GDPR), for the lot.
    #[arg(long)]
    source: Option<String>,
    /// PURPOSE:BASIS for the lot; repeat for several.
    #[arg(long, value_name = "PURPOSE:BASIS")]
    basis: Vec<PurposeBasis>,
    /// A tag for the lot.
    #[arg(long)]
    tag: Vec<String>,
    /// The book to put them into.
    #[arg(long)]
    book: Option<Slug>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Undo(import_undo::Args),
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FileFormat {
    Vcard,
    Csv,
}

/// What became of one row that was not simply taken.
#[derive(Serialize)]
struct Remark {
    place: String,
    /// `skipped`, `duplicate` or `note`.
    kind: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct Outcome {
    imported: usize,
    skipped: usize,
    duplicates: usize,
    book: Slug,
    commit: Option<String>,
    /// The new contacts, in the order of the file.
    ids: Vec<ContactId>,
    remarks: Vec<Remark>,
    dry_run: bool,
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
    let (book, _) = vault.book_for_new(at, args.book.as_ref(), &settings)?;
    let lot = lot(&args, &settings)?;
    for basis in &lot.bases {
        vault.check_purpose(at, &basis.purpose)?;
    }
    let (rows, about) = rows(&args, &settings)?;
    tell(context, &about);
    let mut remarks = Vec::new();
    let drafts = taken(&vault, at, rows, &lot, &args.tag, &mut remarks)?;
    let count = |kind: &str| remarks.iter().filter(|r| r.kind == kind).count();
    let mut outcome = Outcome {
        imported: drafts.len(),
        skipped: count("skipped"),
        duplicates: count("duplicate"),
        book: book.clone(),
        commit: None,
        ids: Vec::new(),
        remarks,
        dry_run: context.dry_run,
    };
    if !context.dry_run && !drafts.is_empty() {
        let bar = context.ui.progress(drafts.len() as u64, "Sealing");
        let done = vault.import(&book, &drafts, &|n| bar.inc(n));
        bar.finish_and_clear();
        let (commit, ids) = done?;
        outcome.commit = commit.map(|c| c.to_string());
        outcome.ids = ids;
    }
    report(context, &outcome)?;
    Ok(0)
}

/// What the lot brings where a row says nothing.
struct Lot {
    source: String,
    bases: Vec<PurposeBasis>,
}

fn lot(args: &Args, settings: &Settings) -> Result<Lot> {
    let source = args.source.clone().or_else(|| settings.defaults.source.clone()).unwrap_or_default();
    let bases = if args.basis.is_empty() { settings.default_bases()? } else { args.basis.clone() };
    Ok(Lot { source, bases })
}

fn rows(args: &Args, settings: &Settings) -> Result<(Vec<Row>, About)> {
    let mut bytes = Vec::new();
    // Without a file there is an e-mail on standard input: clap has seen to it.
    let file = args.file.clone().unwrap_or_else(|| PathBuf::from("-"));
    let place = file.display().to_string();
    if place == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).at("standard input")?;
    } else {
        bytes = std::fs::read(&file).at(&place).map_err(|e| e.hint("give the path of a file, or -"))?;
    }
    if args.sender {
        return Ok((vec![sender(&bytes).at(&place)?], About::default()));
    }
    let mapping = args.map.iter().map(|text| pair(text)).collect::<Result<Vec<_>>>()?;
    let format = match args.format {
        Some(FileFormat::Vcard) => Format::Vcard,
        Some(FileFormat::Csv) => Format::Csv,
        // Who says what the columns are says that there are some.
        None if args.preset.is_some() || !mapping.is_empty() => Format::Csv,
        None => match interchange::detect(&bytes, Some(&place)) {
            Ok(format) => format,
            Err(_) if is_message(&bytes) => {
                return Ok((vec![sender(&bytes).at(&place)?], About::default()));
            }
            Err(e) => return Err(e.at(&place)),
        },
    };
    let options = Options { country: settings.country().to_owned(), preset: args.preset.clone(), mapping };
    interchange::read_about(&bytes, format, &options).at(&place)
}

/// Whether this is one e-mail with a sender; a mailbox, which begins with `From ` and a space, holds many.
fn is_message(bytes: &[u8]) -> bool {
    !bytes.starts_with(b"From ") && mail::read(bytes).is_some_and(|mail| !mail.from.is_empty())
}

/// The sender of an e-mail as a contact.
fn sender(bytes: &[u8]) -> Result<Row> {
    let mail = mail::read(bytes)
        .ok_or_else(|| Error::usage("this is no e-mail").hint("carnet import --sender < message.eml"))?;
    let value = mail.from.into_iter().next().ok_or_else(|| {
        Error::usage("the e-mail has no sender").hint("carnet add --name NAME --email ADDRESS")
    })?;
    let name = mail.name.unwrap_or_else(|| value.clone());
    let draft = Draft { name, emails: vec![Typed { value, kind: None }], ..Draft::default() };
    Ok(Row { place: "message".into(), draft: Ok(draft), notes: Vec::new() })
}

/// A header and what it means. A header may hold `=`, a field none.
fn pair(text: &str) -> Result<(String, String)> {
    match text.rsplit_once('=') {
        Some((header, field)) if !header.trim().is_empty() && !field.trim().is_empty() => {
            Ok((header.trim().to_owned(), field.trim().to_owned()))
        }
        _ => Err(Error::usage("a mapping is written COLUMN=FIELD")
            .at("--map")
            .hint("--map 'Column=field', such as --map 'Mél=email'")),
    }
}

/// Says how the file was read; a vCard says itself what it is.
fn tell(context: &Context, about: &About) {
    let Some(delimiter) = about.delimiter else { return };
    let delimiter = if delimiter == '\t' { "tab".to_owned() } else { format!("`{delimiter}`") };
    let source = about.preset.as_ref().map(|title| format!(", an export of {title}")).unwrap_or_default();
    context.ui.note(&format!("Read as {}, separator {delimiter}{source}.", about.encoding));
    if !about.unknown.is_empty() {
        // Where a file has no headings its first row stands here: that is for the person at the terminal, not for a log.
        let named = match context.ui.may_ask {
            true => format!(" ({})", about.unknown.join(", ")),
            false => String::new(),
        };
        context.ui.note(&format!(
            "{} column(s) become custom fields{named}. To change that: --map 'Column=field', or 'Column=-' to leave one out.",
            about.unknown.len()
        ));
    }
}

fn list_presets(context: &Context) -> Result<i32> {
    let presets = interchange::presets::all()?;
    if context.ui.json {
        let list: Vec<_> =
            presets.iter().map(|p| serde_json::json!({ "name": p.name, "title": p.title })).collect();
        context.ui.data("carnet.presets/1", &list)?;
    } else if context.ui.quiet {
        context.ui.raw(&presets.iter().map(|p| format!("{}\n", p.name)).collect::<String>())?;
    } else {
        let mut table = Table::new(&["NAME", "EXPORT OF"]);
        presets.iter().for_each(|p| table.row([p.name.to_owned(), p.title.clone()]));
        context.ui.table(&table)?;
    }
    Ok(0)
}

/// The drafts to import: complete, declared, and not there yet.
fn taken(
    vault: &Vault,
    at: Snapshot,
    rows: Vec<Row>,
    lot: &Lot,
    tags: &[String],
    remarks: &mut Vec<Remark>,
) -> Result<Vec<Draft>> {
    let mut known = known_emails(vault, at)?;
    let purposes = vault.purposes(at)?;
    let opposition = vault.opposition(at)?;
    if opposition.unchecked > 0 {
        remarks.push(Remark {
            place: "registers/objections".into(),
            kind: "note",
            reason: format!(
                "{} entries are of books that you cannot open and were not compared",
                opposition.unchecked
            ),
        });
    }
    let mut drafts = Vec::with_capacity(rows.len());
    for Row { place, draft, notes } in rows {
        remarks.extend(notes.into_iter().map(|reason| Remark { place: place.clone(), kind: "note", reason }));
        let mut skip = |kind, reason: String| remarks.push(Remark { place: place.clone(), kind, reason });
        let mut draft = match draft {
            Ok(draft) => draft,
            Err(reason) => {
                skip("skipped", reason);
                continue;
            }
        };
        if draft.source.trim().is_empty() {
            draft.source = lot.source.clone();
        }
        if draft.bases.is_empty() {
            draft.bases = lot.bases.clone();
        }
        draft.tags.extend(tags.iter().filter(|t| !draft.tags.contains(t)).cloned().collect::<Vec<_>>());
        if draft.source.trim().is_empty() || draft.bases.is_empty() {
            return Err(Error::refused("an import needs a source and at least one legal basis").at(place)
                .hint("give --source and --basis, for example --source 'trade fair' --basis prospects:legitimate-interests"));
        }
        if let Some(basis) = draft.bases.iter().find(|b| !purposes.contains(&b.purpose)) {
            skip("skipped", format!("the purpose `{}` is not declared", basis.purpose));
            continue;
        }
        let wanted: Vec<&Slug> = draft.bases.iter().map(|basis| &basis.purpose).collect();
        if vault.opposed(at, &opposition, &draft.emails, &draft.phones, &wanted)?.is_some() {
            skip("skipped", "this person is on the opposition list (Art. 21 GDPR)".into());
            continue;
        }
        let emails: Vec<String> = draft.emails.iter().filter_map(|e| email::normalise(&e.value)).collect();
        if let Some(first) = emails.iter().find_map(|e| known.get(e)) {
            let reason = match first {
                Known::Book(id) => format!("its e-mail is that of contact {id}"),
                Known::Row(earlier) => format!("its e-mail is that of {earlier}"),
            };
            skip("duplicate", reason);
            continue;
        }
        known.extend(emails.into_iter().map(|e| (e, Known::Row(place.clone()))));
        drafts.push(draft);
    }
    Ok(drafts)
}

/// Who has an e-mail already.
enum Known {
    Book(String),
    Row(String),
}

fn known_emails(vault: &Vault, at: Snapshot) -> Result<HashMap<String, Known>> {
    let mut known = HashMap::new();
    for (book, _) in vault.my_books(at)? {
        for row in vault.index(at, &book)?.rows() {
            for email in row.emails.lines() {
                known.insert(email.to_lowercase(), Known::Book(row.id.chars().take(8).collect()));
            }
        }
    }
    Ok(known)
}

fn report(context: &Context, outcome: &Outcome) -> Result<()> {
    let ui = &context.ui;
    if ui.json {
        return ui.data("carnet.import/1", outcome);
    }
    if ui.quiet {
        return ui.raw(&outcome.ids.iter().map(|id| format!("{id}\n")).collect::<String>());
    }
    if !outcome.remarks.is_empty() {
        let mut table = Table::new(&["WHERE", "WHAT", "WHY"]).words(&["WHAT", "WHY"]);
        for remark in &outcome.remarks {
            table.row([
                ui.lang.place(&remark.place).into_owned(),
                remark.kind.to_owned(),
                remark.reason.clone(),
            ]);
        }
        ui.note_table(&table);
    }
    let verb = if outcome.dry_run { "Would import" } else { "Imported" };
    ui.note(&format!(
        "{verb} {} contact(s) into book {}; {} duplicate(s), {} row(s) skipped.",
        outcome.imported, outcome.book, outcome.duplicates, outcome.skipped
    ));
    Ok(())
}
