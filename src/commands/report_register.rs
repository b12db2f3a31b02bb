//! `carnet report REGISTER`: one register on standard output.

use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::error::{Error, Result};
use crate::reports::data::{Register, Sources, table, write};
use crate::reports::pages::{Made, facts};
use crate::reports::texts::Texts;
use crate::vault::access::Access;

/// What a register is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For spreadsheets: `;` between cells in French, `,` in English.
    Csv,
    Json,
    /// Markdown.
    Md,
}

/// What was asked for.
pub struct Wanted {
    pub register: Register,
    pub format: Format,
    pub lang: Option<Lang>,
    pub made: Made,
    pub purpose: Option<Slug>,
}

pub fn run(context: &Context, wanted: &Wanted) -> Result<i32> {
    let Wanted { register, made, .. } = *wanted;
    if !made.audience.has(register) {
        return Err(Error::refused(format!(
            "the register `{}` is not for the audience `{}`",
            register.as_str(),
            made.audience.as_str()
        ))
        .hint(format!("`carnet report {} --for dpo`", register.as_str())));
    }
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let lang = match wanted.lang {
        Some(lang) => lang,
        None => vault.settings(at)?.lang,
    };
    if let Some(purpose) = &wanted.purpose {
        vault.check_purpose(at, purpose)?;
    }
    let facts = facts(&vault, at, &[], made, &|| ())?;
    let from = Sources { vault: &vault, at, facts: &facts, lang };
    let table = table(register, &from)?;
    let texts = Texts::load(lang)?;
    let commit = at.commit.to_string();
    let stamp = write::Stamp { commit: &commit, built: facts.now, audience: made.audience };
    vault.record(
        at,
        Access {
            action: if made.exact { "report-exact" } else { "report" },
            books: vault.my_books(at)?.into_iter().map(|(book, _)| book).collect(),
            count: Some(facts.figures.read),
            purpose: wanted.purpose.clone(),
            ..Access::default()
        },
    )?;
    match wanted.format {
        Format::Csv => {
            let mut text = Vec::new();
            write::csv(&table, &texts, &mut text)?;
            context.ui.raw(&String::from_utf8_lossy(&text))?;
        }
        Format::Json => context.ui.data(write::SCHEMA, &write::json(&table, stamp))?,
        Format::Md => context.ui.lines(&write::markdown(&table, &texts, stamp))?,
    }
    Ok(0)
}
