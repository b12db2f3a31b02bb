//! `carnet import DIR`: what a vdir says that the contacts do not. Files that export wrote there come back by contact.

use serde::Serialize;

use super::add;
use super::import::{self, Args, Outcome, Remark};
use super::import_do::{self, Batch};
use super::import_take::{self, Way};
use crate::context::Context;
use crate::domain::draft::Draft;
use crate::domain::ids::ContactId;
use crate::domain::organisation::Settings;
use crate::error::{At, Error, Result};
use crate::interchange::Options;
use crate::vault::vdir::{EXTENSION, Vdir};
use crate::vault::vdir_import::{CardEdit, Of};
use crate::vault::{Snapshot, Vault};

/// What `--json` says beside what every import does.
#[derive(Serialize)]
struct VdirOutcome {
    #[serde(flatten)]
    outcome: Outcome,
    /// Contacts whose cards are gone there; nothing was done about them.
    deleted: Vec<ContactId>,
    unchanged: usize,
}

pub(super) fn run(context: &Context, vault: &Vault, settings: &Settings, args: &Args) -> Result<i32> {
    let dir = args.file.clone().unwrap_or_default();
    let dir = dir.canonicalize().at(dir.display())?;
    if args.preset.is_some() || !args.map.is_empty() || args.format.is_some() || args.sender || args.merge {
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
    let new = match rows.is_empty() {
        true => Vec::new(),
        false => {
            let lot = import::lot(vault, at, args, settings)?;
            let way = Way { lot: &lot, tags: &args.tag, merge: false };
            import_take::taken(vault, at, settings, rows, &way, &mut remarks)?.drafts
        }
    };
    let (numbers, drafts): (Vec<usize>, Vec<Draft>) = new.into_iter().unzip();
    let batch = Batch { book, drafts, edits };
    let mut outcome = Outcome::of(remarks, &batch, context.dry_run);
    let question = format!("Import {} new contact(s), and change {}?", batch.drafts.len(), batch.edits.len());
    import_do::carry_out(context, vault, at, &batch, &question, &mut outcome)?;
    let Batch { book, drafts, edits } = batch;
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
    report(context, VdirOutcome { outcome, deleted: said.deleted, unchanged: said.unchanged })?;
    Ok(0)
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

/// The ids alone, for other commands.
fn print_ids(context: &Context, ids: &[ContactId]) -> Result<i32> {
    let ui = &context.ui;
    if ui.json {
        return ui.data("carnet.import.deleted/1", &ids).map(|()| 0);
    }
    ui.raw(&ids.iter().map(|id| format!("{id}\n")).collect::<String>())?;
    Ok(0)
}

fn report(context: &Context, done: VdirOutcome) -> Result<()> {
    let ui = &context.ui;
    if ui.json {
        return ui.data("carnet.import/1", &done);
    }
    let VdirOutcome { outcome, deleted, unchanged } = done;
    import_do::tell(context, &outcome)?;
    if ui.quiet {
        return Ok(());
    }
    let verb = if outcome.dry_run { "Would import" } else { "Imported" };
    ui.note(&format!(
        "{verb} {} new contact(s) into book {}, {} changed; {unchanged} unchanged, {} duplicate(s), {} refused.",
        outcome.imported,
        outcome.book,
        outcome.changed.len(),
        outcome.duplicates,
        outcome.skipped
    ));
    if !deleted.is_empty() {
        ui.note(&format!(
            "{} card(s) were deleted there. The contacts stay, and the next export writes the cards again; `carnet import DIR --deleted` prints the ids.",
            deleted.len()
        ));
    }
    Ok(())
}
