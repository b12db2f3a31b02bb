//! `carnet audit`: the registers against reality.

use std::borrow::Cow;

use crate::context::Context;
use crate::domain::audit::{Audit, Finding};
use crate::domain::organisation::Lang;
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
        let starts = |line: &str, word: &str| line.starts_with(&*ui.lang.say(word));
        ui.lines_in(&text(&audit, ui.lang), |line| match () {
            () if line.starts_with("OK") => Tone::Good,
            () if starts(line, "error") => Tone::Late,
            () if starts(line, "warning") || starts(line, "not checked") => Tone::Today,
            () => Tone::Plain,
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

fn text(audit: &Audit, lang: Lang) -> String {
    let mut out: String = audit.findings.iter().map(|finding| one(finding, lang)).collect();
    let c = audit.counts;
    let looked = lang.fill(
        "{} contacts in {} books, {} purposes, {} processors, {} members, {} requests, {} breaches",
        &[&c.contacts, &c.books, &c.purposes, &c.processors, &c.members, &c.requests, &c.breaches],
    );
    out.push_str(&match (audit.errors(), audit.warnings()) {
        (0, 0) => lang.fill("OK: {}: register and reality agree.", &[&looked]),
        (errors, warnings) => lang.fill("{} error(s), {} warning(s) in {}.", &[&errors, &warnings, &looked]),
    });
    out.push('\n');
    for what in &audit.not_checked {
        let what = match (lang.say(what), what.split_once(" (")) {
            (Cow::Borrowed(_), Some((what, why))) => {
                format!("{} ({})", lang.say(what), lang.say(why.trim_end_matches(')')))
            }
            (said, _) => said.into_owned(),
        };
        out.push_str(&format!("{}{} {what}\n", lang.say("not checked"), lang.colon()));
    }
    out
}

fn one(finding: &Finding, lang: Lang) -> String {
    let f = finding;
    let colon = lang.colon();
    let severity = f.severity.to_string();
    let (severity, place, message) = (lang.say(&severity), lang.place(&f.place), lang.say(&f.message));
    let mut out = format!("{severity}{colon} {place}{colon} {message} ({}) [{}]\n", f.rule, f.code);
    if !f.contacts.is_empty() {
        let ids: Vec<&str> = f.contacts.iter().take(SHOWN).map(|id| id.get(..8).unwrap_or(id)).collect();
        let more = match f.contacts.len().saturating_sub(SHOWN) {
            0 => String::new(),
            n => lang.fill(" and {} more (--json has all)", &[&n]),
        };
        out.push_str(&format!("  {}{colon} {}{more}\n", lang.say("contacts"), ids.join(" ")));
    }
    if !f.command.is_empty() {
        out.push_str(&format!("  {}{colon} {}\n", lang.say("mend"), f.command));
    }
    out
}
