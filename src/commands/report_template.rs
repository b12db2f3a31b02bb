//! `carnet report --template NAME`: one of carnet's own templates on standard output; needs no repository.

use crate::context::Context;
use crate::error::Result;
use crate::reports::templates;

/// What `--json` says.
#[derive(serde::Serialize)]
struct Template<'a> {
    name: &'a str,
    text: &'static str,
}

pub fn run(context: &Context, name: &str) -> Result<i32> {
    let text = templates::embedded(name)?;
    match context.ui.json {
        true => context.ui.data("carnet.report-template/1", &Template { name, text })?,
        false => context.ui.raw(text)?,
    }
    Ok(0)
}
