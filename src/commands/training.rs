//! `carnet training`: who was trained in data protection, and when again.

use std::path::PathBuf;

use chrono::{Months, NaiveDate};

use super::register::{self, cell, hash_of};
use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::registers::set::Setting;
use crate::domain::registers::training::Training;
use crate::error::Result;

/// The register of trainings in data protection (Art. 39(1)(b)).
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Add(Add),
    /// List the trainings.
    #[command(after_help = "Examples:
  carnet training list
  carnet training list --json")]
    List,
}

/// Record that members were trained; several are one commit.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet training add ana --topic 'GDPR basics'
  carnet training add ana --topic 'Requests of persons' --date 2026-10-01 \\
    --material slides.pdf --next 2027-10-01")]
struct Add {
    /// Handles.
    #[arg(value_name = "MEMBER", required = true)]
    members: Vec<Slug>,
    /// What about.
    #[arg(long)]
    topic: String,
    /// Day of the training [default: today].
    #[arg(long)]
    date: Option<NaiveDate>,
    /// What was taught from: its hash goes into the register, the file stays where it is.
    #[arg(long, value_name = "FILE")]
    material: Option<PathBuf>,
    /// When the next one is due [default: a year after].
    #[arg(long, value_name = "DATE")]
    next: Option<NaiveDate>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Add(args) => add(context, args),
        Command::List => register::list::<Training>(
            context,
            &["TRAINING", "MEMBER", "DATE", "TOPIC", "NEXT"],
            |entry, _| {
                let t = &entry.record;
                let member = t.member.to_string();
                vec![entry.name.clone(), member, t.date.to_string(), t.topic.clone(), cell(t.next.as_ref())]
            },
        ),
    }
}

fn add(context: &Context, args: Add) -> Result<i32> {
    let day = args.date.unwrap_or(context.around.now.date_naive());
    let mut settings = vec![Setting::new("topic", args.topic)];
    settings.extend(
        args.material.as_deref().map(hash_of).transpose()?.map(|hash| Setting::new("material", hash)),
    );
    let next = args.next.or_else(|| day.checked_add_months(Months::new(12)));
    settings.extend(next.map(|next| Setting::new("next", next.to_string())));
    register::add_for::<Training>(context, &args.members, day, &settings)
}
