//! One command a file: flags in, a vault operation, data out. No rule of the product lives here.

pub mod add;
pub mod agenda;
pub mod agreement;
pub mod audit;
pub mod book;
pub mod breach;
pub mod clone;
pub mod complete;
pub mod completions;
pub mod consent;
pub mod deal;
pub mod doctor;
pub mod dupes;
pub mod duties;
pub mod edit;
pub mod erase;
pub mod export;
mod export_vdir;
pub mod find;
pub mod history;
pub mod history_purge;
pub mod hook;
pub mod hooks;
pub mod import;
mod import_do;
mod import_known;
mod import_mapping;
mod import_preview;
mod import_rows;
mod import_take;
mod import_undo;
mod import_vdir;
pub mod init;
mod input;
pub mod key;
pub mod lawful;
mod lawful_many;
pub mod link;
pub mod list;
pub mod log;
pub mod mailing;
pub mod man;
pub mod map;
pub mod member;
pub mod merge;
pub mod merge_driver;
mod merge_many;
pub mod notice;
pub mod object;
pub mod organisation;
pub mod pipeline;
pub mod processor;
pub mod purpose;
pub mod query;
pub mod remote;
pub mod report;
mod report_check;
mod report_nominative;
mod report_register;
mod report_save;
mod report_site;
mod report_template;
mod report_watch;
pub mod request;
pub mod retention;
pub mod search;
pub mod show;
pub mod start;
pub mod sync;
pub mod tag;
pub mod textconv;
pub mod todo;
pub mod training;
pub mod undo;
pub mod unlink;
pub mod verify;
pub mod welcome;
pub mod wording;

mod book_list;
mod breach_details;
mod breach_notify;
mod breach_scope;
mod breach_show;
mod briefing;
mod bulk;
mod choose;
mod consent_import;
mod consent_list;
mod consent_prove;
mod editor;
mod erase_certificate;
mod erase_status;
mod link_suggest;
mod many;
mod member_key;
mod member_list;
mod moments;
mod pick;
mod register;
mod related;
mod retention_due;
mod rows;

use crate::context::Context;
use crate::domain::ids::{ContactId, Slug};
use crate::error::Result;
use crate::store::Oid;
use crate::vault::change::Changes;

/// Says what became of several contacts: their ids on stdout, the rest on stderr, or JSON. `entry` is the id of the
/// entry that each of them got.
fn done_all(
    context: &Context,
    schema: &str,
    changes: &Changes,
    entry: Option<&str>,
    what: &str,
) -> Result<()> {
    #[derive(serde::Serialize)]
    struct Done<'a> {
        contacts: &'a [ContactId],
        #[serde(skip_serializing_if = "Option::is_none")]
        entry: Option<&'a str>,
        commit: Option<String>,
    }
    let ui = &context.ui;
    let ids = &changes.changed;
    if ui.json {
        let commit = changes.commit.map(|c| c.to_string());
        return ui.data(schema, &Done { contacts: ids, entry, commit });
    }
    ui.raw(&ids.iter().map(|id| format!("{id}\n")).collect::<String>())?;
    ui.note(&match ids.as_slice() {
        [] => "Nothing was changed.".to_owned(),
        [one] => format!("{what} contact {}.", one.short()),
        many => format!("{what} {} contacts.", many.len()),
    });
    Ok(())
}

/// Says what became of one contact: its id on stdout, the rest on stderr, or JSON.
fn done(
    context: &Context,
    schema: &str,
    id: &ContactId,
    book: &Slug,
    commit: Option<Oid>,
    what: &str,
) -> Result<i32> {
    #[derive(serde::Serialize)]
    struct Done<'a> {
        id: &'a ContactId,
        book: &'a Slug,
        commit: Option<String>,
    }
    let ui = &context.ui;
    if ui.json {
        ui.data(schema, &Done { id, book, commit: commit.map(|c| c.to_string()) })?;
    } else {
        ui.raw(&format!("{id}\n"))?;
        ui.note(&format!("{what} contact {} in book {book}.", id.short()));
    }
    Ok(0)
}
