//! `carnet textconv`: what git runs to show a contact file in `git diff` and `git log -p`.

use std::path::PathBuf;

use crate::context::Context;
use crate::domain::ids::{ContactId, Sealed};
use crate::error::{Error, Kind, Result};
use crate::vault::snapshot::open_text_with;

/// Print the text of a contact file that git names (used by git's textconv).
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file, under the contact's own file name.
    file: PathBuf,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let name = args.file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    // git names its temporary file <random>_<id>.toml.pgp, or keeps the name in a directory of its own.
    let id: Option<ContactId> = name
        .strip_suffix(".toml.pgp")
        .and_then(|stem| stem.get(stem.len().checked_sub(36)?..))
        .and_then(|id| id.parse().ok());
    let Some(id) = id else {
        return Err(
            Error::usage("not a contact file by its name").hint("git runs this command; you need not")
        );
    };
    let bytes = std::fs::read(&args.file)?;
    if bytes.is_empty() {
        return Ok(0);
    }
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    for book in vault.keys.books()? {
        if !vault.keys.has(&id.key_path(&book))? {
            continue;
        }
        let opened = vault.contact_keys(&book, &id).and_then(|keys| open_text_with(&keys, &bytes));
        return match opened {
            Ok(text) => {
                match vault.repo.sealed_file(at.tree, &book, &id)? {
                    Some((Sealed::Record, _)) => vault.record_diff(at, Sealed::Record, &id, &book)?,
                    _ => vault.record_diff(at, Sealed::Contact, &id, &book)?,
                }
                context.ui.lines(&text)?;
                Ok(0)
            }
            Err(e) if e.kind == Kind::NoKey => placeholder(context, "you have no key for this book"),
            Err(_) => placeholder(context, "this version does not open with the contact's key"),
        };
    }
    let why = if vault.is_erased(at, &id)? {
        "erased: its key was destroyed"
    } else {
        "no key for this contact here"
    };
    placeholder(context, why)
}

/// git goes on with the rest of the diff, so what cannot be read is said in the text.
fn placeholder(context: &Context, why: &str) -> Result<i32> {
    context.ui.raw(&format!("# [carnet: {why}]\n"))?;
    Ok(0)
}
