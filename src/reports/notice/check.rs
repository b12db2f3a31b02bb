//! A purpose's notice from the repository, and what the audit says where there is none.

use super::{Facts, Missing, Notice, build};
use crate::domain::audit::Finding;
use crate::domain::moment;
use crate::domain::organisation::{Lang, Settings};
use crate::domain::registers::processor::Processor;
use crate::domain::registers::purpose::Purpose;
use crate::error::Result;
use crate::vault::registers::Stored;
use crate::vault::{Snapshot, Vault};

/// The notice of one purpose, or what the registers lack for it.
pub fn of_purpose(
    vault: &Vault,
    at: Snapshot,
    settings: &Settings,
    purpose: &Stored<Purpose>,
    (lang, indirect): (Lang, bool),
) -> Result<Result<Notice, Vec<Missing>>> {
    let mut processors = Vec::new();
    for name in &purpose.record.processors {
        let found = vault.entry::<Processor>(at, name.as_str()).ok().map(|entry| entry.record);
        // One that works for the firm no more gets nothing.
        if found.as_ref().is_none_or(|p| p.is_active(vault.day())) {
            processors.push((name.to_string(), found));
        }
    }
    let facts = Facts {
        organisation: &settings.organisation,
        firm_lang: settings.lang,
        slug: &purpose.name,
        purpose: &purpose.record,
        processors,
        now: vault.now.timestamp(),
    };
    build(&facts, lang, indirect)
}

/// Purposes that go on and whose notice cannot be written: persons are not informed of them.
pub fn findings(vault: &Vault, at: Snapshot) -> Result<Vec<Finding>> {
    let settings = vault.settings(at)?;
    let mut found = Vec::new();
    for name in vault.purposes(at)? {
        // A record that cannot be read is a finding of its own.
        let Ok(purpose) = vault.entry::<Purpose>(at, name.as_str()) else { continue };
        let end = purpose.record.until.as_ref().and_then(moment::day);
        if end.is_some_and(|day| day < vault.day()) {
            continue;
        }
        let Err(mut missing) = of_purpose(vault, at, &settings, &purpose, (settings.lang, false))? else {
            continue;
        };
        // What the organisation lacks is said once, not with each purpose.
        missing.retain(|lack| lack.place != "carnet.toml");
        let Some(first) = missing.first() else { continue };
        let keys: Vec<&str> = missing
            .iter()
            .map(|lack| if lack.key.is_empty() { lack.place.as_str() } else { &lack.key })
            .collect();
        let message = format!("no notice can be written: it lacks {}", keys.join(", "));
        let finding = Finding::warning("no-notice", "Art. 13, 14", &purpose.path, message);
        found.push(finding.mend(first.command.clone()));
    }
    Ok(found)
}
