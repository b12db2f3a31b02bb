//! `carnet show`

use super::{briefing, many, pick};
use crate::context::Context;
use crate::domain::contact::to_json;
use crate::domain::ids::Slug;
use crate::error::Result;
use crate::vault::access::Access;

/// Show contacts: on a terminal as a briefing, in a pipe as their files' text.
///
/// The briefing says who they are, what is next, the last interactions, and what may be done with their data.
/// CONTACT is the beginning of an id, an e-mail address, a phone number in any form, or words of a name.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet show 3f9a2c1b
  carnet show jeanne@example.org
  carnet show 'Jeanne Dupont' --json
  carnet show 3f9a2c1b --briefing
  carnet list tag:vip -q | carnet show -")]
pub struct Args {
    /// Which contacts; `-` reads ids from standard input. Without, a terminal lets you choose.
    #[arg(value_name = "CONTACT")]
    contacts: Vec<String>,
    /// The briefing, in a pipe too.
    #[arg(long, conflicts_with = "file")]
    briefing: bool,
    /// The file's text, on a terminal too.
    #[arg(long)]
    file: bool,
    /// The purpose of this read, for the access trail.
    #[arg(long)]
    purpose: Option<Slug>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let found = many::contacts(context, &vault, &args.contacts)?;
    let mut all = Vec::with_capacity(found.len());
    for one in &found {
        all.push(vault.reading(|at| {
            let Some(opened) = vault.open_contact(at, &one.book, &one.id)? else {
                return Err(vault.not_found(at, one.id.as_str())?);
            };
            vault.check_file(&one.id.path(&one.book), opened.blob)?;
            Ok(opened)
        })?);
    }
    let ui = &context.ui;
    let briefing = args.briefing || ui.width.is_some() && !args.file && !ui.json && !ui.quiet;
    let mut deals = vec![Vec::new(); all.len()];
    if briefing {
        let every = vault.reading(|at| vault.deals(at))?;
        for (of, opened) in deals.iter_mut().zip(&all) {
            of.extend(every.iter().filter(|held| held.is_open_with(&opened.contact.id)).cloned());
        }
    }
    vault.record(
        at,
        Access {
            action: "show",
            records: deals.iter().flatten().map(|held| held.id.clone()).collect(),
            contacts: found.iter().map(|m| m.id.clone()).collect(),
            books: pick::books(&found),
            count: None,
            purpose: args.purpose,
        },
    )?;
    match all.as_slice() {
        [one] if ui.json => return ui.data("carnet.contact/1", &to_json(&one.contact)?).map(|()| 0),
        many if ui.json => {
            let many: Vec<_> = many.iter().map(|o| &o.contact).collect();
            return ui.data("carnet.contacts/1", &to_json(&many)?).map(|()| 0);
        }
        _ => {}
    }
    for (n, (opened, deals)) in all.iter().zip(&deals).enumerate() {
        if ui.quiet {
            ui.raw(&format!("{}\n", opened.contact.id))?;
            continue;
        }
        if n > 0 {
            ui.raw("\n")?;
        }
        if briefing {
            ui.raw(&briefing::text(opened, deals, vault.now, ui))?;
        } else {
            ui.lines(&opened.text)?;
        }
    }
    Ok(0)
}
