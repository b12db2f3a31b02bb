//! `carnet consent prove`

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::choose;
use super::export::{check_outside, write_new};
use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::error::{At, Error, Result};
use crate::store::beside::Beside;
use crate::vault::Vault;
use crate::vault::access::Access;
use crate::vault::consent_proof::Gathered;

/// The schema of the signed JSON file too.
const SCHEMA: &str = "carnet.consent-proof/1";

/// Write the proof of a consent (Art. 7(1) GDPR), for somebody who has git and gpg alone.
///
/// Into a new directory outside the repository: the statement in French and English and as JSON, each signed; the texts
/// that were shown and the evidence, named by their SHA-256; the signed commits that recorded the events; the members'
/// certificates. The statement says how to check all of it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  carnet consent give jeanne@example.org --purpose newsletter --wording newsletter && \\
    carnet consent prove jeanne@example.org --purpose newsletter --out ../proof")]
pub struct Args {
    /// Which contact. Without, a terminal lets you choose.
    contact: Option<String>,
    #[arg(long)]
    purpose: Slug,
    /// A directory that is not there yet, outside the data repository.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let dir = context.dir.join(&args.out);
    check_outside(&vault, &dir)?;
    if dir.exists() {
        return Err(Error::failed("there is such a directory already")
            .at(dir.display().to_string())
            .hint("give a directory that is not there yet"));
    }
    let found = choose::named(context, &vault, at, args.contact.as_deref())?;
    let gathered = vault.reading(|at| vault.prove_consent(at, &found, &args.purpose))?;
    let ui = &context.ui;
    if context.dry_run {
        return ui.would(&format!(
            "would write {} event(s) into {}",
            gathered.proof.events.len(),
            dir.display()
        ));
    }
    vault.record(at, Access::of_one("consent-prove", &found.book, &found.id, Some(args.purpose.clone())))?;
    let written = write(&vault, &gathered, &dir)?;
    if ui.json {
        let data = serde_json::json!({ "proof": gathered.proof, "files": written });
        return ui.data(SCHEMA, &data).map(|()| 0);
    }
    ui.lines(&written.join("\n"))?;
    ui.note("The proof is written and signed; it names the person and is plain text: delete it when it has served.");
    Ok(0)
}

/// Writes everything beside the directory first, and then all of it in one step.
fn write(vault: &Vault, gathered: &Gathered, dir: &Path) -> Result<Vec<String>> {
    let proof = &gathered.proof;
    let mut json = serde_json::to_string_pretty(&serde_json::json!({ "schema": SCHEMA, "data": proof }))
        .map_err(|e| Error::failed("the proof could not be written as JSON").cause(e))?;
    json.push('\n');
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, text) in
        [("proof.json", json), ("proof.en.txt", proof.text(Lang::En)), ("proof.fr.txt", proof.text(Lang::Fr))]
    {
        files.push((format!("{name}.asc"), vault.sign_statement(text.as_bytes())?.into_bytes()));
        files.push((name.to_owned(), text.into_bytes()));
    }
    let beside = Beside::place(dir)?;
    let part = beside.path();
    std::fs::DirBuilder::new().mode(0o700).create(&part).at(dir.display())?;
    let borrowed = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let others = gathered.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let mut written = Vec::new();
    for (name, bytes) in borrowed.chain(others) {
        let path = part.join(name);
        if let Some(below) = path.parent() {
            std::fs::create_dir_all(below).at(dir.display())?;
        }
        write_new(&path, bytes)?;
        written.push(name.to_owned());
    }
    beside.move_to(dir)?;
    written.sort();
    Ok(written)
}
