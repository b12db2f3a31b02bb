//! `carnet report`

use std::path::PathBuf;

use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::error::Result;
use crate::reports::pages::{Counts, readable};
use crate::reports::{Target, build};
use crate::vault::access::Access;

/// Write the registers as a static site: no server, no script, no name on any page.
///
/// Pages: overview, contacts by book in figures, processing activities, consent and legal bases, access trail,
/// change trail, erasures. The directory is replaced whole, and only if it is new, empty or a site made by carnet.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet report --out ../site
  carnet report --out ../site --lang both
  carnet report --out ../site --json")]
pub struct Args {
    /// Directory of the site, outside the data repository.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Language of the pages [default: `lang` of carnet.toml].
    #[arg(long, value_enum)]
    lang: Option<Choice>,
    /// The purpose of this read, for the access trail.
    #[arg(long)]
    purpose: Option<Slug>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Choice {
    En,
    Fr,
    Both,
}

/// What `--json` says.
#[derive(serde::Serialize)]
struct Made<'a> {
    index: String,
    commit: &'a str,
    langs: &'a [&'static str],
    pages: Vec<&'a str>,
    counts: &'a Counts,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let langs = match args.lang {
        Some(Choice::En) => vec![Lang::En],
        Some(Choice::Fr) => vec![Lang::Fr],
        Some(Choice::Both) => vec![Lang::Fr, Lang::En],
        None => vec![vault.settings(at)?.lang],
    };
    if let Some(purpose) = &args.purpose {
        vault.check_purpose(at, purpose)?;
    }
    let target = Target::check(&context.dir.join(&args.out), &vault.repo)?;
    let total = readable(&vault, at)?;
    let ui = &context.ui;
    if context.dry_run {
        return ui
            .would(&format!("would read {total} contacts and write a site into {}", target.dir().display()));
    }
    let bar = ui.progress(total as u64, "Reading contacts");
    let pages = build(&vault, at, &langs, &|| bar.inc(1));
    bar.finish_and_clear();
    let pages = pages?;
    let staged = target.stage(&pages, &vault.now_text())?;
    vault.record(
        at,
        Access {
            action: "report",
            contacts: Vec::new(),
            books: vault.my_books(at)?.into_iter().map(|(book, _)| book).collect(),
            count: Some(pages.counts.read),
            purpose: args.purpose,
        },
    )?;
    staged.publish()?;
    let index = target.dir().join("index.html").display().to_string();
    if ui.json {
        let files = pages.files.iter().map(|(path, _)| path.as_str());
        return ui
            .data(
                "carnet.report/1",
                &Made {
                    index,
                    commit: &pages.commit,
                    langs: &pages.langs,
                    pages: files.filter(|path| path.ends_with(".html")).collect(),
                    counts: &pages.counts,
                },
            )
            .map(|()| 0);
    }
    ui.lines(&index)?;
    ui.note(&format!("Read {} contacts; wrote {} files.", pages.counts.read, pages.files.len()));
    let closed = vault.all_books(at)?.len() - vault.my_books(at)?.len();
    if closed > 0 {
        ui.warn(&format!(
            "{closed} book(s) that you cannot open are left out: their contacts, entries and numbers"
        ));
    }
    Ok(0)
}
