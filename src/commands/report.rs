//! `carnet report`

use std::path::PathBuf;

use super::report_register::{self, Format, Wanted};
use super::report_site::{Plan, Site};
use super::{report_check, report_nominative, report_save, report_template, report_watch};
use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::error::{Error, Result};
use crate::reports::audience::Audience;
use crate::reports::data::Register;
use crate::reports::pages::Made;

/// Write the registers as a static site: no server, no script, no name on any page.
///
/// With a register, writes that one on standard output instead. Counts of persons below 5 are shown as a range. The
/// directory is replaced whole, and only if it is new, empty or a site made by carnet. Templates of your own in
/// `templates/` of the data repository take the place of carnet's (docs/templates.md).
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet report --out ../site
  carnet report --out ../site --lang both
  carnet report --out ../site --json
  carnet report --out ../site --since 2026-01-31
  carnet report --out ../site-for-all --for public
  carnet report processing --format csv --lang fr
  carnet report requests --for authority
  carnet report --check ../site
  carnet report --template home.html
  carnet report --save-templates
  carnet report --nominative --purpose customers --out ../customers")]
pub struct Args {
    /// One register on standard output instead of a site.
    #[arg(value_enum, conflicts_with_all = ["out", "check"])]
    register: Option<Register>,
    /// What a register is written as [default: md, with --json: json].
    #[arg(long, value_enum, requires = "register")]
    format: Option<Format>,
    /// Directory of the site, outside the data repository.
    #[arg(long, value_name = "DIR", required_unless_present_any = ["check", "register", "template", "save_templates"])]
    out: Option<PathBuf>,
    /// For whom it is made: what they need goes in, and nothing else.
    #[arg(long = "for", value_enum, value_name = "AUDIENCE", default_value = "dpo")]
    audience: Audience,
    /// Small counts of persons as they are; recorded in the access trail.
    #[arg(long, conflicts_with = "check")]
    exact: bool,
    /// The page on what changed begins with this day (YYYY-MM-DD) or after this commit [default: the last review].
    #[arg(long, value_name = "DAY|COMMIT", requires = "out")]
    since: Option<String>,
    /// Build again whenever a template of the work tree or the branch changes, until Ctrl-C.
    #[arg(long, requires = "out")]
    watch: bool,
    /// Check a site instead: every file as it was signed, by a member of the commit that it names; exit 7 if not.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "lang", "purpose"])]
    check: Option<PathBuf>,
    /// Print one of carnet's own templates instead, to begin one of your own with.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["out", "check", "register", "lang", "purpose"])]
    template: Option<String>,
    /// Commit the templates of your own as they lie in `templates/`, signed; one that is gone from there is taken away.
    #[arg(long, conflicts_with_all = ["out", "check", "register", "lang", "purpose", "template"])]
    save_templates: bool,
    /// Pages with names instead: every contact under --purpose, with basis, consent and objections. An export.
    #[arg(long, requires_all = ["purpose", "out"], conflicts_with_all = ["register", "audience", "exact", "since", "watch"])]
    nominative: bool,
    /// Pages with names even into a place where git would track them.
    #[arg(long, requires = "nominative")]
    force: bool,
    /// Language of the pages [default: `lang` of carnet.toml].
    #[arg(long, value_enum)]
    lang: Option<Choice>,
    /// The purpose of this read, for the access trail; with --nominative, whose contacts are named.
    #[arg(long)]
    purpose: Option<Slug>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Choice {
    En,
    Fr,
    Both,
}

/// The languages of a site; the firm's own where nothing is said.
fn langs(choice: Option<Choice>) -> Option<Vec<Lang>> {
    choice.map(|choice| match choice {
        Choice::En => vec![Lang::En],
        Choice::Fr => vec![Lang::Fr],
        Choice::Both => vec![Lang::Fr, Lang::En],
    })
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    if let Some(dir) = &args.check {
        return report_check::run(context, &context.dir.join(dir));
    }
    if let Some(name) = &args.template {
        return report_template::run(context, name);
    }
    if args.save_templates {
        return report_save::run(context);
    }
    let made = Made { audience: args.audience, exact: args.exact, since: None };
    if let Some(register) = args.register {
        let lang = match langs(args.lang).as_deref() {
            None => None,
            Some([one]) => Some(*one),
            Some(_) => {
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
    let out = context.dir.join(args.out.unwrap_or_default());
    let langs = langs(args.lang);
    if let (true, Some(purpose)) = (args.nominative, &args.purpose) {
        let wanted = report_nominative::Wanted { out, langs, purpose, force: args.force };
        return report_nominative::run(context, &wanted);
    }
    let plan = Plan { out, langs, made, since: args.since, purpose: args.purpose };
    match args.watch {
        true => report_watch::run(context, &plan),
        false => Site::open(context, &plan)?.once(),
    }
}
