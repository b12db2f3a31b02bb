//! `carnet retention`

use chrono::NaiveDate;
use serde::Serialize;

use super::erase::Late;
use super::retention_due::{Line, gaps, line, list, show};
use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::register::Erasure;
use crate::error::Result;
use crate::vault::Vault;
use crate::vault::prove::Proof;
use crate::vault::retention::{Applied, Item, Only, Survey};

/// See what is kept too long, give warning, and erase or archive it (Art. 5(1)(e) GDPR).
///
/// The rules are in each purpose's record, `[[retain]]`. A contact goes when every purpose that it has is over; while
/// one goes on, only the bases of the others end.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show each rule with its counts, and the contacts whose time is over or ends soon. Nothing is changed.
    #[command(after_help = "Examples:
  carnet retention due
  carnet retention due --at 2027-01-31 --purpose prospects
  carnet retention due --json")]
    Due {
        /// As on this day.
        #[arg(long, value_name = "YYYY-MM-DD")]
        at: Option<NaiveDate>,
        #[command(flatten)]
        which: Which,
    },
    /// Record that a warning was given: the grace period runs from it.
    ///
    /// The record holds ids and days alone. `[retention] warn_days` in carnet.toml says how long before the end of its
    /// period a contact is included, `grace_days` how long the grace is.
    #[command(after_help = "Examples:
  carnet retention warn --dry-run
  carnet retention warn --purpose prospects")]
    Warn {
        #[command(flatten)]
        which: Which,
    },
    /// Erase or archive what was warned of and whose grace period is over, in one signed commit.
    #[command(after_help = "Examples:
  carnet retention apply --dry-run
  carnet retention apply --yes")]
    Apply {
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, clap::Args)]
struct Which {
    /// Only contacts that would leave this purpose; repeat for several.
    #[arg(long, value_name = "PURPOSE")]
    purpose: Vec<Slug>,
    /// Allow that this purpose loses every contact; repeat for several.
    #[arg(long, value_name = "PURPOSE")]
    everything: Vec<Slug>,
}

impl Which {
    fn only(&self) -> Only<'_> {
        Only { purposes: &self.purpose, everything: &self.everything }
    }
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Due { at, which } => {
            let vault = context.vault()?;
            let today = at.unwrap_or_else(|| vault.now.date_naive());
            let survey = vault.reading(|at| vault.retention(at, today))?;
            survey.check(&which.only())?;
            show(context, &survey, &which.only())
        }
        Command::Warn { which } => warn(context, &which.only()),
        Command::Apply { which } => apply(context, &which.only()),
    }
}

/// The survey of this day.
fn survey(vault: &Vault) -> Result<Survey> {
    vault.reading(|at| vault.retention(at, vault.now.date_naive()))
}

#[derive(Serialize)]
struct WarnedData<'a> {
    dry_run: bool,
    /// The last day on which nothing is done.
    grace: String,
    commit: Option<String>,
    record: Option<String>,
    contacts: Vec<Line<'a>>,
}

fn warn(context: &Context, only: &Only<'_>) -> Result<i32> {
    let ui = &context.ui;
    let vault = context.vault_to_change()?;
    let survey = survey(&vault)?;
    let items = survey.chosen(only, Item::wants_warning)?;
    let (mut commit, mut record) = (None, None);
    if !context.dry_run && !items.is_empty() {
        let warned = vault.warn_of_retention(&survey, &items)?;
        (commit, record) = (Some(warned.commit.to_string()), Some(warned.path));
    }
    let grace = survey.grace().to_string();
    let mut contacts: Vec<Line<'_>> = items.iter().map(|item| line(&survey, item)).collect();
    if record.is_some() {
        contacts.iter_mut().for_each(|line| line.grace = Some(grace.clone()));
    }
    if ui.json {
        let data = WarnedData { dry_run: context.dry_run, grace, commit, record, contacts };
        return ui.data("carnet.retention-warn/1", &data).map(|()| 0);
    }
    if ui.quiet {
        ui.raw(&contacts.iter().map(|c| format!("{}\n", c.id)).collect::<String>())?;
    } else if !contacts.is_empty() {
        list(context, &contacts)?;
    }
    gaps(context, &survey);
    ui.note(&match (contacts.len(), &record) {
        (0, _) => "There is nothing to warn of.".to_owned(),
        (n, None) => format!("would record a warning about {n} contact(s), with grace until {grace}; nothing was changed"),
        (n, Some(record)) => format!(
            "Recorded the warning about {n} contact(s) in {record}. Until {grace} nothing happens to them; whoever still \
             needs one adds what it is needed for. After that, `carnet retention apply` carries it out."
        ),
    });
    Ok(0)
}

#[derive(Serialize)]
struct ErasedData<'a> {
    #[serde(flatten)]
    entry: &'a Erasure,
    proof: &'a Proof,
}

#[derive(Serialize)]
struct AppliedData<'a> {
    dry_run: bool,
    commit: Option<String>,
    contacts: Vec<Line<'a>>,
    erased: Vec<ErasedData<'a>>,
    archived: usize,
    ended: usize,
    /// Contacts whose time is over and that wait for their warning, or for the end of the grace period.
    waiting: Vec<Line<'a>>,
    blocked: Vec<Line<'a>>,
}

fn apply(context: &Context, only: &Only<'_>) -> Result<i32> {
    let ui = &context.ui;
    let vault = context.vault_to_change()?;
    let survey = survey(&vault)?;
    let items = survey.chosen(only, |item| item.is_ready(survey.today))?;
    let others = |test: &dyn Fn(&Item) -> bool| -> Vec<Line<'_>> {
        let over = survey.items.iter().filter(|item| only.means(item) && item.is_over && test(item));
        over.map(|item| line(&survey, item)).collect()
    };
    let blocked = others(&|item| item.block.is_some());
    let waiting = others(&|item| item.block.is_none() && !item.is_ready(survey.today));
    let mut applied = None;
    if !context.dry_run && !items.is_empty() {
        ui.confirm(&format!(
            "Apply the retention rules to {} contact(s)? What is erased cannot be brought back.",
            items.len()
        ))?;
        let bar = Late::new(ui, items.len() as u64);
        let done = vault.apply_retention(&survey, &items, &|n| bar.inc(n));
        bar.finish();
        applied = Some(done?);
    }
    let mut contacts: Vec<Line<'_>> = items.iter().map(|item| line(&survey, item)).collect();
    if applied.is_some() {
        contacts.iter_mut().for_each(|line| line.done = Some("done"));
    }
    if ui.json {
        let entries = applied.iter().filter_map(|a| a.erased.as_ref()).flat_map(|e| &e.entries);
        let data = AppliedData {
            dry_run: context.dry_run,
            commit: applied.as_ref().map(|a| a.commit.to_string()),
            contacts,
            erased: entries.map(|(entry, proof)| ErasedData { entry, proof }).collect(),
            archived: applied.as_ref().map_or(0, |a| a.archived),
            ended: applied.as_ref().map_or(0, |a| a.ended),
            waiting,
            blocked,
        };
        return ui.data("carnet.retention-apply/1", &data).map(|()| 0);
    }
    if ui.quiet {
        return ui.raw(&contacts.iter().map(|c| format!("{}\n", c.id)).collect::<String>()).map(|()| 0);
    }
    if !contacts.is_empty() {
        list(context, &contacts)?;
    }
    for line in &blocked {
        let (why, hint) =
            (line.blocked.as_deref().unwrap_or_default(), line.hint.as_deref().unwrap_or_default());
        ui.warn(&format!("contact {} stays, for {why}; {hint}", line.id.get(..8).unwrap_or(line.id)));
    }
    gaps(context, &survey);
    said_of_waiting(context, &waiting);
    match applied {
        Some(applied) => said_of_applied(context, &applied),
        None if contacts.is_empty() => ui.note("There is nothing to apply."),
        None => {
            let foreseen = vault.foresee_retention(&items)?;
            ui.note(&format!(
                "would apply the rules to {} contact(s), make {} version(s) unreadable and take mentions out of {} other \
                 contact(s) or sealed record(s); nothing was changed",
                contacts.len(),
                foreseen.versions,
                foreseen.mentions
            ));
        }
    }
    Ok(0)
}

fn said_of_waiting(context: &Context, waiting: &[Line<'_>]) {
    let unwarned = waiting.iter().filter(|line| line.grace.is_none()).count();
    if unwarned > 0 {
        context.ui.note(&format!(
            "{unwarned} contact(s) are over their time and were not warned of: `carnet retention warn` first."
        ));
    }
    if let Some(next) = waiting.iter().filter_map(|line| line.grace.as_deref()).min() {
        let n = waiting.len() - unwarned;
        context
            .ui
            .note(&format!("{n} contact(s) are in their grace period, the first of them until {next}."));
    }
}

fn said_of_applied(context: &Context, applied: &Applied) {
    let ui = &context.ui;
    let erased = applied.erased.as_ref();
    let commit = applied.commit.to_string();
    ui.note(&format!(
        "Erased {}, archived {}, ended a basis of {} contact(s) (commit {}).",
        erased.map_or(0, |e| e.entries.len()),
        applied.archived,
        applied.ended,
        commit.get(..10).unwrap_or(&commit)
    ));
    let Some(erased) = erased else { return };
    let versions: usize = erased.entries.iter().map(|(_, proof)| proof.versions).sum();
    if let Some((_, proof)) = erased.entries.first() {
        ui.note(&format!(
            "Proof: {versions} version(s) in history were tried with {} key(s) that are left; none opens.",
            proof.keys_tried
        ));
        if !proof.books_not_tried.is_empty() {
            ui.warn(&format!(
                "not tried, for you cannot open them: books {}",
                proof.books_not_tried.join(", ")
            ));
        }
    }
    if !erased.mentions.is_empty() {
        ui.note(&format!(
            "Mentions were taken out of {} other contact(s) or sealed record(s).",
            erased.mentions.len()
        ));
    }
    ui.note("Other clones destroy the keys when they sync: `carnet erase --status` shows which have.");
}
