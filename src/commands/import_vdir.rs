//! `carnet import DIR`: what a vdir says that the contacts do not. Files that export wrote there come back by contact.

use serde::Serialize;

use super::import::{self, Args, Outcome, Remark};
use super::{add, import_preview, import_take};
use crate::context::Context;
use crate::domain::draft::Draft;
use crate::domain::edit::changed_fields;
use crate::domain::ids::ContactId;
use crate::domain::organisation::Settings;
use crate::error::{At, Error, Result};
use crate::interchange::Options;
use crate::output::Table;
use crate::vault::access::Access;
use crate::vault::vdir::{EXTENSION, Vdir};
use crate::vault::vdir_import::{CardEdit, Of};
use crate::vault::{Snapshot, Vault};

/// How many changed contacts are shown before the question.
const SHOWN: usize = 20;

/// What `--json` says beside what every import does.
#[derive(Serialize)]
struct VdirOutcome {
    #[serde(flatten)]
    outcome: Outcome,
    /// Contacts whose cards said something else.
    changed: Vec<ContactId>,
    /// Contacts whose cards are gone there; nothing was done about them.
    deleted: Vec<ContactId>,
    unchanged: usize,
}

pub(super) fn run(context: &Context, vault: &Vault, settings: &Settings, args: &Args) -> Result<i32> {
    let dir = args.file.clone().unwrap_or_default();
    let dir = dir.canonicalize().at(dir.display())?;
    if args.preset.is_some() || !args.map.is_empty() || args.format.is_some() || args.sender {
        return Err(Error::usage(
            "a directory holds cards, and there is nothing to say about how to read them",
        )
        .hint("`carnet import DIR`"));
    }
    let at = vault.snapshot()?;
    let mut vdir = vault.vdir(&dir)?;
    check_flat(&vdir)?;
    let options = Options { country: settings.country().to_owned(), ..Options::default() };
    let said = vault.read_vdir(at, &vdir, &options)?;
    if args.deleted {
        return print_ids(context, &said.deleted);
    }
    let mut remarks: Vec<Remark> =
        said.refused.iter().map(|(place, reason)| remark(place, "skipped", reason)).collect();
    let edits = acceptable(vault, at, settings, said.edits, &mut remarks)?;
    let (book, _) = vault.book_for_new(at, args.book.as_ref(), settings)?;
    let rows: Vec<_> = said.new.iter().map(|(_, _, row)| row.clone()).collect();
    let drafts = match rows.is_empty() {
        true => Vec::new(),
        false => {
            let lot = import::lot(vault, at, args, settings)?;
            import_take::taken(vault, at, rows, &lot, &args.tag, &mut remarks)?
        }
    };
    let (numbers, drafts): (Vec<usize>, Vec<Draft>) = drafts.into_iter().unzip();
    let mut outcome = Outcome::of(remarks, &drafts, &book, context.dry_run);
    let changed: Vec<ContactId> = edits.iter().map(|edit| edit.of.id.clone()).collect();
    let nothing = drafts.is_empty() && edits.is_empty();
    if !context.dry_run && !nothing {
        let asked = import_preview::shown(context, &outcome, &drafts);
        if asked {
            show_edits(context, vault, at, &edits)?;
            let (new, changed) = (drafts.len(), edits.len());
            context.ui.confirm(&format!("Import {new} new contact(s), and change {changed}?"))?;
            outcome.remarks.clear();
        }
        let bar = context.ui.progress(drafts.len() as u64, "Sealing");
        let done = vault.import_with(&book, &drafts, &edits, &|n| bar.inc(n));
        bar.finish_and_clear();
        let (commit, ids) = done?;
        outcome.commit = commit.map(|c| c.to_string());
        outcome.ids = ids;
    } else if context.dry_run && !context.ui.quiet && !context.ui.json {
        show_edits(context, vault, at, &edits)?;
    }
    if !context.dry_run {
        let named = |n: &usize| {
            said.new.get(*n).map(|(file, sum, _)| (file.clone(), sum.clone())).unwrap_or_default()
        };
        let uid =
            |draft: &Draft| draft.vcard.iter().find_map(|line| line.strip_prefix("UID:").map(str::to_owned));
        let new = numbers.iter().zip(&outcome.ids).zip(&drafts).map(|((n, id), draft)| {
            let (file, sum) = named(n);
            Of { book: book.clone(), id: id.clone(), file, uid: uid(draft), sum }
        });
        let others: Vec<Of> = said.same.iter().cloned().chain(new).collect();
        vault.agree_with_vdir(&mut vdir, &edits, &others)?;
    }
    report(context, VdirOutcome { outcome, changed, deleted: said.deleted, unchanged: said.unchanged })
}

/// A directory of address books is not one of them.
fn check_flat(vdir: &Vdir) -> Result<()> {
    if !vdir.files()?.is_empty() || !vdir.cards.is_empty() {
        return Ok(());
    }
    let none = Error::failed("there are no cards in this directory").at(vdir.path.display().to_string());
    let below = std::fs::read_dir(&vdir.path).at(vdir.path.display())?.flatten().find(|entry| {
        let cards = std::fs::read_dir(entry.path()).into_iter().flatten().flatten();
        cards.into_iter().any(|card| card.file_name().to_string_lossy().ends_with(EXTENSION))
    });
    Err(match below {
        Some(below) => none.hint(format!("`carnet import '{}'`", below.path().display())),
        None => none.hint("a vdir holds one .vcf file a contact; carnet export --format vdir DIR writes one"),
    })
}

fn remark(place: &str, kind: &'static str, reason: &str) -> Remark {
    Remark { place: place.to_owned(), kind, reason: reason.to_owned() }
}

/// The edits that make valid contacts and add nothing that somebody objected to; the others are remarked on.
fn acceptable(
    vault: &Vault,
    at: Snapshot,
    settings: &Settings,
    edits: Vec<CardEdit>,
    remarks: &mut Vec<Remark>,
) -> Result<Vec<CardEdit>> {
    let mut fine = Vec::with_capacity(edits.len());
    for mut edit in edits {
        let place = format!("contact {}", edit.of.id.short());
        if edit.merged {
            remarks.push(remark(
                &place,
                "note",
                "contact and card had both changed; `carnet show` says what was merged",
            ));
        }
        match add::accept(vault, at, settings, &edit.new, &edit.of.id, &edit.of.book) {
            Ok(new) => {
                edit.new = new;
                fine.push(edit);
            }
            Err(e) => remarks.push(remark(&place, "skipped", &e.message)),
        }
    }
    Ok(fine)
}

/// Which contacts would change, and in which fields.
fn show_edits(context: &Context, vault: &Vault, at: Snapshot, edits: &[CardEdit]) -> Result<()> {
    if edits.is_empty() {
        return Ok(());
    }
    let ui = &context.ui;
    let mut table = Table::new(&["ID", "BOOK", "CHANGED"]);
    for edit in edits.iter().take(SHOWN) {
        let fields = changed_fields(&edit.old, &edit.new).join(", ");
        table.row([edit.of.id.short().to_owned(), edit.of.book.to_string(), fields]);
    }
    vault.record(
        at,
        Access {
            action: "select",
            books: edits
                .iter()
                .map(|edit| edit.of.book.clone())
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect(),
            count: Some(edits.len()),
            ..Access::default()
        },
    )?;
    ui.note_table(&table);
    if edits.len() > SHOWN {
        ui.note(&format!("… and {} more", edits.len() - SHOWN));
    }
    Ok(())
}

/// The ids alone, for other commands.
fn print_ids(context: &Context, ids: &[ContactId]) -> Result<i32> {
    let ui = &context.ui;
    if ui.json {
        return ui.data("carnet.import.deleted/1", &ids).map(|()| 0);
    }
    ui.raw(&ids.iter().map(|id| format!("{id}\n")).collect::<String>())?;
    Ok(0)
}

fn report(context: &Context, done: VdirOutcome) -> Result<i32> {
    let ui = &context.ui;
    if ui.json {
        return ui.data("carnet.import/1", &done).map(|()| 0);
    }
    let VdirOutcome { outcome, changed, deleted, unchanged } = done;
    if ui.quiet {
        ui.raw(&changed.iter().chain(&outcome.ids).map(|id| format!("{id}\n")).collect::<String>())?;
        return Ok(0);
    }
    if outcome.dry_run && !outcome.preview.is_empty() {
        ui.table(&import_preview::table(&outcome.preview))?;
    }
    import_preview::remarks(ui, &outcome.remarks, None);
    let verb = if outcome.dry_run { "Would import" } else { "Imported" };
    ui.note(&format!(
        "{verb} {} new contact(s) into book {}, {} changed; {unchanged} unchanged, {} duplicate(s), {} refused.",
        outcome.imported,
        outcome.book,
        changed.len(),
        outcome.duplicates,
        outcome.skipped
    ));
    if !deleted.is_empty() {
        ui.note(&format!(
            "{} card(s) were deleted there. The contacts stay, and the next export writes the cards again; `carnet import DIR --deleted` prints the ids.",
            deleted.len()
        ));
    }
    Ok(0)
}
