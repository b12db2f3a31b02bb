//! `carnet erase --certificate`

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::context::Context;
use crate::domain::certificate::Certificate;
use crate::domain::ids::ContactId;
use crate::domain::organisation::Lang;
use crate::error::{At, Error, Kind, Result};
use crate::vault::ledger::LEDGER;
use crate::vault::{Snapshot, Vault};

/// The schema of the signed JSON file too.
const SCHEMA: &str = "carnet.certificate/1";

#[derive(Serialize)]
struct Made<'a> {
    certificate: &'a Certificate,
    /// Names of the files that were written.
    files: &'a [String],
}

pub fn run(context: &Context, vault: &Vault, id: &str, out: Option<&Path>) -> Result<i32> {
    let at = vault.snapshot()?;
    let id = erased_id(vault, at, id)?;
    let certificate = vault.certificate(&id)?;
    let lang = vault.settings(at)?.lang;
    let ui = &context.ui;
    let mut files = Vec::new();
    if let Some(dir) = out.filter(|_| !context.dry_run) {
        files = write(vault, &certificate, &context.dir.join(dir))?;
    }
    if ui.json {
        ui.data(SCHEMA, &Made { certificate: &certificate, files: &files })?;
        return Ok(0);
    }
    if files.is_empty() {
        ui.lines(&certificate.text(lang, &text_name(&certificate, lang)))?;
        ui.note("This is not signed: --out DIR writes it with its signatures.");
    } else {
        ui.lines(&files.join("\n"))?;
        ui.note("The erasure was proven again; text, JSON and signatures are written. `gpg --verify FILE.asc FILE` checks one.");
    }
    let pending = certificate.pending.len();
    if pending > 0 {
        ui.warn(&format!(
            "{pending} known clone(s) have not confirmed this erasure; the certificate says so"
        ));
    }
    Ok(0)
}

/// The erased contact that an id, or its beginning, means.
pub fn erased_id(vault: &Vault, at: Snapshot, text: &str) -> Result<ContactId> {
    let prefix = text.trim().to_ascii_lowercase();
    let names = vault.repo.names(at.tree, LEDGER)?;
    let fits = |name: &String| -> Option<ContactId> {
        let id = name.strip_suffix(".toml")?;
        (prefix.len() >= 4 && id.starts_with(&prefix)).then(|| id.parse().ok())?
    };
    let mut found: Vec<ContactId> = names.iter().filter_map(fits).collect();
    match found.len() {
        0 => Err(Error::not_found("no such contact is in the erasure ledger")
            .hint("give the id that it had, or its first digits; `carnet erase --status` lists all")),
        1 => Ok(found.remove(0)),
        n => Err(Error::new(Kind::Ambiguous, format!("{n} erased contacts have such an id"))
            .hint("give more digits of the one you mean")),
    }
}

fn text_name(certificate: &Certificate, lang: Lang) -> String {
    format!("{}.{}.txt", certificate.stem(), lang.as_str())
}

/// Writes each file with its signature; none replaces another.
fn write(vault: &Vault, certificate: &Certificate, dir: &Path) -> Result<Vec<String>> {
    let mut json =
        serde_json::to_string_pretty(&serde_json::json!({ "schema": SCHEMA, "data": certificate }))
            .map_err(|e| Error::failed("the certificate could not be written as JSON").cause(e))?;
    json.push('\n');
    let mut all = vec![(format!("{}.json", certificate.stem()), json)];
    for lang in [Lang::En, Lang::Fr] {
        let name = text_name(certificate, lang);
        let text = certificate.text(lang, &name);
        all.push((name, text));
    }
    std::fs::create_dir_all(dir).at(dir.display())?;
    let mut written = Vec::new();
    for (name, text) in all {
        let signature = vault.sign_statement(text.as_bytes())?;
        for (name, content) in [(name.clone(), text), (format!("{name}.asc"), signature)] {
            let path = dir.join(&name);
            let mut file = tempfile::NamedTempFile::new_in(dir).at(dir.display())?;
            file.write_all(content.as_bytes()).at(path.display())?;
            file.persist_noclobber(&path).map_err(|e| {
                Error::from(e.error)
                    .at(path.display().to_string())
                    .hint("there is a certificate of today already: give another directory")
            })?;
            written.push(name);
        }
    }
    Ok(written)
}
