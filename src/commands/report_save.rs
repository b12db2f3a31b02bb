//! `carnet report --save-templates`: the templates of the work tree, as one signed commit.

use crate::context::Context;
use crate::error::Result;
use crate::reports::render::Renderer;
use crate::reports::templates::{self, Templates};
use crate::reports::texts::Texts;
use crate::vault::templates::Saved;

/// What `--json` says.
#[derive(serde::Serialize)]
struct Written<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    files: &'a [Saved],
}

pub fn run(context: &Context) -> Result<i32> {
    let (vault, ui) = (context.vault()?, &context.ui);
    let root = vault.repo.root();
    // What the engine cannot read is not committed; what pages are made of it is seen when a site is.
    let own = Templates::of_work_tree(root)?;
    Renderer::new(Texts::load(vault.settings(vault.snapshot()?)?.lang)?, &own)?;
    let files = templates::work_files(root)?;
    if context.dry_run {
        let saved = vault.unsaved_templates(&files)?;
        return ui.would(&format!("would commit {} template(s)", saved.len()));
    }
    let (commit, saved) = vault.save_templates(&files)?;
    if ui.json {
        let commit = commit.map(|id| id.to_string());
        ui.data("carnet.report-save/1", &Written { commit, files: &saved })?;
        return Ok(0);
    }
    for one in &saved {
        ui.lines(&one.path)?;
    }
    ui.note(&match saved.len() {
        0 => "The branch has these templates already.".to_owned(),
        n => format!("Committed {n} template(s), signed; the next `carnet report` uses them."),
    });
    Ok(0)
}
