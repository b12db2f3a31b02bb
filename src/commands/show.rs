//! `carnet show`

use super::related::Around;
use super::{briefing, many, pick};
use crate::context::Context;
use crate::domain::contact::{Contact, to_json};
use crate::domain::ids::{ContactId, Slug};
use crate::error::Result;
use crate::vault::access::Access;
use crate::vault::select::Match;

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
    let mut around = Vec::new();
    if briefing || ui.json {
        let contacts: Vec<&Contact> = all.iter().map(|opened| &opened.contact).collect();
        around = vault.reading(|at| Around::all(&vault, at, &contacts))?;
    }
    let (contacts, books) = read(&found, &around);
    vault.record(
        at,
        Access {
            action: "show",
            records: around.iter().flat_map(|one| &one.deals).map(|held| held.id.clone()).collect(),
            contacts,
            books,
            count: None,
            purpose: args.purpose,
        },
    )?;
    match all.as_slice() {
        many if ui.json => {
            let stages = vault.settings(at)?.pipeline.stages()?;
            let mut list = Vec::with_capacity(many.len());
            for (opened, around) in many.iter().zip(&around) {
                let mut json = to_json(&opened.contact)?;
                around.add_to(&mut json, &stages);
                list.push(json);
            }
            return match list.as_slice() {
                [one] => ui.data("carnet.contact/1", one).map(|()| 0),
                many => ui.data("carnet.contacts/1", &many).map(|()| 0),
            };
        }
        _ => {}
    }
    let mut around = around.into_iter();
    for (n, opened) in all.iter().enumerate() {
        if ui.quiet {
            ui.raw(&format!("{}\n", opened.contact.id))?;
            continue;
        }
        if n > 0 {
            ui.raw("\n")?;
        }
        if briefing {
            let around = around.next().unwrap_or_default();
            ui.raw(&briefing::text(opened, &around, vault.now, ui))?;
        } else {
            ui.lines(&opened.text)?;
        }
    }
    Ok(0)
}

/// Whom the reader sees: those that were asked for, and by name those that they are linked with.
fn read(found: &[Match], around: &[Around]) -> (Vec<ContactId>, Vec<Slug>) {
    let mut contacts: Vec<ContactId> = found.iter().map(|m| m.id.clone()).collect();
    let mut books = pick::books(found);
    for one in around.iter().flat_map(|one| &one.related) {
        if !contacts.contains(&one.with.id) {
            contacts.push(one.with.id.clone());
        }
        books.push(one.with.book.clone());
    }
    books.extend(around.iter().flat_map(|one| &one.deals).map(|held| held.book.clone()));
    books.sort();
    books.dedup();
    (contacts, books)
}
