//! `carnet audit`: the registers against reality.

use crate::context::Context;
use crate::domain::audit::{Audit, Finding};
use crate::error::{Kind, Result};
use crate::output::Tone;
use crate::reports::notice::findings;
use crate::vault::Vault;

/// Compare what the registers declare with what is; exit code 7 on errors.
///
/// Each finding has its severity, the article, the place and the command that mends it. Nothing is changed, and no
/// contact is named: contacts are ids.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet audit || echo 'something is to be mended'
  carnet audit --strict --json || true")]
pub struct Args {
    /// End with exit code 7 on warnings, too.
    #[arg(long)]
    strict: bool,
}

/// Contacts of a finding that are shown; JSON has all.
const SHOWN: usize = 5;

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let audit = audited(&vault)?;
    let ui = &context.ui;
    if ui.json {
        ui.data("carnet.audit/1", &audit)?;
    } else if ui.quiet {
        ui.lines(&audit.findings.iter().map(|f| format!("{}\n", f.code)).collect::<String>())?;
    } else {
        ui.lines_in(&text(&audit), |line| match line.split([':', ' ']).next() {
            Some("OK") => Tone::Good,
            Some("error") => Tone::Late,
            Some("warning" | "not") => Tone::Today,
            _ => Tone::Plain,
        })?;
    }
    let bad = audit.errors() > 0 || args.strict && !audit.findings.is_empty();
    Ok(if bad { Kind::Problems as i32 } else { 0 })
}

/// The whole audit, with the notices that cannot be written.
pub(super) fn audited(vault: &Vault) -> Result<Audit> {
    vault.reading(|at| {
        let mut audit = vault.survey(at, 0)?.audit;
        audit.findings.extend(findings(vault, at)?);
        audit.findings.sort();
        Ok(audit)
    })
}

fn text(audit: &Audit) -> String {
    let mut out: String = audit.findings.iter().map(one).collect();
    let c = audit.counts;
    let looked = format!(
        "{} contacts in {} books, {} purposes, {} processors, {} members, {} requests, {} breaches",
        c.contacts, c.books, c.purposes, c.processors, c.members, c.requests, c.breaches
    );
    match (audit.errors(), audit.warnings()) {
        (0, 0) => out.push_str(&format!("OK: {looked}: register and reality agree.\n")),
        (errors, warnings) => {
            out.push_str(&format!("{errors} error(s), {warnings} warning(s) in {looked}.\n"))
        }
    }
    for what in &audit.not_checked {
        out.push_str(&format!("not checked: {what}\n"));
    }
    out
}

fn one(finding: &Finding) -> String {
    let f = finding;
    let mut out = format!("{}: {}: {} ({}) [{}]\n", f.severity, f.place, f.message, f.rule, f.code);
    if !f.contacts.is_empty() {
        let ids: Vec<&str> = f.contacts.iter().take(SHOWN).map(|id| id.get(..8).unwrap_or(id)).collect();
        let more = match f.contacts.len().saturating_sub(SHOWN) {
            0 => String::new(),
            n => format!(" and {n} more (--json has all)"),
        };
        out.push_str(&format!("  contacts: {}{more}\n", ids.join(" ")));
    }
    if !f.command.is_empty() {
        out.push_str(&format!("  mend: {}\n", f.command));
    }
    out
}
