//! `carnet breach`

use std::path::PathBuf;

use serde::Serialize;

use super::breach_details::{Details, moment};
use super::{breach_notify, breach_scope, breach_show};
use crate::context::Context;
use crate::domain::breach::gaps::gaps;
use crate::domain::breach::{Breach, Companion, Moment, Reference, Texts};
use crate::domain::ids::{RecordId, Slug};
use crate::error::{Error, Result};
use crate::store::Oid;
use crate::vault::Vault;

/// Keep the register of personal data breaches, with its clock of 72 hours (Art. 33 and 34 GDPR).
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Enter a breach: the clock runs from the moment that the firm became aware of it.
    ///
    /// Codes, moments and numbers go into a plain register; texts are kept encrypted, for they may name persons.
    #[command(after_help = "Examples:
  carnet breach open --aware 2026-11-23T08:30 --origin lost-or-stolen-device --kind confidentiality
  carnet breach open --risk high --persons customers --data contact \\
    --facts 'A laptop was stolen from a train; its disk was not encrypted.'")]
    Open {
        /// The book whose members may read the texts; the default book otherwise.
        #[arg(long)]
        book: Option<Slug>,
        #[command(flatten)]
        details: Details,
    },
    /// Add what was found out, or correct it.
    #[command(after_help = "Examples:
  carnet breach edit 2026-001 --to 2026-11-23T09:00 --encryption key-safe --risk unlikely
  carnet breach edit 2026-001 --measures 'The key was replaced.' --notify no")]
    Edit {
        /// Reference, or its year and number.
        reference: String,
        #[command(flatten)]
        details: Details,
    },
    /// List the open breaches with what is left of the 72 hours, late first.
    #[command(after_help = "Examples:
  carnet breach list
  carnet breach list --all --json")]
    List {
        /// The closed ones too.
        #[arg(long)]
        all: bool,
    },
    /// Show a breach with its texts, and what Art. 33(5) still wants.
    #[command(after_help = "Example:
  carnet breach show 2026-001")]
    Show {
        reference: String,
    },
    /// Draft what the authority's form asks and the letter to the persons; or enter that it was filed.
    #[command(after_help = "Examples:
  carnet breach notify 2026-001 --out ../breach
  carnet breach notify 2026-001 --filed FR-2026-118 --at 2026-11-23T09:45")]
    Notify {
        reference: String,
        /// Write the drafts, in French and English, into this directory.
        #[arg(long, value_name = "DIR", required_unless_present = "filed")]
        out: Option<PathBuf>,
        /// Enter a filing under the authority's reference; the first is the initial one, others complete it.
        #[arg(long, value_name = "REF", conflicts_with = "out")]
        filed: Option<String>,
        /// When it was filed; now otherwise.
        #[arg(long, value_name = "TIME", value_parser = moment, requires = "filed")]
        at: Option<Moment>,
    },
    /// Close a breach; refused while a fact is missing that Art. 33(5) wants.
    #[command(after_help = "Example:
  carnet breach close 2026-001 --dry-run")]
    Close {
        reference: String,
    },
    Scope(breach_scope::Args),
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Open { book, details } => open(context, book.as_ref(), details),
        Command::Edit { reference, details } => edit(context, &reference, details),
        Command::List { all } => breach_show::list(context, &context.vault()?, all),
        Command::Show { reference } => breach_show::show(context, &context.vault()?, &reference),
        Command::Notify { reference, filed: Some(filing), at, .. } => file(context, &reference, &filing, at),
        Command::Notify { reference, out, .. } => breach_notify::run(context, &reference, out.as_deref()),
        Command::Close { reference } => close(context, &reference),
        Command::Scope(args) => breach_scope::run(context, args),
    }
}

#[derive(Serialize)]
struct Done<'a> {
    #[serde(flatten)]
    breach: &'a Breach,
    deadline: Moment,
    commit: Option<String>,
    dry_run: bool,
}

/// Says what became of a breach: its reference on stdout, the rest on stderr, or JSON.
fn done(context: &Context, vault: &Vault, breach: &Breach, commit: Option<Oid>, what: &str) -> Result<i32> {
    let ui = &context.ui;
    if ui.json {
        let commit = commit.map(|c| c.to_string());
        let data = Done { breach, deadline: breach.deadline(), commit, dry_run: context.dry_run };
        return ui.data("carnet.breach-change/1", &data).map(|()| 0);
    }
    ui.raw(&format!("{}\n", breach.reference))?;
    let clock = breach_show::clock(breach, vault.moment());
    match clock.is_empty() {
        true => ui.note(what),
        false => ui.note(&format!("{what} The notification: {clock} (Art. 33(1)).")),
    }
    Ok(0)
}

fn open(context: &Context, book: Option<&Slug>, details: Details) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let details = details.read()?;
    let at = vault.snapshot()?;
    let (book, _) = vault.book_for_new(at, book, &vault.settings(at)?)?;
    let now = vault.moment();
    let mut texts = Texts::default();
    details.apply_texts(&mut texts);
    let make = |reference, companion| {
        let mut breach = Breach::new(reference, companion, now);
        details.apply_facts(&mut breach);
        breach.check(now).map(|()| breach)
    };
    if context.dry_run {
        // Its number is only known when it is entered.
        let companion = Companion { book: book.clone(), id: RecordId::random() };
        make(Reference::new(0, 0, "0000")?, companion)?;
        return context.ui.would("would enter the breach; nothing was changed");
    }
    let (breach, commit) = vault.open_breach(&book, &texts, make)?;
    done(context, &vault, &breach, commit, "Entered the breach.")
}

fn edit(context: &Context, reference: &str, details: Details) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let details = details.read()?;
    let change = |breach: &mut Breach, texts: &mut Texts| {
        if breach.closed.is_some() {
            return Err(Error::refused("the breach is closed").hint("enter a new one that refers to it"));
        }
        details.apply_facts(breach);
        details.apply_texts(texts);
        Ok(())
    };
    if context.dry_run {
        let at = vault.snapshot()?;
        let mut breach = vault.breach(at, reference)?;
        let mut texts = vault.breach_texts(at, &breach)?;
        change(&mut breach, &mut texts)?;
        breach.check(vault.moment())?;
        return context.ui.would(&format!("would change breach {}; nothing was changed", breach.reference));
    }
    let (breach, commit) =
        vault.change_breach(reference, "edit", |_, breach, texts| change(breach, texts))?;
    let what = if commit.is_some() { "Changed the breach." } else { "Nothing was different." };
    done(context, &vault, &breach, commit, what)
}

fn file(context: &Context, reference: &str, filing: &str, at: Option<Moment>) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let now = vault.moment();
    let at = at.unwrap_or(now);
    if context.dry_run {
        let mut breach = vault.breach(vault.snapshot()?, reference)?;
        breach.file(filing, at, now)?;
        context
            .ui
            .note(&format!("would enter the filing of breach {}; nothing was changed", breach.reference));
        return Ok(0);
    }
    let (breach, commit) =
        vault.change_breach(reference, "file", |_, breach, _| breach.file(filing, at, now))?;
    if breach.was_filed_late() {
        context.ui.warn(
            "the first notification came after 72 hours: it has to say why (Art. 33(1)); `carnet breach edit REF --why-late`",
        );
    }
    done(context, &vault, &breach, commit, "Entered the filing.")
}

fn close(context: &Context, reference: &str) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let now = vault.moment();
    let check = |breach: &Breach, texts: &Texts| {
        if breach.closed.is_some() {
            return Err(Error::refused("the breach is closed already"));
        }
        let missing = gaps(breach, texts);
        if missing.is_empty() {
            return Ok(());
        }
        let all: Vec<String> = missing.iter().map(|gap| format!("{} ({})", gap.what, gap.flag)).collect();
        Err(Error::refused(format!("Art. 33(5) wants more than the register has: {}", all.join("; ")))
            .hint(format!("`carnet breach edit {}` with these flags adds it", breach.reference)))
    };
    if context.dry_run {
        let at = vault.snapshot()?;
        let breach = vault.breach(at, reference)?;
        check(&breach, &vault.breach_texts(at, &breach)?)?;
        return context.ui.would(&format!("would close breach {}; nothing was changed", breach.reference));
    }
    let (breach, commit) = vault.change_breach(reference, "close", |_, breach, texts| {
        check(breach, texts)?;
        breach.closed = Some(now);
        Ok(())
    })?;
    done(context, &vault, &breach, commit, "Closed the breach.")
}
