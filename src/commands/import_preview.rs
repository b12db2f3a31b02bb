//! What an import would do, shown before it does: the first contacts, what is left out and why, and a question.

use serde::Serialize;

use super::import::{Outcome, Remark};
use super::input;
use crate::context::Context;
use crate::domain::draft::Draft;
use crate::domain::edit::changed_fields;
use crate::error::Result;
use crate::output::{Table, Ui};
use crate::vault::access::Access;
use crate::vault::vdir_import::CardEdit;
use crate::vault::{Snapshot, Vault};

/// How many contacts are shown.
const SHOWN: usize = 5;

/// How many changed contacts are shown.
const EDITS: usize = 20;

/// How many remarks are shown before the question.
const REMARKS: usize = 12;

/// What a new contact would be, in short.
#[derive(Serialize)]
pub(super) struct Preview {
    name: String,
    org: String,
    email: String,
    phone: String,
    tags: String,
    /// Names of the contact's own fields.
    custom: String,
}

/// The first contacts.
pub(super) fn first(drafts: &[Draft]) -> Vec<Preview> {
    let preview = |draft: &Draft| Preview {
        name: draft.name.clone(),
        org: draft.org.clone().unwrap_or_default(),
        email: draft.emails.first().map(|email| email.value.clone()).unwrap_or_default(),
        phone: draft.phones.first().map(|phone| phone.value.clone()).unwrap_or_default(),
        tags: draft.tags.join(", "),
        custom: draft.custom.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(", "),
    };
    drafts.iter().take(SHOWN).map(preview).collect()
}

pub(super) fn table(first: &[Preview]) -> Table {
    let mut table = Table::new(&["NAME", "ORGANISATION", "E-MAIL", "PHONE", "TAGS", "OWN FIELDS"]);
    for Preview { name, org, email, phone, tags, custom } in first {
        table.row([name, org, email, phone, tags, custom].map(Clone::clone));
    }
    table
}

/// What is said of rows, at most `limit` of them.
pub(super) fn remarks(ui: &Ui, remarks: &[Remark], limit: Option<usize>) {
    if remarks.is_empty() {
        return;
    }
    let limit = limit.unwrap_or(remarks.len());
    let rows = remarks.iter().take(limit);
    input::remarks(ui, rows.map(|one| (one.place.as_str(), one.kind, one.reason.as_str())));
    more(ui, remarks.len(), limit);
}

fn more(ui: &Ui, all: usize, shown: usize) {
    if all > shown {
        ui.note(&format!("… and {} more", all - shown));
    }
}

/// Shows it where somebody can be asked and has not said `--yes`; whether the question is to follow.
pub(super) fn shown(context: &Context, outcome: &Outcome, drafts: &[Draft]) -> bool {
    let ui = &context.ui;
    if !ui.may_ask || ui.yes {
        return false;
    }
    if !drafts.is_empty() {
        ui.note_table(&table(&first(drafts)));
        more(ui, drafts.len(), SHOWN);
    }
    remarks(ui, &outcome.remarks, Some(REMARKS));
    ui.note(&format!(
        "{} new contact(s), {} duplicate(s), {} row(s) refused.",
        outcome.imported, outcome.duplicates, outcome.skipped
    ));
    true
}

/// Which contacts would change, and in which fields.
pub(super) fn edits(context: &Context, vault: &Vault, at: Snapshot, edits: &[CardEdit]) -> Result<()> {
    if edits.is_empty() {
        return Ok(());
    }
    let ui = &context.ui;
    let mut table = Table::new(&["ID", "BOOK", "CHANGED"]);
    for edit in edits.iter().take(EDITS) {
        let fields = changed_fields(&edit.old, &edit.new).join(", ");
        table.row([edit.of.id.short().to_owned(), edit.of.book.to_string(), fields]);
    }
    vault.record(
        at,
        Access {
            action: "select",
            books: edits
                .iter()
                .map(|edit| edit.of.book.clone())
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect(),
            count: Some(edits.len()),
            ..Access::default()
        },
    )?;
    ui.note_table(&table);
    if edits.len() > EDITS {
        ui.note(&format!("… and {} more", edits.len() - EDITS));
    }
    Ok(())
}
