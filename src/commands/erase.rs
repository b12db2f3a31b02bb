//! `carnet erase`

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{erase_certificate, erase_status, many};
use crate::context::Context;
use crate::domain::ids::ContactId;
use crate::domain::register::{Erasure, Trigger};
use crate::error::{Error, Result};
use crate::output::{Table, Ui};
use crate::vault::Vault;
use crate::vault::erase::{Erased, Order};
use crate::vault::prove::Proof;
use crate::vault::select::Match;

/// Erase contacts for good: their files, their keys, and so every version in history.
///
/// History is not rewritten: what opens the old versions is destroyed instead, and that is proven. Mentions of
/// their ids in other contacts go too. Several contacts are one commit.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet erase jeanne@example.org --reason request --request 2026-014
  carnet erase jeanne@example.org --reason request --keep-opposition
  carnet erase 3f9a2c1b jeanne@example.org --reason retention --yes
  carnet erase - --reason retention --dry-run
  carnet erase --status
  carnet erase --status 3f9a2c1b --json
  carnet erase --certificate 3f9a2c1b --out ../certificates")]
pub struct Args {
    /// Which contacts; - reads ids from standard input, one a line, blank lines and # comments aside.
    /// Without, a terminal lets you choose.
    #[arg(value_name = "CONTACT")]
    contacts: Vec<String>,
    /// Why: the person asked, the retention period is over, or it was an error.
    #[arg(long, value_enum, required_unless_present_any = ["status", "certificate"])]
    reason: Option<Trigger>,
    /// Reference of the rights request (letters, digits, hyphens; never a name).
    #[arg(long, value_name = "REF", value_parser = reference)]
    request: Option<String>,
    /// Keep a keyed fingerprint of each address and number, so that the person is not added or imported again.
    #[arg(long)]
    keep_opposition: bool,
    /// Show which clones have confirmed each erasure, or that of an ID, and what the remotes still hold.
    #[arg(long, conflicts_with_all = ["reason", "certificate"])]
    status: bool,
    /// With --status: do not ask the remotes.
    #[arg(long, requires = "status")]
    offline: bool,
    /// Prove an erasure again and state it, signed, for somebody who has gpg and git alone.
    #[arg(long, value_name = "ID", conflicts_with_all = ["contacts", "reason"])]
    certificate: Option<String>,
    /// With --certificate: write text (English, French), JSON and signatures into this directory.
    #[arg(long, value_name = "DIR", requires = "certificate")]
    out: Option<PathBuf>,
}

/// A reference goes into a plain register and a commit, so it must not be able to hold a name in free text.
pub(super) fn reference(text: &str) -> Result<String, String> {
    let fine = (1..=40).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
        && text.chars().any(|c| c.is_ascii_digit());
    if fine {
        Ok(text.to_owned())
    } else {
        Err("use letters, digits and hyphens with at least one digit, such as 2026-014".into())
    }
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault_to_change()?;
    if args.status {
        return erase_status::run(context, &vault, &args.contacts, args.offline);
    }
    if let Some(id) = &args.certificate {
        return erase_certificate::run(context, &vault, id, args.out.as_deref());
    }
    let Some(trigger) = args.reason else { return Err(Error::usage("an erasure needs a --reason")) };
    let found = many::some(context, &vault, &args.contacts, "erased")?;
    if found.is_empty() {
        context.ui.note("There is nothing to erase: no id was given.");
        return Ok(0);
    }
    if context.dry_run {
        return foresee(context, &vault, &found);
    }
    context.ui.confirm(&match &found[..] {
        [one] => format!("Erase contact {} for good? This cannot be undone.", one.id.short()),
        many => format!("Erase {} contacts for good? This cannot be undone.", many.len()),
    })?;
    let order = Order {
        contacts: &found,
        trigger,
        request: args.request.as_deref(),
        keep_opposition: args.keep_opposition,
    };
    let bar = Late::new(&context.ui, found.len() as u64);
    let erased = vault.erase(&order, &|n| bar.inc(n));
    bar.finish();
    report(context, &erased?)?;
    Ok(0)
}

/// A progress bar that appears when the work takes longer than a second.
pub(super) struct Late<'a> {
    ui: &'a Ui,
    start: Instant,
    total: u64,
    state: RefCell<(u64, Option<indicatif::ProgressBar>)>,
}

impl<'a> Late<'a> {
    pub(super) fn new(ui: &'a Ui, total: u64) -> Self {
        Late { ui, start: Instant::now(), total, state: RefCell::new((0, None)) }
    }
    pub(super) fn inc(&self, n: u64) {
        let mut state = self.state.borrow_mut();
        state.0 += n;
        if state.1.is_none() && self.start.elapsed() > Duration::from_secs(1) {
            state.1 = Some(self.ui.progress(self.total, "Proving"));
        }
        if let (done, Some(bar)) = &*state {
            bar.set_position(*done);
        }
    }
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.state.borrow().1 {
            bar.finish_and_clear();
        }
    }
}

/// What would go.
#[derive(Serialize)]
struct Would<'a> {
    contact: &'a ContactId,
    book: &'a str,
    versions: usize,
}

fn foresee(context: &Context, vault: &Vault, found: &[Match]) -> Result<i32> {
    let ui = &context.ui;
    let foreseen = vault.reading(|_| vault.foresee_erasure(found))?;
    let rows: Vec<Would<'_>> = found
        .iter()
        .zip(&foreseen.versions)
        .map(|(m, versions)| Would { contact: &m.id, book: m.book.as_str(), versions: *versions })
        .collect();
    if ui.json {
        let data = serde_json::json!({ "dry_run": true, "contacts": rows, "mentions": foreseen.mentions });
        return ui.data("carnet.erase-dry-run/1", &data).map(|()| 0);
    }
    if ui.quiet {
        let ids: String = rows.iter().map(|row| format!("{}\n", row.contact)).collect();
        return ui.raw(&ids).map(|()| 0);
    }
    let mut table = Table::new(&["ID", "BOOK", "VERSIONS"]);
    for row in &rows {
        table.row([row.contact.to_string(), row.book.to_owned(), row.versions.to_string()]);
    }
    ui.table(&table)?;
    ui.note(&format!(
        "would erase {} contact(s), make {} version(s) unreadable and take mentions out of {} other contact(s) or sealed record(s); nothing was changed",
        rows.len(),
        foreseen.versions.iter().sum::<usize>(),
        foreseen.mentions.len()
    ));
    Ok(0)
}

fn report(context: &Context, erased: &Erased) -> Result<()> {
    let ui = &context.ui;
    if ui.json {
        #[derive(Serialize)]
        struct Item<'a> {
            #[serde(flatten)]
            entry: &'a Erasure,
            commit: String,
            proof: &'a Proof,
        }
        let items: Vec<Item<'_>> = erased
            .entries
            .iter()
            .map(|(entry, proof)| Item { entry, commit: erased.commit.to_string(), proof })
            .collect();
        return ui.data("carnet.erase/1", &items);
    }
    let commit = erased.commit.to_string();
    let commit = commit.get(..10).unwrap_or(&commit);
    for (entry, proof) in &erased.entries {
        ui.raw(&format!("{}\n", entry.contact))?;
        ui.note(&format!("Erased contact {} (commit {commit}).", entry.contact.short()));
        ui.note(&format!(
            "Proof: {} version(s) in history were tried with {} key(s) that are left; none opens.",
            proof.versions, proof.keys_tried
        ));
        if let Some(kept) = &entry.kept {
            ui.note(&format!(
                "Kept until {}: {} keyed fingerprint(s) on the opposition list.",
                kept.until, kept.entries
            ));
        }
    }
    ui.note("Destroyed: the contact's key, with every object of the key store that held it; the index was rewritten.");
    if !erased.mentions.is_empty() {
        ui.note(&format!(
            "Mentions were taken out of {} other contact(s) or sealed record(s). Their keys were replaced, for their earlier versions held the \
             mentions: those open no more.",
            erased.mentions.len()
        ));
    }
    if !erased.unsearched.is_empty() {
        let books: Vec<&str> = erased.unsearched.iter().map(|book| book.as_str()).collect();
        ui.warn(&format!(
            "not searched for mentions, for something in them cannot be read: books {}; `carnet verify` says what",
            books.join(", ")
        ));
    }
    if let Some((_, proof)) = erased.entries.first().filter(|(_, proof)| proof.keys_not_tried > 0) {
        ui.warn(&format!(
            "{} key(s) in the key store open nothing here and could not be tried; `carnet verify` says which",
            proof.keys_not_tried
        ));
    }
    if let Some((_, proof)) = erased.entries.first().filter(|(_, proof)| !proof.books_not_tried.is_empty()) {
        ui.warn(&format!(
            "not tried and not searched for mentions, for you cannot open them: books {}",
            proof.books_not_tried.join(", ")
        ));
    }
    ui.note(
        "What remains: ciphertext in history that no key opens; the ledger entry, without a name; and, until they sync, \
         the key in other clones and in backups of .git/carnet (`carnet erase --status`). What somebody copied or exported \
         outside carnet is out of its reach.",
    );
    Ok(())
}
