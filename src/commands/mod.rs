//! One command a file: flags in, a vault operation, data out. No rule of the product lives here.

pub mod add;
pub mod agreement;
pub mod book;
pub mod breach;
pub mod clone;
pub mod completions;
pub mod consent;
pub mod doctor;
pub mod edit;
pub mod erase;
pub mod export;
pub mod find;
pub mod history;
pub mod hook;
pub mod import;
pub mod init;
pub mod key;
pub mod lawful;
pub mod list;
pub mod mailing;
pub mod man;
pub mod member;
pub mod merge_driver;
pub mod notice;
pub mod object;
pub mod organisation;
pub mod processor;
pub mod purpose;
pub mod remote;
pub mod report;
pub mod retention;
pub mod show;
pub mod sync;
pub mod textconv;
pub mod training;
pub mod verify;
pub mod wording;

mod book_list;
mod breach_details;
mod breach_notify;
mod breach_scope;
mod breach_show;
mod consent_import;
mod consent_list;
mod consent_prove;
mod editor;
mod erase_certificate;
mod erase_status;
mod many;
mod member_key;
mod member_list;
mod moments;
mod pick;
mod register;
mod retention_due;
mod rows;

use crate::context::Context;
use crate::domain::ids::{ContactId, Slug};
use crate::error::Result;
use crate::store::Oid;

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
