//! `carnet purpose`: the record of processing activities, Art. 30(1).

use super::register::{self, Reviewed, cell};
use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::lawful::LegalBasis;
use crate::domain::register::to_toml;
use crate::domain::registers::purpose::Purpose;
use crate::domain::registers::set::Setting;
use crate::domain::registers::starter::Starter;
use crate::error::{Error, Result};

/// The record of processing activities (Art. 30(1)): what contacts are held for.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Add(Add),
    Edit(Edit),
    /// List the declared purposes.
    #[command(after_help = "Examples:
  carnet purpose list
  carnet purpose list --json")]
    List,
    /// Show one record as it is written, and what it does not say yet.
    #[command(after_help = "Example:
  carnet purpose show customers")]
    Show {
        #[arg(value_name = "PURPOSE")]
        slug: Slug,
    },
    /// Record that a purpose was reviewed, and when the next review is due.
    #[command(after_help = "Examples:
  carnet purpose review customers
  carnet purpose review customers --next 2027-06-30")]
    Review {
        #[arg(value_name = "PURPOSE")]
        slug: Slug,
        #[command(flatten)]
        when: Reviewed,
    },
    /// Remove a purpose that nothing uses any more. One that has ended stays, with its end: edit --set until=DATE.
    #[command(after_help = "Example:
  carnet purpose remove newsletter")]
    Remove {
        #[arg(value_name = "PURPOSE")]
        slug: Slug,
    },
}

/// Declare a purpose: from flags, from a starter, or in your editor.
///
/// The starters have the legal bases and the retention that the CNIL usually wants, in French and English; look through
/// what they say. They are in the language of carnet.toml.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet purpose add --starter invoicing
  carnet purpose add hiring --starter applicants --set software+=Recruitee
  carnet purpose add repairs --title Repairs --basis contract \\
    --description 'Repairing what customers bring' --set categories.identity='name, phone'
  carnet purpose add repairs")]
struct Add {
    /// Short name: lower-case letters, digits, hyphens [default: the starter's].
    #[arg(value_name = "PURPOSE")]
    slug: Option<Slug>,
    /// Begin with a complete record.
    #[arg(long, value_name = "NAME")]
    starter: Option<Starter>,
    /// Title in the register.
    #[arg(long)]
    title: Option<String>,
    /// What the data is used for.
    #[arg(long)]
    description: Option<String>,
    /// A legal basis of Art. 6(1); repeat for several.
    #[arg(long)]
    basis: Vec<LegalBasis>,
    /// How long the data is kept, in words; the rules are in [[retain]].
    #[arg(long)]
    retention: Option<String>,
    /// The interest, where the basis is legitimate interests.
    #[arg(long)]
    interest: Option<String>,
    /// Any other key (docs/format.md); KEY+=VALUE adds to a list.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Setting>,
}

/// Change a purpose: with --set, or without in your editor. Comments and order stay.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet purpose edit customers
  carnet purpose edit customers --set persons+='their suppliers' --set review=2027-03-01
  carnet purpose edit newsletter --set until=2027-12-31")]
struct Edit {
    #[arg(value_name = "PURPOSE")]
    slug: Slug,
    /// Set a key (docs/format.md); an empty value removes it, KEY+=VALUE and KEY-=VALUE change a list.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Setting>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Add(args) => add(context, args),
        Command::Edit(args) => register::edit::<Purpose>(context, args.slug.as_str(), &args.set),
        Command::List => list(context),
        Command::Show { slug } => register::show::<Purpose>(context, slug.as_str()),
        Command::Review { slug, when } => register::review::<Purpose>(context, slug.as_str(), &when),
        Command::Remove { slug } => register::remove::<Purpose>(context, slug.as_str(), |vault, at| {
            vault.check_purpose_unused(at, &slug)
        }),
    }
}

fn add(context: &Context, args: Add) -> Result<i32> {
    let slug =
        args.slug.as_ref().map(Slug::as_str).or(args.starter.map(Starter::as_str)).ok_or_else(|| {
            Error::usage("which purpose?").hint("give it a short name: `carnet purpose add repairs`")
        })?;
    let mut settings = Vec::new();
    for (key, value) in [
        ("title", args.title),
        ("purpose", args.description),
        ("retention", args.retention),
        ("legitimate_interest", args.interest),
    ] {
        settings.extend(value.map(|value| Setting::new(key, value)));
    }
    settings.extend(args.basis.iter().map(|basis| Setting::new("bases", basis.as_str())));
    settings.extend(args.set);
    let base = match args.starter {
        Some(starter) => {
            let vault = context.vault()?;
            to_toml(&starter.record(vault.settings(vault.snapshot()?)?.lang))?
        }
        None => "title = \"\"\npurpose = \"\"\nbases = []\n".to_owned(),
    };
    let ask = args.starter.is_none() && settings.is_empty();
    register::add::<Purpose>(context, slug, &base, &settings, ask)
}

fn list(context: &Context) -> Result<i32> {
    let headings = ["PURPOSE", "TITLE", "BASES", "RETENTION", "REVIEW", "NOT SAID"];
    register::list::<Purpose>(context, &headings, |entry, _| {
        use crate::domain::registers::Record;
        let p = &entry.record;
        let bases: Vec<&str> = p.bases.iter().map(|b| b.as_str()).collect();
        vec![
            entry.name.clone(),
            p.title.clone(),
            bases.join(", "),
            p.retention.clone(),
            cell(p.review.as_ref()),
            p.missing().join(", "),
        ]
    })
}
