//! `carnet agreement`: what members have agreed to.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::register::{self, cell, hash_of};
use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::registers::agreement::Agreement;
use crate::domain::registers::set::Setting;
use crate::error::Result;

/// The register of what members have agreed to: confidentiality, policies, appointments (Art. 29, 32(4)).
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Add(Add),
    /// List the agreements.
    #[command(after_help = "Examples:
  carnet agreement list
  carnet agreement list --json")]
    List,
}

/// Record that members have agreed to something; several are one commit.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet agreement add ana --title 'Confidentiality agreement'
  carnet agreement add ana --kind policy --title 'Security policy' --document policy.pdf \\
    --date 2026-10-01 --review 2027-10-01")]
struct Add {
    /// Handles.
    #[arg(value_name = "MEMBER", required = true)]
    members: Vec<Slug>,
    /// What sort of agreement.
    #[arg(long, default_value = "confidentiality", value_parser = clap::builder::PossibleValuesParser::new(Agreement::KINDS))]
    kind: String,
    /// Its title.
    #[arg(long)]
    title: String,
    /// Day on which it was agreed [default: today].
    #[arg(long)]
    date: Option<NaiveDate>,
    /// The signed document: its hash goes into the register, the file stays where it is.
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// When it ends, or is to be looked at again.
    #[arg(long, value_name = "DATE")]
    review: Option<NaiveDate>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Add(args) => add(context, args),
        Command::List => register::list::<Agreement>(
            context,
            &["AGREEMENT", "MEMBER", "DATE", "KIND", "TITLE", "REVIEW"],
            |entry, _| {
                let a = &entry.record;
                vec![
                    entry.name.clone(),
                    a.member.to_string(),
                    a.date.to_string(),
                    a.kind.clone(),
                    a.title.clone(),
                    cell(a.review.as_ref()),
                ]
            },
        ),
    }
}

fn add(context: &Context, args: Add) -> Result<i32> {
    let day = args.date.unwrap_or(context.around.now.date_naive());
    let mut settings = vec![Setting::new("kind", args.kind), Setting::new("title", args.title)];
    settings.extend(
        args.document.as_deref().map(hash_of).transpose()?.map(|hash| Setting::new("document", hash)),
    );
    settings.extend(args.review.map(|day| Setting::new("review", day.to_string())));
    register::add_for::<Agreement>(context, &args.members, day, &settings)
}
