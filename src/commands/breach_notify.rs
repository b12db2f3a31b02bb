//! `carnet breach notify --out`

use std::io::Write;
use std::path::Path;

use super::breach_show::read;
use crate::context::Context;
use crate::error::{At, Error, Result};
use crate::reports::breach::drafts;

/// Writes the drafts; none replaces another file.
pub fn run(context: &Context, reference: &str, out: Option<&Path>) -> Result<i32> {
    let ui = &context.ui;
    let Some(out) = out else { return Err(Error::usage("say where the drafts go").hint("--out DIR")) };
    let vault = context.vault()?;
    if context.dry_run {
        let breach = vault.breach(vault.snapshot()?, reference)?;
        return ui
            .would(&format!("would write the drafts of breach {}; nothing was changed", breach.reference));
    }
    let (at, breach, texts) = read(&vault, reference, "breach-notify")?;
    let now = vault.now.with_timezone(&chrono::Local).fixed_offset();
    let all = drafts(&breach, &texts, &vault.settings(at)?.organisation, now)?;
    let dir = context.dir.join(out);
    std::fs::create_dir_all(&dir).at(dir.display())?;
    let mut names = Vec::new();
    for draft in all {
        let path = dir.join(&draft.name);
        // Made readable by its owner alone: the texts may name persons.
        let mut file = tempfile::NamedTempFile::new_in(&dir).at(dir.display())?;
        file.write_all(draft.text.as_bytes()).at(path.display())?;
        file.persist_noclobber(&path).map_err(|e| {
            Error::from(e.error)
                .at(path.display().to_string())
                .hint("there are drafts of this breach already: give another directory")
        })?;
        names.push(draft.name);
    }
    if ui.json {
        let data = serde_json::json!({ "reference": breach.reference, "files": names });
        return ui.data("carnet.breach-notify/1", &data).map(|()| 0);
    }
    ui.lines(&names.join("\n"))?;
    ui.note(
        "Drafts: what stands in [brackets] is not in the register yet. They are not encrypted, so delete them when they \
         are sent; `carnet breach notify REF --filed …` enters the filing.",
    );
    Ok(0)
}
