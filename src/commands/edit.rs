//! `carnet edit`

use toml_edit::DocumentMut;

use super::add::{accept, email_of, phone_of};
use super::{bulk, choose, editor, pick};
use crate::context::Context;
use crate::domain::contact::{Contact, Typed};
use crate::domain::edit::{self, Change};
use crate::domain::ids::Slug;
use crate::domain::lawful::PurposeBasis;
use crate::domain::organisation::Settings;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;
use crate::vault::access::Access;
use crate::vault::select::Match;
use crate::vault::snapshot::check_place;
use crate::vault::{Snapshot, Vault};

/// Edit a contact: with flags, or without in your editor. Comments, order and unknown keys stay.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet edit 3f9a2c1b
  carnet edit jeanne@example.org --set title=Manager --add-tag vip
  carnet edit 'Jeanne Dupont' --add-email home:j@example.com --rm-email jeanne@example.org
  carnet edit 3f9a2c1b --set custom.size=38 --add-basis newsletter:consent
  carnet edit 3f9a2c1b --set title=Manager --resolve title
  carnet edit 3f9a2c1b --book prospects
  carnet edit --where 'tag:vip and not has:lang' --set lang=fr --yes")]
pub struct Args {
    /// Which contact; several, or `-` for ids on standard input, are changed in one commit. Without, a terminal lets you choose.
    #[arg(value_name = "CONTACT")]
    contacts: Vec<String>,
    /// All contacts that a filter means; they are shown and counted first.
    #[arg(long = "where", value_name = "FILTER", conflicts_with = "contacts")]
    filter: Option<String>,
    /// Set a field; an empty value removes it. Your own fields: custom.NAME=VALUE.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[arg(long, value_name = "[TYPE:]ADDRESS")]
    add_email: Vec<String>,
    #[arg(long, value_name = "ADDRESS")]
    rm_email: Vec<String>,
    #[arg(long, value_name = "[TYPE:]NUMBER")]
    add_phone: Vec<String>,
    #[arg(long, value_name = "NUMBER")]
    rm_phone: Vec<String>,
    #[arg(long, value_name = "URL")]
    add_url: Vec<String>,
    #[arg(long, value_name = "URL")]
    rm_url: Vec<String>,
    #[arg(long, value_name = "TAG")]
    add_tag: Vec<String>,
    #[arg(long, value_name = "TAG")]
    rm_tag: Vec<String>,
    /// PURPOSE:BASIS
    #[arg(long, value_name = "PURPOSE:BASIS")]
    add_basis: Vec<PurposeBasis>,
    #[arg(long, value_name = "PURPOSE")]
    rm_basis: Vec<String>,
    /// Remove the conflict notes on a field; what the field says now stays.
    #[arg(long, value_name = "FIELD")]
    resolve: Vec<String>,
    /// Move it to another of your books: who has not that book cannot open the versions from now on.
    #[arg(long)]
    book: Option<Slug>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let settings = vault.settings(at)?;
    let found = match (&args.filter, args.contacts.as_slice()) {
        (None, [one]) if one != "-" => pick::one(context, &vault, at, one)?,
        (None, []) if args.book.is_some() || changes(&args, &settings, &[])?.is_empty() => {
            choose::one(context, &vault, choose::WHICH)?
        }
        _ => return edit_many(context, &vault, at, &settings, &args),
    };
    let (text, blob) = vault.reading(|at| {
        let opened = vault.contact_text(at, &found.book, &found.id)?;
        opened.map_or_else(|| Err(vault.not_found(at, found.id.as_str())?), Ok)
    })?;
    let contact = check_place(&text, &found.book, &found.id).map_err(|e| e.at(found.id.path(&found.book)));
    let emails = contact.as_ref().map_or(&[][..], |c| &c.emails);
    let changes = changes(&args, &settings, emails)?;
    let to = args.book.as_ref().unwrap_or(&found.book);
    if *to != found.book {
        vault.my_book(at, to)?;
    }
    let new = if changes.is_empty() && args.book.is_none() {
        match contact {
            // A text that cannot be read as a contact is repaired here; another contact's text is not.
            Err(e) if Contact::parse(&text).is_err() => context.ui.warn(&e.to_string()),
            other => drop(other?),
        }
        vault.check_ready(&[found.id.path(&found.book)])?;
        // The person reads the contact, whether they change it or not.
        vault.record(
            at,
            Access {
                action: "show",
                contacts: vec![found.id.clone()],
                books: vec![found.book.clone()],
                ..Access::default()
            },
        )?;
        let edited = editor::edit(context, &text, |edited| {
            accept(&vault, at, &settings, edited, &found.id, &found.book).map(Some)
        })?;
        match edited {
            Some(text) => text,
            None => {
                context.ui.note("Nothing was changed.");
                return Ok(0);
            }
        }
    } else {
        contact?;
        let mut doc = edit::document(&text)?;
        for change in &changes {
            edit::apply(&mut doc, change, &vault.today())?;
        }
        if *to != found.book {
            edit::put_into(&mut doc, to);
        }
        accept(&vault, at, &settings, &doc.to_string(), &found.id, to)?
    };
    save(context, &vault, &found, to, &text, blob, &new)
}

/// The same changes to many contacts, in one commit.
fn edit_many(
    context: &Context,
    vault: &Vault,
    at: Snapshot,
    settings: &Settings,
    args: &Args,
) -> Result<i32> {
    if args.book.is_some() {
        return Err(Error::usage("contacts move to another book one at a time").at("--book"));
    }
    if changes(args, settings, &[])?.is_empty() {
        return Err(Error::usage("what is to be changed in all of them?")
            .hint("say it with flags, such as --set lang=fr or --add-tag vip"));
    }
    let found = bulk::meant(context, vault, &args.contacts, args.filter.as_deref())?;
    let today = vault.today();
    let change = |contact: &Contact, doc: &mut DocumentMut| -> Result<()> {
        let place = |e: Error| e.at(format!("contact {}", contact.id.short()));
        for change in &changes(args, settings, &contact.emails)? {
            edit::apply(doc, change, &today).map_err(place)?;
        }
        let text =
            accept(vault, at, settings, &doc.to_string(), &contact.id, &contact.book).map_err(place)?;
        *doc = edit::document(&text)?;
        Ok(())
    };
    if args.filter.is_some() || context.dry_run {
        // What would be refused is refused before anybody is asked; of many, by the first of them.
        let looked_at = if context.dry_run { found.len() } else { 1 };
        vault.try_all(at, found.iter().take(looked_at), &change)?;
        if !bulk::confirmed(context, vault, at, &found, "change")? {
            return Ok(0);
        }
    }
    let done = vault.change_all(&found, ("update", "edit"), &change)?;
    super::done_all(context, "carnet.edit-many/1", &done, None, "Changed")?;
    Ok(0)
}

fn changes(args: &Args, settings: &Settings, emails: &[Typed]) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for pair in &args.set {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| Error::usage("--set wants KEY=VALUE").hint("--set title=Manager"))?;
        changes.push(Change::Set(key.trim().to_owned(), value.to_owned()));
    }
    for text in &args.rm_email {
        changes.push(Change::Remove("emails", same(emails, text.trim())));
    }
    for text in &args.rm_phone {
        changes.push(Change::Remove("phones", phone_of(text, settings.country()).value));
    }
    changes.extend(args.rm_url.iter().map(|url| Change::Remove("urls", url.clone())));
    changes.extend(args.rm_tag.iter().map(|tag| Change::RemoveTag(tag.clone())));
    changes.extend(args.rm_basis.iter().map(|purpose| Change::RemoveBasis(purpose.clone())));
    for text in &args.add_email {
        changes.push(Change::Add("emails", email_of(text)?));
    }
    for text in &args.add_phone {
        changes.push(Change::Add("phones", phone_of(text, settings.country())));
    }
    for url in &args.add_url {
        changes.push(Change::Add("urls", Typed { value: url.clone(), kind: None }));
    }
    changes.extend(args.add_tag.iter().map(|tag| Change::AddTag(tag.clone())));
    changes.extend(args.add_basis.iter().map(|basis| Change::AddBasis(basis.clone())));
    changes.extend(args.resolve.iter().map(|field| Change::Resolve(field.clone())));
    Ok(changes)
}

/// The address as it is written in the contact, for one that differs in case only.
fn same(emails: &[Typed], text: &str) -> String {
    let found = emails.iter().find(|e| e.value.to_lowercase() == text.to_lowercase());
    found.map_or_else(|| text.to_owned(), |e| e.value.clone())
}

/// Commits the new text, unless somebody else changed the contact in the meantime.
fn save(
    context: &Context,
    vault: &Vault,
    found: &Match,
    to: &Slug,
    old: &str,
    blob: Oid,
    new: &str,
) -> Result<i32> {
    let (id, book) = (&found.id, &found.book);
    let fields = edit::changed_fields(old, new);
    if new == old {
        context.ui.note("Nothing was changed.");
        return Ok(0);
    }
    if context.dry_run {
        return context.ui.would(&format!("would change: {}", fields.join(", ")));
    }
    let (commit, ()) = vault.write(|at, staged| {
        if vault.repo.entry(at.tree, &id.path(book))? != Some(blob) {
            return Err(Error::failed("somebody else changed this contact in the meantime")
                .hint("run the command again on the new version"));
        }
        let mut entry = Entry::new(format!("contact: update {}", id.short()), "edit");
        entry.contacts.push(id.clone());
        entry.books.push(book.clone());
        entry.fields = fields;
        if to == book {
            vault.stage_version(staged, book, id, new)?;
        } else {
            vault.my_book(at, to)?;
            vault.stage_move(staged, book, to, id, new)?;
            entry.books.push(to.clone());
        }
        Ok((entry, ()))
    })?;
    if to == book {
        return super::done(context, "carnet.edit/1", id, book, commit, "Changed");
    }
    vault.settle_indexes(&[book, to])?;
    let code = super::done(context, "carnet.edit/1", id, to, commit, "Moved")?;
    context.ui.note(&format!(
        "Versions from now on have a key of their own; the old ones stay readable to whoever copied them or their key from book {book}."
    ));
    Ok(code)
}
