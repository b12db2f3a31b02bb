//! `carnet wording`

use std::path::PathBuf;

use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::domain::wording::Wanted;
use crate::error::{At, Error, Result};
use crate::output::Table;
use crate::vault::wordings::Held;

/// The exact texts that persons are shown: consent questions and information, never changed once they are used.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Add a text; a new text is a new number, the old one stays.
    #[command(after_help = "Examples:
  carnet wording add newsletter ../newsletter.md --lang en
  carnet wording add newsletter ../newsletter.md --lang en --version 2026-02")]
    Add {
        /// What it is for: lower-case letters, digits, hyphens.
        slug: Slug,
        /// The text, exactly as it is shown; - reads it from standard input.
        file: PathBuf,
        /// Its language [default: `lang` of carnet.toml].
        #[arg(long, value_enum)]
        lang: Option<Lang>,
        /// Your own name of this version [default: its number].
        #[arg(long, value_parser = version)]
        version: Option<String>,
    },
    /// List the texts.
    #[command(after_help = "Example:
  carnet wording list --json")]
    List,
    /// Show one text.
    #[command(after_help = "Examples:
  carnet wording show newsletter
  carnet wording show newsletter/1 --json")]
    Show {
        /// SLUG (its newest), SLUG/NUMBER, or the beginning of its hash.
        #[arg(value_parser = wanted)]
        wording: Wanted,
    },
    /// Remove a text that nobody was shown.
    #[command(after_help = "Example:
  carnet wording remove newsletter/1")]
    Remove {
        /// SLUG/NUMBER, or the beginning of its hash.
        #[arg(value_parser = wanted)]
        wording: Wanted,
    },
}

/// What a person types to mean a wording.
pub(super) fn wanted(text: &str) -> Result<Wanted, String> {
    Wanted::parse(text).ok_or_else(|| "use SLUG, SLUG/NUMBER or eight digits of its hash".into())
}

/// A version goes into a plain register.
fn version(text: &str) -> Result<String, String> {
    let fine = (1..=20).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    match fine {
        true => Ok(text.to_owned()),
        false => Err("use letters, digits, dots and hyphens, such as 2026-02".into()),
    }
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let ui = &context.ui;
    match args.command {
        Command::Add { slug, file, lang, version } => {
            let text = read(&file)?;
            let lang = lang.map_or_else(|| vault.settings(at).map(|s| s.lang), Ok)?;
            if context.dry_run {
                return ui.would("would add this wording; nothing was changed");
            }
            let (commit, held) = vault.add_wording(&slug, &text, lang, version.as_deref())?;
            say(context, "carnet.wording-add/1", &held, commit.map(|c| c.to_string()))?;
            ui.note(&match commit {
                Some(_) => format!("Added wording {slug}/{} ({}).", held.number, held.wording.lang.as_str()),
                None => format!("This text is there already, as {slug}/{}.", held.number),
            });
        }
        Command::List => {
            let all = vault.wordings(at)?;
            if ui.json {
                ui.data("carnet.wordings/1", &all)?;
            } else if ui.quiet {
                ui.raw(&all.iter().map(|h| format!("{}\n", h.wording.sha256)).collect::<String>())?;
            } else if all.is_empty() {
                super::register::none_yet(context, "wording");
            } else {
                let mut table =
                    Table::new(&["WORDING", "LANG", "VERSION", "ADDED", "SHA-256", "NOTE"]).words(&["NOTE"]);
                for held in all {
                    let note = if held.unaltered { "" } else { "ALTERED" };
                    table.row([
                        format!("{}/{}", held.slug, held.number),
                        held.wording.lang.as_str().to_owned(),
                        held.wording.version,
                        held.wording.added,
                        held.wording.sha256.chars().take(12).collect(),
                        note.to_owned(),
                    ]);
                }
                ui.table(&table)?;
            }
        }
        Command::Show { wording } => {
            let held = vault.wording(at, &wording)?;
            if ui.json {
                let data = serde_json::json!({ "wording": held, "text": held.text });
                ui.data("carnet.wording/1", &data)?;
            } else if ui.quiet {
                ui.raw(&format!("{}\n", held.wording.sha256))?;
            } else {
                ui.lines(&held.text)?;
                ui.note(&format!(
                    "{}/{}, {}, version {}, SHA-256 {}",
                    held.slug,
                    held.number,
                    held.wording.lang.as_str(),
                    held.wording.version,
                    held.wording.sha256
                ));
            }
        }
        Command::Remove { wording } => {
            if context.dry_run {
                vault.wording(at, &wording)?;
                return ui.would("would remove this wording if nobody was shown it; nothing was changed");
            }
            let (commit, held) = vault.remove_wording(&wording)?;
            say(context, "carnet.wording-remove/1", &held, commit.map(|c| c.to_string()))?;
            ui.note(&format!("Removed wording {}/{}.", held.slug, held.number));
        }
    }
    Ok(0)
}

fn say(context: &Context, schema: &str, held: &Held, commit: Option<String>) -> Result<()> {
    let ui = &context.ui;
    match ui.json {
        true => ui.data(schema, &serde_json::json!({ "wording": held, "commit": commit })),
        false => ui.raw(&format!("{}\n", held.wording.sha256)),
    }
}

fn read(file: &std::path::Path) -> Result<Vec<u8>> {
    let place = file.display().to_string();
    if place == "-" {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).at("standard input")?;
        return Ok(bytes);
    }
    std::fs::read(file).map_err(|e| Error::from(e).at(place).hint("give the path of a text file, or -"))
}
