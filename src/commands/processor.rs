//! `carnet processor`: the register of processors, Art. 28.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::register::{self, Reviewed, cell, hash_of};
use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::registers::Record;
use crate::domain::registers::country::{Country, Safeguard};
use crate::domain::registers::processor::{Checklist, Processor};
use crate::domain::registers::set::Setting;
use crate::error::{Error, Result};

/// The register of processors and their contracts (Art. 28).
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Add(Box<Add>),
    Edit(Edit),
    /// List the processors, the state of their contracts, and what their records do not say.
    #[command(after_help = "Examples:
  carnet processor list
  carnet processor list --json")]
    List,
    /// Show one record as it is written, and what it does not say yet.
    #[command(after_help = "Example:
  carnet processor show mailco")]
    Show {
        #[arg(value_name = "PROCESSOR")]
        slug: Slug,
    },
    /// Record that a processor was reviewed, and when the next review is due.
    #[command(after_help = "Example:
  carnet processor review mailco --next 2027-06-30")]
    Review {
        #[arg(value_name = "PROCESSOR")]
        slug: Slug,
        #[command(flatten)]
        when: Reviewed,
    },
    /// Remove a processor that no purpose names. One that worked for you stays, with its end: edit --set until=DATE.
    #[command(after_help = "Example:
  carnet processor remove mailco")]
    Remove {
        #[arg(value_name = "PROCESSOR")]
        slug: Slug,
    },
}

/// Record a processor: from flags, or in your editor.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet processor add hostco --name 'HostCo GmbH' --service hosting --country DE
  carnet processor add sendco --name SendCo --service 'sending the newsletter' \\
    --data identity --country US --safeguard standard-clauses --contract dpa.pdf \\
    --signed 2026-03-01 --expires 2027-02-28 --points abcdefgh
  carnet processor add printco")]
struct Add {
    /// Short name: lower-case letters, digits, hyphens.
    #[arg(value_name = "PROCESSOR")]
    slug: Slug,
    /// Name of the firm.
    #[arg(long)]
    name: Option<String>,
    /// What it does for you.
    #[arg(long)]
    service: Option<String>,
    /// A category of data that it gets; repeat for several.
    #[arg(long, value_name = "CATEGORY")]
    data: Vec<String>,
    /// Where it processes them: two letters (ISO 3166-1).
    #[arg(long)]
    country: Option<Country>,
    /// What a transfer out of the EEA rests on.
    #[arg(long, value_name = "WORD", value_parser = clap::builder::PossibleValuesParser::new(Safeguard::WORDS))]
    safeguard: Option<String>,
    /// The signed contract: its hash goes into the register, the file stays where it is.
    #[arg(long, value_name = "FILE")]
    contract: Option<PathBuf>,
    /// Day on which it was signed.
    #[arg(long, value_name = "DATE")]
    signed: Option<NaiveDate>,
    /// Last day of the contract.
    #[arg(long, value_name = "DATE")]
    expires: Option<NaiveDate>,
    /// Letters of Art. 28(3) that the contract has: abcdefgh.
    #[arg(long, value_name = "LETTERS")]
    points: Option<String>,
    /// Any other key (docs/format.md); KEY+=VALUE adds to a list.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Setting>,
}

/// Change a processor's record: with --set, or without in your editor. Comments and order stay.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet processor edit mailco
  carnet processor edit mailco --set contract.expires=2028-02-28 --set checklist.audits=true")]
struct Edit {
    #[arg(value_name = "PROCESSOR")]
    slug: Slug,
    /// Set a key (docs/format.md); an empty value removes it, KEY+=VALUE and KEY-=VALUE change a list.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Setting>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Add(args) => add(context, *args),
        Command::Edit(args) => register::edit::<Processor>(context, args.slug.as_str(), &args.set),
        Command::List => list(context),
        Command::Show { slug } => register::show::<Processor>(context, slug.as_str()),
        Command::Review { slug, when } => register::review::<Processor>(context, slug.as_str(), &when),
        Command::Remove { slug } => register::remove::<Processor>(context, slug.as_str(), |vault, at| {
            vault.check_processor_unused(at, slug.as_str())
        }),
    }
}

fn add(context: &Context, args: Add) -> Result<i32> {
    let mut settings = Vec::new();
    let mut set = |key: &str, value: Option<String>| settings.extend(value.map(|v| Setting::new(key, v)));
    set("name", args.name);
    set("service", args.service);
    set("country", args.country.map(String::from));
    set("safeguard", args.safeguard);
    set("contract.date", args.signed.map(|day| day.to_string()));
    set("contract.expires", args.expires.map(|day| day.to_string()));
    set("contract.hash", args.contract.as_deref().map(hash_of).transpose()?);
    settings.extend(args.data.iter().map(|data| Setting::add("data", data)));
    for letter in args.points.iter().flat_map(|letters| letters.chars()) {
        let points = Checklist::default().points();
        let point = points.iter().find(|(l, ..)| *l == letter.to_ascii_lowercase()).ok_or_else(|| {
            Error::usage("Art. 28(3) has the letters a to h").at("--points").hint("--points abcdefgh")
        })?;
        settings.push(Setting::new(&format!("checklist.{}", point.1), "true"));
    }
    settings.extend(args.set);
    let ask = settings.is_empty();
    let slug = args.slug.as_str();
    register::add::<Processor>(context, slug, "name = \"\"\nservice = \"\"\n", &settings, ask)?;
    context
        .ui
        .note(&format!("`carnet purpose edit PURPOSE --set processors+={slug}` says what it is used for."));
    Ok(0)
}

fn list(context: &Context) -> Result<i32> {
    let headings = ["PROCESSOR", "NAME", "SERVICE", "COUNTRY", "CONTRACT", "UNTIL", "REVIEW", "NOT SAID"];
    register::list::<Processor>(context, &headings, |entry, today| {
        let p = &entry.record;
        let state = if p.is_active(today) { p.contract_state(today).as_str() } else { "ended" };
        vec![
            entry.name.clone(),
            p.name.clone(),
            p.service.clone(),
            p.country.map(String::from).unwrap_or_default(),
            state.to_owned(),
            cell(p.contract.as_ref().and_then(|c| c.expires.as_ref())),
            cell(p.review.as_ref()),
            p.missing().join(", "),
        ]
    })
}
