//! `carnet report`

use std::path::PathBuf;

use super::report_register::{self, Format, Wanted};
use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::error::{Error, Kind, Result};
use crate::reports::audience::Audience;
use crate::reports::data::Register;
use crate::reports::pages::{Counts, Made, Watch, readable};
use crate::reports::{Target, build, check};
use crate::vault::access::Access;
use crate::vault::open_data_repository;

/// Write the registers as a static site: no server, no script, no name on any page.
///
/// With a register, writes that one on standard output instead. Counts of persons below 5 are shown as a range. The
/// directory is replaced whole, and only if it is new, empty or a site made by carnet.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet report --out ../site
  carnet report --out ../site --lang both
  carnet report --out ../site --json
  carnet report --out ../site-for-all --for public
  carnet report processing --format csv --lang fr
  carnet report requests --for authority
  carnet report --check ../site")]
pub struct Args {
    /// One register on standard output instead of a site.
    #[arg(value_enum, conflicts_with_all = ["out", "check"])]
    register: Option<Register>,
    /// What a register is written as [default: md, with --json: json].
    #[arg(long, value_enum, requires = "register")]
    format: Option<Format>,
    /// Directory of the site, outside the data repository.
    #[arg(long, value_name = "DIR", required_unless_present_any = ["check", "register"])]
    out: Option<PathBuf>,
    /// For whom it is made: what they need goes in, and nothing else.
    #[arg(long = "for", value_enum, value_name = "AUDIENCE", default_value = "dpo")]
    audience: Audience,
    /// Small counts of persons as they are; recorded in the access trail.
    #[arg(long, conflicts_with = "check")]
    exact: bool,
    /// Check a site instead: every file as it was signed, by a member of the commit that it names; exit 7 if not.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "lang", "purpose"])]
    check: Option<PathBuf>,
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
struct Written<'a> {
    index: String,
    commit: &'a str,
    langs: &'a [&'static str],
    pages: Vec<&'a str>,
    counts: &'a Counts,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    if let Some(dir) = &args.check {
        return check(context, &context.dir.join(dir));
    }
    let made = Made { audience: args.audience, exact: args.exact };
    if let Some(register) = args.register {
        let lang = match args.lang {
            None => None,
            Some(Choice::En) => Some(Lang::En),
            Some(Choice::Fr) => Some(Lang::Fr),
            Some(Choice::Both) => {
                return Err(
                    Error::usage("one register is written in one language").hint("--lang fr, or --lang en")
                );
            }
        };
        let format = args.format.unwrap_or(if context.ui.json { Format::Json } else { Format::Md });
        return report_register::run(
            context,
            &Wanted { register, format, lang, made, purpose: args.purpose },
        );
    }
    let out = args.out.unwrap_or_default();
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
    let target = Target::check(&context.dir.join(out), &vault.repo)?;
    let total = readable(&vault, at)?;
    let ui = &context.ui;
    if context.dry_run {
        return ui
            .would(&format!("would read {total} contacts and write a site into {}", target.dir().display()));
    }
    let bar = ui.progress(total as u64, "Reading contacts");
    let staged = target.stage(
        &vault.now_text(),
        |out| build(&vault, at, &langs, made, &Bar(&bar), out),
        |sums| vault.sign_statement(sums),
    );
    bar.finish_and_clear();
    let staged = staged?;
    vault.record(
        at,
        Access {
            action: if args.exact { "report-exact" } else { "report" },
            contacts: Vec::new(),
            books: vault.my_books(at)?.into_iter().map(|(book, _)| book).collect(),
            count: Some(staged.pages.counts.read),
            purpose: args.purpose,
            ..Access::default()
        },
    )?;
    let pages = staged.publish()?;
    let index = target.dir().join("index.html").display().to_string();
    if ui.json {
        let files = pages.files.iter().map(String::as_str);
        return ui
            .data(
                "carnet.report/1",
                &Written {
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

/// The build's progress as a bar: contacts, then pages.
struct Bar<'a>(&'a indicatif::ProgressBar);

impl Watch for Bar<'_> {
    fn read(&self) {
        self.0.inc(1);
    }

    fn pages(&self, count: usize) {
        self.0.reset();
        self.0.set_message("Writing pages");
        self.0.set_length(count as u64);
    }

    fn written(&self) {
        self.0.inc(1);
    }
}

/// `--check`: needs the repository and no key.
fn check(context: &Context, dir: &std::path::Path) -> Result<i32> {
    let repo = open_data_repository(&context.dir)?;
    let found = check::check(dir, &repo, context.around.now.into())?;
    let ui = &context.ui;
    if ui.json {
        ui.data("carnet.report-check/1", &found)?;
    } else {
        for wrong in &found.problems {
            ui.lines(&format!("{}: {}", wrong.file, wrong.message))?;
        }
        if found.problems.is_empty() {
            let by = found.signed_by.join(", ");
            let commit = found.commit.as_deref().and_then(|id| id.get(..10)).unwrap_or_default();
            ui.lines(&format!("OK: {} files, from commit {commit}, signed by {by}.", found.files))?;
        }
    }
    Ok(if found.problems.is_empty() { 0 } else { i32::from(Kind::Problems as u8) })
}
