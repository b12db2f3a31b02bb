//! `carnet request show`

use serde::Serialize;

use super::Item;
use crate::context::Context;
use crate::domain::register;
use crate::domain::request::State;
use crate::domain::request::private::Private;
use crate::error::{Kind, Result};
use crate::vault::access::Access;

/// Show a request: its entry, its deadline and, to members of the book, what is sealed beside it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet request show 2026-001
  carnet request show 2026-001 --json")]
pub struct Args {
    /// Reference, or its beginning such as 2026-001.
    reference: String,
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    item: Item<'a>,
    /// What is sealed; none where there is nothing, or where it cannot be opened.
    private: Option<&'a Private>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let request = vault.request(at, &args.reference)?;
    let today = vault.today_for(&request)?;
    let ui = &context.ui;
    let private = match vault.private_of(at, &request) {
        Ok(private) => private,
        // Who cannot open the book sees the plain entry all the same.
        Err(e) if e.kind == Kind::NoKey => {
            ui.warn("what is sealed beside this request is in a book that you cannot open");
            None
        }
        Err(e) => return Err(e),
    };
    if let (Some(companion), Some(_)) = (&request.companion, &private) {
        let access = Access {
            action: "request-show",
            contacts: request.contact.iter().cloned().collect(),
            records: vec![companion.id.clone()],
            books: vec![companion.book.clone()],
            ..Access::default()
        };
        vault.record_for(at, access, Some(request.reference.as_str()))?;
    }
    if ui.json {
        let item = Item::of(&request, today)?;
        return ui.data("carnet.request/1", &Shown { item, private: private.as_ref() }).map(|()| 0);
    }
    if ui.quiet {
        return ui.raw(&format!("{}\n", request.reference)).map(|()| 0);
    }
    ui.lines(&register::to_toml(&request)?)?;
    if let Some(private) = &private {
        ui.lines(&format!("\n# sealed\n{}", register::to_toml(private)?))?;
    }
    if matches!(request.state(), State::Open | State::Paused) {
        ui.note(&super::deadline_text(&request, today));
    }
    Ok(0)
}
