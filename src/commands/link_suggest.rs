//! `carnet link --suggest`: links that what was imported already says.

use crate::context::Context;
use crate::domain::link::{self, Wanted};
use crate::error::Result;
use crate::output::Table;
use crate::vault::Vault;
use crate::vault::access::Access;
use crate::vault::link_suggest::Suggestion;
use crate::vault::select::Match;

/// Lists them, and links them all in one commit after a question. In a pipe without `--yes` they are listed only.
pub fn run(context: &Context, vault: &Vault) -> Result<i32> {
    let (at, found) =
        vault.reading(|at| Ok((at, vault.suggested_links(at, &crate::interchange::related)?)))?;
    let ui = &context.ui;
    let mut books: Vec<_> = found.iter().map(|one| one.from.book.clone()).collect();
    books.extend(found.iter().map(|one| one.to.book.clone()));
    books.sort();
    books.dedup();
    vault.record(at, Access { action: "select", books, count: Some(found.len()), ..Access::default() })?;
    if found.is_empty() {
        if ui.json {
            ui.data("carnet.link-suggestions/1", &serde_json::json!([]))?;
        }
        ui.note("Nothing that was imported names a contact that it is not linked with.");
        return Ok(0);
    }
    let link_them = !context.dry_run && (ui.yes || ui.may_ask);
    if ui.json {
        let list: Vec<_> = found.iter().map(as_json).collect();
        ui.data("carnet.link-suggestions/1", &list)?;
    } else if ui.quiet {
        ui.raw(&found.iter().map(|one| format!("{} {}\n", one.from.id, one.to.id)).collect::<String>())?;
    } else {
        let mut table = Table::new(&["ID", "NAME", "LINK", "WITH", "ID"]);
        for one in &found {
            table.row([
                one.from.id.short().to_owned(),
                one.from.name.clone(),
                ui.lang.say(&one.kind.code.replace('-', " ")).into_owned(),
                one.to.name.clone(),
                one.to.id.short().to_owned(),
            ]);
        }
        ui.table(&table)?;
    }
    if !link_them {
        ui.note(&format!("{} link(s) are suggested; nothing was changed, --yes makes them.", found.len()));
        return Ok(0);
    }
    ui.confirm(&format!("Make these {} link(s)?", found.len()))?;
    let mut from: Vec<Match> = Vec::new();
    for one in &found {
        if !from.iter().any(|known| known.id == one.from.id) {
            from.push(one.from.clone());
        }
    }
    let changes = vault.change_all(&from, ("link", "link-add"), &|contact, doc| {
        for one in found.iter().filter(|one| one.from.id == contact.id) {
            link::put(doc, contact, &one.to.id, one.kind, &Wanted::default(), vault.now)?;
        }
        Ok(())
    })?;
    ui.note(&format!("Linked {} contact(s).", changes.changed.len()));
    Ok(0)
}

fn as_json(one: &Suggestion) -> serde_json::Value {
    serde_json::json!({
        "contact": one.from.id, "name": one.from.name, "kind": one.kind.code,
        "to": one.to.id, "to_name": one.to.name, "why": one.why,
    })
}
