//! `carnet erase`

use super::pick;
use crate::context::Context;
use crate::domain::register::Trigger;
use crate::error::Result;
use crate::vault::erase::Erased;

/// Erase a contact for good: its file, its key, and so every version in history.
///
/// History is not rewritten: what opens the old versions is destroyed instead, and that is proven.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet erase jeanne@example.org --reason request --request 2026-014
  carnet erase 3f9a2c1b --reason retention --yes")]
pub struct Args {
    /// Which contact.
    contact: String,
    /// Why: the person asked, the retention period is over, or it was an error.
    #[arg(long, value_enum)]
    reason: Trigger,
    /// Reference of the rights request (letters, digits, hyphens; never a name).
    #[arg(long, value_name = "REF", value_parser = reference)]
    request: Option<String>,
}

/// A reference goes into a plain register and a commit, so it must not be able to hold a name in free text.
fn reference(text: &str) -> Result<String, String> {
    let fine = (1..=40).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
        && text.chars().any(|c| c.is_ascii_digit());
    if fine {
        Ok(text.to_owned())
    } else {
        Err("use letters, digits and hyphens with at least one digit, such as 2026-014".into())
    }
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let found = pick::one(context, &vault, at, &args.contact)?;
    let ui = &context.ui;
    if context.dry_run {
        let versions: usize = vault.versions(&[&found.id])?.iter().map(Vec::len).sum();
        ui.note(&format!("would erase contact {} and make {versions} versions unreadable", found.id.short()));
        return Ok(0);
    }
    ui.confirm(&format!("Erase contact {} for good? This cannot be undone.", found.id.short()))?;
    let erased = vault.erase(&[found], args.reason, args.request.as_deref())?;
    report(context, &erased)?;
    Ok(0)
}

fn report(context: &Context, erased: &Erased) -> Result<()> {
    let ui = &context.ui;
    if ui.json {
        #[derive(serde::Serialize)]
        struct Item<'a> {
            #[serde(flatten)]
            entry: &'a crate::domain::register::Erasure,
            commit: String,
            proof: &'a crate::vault::prove::Proof,
        }
        let items: Vec<Item<'_>> = erased
            .entries
            .iter()
            .map(|(entry, proof)| Item { entry, commit: erased.commit.to_string(), proof })
            .collect();
        return ui.data("carnet.erase/1", &items);
    }
    for (entry, proof) in &erased.entries {
        ui.raw(&format!("{}\n", entry.contact))?;
        ui.note(&format!(
            "Erased contact {} (commit {}).",
            entry.contact.short(),
            &erased.commit.to_string()[..10]
        ));
        ui.note("Destroyed: the contact's key, with every object of the key store that held it; the index was rewritten.");
        ui.note(&format!(
            "Proof: {} version(s) in history were tried with {} key(s) that are left; none opens.",
            proof.versions, proof.keys_tried
        ));
        if !proof.books_not_tried.is_empty() {
            ui.warn(&format!(
                "not tried, for you cannot open them: books {}",
                proof.books_not_tried.join(", ")
            ));
        }
        ui.note("What remains: ciphertext in history that no key opens; the ledger entry, without a name; and, until they sync, \
            the key in other clones and in backups of .git/carnet. What somebody copied outside carnet is out of its reach.");
    }
    Ok(())
}
