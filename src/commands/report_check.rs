//! `carnet report --check`: needs the repository and no key.

use std::path::Path;

use crate::context::Context;
use crate::error::{Kind, Result};
use crate::reports::check;
use crate::vault::open_data_repository;

pub fn run(context: &Context, dir: &Path) -> Result<i32> {
    let repo = open_data_repository(&context.dir)?;
    let found = check::check(dir, &repo, context.around.now.into())?;
    let ui = &context.ui;
    if ui.json {
        ui.data("carnet.report-check/1", &found)?;
    } else {
        for wrong in &found.problems {
            ui.lines(&format!("{}: {}", wrong.file, wrong.message))?;
        }
        if found.problems.is_empty() {
            let by = found.signed_by.join(", ");
            let commit = found.commit.as_deref().and_then(|id| id.get(..10)).unwrap_or_default();
            ui.lines(&format!("OK: {} files, from commit {commit}, signed by {by}.", found.files))?;
            if !found.templates.is_empty() {
                ui.note(&format!("Made with templates of the firm's own: {}.", found.templates.join(", ")));
            }
        }
    }
    Ok(if found.problems.is_empty() { 0 } else { i32::from(Kind::Problems as u8) })
}
