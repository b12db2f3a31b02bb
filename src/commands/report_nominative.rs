//! `carnet report --nominative --purpose PURPOSE`: pages with names, an export in every respect.

use std::path::PathBuf;

use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::domain::registers::purpose::Purpose;
use crate::error::Result;
use crate::reports::nominative;
use crate::reports::pages::readable;
use crate::reports::templates::Templates;
use crate::vault::access::Access;

/// What was asked for.
pub struct Wanted<'a> {
    pub out: PathBuf,
    pub langs: Option<Vec<Lang>>,
    pub purpose: &'a Slug,
    pub force: bool,
}

/// What `--json` says.
#[derive(serde::Serialize)]
struct Written<'a> {
    index: String,
    commit: &'a str,
    langs: &'a [&'static str],
    purpose: &'a Slug,
    contacts: usize,
}

pub fn run(context: &Context, wanted: &Wanted<'_>) -> Result<i32> {
    let (vault, ui) = (context.vault()?, &context.ui);
    let at = vault.snapshot()?;
    vault.check_purpose(at, wanted.purpose)?;
    let target = nominative::target(&wanted.out, &vault.repo, wanted.force)?;
    let templates = Templates::of_tree(&vault.repo, at.tree)?;
    let langs = match &wanted.langs {
        Some(langs) => langs.clone(),
        None => vec![vault.settings(at)?.lang],
    };
    let total = readable(&vault, at)?;
    if context.dry_run {
        return ui.would(&format!(
            "would read {total} contacts and write pages with names into {}",
            target.dir().display()
        ));
    }
    let bar = ui.progress(total as u64, "Reading contacts");
    let gather = |at| nominative::gather(&vault, at, wanted.purpose, &|| bar.inc(1));
    let read = vault.reading(|at| gather(at).map(|listed| (at, listed)));
    bar.finish_and_clear();
    let (at, listed) = read?;
    let record = vault.entry::<Purpose>(at, wanted.purpose.as_str()).ok().map(|stored| stored.record);
    let purpose = (wanted.purpose, record.as_ref());
    let staged = target.stage(
        &vault.now_text(),
        |out| nominative::write(&vault, at, purpose, &langs, &listed, &templates, out),
        |sums| vault.sign_statement(sums),
    )?;
    vault.record(
        at,
        Access {
            action: "export",
            books: listed.books.clone(),
            count: Some(listed.persons.len()),
            purpose: Some(wanted.purpose.clone()),
            ..Access::default()
        },
    )?;
    let pages = staged.private()?.publish()?;
    let index = target.dir().join("index.html").display().to_string();
    let contacts = listed.persons.len();
    if ui.json {
        let written =
            Written { index, commit: &pages.commit, langs: &pages.langs, purpose: wanted.purpose, contacts };
        ui.data("carnet.report-nominative/1", &written)?;
    } else {
        ui.lines(&index)?;
        ui.note(&format!("Named {contacts} contact(s) of {}; recorded as an export.", wanted.purpose));
    }
    ui.warn("these pages name persons and are plain text: keep them where only those who need them can read, and delete them when they have served");
    Ok(0)
}
