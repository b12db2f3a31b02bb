//! `carnet add`

use std::collections::BTreeSet;

use super::editor;
use crate::context::Context;
use crate::domain::contact::{Contact, ContactKind, Typed};
use crate::domain::draft::Draft;
use crate::domain::filter::Span;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::lawful::PurposeBasis;
use crate::domain::organisation::Settings;
use crate::domain::trailer::Entry;
use crate::domain::{edit, email, form, phone};
use crate::error::{Error, Result};
use crate::vault::{Snapshot, Vault};

/// Add a contact: from flags, or without a name in your editor.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet add --name 'Jeanne Dupont' --email jeanne@example.org \\
    --source 'trade fair 2026' --basis prospects:legitimate-interests
  carnet add --organisation --name 'Atelier Dupont' --phone '04 72 00 00 00' \\
    --source web --basis customers:contract
  carnet add --given Paul --family Durand --set birthday=1980-02-03 --set custom.size=38 \\
    --source shop --basis customers:contract
  carnet add")]
pub struct Args {
    /// Name to show [default: given and family name].
    #[arg(long)]
    name: Option<String>,
    /// Given name.
    #[arg(long)]
    given: Option<String>,
    /// Family name.
    #[arg(long)]
    family: Option<String>,
    /// The contact is an organisation, not a person.
    #[arg(long)]
    organisation: bool,
    /// E-mail address; `work:a@b.c` gives it a type.
    #[arg(long, value_name = "[TYPE:]ADDRESS")]
    email: Vec<String>,
    /// Phone number in any form; `mobile:06…` gives it a type.
    #[arg(long, value_name = "[TYPE:]NUMBER")]
    phone: Vec<String>,
    /// The organisation that the person belongs to.
    #[arg(long)]
    org: Option<String>,
    /// Job title.
    #[arg(long)]
    title: Option<String>,
    /// Tag; repeat for several.
    #[arg(long)]
    tag: Vec<String>,
    /// Free text.
    #[arg(long)]
    note: Option<String>,
    /// Another field, such as birthday=1980-02-03 or lang=fr. What carnet has no field for becomes one of your own.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Where the data comes from (Art. 14(2)(f) GDPR).
    #[arg(long)]
    source: Option<String>,
    /// PURPOSE:BASIS, the purpose declared and the basis one of Art. 6(1); repeat for several.
    #[arg(long, value_name = "PURPOSE:BASIS")]
    basis: Vec<PurposeBasis>,
    /// The book to put it into.
    #[arg(long)]
    book: Option<Slug>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let at = vault.snapshot()?;
    let settings = vault.settings(at)?;
    let (book, _) = vault.book_for_new(at, args.book.as_ref(), &settings)?;
    let id = ContactId::random();
    let draft = draft(&args, &settings)?;
    let text = if args.name.is_some() || !draft.name.is_empty() {
        let text = draft.to_toml(&id, &book, &vault.now_text());
        accept(&vault, at, &settings, &text, &id, &book)?
    } else {
        match in_editor(context, &vault, at, &settings, &draft, &id, &book)? {
            Some(text) => text,
            None => {
                context.ui.note("Nothing was added.");
                return Ok(0);
            }
        }
    };
    if context.dry_run {
        let contact = Contact::parse(&text)?;
        vault.refuse_opposed(at, &contact)?;
        return context.ui.would("would add this contact; nothing was changed");
    }
    let contact = Contact::parse(&text)?;
    let (commit, ()) = vault.write(|at, staged| {
        for basis in &contact.bases {
            vault.check_purpose(at, &basis.purpose)?;
        }
        vault.refuse_opposed(at, &contact)?;
        vault.stage_new(staged, &book, &id, &text)?;
        let mut entry = Entry::new(format!("contact: add {}", id.short()), "add");
        entry.contacts.push(id.clone());
        entry.books.push(book.clone());
        entry.fields = edit::changed_fields("", &text);
        entry.purposes = contact.bases.iter().map(|b| b.purpose.clone()).collect();
        Ok((entry, ()))
    })?;
    let code = super::done(context, "carnet.add/1", &id, &book, commit, "Added")?;
    say_alike(context, &vault, at, settings.country(), &contact)?;
    Ok(code)
}

fn draft(args: &Args, settings: &Settings) -> Result<Draft> {
    let country = settings.country();
    let mut draft = Draft {
        kind: if args.organisation { ContactKind::Organisation } else { ContactKind::Person },
        name: args.name.as_deref().map_or_else(|| of_parts(args), line),
        given: args.given.as_deref().map(line),
        family: args.family.as_deref().map(line),
        org: args.org.as_deref().map(line),
        title: args.title.as_deref().map(line),
        tags: args.tag.clone(),
        note: args.note.clone(),
        source: args.source.clone().or_else(|| settings.defaults.source.clone()).unwrap_or_default(),
        bases: if args.basis.is_empty() { settings.default_bases()? } else { args.basis.clone() },
        ..Draft::default()
    };
    for text in &args.email {
        draft.emails.push(email_of(text)?);
    }
    for text in &args.phone {
        draft.phones.push(phone_of(text, country));
    }
    for pair in &args.set {
        let (key, value) = pair
            .split_once('=')
            .filter(|(k, _)| !k.trim().is_empty())
            .ok_or_else(|| Error::usage("a custom field is written KEY=VALUE").at("--set"))?;
        draft.set(key.trim(), value)?;
    }
    Ok(draft)
}

/// The name to show where only its parts are given.
fn of_parts(args: &Args) -> String {
    let parts: Vec<&str> = [&args.given, &args.family].into_iter().flatten().map(String::as_str).collect();
    line(&parts.join(" "))
}

/// Text of one line, without the white space that comes along when it is copied from somewhere.
fn line(text: &str) -> String {
    text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Says whose address or number it is already, by id: two entries for one person are two consents and two erasures.
fn say_alike(context: &Context, vault: &Vault, at: Snapshot, country: &str, new: &Contact) -> Result<()> {
    let known = new.emails.iter().chain(&new.phones).map(|typed| vault.matches(at, &typed.value, country));
    let known: BTreeSet<ContactId> =
        known.collect::<Result<Vec<_>>>()?.into_iter().flatten().map(|one| one.id).collect();
    for id in known.into_iter().filter(|id| *id != new.id) {
        context.ui.warn(&format!(
            "contact {0} has an address or number of this one; `carnet merge {0} {1}` makes one of two",
            id.short(),
            new.id.short()
        ));
    }
    Ok(())
}

/// `[TYPE:]ADDRESS`, checked and kept as written but for its surroundings.
pub(super) fn email_of(text: &str) -> Result<Typed> {
    let (kind, value) = typed(text);
    if email::normalise(value).is_none() {
        return Err(Error::usage("that is not an e-mail address").at("--email"));
    }
    Ok(Typed { value: value.trim().to_owned(), kind })
}

/// `[TYPE:]NUMBER`, as E.164 where it can be understood.
pub(super) fn phone_of(text: &str, country: &str) -> Typed {
    let (kind, value) = typed(text);
    Typed { value: phone::normalise(value, country).unwrap_or_else(|| value.trim().to_owned()), kind }
}

fn typed(text: &str) -> (Option<String>, &str) {
    match text.split_once(':') {
        Some((kind, value))
            if !kind.is_empty()
                && kind.chars().all(|c| c.is_ascii_lowercase() || c == ',')
                && kind != "mailto" =>
        {
            (Some(kind.to_owned()), value)
        }
        _ => (None, text),
    }
}

fn in_editor(
    context: &Context,
    vault: &Vault,
    at: Snapshot,
    settings: &Settings,
    draft: &Draft,
    id: &ContactId,
    book: &Slug,
) -> Result<Option<String>> {
    let editor =
        || ["VISUAL", "EDITOR"].iter().any(|name| std::env::var_os(name).is_some_and(|e| !e.is_empty()));
    if context.ui.no_input || !context.ui.may_ask && !editor() {
        return Err(Error::usage("a contact needs a name")
            .hint("give --name, or run it in a terminal to use the editor"));
    }
    vault.check_ready(&[])?;
    let form =
        form::render(draft, (id, book), &vault.now_text(), &vault.purposes(at)?, &context.ui.lang.speaker());
    editor::edit(context, &form, |edited| {
        if form::is_given_up(edited) {
            return Ok(None);
        }
        let text = form::read(edited, &form, &vault.today())?;
        accept(vault, at, settings, &text, id, book).map(Some)
    })
}

/// Checks a new contact's text, and writes its numbers in the form in which they are compared.
pub(super) fn accept(
    vault: &Vault,
    at: Snapshot,
    settings: &Settings,
    text: &str,
    id: &ContactId,
    book: &Slug,
) -> Result<String> {
    let contact = Contact::parse(text)?;
    if contact.id != *id || contact.book != *book {
        return Err(Error::usage("the id and the book of a contact cannot be edited").at("id, book"));
    }
    for (i, basis) in contact.bases.iter().enumerate() {
        vault.check_purpose(at, &basis.purpose).map_err(|e| e.at(format!("basis {}", i + 1)))?;
    }
    for (i, typed) in contact.emails.iter().enumerate() {
        if email::normalise(&typed.value).is_none() {
            return Err(Error::usage("that is not an e-mail address").at(format!("emails, entry {}", i + 1)));
        }
    }
    if contact.every.as_deref().is_some_and(|every| Span::parse(every).is_none()) {
        return Err(Error::usage("that is no length of time").at("every").hint("2w, 3m, 1y"));
    }
    let mut doc = edit::document(text)?;
    edit::rewrite_phones(&mut doc, |number| phone::normalise(number, settings.country()));
    crate::interchange::reconcile(&mut doc);
    Ok(doc.to_string())
}
