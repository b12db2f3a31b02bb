//! `carnet book list` and `carnet book show`.

use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::register::Book;
use crate::error::{Error, Result};
use crate::output::Table;

/// One book for people and scripts.
#[derive(serde::Serialize)]
struct Listed {
    book: Slug,
    #[serde(flatten)]
    record: Book,
    /// Whether you can open it.
    mine: bool,
    /// Of a book that you can open.
    contacts: Option<usize>,
}

/// All books, or one. Of a book that is not this member's, the number of contacts is not shown.
pub(super) fn list(context: &Context, only: Option<&Slug>) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let mut items = Vec::new();
    for (book, record) in vault.all_books(at)? {
        if only.is_some_and(|only| *only != book) {
            continue;
        }
        let mine = record.members.contains(&vault.me.handle);
        let contacts = if mine { Some(vault.contacts_of(at, &book)?.len()) } else { None };
        items.push(Listed { book, record, mine, contacts });
    }
    if let (Some(only), true) = (only, items.is_empty()) {
        return Err(
            Error::not_found(format!("there is no book `{only}`")).hint("`carnet book list` shows them")
        );
    }
    let ui = &context.ui;
    if ui.json {
        match (only, items.first()) {
            (Some(_), Some(one)) => ui.data("carnet.book/1", one)?,
            _ => ui.data("carnet.books/1", &items)?,
        }
        return Ok(0);
    }
    if ui.quiet {
        ui.raw(&items.iter().map(|i| format!("{}\n", i.book)).collect::<String>())?;
        return Ok(0);
    }
    let mut table = Table::new(&["BOOK", "TITLE", "PURPOSE", "MEMBERS", "CONTACTS"]);
    for i in items {
        let members: Vec<&str> = i.record.members.iter().map(Slug::as_str).collect();
        let contacts = i.contacts.map_or_else(|| "–".to_owned(), |n| n.to_string());
        table.row([
            i.book.to_string(),
            i.record.title,
            i.record.purpose.to_string(),
            members.join(" "),
            contacts,
        ]);
    }
    ui.table(&table)?;
    Ok(0)
}
