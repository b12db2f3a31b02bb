//! `carnet purpose`

use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::lawful::LegalBasis;
use crate::domain::register::{self, Purpose};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::output::Table;

/// Declare and list purposes: the processing register of Art. 30(1).
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Add(Add),
    /// List the declared purposes.
    #[command(after_help = "Example:
  carnet purpose list --json")]
    List,
}

/// Declare a purpose.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  carnet purpose add support --title Support --basis contract \\
    --description 'Answering questions of customers'")]
struct Add {
    /// Short name: lower-case letters, digits, hyphens.
    slug: Slug,
    /// Title in the register.
    #[arg(long)]
    title: String,
    /// What the data is used for.
    #[arg(long)]
    description: String,
    /// A legal basis of Art. 6(1); repeat for several.
    #[arg(long, required = true)]
    basis: Vec<LegalBasis>,
    /// How long the data is kept.
    #[arg(long, default_value = "")]
    retention: String,
    /// The interest, where the basis is legitimate interests.
    #[arg(long, default_value = "")]
    interest: String,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Add(add) => declare(context, add),
        Command::List => list(context),
    }
}

fn declare(context: &Context, add: Add) -> Result<i32> {
    if add.basis.contains(&LegalBasis::LegitimateInterests) && add.interest.trim().is_empty() {
        return Err(Error::usage("the legitimate interest must be spelt out (Art. 13(1)(d) GDPR)")
            .at("--interest")
            .hint("--interest 'making our offers known to …'"));
    }
    let record = Purpose {
        title: add.title,
        purpose: add.description,
        bases: add.basis,
        legitimate_interest: add.interest,
        persons: Vec::new(),
        data: Vec::new(),
        recipients: Vec::new(),
        transfers: String::new(),
        retention: add.retention,
        security: Vec::new(),
        review: None,
    };
    let vault = context.vault()?;
    let path = format!("registers/purposes/{}.toml", add.slug);
    if context.dry_run {
        return context.ui.would(&format!("would write {path}"));
    }
    let (commit, ()) = vault.write(|at, staged| {
        if vault.repo.entry(at.tree, &path)?.is_some() {
            return Err(Error::refused(format!("the purpose `{}` is declared already", add.slug))
                .hint("`carnet purpose list` shows it"));
        }
        staged.put(path.clone(), register::to_toml(&record)?);
        let mut entry = Entry::new(format!("purpose: declare {}", add.slug), "purpose-add");
        entry.purposes.push(add.slug.clone());
        Ok((entry, ()))
    })?;
    let ui = &context.ui;
    if ui.json {
        #[derive(serde::Serialize)]
        struct Declared<'a> {
            purpose: &'a Slug,
            commit: Option<String>,
        }
        let commit = commit.map(|c| c.to_string());
        ui.data("carnet.purpose-add/1", &Declared { purpose: &add.slug, commit })?;
    }
    ui.note(&format!("Declared the purpose {}.", add.slug));
    Ok(0)
}

fn list(context: &Context) -> Result<i32> {
    #[derive(serde::Serialize)]
    struct Item {
        slug: String,
        #[serde(flatten)]
        record: Purpose,
    }
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let mut items = Vec::new();
    for slug in vault.purposes(at)? {
        let path = format!("registers/purposes/{slug}.toml");
        let text = vault.repo.file(at.tree, &path)?.unwrap_or_default();
        let record = register::parse(&path, &String::from_utf8_lossy(&text))?;
        items.push(Item { slug: slug.to_string(), record });
    }
    let ui = &context.ui;
    if ui.json {
        ui.data("carnet.purposes/1", &items)?;
    } else if ui.quiet {
        ui.raw(&items.iter().map(|i| format!("{}\n", i.slug)).collect::<String>())?;
    } else {
        let mut table = Table::new(&["PURPOSE", "TITLE", "BASES", "RETENTION"]);
        for item in items {
            let bases: Vec<&str> = item.record.bases.iter().map(|b| b.as_str()).collect();
            table.row([item.slug, item.record.title, bases.join(", "), item.record.retention]);
        }
        ui.raw(&table.render(ui.width))?;
    }
    Ok(0)
}
